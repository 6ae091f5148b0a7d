/* Carrying out a plan on a server: its own programs, then what they leave. */
#include "core/model/apply_int.h"

#include "core/base/i18n.h"
#include "core/model/live.h"

static const char *
live_event_text(const struct model_ctx *m, const struct plan_event *ev)
{
	return arena_printf(m->arena, "%s%s%s", ev->name,
	    ev->argument != NULL ? " " : "",
	    ev->argument != NULL ? ev->argument : "");
}

/* Services that need more than the event gave them; "" for none. */
static const char *
services_after(const struct model_ctx *m, const struct plan_event *ev)
{
	struct plan_event after = { .n_services = 0 };
	after.services =
	    ARENA_ARRAY(m->arena, ev->n_services + 1, struct plan_service);
	for (size_t i = 0; i < ev->n_services; i++)
		if (ev->services[i].after)
			after.services[after.n_services++] = ev->services[i];
	return apply_services_text(m, &after);
}

static bool
live_services(struct apply *a, const struct plan_event *ev, struct err *e)
{
	const char *text = services_after(a->m, ev);
	if (text[0] == '\0')
		return true;
	apply_step_begin(a);
	bool ok = live_services_finish(a->m, ev, e);
	apply_step_end(a, ok, "service", text);
	return ok;
}

bool
apply_live_run(struct apply *a, struct err *e)
{
	const struct model_ctx *m = a->m;
	const struct plan *p = a->work.plan;
	size_t seen = 0, made = 0;
	bool ok = true;
	for (size_t i = 0; ok && i < p->n_events; i++) {
		apply_step_begin(a);
		ok = apply_may_go_on(a, e) && live_event(m, &p->events[i], e);
		apply_step_end(
		    a, ok, "event", live_event_text(m, &p->events[i]));
	}
	if (!ok)
		return false;
	apply_step_begin(a);
	ok = live_files_finish(m, p, &seen, &made, e);
	apply_step_end(a, ok, "verify",
	    arena_printf(m->arena,
		_("%zu files as planned, %zu of them expanded now"), seen,
		made));
	for (size_t i = 0; ok && i < p->n_events; i++)
		ok = live_services(a, &p->events[i], e);
	return ok && live_services(a, &p->loose, e);
}
