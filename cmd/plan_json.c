/* A plan as JSON. */
#include "core/model/plan.h"

#include "cmd/app.h"
#include "cmd/plan.h"
#include "cmd/render.h"

static void
base_json(struct app *app, struct json *j)
{
	const struct journal_apply *last = plan_last_apply(app);
	json_key(j, "base");
	if (last == NULL) {
		json_null(j);
		return;
	}
	char text[CLOCK_RFC3339_SIZE];
	json_object_begin(j);
	json_key(j, "change");
	json_int(j, last->change);
	json_key(j, "time");
	json_cstr(j, clock_rfc3339(last->time_s, text));
	json_key(j, "who");
	json_cstr(j, last->who);
	json_object_end(j);
}

static void
settings_json(struct json *j, const struct plan *p)
{
	json_key(j, "settings");
	json_array_begin(j);
	for (size_t i = 0; i < p->n_settings; i++) {
		const struct plan_setting *s = &p->settings[i];
		json_object_begin(j);
		json_key(j, "name");
		json_cstr(j, s->name);
		json_key(j, "old");
		json_cstr(j, s->old_value);
		json_key(j, "new");
		json_cstr(j, s->new_value);
		json_key(j, "risk");
		json_cstr(j, plan_setting_is_risky(s)
				 ? setting_risk_word(s->setting->risk)
				 : NULL);
		json_key(j, "origin");
		json_cstr(j, s->origin);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
files_json(struct json *j, const struct plan *p)
{
	json_key(j, "files");
	json_array_begin(j);
	for (size_t i = 0; i < p->n_files; i++) {
		const struct plan_file *f = &p->files[i];
		json_object_begin(j);
		json_key(j, "path");
		json_cstr(j, f->path);
		json_key(j, "added");
		json_int(j, (int64_t)f->added);
		json_key(j, "removed");
		json_int(j, (int64_t)f->removed);
		json_key(j, "diff");
		json_str(j, f->diff);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
events_json(struct json *j, const struct plan *p)
{
	json_key(j, "needs_reboot");
	json_bool(j, p->reboots);
	json_key(j, "events");
	json_array_begin(j);
	for (size_t i = 0; i < p->n_events; i++) {
		const struct plan_event *ev = &p->events[i];
		json_object_begin(j);
		json_key(j, "name");
		json_cstr(j, ev->name);
		json_key(j, "arguments");
		json_array_begin(j);
		if (ev->argument != NULL)
			json_cstr(j, ev->argument);
		json_array_end(j);
		json_key(j, "files");
		json_int(j, (int64_t)ev->files);
		json_key(j, "services");
		json_array_begin(j);
		for (size_t k = 0; k < ev->n_services; k++) {
			json_object_begin(j);
			json_key(j, "name");
			json_cstr(j, ev->services[k].name);
			json_key(j, "action");
			json_cstr(j, ev->services[k].action);
			json_object_end(j);
		}
		json_array_end(j);
		json_object_end(j);
	}
	json_array_end(j);
}

void
plan_json(struct app *app, const struct plan *p)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.plan/1");
	base_json(app, &j);
	json_key(&j, "pending");
	json_int(&j, (int64_t)p->n_settings);
	json_key(&j, "resumes");
	json_bool(&j, p->resumes);
	json_key(&j, "problem");
	json_cstr(&j, p->problem);
	settings_json(&j, p);
	files_json(&j, p);
	events_json(&j, p);
	render_json_end(app, &j, &buf);
}
