/* The command top: what the mail system does now. */
#include "core/model/top.h"

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/top_json.h"
#include "cmd/tui.h"
#include "core/base/i18n.h"
#include "core/sys/file.h"

#include <errno.h>
#include <stdlib.h>

enum {
	READ_STEP = 10000
};

void
top_counts_json(
    struct json *j, const char *key, const struct top_count *counts, size_t n)
{
	json_key(j, key);
	json_object_begin(j);
	for (size_t i = 0; i < n; i++) {
		json_key(j, counts[i].name);
		json_int(j, (int64_t)counts[i].n);
	}
	json_object_end(j);
}

/* Of the window, and of its last minute. */
static void
flow_json(struct json *j, const struct top_view *v)
{
	static const char *const names[] = { "connections", "queued", "refused",
		"deferred" };
	const uint64_t whole[] = { v->connections, v->queued, v->refused,
		v->deferred };
	json_key(j, "span_s");
	json_int(j, v->span_s);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct top_count spans[] = { { "count", whole[i] },
			{ "last_minute", v->minute[i] },
			{ "last_10_s", v->second[i] } };
		top_counts_json(j, names[i], spans, ARRAY_LEN(spans));
	}
}

static void
tables_json(struct json *j, const struct top_view *v)
{
	top_counts_json(j, "by_rule", v->rules, v->n_rules);
	json_key(j, "scores");
	json_object_begin(j);
	json_key(j, "count");
	json_int(j, (int64_t)v->scores);
	json_key(j, "mean");
	if (v->scores > 0)
		json_double(
		    j, (double)v->score_sum_tenths / 10 / (double)v->scores, 2);
	else
		json_null(j);
	json_key(j, "highest");
	if (v->scores > 0)
		json_double(j, (double)v->score_most_tenths / 10, 1);
	else
		json_null(j);
	json_object_end(j);
	json_key(j, "plugins");
	json_array_begin(j);
	for (size_t i = 0; i < v->n_plugins; i++) {
		const struct top_plugin *p = &v->plugins[i];
		json_object_begin(j);
		json_key(j, "name");
		json_cstr(j, p->name);
		json_key(j, "calls");
		json_int(j, (int64_t)p->calls);
		json_key(j, "mean_s");
		json_double(
		    j, (double)p->total_ns / (double)p->calls / NS_PER_S, 6);
		json_key(j, "worst_s");
		json_double(j, (double)p->worst_ns / NS_PER_S, 6);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
queue_json(struct json *j, const struct top_view *v)
{
	const struct top_queue *q = &v->queue;
	json_key(j, "queue");
	if (!q->known) {
		json_null(j);
	} else {
		json_object_begin(j);
		json_key(j, "messages");
		json_int(j, (int64_t)q->messages);
		json_key(j, "local");
		json_int(j, (int64_t)q->local);
		json_key(j, "remote");
		json_int(j, (int64_t)q->remote);
		json_key(j, "oldest_s");
		if (q->oldest_s > 0)
			json_int(j, v->now_ns / NS_PER_S - q->oldest_s);
		else
			json_null(j);
		json_object_end(j);
	}
	json_key(j, "deliveries");
	if (!v->deliveries_known) {
		json_null(j);
	} else {
		json_object_begin(j);
		json_key(j, "local");
		json_int(j, v->local);
		json_key(j, "local_max");
		json_int(j, v->local_max);
		json_key(j, "remote");
		json_int(j, v->remote);
		json_key(j, "remote_max");
		json_int(j, v->remote_max);
		json_object_end(j);
	}
}

static void
daemon_json(struct json *j, const struct top_daemon *d)
{
	const struct top_count all[] = {
		{ "up_s", d->up_s },
		{ "sessions", d->sessions },
		{ "sessions_max", d->sessions_max },
		{ "queued", d->queued },
		{ "refused", d->refused },
		{ "deferred", d->deferred },
	};
	if (d->known) {
		top_counts_json(j, "daemon", all, ARRAY_LEN(all));
		return;
	}
	json_key(j, "daemon");
	json_null(j);
}

static void
text_json(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_cstr(j, text[0] != '\0' ? text : NULL);
}

static void
session_json(struct json *j, const struct top_session *s, int64_t now_ns)
{
	json_object_begin(j);
	json_key(j, "service");
	json_cstr(j, s->service);
	json_key(j, "pid");
	json_int(j, s->pid);
	text_json(j, "ip", s->ip);
	text_json(j, "name", s->host);
	text_json(j, "helo", s->helo);
	text_json(j, "country", s->country);
	json_key(j, "phase");
	json_cstr(j, top_phase_word(s->phase));
	json_key(j, "turn");
	json_cstr(j, s->client ? "client" : "filter");
	text_json(j, "last_plugin", s->last);
	json_key(j, "age_s");
	json_int(j, (now_ns - s->began_ns) / NS_PER_S);
	json_key(j, "wait_s");
	json_int(j, top_wait_s(s, now_ns));
	json_key(j, "accepted");
	json_int(j, s->accepted);
	json_key(j, "refused");
	json_int(j, s->refused);
	text_json(j, "from", s->from);
	text_json(j, "to", s->to);
	json_object_end(j);
}

static void
json_all(struct app *app, const struct top_view *v)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.top/1");
	json_key(&j, "sessions");
	json_int(&j, (int64_t)v->n_sessions);
	json_key(&j, "sessions_max");
	if (v->sessions_max > 0)
		json_int(&j, v->sessions_max);
	else
		json_null(&j);
	json_key(&j, "load");
	if (v->load >= 0)
		json_double(&j, v->load, 2);
	else
		json_null(&j);
	flow_json(&j, v);
	tables_json(&j, v);
	json_key(&j, "spamd_children");
	json_int(&j, v->spamd_children);
	json_key(&j, "spamd_busy");
	json_int(&j, v->spamd_busy);
	queue_json(&j, v);
	daemon_json(&j, &v->daemon);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < v->n_sessions; i++)
		session_json(&j, &v->sessions[i], v->now_ns);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static void
sessions_text(struct app *app, const struct top_view *v)
{
	static const struct render_column columns[] = {
		{ N_("SESSION"), false },
		{ N_("CLIENT"), false },
		{ "CC", false },
		{ N_("PHASE"), false },
		{ N_("WAITS FOR"), false },
		{ N_("WAIT"), true },
		{ N_("OK"), true },
		{ N_("BAD"), true },
		{ N_("FROM"), false },
	};
	size_t n = ARRAY_LEN(columns);
	struct str *cells =
	    ARENA_ARRAY(app->arena, n * (v->n_sessions + 1), struct str);
	for (size_t i = 0; i < v->n_sessions; i++) {
		const struct top_session *s = &v->sessions[i];
		const char *const texts[] = {
			arena_printf(app->arena, "%u", s->pid),
			s->ip,
			s->country[0] != '\0' ? s->country : "-",
			top_phase_word(s->phase),
			top_waits(s, app->arena),
			top_duration_short(
			    app->arena, top_wait_s(s, v->now_ns)),
			arena_printf(app->arena, "%u", s->accepted),
			arena_printf(app->arena, "%u", s->refused),
			s->from[0] != '\0' ? s->from : "-",
		};
		for (size_t k = 0; k < n; k++)
			cells[i * n + k] = str_of(texts[k]);
	}
	if (v->n_sessions > 0)
		render_table(app, columns, n, cells, v->n_sessions);
}

/* On a terminal a long one goes on below, behind its label. */
static void
facts_text(struct app *app, const struct top_fact *facts, size_t n)
{
	enum {
		LABEL = 8,
		GAP = 2
	};
	const size_t widths[] = { LABEL, 0 };
	for (size_t i = 0; i < n; i++) {
		const struct str cells[] = { str_of(facts[i].label),
			str_of(facts[i].text) };
		render_stream_row(app, cells, widths, ARRAY_LEN(cells),
		    app->terminal ? LABEL + GAP : 0);
	}
}

static void
text_all(struct app *app, const struct top_view *v)
{
	struct top_fact facts[TOP_FACTS];
	facts_text(app, facts, top_facts(v, app->arena, facts));
	sessions_text(app, v);
	if (v->log_is_silent)
		render_note(app,
		    _("the logs say nothing of the last %lld "
		      "minutes"),
		    (long long)TOP_WINDOW_S / 60);
	else
		render_note(app, _("figures of the last %s"),
		    top_duration(app->arena, v->span_s));
}

static int
once(struct app *app, const char *dir, struct err *e)
{
	struct top *t;
	struct top_view v;
	bool more = true;
	if (!top_open(&app->model, dir, &t, e))
		return err_exit_status(e->code);
	bool ok = true;
	while (ok && more)
		ok = top_read(t, READ_STEP, &more, e);
	ok = ok && top_view(t, &v, e);
	if (ok && (app->json || app->jsonl))
		json_all(app, &v);
	else if (ok)
		text_all(app, &v);
	top_close(t);
	return ok ? 0 : err_exit_status(e->code);
}

static int
top_run(struct app *app, const struct call *call, struct err *e)
{
	const char *dir = call_option(call, "logs");
	if (dir != NULL && !file_need_dir(dir, e))
		return err_exit_status(e->code);
	if (dir == NULL && !model_root_check(&app->root, e))
		return err_exit_status(e->code);
	if (call_has(call, "once") || app->json || app->jsonl)
		return once(app, dir, e);
	if (dir != NULL) {
		err_set(e, ERR_USAGE, _("--logs needs --once"));
		return err_exit_status(e->code);
	}
	return tui_open(app, "top", "smemail top --once", e);
}

const struct command command_top = {
	.words = "top",
	.summary = N_("what the mail system does now"),
	.text =
	    N_("Sessions that have begun and not ended, longest wait first, "
	       "with their phase, what they wait for, and what was accepted "
	       "and refused in them; mail of the last minute and seconds, and "
	       "of the last five minutes by what it was refused, its scores, "
	       "and the plugins that took longest; the queue. On a terminal a "
	       "live screen, with --once the figures of this moment. Nearly "
	       "all of it is told from the logs, which the bundled filter writes as "
	       "qpsmtpd does: the limit of sessions is its own count. The "
	       "time of a plugin is that from the line before to its own "
	       "line, the client's turns left out. A log level that leaves "
	       "out lines leaves out what they would tell."),
	.options = {
		{ .name = "once",
		    .help = N_("print the figures of this moment and end") },
		{ .name = "logs",
		    .value = "DIR",
		    .kind = ARG_DIR,
		    .help = N_("read the logs of DIR, one folder a service "
			       "(with --once)") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = top_run,
};
