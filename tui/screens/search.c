/* Search over every setting and command (screens.md 4.5). */
#include "tui/screens/search_int.h"

#include "core/base/i18n.h"
#include "tui/catalog.h"
#include "tui/draw.h"

#include <stdlib.h>
#include <string.h>

enum {
	NAME_X = 3,
	VALUE_X = 32,
	MATCH_X = 48,
	TEXT_MAX = 4096,
};

static struct search *
self(struct screen *s)
{
	return (struct search *)s;
}

static bool
skips(const void *ctx, size_t i)
{
	const struct search *q = ctx;
	return VEC_AT(&q->items, struct search_item, i)->kind == SEARCH_HEADING;
}

static const struct search_item *
current(const struct search *q)
{
	if (q->list.cur >= q->items.len)
		return NULL;
	return VEC_AT(&q->items, struct search_item, q->list.cur);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_addf(out, "%s > %s", _("Settings"), _("search"));
}

static void
draw_setting(struct tui *ui, const struct view *v, int y,
    const struct search_item *item, bool cur)
{
	struct buf value = BUF_INIT(TEXT_MAX);
	struct catalog *c = ui_catalog(ui);
	const struct catalog_row *r =
	    c != NULL ? catalog_find(c, item->s->id) : NULL;
	int value_x = v->narrow ? 21 : VALUE_X;
	int value_w = v->narrow ? v->w - value_x : MATCH_X - VALUE_X;
	if (r != NULL) {
		draw_marks(ui, y, 0, cur, catalog_state(r), catalog_alarm(r));
		catalog_show(r, true, &value);
	}
	draw_cell(ui, y, NAME_X, (size_t)(value_x - NAME_X),
	    cur ? STYLE_CURSOR : STYLE_NORMAL, str_of(item->s->id));
	if (item->kind == SEARCH_OTHER)
		buf_addf(&value,
		    item->s->until != NULL ? _("until SME %s")
					   : _("since SME %s"),
		    item->s->until != NULL   ? item->s->until
		    : item->s->since != NULL ? item->s->since
					     : "?");
	draw_cell(
	    ui, y, value_x, (size_t)value_w, STYLE_NORMAL, buf_str(&value));
	if (!v->narrow)
		draw_last(ui, y, MATCH_X, (size_t)(v->w - MATCH_X),
		    STYLE_NORMAL, str_of(item->matched));
	buf_clear(&value);
}

static void
draw_item(
    struct search *q, struct tui *ui, const struct view *v, int y, size_t i)
{
	const struct search_item *item =
	    VEC_AT(&q->items, struct search_item, i);
	bool cur = i == q->list.cur;
	enum term_style style = cur ? STYLE_CURSOR : STYLE_NORMAL;
	int second = v->narrow ? 21 : VALUE_X;
	size_t w = (size_t)(v->w - second);
	draw_marks(ui, y, 0, cur, ' ', false);
	switch (item->kind) {
	case SEARCH_HEADING:
		term_put(ui->term, y, 1, (size_t)v->w - 1, STYLE_HEAD,
		    str_of(item->text));
		break;
	case SEARCH_SETTING:
	case SEARCH_OTHER:
		draw_setting(ui, v, y, item, cur);
		break;
	case SEARCH_COMMAND:
		draw_cell(ui, y, NAME_X, (size_t)(second - NAME_X), style,
		    str_of(item->text));
		draw_last(
		    ui, y, second, w, STYLE_NORMAL, str_of(item->matched));
		break;
	case SEARCH_SAME:
		draw_cell(ui, y, NAME_X, (size_t)(second - NAME_X), style,
		    str_of(item->text));
		draw_last(ui, y, second, w, STYLE_NORMAL,
		    str_of(ui_text(ui,
			P_("%zu setting: Tab searches for it",
			    "%zu settings: Tab searches for it", item->more),
			item->more)));
		break;
	}
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct search *q = self(s);
	const struct search_item *cur = current(q);
	int y = v->y, help = v->help > 0 ? 1 : 0;
	int rows = v->h - help - (v->heads ? 1 : 0);
	if (v->heads) {
		term_put(
		    ui->term, y, NAME_X, 20, STYLE_HEAD, str_of(_("Setting")));
		term_put(
		    ui->term, y, VALUE_X, 15, STYLE_HEAD, str_of(_("Value")));
		term_put(ui->term, y++, MATCH_X, 20, STYLE_HEAD,
		    str_of(_("Matched in")));
	}
	list_fit(&q->list, (size_t)rows);
	for (size_t i = q->list.top; i < q->items.len && rows > 0; i++, rows--)
		draw_item(q, ui, v, y++, i);
	if (help > 0 && cur != NULL && cur->s != NULL) {
		const char *text = ui->model.french && cur->s->help_fr != NULL
				       ? cur->s->help_fr
				       : cur->s->help;
		if (text != NULL)
			draw_prose(ui, v->y + v->h - 1, 1, (size_t)v->w - 2, 1,
			    STYLE_NORMAL, str_of(text));
	}
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct search *q = self(s);
	const struct catalog *c = ui_catalog(ui);
	if (q->query[0] == '\0') {
		buf_add_cstr(out, _("type words of an id, a property or a "
				    "summary"));
		return;
	}
	buf_addf(out,
	    _("%zu of %zu settings, %zu commands, %zu of another "
	      "release"),
	    q->settings, c != NULL ? c->n : 0, q->commands, q->others);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)s;
	(void)ui;
	bar_add(b, ACT_OPEN, _("go there"));
	bar_add_key(b, "Up Down", _("choose"));
	bar_add(b, ACT_NEXT, _("same meaning"));
	bar_add_key(b, "Esc", _("back to where you were"));
}

static void
set_query(struct search *q, struct tui *ui, struct str text)
{
	struct str cut = str_sub(text, 0, SEARCH_QUERY_MAX - 1);
	memcpy(q->query, cut.ptr != NULL ? cut.ptr : "", cut.len);
	q->query[cut.len] = '\0';
	search_find(q, ui);
}

/* Go to what the cursor is on, in place of this screen. */
static void
go(struct search *q, struct tui *ui)
{
	const struct search_item *item = current(q);
	if (item == NULL) {
		ui_pop(ui);
		ui_say(ui, "%s", _("nothing found"));
		return;
	}
	const struct setting *s = item->s;
	enum search_kind kind = item->kind;
	const char *text = item->text;
	if (kind == SEARCH_SAME) {
		set_query(q, ui, str_of(text));
		ui_line_begin(ui, LINE_SEARCH, str_of(text));
		return;
	}
	ui_pop(ui);
	if (kind == SEARCH_COMMAND) {
		ui_line_begin(
		    ui, LINE_COMMAND, str_of(ui_text(ui, "%s ", text)));
	} else if (kind == SEARCH_OTHER) {
		ui_push(ui, describe_new(ui, s));
	} else {
		struct screen *form = form_new(ui, &s->area, 1, false);
		if (form != NULL)
			form_go(form, s->id);
		ui_push(ui, form);
	}
}

static void
search(struct screen *s, struct tui *ui, struct str text, enum line_event event)
{
	struct search *q = self(s);
	if (event == LINE_CHANGED)
		set_query(q, ui, text);
	else if (event == LINE_CANCELLED)
		ui_pop(ui);
	else if (event == LINE_ACCEPTED)
		go(q, ui);
}

/* While the line is typed: the list moves, Tab takes the other word. */
static bool
key(struct screen *s, struct tui *ui, const struct input_key *k)
{
	struct search *q = self(s);
	if (k->code == INPUT_UP || k->code == INPUT_DOWN)
		return list_act(
		    &q->list, k->code == INPUT_UP ? ACT_UP : ACT_DOWN);
	if (k->code == INPUT_PAGE_UP || k->code == INPUT_PAGE_DOWN)
		return list_act(&q->list,
		    k->code == INPUT_PAGE_UP ? ACT_PAGE_UP : ACT_PAGE_DOWN);
	if (k->code != INPUT_TAB)
		return false;
	for (size_t i = 0; i < q->items.len; i++) {
		const struct search_item *item =
		    VEC_AT(&q->items, struct search_item, i);
		if (item->kind != SEARCH_SAME)
			continue;
		const char *text = item->text;
		ui_line_begin(ui, LINE_SEARCH, str_of(text));
		set_query(q, ui, str_of(text));
		return true;
	}
	return true;
}

static void
search_free(struct screen *s, struct tui *ui)
{
	(void)ui;
	vec_clear(&self(s)->items);
	free(s);
}

static const struct screen_class class = {
	.path = path,
	.draw = draw,
	.status = status,
	.bar = bar,
	.key = key,
	.search = search,
	.free = search_free,
};

void
search_begin(struct tui *ui)
{
	struct search *q = calloc(1, sizeof(*q));
	if (q == NULL)
		return;
	q->screen.class = &class;
	q->items = (struct vec)VEC_INIT(struct search_item);
	q->list.skip = skips;
	q->list.ctx = q;
	ui_push(ui, &q->screen);
	ui_line_begin(ui, LINE_SEARCH, STR(""));
}
