/* The command apply, and carrying out for all that end in one. */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/plan.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/model/confirm.h"
#include "core/sys/file.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	STEPS_MAX = 512,
	DETAIL_COLUMNS = 55,
	SAVED_MAX = 4 << 20
};

/* Steps of an apply: shown as they come, kept for JSON. */
struct steps {
	struct app *app;
	struct plan_step kept[STEPS_MAX];
	size_t n;
};

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

/* Ctrl-C ends an apply between two steps; a second one at once. */
static void
interrupt_catch(struct sigaction *before)
{
	struct sigaction a = { .sa_handler = on_interrupt };
	sigemptyset(&a.sa_mask);
	a.sa_flags = (int)SA_RESETHAND;
	interrupted = 0;
	sigaction(SIGINT, NULL, before);
	if (before->sa_handler != SIG_IGN)
		sigaction(SIGINT, &a, NULL);
}

static bool
is_stopped(void *ctx)
{
	(void)ctx;
	return interrupted != 0;
}

static void
step_show(void *ctx, const struct plan_step *step)
{
	struct steps *s = ctx;
	if (s->n < STEPS_MAX)
		s->kept[s->n++] = *step;
	if (s->app->json)
		return;
	render_line(s->app, "%-5s %-8s %-*s %7.2f s", step->state, step->name,
	    DETAIL_COLUMNS, step->detail, step->seconds);
	fflush(s->app->out);
}

static void
steps_json(struct json *j, const struct steps *s)
{
	json_key(j, "steps");
	json_array_begin(j);
	for (size_t i = 0; i < s->n; i++) {
		json_object_begin(j);
		json_key(j, "state");
		json_cstr(j, s->kept[i].state);
		json_key(j, "name");
		json_cstr(j, s->kept[i].name);
		json_key(j, "detail");
		json_cstr(j, s->kept[i].detail);
		json_key(j, "seconds");
		json_double(j, s->kept[i].seconds, 3);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
result_json(struct app *app, const struct steps *s, const struct plan_result *r)
{
	struct json j;
	struct buf buf;
	char text[CLOCK_RFC3339_SIZE];
	render_json_begin(app, &j, &buf, "smemail.apply/1");
	json_key(&j, "change");
	if (r->change > 0)
		json_int(&j, r->change);
	else
		json_null(&j);
	json_key(&j, "applied");
	json_bool(&j, r->change > 0);
	steps_json(&j, s);
	json_key(&j, "needs_reboot");
	json_bool(&j, r->reboots);
	json_key(&j, "expires");
	json_cstr(
	    &j, r->expires_s > 0 ? clock_rfc3339(r->expires_s, text) : NULL);
	json_key(&j, "undo");
	json_cstr(&j, r->change > 0 ? arena_printf(app->arena,
					  "smemail undo %ld", r->change)
				    : NULL);
	render_json_end(app, &j, &buf);
}

static void
result_show(
    struct app *app, const struct plan_order *o, const struct plan_result *r)
{
	char until[16] = "-";
	struct tm t;
	time_t end = (time_t)r->expires_s;
	if (r->change == 0) {
		plan_nothing_show(app);
	} else if (r->expires_s > 0) {
		if (localtime_r(&end, &t) != NULL)
			strftime(until, sizeof(until), "%H:%M:%S", &t);
		render_line(
		    app, _("change %ld applied until %s"), r->change, until);
		render_next(app,
		    _("smemail apply --keep %ld, else it is undone by itself"),
		    r->change);
	} else if (o->kind == JOURNAL_UNDO && o->of > 0) {
		render_line(app, _("change %ld taken back by change %ld"),
		    o->of, r->change);
	} else {
		render_line(app, _("change %ld applied"), r->change);
		render_next(
		    app, _("smemail undo %ld takes it back"), r->change);
	}
	if (r->reboots)
		render_note(app, _("! the server must be restarted for some of "
				   "it; smemail never does that by itself"));
}

int
apply_order(struct app *app, struct plan_order *order, struct err *e)
{
	struct steps *s = ARENA_NEW(app->arena, struct steps);
	struct plan_result r;
	struct sigaction before;
	s->app = app;
	order->progress = step_show;
	order->stopped = is_stopped;
	order->ctx = s;
	interrupt_catch(&before);
	bool ok = plan_apply(&app->model, order, &r, e);
	sigaction(SIGINT, &before, NULL);
	for (size_t i = 0; !ok && i < r.n_moved; i++)
		render_note(app, "! %s", r.moved[i]);
	if (!ok)
		return err_exit_status(e->code);
	if (app->json)
		result_json(app, s, &r);
	else
		result_show(app, order, &r);
	return 0;
}

/* "5m", "90s", "1h30m", "300" (seconds). */
static bool
duration_parse(const char *text, int64_t *out, struct err *e)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	struct str rest = str_of(text);
	int64_t total = 0;
	bool ok = rest.len > 0;
	while (ok && rest.len > 0) {
		size_t digits = 0;
		int64_t n = 0, unit = 0;
		while (digits < rest.len && ascii_is_digit(rest.ptr[digits]))
			digits++;
		ok = num_parse_i64(str_sub(rest, 0, digits), 0, INT_MAX, &n);
		for (size_t i = 0; i < ARRAY_LEN(units); i++)
			if (digits < rest.len &&
			    rest.ptr[digits] == units[i].letter)
				unit = units[i].seconds;
		if (digits == rest.len)
			unit = 1;
		ok = ok && unit > 0;
		total += n * unit;
		rest = str_sub(rest, digits + 1, rest.len);
	}
	if (ok && total >= CONFIRM_MIN_S && total <= CONFIRM_MAX_S) {
		*out = total;
		return true;
	}
	err_set(e, ERR_USAGE,
	    _("--confirm takes a time from 10s to 7d, not '%s'"), text);
	return err_next(e, "smemail apply --confirm 5m");
}

static bool
saved_read(struct app *app, const char *path, struct base *out, struct err *e)
{
	struct buf text = BUF_INIT(SAVED_MAX);
	bool ok = file_read_named(path, &text, e) &&
		  base_parse(buf_str(&text), path, app->arena, out, e);
	buf_clear(&text);
	return ok;
}

static int
keep_run(struct app *app, const char *word, bool dry, struct err *e)
{
	int64_t change = 0;
	if (!num_parse_i64(str_of(word), 1, LONG_MAX, &change))
		err_set(e, ERR_USAGE,
		    _("--keep takes the number of a change, not '%s'"), word);
	else if (dry || confirm_keep(&app->model, (long)change, e))
		render_line(app, _("change %ld stays"), (long)change);
	return err_exit_status(e->code);
}

/* What it would do. */
static int
dry_run(struct app *app, struct err *e)
{
	struct plan *p;
	if (!plan_make(&app->model, NULL, 0, &p, e))
		return err_exit_status(e->code);
	if (app->json)
		plan_json(app, p);
	else
		plan_show(app, p);
	return 0;
}

static int
apply_run(struct app *app, const struct call *call, struct err *e)
{
	struct plan_order order = { .kind = JOURNAL_APPLY };
	struct base saved;
	const char *confirm = call_option(call, "confirm");
	const char *file = call->n_args > 0 ? call->args[0] : NULL;
	bool dry = call_has(call, "dry-run");
	if (call_has(call, "keep"))
		return keep_run(app, call_option(call, "keep"), dry, e);
	if (confirm != NULL && !duration_parse(confirm, &order.confirm_s, e))
		return err_exit_status(e->code);
	if (file != NULL) {
		if (!saved_read(app, file, &saved, e))
			return err_exit_status(e->code);
		order.base = &saved;
		order.base_shown = file;
	}
	return dry ? dry_run(app, e) : apply_order(app, &order, e);
}

const struct command command_apply = {
	.words = "apply",
	.summary = N_("bring stored settings into force"),
	.text = N_("Expands the files concerned, runs each event once, tells "
		   "the services and checks that they answer. A configuration "
		   "that does not expand, or that the mail filter would not "
		   "load, changes nothing. With a PLAN kept by plan -o nothing "
		   "is done when anything has moved since. With --confirm the "
		   "change is taken back by itself unless --keep comes in "
		   "time, also when the connection, the terminal or the "
		   "machine is gone. Ctrl-C stops after the step it is in; "
		   "the next apply finishes what was left."),
	.args = {
		{ .name = "PLAN", .kind = ARG_FILE, .count = ARG_OPTIONAL },
	},
	.options = {
		{
			.name = "confirm",
			.value = "TIME",
			.kind = ARG_TEXT,
			.help = N_("take it back after 5m, 1h ... unless kept"),
		},
		{
			.name = "keep",
			.value = "CHANGE",
			.kind = ARG_INT,
			.help = N_("confirm a change that waits for it"),
		},
		{
			.name = "dry-run",
			.help = N_("show the plan, and change nothing"),
		},
	},
	.flags = COMMAND_CHANGES,
	.run = apply_run,
};
