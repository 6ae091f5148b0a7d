/* Everything about one setting (screens.md 4.4). */
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/model/journal.h"
#include "tui/screens/form_int.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	LABEL_W = 11,
	TEXT_MAX = 8192
};

/* What a risk means, in a sentence. */
static const char *
risk_meaning(const struct setting *s)
{
	static const char *const texts[] = {
		[SETTING_RISK_NONE] = N_("none"),
		[SETTING_RISK_MAY_LOSE_MAIL] =
		    N_("may lose mail: good mail can be refused or dropped, "
		       "and no copy is kept"),
		[SETTING_RISK_MAY_BLOCK_LEGIT] =
		    N_("may block good mail: its sender is told so and can "
		       "write again another way"),
		[SETTING_RISK_PRIVACY] =
		    N_("privacy: content or addresses reach a place where "
		       "others can read them"),
		[SETTING_RISK_NEEDS_REBOOT] =
		    N_("needs a reboot, which apply never does by itself"),
		[SETTING_RISK_CHANGES_CERTIFICATE] =
		    N_("changes the certificate: mail programs may warn"),
		[SETTING_RISK_OPEN_RELAY] =
		    N_("open relay: strangers could send through this server; "
		       "the value is typed in full first"),
		[SETTING_RISK_EXPOSES_PASSWORDS] =
		    N_("exposes passwords: they could be read on the way; the "
		       "value is typed in full first"),
	};
	return _(texts[s->risk]);
}

static void
labelled(struct text_view *t, size_t width, const char *label, struct str text)
{
	struct str rest = text;
	if (text.len > 0)
		text_prose(t, label, LABEL_W, width, rest);
}

static void
add_list(struct text_view *t, size_t width, const char *label,
    const char *const *list)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		buf_addf(&out, "%s%s", i > 0 ? ", " : "", list[i]);
	labelled(t, width, label, buf_str(&out));
	buf_clear(&out);
}

/* "set 2 Feb 17:40 by paul" of the last change that the journal knows. */
static void
add_last_change(struct tui *ui, const struct catalog_row *r, struct buf *out)
{
	struct journal j;
	struct err e = ERR_INIT;
	struct tm tm;
	if (!journal_read(&ui->model, &j, &e))
		return;
	const struct journal_entry *last = journal_last(&j, r->s->id, NULL);
	time_t at = last != NULL ? (time_t)last->time_s : 0;
	if (last == NULL || localtime_r(&at, &tm) == NULL)
		return;
	buf_addf(out, ", ");
	buf_addf(out, _("set %04d-%02d-%02d %02d:%02d by %s"),
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    last->who);
}

static void
add_now(struct text_view *t, struct tui *ui, const struct catalog_row *r,
    size_t width)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	struct catalog_row stored = *r;
	stored.draft = NULL;
	if (r->many) {
		catalog_show(r, false, &out);
		labelled(t, width, _("Now"), buf_str(&out));
		buf_clear(&out);
		return;
	}
	if (!catalog_has_value(&stored))
		buf_add_char(&out, '-');
	else if (!r->stored.is_stored && (r->s->flags & SETTING_SECRET) != 0)
		buf_add_char(&out, '-');
	else
		catalog_show_plain(r, r->stored.value, &out);
	if (!r->stored.is_stored)
		buf_addf(&out, " (%s)", _("default, nothing is stored"));
	else if (r->stored.source == SETTINGS_PENDING)
		buf_addf(&out, " (%s)", _("stored, not applied"));
	add_last_change(ui, r, &out);
	if (r->draft != NULL) {
		buf_addf(&out, "; %s ", _("draft:"));
		if (r->draft->value == NULL)
			buf_add_cstr(&out, _("back to the default"));
		else if ((r->s->flags & SETTING_SECRET) != 0)
			buf_add_cstr(&out, _("(new, not shown)"));
		else
			catalog_show_plain(r, str_of(r->draft->value), &out);
	}
	labelled(t, width, _("Now"), buf_str(&out));
	if (r->stored.problem != NULL)
		labelled(t, width, "!", str_of(r->stored.problem));
	buf_clear(&out);
}

static void
add_values(struct text_view *t, const struct catalog_row *r, size_t width)
{
	const struct setting_choice *c = r->s->choices;
	struct buf out = BUF_INIT(TEXT_MAX);
	const char *label = _("Values");
	enum setting_editor editor = r->s->type->editor;
	bool words = c != NULL && (editor == SETTING_EDIT_SWITCH ||
				      editor == SETTING_EDIT_CHOICE);
	if (!words && r->s->type->describe != NULL) {
		r->s->type->describe(r->s, &out);
		labelled(t, width, label, buf_str(&out));
		label = "";
	}
	for (; c != NULL && c->word != NULL; c++) {
		buf_reset(&out);
		buf_addf(&out, "%-16s %s", c->word,
		    c->meaning != NULL ? _(c->meaning) : "");
		labelled(t, width, label, str_trim(buf_str(&out)));
		label = "";
	}
	buf_clear(&out);
}

static void
add_stored(struct text_view *t, const struct setting *s, size_t width)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	if (s->place == SETTING_IN_DB)
		buf_addf(&out, "%s / %s / %s", s->db, s->key, s->prop);
	else if (s->place == SETTING_IN_VALUE)
		buf_addf(&out, "%s / %s", s->db, s->key);
	else if (s->place == SETTING_IN_FILE)
		buf_addf(&out, _("file %s"), s->key);
	else
		buf_add_cstr(&out, _("published in DNS"));
	labelled(t, width, _("Stored"), buf_str(&out));
	buf_clear(&out);
}

/* The commands that do the same, ours first. */
static void
add_commands(struct text_view *t, const struct catalog_row *r, size_t width)
{
	const struct setting *s = r->s;
	struct buf out = BUF_INIT(TEXT_MAX);
	struct str value = catalog_value(r);
	bool secret = (s->flags & SETTING_SECRET) != 0;
	buf_addf(&out, "smemail set %s ", s->id);
	if (r->many)
		buf_addf(&out, "%s --for NAME", _("VALUE"));
	else if (secret)
		buf_add_cstr(&out, "--stdin");
	else if (value.len > 0)
		escape_shell(&out, value);
	else
		buf_add_cstr(&out, _("VALUE"));
	labelled(t, width, _("Commands"), buf_str(&out));
	if (s->place == SETTING_IN_DB && !r->many && !secret) {
		buf_reset(&out);
		bool config = strcmp(s->db, "configuration") == 0;
		buf_addf(&out, "%s%s setprop %s %s ", config ? "config" : "db ",
		    config ? "" : s->db, s->key, s->prop);
		if (value.len > 0)
			escape_shell(&out, value);
		else
			buf_add_cstr(&out, _("VALUE"));
		labelled(t, width, "", buf_str(&out));
	}
	for (size_t i = 0; s->events != NULL && s->events[i] != NULL; i++) {
		buf_reset(&out);
		buf_addf(&out, "signal-event %s", s->events[i]);
		labelled(t, width, "", buf_str(&out));
	}
	buf_clear(&out);
}

/* The heading: id on the left, area on the right. */
static void
add_head(struct text_view *t, const struct setting *s, size_t width)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	size_t used = strlen(s->id) + strlen(s->area);
	buf_add_cstr(&out, s->id);
	for (; used < width; used++)
		buf_add_char(&out, ' ');
	buf_addf(&out, "%s%s", used > width ? "  " : "", s->area);
	text_add(t, STYLE_HEAD, buf_str(&out));
	buf_clear(&out);
}

void
describe_fill(struct text_view *t, struct tui *ui, const struct catalog_row *r,
    size_t width)
{
	const struct setting *s = r->s;
	const struct catalog *c = ui->catalog;
	add_head(t, s, width);
	if (c != NULL)
		text_prose(t, "", 0, width, str_of(catalog_help(c, r)));
	text_add(t, STYLE_NORMAL, STR(""));
	add_now(t, ui, r, width);
	labelled(t, width, _("Default"),
	    str_of(s->default_value != NULL && *s->default_value != '\0'
		       ? s->default_value
		       : "-"));
	add_values(t, r, width);
	if (s->visible_if_id != NULL)
		labelled(t, width, _("Needs"),
		    str_of(ui_text(
			ui, "%s %s", s->visible_if_id, s->visible_if_value)));
	labelled(t, width, _("Risk"), str_of(risk_meaning(s)));
	if (s->safer != NULL)
		labelled(t, width, _("Safer"), str_of(s->safer));
	if (s->text != NULL)
		labelled(t, width, _("Effect"), str_of(_(s->text)));
	add_stored(t, s, width);
	add_list(t, width, _("Files"), s->files);
	add_list(t, width, _("Event"), s->events);
	add_list(t, width, _("Services"), s->services);
	if (s->apply != NULL)
		labelled(t, width, _("Also"), str_of(s->apply));
	add_list(t, width, _("See also"), s->see_also);
	add_commands(t, r, width);
}

struct describe {
	struct screen screen;
	const struct setting *s;
	struct text_view view;
	size_t width; /* the text was made for */
};

static struct describe *
self(struct screen *s)
{
	return (struct describe *)s;
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	buf_addf(out, "%s > %s", _("Describe"), self(s)->s->id);
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct describe *d = self(s);
	struct catalog *c = ui_catalog(ui);
	struct catalog_row *r = c != NULL ? catalog_find(c, d->s->id) : NULL;
	struct catalog_row other = { .s = d->s, .visible = true };
	if (d->width != (size_t)v->w - 2) {
		d->width = (size_t)v->w - 2;
		text_reset(&d->view);
		if (r == NULL) /* of another release: nothing is stored */
			other.many = d->s->target != SETTING_TARGET_NONE;
		describe_fill(&d->view, ui, r != NULL ? r : &other, d->width);
	}
	text_draw(&d->view, ui, v);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct setting *set = self(s)->s;
	(void)ui;
	text_status(&self(s)->view, out);
	if (set->since != NULL)
		buf_addf(
		    out, "   %s", ui_text(ui, _("since SME %s"), set->since));
	if (set->until != NULL)
		buf_addf(
		    out, "   %s", ui_text(ui, _("until SME %s"), set->until));
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	buf_addf(out, "smemail describe %s", self(s)->s->id);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)s;
	(void)ui;
	bar_add(b, ACT_OPEN, _("edit"));
	bar_add(b, ACT_SEARCH, NULL);
	bar_add(b, ACT_UNDO, _("history of it"));
	bar_add(b, ACT_SPACE, _("page"));
	bar_add(b, ACT_TEXT_UP, _("back a page"));
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

/* Enter goes to the row in a form: the one below, or a new one. */
static void
edit(struct describe *d, struct tui *ui)
{
	const struct setting *set = d->s;
	struct catalog *c = ui_catalog(ui);
	const char *area = set->area;
	if (c == NULL || catalog_find(c, set->id) == NULL) {
		ui_say(ui, _("'%s' is not on this release"), set->id);
		return;
	}
	ui_pop(ui);
	struct screen *form = form_new(ui, &area, 1, false);
	if (form != NULL)
		form_go(form, set->id);
	ui_push(ui, form);
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	if (action == ACT_OPEN) {
		edit(self(s), ui);
		return true;
	}
	if (action == ACT_UNDO) {
		ui_command(ui, str_of(ui_text(ui, "blame %s", self(s)->s->id)));
		return true;
	}
	return text_act(&self(s)->view, action);
}

static void
search(struct screen *s, struct tui *ui, struct str text, enum line_event event)
{
	(void)ui;
	text_search(&self(s)->view, text, event);
}

static void
reload(struct screen *s, struct tui *ui)
{
	(void)ui;
	self(s)->width = 0;
}

static void
describe_free(struct screen *s, struct tui *ui)
{
	(void)ui;
	text_clear(&self(s)->view);
	free(s);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_TEXT_UP, ACT_SPACE, ACT_FIRST, ACT_LAST, ACT_LEFT,
	ACT_RIGHT, ACT_OPEN, ACT_UNDO, ACT_NONE };

static const struct screen_class class = {
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.search = search,
	.reload = reload,
	.free = describe_free,
};

struct screen *
describe_new(struct tui *ui, const struct setting *setting)
{
	struct describe *d = calloc(1, sizeof(*d));
	if (d == NULL)
		return NULL;
	d->screen.class = &class;
	d->s = setting;
	if (!text_init(&d->view)) {
		describe_free(&d->screen, ui);
		return NULL;
	}
	return &d->screen;
}
