/* What several screens do with the draft. */
#include "tui/app.h"

#include "core/base/i18n.h"
#include "tui/screens/screens.h"
#include "core/model/settings.h"

#include <string.h>

static void
merged(struct tui *ui)
{
	if (ui->catalog != NULL)
		catalog_merge(ui->catalog, ui->draft);
	ui_reload(ui);
}

/* The value is stored (or in force as default) already: no wish is left. */
static bool
is_as_stored(const struct catalog_row *r, const char *value)
{
	if ((r->s->flags & SETTING_SECRET) != 0)
		return false;
	if (value == NULL)
		return !r->stored.is_stored;
	if (r->stored.is_stored)
		return str_is(r->stored.stored, value);
	return r->s->default_value != NULL &&
	       strcmp(value, r->s->default_value) == 0;
}

bool
ui_draft_set(struct tui *ui, const struct catalog_row *row, const char *value)
{
	struct catalog *c = ui_catalog(ui);
	struct err e = ERR_INIT;
	struct str normal = STR_EMPTY;
	const struct settings_wish wish = { row->s, NULL, value };
	if (c == NULL)
		return false;
	if (!settings_check(c->store, &wish, &normal, &e)) {
		ui_error(ui, &e);
		return false;
	}
	if (value != NULL)
		value = arena_cstr(ui->scratch, normal);
	struct draft_entry entry = {
		.setting = row->s,
		.value = value,
		.base = row->stored.is_stored
			    ? arena_cstr(ui->scratch, row->stored.stored)
			    : NULL,
	};
	bool ok = is_as_stored(row, value)
		      ? draft_drop(ui->draft, row->s, NULL, &e)
		      : draft_set(ui->draft, &entry, &e);
	if (!ok)
		ui_error(ui, &e);
	merged(ui);
	return true;
}

/* Something else is stored than this. */
static bool
differs(
    const struct settings_row *now, const struct setting *s, const char *value)
{
	if (value == NULL)
		return now->is_stored;
	if (now->is_stored)
		return !str_is(now->stored, value);
	return s->default_value == NULL || s->default_unset ||
	       strcmp(s->default_value, value) != 0;
}

bool
ui_draft_wish(struct tui *ui, const struct setting *s, const char *target,
    const char *value)
{
	struct catalog *c = ui_catalog(ui);
	const struct settings_wish wish = { s, target, value };
	struct settings_row now;
	struct err e = ERR_INIT;
	struct str normal;
	if (c == NULL)
		return false;
	if (!settings_check(c->store, &wish, &normal, &e) ||
	    !settings_read_value(c->store, s, target, &now, &e)) {
		ui_error(ui, &e);
		return false;
	}
	struct draft_entry entry = {
		.setting = s,
		.target = ui_text(ui, "%s", target),
		.value = value != NULL ? arena_cstr(ui->scratch, normal) : NULL,
		.base =
		    now.is_stored ? arena_cstr(ui->scratch, now.stored) : NULL,
	};
	bool ok = differs(&now, s, entry.value)
		      ? draft_set(ui->draft, &entry, &e)
		      : draft_drop(ui->draft, s, entry.target, &e);
	if (!ok)
		ui_error(ui, &e);
	merged(ui);
	return true;
}

void
ui_draft_unwish(struct tui *ui, const struct setting *s, const char *target)
{
	struct err e = ERR_INIT;
	if (!draft_drop(ui->draft, s, ui_text(ui, "%s", target), &e))
		ui_error(ui, &e);
	merged(ui);
}

void
ui_draft_drop(struct tui *ui, const struct catalog_row *row)
{
	struct err e = ERR_INIT;
	if (!draft_drop(ui->draft, row->s, NULL, &e))
		ui_error(ui, &e);
	merged(ui);
}

void
ui_draft_undo(struct tui *ui)
{
	struct err e = ERR_INIT;
	const struct setting *what;
	if (!draft_undo(ui->draft, &what, &e))
		ui_error(ui, &e);
	else if (what == NULL)
		ui_push(ui, history_new(ui));
	else
		ui_say(ui, _("undone: %s"), what->id);
	merged(ui);
}

/* The risks of the draft, for settings_write: each was confirmed before. */
static const char *
accepted_risks(struct tui *ui)
{
	const char *list = "";
	for (size_t i = 0; i < draft_count(ui->draft); i++) {
		const struct draft_entry *d = draft_at(ui->draft, i);
		if (catalog_asks_word(d->setting, d->value))
			list = ui_text(ui, "%s%s%s", list,
			    *list != '\0' ? "," : "",
			    setting_risk_word(d->setting->risk));
	}
	return *list != '\0' ? list : NULL;
}

static void
store(struct tui *ui, struct screen *s, bool yes)
{
	struct err e = ERR_INIT;
	size_t n;
	struct settings_wish *w = draft_wishes(ui->draft, ui->scratch, &n);
	struct settings_outcome *outcomes =
	    ARENA_ARRAY(ui->scratch, n + 1, struct settings_outcome);
	(void)s;
	if (!yes) {
		ui_say(ui, "%s", _("nothing is stored; the draft is kept"));
		return;
	}
	bool ok = w != NULL && outcomes != NULL &&
		  settings_write(
		      &ui->model, w, n, accepted_risks(ui), outcomes, &e) &&
		  draft_empty(ui->draft, &e);
	if (ok)
		ui_say(ui,
		    P_("%zu setting stored, not applied (p plan)",
			"%zu settings stored, not applied (p plan)", n),
		    n);
	else
		ui_error(ui, &e);
	ui_changed(ui);
}

void
ui_draft_store(struct tui *ui)
{
	size_t n = draft_count(ui->draft);
	if (n == 0) {
		ui_say(ui, "%s", _("the draft is empty: nothing to store"));
		return;
	}
	ui_ask(ui, store,
	    P_("store %zu setting? anyone's next event brings it into force "
	       "(y yes)",
		"store %zu settings? anyone's next event brings them into "
		"force (y yes)",
		n),
	    n);
}
