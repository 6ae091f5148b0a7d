/* Tasks: collecting wishes, reading files, asking, editing. */
#include "cmd/task.h"

#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FILE_MAX = 4 << 20,
	WISHES_FIRST = 32,
	HEAD_BYTES = 64
};

void
task_begin(struct app *app, struct task *t)
{
	*t = (struct task){ .app = app, .max = WISHES_FIRST };
	t->wishes = ARENA_ARRAY(app->arena, t->max, struct settings_wish);
}

void
task_wish(struct task *t, const char *id, const char *target, const char *value)
{
	const struct setting *s = setting_find(str_of(id));

	assert(s != NULL);
	if (t->n == t->max) {
		struct settings_wish *more = ARENA_ARRAY(
		    t->app->arena, 2 * t->max, struct settings_wish);
		memcpy(more, t->wishes, t->n * sizeof(*more));
		t->wishes = more;
		t->max *= 2;
	}
	t->wishes[t->n++] = (struct settings_wish){
		.setting = s,
		.target = target,
		.value = value,
	};
}

int
task_store(struct task *t, const struct call *call, struct err *e)
{
	struct settings_how how = settings_how(t->app, call);

	return settings_store(t->app, t->wishes, t->n, &how, e);
}

/* Is the risk in what --accept and --yes say? */
static bool
is_accepted(const struct settings_how *how)
{
	struct str rest = str_of(how->accept);

	while (rest.ptr != NULL)
		if (str_is(
			str_trim(str_cut(rest, ',', &rest)), "may-lose-mail"))
			return true;
	return false;
}

bool
task_confirm(struct app *app, const struct call *call, const char *word,
    const char *text, struct err *e)
{
	struct settings_how how = settings_how(app, call);
	char line[SETTING_VALUE_MAX];

	if (is_accepted(&how) || how.dry_run) {
		render_note(app, _("! %s: %s"), word, text);
		return true;
	}
	if (settings_wants_json(app) || isatty(fileno(app->in)) != 1 ||
	    isatty(fileno(app->err)) != 1) {
		err_set(e, ERR_USAGE, _("'%s': %s"), word, text);
		return err_next(e, _("repeat with --yes when that is meant"));
	}
	render_note(app, _("! %s: %s"), word, text);
	fprintf(app->err, _("type  %s  to go on: "), word);
	fflush(app->err);
	if (fgets(line, sizeof(line), app->in) != NULL &&
	    str_is(str_trim(str_of(line)), word))
		return true;
	return err_set(e, ERR_NO, _("nothing is stored"));
}

bool
task_read_file(
    struct app *app, const char *path, struct str *text, struct err *e)
{
	struct buf out = BUF_INIT(FILE_MAX);
	bool ok = strcmp(path, "-") == 0 ? file_read_fd(fileno(app->in),
					       _("standard input"), &out, e)
					 : file_read_named(path, &out, e);

	if (ok && str_find(buf_str(&out), '\0', 0) < out.len)
		ok = err_set(e, ERR_USAGE,
		    _("'%s' is no text: it holds a zero byte"), path);
	*text = arena_str(app->arena, buf_str(&out));
	buf_clear(&out);
	return ok;
}

bool
task_read_head(
    struct app *app, const char *path, struct str *bytes, struct err *e)
{
	char head[HEAD_BYTES];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		return err_set_errno(e, errno, _("cannot open '%s'"), path);
	n = fread(head, 1, sizeof(head), f);
	if (ferror(f)) {
		err_set_errno(e, errno, _("cannot read '%s'"), path);
		fclose(f);
		return false;
	}
	fclose(f);
	*bytes = arena_str(app->arena, str_n(head, n));
	return true;
}

bool
task_read_lines(
    struct app *app, const char *path, struct task_lines *out, struct err *e)
{
	struct str text, rest, line;
	size_t count = 1, number = 0;

	*out = (struct task_lines){ 0 };
	if (!task_read_file(app, path, &text, e))
		return false;
	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == '\n';
	out->texts = ARENA_ARRAY(app->arena, count, const char *);
	out->numbers = ARENA_ARRAY(app->arena, count, size_t);
	rest = text;
	while (str_next_line(&rest, &line)) {
		number++;
		line = str_trim(str_sub(line, 0, str_find(line, '#', 0)));
		if (line.len == 0)
			continue;
		out->texts[out->n] = arena_cstr(app->arena, line);
		out->numbers[out->n++] = number;
	}
	return true;
}

bool
task_value(struct app *app, struct settings_store *st, const char *id,
    struct str *value, struct err *e)
{
	struct settings_row row;

	if (!settings_read_value(st, setting_find(str_of(id)), NULL, &row, e))
		return false;
	*value = arena_str(app->arena, row.value);
	return true;
}

/* "$VISUAL FILE": words of the variable are arguments, no shell sees it. */
static bool
run_editor(struct app *app, const char *path, struct err *e)
{
	enum {
		WORDS_MAX = 16
	};
	const char *editor = getenv("VISUAL");
	const char *argv[WORDS_MAX + 2];
	struct str rest, word;
	size_t n = 0;
	int status;

	if (editor == NULL || editor[0] == '\0')
		editor = getenv("EDITOR");
	if (editor == NULL || editor[0] == '\0')
		editor = "vi";
	rest = str_of(editor);
	while (n < WORDS_MAX && str_next_word(&rest, &word))
		argv[n++] = arena_cstr(app->arena, word);
	argv[n++] = path;
	argv[n] = NULL;
	const struct spawn s = { .argv = argv };
	if (!spawn_run(&s, app->clock, &status, e))
		return err_next(e, _("set EDITOR to an editor you have"));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	return err_set(e, ERR_NO, _("the editor gave up: nothing is stored"));
}

/* A file of our own in the temporary folder; its name goes to 'path'. */
static bool
draft_file(
    const char *name, struct str text, char path[SYS_PATH_MAX], struct err *e)
{
	const char *dir = getenv("TMPDIR");
	int fd;
	bool ok;

	snprintf(path, SYS_PATH_MAX, "%s/smemail-%s-XXXXXX",
	    dir != NULL && dir[0] == '/' ? dir : "/tmp", name);
	fd = mkstemp(path);
	if (fd < 0)
		return err_set_errno(e, errno, _("cannot make '%s'"), path);
	ok = file_write_all(fd, text);
	if (!ok)
		err_set_errno(e, errno, _("cannot write '%s'"), path);
	return close(fd) == 0 && ok;
}

/* Ctrl-C and a closed line end us only when the draft is removed. */
static void
signals_hold(sigset_t *before)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGQUIT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigprocmask(SIG_BLOCK, &held, before);
}

bool
task_edit(struct app *app, const char *name, struct str *text, struct err *e)
{
	sigset_t before;
	char path[SYS_PATH_MAX];
	struct str edited;
	bool ok;

	if (isatty(fileno(app->in)) != 1 && getenv("VISUAL") == NULL &&
	    getenv("EDITOR") == NULL)
		return err_set(e, ERR_USAGE,
		    _("an editor needs a terminal; without one set EDITOR"));
	signals_hold(&before);
	ok = draft_file(name, *text, path, e) && run_editor(app, path, e) &&
	     task_read_file(app, path, &edited, e);
	unlink(path);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!ok)
		return false;
	if (str_eq(edited, *text))
		return err_set(e, ERR_NO, _("nothing was changed"));
	*text = edited;
	return true;
}

int
task_show(struct app *app, const char *const *ids, struct err *e)
{
	struct settings_store *st = NULL;
	struct settings_row *rows;
	struct str *cells;
	size_t n = 0, count = 0;
	bool ok = settings_begin(app, &st, e);

	while (ids[count] != NULL)
		count++;
	rows = ARENA_ARRAY(app->arena, count + 1, struct settings_row);
	for (size_t i = 0; ok && i < count; i++) {
		const struct setting *s = setting_find(str_of(ids[i]));
		if (setting_on_release(s, app->model.release))
			ok = settings_read(st, s, NULL, &rows[n++], e);
	}
	settings_close(st);
	if (!ok)
		return err_exit_status(e->code);
	if (settings_wants_json(app)) {
		settings_json_listed(app, rows, n);
		return 0;
	}
	cells = ARENA_ARRAY(app->arena, n * SETTINGS_COLUMNS + 1, struct str);
	for (size_t i = 0; i < n; i++)
		settings_cells(app, &rows[i], &cells[i * SETTINGS_COLUMNS]);
	render_table(app, settings_columns, SETTINGS_COLUMNS, cells, n);
	return 0;
}

bool
task_split(
    const char *text, char sep, struct app *app, const char ***words, size_t *n)
{
	struct str rest = str_of(text);

	*words = ARENA_ARRAY(app->arena, rest.len + 2, const char *);
	*n = 0;
	while (rest.ptr != NULL) {
		struct str one = str_trim(str_cut(rest, sep, &rest));
		if (one.len > 0)
			(*words)[(*n)++] = arena_cstr(app->arena, one);
	}
	return *n > 0;
}
