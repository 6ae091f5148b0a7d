/* Drawing the form: rows, the open editor, help below, the right pane. */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/form_int.h"

#include <string.h>

enum {
	TEXT_MAX = 8192,
	NAME_X = 3,
	NAME_MIN = 29, /* columns of the name at 80 */
	NAME_MAX = 39,
	NAME_NARROW = 18,
	NAME_PANE = 19,
	VALUE_W = 30,
	EDIT_W = 9, /* inside the brackets */
	WAS_X = 11, /* "was 4" begins two blanks after so many columns */
	PANES_W = 110,
	PANE_LIST_W = 52,
};

/* Columns of one paint. */
struct columns {
	int name_w, value_x, value_w, default_x;
	int end; /* of the list */
	bool narrow;
};

static size_t
longest_name(const struct form *f)
{
	size_t most = 0;
	for (size_t i = 0; i < f->items.len; i++) {
		const struct form_item *item =
		    VEC_AT(&f->items, struct form_item, i);
		size_t n = item->row != NULL ? strlen(item->row->s->id) : 0;
		most = n > most ? n : most;
	}
	return most;
}

static struct columns
layout(const struct form *f, const struct view *v, int w)
{
	struct columns c = { .narrow = v->narrow, .end = v->x + w };
	size_t name = longest_name(f) + 2;
	c.name_w = NAME_MIN;
	if (w < v->w)
		c.name_w = NAME_PANE;
	else if (v->narrow)
		c.name_w = NAME_NARROW;
	else if (name > NAME_MIN)
		c.name_w = name < NAME_MAX ? (int)name : NAME_MAX;
	c.value_x = NAME_X + c.name_w;
	c.value_w = VALUE_W;
	c.default_x = c.value_x + VALUE_W;
	if (c.default_x >= w || v->narrow || w < v->w) {
		c.default_x = -1;
		c.value_w = w - c.value_x;
	}
	return c;
}

static void
draw_editor(struct form *f, struct tui *ui, int y, const struct columns *c)
{
	const struct catalog_row *r = form_row(f);
	struct buf old = BUF_INIT(TEXT_MAX);
	size_t most = (size_t)c->value_w - 3, inner = EDIT_W;
	size_t need = utf8_columns(edit_text(&f->edit)) + 1;
	if (need > inner)
		inner = need < most ? need : most;
	term_put(ui->term, y, c->value_x, 1, STYLE_EDIT, STR("["));
	term_put(
	    ui->term, y, c->value_x + 1 + (int)inner, 1, STYLE_EDIT, STR("]"));
	catalog_show_old(r, &old);
	if (inner + 4 + utf8_columns(buf_str(&old)) <= (size_t)c->value_w - 1)
		term_put(ui->term, y, c->value_x + (int)inner + 4,
		    (size_t)c->value_w, STYLE_NORMAL, buf_str(&old));
	edit_draw(&f->edit, ui->term, y, c->value_x + 1, inner, STYLE_EDIT);
	buf_clear(&old);
}

static void
draw_value(
    struct tui *ui, const struct catalog_row *r, int y, const struct columns *c)
{
	struct buf value = BUF_INIT(TEXT_MAX), old = BUF_INIT(TEXT_MAX);
	enum term_style style = r->draft != NULL ? STYLE_DRAFT : STYLE_NORMAL;
	catalog_show(r, c->narrow, &value);
	if (!r->visible) {
		buf_reset(&value);
		buf_addf(&value, _("(needs %s %s)"), r->s->visible_if_id,
		    r->s->visible_if_value);
	}
	if (r->moved)
		buf_addf(&old, _("! changed: %.*s"), STR_ARG(r->stored.stored));
	else if (r->draft != NULL)
		catalog_show_old(r, &old);
	else if (catalog_is_bad(r))
		buf_addf(&old, _("! stored: %.*s"), STR_ARG(r->stored.stored));
	size_t at = utf8_columns(buf_str(&value));
	if (at < WAS_X)
		at = WAS_X;
	at += 2;
	struct str text = buf_str(&value);
	if (old.len > 0 && !c->narrow &&
	    at + utf8_columns(buf_str(&old)) <= (size_t)c->value_w - 1) {
		term_put(ui->term, y, c->value_x, at, style, text);
		term_put(ui->term, y, c->value_x + (int)at, (size_t)c->value_w,
		    STYLE_NORMAL, buf_str(&old));
	} else if (c->default_x < 0) {
		draw_last(ui, y, c->value_x, (size_t)c->value_w, style, text);
	} else {
		draw_cell(ui, y, c->value_x, (size_t)c->value_w, style, text);
	}
	buf_clear(&value);
	buf_clear(&old);
}

static void
draw_default(
    struct tui *ui, const struct catalog_row *r, int y, const struct columns *c)
{
	const char *text = r->s->default_value;
	if (c->default_x < 0)
		return;
	if (text == NULL || *text == '\0')
		text = r->s->default_from != NULL
			   ? ui_text(ui, _("as %s"), r->s->default_from)
			   : "-";
	draw_last(ui, y, c->default_x, (size_t)(c->end - c->default_x),
	    STYLE_NORMAL, str_of(text));
}

/* What is typed now is what is in force. */
static bool
typed_is_stored(const struct form *f, const struct catalog_row *r)
{
	return str_eq(str_trim(edit_text(&f->edit)), r->stored.value);
}

static bool
typed_is_risky(
    const struct form *f, struct tui *ui, const struct catalog_row *r)
{
	struct str typed = str_trim(edit_text(&f->edit));
	return !typed_is_stored(f, r) &&
	       setting_value_is_risky(r->s, arena_cstr(ui->scratch, typed));
}

static void
draw_row(struct form *f, struct tui *ui, int y, const struct columns *c,
    const struct catalog_row *r, bool cursor)
{
	const char *name = r->s->id;
	if (f->summaries && ui->catalog != NULL)
		name = catalog_help(ui->catalog, r);
	char state = catalog_state(r);
	bool alarm = catalog_alarm(r);
	if (cursor && f->editing && !f->edit.secret) {
		if (!typed_is_stored(f, r))
			state = '*';
		alarm = f->problem[0] != '\0' || typed_is_risky(f, ui, r);
	}
	draw_marks(ui, y, 0, cursor, state, alarm);
	draw_cell(ui, y, NAME_X, (size_t)c->name_w,
	    cursor ? STYLE_CURSOR : STYLE_NORMAL, str_of(name));
	if (cursor && f->editing)
		draw_editor(f, ui, y, c);
	else
		draw_value(ui, r, y, c);
	draw_default(ui, r, y, c);
}

/* Help, range and risk of the row as one text; the problem of what is typed
   comes first. */
static void
help_text(struct form *f, struct tui *ui, struct buf *out)
{
	const struct catalog_row *r = form_row(f);
	const struct catalog *c = ui_catalog(ui);
	if (r == NULL || c == NULL)
		return;
	if (f->editing && f->problem[0] != '\0') {
		buf_addf(out, "! %s. ", f->problem);
	}
	if (f->editing && f->secret == FORM_SECRET_AGAIN) {
		buf_add_cstr(out, _("Type it once more."));
		return;
	}
	buf_addf(out, "%s ", catalog_help(c, r));
	size_t from = out->len;
	catalog_range(r, out);
	if (out->len > from)
		buf_add_cstr(out, ". ");
	if (r->stored.problem != NULL && r->draft == NULL)
		buf_addf(out, "! %s ", r->stored.problem);
	if (r->moved)
		buf_addf(out, "%s ",
		    _("! somebody stored another value since; the plan shows "
		      "both."));
	const char *value = r->draft != NULL ? r->draft->value : NULL;
	if (f->editing
		? typed_is_risky(f, ui, r)
		: r->draft != NULL && setting_value_is_risky(r->s, value))
		buf_addf(out, "! %s.", setting_risk_shown(r->s->risk));
}

void
form_hint(struct screen *s, struct tui *ui, struct buf *out)
{
	struct form *f = (struct form *)s;
	const struct catalog_row *r = form_row(f);
	if (r == NULL)
		return;
	if (f->editing && f->problem[0] != '\0') {
		buf_addf(out, "! %s", f->problem);
		return;
	}
	if (r->s->min != NULL && r->s->max != NULL)
		buf_addf(out, "%s-%s", r->s->min, r->s->max);
	else
		catalog_range(r, out);
	bool risky = f->editing ? typed_is_risky(f, ui, r) : catalog_alarm(r);
	if (risky && setting_risk_shown(r->s->risk) != NULL)
		buf_addf(out, "%s! %s", out->len > 0 ? ", " : "",
		    setting_risk_shown(r->s->risk));
}

static void
draw_heads(struct tui *ui, int y, const struct columns *c)
{
	term_put(ui->term, y, NAME_X, (size_t)c->name_w, STYLE_HEAD,
	    str_of(_("Setting")));
	term_put(ui->term, y, c->value_x, (size_t)c->value_w, STYLE_HEAD,
	    str_of(_("Value")));
	if (c->default_x >= 0)
		term_put(ui->term, y, c->default_x, 20, STYLE_HEAD,
		    str_of(_("Default")));
}

static void
draw_area(struct tui *ui, int y, int w, const char *area)
{
	struct buf name = BUF_INIT(256);
	catalog_area(area, &name);
	draw_rule(ui, y, 0, (size_t)w, buf_str(&name));
	buf_clear(&name);
}

/* One item; headings need room and more than one column of rows. */
static void
draw_item(
    struct form *f, struct tui *ui, int y, const struct columns *c, size_t i)
{
	const struct form_item *item = VEC_AT(&f->items, struct form_item, i);
	if (item->row == NULL)
		draw_area(ui, y, c->end, item->area);
	else
		draw_row(f, ui, y, c, item->row, i == f->list.cur);
}

/* Small windows show no headings: rows only. */
static void
draw_rows_only(struct form *f, struct tui *ui, const struct view *v,
    const struct columns *c)
{
	size_t rows = (size_t)v->h, first = f->list.top;
	while (first < f->list.cur) {
		size_t between = 0;
		for (size_t i = first; i <= f->list.cur; i++)
			between +=
			    VEC_AT(&f->items, struct form_item, i)->row != NULL;
		if (between <= rows)
			break;
		first++;
	}
	f->list.top = first;
	f->list.rows = rows;
	int y = v->y;
	for (size_t i = first; i < f->items.len && y < v->y + v->h; i++)
		if (VEC_AT(&f->items, struct form_item, i)->row != NULL)
			draw_item(f, ui, y++, c, i);
}

static void
draw_list(struct form *f, struct tui *ui, const struct view *v,
    const struct columns *c, int rows)
{
	int y = v->y;
	if (v->heads && c->end == v->w)
		draw_heads(ui, y++, c);
	list_fit(&f->list, (size_t)rows);
	for (size_t i = f->list.top; i < f->items.len && rows > 0; i++, rows--)
		draw_item(f, ui, y++, c, i);
}

static void
draw_detail(struct form *f, struct tui *ui, const struct view *v)
{
	const struct catalog_row *r = form_row(f);
	struct view pane = *v;
	pane.x = PANE_LIST_W + 1;
	pane.w = v->w - pane.x;
	for (int y = v->y; y < v->y + v->h; y++)
		term_repeat(
		    ui->term, y, PANE_LIST_W, 1, STYLE_NORMAL, SIGN_DIVIDER);
	if (r == NULL)
		return;
	if (f->detail_of != r || f->detail_w != pane.w) {
		text_reset(&f->detail);
		describe_fill(&f->detail, ui, r, (size_t)pane.w - 2);
		f->detail.top = 0;
		f->detail_of = r;
		f->detail_w = pane.w;
	}
	text_draw(&f->detail, ui, &pane);
}

void
form_draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct form *f = (struct form *)s;
	struct buf help = BUF_INIT(TEXT_MAX);
	bool panes = v->w >= PANES_W;
	struct columns c = layout(f, v, panes ? PANE_LIST_W : v->w);
	const struct catalog_row *r = form_row(f);
	f->at = r != NULL ? r->s : f->at;
	if (f->items.len == 0)
		term_put(ui->term, v->y + 1, 3, (size_t)v->w - 3, STYLE_NORMAL,
		    str_of(_("no setting to show here")));
	if (!v->heads && !panes) {
		draw_rows_only(f, ui, v, &c);
		return;
	}
	int rows = v->h - (v->heads && !panes ? 1 : 0) - (panes ? 0 : v->help);
	if (panes)
		draw_detail(f, ui, v);
	draw_list(f, ui, v, &c, rows);
	if (!panes) {
		help_text(f, ui, &help);
		draw_prose(ui, v->y + v->h - v->help, 1, (size_t)v->w - 2,
		    v->help, STYLE_NORMAL, buf_str(&help));
	}
	buf_clear(&help);
}
