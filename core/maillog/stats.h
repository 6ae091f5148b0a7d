/*
 * The figures of the mail report, counted from the logs of all services in one
 * pass, by several threads. Counts of [a,b) and [b,c) add up to those of [a,c)
 * exactly: only sums are kept, never means (LG-68).
 */
#ifndef CORE_MAILLOG_STATS_H
#define CORE_MAILLOG_STATS_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/idmap.h"
#include "core/base/spread.h"
#include "core/base/str.h"
#include "core/base/tally.h"
#include "core/base/vec.h"
#include "core/maillog/logread.h"
#include "core/maillog/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The columns of the table by hours, in their order (LG-51). */
enum stats_column {
	STATS_FETCHMAIL,
	STATS_WEBMAIL,
	STATS_MAILMAN,
	STATS_LOCAL,
	STATS_RELAY,
	STATS_DMARC,
	STATS_VIRUS,
	STATS_RBL,
	STATS_EXECUTABLE,
	STATS_GEOIP,
	STATS_NON_CONFORMING,
	STATS_LOAD,
	STATS_KARMA,
	STATS_SPAM_REFUSED,
	STATS_SPAM_QUEUED,
	STATS_HAM,
	STATS_COLUMNS,
	STATS_SOURCES = STATS_DMARC /* the first group: where from */
};
/* "Fetchmail", "DMARC-Rej." ...: names of JSON and of the mailstats record */
const char *stats_column_name(enum stats_column c);

enum {
	STATS_MILLI = 1000, /* scores and seconds are counted in thousandths */
	STATS_VERSION_SIZE = 24,
	STATS_FINDS_MAX = 1000,
};

/* What the counts depend on; of the server, not of its logs. */
struct stats_config {
	const char *domain;         /* primary, "acme.test" */
	const char *host;           /* SystemName, "sme" */
	const char *const *domains; /* all local ones, primary first */
	size_t n_domains;
	const char *const *backup; /* domains held as backup MX */
	size_t n_backup;
	/* where DMARC reports go: lower case, sorted by str_cmp */
	const struct str *report_addresses;
	size_t n_report_addresses;
	int64_t tag_milli, reject_milli; /* levels of SpamAssassin */
	/* the known faults of the old report too (spec LG, quirks 1-11) */
	bool compat;
};

struct stats_hour {
	int64_t hour; /* Unix time / 3600, rounded down */
	uint64_t n[STATS_COLUMNS];
	uint64_t deferred; /* refused for now: in a column of theirs too */
};

/*
 * Verdicts by hour. A log whose labels are broken can name any hour: those
 * beyond what is kept apart are in 'rest', together.
 */
struct stats_hours {
	struct vec rows; /* struct stats_hour, ascending after stats_end */
	struct idmap at; /* 1 + index of a row */
	struct stats_hour rest;
};

/* Counters of a tally: what they hold. */
enum {
	STATS_QUEUED = 0, /* per_recipient */
	STATS_REJECTED = 1,
	STATS_SPAM = 2,
	STATS_MESSAGES = 0, /* senders */
	STATS_BYTES = 1,
	STATS_TOTAL = 0, /* per_domain, per_domain_all */
	STATS_DENY = 1,
	STATS_ACCEPT = 2,
};

struct stats_qpsmtpd {
	uint64_t verdicts; /* examined connections (LG-49) */
	uint64_t connections, without_verdict;
	uint64_t accepted, ham, spam_queued, spam_refused;
	/* sums of scores, in the order of the connections; by stats_end */
	double ham_score, spam_score, refused_score;
	uint64_t dmarc_ok, dmarc_sent, dmarc_sent_empty;
	struct stats_hours hours;
	struct tally rules;     /* field 6 as written */
	struct tally rules_raw; /* naughty parted: "naughty:dnsbl" */
	struct tally deferred;  /* field 6 of those refused for now */
	struct tally codes;     /* league: "naughty-dnsbl" (LG-57) */
	struct tally deny_codes;
	struct tally unknown; /* in no column of the model (LG-55) */
	struct tally viruses, blacklists, countries;
	struct tally domains;     /* of the first recipient (LG-60) */
	struct tally domains_all; /* of every recipient */
	struct tally recipients;  /* LG-61 */
	struct tally recipients_compat;
	struct tally kinds; /* "inbound/queued" */
};

enum stats_channel {
	STATS_TO_LOCAL,
	STATS_TO_REMOTE,
	STATS_CHANNELS
};
enum {
	STATS_RESULTS = 3 /* success, failure, deferral */
};

struct stats_qmail {
	uint64_t new, info, end, bytes, bounce, double_bounce, triple_bounce;
	uint64_t starting[STATS_CHANNELS];
	uint64_t result[STATS_CHANNELS][STATS_RESULTS];
	uint64_t result_all[STATS_RESULTS]; /* those with lost starts too */
	uint64_t status_lines, max_local, max_remote, restarts;
	uint64_t reused;     /* numbers of messages given again */
	uint64_t unfinished; /* messages without an end in these logs */
	int64_t delivery_ns[STATS_CHANNELS];
	struct spread delivery_us[STATS_CHANNELS]; /* the same, in us */
	struct spread queue_us;                    /* from new to end */
	int64_t status_ns; /* told of by status lines, and of it */
	int64_t full_ns[STATS_CHANNELS]; /* with no delivery to spare */
	struct tally senders;            /* messages, bytes */
	struct tally uids, recipient_domains;
	struct tally deferrals, failures; /* reasons, addresses as IP (LG-37)*/
};

/* What a program said of itself when it started; "": it did not. */
struct stats_version {
	char text[STATS_VERSION_SIZE]; /* letters, digits and . + - ~ _ */
	int64_t ns;
};

struct stats_spamd {
	uint64_t connections, processed, spam, ham, bytes, timeouts;
	uint64_t aborted; /* began and gave no result (LG-38) */
	int64_t score_milli, seconds_milli;
	struct tally rules;
	struct tally scores, seconds; /* of scans, as written: "-1.9" */
	/* lines that tell what the children do, and of them those where none
	   was idle; the most children, and the most that were busy at once */
	uint64_t states, states_full, children_max, busy_max;
	struct stats_version version;
};

/* Where a virus was found (LG-40); long names are cut. */
struct stats_find {
	int64_t ns;
	char name[128], path[256];
};
struct stats_clamd {
	uint64_t ok, errors, reloads, selfchecks;
	struct tally found;
	struct vec finds;      /* struct stats_find, the first ones */
	int64_t checked_ns;    /* last good self check; INT64_MIN: none */
	int64_t signatures_ns; /* of the last reload, and what it counted */
	uint64_t signatures;
	struct stats_version version;
};

struct stats_dovecot {
	uint64_t logout, aborted, auth_failed, userip_limit, process_limit;
	uint64_t bytes_in, bytes_out; /* of imap */
	struct spread session_us;     /* from login to logout */
	struct tally logins;          /* by protocol */
	struct tally users;
	struct tally failed_users, failed_ips; /* attempts (LG-41) */
	struct tally limits; /* [0] of an address, [1] of all, by service */
};

/* What older releases put in front of imap and pop3 (LG-42). */
struct stats_tcpsvd {
	uint64_t accepted, denied_limit, denied_rule;
	uint64_t highest, highest_max; /* connections of one address */
	struct tally clients;          /* [0] accepted, [1] limit, [2] rule */
};

/* LG-43, by account as fetchmail writes it. */
struct stats_fetchmail {
	struct tally mail;     /* [0] polls, [1] fetched, [2] kept there */
	struct tally troubles; /* [0] refused by SMTP, [1] logins, [2] hosts */
	struct tally codes;    /* of refusals by SMTP */
};

/* Lines that no service wrote as they stand, by reason. */
struct stats_file {
	const char *name; /* as long as the plan of its log */
	uint64_t bytes, lines;
};
struct stats_log {
	const char *service;
	uint64_t bytes, lines;
	struct stats_file *files;
	size_t n_files;
	size_t killed;         /* .u files met (LG-15) */
	struct tally unparsed; /* "no label", "binary" ... */
	uint64_t other;        /* lines of no known form */
};

struct stats {
	size_t names_room; /* bytes that are left for names of all tables */
	struct stats_qpsmtpd qpsmtpd;
	struct stats_qmail qmail;
	struct stats_spamd spamd;
	struct stats_clamd clamd;
	struct stats_dovecot dovecot;
	struct stats_tcpsvd tcpsvd;
	struct stats_fetchmail fetchmail;
	struct tally junk;      /* unparsed of all logs */
	struct stats_log *logs; /* as the sources, owned */
	size_t n_logs;
	int64_t first_ns, last_ns; /* of labelled lines; first > last: none */
	int64_t last_connection_ns;
	bool failed;               /* memory ran out */
	struct stats_state *state; /* what is open at the end of each log */
};

struct stats_source {
	const char *service; /* "qpsmtpd"; borrowed by the result */
	struct logplan *plan;
};

/* Told now and then, from one thread at a time: bytes read of all. */
typedef void stats_progress(void *ctx, uint64_t done, uint64_t all);

/*
 * Count all lines of the sources, with at most 'threads' threads. 'out' needs
 * stats_clear in any case.
 */
MUST_USE bool stats_run(const struct stats_config *config,
    const struct stats_source *sources, size_t n, size_t threads,
    stats_progress *progress, void *ctx, struct stats *out, struct err *e);
/* It may not be moved or copied. */
void stats_init(struct stats *s);
void stats_clear(struct stats *s);

/*
 * For who reads lines himself: count one line of a service, in order. A part
 * belongs to one log; parts of one log are merged in the order of the log.
 */
struct stats_part;
struct stats_part *stats_part_new(
    const struct stats_config *config, const char *service);
void stats_part_line(struct stats_part *p, const struct logline *line);
/* Add a part and free it; 'out' is complete only after stats_end. */
void stats_part_merge(struct stats *out, struct stats_part *p);
/* Connections and messages that never ended are counted now. */
void stats_end(struct stats *out);

/* 0 of nothing. */
static inline double
stats_mean(double sum, uint64_t n)
{
	return n > 0 ? sum / (double)n : 0;
}

/* How much of the time told of all deliveries of a channel were taken. */
static inline double
stats_full_percent(const struct stats_qmail *q, size_t channel)
{
	return q->status_ns > 0
		   ? 100.0 * (double)q->full_ns[channel] / (double)q->status_ns
		   : 0;
}

/*
 * The smallest of the decimals that a table counts by name, in thousandths, so
 * that 'percent' of them are not larger; 0 of none.
 */
int64_t stats_percentile(const struct tally *decimals, unsigned percent);

/*
 * Tables with names that are not kept apart (LG-72), "qpsmtpd.recipients", and
 * how much is counted for these; NULL at the end, *i from 0 on.
 */
const char *stats_not_apart(const struct stats *s, size_t *i, uint64_t *n);

/*
 * Sums and tables with numbers that grew beyond what is counted and stay at
 * NUM_SUM_MAX, as only hostile lines make them: "qmail.bytes"; NULL at the end,
 * *i from 0 on.
 */
const char *stats_too_large(const struct stats *s, size_t *i);

/* Sum of the second group of an hour: examined connections (LG-52). */
uint64_t stats_hour_total(const struct stats_hour *h);

#endif
