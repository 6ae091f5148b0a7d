/* Which lines the log commands show: words, options, range of time. */
#ifndef CMD_LOG_FILTER_H
#define CMD_LOG_FILTER_H

#include "cmd/app.h"
#include "cmd/command.h"
#include "core/base/line_filter.h"
#include "core/maillog/query.h"
#include "core/model/logs.h"

struct log_filter {
	struct query query;
	struct line_filter lines;       /* --keep, --drop */
	bool verdicts;                  /* only lines with one */
	enum maillog_severity severity; /* at least */
	struct buf text;
};

void log_filter_init(struct log_filter *f);
void log_filter_clear(struct log_filter *f);
/*
 * The words of a call: conditions are added, all others are names of logs
 * (*names, NULL-terminated, in the arena). The first 'texts' words are texts
 * where they are no conditions.
 */
MUST_USE bool log_filter_words(struct log_filter *f, const struct call *call,
    size_t texts, const char *const **names, struct err *e);
/* LOG_FILTER_OPTIONS of a call. */
MUST_USE bool log_filter_options(struct log_filter *f, struct app *app,
    const struct call *call, struct err *e);
bool log_filter_is_empty(const struct log_filter *f);
bool log_filter_passes(struct log_filter *f, const struct log_event *event);
/* A text that every line needs (query_needle). */
bool log_filter_needle(
    const struct log_filter *f, struct str *needle, bool *exact);

/* A whole number from 0 to 'max'; *out is left alone when it is not given. */
MUST_USE bool log_count_option(const struct call *call, const char *name,
    int64_t max, int64_t *out, struct err *e);
/* All such texts (query_needles). */
size_t log_filter_needles(
    const struct log_filter *f, struct str needles[QUERY_MAX]);

/* LOG_RANGE_OPTIONS of a call: --since or --from, --until or --to. */
MUST_USE bool log_range_options(struct app *app, const struct call *call,
    struct logrange *range, struct err *e);

/* clang-format off */
#define LOG_FILTER_OPTIONS                                                     \
	{ .name = "verdicts",                                                  \
	    .help = N_("only what was queued, refused or deferred") },         \
	{ .name = "severity",                                                  \
	    .value = "WORD",                                                   \
	    .help = N_("only lines of debug, info, notice, warning or error "  \
		       "and above") },                                         \
	{ .name = "keep",                                                      \
	    .value = "TEXT",                                                   \
	    .many = true,                                                      \
	    .help = N_("only lines with TEXT (a|b: either; /re/: a "           \
		       "pattern); may be given again") },                      \
	{ .name = "drop",                                                      \
	    .value = "TEXT",                                                   \
	    .many = true,                                                      \
	    .help = N_("no lines with TEXT; may be given again") }
#define LOG_RANGE_OPTIONS                                                      \
	{ .name = "since",                                                     \
	    .value = "TIME",                                                   \
	    .help = N_("from TIME on: '2 hours ago', yesterday, 14:08, "       \
		       "'2026-03-17 14:08', a label") },                       \
	{ .name = "until",                                                     \
	    .value = "TIME",                                                   \
	    .help = N_("up to TIME, not including it") },                      \
	{ .name = "from", .value = "TIME", .help = N_("the same as --since") },\
	{ .name = "to", .value = "TIME", .help = N_("the same as --until") },  \
	{ .name = "logs",                                                      \
	    .value = "DIR",                                                    \
	    .kind = ARG_DIR,                                                   \
	    .help = N_("read the logs below DIR, one folder a service, "       \
		       "instead of those of the server") }
/* clang-format on */

#endif
