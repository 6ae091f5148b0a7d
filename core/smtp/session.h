/*
 * One SMTP session as a state machine without I/O: bytes in, replies out, and
 * in between it wants something (more bytes, a verdict, the queue) and stands
 * still until it gets it. What it wants may be answered at once or much
 * later; nothing here waits, and nothing knows sockets, files or the policy.
 *
 *	while ((want = smtp_session_want(s)) ...)
 *		SMTP_WANT_INPUT    smtp_session_feed, _hangup
 *		SMTP_WANT_VERDICT  smtp_session_question -> smtp_session_answer
 *		SMTP_WANT_SPOOL    smtp_session_chunk -> smtp_session_spooled
 *		SMTP_WANT_TEXT     smtp_session_give_text
 *		SMTP_WANT_QUEUE    smtp_session_job -> smtp_session_queued
 *		SMTP_WANT_TLS      send the output, then _secured or _hangup
 *		SMTP_WANT_LOGIN    smtp_session_login -> _logged_in
 *		SMTP_WANT_PAUSE    nothing: smtp_session_tick ends it
 *		SMTP_WANT_CLOSE    send what is left in the output and close
 */
#ifndef CORE_SMTP_SESSION_H
#define CORE_SMTP_SESSION_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/mail/message.h"
#include "core/mail/path.h"
#include "core/smtp/auth.h"
#include "core/smtp/phase.h"
#include "core/smtp/stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct smtp_session;

/* What a bare LF means (FL-24, FL-26). */
enum smtp_bare_lf {
	SMTP_BARE_REJECT,     /* in the text: refuse the message */
	SMTP_BARE_REJECT_ALL, /* in commands too */
	SMTP_BARE_RELAY,      /* a relay client's is a line end */
	SMTP_BARE_NORMALIZE,  /* everybody's is */
};
/* By the word in file 'bare_lf'; anything else is the default. */
enum smtp_bare_lf smtp_bare_lf_of(struct str word);

/* Settings, the same for many sessions; outlives them. */
struct smtp_config {
	struct str me;       /* own name */
	struct str greeting; /* text of the banner, FL-4 done */
	struct str auth_id;  /* of Authentication-Results; empty: none */
	uint64_t databytes;  /* 0: no limit */
	size_t rcpts_max;
	enum smtp_bare_lf bare_lf;
	int64_t idle_ms;    /* for a whole command, and between bytes of text */
	int64_t session_ms; /* these: 0 is the default of core/smtp/limits.h */
	int64_t tls_ms;     /* for a handshake */
	int64_t text_window_ms; /* within it a text has ... */
	uint64_t text_bytes;    /* ... to bring so many bytes */
	int64_t login_ms; /* for an answer about a login; 0: the default */
	int64_t login_delay_ms; /* of each that failed */
	unsigned logins_max;    /* failed ones: the session ends */
	int log_level;          /* texts above it are not made */
};

/* The banner's text out of 'smtpgreeting' (may be empty) and 'me' (FL-4). */
bool smtp_greeting(struct buf *out, struct str greeting, struct str me);

struct smtp_events {
	/* One line of the core's log, at most at the configured level. */
	void (*log)(void *ctx, int level, struct str text);
	/* The core refused a message for its text (FL-178). */
	void (*refused)(void *ctx, enum filter_result result, struct str text);
	/* The transaction is forgotten. */
	void (*reset)(void *ctx);
};

struct smtp_peer {
	struct str ip;
	struct str name; /* by reverse DNS; "Unknown" */
	bool tls_first;  /* before the banner; nothing is said in clear */
};

/*
 * All pointers are borrowed for the session's life. It begins by wanting the
 * verdict of HOOK_PRE_CONNECTION, then of HOOK_CONNECT. NULL when out of
 * memory.
 */
struct smtp_session *smtp_session_new(const struct smtp_config *config,
    const struct smtp_peer *peer, const struct smtp_events *events, void *ctx,
    int64_t now_ms);
void smtp_session_free(struct smtp_session *s); /* NULL allowed */

enum smtp_want {
	SMTP_WANT_INPUT,
	SMTP_WANT_VERDICT,
	SMTP_WANT_SPOOL,
	SMTP_WANT_TEXT,
	SMTP_WANT_QUEUE,
	SMTP_WANT_TLS,
	SMTP_WANT_LOGIN,
	SMTP_WANT_PAUSE,
	SMTP_WANT_CLOSE,
};
enum smtp_want smtp_session_want(const struct smtp_session *s);

/*
 * While SMTP_WANT_INPUT: returns how many bytes were taken. Fewer than given
 * when it came to want something else or its replies must be sent first; the
 * rest, commands sent ahead, is to be given again (FL-17). What stands behind
 * STARTTLS counts as taken and is thrown away (FL-78).
 */
size_t smtp_session_feed(struct smtp_session *s, struct str in, int64_t now_ms);
/*
 * True once after input that held a password, or a part of one: wipe what was
 * fed.
 */
bool smtp_session_took_secret(struct smtp_session *s);
/* While SMTP_WANT_INPUT or _TLS: the peer will send no more (FL-32). */
void smtp_session_hangup(struct smtp_session *s);
/* Any time: look at the clocks (FL-19). */
void smtp_session_tick(struct smtp_session *s, int64_t now_ms);
/*
 * Any time: the daemon stops. A message under way is finished first, if it
 * comes in until then, and the session ends with 421.
 */
void smtp_session_drain(struct smtp_session *s, int64_t until_ms);
/* Replies to be sent; the caller consumes what it sent. */
struct buf *smtp_session_output(struct smtp_session *s);

/* Facts of the session and its transaction; views good until it goes on. */
struct smtp_facts {
	struct str helo; /* during HOOK_HELO the new name */
	bool esmtp;
	bool has_sender;
	struct mail_path sender; /* or the one asked about */
	const struct mail_path *rcpts;
	size_t n_rcpts;
	unsigned noops;  /* in a row, before this one */
	bool bare_path;  /* of MAIL or RCPT just now: brackets were put on */
	bool loose_path; /* of the same: not "FROM:<", "TO:<" */
};
void smtp_session_facts(const struct smtp_session *s, struct smtp_facts *f);

/* SMTP_WANT_VERDICT */
struct smtp_question {
	enum filter_hook hook;
	struct mail_path rcpt;                /* HOOK_RCPT */
	struct str word;                      /* HOOK_UNRECOGNIZED */
	const struct filter_message *message; /* after the text, else NULL */
};
const struct smtp_question *smtp_session_question(const struct smtp_session *s);
/* 'text' (may be empty) goes to the peer with a denial, or with an OK. */
void smtp_session_answer(
    struct smtp_session *s, enum filter_result result, struct str text);
/*
 * Before a denial: its status of RFC 3463 ("5.1.1") where its text has none;
 * NULL is that of the phase. Static.
 */
void smtp_session_set_status(struct smtp_session *s, const char *status);
/* Before answering HOOK_PRE_CONNECTION: what reverse DNS says. Borrowed. */
void smtp_session_set_peer_name(struct smtp_session *s, struct str name);
/*
 * Before answering HOOK_DATA_POST: what goes on top of the header. Borrowed
 * until the text is done with.
 */
void smtp_session_set_additions(
    struct smtp_session *s, const struct smtp_additions *more);
/*
 * Before answering HOOK_DATA_POST: one more recipient, whom no plugin was asked
 * about and no limit counts. Copied; false when out of memory.
 */
MUST_USE bool smtp_session_add_rcpt(
    struct smtp_session *s, const struct mail_path *rcpt);
/* Before answering HOOK_CONNECT or later: FL-26 'relay'. */
void smtp_session_set_relay(struct smtp_session *s, bool is_relay_client);

/*
 * What the session's plugins offer. Before answering HOOK_HELO or later, and
 * whenever it changes (FL-9, FL-79).
 */
enum smtp_auth_offer {
	SMTP_AUTH_NONE,      /* an unknown command */
	SMTP_AUTH_LOCAL,     /* so too, but not for the local networks */
	SMTP_AUTH_NEEDS_TLS, /* known, not offered in clear */
	SMTP_AUTH_OFFERED,
};
struct smtp_offers {
	bool starttls;
	enum smtp_auth_offer auth;
	bool login_first; /* no MAIL without it */
	bool bare_paths;  /* MAIL and RCPT may lack the brackets (FL-99) */
};
void smtp_session_set_offers(
    struct smtp_session *s, const struct smtp_offers *offers);

/*
 * SMTP_WANT_TLS: the handshake is done; the session is as new (FL-77). The
 * cipher's name is borrowed for the session's life.
 */
void smtp_session_secured(struct smtp_session *s, struct str cipher);

/* SMTP_WANT_LOGIN: who says to be whom. Good until it is answered. */
struct smtp_login {
	enum smtp_mechanism mechanism;
	struct str user;
	struct str password;
};
struct smtp_login smtp_session_login(const struct smtp_session *s);
enum smtp_logged_in {
	SMTP_LOGIN_OK,     /* 235; set the relay client and the offers first */
	SMTP_LOGIN_DENIED, /* 535, late */
	SMTP_LOGIN_LATER,  /* 454: nobody could tell */
};
void smtp_session_logged_in(struct smtp_session *s, enum smtp_logged_in how);

/*
 * SMTP_WANT_SPOOL: text beyond SMTP_TEXT_MEMORY. 'taken' false (disk full)
 * refuses the message temporarily at its end.
 */
struct str smtp_session_chunk(const struct smtp_session *s);
void smtp_session_spooled(struct smtp_session *s, bool taken);
/*
 * SMTP_WANT_TEXT: all of it was spooled; give it back to be looked at. It
 * stays valid until the session wants input again. Empty with ptr NULL: it
 * cannot be read.
 */
void smtp_session_give_text(
    struct smtp_session *s, struct str text, int64_t now_s);

/* SMTP_WANT_QUEUE */
struct smtp_job {
	struct mail_path sender;
	const struct mail_path *rcpts;
	size_t n_rcpts;
	struct str head;       /* whole header with ours, to the empty line */
	struct str body;       /* what follows; a part of the text given */
	bool spooled;          /* the text is in the spool ... */
	uint64_t body_offset;  /* ... and this part of it begins here */
	struct str message_id; /* printable, with its brackets; or empty */
	int64_t until_ms;      /* then the session gives up, and says 421 */
};
const struct smtp_job *smtp_session_job(const struct smtp_session *s);

enum smtp_queued {
	SMTP_QUEUED,         /* on disk and synced: 250 */
	SMTP_QUEUE_DECLINED, /* 451 */
	SMTP_QUEUE_REFUSED,  /* 554: it would fail again */
};
/* 'text' empty: a default one. */
void smtp_session_queued(
    struct smtp_session *s, enum smtp_queued how, struct str text);

#endif
