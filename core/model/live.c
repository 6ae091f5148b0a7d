/* What the programs of a live server do for a plan. */
#include "core/model/live.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/model/files_int.h"
#include "core/model/signal.h"
#include "core/model/tree.h"
#include "core/service/service.h"
#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FILE_MAX = 8 << 20,
	OUTPUT_MAX = 1 << 20,
	EXPAND_LIMIT_MS = 2 * 60 * 1000,
	EVENT_LIMIT_MS = 30 * 60 * 1000,
	SERVICES_MAX = 64
};

/* A program of the server; what it says goes to 'output'. */
static bool
program_run(const struct model_ctx *m, const char *const *argv,
    int64_t limit_ms, struct buf *output, int *status, struct err *e)
{
	const struct spawn s = {
		.argv = argv,
		.path = argv[0],
		.output = output,
		.limit_ms = limit_ms,
		.apart = true,
	};
	if (access(argv[0], X_OK) == 0)
		return spawn_run(&s, m->clock, status, e);
	err_set_errno(e, errno, _("cannot run '%s'"), argv[0]);
	return err_next(e, _("install the package e-smith-lib again"));
}

bool
live_event(
    const struct model_ctx *m, const struct plan_event *ev, struct err *e)
{
	struct buf output = BUF_INIT(OUTPUT_MAX);
	const char *argv[] = { LIVE_SIGNAL_EVENT, ev->name, ev->argument,
		NULL };
	int status = 0;
	bool ok = program_run(m, argv, EVENT_LIMIT_MS, &output, &status, e);
	if (ok && status != 0) {
		ok = err_set(e, ERR_PERMANENT, _("event '%s' failed: %s"),
		    ev->name, buf_cstr(&output));
		err_next(e, _("see /var/log/messages"));
	}
	buf_clear(&output);
	return ok;
}

/* The text that the server's template makes, by a file of ours. */
static bool
preview(const struct model_ctx *m, const char *path, struct str *text,
    struct err *e)
{
	char dir[] = "/tmp/smemail-live-XXXXXX";
	struct buf output = BUF_INIT(OUTPUT_MAX), made = BUF_INIT(FILE_MAX);
	int status = 0;
	if (mkdtemp(dir) == NULL)
		return err_set_errno(
		    e, errno, _("cannot make a folder below '%s'"), "/tmp");
	const char *file = arena_printf(m->arena, "%s/file", dir);
	const char *argv[] = { LIVE_EXPAND,
		arena_printf(m->arena, "--output_filename=%s", file), path,
		NULL };
	bool ok = program_run(m, argv, EXPAND_LIMIT_MS, &output, &status, e);
	/* it ends with 0 whatever happened (ES-88), but writes nothing then */
	if (ok && (status != 0 || !file_read(file, path, &made, NULL))) {
		ok = err_set(e, ERR_PERMANENT,
		    _("the server's template of '%s' does not expand: %s"),
		    path, buf_cstr(&output));
		err_next(e, LIVE_EXPAND " %s", path);
	}
	*text = arena_str(m->arena, buf_str(&made));
	unlink(file);
	rmdir(dir);
	buf_clear(&output);
	buf_clear(&made);
	return ok;
}

static bool
has_template(const struct model_ctx *m, const char *path)
{
	static const char *const roots[] = { "/etc/e-smith/templates-custom",
		"/etc/e-smith/templates" };
	char real[SYS_PATH_MAX];
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		if (root_pathf(m->root, real, NULL, "%s%s", roots[i], path) &&
		    (file_exists(real) || file_is_dir(real)))
			return true;
	return false;
}

/* The path of a file of the catalogue ("… (11)" is told of one release). */
static const char *
path_seen(const struct model_ctx *m, const char *file)
{
	const char *path =
	    arena_cstr(m->arena, str_n(file, strcspn(file, " ")));
	return path[0] == '/' && has_template(m, path) ? path : NULL;
}

/* Paths of all files of the plan's settings, once each. */
static bool
paths_collect(const struct model_ctx *m, const struct plan *p,
    struct vec *paths, bool *unseen, struct err *e)
{
	for (size_t i = 0; i < p->n_settings; i++) {
		const struct setting *s = p->settings[i].setting;
		for (size_t k = 0;
		     s != NULL && s->files != NULL && s->files[k] != NULL;
		     k++) {
			const char *path = path_seen(m, s->files[k]);
			bool there = path == NULL;
			/* those of an account are made by the event alone */
			*unseen = *unseen || strchr(s->files[k], '<') != NULL;
			for (size_t n = 0; !there && n < paths->len; n++)
				there = strcmp(path, *VEC_AT(paths,
							 const char *, n)) == 0;
			if (!there && !vec_push(paths, &path))
				return files_out_of_memory(e);
		}
	}
	return true;
}

static bool
entry_fill(const struct model_ctx *m, const char *path, struct files_entry *f,
    struct err *e)
{
	struct buf now = BUF_INIT(FILE_MAX);
	struct err why = ERR_INIT;
	*f = (struct files_entry){ .kind = FILES_TEXT, .path = path };
	bool ok = preview(m, path, &f->after, e);
	f->existed = file_read(path, path, &now, &why);
	f->before = arena_str(m->arena, buf_str(&now));
	buf_clear(&now);
	f->differs = !f->existed || !str_eq(f->before, f->after);
	if (ok && !f->existed && why.sys_errno != ENOENT) {
		ok = false;
		if (e != NULL)
			*e = why;
	}
	return ok;
}

static bool
files_preview(const struct model_ctx *m, const struct plan *p,
    struct files_set *set, bool *unseen, struct err *e)
{
	struct vec paths = VEC_INIT(const char *);
	bool ok = paths_collect(m, p, &paths, unseen, e);
	*set = (struct files_set){ .n = 0 };
	set->entries = ARENA_ARRAY(m->arena, paths.len + 1, struct files_entry);
	for (size_t i = 0; ok && i < paths.len; i++) {
		ok = entry_fill(
		    m, *VEC_AT(&paths, const char *, i), &set->entries[i], e);
		set->n++;
		set->n_differ += set->entries[i].differs;
	}
	vec_clear(&paths);
	return ok;
}

/* "reload" or "restart" for the words of an event; NULL: another. */
static const char *
action_of(struct str words)
{
	switch (service_word_byte(words)) {
	case 't':
		return "restart";
	case 'h':
		return "reload";
	default:
		return NULL;
	}
}

/* Note that a service of a plan's setting needs this. */
static void
service_need(struct plan_event *ev, const char *name, const char *action)
{
	for (size_t i = 0; i < ev->n_services; i++) {
		struct plan_service *s = &ev->services[i];
		if (strcmp(s->name, name) != 0)
			continue;
		if (strcmp(action, "restart") == 0 &&
		    strcmp(s->action, "reload") == 0) {
			s->action = action;
			s->after = true;
		}
		return;
	}
	if (ev->n_services < SERVICES_MAX)
		ev->services[ev->n_services++] =
		    (struct plan_service){ name, action, true };
}

/* "qmail:restart"; what has no such word is not for a service. */
static void
needs_add(
    const struct model_ctx *m, const struct setting *s, struct plan_event *ev)
{
	for (size_t i = 0;
	     s != NULL && s->services != NULL && s->services[i] != NULL; i++) {
		struct str word;
		struct str name = str_cut(str_of(s->services[i]), ':', &word);
		const char *action = action_of(word);
		if (action != NULL && str_find(name, ' ', 0) == name.len)
			service_need(ev, arena_cstr(m->arena, name), action);
	}
}

static bool
services_fill(const struct model_ctx *m, struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n_events; i++) {
		struct plan_event *ev = &p->events[i];
		struct event_service *own;
		size_t n;
		if (!event_services(m->root, ev->name, m->arena, &own, &n, e))
			return false;
		ev->services =
		    ARENA_ARRAY(m->arena, SERVICES_MAX, struct plan_service);
		for (size_t k = 0; k < n && k < SERVICES_MAX; k++) {
			const char *action = action_of(str_of(own[k].words));
			ev->services[ev->n_services++] = (struct plan_service){
				own[k].name,
				action != NULL ? action : "reload",
				false,
			};
		}
	}
	p->loose.name = "";
	p->loose.services =
	    ARENA_ARRAY(m->arena, SERVICES_MAX, struct plan_service);
	/* the last event: the files of all are there then */
	struct plan_event *last =
	    p->n_events > 0 ? &p->events[p->n_events - 1] : &p->loose;
	for (size_t i = 0; i < p->n_settings; i++)
		needs_add(m, p->settings[i].setting, last);
	return true;
}

bool
live_plan(
    const struct model_ctx *m, bool drafted, struct plan_work *w, struct err *e)
{
	struct plan *p = w->plan;
	p->live = true;
	p->unseen = drafted || access(LIVE_EXPAND, X_OK) != 0;
	if (!services_fill(m, p, e))
		return false;
	return p->unseen || files_preview(m, p, &w->set, &p->unseen, e);
}

bool
live_files_finish(const struct model_ctx *m, const struct plan *p, size_t *seen,
    size_t *made, struct err *e)
{
	struct files_set set;
	bool unseen = false;
	*seen = *made = 0;
	if (access(LIVE_EXPAND, X_OK) != 0)
		return true;
	if (!files_preview(m, p, &set, &unseen, e))
		return false;
	*seen = set.n;
	for (size_t i = 0; i < set.n; i++) {
		struct files_entry *f = &set.entries[i], now;
		struct buf output = BUF_INIT(OUTPUT_MAX);
		const char *argv[] = { LIVE_EXPAND, f->path, NULL };
		int status = 0;
		if (!f->differs)
			continue;
		bool ok =
		    program_run(m, argv, EXPAND_LIMIT_MS, &output, &status, e);
		buf_clear(&output);
		if (!ok || !entry_fill(m, f->path, &now, e))
			return false;
		if (now.differs)
			return err_set(e, ERR_PERMANENT,
			    _("'%s' is not as planned: something else writes "
			      "it"),
			    f->path);
		++*made;
	}
	return true;
}

bool
live_services_finish(
    const struct model_ctx *m, const struct plan_event *ev, struct err *e)
{
	struct event_service *told =
	    ARENA_ARRAY(m->arena, ev->n_services + 1, struct event_service);
	struct signal_result r;
	size_t n = 0;
	for (size_t i = 0; i < ev->n_services; i++)
		/* one that is off is not stopped again */
		if (ev->services[i].after &&
		    tree_service_enabled(
			m, arena_cstr(m->arena,
			       str_n(ev->services[i].name,
				   strcspn(ev->services[i].name, "/")))))
			told[n++] = (struct event_service){
				ev->services[i].name,
				strcmp(ev->services[i].action, "restart") == 0
				    ? "restart"
				    : "sighup",
			};
	if (n == 0)
		return true;
	if (!signal_services(m, ev->name, told, &r, e))
		return false;
	if (r.failed > 0 && e != NULL)
		*e = r.first;
	return r.failed == 0;
}
