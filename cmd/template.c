/* Templates: their text and their fragments. */
#include "cmd/template_int.h"

#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/model/expand.h"
#include "core/model/files.h"
#include "core/template/fragments.h"

#include <string.h>

enum {
	TEXT_MAX = 8 << 20,
};

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
subject_find(struct app *app, struct template_subject *s, const char *word,
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

bool
template_subject_open(struct app *app, const struct call *call,
    struct template_subject *s, struct err *e)
{
	*s = (struct template_subject){ .x = NULL };
	app->model.release = model_release(&app->root, app->arena);
	if (!expand_open(&app->model, &app->root, &s->x, e))
		return false;
	s->env = expand_env(s->x);
	if (call->n_args == 0 ||
	    subject_find(app, s, call->args[0],
		call->n_args > 1 ? call->args[1] : NULL, e)) {
		expand_notes(s->x, render_note_text, app);
		return true;
	}
	expand_close(s->x);
	return false;
}

/* The custom fragments of a template, "-" for a file that replaces it. */
static struct str
custom_names(struct app *app, struct template_subject *s, const char *path)
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
	struct template_subject s;
	const char *const *paths;
	size_t n;
	(void)call;
	const struct call none = { .n_args = 0 };
	if (!template_subject_open(app, &none, &s, e))
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
	struct template_subject s;
	struct buf text = BUF_INIT(TEXT_MAX);
	if (!template_subject_open(app, call, &s, e))
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
	struct template_subject s;
	struct template_piece *p;
	struct buf text = BUF_INIT(TEMPLATE_SOURCE_MAX);
	size_t n;
	if (!template_subject_open(app, call, &s, e))
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
	.args = TEMPLATE_ARGS,
	.run = show_run,
};
