/* Running a system event. */
#include "core/model/signal.h"

#include "core/base/i18n.h"
#include "core/db/db.h"
#include "core/model/expand.h"
#include "core/model/files.h"
#include "core/service/service.h"
#include "core/sys/file.h"

#include <string.h>

/* One run. */
struct run {
	const struct model_ctx *m;
	const char *event;
	const char *const *args;
	const struct event_service *services;
	struct event_log log;
	struct signal_result *out;
	struct db *config;
};

static void
failed(struct run *r, const struct err *why)
{
	if (r->out->failed++ == 0)
		r->out->first = *why;
	event_log_linef(&r->log, "ERROR: %s", why->text);
}

/* ES-125: what cannot be expanded is logged, all else is written. */
static void
expand_step(struct run *r)
{
	const struct model_ctx *m = r->m;
	struct expand *x = NULL;
	struct err e = ERR_INIT;
	const char *const *paths = NULL;
	size_t n = 0;
	const struct event *native = event_find(r->event);
	bool links = native != NULL && native->templates[0] != NULL;
	if (!expand_open(m, m->root, &x, &e) ||
	    !files_of_event(m, r->event, &paths, &n, &e)) {
		failed(r, &e);
		expand_close(x);
		return;
	}
	/* one more round without a path, for the links of peers/ */
	for (size_t i = 0; i < n + (links ? 1 : 0); i++) {
		struct files_set set;
		err_clear(&e);
		if (i < n)
			event_log_linef(&r->log, "expanding %s", paths[i]);
		if (!files_make(
			m, x, paths + i, i < n ? 1 : 0, i == n, &set, &e) ||
		    !files_write(m, &set, &e))
			failed(r, &e);
		else
			r->out->files_changed += set.n_differ;
	}
	r->out->files += n;
	expand_close(x);
}

static bool
is_enabled(const struct run *r, const char *service)
{
	struct str status;
	return db_prop(r->config, service, "status", r->m->arena, &status) &&
	       str_is(status, "enabled");
}

static bool
in_tree(const struct run *r, const char *service)
{
	char path[SYS_PATH_MAX];
	return root_pathf(r->m->root, path, NULL, SERVICE_DIR "/%s", service) &&
	       file_is_dir(path);
}

/*
 * The server remakes the links of peers/ at USR1; here they are remade by the
 * event itself, and the bundled filter reads them at HUP.
 */
static struct str
word_here(const struct run *r, const char *service, struct str word)
{
	bool ours = !root_is_system(r->m->root) &&
		    str_ends(str_of(service), STR("qpsmtpd"));
	return ours && str_is(word, "sigusr1") ? STR("sighup") : word;
}

/* ES-128: one byte; false when it could not be delivered. */
static bool
word_send(struct run *r, struct signal_service *s, struct str word)
{
	struct err e = ERR_INIT;
	char byte = service_word_byte(word);
	if (byte == 0) {
		event_log_linef(&r->log,
		    "Unrecognised param %.*s for service %s", STR_ARG(word),
		    s->name);
		return true;
	}
	event_log_linef(
	    &r->log, "adjusting supervised %s (%.*s)", s->name, STR_ARG(word));
	if (supervisor_runit.control(r->m->root, s->name, byte, &e))
		return true;
	event_log_linef(&r->log, "%s", e.text);
	s->outcome = e.code == ERR_NO ? SIGNAL_NOT_UP : SIGNAL_FAILED;
	if (s->outcome == SIGNAL_FAILED)
		failed(r, &e);
	return false;
}

/* ES-127 */
static void
service_adjust(struct run *r, struct signal_service *s)
{
	struct str words = str_of(s->words), word;
	bool stays_up = true;
	if (db_find(r->config, str_of(s->name)) == NULL) {
		s->outcome = SIGNAL_NO_RECORD;
		event_log_linef(
		    &r->log, "No conf db entry for service %s", s->name);
		return;
	}
	if (!in_tree(r, s->name)) {
		s->outcome = SIGNAL_ABSENT;
		event_log_linef(&r->log,
		    "serviceControl: startScript not found for service %s",
		    s->name);
		return;
	}
	bool enabled = is_enabled(r, s->name);
	if (!enabled && !word_send(r, s, STR("down")))
		return;
	while (str_next_word(&words, &word)) {
		stays_up = stays_up && !service_word_stops(word);
		if (!word_send(r, s, word_here(r, s->name, word)))
			return;
	}
	if (enabled && stays_up)
		word_send(r, s, STR("up"));
}

static void
adjust_step(struct run *r)
{
	const struct model_ctx *m = r->m;
	struct event_service *own = NULL;
	const struct event_service *list = r->services;
	struct err e = ERR_INIT;
	size_t n = 0;
	if (list == NULL) {
		if (!event_services(
			m->root, r->event, m->arena, &own, &n, &e)) {
			failed(r, &e);
			return;
		}
		list = own;
	}
	for (n = 0; list[n].name != NULL; n++)
		;
	r->out->services = ARENA_ARRAY(m->arena, n + 1, struct signal_service);
	r->out->n_services = n;
	for (size_t i = 0; i < n; i++) {
		r->out->services[i] = (struct signal_service){
			list[i].name,
			list[i].words,
			SIGNAL_TOLD,
		};
		service_adjust(r, &r->out->services[i]);
	}
}

static void
handler_step(struct run *r, const struct event_step *step)
{
	struct err e = ERR_INIT;
	int status = 0;
	const struct clock *c = r->m->clock;
	int64_t start = clock_wall_ns(c);
	if (!event_handler_run(
		r->m->root, step, r->event, r->args, &r->log, &status, &e))
		event_log_linef(&r->log, "%s", e.text);
	event_log_summary(
	    &r->log, r->event, step->name, start, clock_wall_ns(c), status);
	if (status == 0)
		return;
	err_set(&e, ERR_PERMANENT, _("event handler '%s' failed"), step->path);
	failed(r, &e);
}

static void
step_run(struct run *r, const struct event_step *step)
{
	if (step->kind == EVENT_HANDLER && !step->runnable) {
		event_log_linef(&r->log,
		    "Skipping non-executable event handler: %s", step->path);
		return;
	}
	event_log_linef(&r->log, "Running event handler: %s", step->path);
	if (step->kind == EVENT_HANDLER) {
		handler_step(r, step);
		return;
	}
	int64_t start = clock_wall_ns(r->m->clock);
	if (step->kind == EVENT_EXPAND)
		expand_step(r);
	else
		adjust_step(r);
	event_log_summary(&r->log, r->event, step->name, start,
	    clock_wall_ns(r->m->clock), 0);
}

/* A service that the event itself does not adjust may need to be told. */
static bool
has_adjust(const struct event_step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (steps[i].kind == EVENT_ADJUST)
			return true;
	return false;
}

bool
signal_event(const struct model_ctx *m, const char *event,
    const char *const *args, const struct event_service *services,
    struct signal_result *out, struct err *e)
{
	static const char *const none[] = { NULL };
	char path[SYS_PATH_MAX];
	struct event_step *steps;
	size_t n;
	struct run r = {
		.m = m,
		.event = event,
		.args = args != NULL ? args : none,
		.services = services,
		.out = out,
	};
	*out = (struct signal_result){ .files = 0 };
	if (!event_check(m->root, event, e) ||
	    !event_steps(m->root, event, m->arena, &steps, &n, e) ||
	    !db_path(m->root, "configuration", path, NULL, e) ||
	    !db_load(path, root_shown(m->root, path), &r.config, e))
		return false;
	event_log_open(&r.log, m->root, m->clock);
	struct buf line = BUF_INIT(64 * 1024);
	buf_addf(&line, "Processing event: %s ", event);
	for (size_t i = 0; r.args[i] != NULL; i++)
		buf_addf(&line, "%s%s", i > 0 ? " " : "", r.args[i]);
	event_log_line(&r.log, buf_str(&line));
	buf_clear(&line);
	for (size_t i = 0; i < n; i++)
		step_run(&r, &steps[i]);
	if (services != NULL && services[0].name != NULL &&
	    !has_adjust(steps, n))
		adjust_step(&r);
	event_log_close(&r.log);
	db_free(r.config);
	return true;
}
