/*
 * Patterns of attachments that are refused (F014, F068): records of the
 * database mailpatterns; what a file begins with, in base64.
 */
#ifndef CORE_MODEL_PATTERNS_H
#define CORE_MODEL_PATTERNS_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct pattern {
	const char *key; /* of the record; the signature where it has no Body */
	const char *body;        /* signatures, parted by commas */
	const char *description; /* "" without one */
	bool blocked;
	bool archive; /* zip: blocking it refuses good mail */
};
/* In byte order of keys, in the arena of the store. */
MUST_USE bool patterns_list(
    struct settings_store *st, struct pattern **out, size_t *n, struct err *e);

/*
 * Wishes that block every executable: all patterns but those of archives, and
 * the known ones where the server has none yet.
 */
MUST_USE bool patterns_block_executables(struct settings_store *st,
    struct settings_wish **out, size_t *n, struct err *e);

/* Those with this key or description; unknown ones fail. */
MUST_USE bool patterns_find(struct settings_store *st, const char *name,
    const char *const **keys, size_t *n, struct err *e);

/* May this be a signature? Letters, digits, '+', '/', at least six. */
MUST_USE bool patterns_check(struct str signature, struct err *e);
/* The signature of what a file begins with (RFC 4648), without its last
 * letters, which depend on what follows. */
MUST_USE bool patterns_of_bytes(
    struct str bytes, struct buf *out, struct err *e);

#endif
