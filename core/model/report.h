/*
 * The mail report: figures counted from the logs of a period, with what the
 * server's databases say of domains and levels (LG-49 to LG-68).
 */
#ifndef CORE_MODEL_REPORT_H
#define CORE_MODEL_REPORT_H

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/maillog/stats.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report_request {
	const char *logs; /* real folder with one folder a service, or NULL */
	/* Unix times, from <= t < to; both 0: 'logs' whole, or the period that
	   the mailstats record gives (LG-49) */
	int64_t from_s, to_s;
	bool compat; /* with the known faults of the old report */
	/* of the SMTP services alone, without what other places tell */
	bool smtp_only;
	size_t threads; /* 0: one for each processor */
	stats_progress *progress;
	void *progress_ctx;
};

/* Mail left in the junk folder of a user (LG-63). */
struct report_junk {
	const char *user;
	uint64_t messages;
};

/* A program that judges mail (LG-56). */
struct report_program {
	const char *version; /* NULL: nothing tells it */
	const char *from;    /* "logs" of the period, "running", "installed" */
};
struct report_programs {
	struct report_program clamav, spamassassin;
	/* of clamd's database now: "27822", "Thu Nov 26 09:26:00 2026"; or
	   NULL */
	const char *signatures, *signatures_of;
};

/* A disposition as qplogsumm has counted it since some time (LG-65). */
struct report_state {
	const char *name;
	int64_t since_s;
	uint64_t total;
};

/* What the mailstats record chooses to show. */
struct report_choice {
	bool disabled; /* Status */
	bool codes, geoip, rules, junkmail, totals;
	double geoip_cut, rules_cut; /* percent */
	const char *mail_to;         /* Email */
	const char *mail_form;       /* HTMLEmail: "yes", "no", "both" */
	/* of each column: "yes", "no", "auto" (LG-53) */
	const char *columns[STATS_COLUMNS];
};

struct report {
	struct stats stats;
	struct stats_config config;
	struct report_choice choice;
	const char *const *bad_countries;
	size_t n_bad_countries;
	int64_t from_s, to_s; /* the period; of whole logs: what they hold */
	bool whole;
	struct report_junk *junk; /* by count, descending */
	size_t n_junk;
	const char *blacklists; /* "dnsbl ZONES; rhsbl ZONES ...", or "" */
	struct report_programs programs;
	struct report_state *states; /* by count, descending */
	size_t n_states;
};

/*
 * Count. 'out' needs report_clear in any case; its texts are in the context's
 * arena. A period without any log is an error (ERR_NO) that says what there is.
 */
MUST_USE bool report_make(const struct model_ctx *m,
    const struct report_request *request, struct report *out, struct err *e);
void report_clear(struct report *r);

/* Should the column be shown (LG-53)? Nothing is stored. */
bool report_shows(const struct report *r, enum stats_column c);
enum {
	REPORT_SPAN_MAX = 10 * 366 * 24
};
/*
 * How many hours the period has: of a given period all of it, of whole logs
 * from the first to the last verdict. Where these are more than ten years
 * apart, as by a label of a clock gone wrong, hours without a verdict are left
 * out.
 */
size_t report_hours(const struct report *r);
/* The i-th of them; 'empty' is filled and given for one without verdicts. */
const struct stats_hour *report_hour(
    const struct report *r, size_t i, struct stats_hour *empty);
/* Totals over all hours. */
void report_totals(const struct report *r, uint64_t n[STATS_COLUMNS]);
/*
 * Domains by their reversed labels (LG-60), addresses by their mail (LG-61);
 * how many, the rows in the arena.
 */
size_t report_domain_rows(const struct report *r, struct arena *a,
    const struct tally_row *const **rows);
size_t report_recipient_rows(const struct report *r, struct arena *a,
    const struct tally_row *const **rows);
/* "local", "mxbackup-1", "other"; in the arena or static. */
const char *report_domain_type(
    const struct report *r, struct arena *a, struct str name);
/* n * 100 / of, 0 of nothing. */
double report_percent(uint64_t n, uint64_t of);
/* How many that is a day; 0 of no time. */
double report_a_day(uint64_t n, int64_t seconds);

/* --- for people, the same in the command and on the screen --- */
enum report_table_kind {
	REPORT_HOURS,
	REPORT_UNKNOWN, /* names that no column is for (LG-55) */
	REPORT_CODES,
	REPORT_STATE,
	REPORT_VIRUSES,
	REPORT_BLACKLISTS,
	REPORT_COUNTRIES,
	REPORT_RULES,
	REPORT_DOMAINS,
	REPORT_RECIPIENTS,
	REPORT_JUNK,
	REPORT_TABLES
};
struct report_column {
	const char *head; /* N_() */
	bool right;       /* aligned to the right */
};
struct report_table {
	enum report_table_kind kind;
	const struct report_column *columns;
	size_t width;
	const struct str *cells; /* rows * width, row by row, unescaped */
	size_t rows;
	size_t totals; /* so many of the rows, at the end, are sums */
};
/* The tables that have rows, in the arena; returns how many. */
size_t report_tables(const struct report *r, struct arena *a,
    struct report_table out[REPORT_TABLES]);

enum {
	REPORT_FACTS = 24
};
struct report_fact {
	const char *label; /* translated */
	const char *text;  /* unescaped */
};
/*
 * Period, levels, means, versions (LG-56); and lines for each service with
 * figures, the second and later ones of a service without label.
 */
size_t report_facts(const struct report *r, struct arena *a,
    struct report_fact out[REPORT_FACTS]);
size_t report_service_facts(const struct report *r, struct arena *a,
    struct report_fact out[REPORT_FACTS]);

/*
 * The period by Interval and Base ("daily", "Midnight") before 'now': *to is
 * the last such moment, *from the interval before it (LG-49).
 */
void report_period(struct str interval, struct str base, int64_t now_s,
    int64_t *from_s, int64_t *to_s);

#endif
