/* Working out what an apply would do. */
#include "core/model/plan_int.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/db/db.h"
#include "core/event/event.h"
#include "core/model/journal.h"
#include "core/model/live.h"
#include "core/model/scratch.h"
#include "core/service/service.h"

#include <string.h>

enum {
	EVENTS_MAX = 256
};

#define DEFAULT_EVENT "email-update"
#define REBOOT        "reboot"
#define FILTER        "qpsmtpd"

/* Who asks has been told before. */
static const char plan_all_risks[] =
    "open-relay,exposes-passwords,may-lose-mail,"
    "may-block-legit,privacy,needs-reboot,"
    "changes-certificate";

/* An event of the catalogue: "user-modify <user>" names its argument. */
static void
event_add(const struct model_ctx *m, struct plan *p, const char *text,
    const char *target)
{
	struct str rest, name = str_cut(str_of(text), ' ', &rest);
	const char *argument =
	    rest.len > 0 && target[0] != '\0' ? target : NULL;
	for (size_t i = 0; i < p->n_events; i++) {
		const struct plan_event *ev = &p->events[i];
		bool same = argument == NULL || ev->argument == NULL
				? argument == ev->argument
				: strcmp(argument, ev->argument) == 0;
		if (same && str_is(name, ev->name))
			return;
	}
	if (p->n_events == EVENTS_MAX)
		return;
	p->events[p->n_events++] = (struct plan_event){
		.name = arena_cstr(m->arena, name),
		.argument = argument,
	};
}

static void
events_fill(const struct model_ctx *m, const struct journal *j,
    const struct resume *r, struct plan *p)
{
	struct journal_entry *pending;
	size_t count = journal_pending(j, m, &pending);
	p->events = ARENA_ARRAY(m->arena, EVENTS_MAX, struct plan_event);
	for (size_t i = 0; i < count; i++) {
		const struct setting *s =
		    setting_find(str_of(pending[i].setting));
		for (size_t k = 0;
		     s != NULL && s->events != NULL && s->events[k] != NULL;
		     k++)
			/* told, never done: when is for the administrator */
			if (strcmp(s->events[k], REBOOT) == 0)
				p->reboots = true;
			else
				event_add(
				    m, p, s->events[k], pending[i].target);
	}
	for (size_t i = 0; i < r->n_events; i++) {
		const struct plan_event *ev = &r->events[i];
		event_add(m, p,
		    ev->argument != NULL
			? arena_printf(m->arena, "%s <argument>", ev->name)
			: ev->name,
		    ev->argument != NULL ? ev->argument : "");
	}
}

static bool
files_fill(const struct model_ctx *m, const struct files_set *set,
    struct plan *p, struct err *e)
{
	p->files = ARENA_ARRAY(m->arena, set->n_differ + 1, struct plan_file);
	for (size_t i = 0; i < set->n; i++)
		if (set->entries[i].differs &&
		    !plan_file_diff(
			m, &set->entries[i], &p->files[p->n_files++], e))
			return false;
	return true;
}

static bool
has_path(const char *const *paths, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(paths[i], path) == 0)
			return true;
	return false;
}

static bool
has_entry(const struct files_set *set, const char *path)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->entries[i].path, path) == 0)
			return true;
	return false;
}

/* Count the files of each event; *covered is of those that differ. */
static bool
event_files_count(const struct model_ctx *m, const struct files_set *set,
    struct plan_event *ev, char *covered, struct err *e)
{
	const char *const *own;
	size_t n;
	const struct event *native = event_find(ev->name);
	if (!event_templates(m->root, ev->name, m->arena, &own, &n, e))
		return false;
	ev->files = 0;
	ev->files_changed = 0;
	for (size_t i = 0; i < set->n; i++) {
		const struct files_entry *f = &set->entries[i];
		bool text = f->target == NULL;
		bool here =
		    text ? (native != NULL &&
			       event_expands(native, f->path, ev->argument)) ||
			       has_path(own, n, f->path)
			 : native != NULL && native->templates[0] != NULL;
		ev->files += text && here;
		if (!here || !f->differs)
			continue;
		ev->files_changed++;
		covered[i] = 1;
	}
	for (size_t i = 0; i < n; i++)
		ev->files += !has_entry(set, own[i]);
	return true;
}

/*
 * Files may differ for another reason than a stored setting (a record that
 * another tool changed, a fragment): then the mail event is run for them.
 */
static bool
events_cover(const struct model_ctx *m, const struct files_set *set,
    struct plan *p, struct err *e)
{
	char *covered = arena_alloc(m->arena, set->n + 1);
	bool all = true;
	for (size_t i = 0; i < p->n_events; i++)
		if (!event_files_count(m, set, &p->events[i], covered, e))
			return false;
	for (size_t i = 0; i < set->n; i++)
		all = all && (!set->entries[i].differs || covered[i]);
	if (all)
		return true;
	size_t before = p->n_events;
	event_add(m, p, DEFAULT_EVENT, "");
	return p->n_events == before ||
	       event_files_count(m, set, &p->events[before], covered, e);
}

/* What the files say a service needs, and an apply that was cut short. */
static const char *
need_of(const struct plan_work *w, const char *service)
{
	const char *need = plan_need(&w->set, service);
	bool filter = strcmp(service, FILTER) == 0;
	return filter && w->resume.filter != NULL &&
		       (need == NULL || strcmp(need, "restart") != 0)
		   ? w->resume.filter
		   : need;
}

static bool
record_enabled(const struct expand *x, const char *service, bool *enabled)
{
	const struct template_data *d = expand_env(x)->data;
	const struct template_record *r;
	struct str status;
	size_t n = d->records(d->ctx, "configuration", &r);
	struct str rest, name = str_cut(str_of(service), '/', &rest);
	*enabled = d->value(d->ctx, "configuration", name, "status", &status) &&
		   str_is(status, "enabled");
	for (size_t i = 0; i < n; i++)
		if (str_eq(r[i].key, name))
			return true;
	return false;
}

/* The action a service needs; NULL: none, or nobody supervises it. */
static const char *
action_of(const struct model_ctx *m, const struct expand *x,
    const struct event_service *s, const char *need)
{
	struct service_status st;
	bool enabled;
	if (!supervisor_runit.status(m->root, s->name, &st, NULL) ||
	    !st.supervised || !record_enabled(x, s->name, &enabled))
		return NULL;
	if (!enabled)
		return st.state == SERVICE_UP ? "stop" : NULL;
	if (st.state != SERVICE_UP && !st.want_up)
		return "start";
	if (need != NULL)
		return need;
	return service_word_byte(str_of(s->words)) == 't' ? "restart"
							  : "reload";
}

/* What the files say though no event of the plan tells the service. */
static void
need_add(const struct model_ctx *m, const struct expand *x, struct plan_work *w,
    const char *service)
{
	const struct event_service s = { service, "sighup" };
	const char *need = need_of(w, service);
	const char *action = need != NULL && w->plan->n_events > 0
				 ? action_of(m, x, &s, need)
				 : NULL;
	struct plan_event *first = w->plan->events;
	if (action != NULL)
		first->services[first->n_services++] = (struct plan_service){
			.name = service,
			.action = action,
		};
}

static bool
services_fill(const struct model_ctx *m, const struct expand *x,
    struct plan_work *w, struct plan *p, struct err *e)
{
	bool filter_told = false;
	for (size_t i = 0; i < p->n_events; i++) {
		struct plan_event *ev = &p->events[i];
		struct event_service *own;
		size_t n;
		if (!event_services(m->root, ev->name, m->arena, &own, &n, e))
			return false;
		ev->services =
		    ARENA_ARRAY(m->arena, n + 3, struct plan_service);
		for (size_t k = 0; k < n; k++) {
			const char *action =
			    action_of(m, x, &own[k], need_of(w, own[k].name));
			filter_told =
			    filter_told || strcmp(own[k].name, FILTER) == 0;
			if (action != NULL)
				ev->services[ev->n_services++] =
				    (struct plan_service){
					    .name = own[k].name,
					    .action = action,
				    };
		}
	}
	/* the server's filter reads such a file anew for each session; ours
	 * reads all of them at HUP. Its logger is of no event at all. */
	if (!filter_told)
		need_add(m, x, w, FILTER);
	need_add(m, x, w, FILTER "/log");
	return true;
}

static bool
tree_fill(const struct model_ctx *m, const struct root *databases,
    struct plan_work *w, struct err *e)
{
	struct expand *x = NULL;
	const char *const *paths;
	size_t n;
	bool ok = databases_are_whole(m, databases, &w->journal, e) &&
		  expand_open(m, databases, &x, e) &&
		  files_of_event(m, x, NULL, NULL, &paths, &n, e) &&
		  files_make(m, x, paths, n, true, &w->set, e) &&
		  files_fill(m, &w->set, w->plan, e) &&
		  events_cover(m, &w->set, w->plan, e) &&
		  services_fill(m, x, w, w->plan, e);
	expand_close(x);
	return ok;
}

bool
plan_draft_write(const struct model_ctx *m, const struct plan_order *o,
    struct settings_outcome *outcomes, struct err *e)
{
	return o->raw ? settings_restore(m, o->draft, o->n, outcomes, e)
		      : settings_write(
			    m, o->draft, o->n, plan_all_risks, outcomes, e);
}

/* Store the draft in the scratch copy, as it will be stored in the root. */
static bool
draft_store(const struct model_ctx *m, const struct scratch *s,
    const struct plan_order *o, struct err *e)
{
	struct model_ctx there = *m;
	struct settings_outcome *outcomes =
	    ARENA_ARRAY(m->arena, o->n, struct settings_outcome);
	there.root = &s->root;
	return plan_draft_write(&there, o, outcomes, e);
}

bool
plan_work_make(const struct model_ctx *m, const struct plan_order *o,
    struct plan_work *out, struct err *e)
{
	const struct settings_wish *draft = o->draft;
	size_t n = o->n;
	struct scratch s = { .root = { "" } };
	struct model_ctx there = *m;
	struct journal *j = &out->journal;
	out->plan = ARENA_NEW(m->arena, struct plan);
	out->set = (struct files_set){ NULL, 0, 0 };
	bool ok =
	    n == 0 || (scratch_open(m, &s, e) && draft_store(m, &s, o, e));
	if (n > 0)
		there.root = &s.root;
	ok = ok && journal_read(&there, j, e);
	if (ok) {
		out->plan->problem = j->problem;
		out->plan->resumes = resume_read(m, j, &out->resume);
		events_fill(m, j, &out->resume, out->plan);
		ok = plan_settings_fill(m, j, draft, n, out->plan, e);
	}
	if (ok && model_is_live(m->root))
		ok = live_plan(m, n > 0, out, e) &&
		     files_fill(m, &out->set, out->plan, e);
	else if (ok)
		ok = tree_fill(m, there.root, out, e);
	ok = ok && base_make(m, there.root, j, &out->set, &out->plan->base, e);
	scratch_close(&s);
	return ok;
}

bool
plan_of_order(const struct model_ctx *m, const struct plan_order *order,
    struct plan **out, struct err *e)
{
	struct plan_work w;
	bool ok = plan_work_make(m, order, &w, e);
	*out = w.plan;
	return ok;
}

bool
plan_make(const struct model_ctx *m, const struct settings_wish *draft,
    size_t n, struct plan **out, struct err *e)
{
	const struct plan_order order = { .draft = draft, .n = n };
	return plan_of_order(m, &order, out, e);
}

bool
plan_is_empty(const struct plan *p)
{
	return p->n_settings == 0 && p->n_files == 0 && !p->resumes;
}
