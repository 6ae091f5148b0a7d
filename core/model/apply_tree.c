/* Carrying out a plan below a folder: the tree's own engine. */
#include "core/model/apply_int.h"

#include "core/base/i18n.h"
#include "core/model/signal.h"
#include "core/model/tree.h"
#include "core/model/tree_action.h"
#include "core/service/service.h"

#include <string.h>

enum {
	ANSWER_MS = 15000,
	UP_MS = 10000,
};

bool
apply_plugins_changed(const struct files_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct files_entry *f = &set->entries[i];
		if (f->differs &&
		    (strcmp(f->path, APPLY_CONFIG "/plugins") == 0 ||
			strncmp(f->path, APPLY_CONFIG "/peers/",
			    strlen(APPLY_CONFIG "/peers/")) == 0))
			return true;
	}
	return false;
}

/*
 * What a service of the event is told. Only a list of plugins is read at HUP
 * alone: of anything else the filter's log need not tell.
 */
static struct tree_told
told_of(const struct apply *a, const struct plan_service *s,
    const struct service_status *before)
{
	struct tree_told t = {
		.action = tree_action_find(s->action),
		.service = s->name,
		.before = before,
		.mark = a->log_mark,
	};
	if (t.action->rereads && !apply_plugins_changed(&a->work.set) &&
	    !a->work.resume.plugins)
		t.mark = -1;
	return t;
}

/* After its action a service is in the state it was told to be in. */
static bool
service_settled(const struct apply *a, const struct plan_service *s,
    const struct service_status *before, struct err *e)
{
	const struct tree_told told = told_of(a, s, before);
	if (tree_told_wait(a->m, &told, UP_MS, e))
		return true;
	if (e != NULL)
		e->code = ERR_PERMANENT;
	return false;
}

static bool
services_settle(struct apply *a, const struct plan_event *ev,
    const struct service_status *before, const struct signal_result *r,
    struct err *e)
{
	const struct model_ctx *m = a->m;
	bool ok = true;
	if (ev->n_services == 0)
		return true;
	apply_step_begin(a);
	for (size_t i = 0; ok && i < ev->n_services; i++) {
		if (r->services[i].outcome != SIGNAL_TOLD)
			ok = err_set(e, ERR_PERMANENT,
			    _("service '%s' could not be told to %s"),
			    ev->services[i].name, ev->services[i].action);
		else
			ok =
			    service_settled(a, &ev->services[i], &before[i], e);
	}
	apply_step_end(a, ok, "service", apply_services_text(m, ev));
	return ok;
}

static const char *
event_text(const struct model_ctx *m, const struct plan_event *ev)
{
	return arena_printf(m->arena, _("%s%s%s: %zu files, %zu changed"),
	    ev->name, ev->argument != NULL ? " " : "",
	    ev->argument != NULL ? ev->argument : "", ev->files,
	    ev->files_changed);
}

bool
apply_tree_event(struct apply *a, const struct plan_event *ev, struct err *e)
{
	const struct model_ctx *m = a->m;
	const char *args[] = { ev->argument, NULL };
	struct event_service *told =
	    ARENA_ARRAY(m->arena, ev->n_services + 1, struct event_service);
	struct service_status *before =
	    ARENA_ARRAY(m->arena, ev->n_services + 1, struct service_status);
	struct signal_result r;
	for (size_t i = 0; i < ev->n_services; i++) {
		told[i].name = ev->services[i].name;
		if (!supervisor_runit.status(
			m->root, told[i].name, &before[i], e))
			return false;
		const struct tree_told t =
		    told_of(a, &ev->services[i], &before[i]);
		/* one that is to stop is switched off: signalling stops it */
		told[i].words = t.action->ends_up ? tree_told_word(&t) : "";
	}
	apply_step_begin(a);
	bool ok = signal_event(m, ev->name, args, told, &r, e);
	if (ok && r.failed > 0) {
		ok = false;
		if (e != NULL)
			*e = r.first;
	}
	apply_step_end(a, ok, "event", event_text(m, ev));
	return ok && services_settle(a, ev, before, &r, e);
}

bool
apply_tree_verify(struct apply *a, struct err *e)
{
	const struct model_ctx *m = a->m;
	struct service_status st;
	struct plan_work now;
	const struct plan_order none = { .n = 0 };
	apply_step_begin(a);
	bool ok = plan_work_make(m, &none, &now, e);
	const char *files =
	    arena_printf(m->arena, _("%zu files as planned"), a->work.set.n);
	if (ok && now.set.n_differ > 0) {
		ok = false;
		err_set(e, ERR_PERMANENT,
		    _("'%s' is not as planned: something else writes it"),
		    now.plan->files[0].path);
	}
	apply_step_end(a, ok, "verify", files);
	a->now = now.plan->base;
	if (!ok || !tree_service_enabled(m, APPLY_FILTER) ||
	    !supervisor_runit.status(m->root, APPLY_FILTER, &st, NULL) ||
	    !st.supervised || !st.want_up)
		return ok;
	apply_step_begin(a);
	int port = tree_smtp_port(m);
	ok = tree_smtp_answers(m, port, ANSWER_MS, e);
	apply_step_end(a, ok, "verify",
	    arena_printf(
		m->arena, _("%s up, port %d answers"), APPLY_FILTER, port));
	if (!ok && e != NULL)
		e->code = ERR_PERMANENT;
	return ok;
}
