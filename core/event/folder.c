/* What /etc/e-smith/events/EVENT adds to the native tables. */
#include "core/event/event.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	DEPTH_MAX = 32,
	WORDS_MAX = 4096
};

#define EXPAND_ACTION "generic_template_expand"
#define ADJUST_ACTION "adjust-services"

static bool
out_of_memory(struct err *e)
{
	return err_set_errno(e, ENOMEM, _("cannot read events"));
}

static bool
folder_path(const struct root *root, const char *event, const char *sub,
    char out[SYS_PATH_MAX], struct err *e)
{
	return root_pathf(root, out, e, EVENT_DIR "/%s%s%s", event,
	    sub[0] != '\0' ? "/" : "", sub);
}

/* Names in a folder, sorted, copied to the arena; none when it is missing. */
static bool
names_read(const char *real, struct arena *a, struct vec *names, struct err *e)
{
	DIR *d = opendir(real);
	struct dirent *entry;
	bool ok = true;
	if (d == NULL)
		return errno == ENOENT || errno == ENOTDIR ||
		       err_set_errno(e, errno, _("cannot open '%s'"), real);
	while (ok && (entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		const char *copy = arena_cstr(a, str_of(name));
		ok = vec_push(names, &copy) || out_of_memory(e);
	}
	closedir(d);
	vec_sort(names, str_cstr_order);
	return ok;
}

static bool
is_event_name(const char *name)
{
	return name[0] != '\0' && strchr(name, '/') == NULL &&
	       strcmp(name, "actions") != 0 && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

static bool
has_folder(const struct root *root, const char *name)
{
	char path[SYS_PATH_MAX];
	return folder_path(root, name, "", path, NULL) && file_is_dir(path);
}

bool
event_check(const struct root *root, const char *name, struct err *e)
{
	if (is_event_name(name) &&
	    (event_find(name) != NULL || has_folder(root, name)))
		return true;
	err_set(e, ERR_NO, _("there is no event '%s'"), name);
	return err_next(e, "smemail event list");
}

bool
event_names(const struct root *root, struct arena *a, const char *const **names,
    size_t *count, struct err *e)
{
	char path[SYS_PATH_MAX];
	struct vec found = VEC_INIT(const char *);
	bool ok = root_path(root, EVENT_DIR, path, e) &&
		  names_read(path, a, &found, e);
	const struct event *ev;
	for (size_t i = found.len; i-- > 0;) {
		const char *name = *VEC_AT(&found, const char *, i);
		if (!is_event_name(name) || name[0] == '.' ||
		    event_find(name) != NULL || !has_folder(root, name))
			vec_remove(&found, i);
	}
	for (size_t i = 0; ok && (ev = event_at(i)) != NULL; i++)
		ok = vec_push(&found, &ev->name) || out_of_memory(e);
	vec_sort(&found, str_cstr_order);
	const char **copy = ARENA_ARRAY(a, found.len + 1, const char *);
	if (found.len > 0)
		memcpy(copy, found.data, found.len * sizeof(*copy));
	*names = copy;
	*count = found.len;
	vec_clear(&found);
	return ok;
}

static int
step_cmp(const void *left, const void *right)
{
	const struct event_step *a = left, *b = right;
	return strcmp(a->sort, b->sort);
}

static bool
step_add(struct vec *steps, struct event_step step, struct err *e)
{
	return vec_push(steps, &step) || out_of_memory(e);
}

static bool
handlers_add(const struct root *root, const char *event, struct arena *a,
    struct vec *steps, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct vec names = VEC_INIT(const char *);
	bool ok = folder_path(root, event, "", real, e) &&
		  names_read(real, a, &names, e);
	for (size_t i = 0; ok && i < names.len; i++) {
		const char *name = *VEC_AT(&names, const char *, i);
		struct stat st;
		bool there = folder_path(root, event, name, real, e) &&
			     stat(real, &st) == 0;
		if (there && S_ISDIR(st.st_mode))
			continue;
		ok = step_add(steps,
		    (struct event_step){
			.kind = EVENT_HANDLER,
			.sort = name,
			.name = name,
			.path =
			    arena_printf(a, EVENT_DIR "/%s/%s", event, name),
			.runnable = there && (st.st_mode & 0111) != 0,
		    },
		    e);
	}
	vec_clear(&names);
	return ok;
}

bool
event_steps(const struct root *root, const char *name, struct arena *a,
    struct event_step **out, size_t *count, struct err *e)
{
	char path[SYS_PATH_MAX];
	const struct event *ev = event_find(name);
	struct vec steps = VEC_INIT(struct event_step);
	bool ok = handlers_add(root, name, a, &steps, e);
	bool expands = ev != NULL && ev->templates[0] != NULL;
	bool adjusts = ev != NULL && ev->services[0].name != NULL;
	if (ok && folder_path(root, name, "templates2expand", path, e))
		expands = expands || file_is_dir(path);
	if (ok && folder_path(root, name, "services2adjust", path, e))
		adjusts = adjusts || file_is_dir(path);
	if (ok && expands)
		ok = step_add(&steps,
		    (struct event_step){
			.kind = EVENT_EXPAND,
			.sort = "S05" EXPAND_ACTION,
			.name = EXPAND_ACTION,
			.path = EVENT_DIR "/actions/" EXPAND_ACTION,
		    },
		    e);
	if (ok && adjusts)
		ok = step_add(&steps,
		    (struct event_step){
			.kind = EVENT_ADJUST,
			.sort = "S90" ADJUST_ACTION,
			.name = ADJUST_ACTION,
			.path = EVENT_DIR "/actions/" ADJUST_ACTION,
		    },
		    e);
	vec_sort(&steps, step_cmp);
	*out = ARENA_ARRAY(a, steps.len + 1, struct event_step);
	if (steps.len > 0)
		memcpy(*out, steps.data, steps.len * sizeof(**out));
	*count = steps.len;
	vec_clear(&steps);
	return ok;
}

/* Plain files below 'real', as paths under 'shown' (ES-125). */
static bool
tree_walk(const char *real, const char *shown, struct arena *a,
    struct vec *paths, int depth, struct err *e)
{
	struct vec names = VEC_INIT(const char *);
	bool ok =
	    depth < DEPTH_MAX ||
	    err_set(e, ERR_PERMANENT, _("cannot read '%s': too deep"), shown);
	ok = ok && names_read(real, a, &names, e);
	for (size_t i = 0; ok && i < names.len; i++) {
		const char *name = *VEC_AT(&names, const char *, i);
		char below[SYS_PATH_MAX];
		struct stat own, st;
		const char *path = arena_printf(a, "%s/%s", shown, name);
		if (snprintf(below, sizeof(below), "%s/%s", real, name) >=
			(int)sizeof(below) ||
		    lstat(below, &own) != 0 || stat(below, &st) != 0)
			continue;
		if (S_ISDIR(own.st_mode))
			ok = tree_walk(below, path, a, paths, depth + 1, e);
		else if (S_ISREG(st.st_mode))
			ok = vec_push(paths, &path) || out_of_memory(e);
	}
	vec_clear(&names);
	return ok;
}

bool
event_templates(const struct root *root, const char *name, struct arena *a,
    const char *const **paths, size_t *count, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct vec found = VEC_INIT(const char *);
	bool ok = folder_path(root, name, "templates2expand", real, e) &&
		  tree_walk(real, "", a, &found, 0, e);
	vec_sort(&found, str_cstr_order);
	const char **copy = ARENA_ARRAY(a, found.len + 1, const char *);
	if (found.len > 0)
		memcpy(copy, found.data, found.len * sizeof(*copy));
	*paths = copy;
	*count = found.len;
	vec_clear(&found);
	return ok;
}

/* The first run of small letters, and a 1 or 2 behind it (ES-126). */
static struct str
line_word(struct str line)
{
	size_t i = 0;
	while (i < line.len && !(line.ptr[i] >= 'a' && line.ptr[i] <= 'z'))
		i++;
	size_t from = i;
	while (i < line.len && line.ptr[i] >= 'a' && line.ptr[i] <= 'z')
		i++;
	if (i > from && i < line.len &&
	    (line.ptr[i] == '1' || line.ptr[i] == '2'))
		i++;
	return str_sub(line, from, i);
}

/* Words of one entry: a link's target, or one a line. NULL: no service. */
static const char *
entry_words(const char *real, struct arena *a)
{
	char target[256];
	struct stat st;
	if (lstat(real, &st) != 0)
		return NULL;
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlink(real, target, sizeof(target));
		return n <= 0 || (size_t)n == sizeof(target)
			   ? NULL
			   : arena_cstr(a, str_n(target, (size_t)n));
	}
	struct buf text = BUF_INIT(WORDS_MAX);
	struct buf words = BUF_INIT(WORDS_MAX);
	struct str rest, line;
	bool ok = S_ISREG(st.st_mode) && file_read(real, NULL, &text, NULL);
	rest = buf_str(&text);
	while (ok && str_next_line(&rest, &line)) {
		struct str word = line_word(line);
		if (word.len == 0)
			continue;
		if (words.len > 0)
			buf_add_char(&words, ' ');
		buf_add_str(&words, word);
	}
	const char *copy = ok ? arena_cstr(a, buf_str(&words)) : NULL;
	buf_clear(&text);
	buf_clear(&words);
	return copy;
}

static bool
service_put(struct vec *services, struct event_service s, struct err *e)
{
	for (size_t i = 0; i < services->len; i++) {
		struct event_service *old =
		    VEC_AT(services, struct event_service, i);
		if (strcmp(old->name, s.name) == 0) {
			old->words = s.words;
			return true;
		}
	}
	return vec_push(services, &s) || out_of_memory(e);
}

bool
event_services(const struct root *root, const char *name, struct arena *a,
    struct event_service **out, size_t *count, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct vec names = VEC_INIT(const char *);
	struct vec found = VEC_INIT(struct event_service);
	const struct event *ev = event_find(name);
	bool ok = folder_path(root, name, "services2adjust", real, e) &&
		  names_read(real, a, &names, e);
	for (size_t i = 0; ev != NULL && ok && ev->services[i].name; i++)
		ok = service_put(&found, ev->services[i], e);
	for (size_t i = 0; ok && i < names.len; i++) {
		struct event_service s = { *VEC_AT(&names, const char *, i),
			NULL };
		char sub[SYS_PATH_MAX];
		if (s.name[0] == '.' ||
		    snprintf(sub, sizeof(sub), "services2adjust/%s", s.name) >=
			(int)sizeof(sub) ||
		    !folder_path(root, name, sub, real, NULL))
			continue;
		s.words = entry_words(real, a);
		if (s.words != NULL)
			ok = service_put(&found, s, e);
	}
	*out = ARENA_ARRAY(a, found.len + 1, struct event_service);
	if (found.len > 0)
		memcpy(*out, found.data, found.len * sizeof(**out));
	*count = found.len;
	vec_clear(&names);
	vec_clear(&found);
	return ok;
}
