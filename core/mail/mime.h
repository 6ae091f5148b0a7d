/*
 * The parts of a message (RFC 2045, 2046), read once from beginning to end, a
 * line at a time: nothing is copied but the field under way, nesting costs no
 * recursion, and whoever reads may stop after any line and go on later. Line
 * ends are LF (FL-27).
 */
#ifndef CORE_MAIL_MIME_H
#define CORE_MAIL_MIME_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* FL-193. What is beyond them is read as the text of the part it stands in. */
enum {
	MIME_DEPTH_MAX = 20,
	MIME_PARTS_MAX = 1000,
	MIME_BOUNDARY_MAX = 200,  /* RFC 2046 allows 70 */
	MIME_FIELD_MAX = 2048,    /* of a field; more of it is not looked at */
	MIME_LINE_MAX = 64 * 1024 /* a longer line comes in pieces */
};

enum mime_coding {
	MIME_AS_IT_IS,
	MIME_BASE64,
	MIME_QUOTED_PRINTABLE
};

struct mime_part {
	char type[64];   /* "text/html", lower case; "text/plain" if untold */
	char ending[16]; /* of its file name: "html", lower case; may be "" */
	enum mime_coding coding;
};

struct mime_level {
	size_t len;
	char boundary[MIME_BOUNDARY_MAX];
};

struct mime_reader {
	struct str rest; /* not read yet */
	struct mime_part part;
	/* private */
	struct mime_level levels[MIME_DEPTH_MAX];
	unsigned n_levels;
	unsigned n_parts;
	bool in_header;
	bool in_line; /* the line before was cut */
	bool told;    /* a piece of the part was given */
	char boundary[MIME_BOUNDARY_MAX];
	size_t boundary_len;
	char field[MIME_FIELD_MAX];
	size_t field_len;
};

/* 'text' is a whole message, header first; it is borrowed. */
void mime_init(struct mime_reader *r, struct str text);

struct mime_piece {
	struct str bytes; /* with its LF, coded; empty: no line of a body */
	bool begins;      /* r->part is new since the last piece of a body */
};
/* Read one line; false at the end. */
bool mime_next(struct mime_reader *r, struct mime_piece *out);

/* A body's bytes out of its coding, piece by piece. */
struct mime_decoder {
	enum mime_coding coding;
	uint32_t bits;
	unsigned n_bits;
	unsigned state; /* of quoted-printable */
	char held;
};
void mime_decoder_init(struct mime_decoder *d, enum mime_coding coding);
/*
 * Decode 'in' to 'out', which has room for in.len + 2 bytes; returns how many
 * were written. What is no base64 is passed over, a broken quoted pair stays as
 * it is.
 */
size_t mime_decode(struct mime_decoder *d, struct str in, char *out);

/*
 * The next parameter of a field's value ("; name=value"), quotes taken off,
 * the value cut to 'size'; false when there is none left. The value is in
 * 'out'.
 */
bool mime_next_param(struct str *rest, struct str *name, char *out, size_t size,
    struct str *value);

#endif
