/*
 * Reads received aggregate reports, whatever wraps them. Only the helper
 * program smemail-dmarc-read does this, behind its walls: mail, gzip, zip and
 * XML of strangers.
 */
#ifndef CMD_DMARCREAD_READ_H
#define CMD_DMARCREAD_READ_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	READ_INPUT_MAX = 12 << 20,  /* bytes of one file */
	READ_XML_MAX = 24 << 20,    /* of one report, unpacked */
	READ_OUTPUT_MAX = 32 << 20, /* of what is told about it */
	READ_NESTING_MAX = 4,       /* gzip in a zip in a message */
	READ_PARTS_MAX = 50,        /* of a message, entries of a zip */
	READ_RECORDS_MAX = 100000,
	READ_TEXT_MAX = 4096 /* of one value */
};

struct reading {
	struct arena *arena;
	struct buf *out; /* lines as core/auth/dmarc_report.h has them */
	size_t reports;
	const char *problem; /* the last one, in English, or NULL */
};

/* Take apart 'bytes' and tell every report found in it. */
void read_any(struct reading *r, struct str bytes, unsigned nesting);
/* unpack.c: gzip, and zip entry by entry, handed to read_any. */
void read_gzip(struct reading *r, struct str bytes, unsigned nesting);
void read_zip(struct reading *r, struct str bytes, unsigned nesting);
/* mime.c: a message; each part is handed to read_any. */
void read_message(struct reading *r, struct str bytes, unsigned nesting);
/* xml.c: true when it held a report. */
bool read_xml(struct reading *r, struct str bytes);

#endif
