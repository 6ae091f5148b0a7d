/* Carrying out a plan. */
#include "core/model/apply_int.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/filter/filter.h"
#include "core/model/confirm.h"
#include "core/model/journal.h"
#include "core/model/scratch.h"
#include "core/model/tree.h"
#include "core/sys/file.h"
#include "core/sys/lock.h"

#include <string.h>

#define LOCK_FILE "/var/lock/smemail-apply"
#define CONTROL   "/var/qmail/control"

enum {
	LOCK_WAIT_MS = 30000,
	LOCK_LOOK_MS = 200,
	MS_PER_S = 1000,
	BUNDLE_MAX = 64 << 20,
};

void
apply_step_begin(struct apply *a)
{
	a->started_ns = clock_mono_ns(a->m->clock);
}

void
apply_step_end(struct apply *a, bool ok, const char *name, const char *detail)
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

bool
apply_may_go_on(struct apply *a, struct err *e)
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
		  root_path(&s.root, APPLY_CONFIG, dir, &why) &&
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
	apply_step_begin(a);
	a->written = true;
	bool ok = plan_draft_write(m, a->order, outcomes, e) &&
		  journal_read(m, &j, e);
	if (ok)
		a->work.plan->upto =
		    j.n_entries > 0 ? j.entries[j.n_entries - 1].number : 0;
	apply_step_end(a, ok, "record",
	    arena_printf(m->arena,
		P_("%zu setting stored", "%zu settings stored", n), n));
	return ok;
}

const char *
apply_services_text(const struct model_ctx *m, const struct plan_event *ev)
{
	struct buf text = BUF_INIT(4096);
	for (size_t i = 0; i < ev->n_services; i++)
		buf_addf(&text, "%s%s %s", i > 0 ? ", " : "",
		    ev->services[i].name, ev->services[i].action);
	const char *copy = arena_cstr(m->arena, buf_str(&text));
	buf_clear(&text);
	return copy;
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
	r.plugins = r.plugins || apply_plugins_changed(&a->work.set);
	for (size_t i = 0; i < p->n_events; i++)
		for (size_t k = 0; k < p->events[i].n_services; k++) {
			const struct plan_service *s =
			    &p->events[i].services[k];
			if (strcmp(s->name, APPLY_FILTER) == 0 &&
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
	bool ok = apply_may_go_on(a, e) && resume_begin(a, e);
	/* all files at once first, so that one which cannot be written leaves
	 * none of them changed */
	if (ok && !p->live) {
		a->log_mark = tree_filter_mark(a->m);
		ok = files_write(a->m, &a->work.set, e);
		a->written = a->written || a->work.set.n_differ > 0;
	}
	if (p->live)
		ok = ok && apply_live_run(a, e);
	for (size_t i = 0; ok && !p->live && i < p->n_events; i++)
		ok = apply_may_go_on(a, e) &&
		     apply_tree_event(a, &p->events[i], e);
	a->now = p->base;
	return ok && apply_may_go_on(a, e) &&
	       (p->live || apply_tree_verify(a, e));
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
	if (!filter_check(a, e) || !apply_may_go_on(a, e) ||
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
