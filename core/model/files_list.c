/* Which files there are to generate. */
#include "core/model/files.h"

#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/model/files_int.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG  "/var/service/qpsmtpd/config/"
#define PEERS   CONFIG "peers/"
#define CONTROL "/var/qmail/control/"

struct list {
	const struct model_ctx *m;
	const struct event *event; /* NULL: of all */
	const char *argument;      /* of the event, or NULL */
	struct vec paths;
};

bool
files_out_of_memory(struct err *e)
{
	return err_set_errno(e, ENOMEM, _("cannot list generated files"));
}

static bool
path_add(struct list *l, const char *path, struct err *e)
{
	return vec_push(&l->paths, &path) || files_out_of_memory(e);
}

static bool
is_wanted(const struct list *l, const char *path)
{
	return l->event == NULL || event_expands(l->event, path, l->argument);
}

/* Is there anything in it? An empty folder makes no file. */
static bool
has_fragment(const char *real)
{
	DIR *d = file_is_dir(real) ? opendir(real) : NULL;
	struct dirent *entry;
	bool found = d == NULL; /* a file is its own fragment */
	while (d != NULL && !found && (entry = readdir(d)) != NULL)
		found = entry->d_name[0] != '.' &&
			strchr(entry->d_name, '~') == NULL;
	if (d != NULL)
		closedir(d);
	return found;
}

/* Templates that somebody put below a folder of generated files. */
static bool
folder_templates(
    struct list *l, const char *queue, const char *folder, struct err *e)
{
	const struct model_ctx *m = l->m;
	char real[SYS_PATH_MAX];
	struct dirent *entry;
	bool ok = root_pathf(m->root, real, e, "%s%s", queue, folder);
	DIR *d = ok ? opendir(real) : NULL;
	while (d != NULL && ok && (entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;
		if (name[0] == '.' || strchr(name, '~') != NULL)
			continue;
		const char *path = arena_printf(m->arena, "%s%s", folder, name);
		if (!root_pathf(m->root, real, NULL, "%s%s", queue, path) ||
		    !has_fragment(real))
			continue;
		if (strcmp(path, CONFIG "peers") != 0 && is_wanted(l, path))
			ok = path_add(l, path, e);
	}
	if (d != NULL)
		closedir(d);
	return ok;
}

static bool
added_templates(struct list *l, struct err *e)
{
	static const char *const queues[] = { "/etc/e-smith/templates-custom",
		"/etc/e-smith/templates" };
	static const char *const folders[] = { CONFIG, PEERS, CONTROL };
	for (size_t q = 0; q < ARRAY_LEN(queues); q++)
		for (size_t i = 0; i < ARRAY_LEN(folders); i++)
			if (!folder_templates(l, queues[q], folders[i], e))
				return false;
	return true;
}

/* One of a file for each user or group that there is. */
static bool
each_paths(struct list *l, const struct expand *x,
    const struct template_file *f, struct err *e)
{
	const struct template_data *d = expand_env(x)->data;
	const struct template_record *r;
	size_t n = d->records(d->ctx, "accounts", &r);
	for (size_t i = 0; i < n; i++) {
		if (!template_is_for(f, r[i].type, r[i].key))
			continue;
		const char *path = template_file_path(f, r[i].key, l->m->arena);
		if (is_wanted(l, path) && !path_add(l, path, e))
			return false;
	}
	return true;
}

/* "/home/e-smith/files/users/<user>/.qmail" */
static const char *
each_shown(const struct list *l, const struct template_file *f)
{
	const char *star = strchr(f->path, '*');
	return arena_printf(l->m->arena, "%.*s<%s>%s", (int)(star - f->path),
	    f->path, f->each == TEMPLATE_USERS ? "user" : "group", star + 1);
}

static bool
native_paths(struct list *l, const struct expand *x, struct err *e)
{
	const struct template_file *f;
	int release = template_release(l->m->release);
	for (size_t i = 0; (f = template_file_at(i)) != NULL; i++) {
		bool ok = true;
		if (!template_on_release(f->since, f->until, release) ||
		    ((f->flags & TEMPLATE_EMBEDDED) != 0 &&
			root_is_system(l->m->root)))
			continue;
		if (f->each != TEMPLATE_ONCE && x != NULL)
			ok = each_paths(l, x, f, e);
		else if (is_wanted(l, f->path))
			ok = path_add(l,
			    f->each != TEMPLATE_ONCE ? each_shown(l, f)
						     : f->path,
			    e);
		if (!ok)
			return false;
	}
	return true;
}

/* In byte order, once each, in the arena. */
static void
list_take(struct list *l, const char *const **paths, size_t *count)
{
	const char **copy =
	    ARENA_ARRAY(l->m->arena, l->paths.len + 1, const char *);
	vec_sort(&l->paths, str_cstr_order);
	*count = 0;
	for (size_t i = 0; i < l->paths.len; i++) {
		const char *path = *VEC_AT(&l->paths, const char *, i);
		if (*count == 0 || strcmp(copy[*count - 1], path) != 0)
			copy[(*count)++] = path;
	}
	*paths = copy;
}

bool
files_of_event(const struct model_ctx *m, const struct expand *x,
    const char *event, const char *argument, const char *const **paths,
    size_t *count, struct err *e)
{
	struct list l = {
		.m = m,
		.event = event != NULL ? event_find(event) : NULL,
		.argument = argument,
		.paths = VEC_INIT(const char *),
	};
	const char *const *own = NULL;
	size_t n_own = 0;
	bool ok = true;
	if (event == NULL || l.event != NULL)
		ok = native_paths(&l, x, e) && added_templates(&l, e);
	if (ok && event != NULL)
		ok = event_templates(m->root, event, m->arena, &own, &n_own, e);
	for (size_t i = 0; ok && i < n_own; i++)
		ok = path_add(&l, own[i], e);
	list_take(&l, paths, count);
	vec_clear(&l.paths);
	return ok;
}
