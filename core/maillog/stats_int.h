/* Private to the figures of the report. */
#ifndef CORE_MAILLOG_STATS_INT_H
#define CORE_MAILLOG_STATS_INT_H

#include "core/base/buf.h"
#include "core/maillog/stats.h"
#include "core/maillog/stats_order.h"
#include "core/maillog/stats_pids.h"

#include <string.h>

/*
 * What is open, by number: messages without an end, deliveries without a
 * result. The first event of a number in a part is kept too: it may close what
 * an earlier part left open.
 */
struct open_entry {
	uint64_t key;
	int64_t ns; /* of the beginning */
	union {
		int64_t end_ns; /* of an end without beginning */
		struct {
			uint32_t begun, ended; /* without each other */
		} scans;
	};
	bool used;
	bool is_open;     /* now */
	bool began_first; /* the part saw it begin before it saw its end */
	bool remote;      /* of deliveries */
	uint8_t result;   /* of an end without beginning: enum maillog_result */
};
enum {
	OPENS_MAX = 96 * 1024, /* of a kind: further ones are not measured */
	OPENS_MANY =
	    OPENS_MAX / 2 /* what has ended is forgotten from here on */
};

enum {
	STATS_IP_MAX = 63,
	STATS_ACCOUNT_MAX = 255,
};

struct opens {
	struct open_entry *slots;
	size_t len, cap;
	bool failed;
};

/* The entry of 'key', made when it is new (used false); NULL: no room. */
struct open_entry *opens_at(struct opens *o, uint64_t key);
/*
 * Of a log whose later part was joined: numbers that are not open say nothing
 * any more. Done when there are many.
 */
void opens_forget(struct opens *o);
bool opens_has(const struct opens *o, uint64_t key);
/* NULL at the end; *at begins at 0. */
struct open_entry *opens_next(const struct opens *o, size_t *at);

/* The first and the last line of status. */
struct queue_status {
	bool seen;
	int64_t first_ns, last_ns;
	bool full[STATS_CHANNELS]; /* by the last one */
};

/*
 * What lines of tcpsvd and fetchmail mean by the line before them: at the end
 * of a part, and of its first lines, which hang on an earlier part.
 */
struct stats_hanging {
	bool any;                    /* a line of tcpsvd */
	uint32_t over_pid;           /* too many of his address */
	uint32_t first_denied;       /* by the very first line */
	char first_ip[STATS_IP_MAX]; /* foreign bytes, any of them */
	size_t first_ip_len;
	char account[STATS_ACCOUNT_MAX + 1]; /* whose mail is read now */
	uint64_t refused; /* by SMTP, before an account was known */
};

/* The open ends of one log. */
struct stats_ends {
	struct pids connections;   /* open: without a verdict */
	struct pids authenticated; /* open: logged in */
	struct opens messages;
	struct opens deliveries;
	struct opens scans;       /* of spamd, by the child */
	struct opens sessions;    /* of mailboxes */
	struct opens by_user;     /* the same: see stats_session_user.c */
	struct stats_order order; /* of connections, and scores */
	struct queue_status status;
	struct stats_hanging hanging; /* of tcpsvd and fetchmail */
};
void stats_ends_clear(struct stats_ends *ends);

/* Where a message of a verdict came from. */
enum stats_origin {
	STATS_FROM_OUTSIDE,
	STATS_FROM_LAN,          /* LG-54.1 */
	STATS_FROM_RELAY,        /* 2 */
	STATS_FROM_WEBMAIL_HELO, /* 3 */
	STATS_FROM_WEBMAIL,      /* 4 and below */
	STATS_FROM_MAILMAN,
	STATS_FROM_FETCHMAIL,
	STATS_FROM_FETCHMAIL_SENDER,
	STATS_FROM_DMARC_REPORT,
	STATS_FROM_DENIED_LOCALHOST,
	STATS_ORIGINS
};
struct stats_origin_facts {
	const char *kinds[2]; /* denied, queued */
	uint8_t column;       /* of the first group; STATS_COLUMNS: none */
	bool local;           /* left out of the table by address (LG-61) */
};

enum {
	/* LG-72: names of all tables together, about 100,000 */
	STATS_NAMES_ROOM = 16 << 20,
	STATS_CODE_FIRST = 901,
	STATS_CODES = 4,
	STATS_WAITING_MAX = 256 * 1024,
};

/* A verdict that waits, in front of its text. */
struct stats_waiting {
	int64_t unix_s;
	size_t len;
	enum stamp_kind stamp;
};

/*
 * What is counted for each verdict in the cheapest way. Of most figures of the
 * same key only one is counted; stats_verdict_sum makes the others.
 */
struct stats_verdicts {
	uint64_t kinds[STATS_ORIGINS][2]; /* denied, queued */
	uint64_t deny_codes[STATS_CODES]; /* 901 to 904 */
	struct tally alone;               /* recipients of one each */
	struct tally domains;             /* [0] 1: not one of ours, 2: ours */
};

struct stats_part {
	const struct stats_config *config;
	const char *service;
	enum maillog_form form;
	struct stats sums;
	struct stats_verdicts verdicts;
	struct stats_ends ends;
	const struct pids *logged_in; /* who sends as one of us */
	struct buf waiting;           /* struct stats_waiting and texts */
	struct stats_hour *hour;      /* of the last verdict */
	struct tally junk;
	uint64_t other;
};

/* Count one event. */
void stats_qpsmtpd_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev);
/* Quirk 8: the old report took the words of an approval for one anywhere. */
void stats_approval_anywhere(struct stats_part *p, struct str text);
void stats_qmail_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev);
void stats_spamd_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev);
void stats_scan_connects(struct stats_part *p, uint32_t pid);
void stats_scan_begins(struct stats_part *p, uint32_t pid, int64_t ns);
void stats_scan_ends(struct stats_part *p, uint32_t pid);
void stats_clamd_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev);
void stats_dovecot_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev);
void stats_session_begins(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev);
void stats_session_ends(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev);
void stats_session_lasted(
    struct stats_dovecot *d, int64_t from_ns, int64_t to_ns);
void stats_user_begins(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev);
void stats_user_ends(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev);
void stats_tcpsvd_count(struct stats_part *p, const struct maillog_event *ev);
void stats_fetchmail_count(
    struct stats_part *p, const struct maillog_event *ev);
void stats_verdict_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev);
/* Short texts and mostly a no: the first character decides. */
static inline bool
stats_has(struct str s, struct str needle)
{
	if (s.len < needle.len)
		return false;
	size_t last = s.len - needle.len;
	for (size_t i = 0; i <= last; i++) {
		const char *hit =
		    memchr(s.ptr + i, needle.ptr[0], last - i + 1);
		if (hit == NULL)
			return false;
		if (memcmp(hit, needle.ptr, needle.len) == 0)
			return true;
		i = (size_t)(hit - s.ptr);
	}
	return false;
}

enum stats_origin stats_origin_of(
    struct stats_part *p, const struct maillog_event *ev);
const struct stats_origin_facts *stats_origin_facts(enum stats_origin from);
/* Fetchmail is tested for itself, and in addition. */
bool stats_is_fetched(const struct maillog_event *ev);
/* The column of a refusal; STATS_COLUMNS: none. Unknown rules are noted. */
uint8_t stats_rule_column(
    struct stats_qpsmtpd *q, struct str rule, struct str reason);
void stats_codes_count(struct stats_part *p, const struct maillog_event *ev);
void stats_codes_sum(struct stats_qpsmtpd *q);
struct str stats_blacklist_name(struct str reason);
struct str stats_virus_name(struct str reason);
/* By domain and address (LG-60, LG-61); 'result' is STATS_QUEUED or so. */
void stats_recipients_count(struct stats_part *p,
    const struct maillog_event *ev, bool local, int result);

/* Does one of these recipients get DMARC reports (LG-54)? */
bool stats_has_report_address(const struct stats_config *c, struct str list);

/* Bytes that it holds, about. */
size_t stats_part_bytes(const struct stats_part *p);

/* Count the verdicts that waited, now that earlier parts are known. */
void stats_qpsmtpd_settle(struct stats_part *p, const struct pids *logged_in);
/* Complete the sums of a part. */
void stats_verdict_sum(struct stats_part *p);

/* Join the open ends of a later part of the same log. */
void stats_qpsmtpd_join(
    struct stats *out, struct stats_ends *to, const struct stats_ends *from);
void stats_qmail_join(
    struct stats *out, struct stats_ends *to, const struct stats_ends *from);
void stats_session_join(
    struct stats *out, struct stats_ends *to, const struct stats_ends *from);
void stats_user_join(
    struct stats *out, struct stats_ends *to, const struct stats_ends *from);
void stats_scan_join(struct stats_ends *to, const struct stats_ends *from);
void stats_hanging_join(
    struct stats *out, struct stats_ends *to, const struct stats_ends *from);
/* Nothing follows. */
void stats_qpsmtpd_finish(struct stats *out, struct stats_ends *ends);
void stats_scan_finish(struct stats *out, const struct stats_ends *ends);
void stats_qmail_finish(struct stats *out, const struct stats_ends *ends);

/*
 * The hour's row, made when it is new; 'rest' when there are too many already;
 * NULL: no memory. Valid until the next call.
 */
struct stats_hour *stats_hour_at(struct stats_hours *hours, int64_t hour);
void stats_hours_init(struct stats_hours *hours);
void stats_hours_clear(struct stats_hours *hours);
void stats_hours_add(struct stats_hours *to, const struct stats_hours *from);
size_t stats_hours_bytes(const struct stats_hours *hours);
/* In their order; none is added any more. */
void stats_hours_end(struct stats_hours *hours);

/* All sums, tables, largest numbers, spreads and versions. */
void stats_sums_add(struct stats *to, struct stats *from);
/* The tables share the room for names. */
void stats_sums_init(struct stats *s);
/* Free the tables. */
void stats_sums_clear(struct stats *s);
bool stats_sums_failed(struct stats *s); /* memory ran out in a table */

#endif
