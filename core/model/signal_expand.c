/* Expanding the templates of an event (ES-125). */
#include "core/model/signal_int.h"

#include "core/model/expand.h"
#include "core/model/files.h"

#include <string.h>

static void
note_log(void *ctx, const char *text)
{
	struct signal_run *r = ctx;
	event_log_linef(&r->log, "%s", text);
}

static void
native_expand(struct signal_run *r, const struct expand *x,
    const char *const *paths, size_t n, bool links)
{
	const struct model_ctx *m = r->m;
	struct err e = ERR_INIT;
	struct files_set set;
	if (!files_make(m, x, paths, n, links, &set, &e) ||
	    !files_write(m, &set, &e))
		signal_failed(r, &e);
	else
		r->out->files_changed += set.n_differ;
}

/* One that the event's folder names: 0644 of root unless metadata say. */
static void
own_expand(struct signal_run *r, const struct expand *x, const char *path)
{
	const struct expand_target t = { .path = path, .fixed = true };
	struct err e = ERR_INIT;
	if (!expand_file(x, &t, &e))
		event_log_linef(&r->log, "ERROR: %s", e.text);
}

static bool
is_in(const char *path, const char *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(paths[i], path) == 0)
			return true;
	return false;
}

static void
all_expand(struct signal_run *r, const struct expand *x,
    const char *const *paths, size_t n, const char *const *own, size_t n_own)
{
	for (size_t i = 0; i < n; i++) {
		event_log_linef(&r->log, "expanding %s", paths[i]);
		if (is_in(paths[i], own, n_own))
			own_expand(r, x, paths[i]);
		else
			native_expand(r, x, &paths[i], 1, false);
	}
	if (event_find(r->event) != NULL)
		native_expand(r, x, paths, 0, true);
	r->out->files += n;
}

/* What cannot be expanded is logged, all else is written. */
void
signal_expand(struct signal_run *r)
{
	const struct model_ctx *m = r->m;
	struct expand *x = NULL;
	struct err e = ERR_INIT;
	const char *const *paths = NULL, *const *own = NULL;
	size_t n = 0, n_own = 0;
	if (!expand_open(m, m->root, &x, &e) ||
	    !files_of_event(m, x, r->event, r->args[0], &paths, &n, &e) ||
	    !event_templates(m->root, r->event, m->arena, &own, &n_own, &e)) {
		signal_failed(r, &e);
	} else {
		expand_notes(x, note_log, r);
		expand_event(x, r->event);
		expand_changes(x);
		all_expand(r, x, paths, n, own, n_own);
	}
	expand_close(x);
}
