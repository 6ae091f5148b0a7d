/*
 * The commands db and config: e-smith databases as the reference shows and
 * changes them (ES-40 to ES-59). Words are taken as they come; bytes are
 * printed as they are, except on a terminal.
 */
#include "cmd/db.h"

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/buf.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/db/db.h"
#include "core/sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OUTPUT_MAX = 512 * 1024 * 1024
};

/* clang-format off */
static const struct db_verb verbs[] = {
	{ "keys", "", 0, 0, 0, db_show_keys, NULL, NULL },
	{ "print", "[KEY]", 0, 0, 0, db_show_print, NULL, NULL },
	{ "show", "[KEY]", 0, 0, 0, db_show_show, NULL, NULL },
	{ "get", "KEY", 1, 1, 0, db_show_get, NULL, NULL },
	{ "set", "KEY TYPE [PROP VALUE]...", 2, 1, 2, NULL, db_wanted_set, db_store_set },
	{ "setdefault", "KEY TYPE [PROP VALUE]...", 2, 2, 2, NULL, db_wanted_setdefault, db_store_setdefault },
	{ "delete", "KEY", 1, 1, 0, NULL, db_wanted_delete, db_store_delete },
	{ "printtype", "[KEY]", 0, 0, 0, db_show_printtype, NULL, NULL },
	{ "gettype", "KEY", 1, 1, 0, db_show_gettype, NULL, NULL },
	{ "settype", "KEY TYPE", 2, 2, 0, NULL, db_wanted_settype, db_store_settype },
	{ "printprop", "KEY [PROP]...", 1, 1, 0, db_show_printprop, NULL, NULL },
	{ "getprop", "KEY PROP", 2, 2, 0, db_show_getprop, NULL, NULL },
	{ "setprop", "KEY PROP VALUE [PROP VALUE]...", 3, 1, 1, NULL, db_wanted_props, db_store_setprop },
	{ "delprop", "KEY PROP...", 2, 1, 0, NULL, db_wanted_props, db_store_delprop },
};
/* clang-format on */

/* The same names, for completion. */
static const char *const verb_words[] = {
	"keys",
	"print",
	"show",
	"get",
	"set",
	"setdefault",
	"delete",
	"printtype",
	"gettype",
	"settype",
	"printprop",
	"getprop",
	"setprop",
	"delprop",
	NULL,
};
_Static_assert(ARRAY_LEN(verb_words) == ARRAY_LEN(verbs) + 1,
    "each sub-command is offered");

static int
usage(struct app *app, const char *program, const struct db_verb *only)
{
	const char *lead = _("usage:");
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		const struct db_verb *v = &verbs[i];
		if (only != NULL && v != only)
			continue;
		fprintf(app->err, "%s smemail %s %s%s%s\n", lead, program,
		    v->name, v->words[0] != '\0' ? " " : "", v->words);
		lead = "      ";
	}
	return DB_STATUS_USAGE;
}

/* Empty and "0" are false to the reference. */
static bool
is_true(const char *text)
{
	return text != NULL && text[0] != '\0' && strcmp(text, "0") != 0;
}

static const struct db_verb *
verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

static bool
words_fit(const struct db_verb *v, const char *const *words, size_t n)
{
	if (n < v->min || (v->pairs > 0 && (n - v->pairs) % 2 != 0))
		return false;
	for (size_t i = 0; i < v->truthful; i++) {
		if (!is_true(words[i]))
			return false;
	}
	return true;
}

/* DBPATH stands in front of any name, absolute ones too (ES-41). */
static bool
path_find(struct db_job *j, const char *file, struct err *e)
{
	bool moved;
	const char *dir = getenv("DBPATH");
	if (dir != NULL)
		file = arena_printf(j->arena, "%s/%s", dir, file);
	if (!db_path(&j->app->root, file, j->path, &moved, e))
		return false;
	if (moved)
		render_note(j->app,
		    _("'%s' is an old place of databases; using '%s'"), file,
		    root_shown(&j->app->root, j->path));
	return true;
}

/* Bytes as they are; escaped on a terminal, lines kept. */
static bool
print_out(struct db_job *j, struct err *e)
{
	struct buf safe = BUF_INIT((size_t)OUTPUT_MAX * 4);
	struct str text = buf_str(&j->out), line;
	bool ok = !j->out.failed;
	if (j->app->terminal) {
		while (str_next_line(&text, &line)) {
			escape_terminal(&safe, line);
			buf_add_char(&safe, '\n');
		}
		ok = ok && !safe.failed;
		text = buf_str(&safe);
	}
	if (ok)
		render_raw(j->app, text);
	else
		err_set_errno(e, ENOMEM, _("cannot print the answer"));
	buf_clear(&safe);
	return ok;
}

static bool
store(struct db_job *j, const struct db_verb *v, struct err *e)
{
	struct db_env env = {
		.root = &j->app->root,
		.clock = j->app->clock,
		.program = "/sbin/e-smith/db",
	};
	if (!db_change_begin(&env, j->path, &j->change, e))
		return false;
	if (v->store(j, e))
		return db_change_commit(j->change, e);
	db_change_abort(j->change);
	return false;
}

static int
job_run(struct db_job *j, const struct db_verb *v, struct err *e)
{
	int status = 0;
	if (!db_load(j->path, root_shown(&j->app->root, j->path), &j->db, e))
		return err_exit_status(e->code);
	bool ok = true;
	if (v->show != NULL) {
		status = v->show(j);
		ok = print_out(j, e);
	} else if (v->wanted(j, &status)) {
		status = 0;
		ok = store(j, v, e);
	}
	db_free(j->db);
	return ok ? status : err_exit_status(e->code);
}

/* Reading below a root that is not there would look like an empty database. */
static bool
root_is_there(const struct app *app, struct err *e)
{
	const char *root = app->root.prefix;
	if (root_is_system(&app->root) || file_is_dir(root))
		return true;
	err_set(e, ERR_USAGE, _("cannot use root '%s': no such folder"), root);
	return err_next(e, "smemail init --root %s", root);
}

static int
run(struct app *app, const char *program, const char *file,
    const char *const *words, struct err *e)
{
	size_t n = 0;
	while (words[n] != NULL)
		n++;
	const struct db_verb *v = n > 0 ? verb_find(words[0]) : NULL;
	if (!is_true(file) || v == NULL)
		return usage(app, program, NULL);
	if (!words_fit(v, words + 1, n - 1))
		return usage(app, program, v);
	struct db_job j = {
		.app = app,
		.arena = app->arena,
		.words = words + 1,
		.n = n - 1,
		.out = BUF_INIT(OUTPUT_MAX),
	};
	bool ok = root_is_there(app, e) && path_find(&j, file, e);
	int status = ok ? job_run(&j, v, e) : err_exit_status(e->code);
	buf_clear(&j.out);
	return status;
}

static int
run_db(struct app *app, const struct call *call, struct err *e)
{
	const char *const *words = call->args;
	const char *file = words[0];
	return run(app, "db FILE", file, file != NULL ? words + 1 : words, e);
}

static int
run_config(struct app *app, const struct call *call, struct err *e)
{
	return run(app, "config", "configuration", call->args, e);
}

const struct command command_db = {
	.words = "db",
	.summary = N_("read or change a database of the server"),
	.text = N_("Works on the flat e-smith databases with the words, output "
		   "and exit status of the server's own db. FILE is a name "
		   "below /home/e-smith/db or an absolute path; COMMAND one of "
		   "keys, print, show, get, set, setdefault, delete, "
		   "printtype, gettype, settype, printprop, getprop, setprop, "
		   "delprop, each explained when called without words. "
		   "Exit status: 0 done, 1 not found, 255 wrong "
		   "usage, 100 or 111 when nothing could be stored."),
	.args = {
		{ .name = "FILE", .kind = ARG_TEXT, .count = ARG_ONE },
		{
			.name = "COMMAND",
			.kind = ARG_WORD_OF,
			.count = ARG_ONE,
			.words = verb_words,
		},
		{ .name = "WORD", .kind = ARG_REST, .count = ARG_ANY },
	},
	.flags = COMMAND_CHANGES | COMMAND_NO_ROOT | COMMAND_RAW,
	.run = run_db,
};

const struct command command_config = {
	.words = "config",
	.summary = N_("read or change the configuration database"),
	.text = N_("The same as db configuration: config get KEY, "
		   "config setprop KEY PROP VALUE and so on."),
	.args = {
		{
			.name = "COMMAND",
			.kind = ARG_WORD_OF,
			.count = ARG_ONE,
			.words = verb_words,
		},
		{ .name = "WORD", .kind = ARG_REST, .count = ARG_ANY },
	},
	.flags = COMMAND_CHANGES | COMMAND_NO_ROOT | COMMAND_RAW,
	.run = run_config,
};
