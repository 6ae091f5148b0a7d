/*
 * Following one log through rotation, losing and repeating nothing: a
 * directory of multilog or svlogd, or a plain file (LG-14 to LG-22).
 */
#ifndef CORE_MAILLOG_FOLLOW_H
#define CORE_MAILLOG_FOLLOW_H

#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/maillog/stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FOLLOW_LINE_MAX = 1 << 20, /* longer lines come in pieces (LG-26) */
};
#define FOLLOW_ALL_LINES ((size_t)-1)

/* A line, or a piece of one too long. */
struct follow_line {
	struct str raw; /* without LF; good until the next call */
	struct stamp stamp;
	bool continued; /* goes on where the last piece ended */
	bool more;      /* another piece follows */
};

struct follow;

enum {
	FOLLOW_HEAD_SIZE = TAI64N_SIZE + 1, /* tells a file from another */
};

/*
 * Where a follower stands, to go on there in another life (LG-20): behind the
 * line delivered last.
 */
struct follow_place {
	bool has_file; /* false: only the line is known */
	uint64_t dev, ino, offset;
	char head[FOLLOW_HEAD_SIZE]; /* first bytes of the file */
	size_t head_len;
	bool has_last;
	struct tai64n last;  /* its time, or that of the line it belongs to */
	uint64_t last_count; /* lines delivered with that time */
	uint64_t hash;       /* of the line */
};

struct follow_options {
	const char *path;  /* real path: a directory, or a file when 'plain' */
	const char *shown; /* for messages */
	bool plain;
	size_t lines; /* begin so many before the end, in old files too */
	const struct follow_place *resume; /* begin there instead, or NULL */
	const struct clock *clock;
};

/*
 * Begin. A missing log is waited for and then read from its first line;
 * one that may not be read fails. NULL with 'e' set.
 */
struct follow *follow_open(const struct follow_options *options, struct err *e);
void follow_close(struct follow *f); /* NULL allowed */

enum follow_result {
	FOLLOW_LINE,
	FOLLOW_NOTHING, /* no whole line is there now */
	FOLLOW_FAILED
};
enum follow_result follow_next(
    struct follow *f, struct follow_line *line, struct err *e);

/* False as long as nothing was delivered. */
bool follow_where(const struct follow *f, struct follow_place *out);

/*
 * What the reader must be told (lines are gone, the file was cut short), once;
 * NULL when there is nothing. Good until the next call on the follower.
 */
const char *follow_note(struct follow *f);
/* Directory in which changes announce more lines. */
const char *follow_dir(const struct follow *f);

#endif
