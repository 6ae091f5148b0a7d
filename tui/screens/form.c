/* Settings of one or more areas as a form (screens.md 4.3). */
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "tui/screens/form_int.h"

#include <stdlib.h>
#include <string.h>

enum {
	LINE_MAX_BYTES = 4096
};

static struct form *
self(struct screen *s)
{
	return (struct form *)s;
}

static bool
is_heading(const void *ctx, size_t i)
{
	const struct form *f = ctx;
	return VEC_AT(&f->items, struct form_item, i)->row == NULL;
}

struct catalog_row *
form_row(const struct form *f)
{
	if (f->list.cur >= f->items.len)
		return NULL;
	return VEC_AT(&f->items, struct form_item, f->list.cur)->row;
}

/* Does the row pass the filters typed by the user? */
static bool
passes(
    const struct form *f, const struct catalog *c, const struct catalog_row *r)
{
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	if (line_filter_is_empty(&f->filter))
		return true;
	buf_addf(&line, "%s ", r->s->id);
	catalog_show(r, false, &line);
	buf_addf(&line, " %s", catalog_help(c, r));
	bool ok = line_filter_keeps(&f->filter, buf_str(&line));
	buf_clear(&line);
	return ok;
}

static void
area_add(struct form *f, const struct catalog *c, const char *area)
{
	struct form_item heading = { area, NULL };
	bool headed = false;
	for (size_t i = 0; i < c->n; i++) {
		struct catalog_row *r = &c->rows[i];
		struct form_item item = { area, r };
		if (strcmp(r->s->area, area) != 0)
			continue;
		if (!r->visible && !f->all) {
			f->hidden++;
			continue;
		}
		if (f->set_only && !catalog_is_set(r)) {
			f->hidden++;
			continue;
		}
		if (!passes(f, c, r))
			continue;
		if (!headed && !vec_push(&f->items, &heading))
			return;
		headed = true;
		if (!vec_push(&f->items, &item))
			return;
	}
}

void
form_go(struct screen *s, const char *id)
{
	struct form *f = self(s);
	for (size_t i = 0; i < f->items.len; i++) {
		const struct catalog_row *r =
		    VEC_AT(&f->items, struct form_item, i)->row;
		if (r != NULL && strcmp(r->s->id, id) == 0)
			list_go(&f->list, i);
	}
}

/* Rows anew, the cursor on the setting it was on. */
static void
reload(struct screen *s, struct tui *ui)
{
	struct form *f = self(s);
	struct catalog *c = ui_catalog(ui);
	const char *id = f->at != NULL ? f->at->id : NULL;
	f->items.len = 0;
	f->hidden = 0;
	f->detail_of = NULL;
	if (c == NULL) {
		list_resize(&f->list, 0);
		return;
	}
	for (size_t i = 0; i < f->n_areas; i++)
		area_add(f, c, f->areas[i]);
	list_resize(&f->list, f->items.len);
	if (id != NULL)
		form_go(s, id);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	struct form *f = self(s);
	(void)ui;
	buf_addf(out, "%s > ", _("Settings"));
	for (size_t i = 0; i < f->n_areas; i++)
		buf_addf(out, "%s%s", i > 0 ? ", " : "", f->areas[i]);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct form *f = self(s);
	(void)ui;
	buf_addf(out, _("setting %zu of %zu"), list_position(&f->list),
	    list_count(&f->list));
	if (!line_filter_is_empty(&f->filter)) {
		buf_add_cstr(out, "   ");
		line_filter_show(&f->filter, out);
	}
	if (f->all)
		buf_addf(out, "   %s", _("& all, with what is not in use"));
	if (f->set_only) {
		buf_addf(out, "   %s", _("& set, draft or marked"));
		buf_addf(out, "   ");
		buf_addf(out, _("%zu at default hidden"), f->hidden);
	}
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	struct form *f = self(s);
	const struct catalog_row *r = form_row(f);
	(void)ui;
	if (f->editing && r != NULL) {
		buf_addf(out, "smemail set %s ", r->s->id);
		if (f->edit.secret)
			buf_add_cstr(out, "--stdin");
		else
			escape_shell(out, edit_text(&f->edit));
		return;
	}
	if (r != NULL && r->draft != NULL) {
		catalog_twin(r, out);
		return;
	}
	buf_add_cstr(out, "smemail list");
	for (size_t i = 0; i < f->n_areas; i++) {
		buf_add_char(out, ' ');
		escape_shell(out, str_of(f->areas[i]));
	}
}

static const char *
plan_label(struct tui *ui)
{
	size_t n = draft_count(ui->draft);
	return n > 0 ? ui_text(ui, "%s %zu", _("plan"), n) : _("plan");
}

static void
bar_editing(const struct form *f, struct tui *ui, struct bar *b)
{
	const struct catalog_row *r = form_row(f);
	bool narrow = term_columns(ui->term) < 60;
	if (narrow) {
		bar_add(b, ACT_OPEN, _("ok"));
		bar_add_key(b, "Esc", _("old"));
	} else {
		bar_add(b, ACT_OPEN, _("accept"));
		bar_add_key(b, "Esc", _("old value"));
	}
	if (r != NULL && strcmp(r->s->type->name, "int") != 0) {
		bar_add_key(b, "Ctrl-U", _("clear"));
		bar_add_key(b, "Ctrl-W", _("clear word"));
		return;
	}
	if (!narrow) {
		bar_add(b, ACT_DEFAULT, NULL);
		bar_add(b, ACT_DESCRIBE, NULL);
		bar_add(b, ACT_STORE, NULL);
	}
	bar_add(b, ACT_PLAN, narrow ? NULL : plan_label(ui));
	bar_add(b, ACT_HELP, NULL);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	struct form *f = self(s);
	if (f->editing) {
		bar_editing(f, ui, b);
		return;
	}
	bar_add(b, ACT_OPEN, _("edit"));
	bar_add(b, ACT_DEFAULT, NULL);
	bar_add(b, ACT_DESCRIBE, NULL);
	bar_add(b, ACT_SEARCH, NULL);
	bar_add(b, ACT_FILTER, NULL);
	bar_add(b, ACT_STORE, NULL);
	bar_add(b, ACT_PLAN, plan_label(ui));
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct form *f = self(s);
	const struct catalog_row *r = form_row(f);
	if (list_act(&f->list, action))
		return true;
	switch ((int)action) {
	case ACT_OPEN:
		form_open(f, ui);
		return true;
	case ACT_SPACE:
		form_switch(f, ui);
		return true;
	case ACT_LEFT:
	case ACT_RIGHT:
		form_step_choice(f, ui, action == ACT_RIGHT);
		return true;
	case ACT_DEFAULT:
		form_default(f, ui);
		return true;
	case ACT_DESCRIBE:
		if (r != NULL)
			ui_push(ui, describe_new(ui, r->s));
		return true;
	case ACT_STORE:
		ui_draft_store(ui);
		return true;
	case ACT_UNDO:
		return form_retype(f, ui);
	case ACT_VIEW:
		f->summaries = !f->summaries;
		return true;
	case ACT_SEARCH:
		search_begin(ui);
		return true;
	default:
		return false;
	}
}

static bool
key(struct screen *s, struct tui *ui, const struct input_key *k)
{
	struct form *f = self(s);
	if (f->editing)
		return form_edit_key(f, ui, k);
	if (k->code == INPUT_BACKSPACE) {
		ui_say(ui, "%s", _("x sets the default, Enter edits"));
		return true;
	}
	return false;
}

static bool
paste(struct screen *s, struct tui *ui, struct str text)
{
	struct form *f = self(s);
	if (!f->editing)
		return false;
	form_edit_paste(f, ui, text);
	return true;
}

static bool
filter(struct screen *s, struct tui *ui, struct str text)
{
	struct form *f = self(s);
	bool ok = true;
	if (text.len == 0) {
		line_filter_clear(&f->filter);
		f->set_only = f->all = false;
	} else if (str_is(text, "set")) {
		f->set_only = true;
	} else if (str_is(text, "all")) {
		f->all = true;
	} else {
		ok = line_filter_add(&f->filter, text);
	}
	if (!ok)
		ui_say(ui, "%s", _("too many filters; empty clears them"));
	reload(s, ui);
	if (f->items.len == 0)
		ui_say(ui, "%s",
		    _("no setting passes this filter; & and "
		      "Enter clears it"));
	return ok;
}

static void
form_free(struct screen *s, struct tui *ui)
{
	struct form *f = self(s);
	(void)ui;
	for (size_t i = 0; i < f->n_areas; i++)
		free(f->areas[i]);
	free(f->areas);
	vec_clear(&f->items);
	line_filter_clear(&f->filter);
	edit_clear(&f->edit);
	if (f->first != NULL)
		explicit_bzero(f->first, strlen(f->first));
	free(f->first);
	free(f->typed);
	text_clear(&f->detail);
	free(f);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_LEFT, ACT_RIGHT, ACT_OPEN,
	ACT_SPACE, ACT_DEFAULT, ACT_DESCRIBE, ACT_STORE, ACT_UNDO, ACT_VIEW,
	ACT_SEARCH, ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_DRAFT,
	.actions = actions,
	.path = path,
	.draw = form_draw,
	.status = status,
	.twin = twin,
	.hint = form_hint,
	.bar = bar,
	.act = act,
	.key = key,
	.paste = paste,
	.filter = filter,
	.reload = reload,
	.free = form_free,
};

struct screen *
form_new(struct tui *ui, const char *const *areas, size_t n, bool set_only)
{
	struct form *f = calloc(1, sizeof(*f));
	if (f == NULL)
		return NULL;
	f->screen.class = &class;
	f->items = (struct vec)VEC_INIT(struct form_item);
	f->list.skip = is_heading;
	f->list.ctx = f;
	f->set_only = set_only;
	line_filter_init(&f->filter);
	edit_init(&f->edit, false);
	f->areas = calloc(n + 1, sizeof(*f->areas));
	bool ok = f->areas != NULL && text_init(&f->detail);
	for (size_t i = 0; ok && i < n; i++) {
		f->areas[i] = strdup(areas[i]);
		ok = f->areas[i] != NULL;
		f->n_areas += ok;
	}
	if (!ok) {
		form_free(&f->screen, ui);
		return NULL;
	}
	reload(&f->screen, ui);
	return &f->screen;
}
