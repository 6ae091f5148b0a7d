/* Settings by area, each with its value, its help and a question for another.
 */
#include "cmd/settings.h"
#include "cmd/shell/dialogue_int.h"
#include "core/base/i18n.h"
#include "core/model/settings.h"
#include "core/setting/setting.h"

#include <string.h>

/* One of a setting that there is one of, with the value of now. */
static bool
row_read(struct dialogue *d, const struct setting *s, struct settings_row *row)
{
	struct settings_store *store = NULL;
	struct err e = ERR_INIT;
	bool ok = settings_open(&d->m, &store, &e) &&
		  settings_read(store, s, NULL, row, &e);
	const char *value = "";
	if (ok) /* views end with the store */
		value = settings_shown(&d->app, row);
	row->value = str_of(ok ? dialogue_text(d, "%s", value) : "");
	settings_close(store);
	if (!ok)
		dialogue_error(d, &e);
	return ok;
}

/* A new value, by the command that checks it and tells of its risk. */
static void
change(struct dialogue *d, const struct setting *s)
{
	const char *text = dialogue_value(
	    d, _("New value, default, or an empty line for no change:"));
	if (text == NULL)
		return;
	int status =
	    strcmp(text, "default") == 0
		? dialogue_run(d, "unset %s", s->id)
		: dialogue_run(d, "set %s %s", s->id, dialogue_word(d, text));
	if (status == 0)
		dialogue_apply(d);
}

static void
setting_take(struct dialogue *d, const void *ctx)
{
	const struct setting *s = ctx;
	struct settings_row row;
	dialogue_run(d, "describe %s", s->id);
	if (s->target != SETTING_TARGET_NONE)
		dialogue_say(d,
		    _("Each has a value of its own: smemail set %s "
		      "VALUE --for NAME."),
		    s->id);
	else if ((s->flags & SETTING_SECRET) != 0)
		dialogue_say(d,
		    _("It is secret: smemail set %s --stdin reads it, and it "
		      "is shown nowhere."),
		    s->id);
	else if (row_read(d, s, &row)) {
		dialogue_say(d, _("Value now: %.*s"), STR_ARG(row.value));
		change(d, s);
	}
}

static void
area_take(struct dialogue *d, const void *ctx)
{
	const char *area = ctx;
	size_t n, shown = 0;
	const struct setting *const *all = setting_all(&n);
	struct menu_choice *choices =
	    ARENA_ARRAY(d->m.arena, n, struct menu_choice);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(all[i]->area, area) != 0 ||
		    !setting_on_release(all[i], d->m.release))
			continue;
		choices[shown++] = (struct menu_choice){
			dialogue_text(d, "%s: %s", all[i]->id,
			    settings_summary(&d->app, all[i])),
			setting_take, all[i]
		};
	}
	const struct menu menu = { .title = area,
		.help = _(setting_area_covers(area)),
		.choices = choices,
		.n = shown };
	dialogue_menu(d, &menu);
}

void
dialogue_settings(struct dialogue *d, const void *ctx)
{
	size_t n;
	const char *const *areas = setting_areas(&n);
	struct menu_choice *choices =
	    ARENA_ARRAY(d->m.arena, n, struct menu_choice);
	(void)ctx;
	for (size_t i = 0; i < n; i++)
		choices[i] =
		    (struct menu_choice){ dialogue_text(d, "%s: %s", areas[i],
					      _(setting_area_covers(areas[i]))),
			    area_take, areas[i] };
	const struct menu menu = { .title = _("Settings"),
		.help =
		    _("Every setting, by area. To go straight to one, type: "
		      "describe NAME, or: set NAME VALUE."),
		.choices = choices,
		.n = n };
	dialogue_menu(d, &menu);
}
