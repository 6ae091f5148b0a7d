/*
 * The commands db and config: e-smith databases as the reference shows and
 * changes them (ES-40 to ES-59). Words are taken as they come; bytes are
 * printed as they are, except on a terminal.
 */
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
	STATUS_NO = 1,      /* not found, or a key that cannot be stored */
	STATUS_USAGE = 255, /* ES-43 */
	OUTPUT_MAX = 512 * 1024 * 1024
};

/* One call of a sub-command. */
struct job {
	struct app *app;
	struct arena *arena;
	char path[SYS_PATH_MAX];
	const char *const *words; /* after the sub-command */
	size_t n;
	struct db *db;            /* snapshot, read without lock */
	struct db_change *change; /* of a sub-command that stores */
	struct buf out;           /* printed when the sub-command is done */
};

struct verb {
	const char *name;
	const char *words; /* for the usage */
	size_t min;        /* words it needs */
	size_t truthful;   /* so many may be neither empty nor "0" (ES-43) */
	size_t pairs;      /* from here on names with values; 0: none */
	/* Answers from the snapshot: exit status. */
	int (*show)(struct job *j);
	/* Worth taking the lock? False: *status is the answer. */
	bool (*wanted)(const struct job *j, int *status);
	/* Works on the change. */
	bool (*store)(struct job *j, struct err *e);
};

static struct str
word(const struct job *j, size_t i)
{
	return str_of(i < j->n ? j->words[i] : NULL);
}

static const struct db_record *
named(const struct job *j)
{
	return db_find(j->db, word(j, 0));
}

static void
add_pair(struct job *j, const char *indent, struct str name, struct str value)
{
	buf_add_cstr(&j->out, indent);
	buf_add_str(&j->out, name);
	buf_add_char(&j->out, '=');
	buf_add_str(&j->out, value);
	buf_add_char(&j->out, '\n');
}

static void
add_line(struct job *j, struct str text)
{
	buf_add_str(&j->out, text);
	buf_add_char(&j->out, '\n');
}

static void
add_value(struct job *j, struct str key, const struct db_record *r)
{
	add_pair(j, "", key, db_record_value(r, j->arena));
}

static void
add_type(struct job *j, struct str key, const struct db_record *r)
{
	add_pair(j, "", key, db_record_type(r, j->arena));
}

static size_t
add_props(struct job *j, const char *indent, const struct db_record *r)
{
	struct db_prop *props;
	size_t n = db_record_props(r, j->arena, &props);
	for (size_t i = 0; i < n; i++)
		add_pair(j, indent, props[i].name, props[i].value);
	return n;
}

static void
add_tree(struct job *j, struct str key, const struct db_record *r)
{
	add_type(j, key, r);
	add_props(j, "    ", r);
}

/*
 * One record, or all when no key is given. A stored key with blanks at its
 * ends is listed, but its value cannot be reached by name (ES-5).
 */
static int
show_records(struct job *j,
    void (*add)(struct job *j, struct str key, const struct db_record *r))
{
	static const struct db_record none = { .defined = false };
	if (j->n > 0) {
		if (named(j) == NULL)
			return STATUS_NO;
		add(j, word(j, 0), named(j));
		return 0;
	}
	for (size_t i = 0; i < db_count(j->db); i++) {
		struct str key = db_at(j->db, i)->key;
		const struct db_record *r = db_find(j->db, key);
		add(j, key, r != NULL ? r : &none);
	}
	return db_count(j->db) > 0 ? 0 : STATUS_NO;
}

static int
show_print(struct job *j)
{
	return show_records(j, add_value);
}

static int
show_show(struct job *j)
{
	return show_records(j, add_tree);
}

static int
show_printtype(struct job *j)
{
	return show_records(j, add_type);
}

static int
show_keys(struct job *j)
{
	for (size_t i = 0; i < db_count(j->db); i++)
		add_line(j, db_at(j->db, i)->key);
	return db_count(j->db) > 0 ? 0 : STATUS_NO;
}

static int
show_get(struct job *j)
{
	const struct db_record *r = named(j);
	if (r == NULL)
		return STATUS_NO;
	add_line(j, db_record_value(r, j->arena));
	return 0;
}

static int
show_gettype(struct job *j)
{
	const struct db_record *r = named(j);
	if (r == NULL)
		return STATUS_NO;
	add_line(j, db_record_type(r, j->arena));
	return 0;
}

static int
show_getprop(struct job *j)
{
	const struct db_record *r = named(j);
	struct str value;
	if (r == NULL || !db_record_prop(r, word(j, 1), j->arena, &value))
		return STATUS_NO;
	add_line(j, value);
	return 0;
}

static int
show_printprop(struct job *j)
{
	const struct db_record *r = named(j);
	struct str value;
	if (j->n == 1)
		return r != NULL && add_props(j, "", r) > 0 ? 0 : STATUS_NO;
	for (size_t i = 1; r != NULL && i < j->n; i++) {
		if (db_record_prop(r, word(j, i), j->arena, &value))
			add_pair(j, "", word(j, i), value);
	}
	return 0;
}

/* A key with LF can be looked up, but not stored (ES-16). */
static bool
key_can_be_stored(const struct job *j, int *status)
{
	*status = STATUS_NO;
	return strchr(j->words[0], '\n') == NULL;
}

static bool
wanted_set(const struct job *j, int *status)
{
	return key_can_be_stored(j, status);
}

static bool
wanted_setdefault(const struct job *j, int *status)
{
	*status = 0;
	return named(j) == NULL && key_can_be_stored(j, status);
}

static bool
wanted_delete(const struct job *j, int *status)
{
	*status = STATUS_NO;
	return named(j) != NULL;
}

static bool
wanted_settype(const struct job *j, int *status)
{
	*status = STATUS_NO;
	return named(j) != NULL && key_can_be_stored(j, status);
}

/* Of a missing record there is nothing to change: done (ES-56, ES-57). */
static bool
wanted_props(const struct job *j, int *status)
{
	*status = 0;
	return named(j) != NULL && key_can_be_stored(j, status);
}

struct pair {
	struct str name, value;
	size_t place;
};

static int
pair_cmp(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int d = str_cmp(x->name, y->name);
	if (d != 0)
		return d;
	return x->place < y->place ? -1 : 1;
}

/* A record with properties should have a type (ES-20). */
static void
warn_without_type(struct job *j)
{
	const struct db_record *r =
	    db_find(db_change_db(j->change), word(j, 0));
	if (r != NULL && db_record_type(r, j->arena).len == 0)
		render_note(
		    j->app, _("record '%s' should have a type"), j->words[0]);
}

/* In byte order of names; of equal names the last counts (ES-56). */
static void
store_pairs(struct job *j, size_t from)
{
	size_t n = (j->n - from) / 2;
	struct pair *pairs = ARENA_ARRAY(j->arena, n, struct pair);
	if (n == 0 || pairs == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		pairs[i] = (struct pair){
			.name = word(j, from + 2 * i),
			.value = word(j, from + 2 * i + 1),
			.place = i,
		};
	qsort(pairs, n, sizeof(*pairs), pair_cmp);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && str_eq(pairs[i].name, pairs[i + 1].name))
			continue;
		db_change_set_prop(
		    j->change, word(j, 0), pairs[i].name, pairs[i].value);
	}
	warn_without_type(j);
}

static bool
store_set(struct job *j, struct err *e)
{
	if (!db_change_store(j->change, word(j, 0), word(j, 1), e))
		return false;
	store_pairs(j, 2);
	return true;
}

/* A line without '=' is listed as a record, but is none (ES-3). */
static bool
is_half_record(const struct db *db, struct str key)
{
	for (size_t i = 0; i < db_count(db); i++) {
		const struct db_record *r = db_at(db, i);
		if (!r->defined && str_eq(r->key, str_trim(key)))
			return true;
	}
	return false;
}

static bool
store_setdefault(struct job *j, struct err *e)
{
	/* another program may have made it while we waited for the lock */
	if (db_find(db_change_db(j->change), word(j, 0)) != NULL)
		return true;
	if (is_half_record(db_change_db(j->change), word(j, 0)))
		render_note(j->app,
		    _("record '%s' had no value (line without '='); set anew"),
		    j->words[0]);
	return store_set(j, e);
}

static bool
store_delete(struct job *j, struct err *e)
{
	if (db_change_delete(j->change, word(j, 0)))
		return true;
	return err_set(
	    e, ERR_NO, _("cannot delete '%s': no such record"), j->words[0]);
}

static bool
store_settype(struct job *j, struct err *e)
{
	if (db_change_set_type(j->change, word(j, 0), word(j, 1)))
		return true;
	return err_set(
	    e, ERR_NO, _("cannot change '%s': no such record"), j->words[0]);
}

static bool
store_setprop(struct job *j, struct err *e)
{
	(void)e;
	store_pairs(j, 1);
	return true;
}

static bool
store_delprop(struct job *j, struct err *e)
{
	(void)e;
	for (size_t i = 1; i < j->n; i++)
		db_change_delete_prop(j->change, word(j, 0), word(j, i));
	return true;
}

/* clang-format off */
static const struct verb VERBS[] = {
	{ "keys", "", 0, 0, 0, show_keys, NULL, NULL },
	{ "print", "[KEY]", 0, 0, 0, show_print, NULL, NULL },
	{ "show", "[KEY]", 0, 0, 0, show_show, NULL, NULL },
	{ "get", "KEY", 1, 1, 0, show_get, NULL, NULL },
	{ "set", "KEY TYPE [PROP VALUE]...", 2, 1, 2, NULL, wanted_set, store_set },
	{ "setdefault", "KEY TYPE [PROP VALUE]...", 2, 2, 2, NULL, wanted_setdefault, store_setdefault },
	{ "delete", "KEY", 1, 1, 0, NULL, wanted_delete, store_delete },
	{ "printtype", "[KEY]", 0, 0, 0, show_printtype, NULL, NULL },
	{ "gettype", "KEY", 1, 1, 0, show_gettype, NULL, NULL },
	{ "settype", "KEY TYPE", 2, 2, 0, NULL, wanted_settype, store_settype },
	{ "printprop", "KEY [PROP]...", 1, 1, 0, show_printprop, NULL, NULL },
	{ "getprop", "KEY PROP", 2, 2, 0, show_getprop, NULL, NULL },
	{ "setprop", "KEY PROP VALUE [PROP VALUE]...", 3, 1, 1, NULL, wanted_props, store_setprop },
	{ "delprop", "KEY PROP...", 2, 1, 0, NULL, wanted_props, store_delprop },
};
/* clang-format on */

static int
usage(struct app *app, const char *program, const struct verb *only)
{
	const char *lead = _("usage:");
	for (size_t i = 0; i < ARRAY_LEN(VERBS); i++) {
		const struct verb *v = &VERBS[i];
		if (only != NULL && v != only)
			continue;
		fprintf(app->err, "%s smemail %s %s%s%s\n", lead, program,
		    v->name, v->words[0] != '\0' ? " " : "", v->words);
		lead = "      ";
	}
	return STATUS_USAGE;
}

/* Empty and "0" are false to the reference. */
static bool
is_true(const char *text)
{
	return text != NULL && text[0] != '\0' && strcmp(text, "0") != 0;
}

static const struct verb *
verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(VERBS); i++) {
		if (strcmp(VERBS[i].name, name) == 0)
			return &VERBS[i];
	}
	return NULL;
}

static bool
words_fit(const struct verb *v, const char *const *words, size_t n)
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
path_find(struct job *j, const char *file, struct err *e)
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
print_out(struct job *j, struct err *e)
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
store(struct job *j, const struct verb *v, struct err *e)
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
job_run(struct job *j, const struct verb *v, struct err *e)
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
	const struct verb *v = n > 0 ? verb_find(words[0]) : NULL;
	if (!is_true(file) || v == NULL)
		return usage(app, program, NULL);
	if (!words_fit(v, words + 1, n - 1))
		return usage(app, program, v);
	struct job j = {
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
