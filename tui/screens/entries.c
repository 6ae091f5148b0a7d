/* The entries of a list setting: add, edit, remove; the list is one wish. */
#include "core/base/i18n.h"
#include "tui/draw.h"
#include "tui/screens/form_int.h"
#include "tui/widget/field.h"

#include <stdlib.h>
#include <string.h>

enum {
	VALUE_MAX = 64 * 1024
};

struct entries {
	struct screen screen;
	const struct setting *s;
	struct vec items; /* char * */
	struct list_view list;
	struct field field;
	bool adding; /* the field is a new row */
};

static struct entries *
self(struct screen *s)
{
	return (struct entries *)s;
}

static char **
item(const struct entries *n, size_t i)
{
	return VEC_AT(&n->items, char *, i);
}

static void
append(struct entries *n, struct str text)
{
	char *copy = strndup(text.ptr, text.len);
	if (copy != NULL && !vec_push(&n->items, &copy))
		free(copy);
}

/* Split at what separates; empty parts are left out. */
static void
append_all(struct entries *n, struct str text)
{
	struct str entry;
	while (setting_list_next(n->s, &text, &entry))
		append(n, entry);
	list_resize(&n->list, n->items.len);
}

static const struct catalog_row *
row_of(struct entries *n, struct tui *ui)
{
	struct catalog *c = ui_catalog(ui);
	return c != NULL ? catalog_find(c, n->s->id) : NULL;
}

/* The entries as one value, in the form the setting stores. */
static const char *
joined(struct entries *n, struct tui *ui)
{
	struct buf out = BUF_INIT(VALUE_MAX);
	char separator = ',';
	if (n->s->separator != NULL && !ascii_is_alnum(n->s->separator[0]))
		separator = n->s->separator[0];
	for (size_t i = 0; i < n->items.len; i++) {
		if (i > 0)
			buf_add_char(&out, separator);
		buf_add_cstr(&out, *item(n, i));
	}
	const char *text = ui_text(ui, "%s", buf_cstr(&out));
	buf_clear(&out);
	return text;
}

/* Offer the list as it now is; false when it is refused. */
static bool
propose(struct entries *n, struct tui *ui)
{
	const struct catalog_row *r = row_of(n, ui);
	if (r == NULL)
		return false;
	const char *value = n->items.len > 0 ? joined(n, ui) : NULL;
	return ui_draft_set(ui, r, value);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	s->below->class->path(s->below, ui, out);
	buf_addf(out, " > %s", self(s)->s->id);
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct entries *n = self(s);
	const struct catalog_row *r = row_of(n, ui);
	int y = v->y, rows = v->h - v->help - (v->heads ? 1 : 0);
	if (v->heads)
		term_put(ui->term, y++, 3, 20, STYLE_HEAD, str_of(_("Entry")));
	bool adding = n->field.open && n->adding;
	size_t shown = n->items.len + (adding ? 1 : 0);
	size_t cur = adding ? n->items.len : n->list.cur;
	list_fit(&n->list, (size_t)rows);
	size_t top = n->list.top;
	if (cur >= top + (size_t)rows)
		top = cur - (size_t)rows + 1;
	if (shown == 0)
		term_put(ui->term, y, 3, (size_t)v->w - 3, STYLE_NORMAL,
		    str_of(_("the list is empty; + adds an entry")));
	for (size_t i = top; i < shown && y < v->y + v->h - v->help; i++) {
		bool here = i == cur;
		draw_marks(ui, y, 0, here, ' ', false);
		if (here && n->field.open)
			draw_field(ui, y, 3, v->w > 60 ? 50 : (size_t)v->w - 6,
			    &n->field.edit);
		else
			draw_last(ui, y, 3, (size_t)v->w - 3,
			    here ? STYLE_CURSOR : STYLE_NORMAL,
			    str_of(*item(n, i)));
		y++;
	}
	if (r != NULL && ui->catalog != NULL && v->help > 0)
		draw_prose(ui, v->y + v->h - v->help, 1, (size_t)v->w - 2,
		    v->help, STYLE_NORMAL,
		    str_of(catalog_help(ui->catalog, r)));
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct entries *n = self(s);
	(void)ui;
	buf_addf(out, _("entry %zu of %zu"),
	    n->items.len > 0 ? n->list.cur + 1 : 0, n->items.len);
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct catalog_row *r = row_of(self(s), ui);
	if (r != NULL)
		catalog_twin(r, out);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)ui;
	if (self(s)->field.open) {
		bar_add(b, ACT_OPEN, _("accept"));
		bar_add_key(b, "Esc", _("cancel"));
		return;
	}
	bar_add(b, ACT_ADD, NULL);
	bar_add(b, ACT_OPEN, _("edit"));
	bar_add(b, ACT_DEFAULT, _("remove"));
	bar_add(b, ACT_UNDO, NULL);
	bar_add(b, ACT_DESCRIBE, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

static void
begin(struct entries *n, bool adding)
{
	n->adding = adding || n->items.len == 0;
	field_open(
	    &n->field, n->adding ? STR("") : str_of(*item(n, n->list.cur)));
}

static void
clear_items(struct entries *n)
{
	for (size_t i = 0; i < n->items.len; i++)
		free(*item(n, i));
	n->items.len = 0;
}

/* What the draft or the database holds now. */
static void
reload(struct screen *s, struct tui *ui)
{
	struct entries *n = self(s);
	const struct catalog_row *r = row_of(n, ui);
	clear_items(n);
	if (r != NULL && catalog_has_value(r))
		append_all(n, catalog_value(r));
	list_resize(&n->list, n->items.len);
}

static void
remove_item(struct entries *n, struct tui *ui)
{
	if (n->items.len == 0)
		return;
	free(*item(n, n->list.cur));
	vec_remove(&n->items, n->list.cur);
	list_resize(&n->list, n->items.len);
	if (!propose(n, ui))
		reload(&n->screen, ui);
}

/* The typed text, which may hold several entries, in its place. */
static void
accept(struct entries *n, struct tui *ui)
{
	struct buf all = BUF_INIT(VALUE_MAX);
	size_t at = n->adding ? n->items.len : n->list.cur;
	for (size_t i = 0; i < n->items.len; i++) {
		if (i == at)
			buf_add_str(&all, field_text(&n->field));
		else
			buf_add_cstr(&all, *item(n, i));
		buf_add_char(&all, '\n');
	}
	if (n->adding)
		buf_add_str(&all, field_text(&n->field));
	clear_items(n);
	append_all(n, buf_str(&all));
	buf_clear(&all);
	if (propose(n, ui))
		field_close(&n->field);
	else
		reload(&n->screen, ui); /* as the draft has it */
	list_go(&n->list, at);
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct entries *n = self(s);
	if (list_act(&n->list, action))
		return true;
	switch ((int)action) {
	case ACT_ADD:
		begin(n, true);
		return true;
	case ACT_OPEN:
		begin(n, false);
		return true;
	case ACT_DEFAULT:
		remove_item(n, ui);
		return true;
	case ACT_DESCRIBE:
		ui_push(ui, describe_new(ui, n->s));
		return true;
	default:
		return false;
	}
}

static bool
key(struct screen *s, struct tui *ui, const struct input_key *k)
{
	struct entries *n = self(s);
	bool entered;
	bool taken = field_key(&n->field, k, &entered);
	if (entered)
		accept(n, ui);
	return taken;
}

/* Several entries may be pasted at once. */
static bool
paste(struct screen *s, struct tui *ui, struct str text)
{
	(void)ui;
	return field_paste(&self(s)->field, text);
}

static void
entries_free(struct screen *s, struct tui *ui)
{
	struct entries *n = self(s);
	(void)ui;
	clear_items(n);
	vec_clear(&n->items);
	field_close(&n->field);
	free(n);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_ADD, ACT_OPEN, ACT_DEFAULT,
	ACT_DESCRIBE, ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_DRAFT,
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.key = key,
	.paste = paste,
	.reload = reload,
	.free = entries_free,
};

struct screen *
entries_new(struct tui *ui, const struct catalog_row *row)
{
	struct entries *n = calloc(1, sizeof(*n));
	if (n == NULL)
		return NULL;
	n->screen.class = &class;
	n->s = row->s;
	n->items = (struct vec)VEC_INIT(char *);
	field_init(&n->field);
	reload(&n->screen, ui);
	return &n->screen;
}
