/*
 * The story of each message: connection, verdict, scans, queue, deliveries and
 * bounce, joined from the lines of all services in the order of time (LG-34 to
 * LG-36, LG-44 to LG-48). Memory is that of open connections and messages.
 */
#ifndef CORE_MAILLOG_STORY_H
#define CORE_MAILLOG_STORY_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/maillog/logmerge.h"
#include "core/maillog/logread.h"
#include "core/maillog/parse.h"

/* How it ended (LG-47). */
enum story_end {
	STORY_UNKNOWN,   /* the lines that would tell are missing */
	STORY_DELIVERED, /* to every recipient */
	STORY_BOUNCED,   /* to one at least it could not be */
	STORY_DISCARDED, /* a bounce of a bounce that failed */
	STORY_QUEUED,    /* still in the queue where the logs end */
	STORY_REFUSED,   /* by 'rule' */
	STORY_DEFERRED,  /* refused for now */
	STORY_DROPPED,   /* the connection ended without a verdict */
	STORY_NOT_TAKEN, /* every check passed, but the queue did not take it */
	STORY_N_ENDS
};
/* "delivered"; the words of JSON. */
const char *story_end_name(enum story_end end);

/* How sure a joint is (LG-46). */
enum story_sure {
	STORY_NONE, /* nothing of that kind belongs to it */
	STORY_MISSING,
	STORY_PROBABLE, /* text and time agree */
	STORY_SURE,     /* a number stands on both sides */
};
/* "sure", "probable", "missing"; "" for none. */
const char *story_sure_name(enum story_sure sure);

/* What made a joint doubtful (LG-45); a set. */
enum story_doubt {
	STORY_QP_REUSED = 1,      /* that number twice within the window */
	STORY_SENDER_DIFFERS = 2, /* of queue and verdict */
	STORY_NO_MID = 4,         /* joined by time and score */
	STORY_SCANS_ALIKE = 8,    /* several scans could be it */
	STORY_BEGAN_EARLIER = 16, /* its beginning lies before the logs */
	STORY_PID_REUSED = 32,    /* the connection's end was not logged */
	STORY_STEPS_CUT = 64,     /* too many lines to keep */
	STORY_SCAN_ABORTED = 128, /* it began and gave no result (LG-38) */
};

struct story_step {
	int64_t key_ns;
	size_t source; /* index given to stories_line */
	uint8_t kind, severity;
	struct str raw; /* the line */
	size_t text;    /* offset in raw: behind the stamp */
};

struct story_try {
	uint64_t number;            /* of the delivery; Postfix has none */
	int64_t start_ns, done_ns;  /* INT64_MIN: not logged */
	enum maillog_result result; /* MAILLOG_NO_RESULT: not ended */
	struct str text;
};

struct story_delivery {
	struct str address;
	bool remote;
	const struct story_try *tries;
	size_t n_tries;
};

/*
 * All strings live until the callback returns. Times that are not known are
 * INT64_MIN, numbers 0, strings empty.
 */
struct story {
	uint64_t id; /* rises in the order in which stories begin */
	enum story_end end;
	unsigned doubts; /* enum story_doubt */

	/* the connection; pid 0: it came from inside (LG-45) */
	size_t source; /* of the connection, else of the queue */
	uint32_t pid;
	struct str ip, host, helo;
	int64_t begun_ns, closed_ns;
	bool is_timeout;

	/* the verdict */
	int64_t verdict_ns;
	enum maillog_verdict verdict;
	struct str hook, rule, code, reason, extra, score;
	struct str sender;     /* without brackets, but "<>" */
	struct str recipients; /* list of the verdict, or of deliveries */
	struct str refused;    /* recipient being refused, not in the list */
	struct str mid;
	struct str country; /* of check_badcountries */

	/* spam scan */
	enum story_sure scan;
	uint32_t scan_pid;
	int64_t scan_start_ns, scan_end_ns;
	struct str scan_score, scan_required, scan_rules, scan_seconds;
	uint64_t scan_size;
	bool scan_spam;

	/* virus scan */
	enum story_sure virus;
	struct str virus_name; /* empty: clean */

	/* queue */
	enum story_sure queue;
	struct str queue_id; /* of Postfix, which has no qp and msg */
	uint32_t qp, uid;
	uint64_t msg, bytes;
	int64_t taken_ns, new_ns, end_ns;
	struct str delivered_to; /* by the bundled filter: "Maildir of anna" */
	const struct story_delivery *deliveries;
	size_t n_deliveries;
	int64_t next_try_ns;  /* expected, of STORY_QUEUED (LG-47) */
	uint32_t bounce_qp;   /* it sent a bounce with that qp */
	struct str bounce_id; /* the same of Postfix */
	uint64_t bounce_of;   /* id of the story it is the bounce of; 0: none */

	/* lines in the order of time; none unless asked for */
	const struct story_step *steps;
	size_t n_steps;
};

/*
 * Connections of qpsmtpd by their pid. It may hold some that were not added,
 * never the reverse.
 */
enum {
	STORY_PIDS_WORDS = 4096
};
struct story_pids {
	uint64_t bits[STORY_PIDS_WORDS];
};
static inline bool
story_pids_has(const struct story_pids *p, uint32_t pid)
{
	return (p->bits[pid / 64 % STORY_PIDS_WORDS] >> (pid % 64) & 1) != 0;
}
static inline void
story_pids_add(struct story_pids *p, uint32_t pid)
{
	p->bits[pid / 64 % STORY_PIDS_WORDS] |= (uint64_t)1 << (pid % 64);
}
/* The connection whose line it is, if it is one's; 'text' behind the stamp. */
void story_pids_add_line(
    struct story_pids *p, enum maillog_form form, struct str text);
/*
 * Does the line matter where only stories of these connections are wanted? Of
 * others only what decides which scan and which message is whose.
 */
bool story_pids_need(
    const struct story_pids *p, enum maillog_form form, struct str text);

struct stories;

struct stories_options {
	bool steps; /* keep the lines */
	/* NULL, or the connections of interest: stories of others may miss
	   much, and are told to find their messages only */
	const struct story_pids *only;
	/* a story is over; it is gone when this returns */
	void (*done)(void *ctx, const struct story *s);
	void *ctx;
};

/* NULL when out of memory. */
struct stories *stories_new(const struct stories_options *o);
void stories_free(struct stories *s); /* NULL allowed */
/*
 * The next line in the order of time over all sources (logmerge_next), with
 * its event. 'source' tells services apart and comes back in the stories.
 */
void stories_line(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev);
/* Is a connection of interest open (stories_options.only)? */
bool stories_has_wanted(const struct stories *s);
/*
 * No more lines: what is open is told as it stands. False with 'e' set when
 * memory was short, so that stories are missing.
 */
MUST_USE bool stories_end(struct stories *s, struct err *e);

/* Is it about WHAT? For trace and why: every key of LG-44. */
enum story_key {
	STORY_BY_MID,
	STORY_BY_ADDRESS, /* sender or recipient; "@domain": of a domain */
	STORY_BY_IP,
	STORY_BY_PID,
	STORY_BY_QP,
	STORY_BY_MSG,
	STORY_BY_DELIVERY,
	STORY_BY_SCAN_PID,
	STORY_BY_QUEUE_ID, /* of Postfix */
	STORY_BY_TEXT,     /* in any string of the story, case aside */
};
bool story_matches(const struct story *s, enum story_key key, struct str what);

#endif
