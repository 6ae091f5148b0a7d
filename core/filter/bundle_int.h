/*
 * The format of a bundle, the configuration directory in one block: records
 * of two 32-bit lengths (little endian), a name and a content. Names are
 * relative to the directory ("plugins", "peers/0", "peers/0/05relay") or
 * absolute when an $include line named them so.
 */
#ifndef CORE_FILTER_BUNDLE_INT_H
#define CORE_FILTER_BUNDLE_INT_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>

enum {
	BUNDLE_FILE_MAX = 4 * 1024 * 1024,
	BUNDLE_RECORDS_MAX = 4000
};

struct bundle_record {
	struct str name;
	struct str content;
};

/* Append; false when the bundle is full. */
bool bundle_add(struct buf *bundle, const struct bundle_record *r);

enum bundle_step {
	BUNDLE_RECORD,
	BUNDLE_END,
	BUNDLE_BROKEN /* lengths that do not fit */
};
/* Take the next record off the front of *bundle. */
enum bundle_step bundle_next(struct str *bundle, struct bundle_record *r);

/*
 * What an $include line names; empty when 'line' (trimmed) is none. A name
 * holds no NUL.
 */
struct str bundle_include_name(struct str line);

#endif
