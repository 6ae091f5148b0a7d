/* Log views: following services live, decoded and classified. */
#ifndef CORE_MODEL_LOGS_H
#define CORE_MODEL_LOGS_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/maillog/logmerge.h"
#include "core/maillog/logread.h"
#include "core/maillog/parse.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_verdict {
	LOG_VERDICT_NONE, /* a line that decides nothing */
	LOG_QUEUED,
	LOG_REFUSED,
	LOG_DEFERRED,
};
/* "queued", "refused", "deferred"; "" for none. */
const char *log_verdict_word(enum log_verdict verdict);

/*
 * One line. Views are good until the next call on the same follower. Foreign
 * bytes: escape them before they are shown.
 */
struct log_event {
	const char *service;
	int64_t unix_s;
	int32_t ns;       /* -1: no time known */
	struct str raw;   /* whole line without LF, undecoded */
	struct str label; /* the stamp as read, or empty */
	struct str text;  /* without label */
	const char *kind; /* maillog_kind_name: "logterse", "other" */
	enum log_verdict verdict;
	bool continued;   /* goes on where the event before ended: a line of */
	bool more;        /* more than 1 MiB comes in pieces */
	uint32_t pid;     /* of the connection or process; 0: not told */
	uint8_t severity; /* enum maillog_severity */
	/*
	 * Where the line tells them. 'host' is the client's address, 'from' the
	 * sender without brackets ("<>" for none, empty before MAIL), 'to' the
	 * list "<a@b>,<c@d>". Of logterse lines 'rule' is the plugin that
	 * decided, 'reason' what the client was told, or the Message-ID of a
	 * queued message.
	 */
	struct str host, from, to, rule, reason;
	struct str client_name, helo, code, score;
	struct maillog_event parsed; /* all that the line tells */
};
/* The event of a line of a service. */
void log_event_make(const char *service, enum maillog_form form,
    const struct logline *line, struct log_event *out);
/* Its verdict, or "warning" or "error" where it is one, or "". */
const char *log_state_word(const struct log_event *event);

/* The next address of 'to', without brackets; false at the end. */
bool log_recipient_next(struct str *to, struct str *address);
/*
 * "SENDER -> RECIPIENTS" of a verdict, the client's address where the sender
 * is not known; and why in few words ("dnsbl listed"). For other lines the
 * route is empty and the reason is the text. Appended unescaped.
 */
bool log_event_route(const struct log_event *event, struct buf *out);
bool log_event_reason(const struct log_event *event, struct buf *out);

struct log_follow;

/*
 * Follow the current logs of services (NULL-terminated names; NULL: all mail
 * services) beginning 'lines' lines before their ends, through rotation,
 * losing and repeating nothing. A name with a slash is the path of a log
 * directory or file outside the root. Nothing of 'm' but its clock and root
 * is kept.
 */
MUST_USE bool log_follow_open(const struct model_ctx *m,
    const char *const *services, size_t lines, struct log_follow **out,
    struct err *e);
/*
 * The same, but each log that 'places' knows (log_follow_places) is read from
 * where that follower stood, nothing lost or repeated (LG-20).
 */
MUST_USE bool log_follow_open_at(const struct model_ctx *m,
    const char *const *services, size_t lines, struct str places,
    struct log_follow **out, struct err *e);
/* Where the follower stands, behind the event given last: lines of text. */
void log_follow_places(const struct log_follow *f, struct buf *out);
/*
 * The next event in time order of what has arrived. True with an event; false
 * and *waiting set when nothing is there yet; false without it on failure.
 */
bool log_follow_next(struct log_follow *f, struct log_event *event,
    bool *waiting, struct err *e);
/*
 * What the reader must be told beside the events ("qpsmtpd: lines between A
 * and B are gone"), or NULL; ask after each log_follow_next. Good until the
 * next call.
 */
const char *log_follow_note(struct log_follow *f);
/* A descriptor that polls readable when there may be more (inotify). */
int log_follow_fd(const struct log_follow *f);
void log_follow_close(struct log_follow *f); /* NULL allowed */

/* Logs opened for reading as a whole. */
enum {
	LOG_SET_MAX = 32,
	LOG_NAME_SIZE = 64
};
struct log_set {
	struct logsource sources[LOG_SET_MAX];
	char names[LOG_SET_MAX][LOG_NAME_SIZE];
	size_t n;
	struct buf notes; /* logs that could not be read, a line each */
	/* of the server's own logs; NULL: none that is usable */
	struct logindex *indexes[LOG_SET_MAX];
};
/*
 * Open the logs of services (NULL-terminated names; none or NULL: all mail
 * services that have logs). 'dir' holds one folder or file for each service;
 * NULL: /var/log under the root. A name with a slash is the path of a log
 * directory or file outside the root, "-" is the descriptor 'input', and
 * "journal" the system's journal. A log asked for by name must be readable; of
 * all logs those that are not are told in 'notes'.
 */
MUST_USE bool log_set_open(const struct model_ctx *m, const char *const *names,
    const char *dir, struct logrange range, int input, struct log_set *set,
    struct err *e);
void log_set_close(struct log_set *set);
/*
 * From now on leave out what the index says has no line with all of the texts,
 * letter case aside (logindex_pick).
 */
MUST_USE bool log_set_pick(
    struct log_set *set, const struct str *needles, size_t n, struct err *e);

/* Where the indexes of the server's logs are, a file for each service. */
#define LOG_INDEX_DIR "/var/lib/smemail/logindex"
/*
 * Bring the indexes of the server's logs up to date, for the next search; some
 * seconds at most, the rest another time. Small logs get none. Nothing is told
 * where that fails: an ordinary user has no index. 'progress' is told the bytes
 * of a log that are done.
 */
void log_index_update(const struct model_ctx *m,
    void (*progress)(void *ctx, uint64_t done, uint64_t all), void *ctx);
/* "qpsmtpd, qmail": appended. */
void log_set_names(const struct log_set *set, struct buf *out);
/* The first time in any of them; false when none tells. */
bool log_set_oldest(const struct log_set *set, int64_t *ns);

/* Names of the mail services whose logs exist under the root (arena). */
const char **log_services(const struct model_ctx *m);

#endif
