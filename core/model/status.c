/* The overview of a server. */
#include "core/model/status.h"

#include "core/model/live.h"
#include "core/model/logs.h"
#include "core/model/plan_int.h"
#include "core/model/settings.h"
#include "core/setting/setting.h"

#include <string.h>
#include <unistd.h>

static bool
settings_count(struct status *st, struct settings_store *store,
    const struct model_ctx *m, struct err *e)
{
	size_t n;
	const struct setting *const *all = setting_all(&n);
	for (size_t i = 0; i < n; i++) {
		struct settings_row row;
		if (!setting_on_release(all[i], m->release))
			continue;
		if (all[i]->target != SETTING_TARGET_NONE) {
			st->settings++;
			continue;
		}
		if (!settings_read_value(store, all[i], NULL, &row, e))
			return false;
		bool in_db = all[i]->place == SETTING_IN_DB ||
			     all[i]->place == SETTING_IN_VALUE;
		st->settings++;
		st->settings_bad += row.problem != NULL;
		st->settings_set +=
		    in_db && row.source == SETTINGS_SET &&
		    !str_eq(row.value, str_of(all[i]->default_value));
	}
	return true;
}

static bool
changes_count(struct status *st, struct settings_store *store,
    const struct model_ctx *m, struct err *e)
{
	const struct journal *j;
	struct journal_entry *pending;
	if (!settings_journal(store, &j, e))
		return false;
	st->pending = journal_pending(j, m, &pending);
	const struct journal_apply *last = journal_last_apply(j);
	st->applied = last != NULL;
	if (last != NULL)
		st->last = *last;
	return true;
}

static void
programs_look(const struct model_ctx *m, struct status *out)
{
	static const char *const paths[] = { LIVE_EXPAND, LIVE_SIGNAL_EVENT };
	struct status_program *p =
	    ARENA_ARRAY(m->arena, ARRAY_LEN(paths), struct status_program);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		p[i].path = paths[i];
		p[i].there = access(paths[i], X_OK) == 0;
		out->n_missing += !p[i].there;
	}
	out->programs = p;
	out->n_programs = ARRAY_LEN(paths);
}

bool
status_databases_are_whole(const struct model_ctx *m, struct err *e)
{
	struct journal j;
	return journal_read(m, &j, e) && databases_are_whole(m, m->root, &j, e);
}

bool
status_read(const struct model_ctx *m, struct status *out, struct err *e)
{
	struct settings_store *store = NULL;
	*out = (struct status){ .settings = 0 };
	bool ok = settings_open(m, &store, e) &&
		  settings_count(out, store, m, e) &&
		  changes_count(out, store, m, e) &&
		  service_rows(m, &out->services, &out->n_services, e);
	settings_close(store);
	if (!ok)
		return false;
	for (size_t i = 0; i < out->n_services; i++) {
		const struct service_row *r = &out->services[i];
		out->n_failed += r->enabled && strcmp(r->state, "ok") != 0;
	}
	if (!status_databases_are_whole(m, &out->damage))
		out->settings_bad = 0; /* nobody knows */
	out->logs = log_services(m);
	out->live = model_is_live(m->root);
	if (out->live)
		programs_look(m, out);
	return true;
}
