/* The index of a log while it is made: its tables so far, and the next chunk.
 */
#ifndef CORE_MAILLOG_LOGINDEX_MAKE_INT_H
#define CORE_MAILLOG_LOGINDEX_MAKE_INT_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/maillog/logindex_int.h"

#include <stdbool.h>
#include <stdint.h>

struct indexing {
	const struct logindex_work *work;
	struct logindex *old; /* NULL: none */
	const struct logplan *plan;
	struct logcolumns kept; /* of the old one, until they are taken over */
	struct vec files, chunks, marks;
	struct logcolumns columns;
	uint64_t step; /* bytes of the next chunk, as full as the last one */
	uint64_t done;
	bool changed, full; /* full: no room for more */
	char *block;        /* INDEXING_BLOCK bytes */
};

enum {
	INDEXING_READ = 256 * 1024,
	INDEXING_BACK = 64,  /* bytes kept before those looked at next */
	INDEXING_AHEAD = 64, /* bytes that must follow for a key to be whole */
	INDEXING_BLOCK = INDEXING_READ + INDEXING_BACK + INDEXING_AHEAD
};

/*
 * Where a chunk may end at or behind 'at': before a line with a time. False
 * when there is none up to 'size', the end of the file.
 */
MUST_USE bool indexing_chunk_end(
    struct indexing *w, int fd, uint64_t at, uint64_t size, uint64_t *end);
/*
 * Read one chunk, 'c' with its ends, and append it. One that cannot be read, or
 * that finds no room ('full'), is left out, and nothing of it stays.
 */
MUST_USE bool indexing_make_chunk(
    struct indexing *w, int fd, struct logindex_chunk *c, struct err *e);

#endif
