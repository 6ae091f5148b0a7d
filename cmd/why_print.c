/* Explained messages: the answer first, then the evidence, then the cure. */
#include "cmd/why_print.h"

#include "cmd/render.h"
#include "cmd/when.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/model/moment.h"

#include <string.h>

enum {
	LIST_MAX = 16384,
	RULES_SHOWN = 8,
	LABEL_WIDTH = 8,
};

static int64_t
seconds(int64_t ns)
{
	return ns / NS_PER_S - (ns % NS_PER_S < 0);
}

static const char *
moment(struct app *app, int64_t ns)
{
	if (ns == INT64_MIN)
		return "-";
	return moment_shown(app->arena, seconds(ns), clock_wall_s(app->clock));
}

static const char *
recipients(struct app *app, const struct why *w)
{
	struct buf out = BUF_INIT(LIST_MAX);
	struct str rest = w->recipients, one;
	while (maillog_recipient_next(&rest, &one))
		buf_addf(&out, "%s%.*s", out.len > 0 ? ", " : "", STR_ARG(one));
	if (w->refused.len > 0)
		buf_addf(&out, "%s%.*s", out.len > 0 ? ", " : "",
		    STR_ARG(w->refused));
	const char *text =
	    out.len > 0 ? arena_cstr(app->arena, buf_str(&out)) : "-";
	buf_clear(&out);
	return text;
}

static const char *
sender(struct app *app, const struct why *w)
{
	if (w->sender.len > 0)
		return arena_cstr(app->arena, w->sender);
	return w->ip.len > 0 ? arena_cstr(app->arena, w->ip) : "-";
}

/* In its column; letters beyond ASCII have more bytes than columns. */
static const char *
state(struct app *app, const struct why *w)
{
	const char *text = why_state(w);
	size_t n = utf8_columns(str_of(text));
	int pad = n <= LABEL_WIDTH ? (int)(LABEL_WIDTH + 1 - n) : 0;
	return arena_printf(app->arena, "%s%*s", text, pad, "");
}

void
why_head(struct app *app, size_t number, const struct why *w)
{
	render_prose(app, 3, "%zu  %s %s  %s -> %s%s%.*s", number,
	    state(app, w), moment(app, w->time_ns), sender(app, w),
	    recipients(app, w), w->rule.len > 0 ? "  " : "", STR_ARG(w->rule));
}

static void
fact(struct app *app, const char *name, const char *value)
{
	if (value[0] != '\0')
		render_fact(app, LABEL_WIDTH, name, value);
}

static const char *
client(struct app *app, const struct why *w)
{
	if (w->ip.len == 0)
		return "";
	return arena_printf(app->arena, "%.*s %.*s%s%.*s", STR_ARG(w->ip),
	    STR_ARG(w->host), w->helo.len > 0 ? ", HELO " : "",
	    STR_ARG(w->helo));
}

static const char *
joints(struct app *app, const struct why *w)
{
	const struct {
		const char *name;
		enum story_sure sure;
	} all[] = { { "spamd", w->scan }, { "clamd", w->virus_scan },
		{ w->queue_id.len > 0 ? "postfix" : "qmail", w->queue } };
	const char *text = "";
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].sure != STORY_NONE)
			text = arena_printf(app->arena, "%s%s%s %s", text,
			    text[0] != '\0' ? ", " : "", all[i].name,
			    _(story_sure_name(all[i].sure)));
	return text;
}

/* The first rules of SpamAssassin, and how many more. */
static const char *
rules(struct app *app, const struct why *w)
{
	struct buf out = BUF_INIT(LIST_MAX);
	struct str rest = w->rules;
	size_t n = 0;
	while (rest.len > 0) {
		struct str one = str_cut(rest, ',', &rest);
		if (n++ < RULES_SHOWN)
			buf_addf(&out, "%s%.*s", out.len > 0 ? ", " : "",
			    STR_ARG(one));
	}
	if (n > RULES_SHOWN)
		buf_addf(&out, _(", %zu more"), n - RULES_SHOWN);
	const char *text = arena_cstr(app->arena, buf_str(&out));
	buf_clear(&out);
	return text;
}

static void
setting_show(struct app *app, const struct why *w)
{
	const struct why_setting *s = &w->setting;
	const char *since = "";
	if (s->setting == NULL)
		return;
	const char *old = s->old != NULL && s->old[0] != '\0' ? s->old : "-";
	if (s->since_s > 0)
		since = s->change > 0
			    ? arena_printf(app->arena,
				  _(", since %s (change %ld, %s; was %s)"),
				  when_shown(app, s->since_s), s->change,
				  s->who, old)
			    : arena_printf(app->arena,
				  _(", stored %s by %s, not applied (was %s)"),
				  when_shown(app, s->since_s), s->who, old);
	fact(app, _("setting"),
	    arena_printf(app->arena, "%s%s%s %s%s%s%s", s->setting->id,
		s->target != NULL ? " --for " : "",
		s->target != NULL ? s->target : "",
		s->value[0] != '\0' ? s->value : "-",
		s->is_default ? _(" (default)") : "", since,
		s->is_newer ? _("; newer than this message") : ""));
}

static void
cures_show(struct app *app, const struct why *w)
{
	size_t width = 0;
	for (size_t i = 0; i < w->n_cures; i++)
		if (strlen(w->cures[i].command) > width)
			width = strlen(w->cures[i].command);
	for (size_t i = 0; i < w->n_cures; i++)
		render_line(app, "%-9s %-*s  # %s", i == 0 ? _("change") : "",
		    (int)width, w->cures[i].command, w->cures[i].text);
}

void
why_text(struct app *app, const struct why *w, bool raw)
{
	render_prose(app, 10, "%s %s%s%s", state(app, w),
	    moment(app, w->time_ns), w->sentence[0] != '\0' ? " " : "",
	    w->sentence);
	fact(app, _("reason"), w->reason);
	fact(app, _("told"), arena_cstr(app->arena, w->told));
	fact(app, _("from"), sender(app, w));
	fact(app, _("to"), recipients(app, w));
	fact(app, _("client"), client(app, w));
	fact(app, _("id"), arena_cstr(app->arena, w->mid));
	fact(app, _("queue id"), arena_cstr(app->arena, w->queue_id));
	if (w->bytes > 0)
		fact(app, _("size"),
		    arena_printf(app->arena, _("%llu bytes"),
			(unsigned long long)w->bytes));
	fact(app, _("joined"), joints(app, w));
	fact(app, _("rules"), rules(app, w));
	setting_show(app, w);
	cures_show(app, w);
	if (raw && w->n_steps > 0)
		render_line(app, "%s", "");
	for (size_t i = 0; raw && i < w->n_steps; i++)
		render_prose(app, 10, "%+9.3f  %-8s %.*s", w->steps[i].offset_s,
		    w->steps[i].service, STR_ARG(w->steps[i].text));
	if (raw && w->more_steps > 0)
		render_note(app, _("and %zu more lines"), w->more_steps);
}

void
why_time_json(struct json *j, const char *key, int64_t ns)
{
	char text[CLOCK_RFC3339_SIZE];
	json_key(j, key);
	json_cstr(j, ns != INT64_MIN ? clock_rfc3339(seconds(ns), text) : NULL);
}

static void
setting_json(struct json *j, const struct why_setting *s)
{
	char time[CLOCK_RFC3339_SIZE];
	json_key(j, "setting");
	if (s->setting == NULL) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	json_key(j, "name");
	json_cstr(j, s->setting->id);
	json_key(j, "target");
	json_cstr(j, s->target);
	json_key(j, "value");
	json_cstr(j, s->value);
	json_key(j, "default");
	json_bool(j, s->is_default);
	json_key(j, "since");
	json_cstr(j, s->since_s > 0 ? clock_rfc3339(s->since_s, time) : NULL);
	json_key(j, "change");
	if (s->change > 0)
		json_int(j, s->change);
	else
		json_null(j);
	json_key(j, "who");
	json_cstr(j, s->who);
	json_key(j, "old");
	json_cstr(j, s->old);
	json_object_end(j);
}

static void
lists_json(struct json *j, const struct why *w)
{
	struct str rest = w->rules;
	json_key(j, "rules");
	json_array_begin(j);
	while (rest.len > 0)
		json_str(j, str_cut(rest, ',', &rest));
	json_array_end(j);
	setting_json(j, &w->setting);
	json_key(j, "steps");
	json_array_begin(j);
	for (size_t i = 0; i < w->n_steps; i++) {
		const struct why_step *s = &w->steps[i];
		json_object_begin(j);
		json_key(j, "offset_s");
		json_double(j, s->offset_s, 6);
		json_key(j, "service");
		json_cstr(j, s->service);
		json_key(j, "kind");
		json_cstr(j, maillog_kind_name((enum maillog_kind)s->kind));
		json_key(j, "text");
		json_str(j, s->text);
		json_object_end(j);
	}
	json_array_end(j);
	json_key(j, "cures");
	json_array_begin(j);
	for (size_t i = 0; i < w->n_cures; i++) {
		json_object_begin(j);
		json_key(j, "text");
		json_cstr(j, w->cures[i].text);
		json_key(j, "command");
		json_cstr(j, w->cures[i].command);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
to_json(struct json *j, const struct why *w)
{
	struct str rest = w->recipients, one;
	json_key(j, "to");
	json_array_begin(j);
	while (maillog_recipient_next(&rest, &one))
		json_str(j, one);
	if (w->refused.len > 0)
		json_str(j, w->refused);
	json_array_end(j);
}

void
why_json(struct json *j, const struct why *w)
{
	json_object_begin(j);
	json_key(j, "id");
	json_int(j, (int64_t)w->id);
	json_key(j, "verdict");
	json_cstr(j, story_end_name(w->end));
	why_time_json(j, "time", w->time_ns);
	json_text(j, "from", w->sender);
	to_json(j, w);
	json_key(j, "client");
	json_object_begin(j);
	json_text(j, "ip", w->ip);
	json_text(j, "name", w->host);
	json_text(j, "helo", w->helo);
	json_object_end(j);
	json_text(j, "message_id", w->mid);
	json_text(j, "queue_id", w->queue_id);
	json_text(j, "delivered_to", w->delivered_to);
	json_key(j, "size_bytes");
	if (w->bytes > 0)
		json_int(j, (int64_t)w->bytes);
	else
		json_null(j);
	json_text(j, "rule", w->rule);
	json_key(j, "sentence");
	json_cstr(j, w->sentence);
	json_key(j, "reason");
	json_cstr(j, w->reason[0] != '\0' ? w->reason : NULL);
	json_text(j, "reply", w->told);
	json_text(j, "score", w->score);
	json_text(j, "virus", w->virus);
	json_key(j, "confidence");
	json_object_begin(j);
	json_text(j, "spamd", str_of(story_sure_name(w->scan)));
	json_text(j, "clamd", str_of(story_sure_name(w->virus_scan)));
	struct str queue = str_of(story_sure_name(w->queue)), none = STR_EMPTY;
	json_text(j, "qmail", w->queue_id.len > 0 ? none : queue);
	json_text(j, "postfix", w->queue_id.len > 0 ? queue : none);
	json_object_end(j);
	lists_json(j, w);
	json_object_end(j);
}
