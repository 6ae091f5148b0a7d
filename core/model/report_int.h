/* Private to the mail report. */
#ifndef CORE_MODEL_REPORT_INT_H
#define CORE_MODEL_REPORT_INT_H

#include "core/db/db.h"
#include "core/model/report.h"

/* Domains, levels and choices of the server's databases. */
MUST_USE bool report_config(
    const struct model_ctx *m, struct report *r, struct err *e);
/* Interval and Base of the mailstats record. */
MUST_USE bool report_config_period(
    const struct model_ctx *m, int64_t *from_s, int64_t *to_s, struct err *e);
/* Count what lies in the junk folders. */
void report_count_junk(const struct model_ctx *m, struct report *r);
/* The folder of a service's log, or a file in it, there or not. */
MUST_USE bool report_log_path(const struct model_ctx *m,
    const struct report_request *q, const char *name, char path[SYS_PATH_MAX],
    struct err *e);
void report_read_state(const struct model_ctx *m,
    const struct report_request *request, struct report *r);
/* "2026-03-17 14:02", local, in the arena. */
const char *report_moment(struct arena *a, int64_t unix_s);
/* Fill r->programs, with what r->stats knows and what is installed. */
void report_ask_programs(const struct model_ctx *m, struct report *r);

/* Makes the tables, one behind the other. */
struct report_maker {
	const struct report *r;
	struct arena *a;
	struct report_table *out;
	size_t n;
};
const char *report_count_text(struct arena *a, uint64_t n);
const char *report_percent_text(struct arena *a, uint64_t n, uint64_t of);
const char *report_a_day_text(struct arena *a, uint64_t n, int64_t seconds);
/* The columns are copied, the cells are not. */
void report_table_add(struct report_maker *m, enum report_table_kind kind,
    const struct report_column *columns, size_t width, struct str *cells,
    size_t rows, size_t totals);
/* LG-55 to LG-59, LG-62; the state behind the codes. */
void report_league_tables(struct report_maker *m);
/* LG-65 */
void report_state_table(struct report_maker *m);
/* LG-60 */
void report_domains_table(struct report_maker *m);
/* LG-61; a table without rows is left out. */
void report_recipients_table(struct report_maker *m);

#endif
