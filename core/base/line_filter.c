/* Stacked filters. */
#include "core/base/line_filter.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/line_match.h"

#include <string.h>

enum {
	ALTERNATIVES = 8,
	FILTERS_MAX = 16
};

struct filter_item {
	char text[LINE_MATCH_TEXT_MAX];
	bool drop;
	struct line_match any[ALTERNATIVES];
	size_t n;
};

void
line_filter_init(struct line_filter *f)
{
	f->items = (struct vec)VEC_INIT(struct filter_item);
}

static void
item_clear(struct filter_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		line_match_clear(&item->any[i]);
	item->n = 0;
}

void
line_filter_clear(struct line_filter *f)
{
	for (size_t i = 0; i < f->items.len; i++)
		item_clear(VEC_AT(&f->items, struct filter_item, i));
	vec_clear(&f->items);
}

bool
line_filter_add(struct line_filter *f, struct str text)
{
	struct filter_item item;
	memset(&item, 0, sizeof(item));
	item.drop = text.len > 0 && text.ptr[0] == '!';
	if (item.drop)
		text = str_sub(text, 1, text.len);
	if (text.len == 0 || f->items.len == FILTERS_MAX)
		return text.len == 0;
	if (text.len >= sizeof(item.text))
		text.len = sizeof(item.text) - 1;
	memcpy(item.text, text.ptr, text.len);
	if (text.ptr[0] == '/') { /* bars of a pattern are its own */
		line_match_init(&item.any[item.n++], text);
	} else {
		struct str rest = text;
		while (rest.ptr != NULL && item.n < ALTERNATIVES)
			line_match_init(
			    &item.any[item.n++], str_cut(rest, '|', &rest));
	}
	if (vec_push(&f->items, &item))
		return true;
	item_clear(&item);
	return false;
}

bool
line_filter_is_empty(const struct line_filter *f)
{
	return f->items.len == 0;
}

static bool
item_hits(const struct filter_item *item, struct str line)
{
	size_t at, len;
	for (size_t i = 0; i < item->n; i++)
		if (line_match_find(&item->any[i], line, 0, &at, &len))
			return true;
	return false;
}

bool
line_filter_keeps(const struct line_filter *f, struct str line)
{
	for (size_t i = 0; i < f->items.len; i++) {
		const struct filter_item *item =
		    VEC_AT(&f->items, struct filter_item, i);
		if (item_hits(item, line) == item->drop)
			return false;
	}
	return true;
}

void
line_filter_show(const struct line_filter *f, struct buf *out)
{
	for (size_t i = 0; i < f->items.len; i++) {
		const struct filter_item *item =
		    VEC_AT(&f->items, struct filter_item, i);
		buf_addf(out, item->drop ? _("%sdrop %s") : _("%skeep %s"),
		    i > 0 ? "   " : "", item->text);
	}
}

void
line_filter_options(const struct line_filter *f, struct buf *out)
{
	for (size_t i = 0; i < f->items.len; i++) {
		const struct filter_item *item =
		    VEC_AT(&f->items, struct filter_item, i);
		buf_addf(out, " --%s ", item->drop ? "drop" : "keep");
		escape_shell(out, str_of(item->text));
	}
}
