/* The session's inside, shared by the session_*.c files only. */
#ifndef CORE_SMTP_SESSION_INT_H
#define CORE_SMTP_SESSION_INT_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/mail/header.h"
#include "core/smtp/command.h"
#include "core/smtp/limits.h"
#include "core/smtp/reply.h"
#include "core/smtp/session.h"
#include "core/smtp/text.h"

enum {
	MS_PER_S = 1000
};

/* States of a session; a set of them is a mask. */
enum smtp_state {
	STATE_HELLO = 1 << 0,  /* greeted, waits for HELO */
	STATE_READY = 1 << 1,  /* no transaction */
	STATE_SENDER = 1 << 2, /* MAIL was taken */
	STATE_RCPT = 1 << 3,   /* at least one RCPT was taken */
	STATE_TEXT = 1 << 4,   /* after 354, up to the reply to it */
};
enum {
	STATE_ANY = STATE_HELLO | STATE_READY | STATE_SENDER | STATE_RCPT,
	STATE_OPEN = STATE_READY | STATE_SENDER | STATE_RCPT,
	STATE_TRANSACTION = STATE_SENDER | STATE_RCPT
};

/* What the next line is, while AUTH asks. */
enum auth_step {
	AUTH_IDLE, /* a command */
	AUTH_PLAIN,
	AUTH_USER,
	AUTH_PASSWORD,
};

struct smtp_session {
	const struct smtp_config *config;
	const struct smtp_events *events;
	void *ctx;
	struct smtp_peer peer;
	struct smtp_additions additions; /* of this text */
	struct buf bracketed;            /* a path that lacked its brackets */
	bool bare_path, loose_path;
	enum smtp_state state;
	enum smtp_state next; /* when the pending verdict passes */
	enum smtp_want want;
	bool relay;          /* relay client */
	bool draining;       /* ends after the message under way ... */
	int64_t drain_until; /* ... that is waited for until then */
	bool hung_up;
	bool mute; /* the peer waits for TLS: nothing is said in clear */
	struct buf out;

	/* command lines */
	struct buf line;     /* a line that has not ended yet */
	bool line_is_secret; /* it is AUTH's, or an answer within it */
	bool line_too_long;  /* its rest is being thrown away */
	bool line_refused;   /* a bare LF was in it: the same, up to CRLF */
	bool last_was_cr;    /* the byte before what comes next */
	unsigned noops;

	/* clocks, milliseconds */
	int64_t started;
	int64_t heard;  /* last byte, or our last reply */
	int64_t now;    /* of the last feed or tick */
	int64_t window; /* start of the window for slow text */
	uint64_t window_bytes;

	/* the pending question */
	struct smtp_question question;
	const char *default_text; /* of the reply when it passes */
	struct buf scratch;       /* what the question points to */
	bool esmtp_asked;

	/* the session */
	struct buf helo;
	bool esmtp;
	struct smtp_offers offers;
	struct str cipher; /* empty: in clear */

	/* logging in */
	enum auth_step auth_step;
	enum smtp_mechanism mechanism; /* of the last AUTH */
	struct buf auth_user;          /* of the last AUTH */
	struct buf auth_password;      /* until it is answered; wiped */
	bool logged_in;
	bool login_failed; /* the last one */
	unsigned logins_failed;
	int64_t pause_ends;
	const char *status; /* of the denial to come, or NULL */
	bool took_secret;   /* since smtp_session_took_secret */
	/* unknown words may be what this verb would have asked for; or NULL */
	const char *hides_behind;

	/* the transaction */
	struct arena *arena; /* NULL between transactions */
	struct mail_path sender;
	struct vec rcpts; /* struct mail_path, strings in the arena */

	/* its text */
	struct smtp_text text;
	struct buf body; /* of the text, as far as not spooled */
	bool spooling;   /* some of it was spooled */
	bool spool_failed;
	bool text_ended;
	struct mail_header header;
	struct filter_message message;
	struct buf head;
	struct buf message_id;
	struct smtp_job job;
};

/* session.c */
void session_log(struct smtp_session *s, int level, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* The same for "WHAT TEXT", or with 'what' empty the text alone. */
void session_log_str(
    struct smtp_session *s, int level, struct str what, struct str text);
/* Reply with a text of our own; 'status' NULL where none belongs. */
void session_reply(
    struct smtp_session *s, int code, const char *status, const char *text);
void session_reply_str(
    struct smtp_session *s, int code, const char *status, struct str text);
void session_close(struct smtp_session *s);
/* The text was answered: reset, and the end when the daemon stops. */
void session_text_over(struct smtp_session *s);
/* Forget sender, recipients and text; back to STATE_READY if past it. */
void session_reset(struct smtp_session *s);
void session_ask(
    struct smtp_session *s, enum filter_hook hook, enum smtp_state next);

/* session_command.c */
void session_line(struct smtp_session *s, struct str line);
void session_long_line(struct smtp_session *s);
/* An unknown command, which the policy may count (FL-95). */
void session_unrecognized(
    struct smtp_session *s, struct str word, const char *text);

/* session_auth.c */
void session_starttls(struct smtp_session *s, struct str argument);
void session_auth(struct smtp_session *s, struct str argument);
/* A line within AUTH. */
void session_auth_line(struct smtp_session *s, struct str line);
/* The delay of a failed login is over. */
void session_auth_refuse(struct smtp_session *s);

/* session_answer.c: see session.h */

/* session_text.c */
void session_text_begin(struct smtp_session *s);
size_t session_text_feed(struct smtp_session *s, struct str in);
/* The phases after the text, one after the other, then the queue. */
void session_text_next(struct smtp_session *s, enum filter_hook passed);

/* Log levels (FL-42). */
enum {
	LOG_LEVEL_ALERT = 1,
	LOG_LEVEL_WARN = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6
};

#endif
