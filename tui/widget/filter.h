/*
 * The '&' filters of a list: "text" keeps, "!text" drops, "a|b" is either,
 * and they stack.
 */
#ifndef TUI_WIDGET_FILTER_H
#define TUI_WIDGET_FILTER_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#include <stdbool.h>
#include <stddef.h>

struct filter {
	struct vec items; /* struct filter_item */
};

void filter_init(struct filter *f);
void filter_clear(struct filter *f);
/* False when there is no room for it. */
MUST_USE bool filter_add(struct filter *f, struct str text);
bool filter_is_empty(const struct filter *f);
bool filter_keeps(const struct filter *f, struct str line);
/* "keep refused|deferred   drop 192.0.2." */
void filter_show(const struct filter *f, struct buf *out);
/* " --keep 'refused|deferred' --drop 192.0.2." for a command. */
void filter_options(const struct filter *f, struct buf *out);

#endif
