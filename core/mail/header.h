/*
 * The header of a message, split into fields in their order. Line ends are LF
 * (FL-27); all views point into the text that was parsed.
 */
#ifndef CORE_MAIL_HEADER_H
#define CORE_MAIL_HEADER_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/mail/message.h"

#include <stdbool.h>
#include <stddef.h>

/* Bounds of what a peer may send (FL-193). */
enum {
	MAIL_FIELDS_MAX = 1000,
	MAIL_HEADER_MAX = 256 * 1024
};

struct mail_header {
	struct filter_field *fields; /* in the arena */
	size_t n_fields;
	struct str text; /* the header without the empty line */
	struct str body; /* what follows the empty line */
};

enum mail_header_status {
	MAIL_HEADER_OK,
	MAIL_HEADER_TOO_BIG,      /* beyond MAIL_HEADER_MAX */
	MAIL_HEADER_TOO_MANY,     /* beyond MAIL_FIELDS_MAX */
	MAIL_HEADER_OUT_OF_MEMORY /* of the arena */
};

/*
 * The header ends at the first empty line or at the end of 'text' (FL-31). A
 * line that is no field and continues none becomes a field without name, so
 * that the fields always add up to the header.
 */
MUST_USE enum mail_header_status mail_header_parse(
    struct str text, struct arena *a, struct mail_header *out);

/* How many fields have this name, letter case aside. */
size_t mail_fields_count(
    const struct filter_field *fields, size_t n, const char *name);
/* The first of them, or NULL. */
const struct filter_field *mail_fields_find(
    const struct filter_field *fields, size_t n, const char *name);
/*
 * The same of a header that was not parsed; nothing is allocated for it. False:
 * there is none.
 */
MUST_USE bool mail_header_find(
    struct str text, const char *name, struct filter_field *out);
/* Append the body on one line: unfolded, blanks at both ends cut. */
bool mail_field_unfold(struct buf *out, const struct filter_field *f);

#endif
