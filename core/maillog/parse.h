/*
 * Log lines as typed events, by one parser for each form of log. An event is a
 * small record on the caller's stack: numbers, and views into the text of the
 * line; parsing allocates nothing and touches only the part of its kind, so
 * that millions of lines a second pass. A line that fits no form of its
 * service is MAILLOG_OTHER and loses nothing (LG-25).
 */
#ifndef CORE_MAILLOG_PARSE_H
#define CORE_MAILLOG_PARSE_H

#include "core/base/str.h"
#include "core/maillog/stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the lines of a log look like. */
enum maillog_form {
	MAILLOG_FORM_NONE, /* no parser: all lines are MAILLOG_OTHER */
	MAILLOG_FORM_QPSMTPD,
	MAILLOG_FORM_QMAIL,
	MAILLOG_FORM_SPAMD,
	MAILLOG_FORM_CLAMD,
	MAILLOG_FORM_DOVECOT, /* dovecot and, in older logs, tcpsvd */
	MAILLOG_FORM_FETCHMAIL,
	MAILLOG_FORM_POSTFIX,
	MAILLOG_FORM_SYSLOG, /* "[HOST ]PROGRAM[PID]: ": the program decides */
};
/* By the name of the service ("sqpsmtpd", "imaps", "mail.log"). */
enum maillog_form maillog_form_of(struct str service);

enum maillog_kind {
	MAILLOG_OTHER,
	/* qpsmtpd itself; 'pid' is the connection */
	MAILLOG_ACCEPTED,   /* .peer ip host running max */
	MAILLOG_CONNECT,    /* .peer ip host */
	MAILLOG_COMMAND,    /* .command: "dispatching VERB ..." */
	MAILLOG_REPLY,      /* .reply code; text as sent */
	MAILLOG_TAKEN,      /* .taken: "250 Queued! TIME qp Q <MID>", or of
			       Postfix with the queue_id */
	MAILLOG_DENY_MAIL,  /* .command address */
	MAILLOG_SPOOLING,   /* the message arrives */
	MAILLOG_TIMEOUT,    /* of the connection */
	MAILLOG_BUSY,       /* .peer running max: too many connections */
	MAILLOG_DISCONNECT, /* the end of the connection */
	MAILLOG_CLEANUP,    /* .of: pid of the connection that ended */
	MAILLOG_TOO_BIG,
	MAILLOG_CORE, /* any other line of qpsmtpd itself */
	/* its plugins */
	MAILLOG_PLUGIN,         /* .plugin hook name, result */
	MAILLOG_QUEUEING,       /* .plugin; .plugin.of: the connection; 'pid'
				   is that of qmail-queue (LG-28) */
	MAILLOG_LOGTERSE,       /* .terse: the verdict line (LG-30) */
	MAILLOG_LOGTERSE_SHORT, /* the same with fewer than eight fields */
	/* qmail-send; .qmail */
	MAILLOG_QMAIL_NEW,       /* msg */
	MAILLOG_QMAIL_INFO,      /* msg bytes address(sender) qp uid */
	MAILLOG_QMAIL_START,     /* delivery msg remote address */
	MAILLOG_QMAIL_START_ODD, /* delivery msg; text: the rest */
	MAILLOG_QMAIL_DELIVERY,  /* delivery, result; text: what was said */
	MAILLOG_QMAIL_STATUS,    /* .status */
	MAILLOG_QMAIL_EXITING,   /* "status: exiting" */
	MAILLOG_QMAIL_BOUNCE,    /* msg qp */
	MAILLOG_QMAIL_TRIPLE,    /* msg: a bounce of a bounce is dropped */
	MAILLOG_QMAIL_END,       /* msg */
	MAILLOG_QMAIL_WARNING,   /* text */
	MAILLOG_QMAIL_ALERT,     /* text */
	/* spamd; 'pid' is the child; .scan */
	MAILLOG_SPAMD_CONNECTION, /* address port */
	MAILLOG_SPAMD_SETUID,
	MAILLOG_SPAMD_START,    /* what mid rmid user uid */
	MAILLOG_SPAMD_DONE,     /* spam score required user uid seconds size*/
	MAILLOG_SPAMD_RESULT,   /* all but what */
	MAILLOG_SPAMD_CHILDREN, /* text: a letter for each child, I B S K E */
	MAILLOG_SPAMD_SERVER,   /* started, stopped, children */
	MAILLOG_SPAMD_TEXT,     /* anything else with pid and level */
	/* clamd, freshclam; .virus */
	MAILLOG_CLAMD_OK,        /* path pid */
	MAILLOG_CLAMD_FOUND,     /* path pid name */
	MAILLOG_CLAMD_ERROR,     /* path pid; text */
	MAILLOG_CLAMD_SELFCHECK, /* result: pass, or fail: it will reload */
	MAILLOG_CLAMD_RELOADED,  /* signatures */
	MAILLOG_CLAMD_STARTED,
	MAILLOG_CLAMD_STOPPED,
	/* dovecot; .mailbox */
	MAILLOG_DOVECOT_LOGIN,         /* proto user method ip session mpid */
	MAILLOG_DOVECOT_LOGIN_FAILED,  /* proto user method ip attempts */
	MAILLOG_DOVECOT_ABORTED,       /* proto user ip: none was tried */
	MAILLOG_DOVECOT_USERIP_LIMIT,  /* proto user ip limit */
	MAILLOG_DOVECOT_PROCESS_LIMIT, /* proto(service) limit, 0: unknown */
	MAILLOG_DOVECOT_LOGOUT,        /* proto user in out, session mpid */
	MAILLOG_DOVECOT_AUTH_FAILED,   /* user ip session */
	MAILLOG_DOVECOT_DELIVERED,     /* user mid: lda, lmtp */
	MAILLOG_DOVECOT_TEXT,          /* proto user: anything else */
	/* tcpsvd; 'pid' is the connection; .supervisor */
	MAILLOG_TCPSVD_STATUS,      /* running max */
	MAILLOG_TCPSVD_PID,         /* ip */
	MAILLOG_TCPSVD_CONCURRENCY, /* ip running max */
	MAILLOG_TCPSVD_START,       /* local remote rule ip */
	MAILLOG_TCPSVD_DENY,        /* local remote rule ip */
	MAILLOG_TCPSVD_END,         /* code */
	MAILLOG_TCPSVD_TEXT,
	/* fetchmail; .fetch */
	MAILLOG_FETCHMAIL_POLL,     /* account: polling began */
	MAILLOG_FETCHMAIL_MESSAGES, /* count account size */
	MAILLOG_FETCHMAIL_READING,  /* account number count size, result: pass
				       flushed, fail not flushed */
	MAILLOG_FETCHMAIL_REFUSED,  /* code; text: SMTP error */
	MAILLOG_FETCHMAIL_CONNECT,  /* account(host): cannot connect */
	MAILLOG_FETCHMAIL_AUTH,     /* account: login refused */
	MAILLOG_FETCHMAIL_QUERY,    /* code, text: name of the status */
	MAILLOG_FETCHMAIL_DAEMON,   /* started, awakened, sleeping */
	MAILLOG_FETCHMAIL_TEXT,
	/* Postfix; .postfix */
	MAILLOG_POSTFIX_CONNECT,    /* host ip */
	MAILLOG_POSTFIX_DISCONNECT, /* host ip */
	MAILLOG_POSTFIX_CLIENT,     /* queue_id host ip */
	MAILLOG_POSTFIX_PICKUP,     /* queue_id uid from: from inside */
	MAILLOG_POSTFIX_MID,        /* queue_id mid */
	MAILLOG_POSTFIX_FROM,       /* queue_id from size recipients */
	MAILLOG_POSTFIX_DELIVERY,   /* queue_id to relay dsn result; text */
	MAILLOG_POSTFIX_REJECT,     /* host ip code from to helo; text */
	MAILLOG_POSTFIX_BOUNCE,     /* queue_id other: id of the bounce */
	MAILLOG_POSTFIX_REMOVED,    /* queue_id */
	MAILLOG_POSTFIX_TEXT,
	MAILLOG_N_KINDS
};
/* "logterse"; the words of JSON. */
const char *maillog_kind_name(enum maillog_kind kind);

enum maillog_verdict {
	MAILLOG_NO_VERDICT,
	MAILLOG_QUEUED, /* every check passed (LG-31) */
	MAILLOG_REFUSED,
	MAILLOG_DEFERRED, /* refused for now */
};

/* Of a plugin (LG-27), and of a delivery. */
enum maillog_result {
	MAILLOG_NO_RESULT,
	MAILLOG_PASS,
	MAILLOG_FAIL,
	MAILLOG_TOLERATED, /* "fail, tolerated" */
	MAILLOG_NAUGHTY,   /* "fail, NAUGHTY": refused later */
	MAILLOG_SKIP,
	MAILLOG_ERROR,
	MAILLOG_POSITIVE,
	MAILLOG_NEGATIVE,
	MAILLOG_SUCCESS, /* deliveries from here on */
	MAILLOG_FAILURE,
	MAILLOG_DEFERRAL,
	MAILLOG_MANGLED, /* qmail: a report it could not read; tried again */
	MAILLOG_EXPIRED, /* Postfix: given up */
};
/* "pass"; "" for none. */
const char *maillog_result_name(enum maillog_result result);

enum maillog_severity {
	MAILLOG_DEBUG,
	MAILLOG_INFO,
	MAILLOG_NOTICE, /* something was refused or put off: as it should be */
	MAILLOG_WARNING,
	MAILLOG_SEVERE, /* an administrator should see this */
};
/* "debug" "info" "notice" "warning" "error". */
const char *maillog_severity_name(enum maillog_severity severity);

struct maillog_event {
	uint8_t kind;     /* enum maillog_kind */
	uint8_t verdict;  /* enum maillog_verdict; of verdict lines */
	uint8_t result;   /* enum maillog_result */
	uint8_t severity; /* enum maillog_severity */
	uint32_t pid;     /* 0: none in the line */
	struct str text;  /* what the program or plugin says */
	/* of the kind only, as said there; all else in it is undefined */
	union {
		struct {
			struct str ip, host;
			uint32_t running, max;
		} peer;
		struct {
			struct str verb;    /* "MAIL", as written */
			struct str address; /* MAIL, RCPT: without brackets */
			struct str rest;    /* HELO: the name */
		} command;
		struct {
			uint32_t code;
		} reply;
		struct {
			int64_t unix_s;
			uint32_t qp; /* pid of qmail-queue */
			struct str mid;
			struct str queue_id; /* of Postfix */
		} taken;
		uint32_t of;
		struct {
			struct str hook; /* "rcpt"; may be empty */
			struct str name; /* as written: maillog_plugin_find */
			uint32_t of;
		} plugin;
		struct {
			uint32_t n_fields;
			uint32_t code;   /* 901 to 904, or 0 */
			struct str ip;   /* without port */
			struct str host; /* "Unknown" */
			struct str helo;
			struct str sender;     /* without brackets, but "<>" */
			struct str recipients; /* maillog_recipient_next */
			struct str rule;       /* plugin, or "queued" */
			struct str code_text;
			struct str reason; /* or the Message-ID */
			struct str extra;
			struct str score; /* "13.1" (LG-32) */
			struct str hook;
			struct str name; /* of the logging plugin */
		} terse;
		struct {
			uint64_t msg;
			uint64_t delivery;
			uint64_t bytes;
			uint32_t qp, uid;
			bool remote;
			struct str address;
		} qmail;
		struct {
			uint32_t local, local_max, remote, remote_max;
			bool exit_asap;
		} status;
		struct {
			struct str what;      /* "processing", "checking" */
			struct str mid, rmid; /* "(unknown)": none */
			struct str user, address, rules, autolearn;
			struct str score, required, seconds; /* as written */
			uint64_t size;
			uint32_t uid, port;
			bool spam;
		} scan;
		struct {
			struct str path, name;
			uint32_t pid; /* of the connection, from the path */
			uint64_t signatures;
		} virus;
		struct {
			struct str proto; /* "imap", "auth", "lda" */
			struct str user, ip, method, session, mid;
			uint64_t in, out; /* bytes */
			uint32_t attempts, limit, mpid;
		} mailbox;
		struct {
			struct str ip, local, remote, rule;
			uint32_t running, max, code;
		} supervisor;
		struct {
			struct str account; /* USER@HOST */
			uint64_t size;
			uint32_t number, count, code;
		} fetch;
		struct {
			struct str queue_id, other; /* ids */
			struct str host, ip, from, to, relay, dsn, mid, helo;
			uint64_t size;
			uint32_t recipients, code, uid;
		} postfix;
	};
};

/*
 * Parse the text of a line (behind its stamp). Every field of the kind is set;
 * views lie within 'text'.
 */
void maillog_parse(
    enum maillog_form form, struct str text, struct maillog_event *out);

/*
 * As maillog_parse, for a line whose stamp is known: behind a syslog stamp
 * stands "HOST PROGRAM[PID]: ", which is passed first.
 */
void maillog_parse_stamped(enum maillog_form form, enum stamp_kind stamp,
    struct str text, struct maillog_event *out);

/* What can be asked of events of any kind. */
enum maillog_field {
	MAILLOG_F_FROM, /* sender, without brackets ("<>" for none) */
	MAILLOG_F_TO,   /* one recipient, or a list <a>,<b> */
	MAILLOG_F_IP,   /* of the client */
	MAILLOG_F_HOST, /* its name */
	MAILLOG_F_HELO,
	MAILLOG_F_PLUGIN, /* that speaks or decided, as written */
	MAILLOG_F_HOOK,
	MAILLOG_F_MID,   /* Message-ID with its brackets */
	MAILLOG_F_USER,  /* mailbox user */
	MAILLOG_F_SCORE, /* of a spam scan, as written */
	MAILLOG_F_RULES, /* of a spam scan */
	MAILLOG_F_VIRUS, /* name */
	MAILLOG_F_ID,    /* queue id of Postfix */
	MAILLOG_N_FIELDS
};
/* Empty where the event has none. */
struct str maillog_field(
    const struct maillog_event *ev, enum maillog_field field);
/* Its pid of qmail-queue (the key "qp"), message and delivery number, or 0. */
uint64_t maillog_qp(const struct maillog_event *ev);
uint64_t maillog_msg(const struct maillog_event *ev);
uint64_t maillog_delivery(const struct maillog_event *ev);
/* The connection an event belongs to (LG-28), or 0. */
uint32_t maillog_connection(const struct maillog_event *ev);

/* The next address of a recipient field, without brackets. */
bool maillog_recipient_next(struct str *recipients, struct str *address);
/*
 * A decimal number as written ("-2.6", "+13", "1000.0") times 10^decimals,
 * further digits dropped; false when it is none or out of range.
 */
bool maillog_decimal(struct str s, int decimals, int64_t *out);

/* A plugin of qpsmtpd by any of its names (aliases resolved, LG-27). */
struct maillog_plugin {
	uint16_t id;              /* order in summaries; 0: unnumbered */
	const char *name;         /* canonical: "queue::qmail-queue" */
	const char *abbreviation; /* three letters */
};
/* NULL for an unknown one. "_XX" (hexadecimal) is decoded. */
const struct maillog_plugin *maillog_plugin_find(struct str name);

/*
 * The next event of a line of fetchmail, of which several may share one
 * (LG-43); *rest is what follows. False at the end.
 */
bool maillog_fetchmail_next(struct str *rest, struct maillog_event *out);

#endif
