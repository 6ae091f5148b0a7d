/*
 * The public suffix list. libpsl stands behind it (a list that others keep,
 * and its rules with it), in the module "psl", loaded when first needed.
 */
#ifndef CORE_AUTH_PSL_H
#define CORE_AUTH_PSL_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>

enum {
	PSL_TABLE_VERSION = 2
};

struct psl {
	/*
	 * Append the organizational domain: one label more than the public
	 * suffix. 'domain' is in lower case, UTF-8 or A-labels. False when it
	 * is a public suffix itself, or no name.
	 */
	bool (*organization)(struct str domain, struct buf *out);
	/* A top-level domain that the list has; in lower case. */
	bool (*is_top)(struct str label);
	/* Date of the list for people, or NULL. */
	const char *(*date)(char *out, size_t size);
};

/* NULL with the reason when the module cannot be loaded. */
MUST_USE const struct psl *psl_load(struct err *e);

#endif
