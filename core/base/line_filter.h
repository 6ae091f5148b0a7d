/*
 * Filters of lines, stacked: "text" keeps, "!text" drops, "a|b" is either,
 * and they stack.
 */
#ifndef CORE_BASE_LINE_FILTER_H
#define CORE_BASE_LINE_FILTER_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#include <stdbool.h>
#include <stddef.h>

struct line_filter {
	struct vec items; /* struct filter_item */
};

/* Empty, which keeps every line; clear frees what was added. */
void line_filter_init(struct line_filter *f);
void line_filter_clear(struct line_filter *f);
/* False when there is no room for it. */
MUST_USE bool line_filter_add(struct line_filter *f, struct str text);
bool line_filter_is_empty(const struct line_filter *f);
bool line_filter_keeps(const struct line_filter *f, struct str line);
/* "keep refused|deferred   drop 192.0.2." */
void line_filter_show(const struct line_filter *f, struct buf *out);
/* " --keep 'refused|deferred' --drop 192.0.2." for a command. */
void line_filter_options(const struct line_filter *f, struct buf *out);

#endif
