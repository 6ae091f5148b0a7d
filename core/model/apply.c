/* Carrying out a plan. */
#include "core/model/plan_int.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/filter/filter.h"
#include "core/model/confirm.h"
#include "core/model/journal.h"
#include "core/model/live.h"
#include "core/model/scratch.h"
#include "core/model/signal.h"
#include "core/model/tree.h"
#include "core/service/service.h"
#include "core/sys/file.h"
#include "core/sys/lock.h"

#include <string.h>

#define LOCK_FILE "/var/lock/smemail-apply"
#define FILTER    "qpsmtpd"
#define CONFIG    "/var/service/qpsmtpd/config"
#define CONTROL   "/var/qmail/control"

enum {
	LOCK_WAIT_MS = 30000,
	LOCK_LOOK_MS = 200,
	MS_PER_S = 1000,
	BUNDLE_MAX = 64 << 20,
	ANSWER_MS = 15000,
	UP_MS = 10000,
	RELOAD_MS = 10000
};

struct apply {
	const struct model_ctx *m;
	struct plan_work work;
	const struct plan_order *order;
	bool written;       /* something is, so that an undo has a meaning */
	int64_t started_ns; /* of the step under way */
	struct base now;    /* as it was verified */
	int64_t log_mark;   /* end of the filter's log before it is told */
};

static void
step_begin(struct apply *a)
{
	a->started_ns = clock_mono_ns(a->m->clock);
}

static void
step_end(struct apply *a, bool ok, const char *name, const char *detail)
{
	const struct plan_step step = {
		.state = ok ? "ok" : "FAIL",
		.name = name,
		.detail = detail,
		.seconds =
		    (double)(clock_mono_ns(a->m->clock) - a->started_ns) /
		    (double)NS_PER_S,
	};
	if (a->order->progress != NULL)
		a->order->progress(a->order->ctx, &step);
}

/* Between steps the one who asked may stop; false when that is so. */
static bool
may_go_on(struct apply *a, struct err *e)
{
	const struct plan_order *o = a->order;
	if (o->stopped == NULL || !o->stopped(o->ctx))
		return true;
	if (!a->written)
		return err_set(
		    e, ERR_TEMPORARY, _("stopped; nothing was changed"));
	err_set(
	    e, ERR_TEMPORARY, _("stopped after a step; the rest is not done"));
	return err_next(
	    e, _("smemail apply finishes it, smemail undo takes it back"));
}

/* Would the filter load what is about to be written? Nothing is yet. */
static bool
filter_check(struct apply *a, struct err *e)
{
	const struct model_ctx *m = a->m;
	struct scratch s = { .root = { "" } };
	char dir[SYS_PATH_MAX], control[SYS_PATH_MAX];
	struct buf bundle = BUF_INIT(BUNDLE_MAX);
	struct filter_policy *policy = NULL;
	bool differs = false;
	for (size_t i = 0; i < a->work.set.n; i++)
		differs =
		    differs || (a->work.set.entries[i].differs &&
				   files_is_filter(&a->work.set.entries[i]));
	if (!differs || root_is_system(m->root))
		return true;
	struct err why = ERR_INIT;
	bool ok = scratch_filter(m, &s, &a->work.set, &why) &&
		  root_path(&s.root, CONFIG, dir, &why) &&
		  root_path(&s.root, CONTROL, control, &why);
	bool loaded = ok && filter_bundle_read(dir, control, &bundle, &why) &&
		      filter_policy_new(buf_str(&bundle), &policy, &why);
	filter_policy_free(policy);
	buf_clear(&bundle);
	scratch_close(&s);
	if (loaded)
		return true;
	if (e != NULL)
		*e = why;
	return ok ? err_context(e, "%s",
			_("nothing was changed: the mail filter would "
			  "refuse its configuration"))
		  : false;
}

static bool
draft_write(struct apply *a, struct err *e)
{
	const struct model_ctx *m = a->m;
	size_t n = a->order->n;
	struct settings_outcome *outcomes =
	    ARENA_ARRAY(m->arena, n + 1, struct settings_outcome);
	struct journal j;
	if (n == 0)
		return true;
	step_begin(a);
	a->written = true;
	bool ok = plan_draft_write(m, a->order, outcomes, e) &&
		  journal_read(m, &j, e);
	if (ok)
		a->work.plan->upto =
		    j.n_entries > 0 ? j.entries[j.n_entries - 1].number : 0;
	step_end(a, ok, "record",
	    arena_printf(m->arena,
		P_("%zu setting stored", "%zu settings stored", n), n));
	return ok;
}

static const char *
action_words(const char *action)
{
	static const char *const words[][2] = {
		{ "reload", "sighup" },
		{ "restart", "restart" },
		{ "start", "up" },
		{ "stop", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i][0], action) == 0)
			return words[i][1];
	return "";
}

/* "qpsmtpd reload, spamd restart" */
static const char *
services_text(const struct model_ctx *m, const struct plan_event *ev)
{
	struct buf text = BUF_INIT(4096);
	for (size_t i = 0; i < ev->n_services; i++)
		buf_addf(&text, "%s%s %s", i > 0 ? ", " : "",
		    ev->services[i].name, ev->services[i].action);
	const char *copy = arena_cstr(m->arena, buf_str(&text));
	buf_clear(&text);
	return copy;
}

/* Did a list of plugins change, which the filter reads at HUP alone? */
static bool
plugins_changed(const struct files_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct files_entry *f = &set->entries[i];
		if (f->differs && (strcmp(f->path, CONFIG "/plugins") == 0 ||
				      strncmp(f->path, CONFIG "/peers/",
					  strlen(CONFIG "/peers/")) == 0))
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
	if (strcmp(s->name, FILTER) == 0 && strcmp(s->action, "reload") == 0 &&
	    (plugins_changed(&a->work.set) || a->work.resume.plugins) &&
	    !tree_filter_reloaded(m, a->log_mark, RELOAD_MS, e))
		return false;
	bool up = strcmp(s->action, "stop") != 0;
	bool anew = strcmp(s->action, "restart") == 0;
	if (service_wait(
		m->root, s->name, up, anew ? before : NULL, UP_MS, m->clock))
		return true;
	err_set(e, ERR_PERMANENT, _("service '%s' did not %s within %d s"),
	    s->name, s->action, UP_MS / 1000);
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
	step_begin(a);
	for (size_t i = 0; ok && i < ev->n_services; i++) {
		if (r->services[i].outcome != SIGNAL_TOLD)
			ok = err_set(e, ERR_PERMANENT,
			    _("service '%s' could not be told to %s"),
			    ev->services[i].name, ev->services[i].action);
		else
			ok =
			    service_settled(a, &ev->services[i], &before[i], e);
	}
	step_end(a, ok, "service", services_text(m, ev));
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

/* One event of the tree's own engine. */
static bool
tree_event(struct apply *a, const struct plan_event *ev, struct err *e)
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
		told[i].words = action_words(ev->services[i].action);
		if (!supervisor_runit.status(
			m->root, told[i].name, &before[i], e))
			return false;
	}
	step_begin(a);
	bool ok = signal_event(m, ev->name, args, told, &r, e);
	if (ok && r.failed > 0) {
		ok = false;
		if (e != NULL)
			*e = r.first;
	}
	step_end(a, ok, "event", event_text(m, ev));
	return ok && services_settle(a, ev, before, &r, e);
}

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
	return services_text(m, &after);
}

static bool
live_services(struct apply *a, const struct plan_event *ev, struct err *e)
{
	const char *text = services_after(a->m, ev);
	if (text[0] == '\0')
		return true;
	step_begin(a);
	bool ok = live_services_finish(a->m, ev, e);
	step_end(a, ok, "service", text);
	return ok;
}

/* Events by the server's own program, then what they leave out. */
static bool
live_run(struct apply *a, struct err *e)
{
	const struct model_ctx *m = a->m;
	const struct plan *p = a->work.plan;
	size_t seen = 0, made = 0;
	bool ok = true;
	for (size_t i = 0; ok && i < p->n_events; i++) {
		step_begin(a);
		ok = may_go_on(a, e) && live_event(m, &p->events[i], e);
		step_end(a, ok, "event", live_event_text(m, &p->events[i]));
	}
	if (!ok)
		return false;
	step_begin(a);
	ok = live_files_finish(m, p, &seen, &made, e);
	step_end(a, ok, "verify",
	    arena_printf(m->arena,
		_("%zu files as planned, %zu of them expanded now"), seen,
		made));
	for (size_t i = 0; ok && i < p->n_events; i++)
		ok = live_services(a, &p->events[i], e);
	return ok && live_services(a, &p->loose, e);
}

/* The filter greets, and every file is as planned. */
static bool
verify(struct apply *a, struct err *e)
{
	const struct model_ctx *m = a->m;
	struct service_status st;
	struct plan_work now;
	const struct plan_order none = { .n = 0 };
	step_begin(a);
	bool ok = plan_work_make(m, &none, &now, e);
	const char *files =
	    arena_printf(m->arena, _("%zu files as planned"), a->work.set.n);
	if (ok && now.set.n_differ > 0) {
		ok = false;
		err_set(e, ERR_PERMANENT,
		    _("'%s' is not as planned: something else writes it"),
		    now.plan->files[0].path);
	}
	step_end(a, ok, "verify", files);
	a->now = now.plan->base;
	if (!ok || !tree_service_enabled(m, FILTER) ||
	    !supervisor_runit.status(m->root, FILTER, &st, NULL) ||
	    !st.supervised || !st.want_up)
		return ok;
	step_begin(a);
	int port = tree_smtp_port(m);
	ok = tree_smtp_answers(m, port, ANSWER_MS, e);
	step_end(a, ok, "verify",
	    arena_printf(m->arena, _("%s up, port %d answers"), FILTER, port));
	if (!ok && e != NULL)
		e->code = ERR_PERMANENT;
	return ok;
}

/* Whoever is killed from here on leaves word of what was to be done. */
static bool
resume_begin(struct apply *a, struct err *e)
{
	const struct plan *p = a->work.plan;
	const struct journal_apply *last = journal_last_apply(&a->work.journal);
	struct resume r = a->work.resume;
	r.change = last != NULL ? last->change + 1 : 1;
	r.events = p->events;
	r.n_events = p->n_events;
	r.plugins = r.plugins || plugins_changed(&a->work.set);
	for (size_t i = 0; i < p->n_events; i++)
		for (size_t k = 0; k < p->events[i].n_services; k++) {
			const struct plan_service *s =
			    &p->events[i].services[k];
			if (strcmp(s->name, FILTER) == 0 &&
			    strcmp(s->action, "restart") == 0)
				r.filter = "restart";
		}
	if (r.filter == NULL && a->work.set.n_differ > 0)
		r.filter = "reload";
	return resume_keep(a->m, &r, e);
}

static bool
steps_run(struct apply *a, struct err *e)
{
	const struct plan *p = a->work.plan;
	bool ok = may_go_on(a, e) && resume_begin(a, e);
	/* all files at once first, so that one which cannot be written leaves
	 * none of them changed */
	if (ok && !p->live) {
		a->log_mark = tree_filter_mark(a->m);
		ok = files_write(a->m, &a->work.set, e);
		a->written = a->written || a->work.set.n_differ > 0;
	}
	if (p->live)
		ok = ok && live_run(a, e);
	for (size_t i = 0; ok && !p->live && i < p->n_events; i++)
		ok = may_go_on(a, e) && tree_event(a, &p->events[i], e);
	a->now = p->base;
	return ok && may_go_on(a, e) && (p->live || verify(a, e));
}

static bool
base_holds(struct apply *a, struct plan_result *out, struct err *e)
{
	const struct plan_order *o = a->order;
	out->n_moved = base_moved(
	    a->m, o->base, &a->work.plan->base, &a->work.journal, &out->moved);
	if (out->n_moved == 0)
		return true;
	err_set(e, ERR_PERMANENT, _("plan '%s' is out of date: %s"),
	    o->base_shown, out->moved[0]);
	return err_next(e, "smemail plan -o %s", o->base_shown);
}

static bool
mark_done(struct apply *a, long *change, struct err *e)
{
	struct journal_apply done = {
		.kind = a->order->kind,
		.of = a->order->of,
		.upto = a->work.plan->upto,
	};
	if (!journal_mark_applied(a->m, &done, e))
		return false;
	*change = done.change;
	resume_drop(a->m);
	a->now.change = done.change;
	a->now.upto = done.upto;
	base_keep(a->m, &a->now);
	return true;
}

static bool
apply_locked(struct apply *a, struct plan_result *out, struct err *e)
{
	const struct plan_order *o = a->order;
	if (!confirm_permits(a->m, o, e) ||
	    !plan_work_make(a->m, o, &a->work, e) ||
	    (o->base != NULL && !base_holds(a, out, e)))
		return false;
	if (plan_is_empty(a->work.plan))
		return true;
	if (!filter_check(a, e) || !may_go_on(a, e) ||
	    !confirm_arm(a->m, o, &a->work.journal, e))
		return false;
	bool ok = draft_write(a, e) && steps_run(a, e) &&
		  mark_done(a, &out->change, e);
	out->reboots = a->work.plan->reboots;
	confirm_settle(a->m, o, ok, a->written, out);
	return ok;
}

static bool
busy(const char *path, struct err *e)
{
	long pid = lock_holder(path);
	if (pid > 0)
		err_set(e, ERR_TEMPORARY,
		    _("another apply is under way (pid %ld) and did not end "
		      "within %d s"),
		    pid, LOCK_WAIT_MS / MS_PER_S);
	else
		err_set(e, ERR_TEMPORARY,
		    _("another apply is under way and did not end within %d s"),
		    LOCK_WAIT_MS / MS_PER_S);
	return err_next(e, _("try again in a moment"));
}

bool
plan_lock(const struct model_ctx *m, const struct plan_order *o, struct lock *l,
    struct err *e)
{
	char path[SYS_PATH_MAX];
	struct err why = ERR_INIT;
	if (!root_path(m->root, LOCK_FILE, path, e) ||
	    !file_mkdirs_for(path, 0755, LOCK_FILE, e))
		return false;
	for (int waited = 0; waited < LOCK_WAIT_MS; waited += LOCK_LOOK_MS) {
		err_clear(&why);
		if (lock_take(l, path, LOCK_FILE, LOCK_LOOK_MS, m->clock, &why))
			return true;
		if (why.sys_errno != 0 || why.code != ERR_TEMPORARY) {
			if (e != NULL)
				*e = why;
			return false;
		}
		if (o != NULL && o->stopped != NULL && o->stopped(o->ctx))
			return err_set(e, ERR_TEMPORARY,
			    _("stopped; nothing was changed"));
	}
	return busy(path, e);
}

bool
plan_apply(const struct model_ctx *m, const struct plan_order *order,
    struct plan_result *out, struct err *e)
{
	struct lock l = LOCK_INIT;
	struct apply a = { .m = m, .order = order };
	*out = (struct plan_result){ .change = 0 };
	if (!plan_lock(m, order, &l, e))
		return false;
	bool ok = apply_locked(&a, out, e);
	lock_release(&l);
	return ok;
}
