/* The text view. */
#include "tui/widget/text.h"

#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/app.h"
#include "tui/draw.h"
#include "tui/widget/wrap.h"

#include <stdarg.h>
#include <string.h>

enum {
	TEXT_ARENA_MAX = 16 * 1024 * 1024,
	SIDE_STEP = 8,
	PROSE_MAX = 8192,
};

bool
text_init(struct text_view *t)
{
	memset(t, 0, sizeof(*t));
	t->lines = (struct vec)VEC_INIT(struct text_line);
	t->arena = arena_new(TEXT_ARENA_MAX, NULL, NULL);
	return t->arena != NULL;
}

void
text_clear(struct text_view *t)
{
	vec_clear(&t->lines);
	line_match_clear(&t->match);
	arena_free(t->arena);
	memset(t, 0, sizeof(*t));
}

void
text_reset(struct text_view *t)
{
	t->lines.len = 0;
	arena_reset(t->arena);
}

void
text_add(struct text_view *t, enum term_style style, struct str text)
{
	struct str line;
	if (text.len == 0) {
		struct text_line empty = { STR_EMPTY, style };
		if (!vec_push(&t->lines, &empty))
			return;
	}
	while (str_next_line(&text, &line)) {
		struct text_line l = { arena_str(t->arena, line), style };
		if (!vec_push(&t->lines, &l))
			return;
	}
}

void
text_prose(struct text_view *t, const char *label, size_t indent, size_t width,
    struct str prose)
{
	struct buf out = BUF_INIT(PROSE_MAX);
	struct str line;
	bool first = true;
	size_t room = width > indent + 10 ? width - indent : 10;
	while (wrap_next(&prose, room, &line)) {
		const char *head = first ? label : "";
		buf_reset(&out);
		buf_add_cstr(&out, head);
		size_t pad = utf8_columns(str_of(head));
		for (; pad < indent; pad++)
			buf_add_char(&out, ' ');
		buf_add_str(&out, line);
		text_add(t, STYLE_NORMAL, buf_str(&out));
		first = false;
	}
	buf_clear(&out);
}

static size_t
last_top(const struct text_view *t)
{
	return t->lines.len > t->rows ? t->lines.len - t->rows : 0;
}

static void
down(struct text_view *t, size_t n)
{
	t->top = t->top + n < last_top(t) ? t->top + n : last_top(t);
}

static void
up(struct text_view *t, size_t n)
{
	t->top = t->top > n ? t->top - n : 0;
}

bool
text_act(struct text_view *t, enum action action)
{
	size_t page = t->rows > 1 ? t->rows - 1 : 1;
	switch ((int)action) {
	case ACT_UP:
		up(t, 1);
		return true;
	case ACT_DOWN:
		down(t, 1);
		return true;
	case ACT_PAGE_UP:
	case ACT_TEXT_UP:
		up(t, page);
		return true;
	case ACT_PAGE_DOWN:
	case ACT_SPACE:
		down(t, page);
		return true;
	case ACT_FIRST:
		t->top = 0;
		return true;
	case ACT_LAST:
		t->top = last_top(t);
		return true;
	case ACT_LEFT:
		t->left = t->left > SIDE_STEP ? t->left - SIDE_STEP : 0;
		return true;
	case ACT_RIGHT:
		t->left += SIDE_STEP;
		return true;
	default:
		return false;
	}
}

/* The line again with its hits marked. */
static void
draw_hits(struct text_view *t, struct tui *ui, int y, const struct view *v,
    struct str line)
{
	size_t at = 0, from = 0, len;
	while (line_match_find(&t->match, line, from, &at, &len)) {
		size_t x = utf8_columns(str_sub(line, 0, at));
		if (1 + x < (size_t)v->w)
			term_put(ui->term, y, v->x + 1 + (int)x,
			    (size_t)v->w - 1 - x, STYLE_HIT,
			    str_sub(line, at, at + len));
		from = at + len;
	}
}

void
text_draw(struct text_view *t, struct tui *ui, const struct view *v)
{
	t->rows = (size_t)v->h;
	if (t->top > last_top(t))
		t->top = last_top(t);
	for (size_t i = 0; i < t->rows && t->top + i < t->lines.len; i++) {
		const struct text_line *l =
		    VEC_AT(&t->lines, struct text_line, t->top + i);
		struct str line = l->text;
		struct str before = utf8_prefix(line, t->left);
		line = str_sub(line, before.len, line.len);
		int y = v->y + (int)i;
		draw_last(ui, y, v->x + 1, (size_t)v->w - 1, l->style, line);
		draw_hits(t, ui, y, v, line);
	}
}

static bool
line_hit(const struct text_view *t, size_t i)
{
	size_t at, len;
	return line_match_find(&t->match,
	    VEC_AT(&t->lines, struct text_line, i)->text, 0, &at, &len);
}

static void
go_to_hit(struct text_view *t, size_t from, bool forward)
{
	size_t n = t->lines.len;
	for (size_t k = 0; k < n; k++) {
		size_t i = forward ? (from + k) % n : (from + n - k) % n;
		if (line_hit(t, i)) {
			t->top = i < last_top(t) ? i : last_top(t);
			return;
		}
	}
}

void
text_search(struct text_view *t, struct str text, enum line_event event)
{
	if (event == LINE_BEGIN)
		t->came_from = t->top;
	if (event == LINE_CHANGED || event == LINE_CANCELLED) {
		line_match_clear(&t->match);
		t->top = t->came_from;
		if (event == LINE_CHANGED)
			line_match_init(&t->match, text);
		t->hits = 0;
		for (size_t i = 0; i < t->lines.len; i++)
			t->hits += line_hit(t, i);
	}
	if (t->lines.len == 0 || t->hits == 0)
		return;
	if (event == LINE_CHANGED)
		go_to_hit(t, t->top, true);
	else if (event == LINE_NEXT)
		go_to_hit(t, t->top + 1, true);
	else if (event == LINE_PREVIOUS)
		go_to_hit(t, t->top + t->lines.len - 1, false);
}

void
text_status(const struct text_view *t, struct buf *out)
{
	size_t n = t->lines.len;
	buf_addf(out, _("line %zu of %zu"), n > 0 ? t->top + 1 : 0, n);
	if (t->top < last_top(t))
		buf_addf(out, "   %s", _("v more"));
	if (!line_match_is_empty(&t->match))
		buf_addf(out,
		    P_("   %zu line with '%s'", "   %zu lines with '%s'",
			t->hits),
		    t->hits, t->match.text);
}
