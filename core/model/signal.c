/* Running a system event. */
#include "core/model/signal.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/db/db.h"
#include "core/model/signal_int.h"

#include <string.h>

void
signal_failed(struct signal_run *r, const struct err *why)
{
	if (r->out->failed++ == 0)
		r->out->first = *why;
	event_log_linef(&r->log, "ERROR: %s", why->text);
}

static void
handler_step(struct signal_run *r, const struct event_step *step)
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
	/* the summary tells it; others are run all the same */
	r->out->handlers_failed++;
	if (r->out->failed++ == 0)
		err_set(&r->out->first, ERR_PERMANENT,
		    _("event handler '%s' failed"), step->path);
}

static void
step_run(struct signal_run *r, const struct event_step *step)
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
		signal_expand(r);
	else
		signal_adjust(r);
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
signal_services(const struct model_ctx *m, const char *event,
    const struct event_service *services, struct signal_result *out,
    struct err *e)
{
	char path[SYS_PATH_MAX];
	struct signal_run r = {
		.m = m,
		.event = event,
		.services = services,
		.out = out,
	};
	*out = (struct signal_result){ .files = 0 };
	if (!db_path(m->root, "configuration", path, NULL, e) ||
	    !db_load(path, root_shown(m->root, path), &r.config, e))
		return false;
	event_log_open(&r.log, m->root, m->clock);
	signal_adjust(&r);
	event_log_close(&r.log);
	db_free(r.config);
	return true;
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
	struct signal_run r = {
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
		signal_adjust(&r);
	event_queue_put(m->root, event, r.args);
	event_log_close(&r.log);
	db_free(r.config);
	return true;
}
