/* Everything known of one setting, as JSON. */
#include "cmd/settings_describe_int.h"

#include "cmd/render.h"
#include "cmd/settings.h"
#include "core/base/i18n.h"

static void
json_values(struct json *j, const struct setting *s)
{
	json_key(j, "values");
	json_array_begin(j);
	for (const struct setting_choice *c = s->choices;
	     c != NULL && c->word != NULL; c++) {
		json_object_begin(j);
		json_key(j, "word");
		json_cstr(j, c->word);
		json_key(j, "meaning");
		json_cstr(j, c->meaning != NULL ? _(c->meaning) : NULL);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
json_last(struct app *app, struct json *j, const struct settings_subject *d)
{
	char time[CLOCK_RFC3339_SIZE];

	json_key(j, "last_change");
	if (d->last == NULL) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	json_key(j, "time");
	json_cstr(j, clock_rfc3339(d->last->time_s, time));
	json_key(j, "who");
	json_cstr(j, d->last->who);
	json_key(j, "old");
	json_cstr(j, settings_old_text(app, d));
	json_object_end(j);
}

void
settings_describe_json(struct app *app, const struct settings_subject *d)
{
	const struct setting *s = d->s;
	struct buf accepts = BUF_INIT(DESCRIBE_TEXT_MAX);
	struct json j;
	struct buf buf;

	render_json_begin(app, &j, &buf, "smemail.describe/1");
	settings_json_list(app, &j, &d->row);
	json_values(&j, s);
	s->type->describe(s, &accepts);
	json_key(&j, "accepts");
	json_str(&j, buf_str(&accepts));
	json_key(&j, "min");
	json_cstr(&j, s->min);
	json_key(&j, "max");
	json_cstr(&j, s->max);
	json_key(&j, "text");
	json_cstr(&j, s->text != NULL ? _(s->text) : NULL);
	settings_json_texts(&j, "files", s->files);
	settings_json_texts(&j, "fragments", s->fragments);
	settings_json_texts(&j, "events", s->events);
	settings_json_texts(&j, "services", s->services);
	settings_json_texts(&j, "see_also", s->see_also);
	json_key(&j, "apply");
	json_cstr(&j, s->apply);
	json_last(app, &j, d);
	render_json_end(app, &j, &buf);
	buf_clear(&accepts);
}
