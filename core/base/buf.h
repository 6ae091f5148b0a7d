/*
 * A growable byte buffer with a hard maximum. It owns its bytes and is always
 * NUL-terminated. Failure (maximum reached, out of memory) is sticky: later
 * additions do nothing, so a caller may build a text and check once.
 */
#ifndef CORE_BASE_BUF_H
#define CORE_BASE_BUF_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* NULL until first use */
	size_t len;
	size_t cap;
	size_t max; /* len never exceeds it */
	bool failed;
};

#define BUF_INIT(maximum)                                                      \
	{                                                                      \
		NULL, 0, 0, (maximum), false                                   \
	}

/* Start empty, with at most 'max' bytes of content. */
void buf_init(struct buf *b, size_t max);
/* Free the bytes; the buffer is empty and usable again with its maximum. */
void buf_clear(struct buf *b);
/*
 * The same of a secret: nothing of it is left in memory that is given back. A
 * buffer that grows leaves copies: its size is reserved at once.
 */
void buf_wipe(struct buf *b);
/* Length 0, failure forgotten, memory kept. */
void buf_reset(struct buf *b);
/* The same, but storage of more than 'keep' bytes is freed. */
void buf_settle(struct buf *b, size_t keep);
/* Shorten to 'len' bytes (no effect when shorter already). */
void buf_truncate(struct buf *b, size_t len);

/* All return false when the buffer has failed. */
bool buf_add(struct buf *b, const void *bytes, size_t n);
bool buf_add_str(struct buf *b, struct str s);
bool buf_add_cstr(struct buf *b, const char *c);
bool buf_add_char(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
/*
 * Room for 'n' more bytes: returns where to write, or NULL. After writing k
 * of them add k to b->len and terminate with buf_used.
 */
char *buf_reserve(struct buf *b, size_t n);
void buf_used(struct buf *b, size_t n);
/* Drop the first 'n' bytes. */
void buf_consume(struct buf *b, size_t n);

/* Borrowed until the next change. */
struct str buf_str(const struct buf *b);
/* Never NULL. */
const char *buf_cstr(const struct buf *b);

#endif
