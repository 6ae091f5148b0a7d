/*
 * Streams of labelled lines with the labels turned into local time, at the
 * speed of memory: byte for byte what tai64nlocal prints for valid labels
 * (LG-5), everything else copied unchanged (LG-6).
 */
#ifndef CORE_MAILLOG_DECODE_H
#define CORE_MAILLOG_DECODE_H

#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum decode_style {
	DECODE_LOCAL,    /* as tai64nlocal */
	DECODE_ISO,      /* RFC 3339 with offset */
	DECODE_RELATIVE, /* seconds since the first label, +12.345678901 */
};

struct decode_options {
	enum decode_style style;
	bool escape;      /* control characters shown as \xNN */
	unsigned threads; /* at most; 0: as many as there are processors */
};

struct decode_count {
	uint64_t labelled;
	uint64_t unlabelled; /* lines copied as they stand */
};

/* One stream; the state between its blocks. */
struct decoder;

/* NULL when out of memory. */
struct decoder *decoder_new(const struct decode_options *options);
void decoder_free(struct decoder *d); /* NULL allowed */
const struct decode_count *decoder_count(const struct decoder *d);

enum decode_end {
	DECODE_EOF,       /* all was read and written */
	DECODE_NO_READER, /* nobody reads 'out' any more */
	DECODE_FAILED,    /* 'e' says why */
};

/*
 * Decode descriptor 'in' to its end into 'out'. Regular files are decoded by
 * several threads, from the descriptor's position on. 'subject' names the
 * input in messages.
 */
enum decode_end decoder_run(
    struct decoder *d, int in, int out, const char *subject, struct err *e);

/*
 * Decode a block: bytes [0, n) of 'in', which continue what came before. Bytes
 * of a label cut by the block's end are left over: *used tells how many were
 * taken; with 'final' all are. Returns the bytes written to 'out', which has
 * room for DECODE_OUT_SIZE(n). Both arrays are followed by DECODE_PAD bytes
 * that may be read or overwritten with anything.
 */
size_t decoder_block(struct decoder *d, const char *in, size_t n, bool final,
    size_t *used, char *out);

enum {
	DECODE_PAD = 64
};
/* The shortest labelled line, 26 bytes, becomes at most 50. */
#define DECODE_OUT_SIZE(n) (2 * (n) + 64)

#endif
