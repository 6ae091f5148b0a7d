/* Packing by gzip; zlib stands behind it, in the module "zlib". */
#ifndef CORE_SYS_GZIP_H
#define CORE_SYS_GZIP_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>

enum {
	GZIP_TABLE_VERSION = 1
};

struct gzip {
	/* Append 'bytes' packed; false when out is full or memory is out. */
	bool (*pack)(struct str bytes, struct buf *out);
};

/* Loads the module once; the table lives as long as the process. */
MUST_USE const struct gzip *gzip_load(struct err *e);

#endif
