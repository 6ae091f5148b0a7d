/* Private to the decoder: what blocks.c and decode.c share. */
#ifndef CORE_MAILLOG_DECODE_INT_H
#define CORE_MAILLOG_DECODE_INT_H

#include "core/maillog/decode.h"
#include "core/maillog/tai64n.h"

struct decoder {
	struct decode_options options;
	struct decode_count count;
	bool in_line; /* the last byte taken was not a newline */
	struct tai64n_zone zone;
	char key[16];    /* digits of the second that 'head' shows */
	char head[64];   /* "2026-03-17 14:02:11." */
	size_t head_len; /* 0: 'head' shows nothing yet */
	bool has_first;
	struct tai64n first; /* DECODE_RELATIVE counts from it */
};

/*
 * Decode the lines that begin in [p, end), and what belongs to the line that
 * d->in_line says is open at 'p'. Labels may reach up to 'limit' (>= end), the
 * end of what is known; 'final' says that the input ends there. Returns the
 * end of output; *stop is 'end', or lies behind it when a label crosses it.
 */
char *decode_range(struct decoder *d, const char *p, const char *end,
    const char *limit, bool final, const char **stop, char *out);

/*
 * The offset behind a label that begins before 'at' and crosses it, or 'at'
 * itself. 'begin' is the first byte known; 'line_start' says that a line
 * starts there.
 */
const char *decode_skip_crossing(
    const char *begin, bool line_start, const char *at, const char *limit);

#endif
