/* Templates: their text, their fragments, custom ones in their place. */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/model/expand.h"
#include "core/model/files.h"
#include "core/sys/file.h"
#include "core/template/fragments.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
	TEXT_MAX = 8 << 20,
	SOURCE_MAX = 1 << 20,
	MODE_FILE = 0644,
	MODE_DIR = 0755
};

/* A template and, if the words name one, a fragment of it. */
struct subject {
	struct expand *x;
	const struct template_env *env;
	const char *path;
	const char *fragment; /* NULL: none named */
};

static void
note_show(void *ctx, const char *text)
{
	render_note(ctx, "%s", text);
}

static bool
is_suffix(const char *path, const char *end)
{
	size_t n = strlen(path), k = strlen(end);
	return n > k && strcmp(path + n - k, end) == 0 &&
	       path[n - k - 1] == '/';
}

/* The one template whose path ends so; NULL: none, or several. */
static const char *
path_by_end(struct app *app, const char *end)
{
	const char *const *paths;
	size_t n;
	const char *found = NULL;
	if (!files_of_event(&app->model, NULL, NULL, NULL, &paths, &n, NULL))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (!is_suffix(paths[i], end))
			continue;
		if (found != NULL)
			return NULL;
		found = paths[i];
	}
	return found;
}

static const char *
path_of(struct app *app, const struct template_env *env, const char *word)
{
	return word[0] == '/' && template_exists(env, word)
		   ? word
		   : path_by_end(app, word);
}

/* "local.cf", "/etc/…/local.cf", either with "/FRAGMENT" behind it. */
static bool
subject_find(struct app *app, struct subject *s, const char *word,
    const char *fragment, struct err *e)
{
	const char *slash = strrchr(word, '/');
	s->fragment = fragment;
	s->path = path_of(app, s->env, word);
	if (s->path == NULL && fragment == NULL && slash != NULL) {
		s->path = path_of(app, s->env,
		    arena_cstr(
			app->arena, str_n(word, (size_t)(slash - word))));
		s->fragment = slash + 1;
	}
	if (s->path != NULL)
		return true;
	err_set(e, ERR_NO, _("there is no template for '%s'"), word);
	return err_next(e, "smemail template list");
}

static bool
subject_open(
    struct app *app, const struct call *call, struct subject *s, struct err *e)
{
	*s = (struct subject){ .x = NULL };
	app->model.release = model_release(&app->root, app->arena);
	if (!expand_open(&app->model, &app->root, &s->x, e))
		return false;
	s->env = expand_env(s->x);
	if (call->n_args == 0 ||
	    subject_find(app, s, call->args[0],
		call->n_args > 1 ? call->args[1] : NULL, e)) {
		expand_notes(s->x, note_show, app);
		return true;
	}
	expand_close(s->x);
	return false;
}

/* The custom fragments of a template, "-" for a file that replaces it. */
static struct str
custom_names(struct app *app, struct subject *s, const char *path)
{
	struct template_piece *p;
	size_t count;
	struct buf names = BUF_INIT(64 * 1024);
	if (!template_pieces(s->env, path, &p, &count, NULL))
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (p[i].origin == TEMPLATE_CUSTOM)
			buf_addf(&names, "%s%s", names.len > 0 ? " " : "",
			    p[i].name[0] != '\0' ? p[i].name : "-");
	struct str copy = arena_str(app->arena, buf_str(&names));
	buf_clear(&names);
	return copy;
}

static void
list_json(struct app *app, const struct str *cells, size_t n)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.template.list/1");
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < n; i++) {
		json_object_begin(&j);
		json_key(&j, "path");
		json_str(&j, cells[2 * i]);
		json_key(&j, "custom");
		json_str(&j, cells[2 * i + 1]);
		json_object_end(&j);
	}
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static int
list_run(struct app *app, const struct call *call, struct err *e)
{
	static const struct render_column columns[] = {
		{ N_("TEMPLATE"), false },
		{ N_("CUSTOM FRAGMENTS"), false },
	};
	struct subject s;
	const char *const *paths;
	size_t n;
	(void)call;
	const struct call none = { .n_args = 0 };
	if (!subject_open(app, &none, &s, e))
		return err_exit_status(e->code);
	bool ok = files_of_event(&app->model, NULL, NULL, NULL, &paths, &n, e);
	struct str *cells =
	    ARENA_ARRAY(app->arena, ok ? n * 2 + 1 : 1, struct str);
	for (size_t i = 0; ok && i < n; i++) {
		cells[2 * i] = str_of(paths[i]);
		cells[2 * i + 1] = custom_names(app, &s, paths[i]);
	}
	expand_close(s.x);
	if (!ok)
		return err_exit_status(e->code);
	if (app->json)
		list_json(app, cells, n);
	else
		render_table(app, columns, ARRAY_LEN(columns), cells, n);
	return 0;
}

static int
expand_run(struct app *app, const struct call *call, struct err *e)
{
	struct subject s;
	struct buf text = BUF_INIT(TEXT_MAX);
	if (!subject_open(app, call, &s, e))
		return err_exit_status(e->code);
	bool ok = expand_text(s.x, s.path, &text, NULL, e);
	if (ok)
		render_raw(app, buf_str(&text));
	buf_clear(&text);
	expand_close(s.x);
	return ok ? 0 : err_exit_status(e->code);
}

static const char *
origin_word(const struct template_piece *p)
{
	static const char *const words[] = {
		[TEMPLATE_NATIVE] = "smemail",
		[TEMPLATE_STOCK] = "templates",
		[TEMPLATE_CUSTOM] = "templates-custom",
		[TEMPLATE_DEFAULT] = "templates-default",
	};
	return words[p->origin];
}

static void
pieces_show(struct app *app, const struct template_piece *p, size_t n)
{
	static const struct render_column columns[] = {
		{ N_("FRAGMENT"), false },
		{ N_("FROM"), false },
		{ N_("NOTE"), false },
	};
	struct str *cells = ARENA_ARRAY(app->arena, n * 3 + 1, struct str);
	for (size_t i = 0; i < n; i++) {
		cells[3 * i] =
		    str_of(p[i].name[0] != '\0' ? p[i].name : _("whole file"));
		cells[3 * i + 1] = str_of(origin_word(&p[i]));
		cells[3 * i + 2] =
		    str_of(p[i].replaces ? _("in place of the usual one") : "");
	}
	render_table(app, columns, ARRAY_LEN(columns), cells, n);
}

static void
pieces_json(
    struct app *app, const char *path, const struct template_piece *p, size_t n)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.template.show/1");
	json_key(&j, "path");
	json_cstr(&j, path);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < n; i++) {
		json_object_begin(&j);
		json_key(&j, "name");
		json_cstr(&j, p[i].name);
		json_key(&j, "from");
		json_cstr(&j, origin_word(&p[i]));
		json_key(&j, "file");
		json_cstr(&j, p[i].path);
		json_key(&j, "replaces");
		json_bool(&j, p[i].replaces);
		json_object_end(&j);
	}
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static int
show_run(struct app *app, const struct call *call, struct err *e)
{
	struct subject s;
	struct template_piece *p;
	struct buf text = BUF_INIT(SOURCE_MAX);
	size_t n;
	if (!subject_open(app, call, &s, e))
		return err_exit_status(e->code);
	bool ok;
	if (s.fragment != NULL) {
		ok = template_piece_source(
		    s.env, s.path, s.fragment, false, &text, e);
		if (ok)
			render_raw(app, buf_str(&text));
	} else {
		ok = template_pieces(s.env, s.path, &p, &n, e);
		if (ok && app->json)
			pieces_json(app, s.path, p, n);
		else if (ok)
			pieces_show(app, p, n);
	}
	buf_clear(&text);
	expand_close(s.x);
	return ok ? 0 : err_exit_status(e->code);
}

/* Without a name the fragment is the whole of a flat template. */
static bool
fragment_needed(const struct subject *s, struct err *e)
{
	struct template_piece *p;
	size_t n;
	if (s->fragment != NULL ||
	    (template_pieces(s->env, s->path, &p, &n, NULL) && n == 1 &&
		p[0].name[0] == '\0'))
		return true;
	err_set(e, ERR_USAGE, _("name the fragment of '%s'"), s->path);
	return err_next(e, "smemail template show %s", s->path);
}

/* The text of the custom fragment: of a file, else what it will replace. */
static bool
custom_text(const struct call *call, const struct subject *s, const char *name,
    struct buf *out, struct err *e)
{
	const char *from = call_option(call, "from");
	if (from == NULL)
		return template_piece_source(
		    s->env, s->path, name, true, out, e);
	if (strcmp(from, "-") == 0)
		return file_read_fd(STDIN_FILENO, _("standard input"), out, e);
	return file_read_named(from, out, e);
}

static bool
custom_write(struct app *app, const struct call *call, const struct subject *s,
    struct err *e)
{
	char real[SYS_PATH_MAX];
	const char *name = s->fragment != NULL ? s->fragment : "";
	const char *shown = template_custom_path(s->env, s->path, name);
	struct buf text = BUF_INIT(SOURCE_MAX);
	const struct file_replace how = {
		.mode = MODE_FILE,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.shown = shown,
	};
	bool from = call_option(call, "from") != NULL;
	bool ok = root_path(&app->root, shown, real, e);
	if (ok && file_exists(real) && !from) {
		render_line(app, "%s", real);
		return true;
	}
	ok = ok && custom_text(call, s, name, &text, e);
	if (ok && call_has(call, "dry-run")) {
		render_line(app, "%s", real);
		render_dry_run(app);
		buf_clear(&text);
		return true;
	}
	ok = ok && file_mkdirs_for(real, MODE_DIR, shown, e) &&
	     file_replace(real, buf_str(&text), &how, e);
	if (ok) {
		render_line(app, "%s", real);
		render_next(app,
		    from ? "smemail plan" : _("edit it, then smemail plan"));
	}
	buf_clear(&text);
	return ok;
}

/* A custom fragment is a name in one folder, not a way out of it. */
static bool
fragment_check(const struct subject *s, struct err *e)
{
	const char *name = s->fragment;
	if (name == NULL ||
	    (name[0] != '\0' && strchr(name, '/') == NULL &&
		strcmp(name, ".") != 0 && strcmp(name, "..") != 0))
		return true;
	return err_set(
	    e, ERR_USAGE, _("'%s' is not the name of a fragment"), name);
}

static int
customize_run(struct app *app, const struct call *call, struct err *e)
{
	struct subject s;
	if (!subject_open(app, call, &s, e))
		return err_exit_status(e->code);
	bool ok = fragment_check(&s, e) && fragment_needed(&s, e) &&
		  custom_write(app, call, &s, e);
	expand_close(s.x);
	return ok ? 0 : err_exit_status(e->code);
}

static bool
custom_remove(struct app *app, const struct subject *s, const char *name,
    bool dry_run, size_t *removed, struct err *e)
{
	char real[SYS_PATH_MAX];
	const char *shown = template_custom_path(s->env, s->path, name);
	if (!root_path(&app->root, shown, real, e))
		return false;
	if (!dry_run && unlink(real) != 0)
		return err_set_errno(e, errno, _("cannot remove '%s'"), shown);
	++*removed;
	render_line(
	    app, dry_run ? _("would remove %s") : _("removed %s"), shown);
	return true;
}

static int
revert_run(struct app *app, const struct call *call, struct err *e)
{
	struct subject s;
	struct template_piece *p;
	size_t n, removed = 0;
	bool dry = call_has(call, "dry-run");
	if (!subject_open(app, call, &s, e))
		return err_exit_status(e->code);
	bool ok =
	    fragment_check(&s, e) && template_pieces(s.env, s.path, &p, &n, e);
	for (size_t i = 0; ok && i < n; i++)
		if (p[i].origin == TEMPLATE_CUSTOM &&
		    (s.fragment == NULL || strcmp(s.fragment, p[i].name) == 0))
			ok =
			    custom_remove(app, &s, p[i].name, dry, &removed, e);
	if (ok && removed == 0)
		ok = err_set(e, ERR_NO, _("'%s' has no custom fragment%s%s"),
		    s.path, s.fragment != NULL ? " " : "",
		    s.fragment != NULL ? s.fragment : "");
	if (ok && dry)
		render_dry_run(app);
	else if (ok)
		render_next(app, "smemail plan");
	expand_close(s.x);
	return ok ? 0 : err_exit_status(e->code);
}

#define ARGS                                                                   \
	{                                                                      \
		{ "PATH", ARG_FILE, ARG_ONE, NULL },                           \
		{                                                              \
			"FRAGMENT", ARG_TEXT, ARG_OPTIONAL, NULL               \
		}                                                              \
	}

const struct command command_template_list = {
	.words = "template list",
	.summary = N_("list the templates of the mail system"),
	.text = N_("One line each: the file it makes, and its custom fragments "
		   "if there are any."),
	.run = list_run,
};

const struct command command_template_expand = {
	.words = "template expand",
	.summary = N_("print the file that a template makes"),
	.text = N_("Nothing is written. PATH is that of the file; the end of "
		   "it will do where no other template ends so."),
	.args = { { "PATH", ARG_FILE, ARG_ONE, NULL } },
	.run = expand_run,
};

const struct command command_template_show = {
	.words = "template show",
	.summary = N_("list the fragments of a template, or print one"),
	.text = N_("The fragments stand in the order in which they are put "
		   "together. The source of one is printed when it is named, "
		   "as a word of its own or behind PATH and a slash."),
	.args = ARGS,
	.run = show_run,
};

const struct command command_template_customize = {
	.words = "template customize",
	.summary = N_("put a custom fragment in the place of the usual one"),
	.text = N_("Copies the fragment to templates-custom, where it "
		   "replaces the usual one, and prints where. A custom "
		   "fragment that is there already is left as it is, unless "
		   "--from gives its text. With --from the name may be a new "
		   "one; an empty file takes the usual fragment out."),
	.args = ARGS,
	.options = { { "from", 0, "FILE", ARG_FILE,
			 N_("take the text from FILE; - is standard input") },
	    DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = customize_run,
};

const struct command command_template_revert = {
	.words = "template revert",
	.summary = N_("remove custom fragments of a template"),
	.text = N_("Removes the one that is named, or all of them. The usual "
		   "fragments count again at the next apply."),
	.args = ARGS,
	.options = { DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = revert_run,
};
