/* Drawing the lists: lists on the left, entries on the right. */
#include "core/base/i18n.h"
#include "tui/draw.h"
#include "tui/screens/lists_int.h"

enum {
	DIVIDER_X = 27, /* of 80 columns */
	COUNT_END = 25,
	BELOW = 6,
	FIELD_MAX = 50,
};

static void
draw_left(struct lists_screen *l, struct tui *ui, const struct view *v, int y,
    int height, int end)
{
	if (v->heads) {
		term_put(ui->term, y, 3, 20, STYLE_HEAD, str_of(_("List")));
		draw_right(ui, y++, end, STYLE_HEAD, str_of(_("Entries")));
		height--;
	}
	list_fit(&l->list, (size_t)height);
	for (size_t i = l->list.top; i < l->n_left && height > 0;
	     i++, height--, y++) {
		const struct left *row = &l->left[i];
		bool here = i == l->list.cur;
		enum term_style style =
		    here && !l->in_entries ? STYLE_CURSOR : STYLE_NORMAL;
		if (row->list == NULL) {
			term_put(ui->term, y, 3, 20, STYLE_HEAD,
			    str_of(row->accepts ? _("accept") : _("refuse")));
			continue;
		}
		if (here)
			term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
		term_put(ui->term, y, 5, 17, style, str_of(row->list->name));
		draw_right(ui, y, end, STYLE_NORMAL,
		    str_of(ui_text(ui, "%zu", row->entries)));
	}
}

/* Where the right pane is drawn. */
struct pane {
	struct lists_screen *l;
	struct tui *ui;
	int x, w;
};

static void
draw_entry(void *ctx, int y, size_t i, bool cursor)
{
	struct pane *p = ctx;
	const struct right *row = &p->l->right[i];
	bool here = cursor && p->l->in_entries && !p->l->field.open;
	char state = row->state == '-' ? 'x' : row->state;
	draw_marks(p->ui, y, p->x, here, state, row->problem != NULL);
	draw_last(p->ui, y, p->x + 3, (size_t)(p->w - 3),
	    here ? STYLE_CURSOR : STYLE_NORMAL, str_of(row->text));
}

static void
draw_right_pane(struct lists_screen *l, struct tui *ui, const struct view *v,
    int y, int height, int x)
{
	struct pane p = { l, ui, x, v->w - x };
	size_t field = p.w - 6 < FIELD_MAX ? (size_t)(p.w - 6) : FIELD_MAX;
	if (v->heads) {
		term_put(
		    ui->term, y++, x + 3, 20, STYLE_HEAD, str_of(_("Entry")));
		height--;
	}
	if (l->field.open)
		height--;
	if (l->n_right == 0 && !l->field.open)
		draw_last(ui, y, x + 3, (size_t)(p.w - 3), STYLE_NORMAL,
		    str_of(_("empty; + adds an entry")));
	rows_draw(&l->rows, y, height, draw_entry, &p);
	if (!l->field.open)
		return;
	int at = (int)(l->rows.list.n - l->rows.list.top);
	y += at < height ? at : height;
	draw_marks(ui, y, x, true, '+', false);
	draw_field(ui, y, x + 3, field, &l->field.edit);
}

/* What is typed, judged. */
static void
typed_text(struct lists_screen *l, struct tui *ui, struct buf *out)
{
	const struct lists_list *list = lists_current(l);
	struct str typed = str_trim(field_text(&l->field));
	struct buf normal = BUF_INIT(LISTS_TEXT_MAX);
	struct err e = ERR_INIT;
	bool ask;
	if (typed.len == 0 || list == NULL || ui_catalog(ui) == NULL)
		return;
	if (!lists_normal(list, typed, &normal, &e))
		buf_addf(out, "! %s", e.text);
	else if (!str_eq(buf_str(&normal), typed))
		buf_addf(out, _("! '%.*s' is written '%s' here. Tab takes it."),
		    STR_ARG(typed), buf_cstr(&normal));
	const char *warning = normal.len > 0 ? lists_warning(ui->catalog->store,
						   list, buf_str(&normal), &ask)
					     : NULL;
	if (warning != NULL)
		buf_addf(out, "\n! %s", warning);
	buf_clear(&normal);
}

static void
draw_below(struct lists_screen *l, struct tui *ui, const struct view *v)
{
	const struct lists_list *list = lists_current(l);
	struct buf text = BUF_INIT(4 * LISTS_TEXT_MAX);
	size_t i;
	int y = v->y + v->h - BELOW;
	draw_rule(ui, y, 1, (size_t)v->w - 1, STR(""));
	if (list != NULL)
		buf_addf(&text, _("%s: %s. %s Forms: %s."), list->name,
		    _(list->help), _(list->acts), list->forms);
	if (l->field.open) {
		buf_add_char(&text, '\n');
		typed_text(l, ui, &text);
	} else if (l->in_entries && rows_current(&l->rows, &i) &&
		   l->right[i].problem != NULL) {
		buf_addf(&text, "\n! %s", l->right[i].problem);
	}
	draw_prose(ui, y + 1, 1, (size_t)v->w - 2, BELOW - 1, STYLE_NORMAL,
	    buf_str(&text));
	buf_clear(&text);
}

void
lists_draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct lists_screen *l = lists_self(s);
	int below = v->help > 0 ? BELOW : 0;
	int height = v->h - below;
	if (v->narrow) { /* one pane at a time */
		if (l->in_entries)
			draw_right_pane(l, ui, v, v->y, height, 0);
		else
			draw_left(l, ui, v, v->y, height, v->w - 1);
		return;
	}
	draw_left(l, ui, v, v->y, height, COUNT_END);
	for (int y = v->y; y < v->y + height; y++)
		term_put(ui->term, y, DIVIDER_X, 1, STYLE_HEAD,
		    term_sign(ui->term, SIGN_DIVIDER));
	draw_right_pane(l, ui, v, v->y, height, DIVIDER_X + 1);
	if (below > 0)
		draw_below(l, ui, v);
}
