/* Several logs in the order of time (LG-23). */
#ifndef CORE_MAILLOG_LOGMERGE_H
#define CORE_MAILLOG_LOGMERGE_H

#include "core/maillog/logread.h"
#include "core/maillog/parse.h"

struct logindex;

/* One log of a service; all borrowed. */
struct logsource {
	const char *service; /* "qpsmtpd" */
	enum maillog_form form;
	struct logplan *plan;
	const struct logindex *index; /* NULL: none */
};

struct logmerge;

/* Read all of 'n' sources, which outlive it; NULL with 'e' set. */
struct logmerge *logmerge_open(
    const struct logsource *sources, size_t n, struct err *e);
/*
 * The same with 'lines' of each at most, the last ones; and only lines with
 * 'needle', if it is not empty (logread_need).
 */
struct logmerge *logmerge_open_part(const struct logsource *sources, size_t n,
    uint64_t lines, struct str needle, bool nocase, struct err *e);
/*
 * From now on leave out lines that are not wanted, but for the first one of
 * each source; much faster than to pass them afterwards.
 */
typedef bool logmerge_wants(
    void *ctx, size_t source, const struct logline *line);
void logmerge_want(struct logmerge *m, logmerge_wants *wants, void *ctx);
void logmerge_close(struct logmerge *m); /* NULL allowed */
/*
 * The line that comes next, and the index of its source. Within one source
 * lines keep their order (LG-13); of two with the same time the source named
 * first has its turn. False at the end, and on failure with 'e' set.
 */
bool logmerge_next(
    struct logmerge *m, struct logline *line, size_t *source, struct err *e);

#endif
