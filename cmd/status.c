/* The command status: the first screen in words. */
#include "core/model/status.h"

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/findings.h"
#include "cmd/render.h"
#include "cmd/top_json.h"
#include "cmd/when.h"
#include "core/base/i18n.h"

enum {
	ANSWER_NO = 1,
	LIST_MAX = 4096,
	LABEL_WIDTH = 11,
	HOUR_S = 3600,
	DAY_S = 24 * HOUR_S,
};

static bool
is_whole(const struct status *st)
{
	return st->damage.code == ERR_NONE;
}

/* What stands as the word of the whole. */
static const char *
overall(const struct findings *f)
{
	size_t n[FINDING_UNKNOWN + 1] = { 0 };
	for (size_t i = 0; i < f->n; i++)
		n[f->list[i].state]++;
	return n[FINDING_FAIL] > 0   ? "FAIL"
	       : n[FINDING_WARN] > 0 ? "WARN"
				     : "ok";
}

/* "ok qpsmtpd, FAIL spamd (not started)" */
static const char *
services_words(struct app *app, const struct status *st)
{
	struct buf words = BUF_INIT(LIST_MAX);
	for (size_t i = 0; i < st->n_services; i++) {
		const struct service_row *r = &st->services[i];
		buf_addf(
		    &words, "%s%s %s", i > 0 ? ", " : "", r->state, r->name);
		if (r->why[0] != '\0')
			buf_addf(&words, " (%s)", r->why);
	}
	const char *text = words.len == 0
			       ? _("none under this root")
			       : arena_cstr(app->arena, buf_str(&words));
	buf_clear(&words);
	return text;
}

static const char *
logs_words(struct app *app, const struct status *st)
{
	struct buf words = BUF_INIT(LIST_MAX);
	for (size_t i = 0; st->logs != NULL && st->logs[i] != NULL; i++)
		buf_addf(&words, "%s%s", i > 0 ? " " : "", st->logs[i]);
	const char *text = words.len == 0
			       ? _("none yet")
			       : arena_cstr(app->arena, buf_str(&words));
	buf_clear(&words);
	return text;
}

static const char *
changes_words(struct app *app, const struct status *st)
{
	if (!st->applied)
		return arena_printf(
		    app->arena, _("%zu pending; no apply yet"), st->pending);
	return arena_printf(app->arena,
	    _("%zu pending; last apply: change %ld, %s, %s"), st->pending,
	    st->last.change, when_shown(app, st->last.time_s), st->last.who);
}

/* "the server's own expand-template, signal-event" */
static const char *
engine_words(struct app *app, const struct status *st)
{
	struct buf words = BUF_INIT(LIST_MAX);
	if (!st->live)
		return _("smemail's own templates and events");
	for (size_t i = 0; i < st->n_programs; i++) {
		const struct status_program *p = &st->programs[i];
		buf_addf(&words, "%s%s%s", i > 0 ? ", " : "", p->path,
		    p->there ? "" : _(" (missing)"));
	}
	const char *text = arena_printf(app->arena,
	    _("a server of its own: %.*s"), STR_ARG(buf_str(&words)));
	buf_clear(&words);
	return text;
}

/* "accepted 412, refused 1236, deferred 17", and by what below. */
static void
mail_show(struct app *app, const struct status_mail *mail)
{
	if (!mail->known) {
		render_fact(app, LABEL_WIDTH, _("mail 24h"),
		    arena_printf(app->arena, "????  %s", mail->why.text));
		return;
	}
	render_fact(app, LABEL_WIDTH, _("mail 24h"),
	    arena_printf(app->arena,
		_("accepted %llu, refused %llu, deferred %llu"),
		(unsigned long long)mail->sum.accepted,
		(unsigned long long)mail->sum.refused,
		(unsigned long long)mail->sum.deferred));
	if (mail->n_rules > 0)
		render_fact(app, LABEL_WIDTH, "",
		    arena_printf(app->arena, _("refused by %s"),
			status_rules_words(&app->model, mail)));
}

static void
findings_lines(struct app *app, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		render_fact(app, LABEL_WIDTH, i == 0 ? _("findings") : "",
		    arena_printf(app->arena, "%s %s: %s",
			finding_shown(f->list[i].state), _(f->list[i].label),
			f->list[i].text));
}

static void
next_show(struct app *app, const struct status *st, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->list[i].next == NULL)
			continue;
		render_next(app, "%s", f->list[i].next);
		return;
	}
	if (st->pending > 0)
		render_next(app, "smemail plan");
}

static void
status_show(struct app *app, const struct status *st, const struct findings *f)
{
	render_fact(
	    app, LABEL_WIDTH, overall(f), status_counts_words(&app->model, f));
	findings_lines(app, f);
	mail_show(app, &st->mail);
	render_fact(app, LABEL_WIDTH, _("services"), services_words(app, st));
	render_fact(
	    app, LABEL_WIDTH, _("queue"), status_queue_words(&app->model, st));
	render_fact(app, LABEL_WIDTH, _("certificate"),
	    status_certificate_words(&app->model, &st->certificate));
	render_fact(app, LABEL_WIDTH, _("engine"), engine_words(app, st));
	render_fact(app, LABEL_WIDTH, _("changes"), changes_words(app, st));
	render_fact(app, LABEL_WIDTH, _("settings"),
	    is_whole(st)
		? arena_printf(app->arena,
		      _("%zu, of them %zu not at default, %zu not valid"),
		      st->settings, st->settings_set, st->settings_bad)
		: _("???? what is stored cannot be told"));
	render_fact(app, LABEL_WIDTH, _("logs"), logs_words(app, st));
	next_show(app, st, f);
}

static void
services_json(struct json *j, const struct status *st)
{
	json_key(j, "services");
	json_array_begin(j);
	for (size_t i = 0; i < st->n_services; i++) {
		const struct service_row *r = &st->services[i];
		json_object_begin(j);
		json_key(j, "name");
		json_cstr(j, r->name);
		json_key(j, "state");
		json_cstr(j, r->state);
		json_key(j, "why");
		json_cstr(j, r->why);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
changes_json(struct json *j, const struct status *st)
{
	char time[CLOCK_RFC3339_SIZE];
	json_key(j, "changes");
	json_object_begin(j);
	json_key(j, "pending");
	json_int(j, (int64_t)st->pending);
	json_key(j, "last");
	if (st->applied) {
		json_object_begin(j);
		json_key(j, "change");
		json_int(j, st->last.change);
		json_key(j, "time");
		json_cstr(j, clock_rfc3339(st->last.time_s, time));
		json_key(j, "who");
		json_cstr(j, st->last.who);
		json_object_end(j);
	} else {
		json_null(j);
	}
	json_object_end(j);
}

static void
engine_json(struct json *j, const struct status *st)
{
	json_key(j, "engine");
	json_object_begin(j);
	json_key(j, "live");
	json_bool(j, st->live);
	json_key(j, "programs");
	json_array_begin(j);
	for (size_t i = 0; i < st->n_programs; i++) {
		json_object_begin(j);
		json_key(j, "path");
		json_cstr(j, st->programs[i].path);
		json_key(j, "there");
		json_bool(j, st->programs[i].there);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static void
counts_json(struct json *j, const struct status_hour *h)
{
	json_key(j, "accepted");
	json_int(j, (int64_t)h->accepted);
	json_key(j, "refused");
	json_int(j, (int64_t)h->refused);
	json_key(j, "deferred");
	json_int(j, (int64_t)h->deferred);
}

static void
mail_json(struct json *j, const struct status_mail *mail)
{
	char time[CLOCK_RFC3339_SIZE];
	json_key(j, "mail");
	if (!mail->known) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	counts_json(j, &mail->sum);
	top_counts_json(j, "by_rule", mail->rules, mail->n_rules);
	json_key(j, "hours");
	json_array_begin(j);
	for (size_t i = 0; i < STATUS_HOURS; i++) {
		json_object_begin(j);
		json_key(j, "time");
		json_cstr(
		    j, clock_rfc3339(
			   (mail->first_hour + (int64_t)i) * HOUR_S, time));
		counts_json(j, &mail->hours[i]);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static void
queue_json(struct app *app, struct json *j, const struct top_queue *q)
{
	json_key(j, "queue");
	if (!q->known) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	json_key(j, "count");
	json_int(j, (int64_t)q->messages);
	json_key(j, "local");
	json_int(j, (int64_t)q->local);
	json_key(j, "remote");
	json_int(j, (int64_t)q->remote);
	json_key(j, "oldest_s");
	if (q->oldest_s > 0)
		json_int(j, clock_wall_s(app->clock) - q->oldest_s);
	else
		json_null(j);
	json_object_end(j);
}

static void
waiting_json(struct json *j, const struct waiting *w)
{
	json_key(j, "waiting");
	if (!w->known) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	json_key(j, "count");
	json_int(j, (int64_t)w->messages);
	json_key(j, "bytes");
	json_int(j, (int64_t)w->bytes);
	json_key(j, "failed");
	json_int(j, (int64_t)w->failed);
	json_key(j, "oldest_s");
	if (w->messages > 0)
		json_int(j, w->oldest_s);
	else
		json_null(j);
	json_key(j, "why");
	if (w->why[0] != '\0')
		json_cstr(j, w->why);
	else
		json_null(j);
	json_key(j, "source");
	json_cstr(j, w->from_disk ? "disk" : "daemon");
	json_object_end(j);
}

static void
certificate_json(
    struct app *app, struct json *j, const struct status_certificate *c)
{
	char time[CLOCK_RFC3339_SIZE];
	json_key(j, "certificate");
	if (!c->known) {
		json_null(j);
		return;
	}
	int64_t left = c->not_after - clock_wall_s(app->clock);
	json_object_begin(j);
	json_key(j, "name");
	json_cstr(j, c->name);
	json_key(j, "not_after");
	json_cstr(j, clock_rfc3339(c->not_after, time));
	json_key(j, "days");
	json_int(j, left / DAY_S - (left % DAY_S < 0));
	json_object_end(j);
}

static void
settings_json(struct json *j, const struct status *st)
{
	json_key(j, "settings");
	json_object_begin(j);
	json_key(j, "count");
	json_int(j, (int64_t)st->settings);
	json_key(j, "set");
	json_int(j, (int64_t)st->settings_set);
	json_key(j, "not_valid");
	json_int(j, (int64_t)st->settings_bad);
	json_object_end(j);
	json_key(j, "logs");
	json_array_begin(j);
	for (size_t i = 0; st->logs != NULL && st->logs[i] != NULL; i++)
		json_cstr(j, st->logs[i]);
	json_array_end(j);
}

static void
status_json(struct app *app, const struct status *st, const struct findings *f)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.status/1");
	json_key(&j, "state");
	json_cstr(&j, overall(f));
	json_key(&j, "damage");
	if (is_whole(st))
		json_null(&j);
	else
		json_cstr(&j, st->damage.text);
	findings_json(&j, f);
	mail_json(&j, &st->mail);
	services_json(&j, st);
	queue_json(app, &j, &st->queue);
	waiting_json(&j, &st->waiting);
	certificate_json(app, &j, &st->certificate);
	engine_json(&j, st);
	changes_json(&j, st);
	settings_json(&j, st);
	render_json_end(app, &j, &buf);
}

static int
status_run(struct app *app, const struct call *call, struct err *e)
{
	struct status st;
	struct findings f = { .n = 0 };
	(void)call;
	if (!status_read(&app->model, &st, e))
		return err_exit_status(e->code);
	status_measure(&app->model, &st, NULL, NULL);
	findings_init(&f, app->arena);
	status_findings(&app->model, &st, &f);
	if (app->json || app->jsonl)
		status_json(app, &st, &f);
	else
		status_show(app, &st, &f);
	return findings_worst(&f) == FINDING_FAIL ? ANSWER_NO : 0;
}

const struct command command_status = {
	.words = "status",
	.summary = N_("tell how the mail system stands"),
	.text = N_("The first screen in words: what is wrong, the worst first; "
		   "mail of the last 24 hours; services that should run, the "
		   "queue, what was taken and is not delivered yet, until when "
		   "the certificate is good, settings that "
		   "wait for an apply or are not valid. Asks nothing of the "
		   "network. Exit status 1 when something is a FAIL: a service "
		   "that should run does not, a database is damaged, the "
		   "certificate has expired."),
	.run = status_run,
};
