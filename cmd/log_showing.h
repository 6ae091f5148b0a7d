/*
 * Lines of whole logs that pass a filter, with context around them or only the
 * last ones, printed as they come.
 */
#ifndef CMD_LOG_SHOWING_H
#define CMD_LOG_SHOWING_H

#include "cmd/log_filter.h"
#include "cmd/log_print.h"
#include "core/base/json.h"

/* A line held back: for context, or until the last ones are known. */
struct kept {
	size_t source;
	struct logline line; /* its views are in 'bytes' */
	char *bytes;
	bool matched;
};

/* One call. */
struct showing {
	struct app *app;
	struct log_set set;
	struct log_filter filter;
	struct log_printer print;
	struct json json;
	struct buf document;
	int64_t before, after; /* lines of context */
	bool document_wanted;  /* one of JSON, not a line of it each */
	int64_t last;          /* only so many matches; -1: all */

	struct kept *ring;
	size_t size, first, n; /* of the ring */
	size_t ring_bytes, ring_matches;
	int64_t after_left;
	uint64_t printed_until, read; /* numbers of lines */
	uint64_t matched, total;
	int64_t first_ns, last_ns;
	bool gap;
};

/*
 * Read all logs of the set and print what passes; counts and times are then in
 * *w. False with 'e' set.
 */
MUST_USE bool showing_read(struct showing *w, struct err *e);
/* Free the lines held back. */
void showing_clear(struct showing *w);

#endif
