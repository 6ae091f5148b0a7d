/* A row of the settings in words: its value, its command, its area. */
#include "tui/catalog.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"

#include <string.h>

enum {
	SHOWN_MAX = 4096,
};

/* Entries of a list with ", " between, whatever separates them stored. */
static void
show_list(const struct setting *s, struct str value, struct buf *out)
{
	struct str entry;
	for (bool first = true; setting_list_next(s, &value, &entry);
	     first = false) {
		buf_add_cstr(out, first ? "" : ", ");
		buf_add_str(out, entry);
	}
}

void
catalog_show_plain(
    const struct catalog_row *r, struct str value, struct buf *out)
{
	const struct setting *s = r->s;
	if ((s->flags & SETTING_SECRET) != 0)
		buf_add_cstr(out, _("(stored, not shown)"));
	else if (value.len == 0)
		buf_add_char(out, '-');
	else if ((s->flags & SETTING_LIST) != 0)
		show_list(s, value, out);
	else if (s->type != NULL && s->type->format != NULL)
		s->type->format(s, value, out);
	else
		buf_add_str(out, value);
}

/* "per user": who has a value each. */
static const char *
many_text(enum setting_target target)
{
	static const char *const texts[] = {
		[SETTING_TARGET_NONE] = "",
		[SETTING_TARGET_USER] = N_("one per user"),
		[SETTING_TARGET_GROUP] = N_("one per group"),
		[SETTING_TARGET_PSEUDONYM] = N_("one per pseudonym"),
		[SETTING_TARGET_DOMAIN] = N_("one per domain"),
		[SETTING_TARGET_NETWORK] = N_("one per network"),
		[SETTING_TARGET_PATTERN] = N_("one per pattern"),
		[SETTING_TARGET_ENTRY] = N_("one per entry"),
	};
	return _(texts[target]);
}

/* The type knows which of the two words of a switch "on" is. */
static bool
is_on(const struct setting *s, struct str value)
{
	struct buf on = BUF_INIT(SHOWN_MAX);
	bool same = s->type->parse(s, STR("on"), &on, NULL) &&
		    str_eq(buf_str(&on), value);
	buf_clear(&on);
	return same;
}

void
catalog_show(const struct catalog_row *r, bool narrow, struct buf *out)
{
	const struct setting *s = r->s;
	struct str value = catalog_value(r);
	enum setting_editor editor =
	    s->type != NULL ? s->type->editor : SETTING_EDIT_NONE;
	if (r->many) {
		buf_add_cstr(out, many_text(s->target));
		return;
	}
	if (r->draft == NULL && r->stored.source == SETTINGS_FRAGMENT) {
		buf_add_cstr(out, _("own fragment"));
		return;
	}
	if (!catalog_has_value(r)) {
		buf_add_char(out, '-');
		return;
	}
	if ((s->flags & SETTING_SECRET) != 0 && r->draft != NULL) {
		buf_add_cstr(
		    out, r->draft->value != NULL ? _("(new, not shown)") : "-");
		return;
	}
	if (editor == SETTING_EDIT_SWITCH) {
		buf_add_cstr(out, is_on(s, value) ? "[x] " : "[ ] ");
		buf_add_str(out, value);
	} else if (editor == SETTING_EDIT_CHOICE) {
		buf_addf(out, "< %.*s >", STR_ARG(value));
	} else {
		size_t from = out->len;
		catalog_show_plain(r, value, out);
		struct str shown = str_sub(buf_str(out), from, out->len);
		size_t unit = str_find_str(shown, STR(" ("));
		if (narrow && unit > 0 && unit < shown.len)
			buf_truncate(out, from + unit);
	}
}

void
catalog_show_old(const struct catalog_row *r, struct buf *out)
{
	struct buf old = BUF_INIT(SHOWN_MAX);
	if ((r->s->flags & SETTING_SECRET) != 0)
		return;
	if (!r->stored.is_stored && r->stored.value.len == 0)
		buf_add_char(&old, '-');
	else
		buf_add_str(&old, r->stored.value);
	buf_addf(out, _("was %s"), buf_cstr(&old));
	buf_clear(&old);
}

void
catalog_twin(const struct catalog_row *r, struct buf *out)
{
	if (r->many) {
		buf_addf(out, "smemail describe %s", r->s->id);
	} else if (r->draft == NULL) {
		buf_addf(out, "smemail get %s", r->s->id);
	} else if (r->draft->value == NULL) {
		buf_addf(out, "smemail unset %s", r->s->id);
	} else if ((r->s->flags & SETTING_SECRET) != 0) {
		buf_addf(out, "smemail set %s --stdin", r->s->id);
	} else {
		buf_addf(out, "smemail set %s ", r->s->id);
		escape_shell(out, str_of(r->draft->value));
	}
}

const char *
catalog_help(const struct catalog *c, const struct catalog_row *r)
{
	const char *text = r->s->help;
	if (c->model.french && r->s->help_fr != NULL)
		text = r->s->help_fr;
	return text != NULL ? text : "";
}

void
catalog_range(const struct catalog_row *r, struct buf *out)
{
	const struct setting *s = r->s;
	if (s->min != NULL && s->max != NULL)
		buf_addf(out, _("%s to %s"), s->min, s->max);
	else if (s->type != NULL && s->type->describe != NULL)
		s->type->describe(s, out);
}

void
catalog_area(const char *area, struct buf *out)
{
	const char *words = _(area);
	if (strcmp(words, area) == 0)
		buf_add_cstr(out, area);
	else
		buf_addf(out, "%s (%s)", words, area);
}

const char *
catalog_switched(const struct catalog_row *r)
{
	const struct setting_choice *c = r->s->choices;
	bool on = is_on(r->s, catalog_value(r));
	if (c == NULL || c[0].word == NULL || c[1].word == NULL)
		return NULL;
	return is_on(r->s, str_of(c[0].word)) == on ? c[1].word : c[0].word;
}
