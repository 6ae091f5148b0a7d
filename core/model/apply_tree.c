/* Carrying out a plan below a folder: the tree's own engine. */
#include "core/model/apply_int.h"

#include "core/base/i18n.h"
#include "core/model/signal.h"
#include "core/model/tree.h"
#include "core/service/service.h"

#include <string.h>

enum {
	ANSWER_MS = 15000,
	UP_MS = 10000,
	RELOAD_MS = 10000,
	MS_PER_S = 1000,
};

/* A filter that runs starts anew without losing a session. */
static bool
is_anew(const struct plan_service *s, const struct service_status *before)
{
	return strcmp(s->name, APPLY_FILTER) == 0 &&
	       strcmp(s->action, "restart") == 0 && before->state == SERVICE_UP;
}

static const char *
action_words(const struct plan_service *s, const struct service_status *before)
{
	static const char *const words[][2] = {
		{ "reload", "sighup" },
		{ "restart", "restart" },
		{ "start", "up" },
		{ "stop", "" },
	};
	if (is_anew(s, before))
		return TREE_FILTER_ANEW;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i][0], s->action) == 0)
			return words[i][1];
	return "";
}

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

/* After its action a service is in the state it was told to be in. */
static bool
service_settled(const struct apply *a, const struct plan_service *s,
    const struct service_status *before, struct err *e)
{
	const struct model_ctx *m = a->m;
	if (strcmp(s->name, APPLY_FILTER) == 0 &&
	    strcmp(s->action, "reload") == 0 &&
	    (apply_plugins_changed(&a->work.set) || a->work.resume.plugins) &&
	    !tree_filter_reloaded(m, a->log_mark, RELOAD_MS, e))
		return false;
	if (is_anew(s, before))
		return tree_filter_anew(m, a->log_mark, UP_MS, e);
	bool up = strcmp(s->action, "stop") != 0;
	bool anew = strcmp(s->action, "restart") == 0;
	int limit_ms = up ? UP_MS : 0;
	if (anew || !up)
		limit_ms += SERVICE_END_MS;
	if (service_wait(
		m->root, s->name, up, anew ? before : NULL, limit_ms, m->clock))
		return true;
	err_set(e, ERR_PERMANENT, _("service '%s' did not %s within %d s"),
	    s->name, s->action, limit_ms / MS_PER_S);
	return err_next(e, "smemail service status %s", s->name);
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
		told[i].words = action_words(&ev->services[i], &before[i]);
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
