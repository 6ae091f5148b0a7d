/* The commands attachments show, block, allow and add. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"
#include "core/model/patterns.h"

#include <string.h>

static void
pattern_json(struct app *app, struct json *j, void *rows, size_t i)
{
	const struct pattern *p = (struct pattern *)rows + i;

	(void)app;
	json_key(j, "pattern");
	json_cstr(j, p->key);
	json_key(j, "signatures");
	json_cstr(j, p->body);
	json_key(j, "description");
	json_cstr(j, p->description);
	json_key(j, "blocked");
	json_bool(j, p->blocked);
	json_key(j, "archive");
	json_bool(j, p->archive);
}

static void
patterns_text(struct app *app, const struct pattern *p, size_t n)
{
	static const struct render_column columns[] = {
		{ .head = N_("PATTERN") },
		{ .head = N_("STATE") },
		{ .head = N_("SIGNATURES") },
		{ .head = N_("WHAT") },
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, n * ARRAY_LEN(columns) + 1, struct str);

	for (size_t i = 0; i < n; i++) {
		struct str *c = &cells[i * ARRAY_LEN(columns)];
		c[0] = str_of(p[i].key);
		c[1] = str_of(p[i].blocked ? _("blocked") : _("allowed"));
		c[2] = str_of(p[i].body);
		c[3] = str_of(p[i].description);
	}
	render_table(app, columns, ARRAY_LEN(columns), cells, n);
}

static int
run_show(struct app *app, const struct call *call, struct err *e)
{
	struct settings_store *st = NULL;
	struct pattern *p;
	struct str on;
	size_t n;
	bool ok = settings_begin(app, &st, e) && patterns_list(st, &p, &n, e) &&
		  task_value(app, st, "attachments.block", &on, e);

	(void)call;
	settings_close(st);
	if (!ok)
		return err_exit_status(e->code);
	if (settings_wants_json(app)) {
		settings_json_rows(
		    app, "smemail.attachments/1", pattern_json, p, n);
		return 0;
	}
	if (n > 0)
		patterns_text(app, p, n);
	else
		render_note(app, _("there is no pattern yet"));
	if (!str_is(on, "enabled"))
		render_note(app,
		    _("! nothing is refused: attachments.block is disabled"));
	if (!str_is(on, "enabled") || n == 0)
		render_next(app, "smemail attachments block executables");
	return 0;
}

/* "executables", "all", or a pattern. */
static bool
block_one(struct app *app, struct settings_store *st, struct task *t,
    const char *word, struct err *e)
{
	struct settings_wish *w;
	const char *const *keys;
	size_t n;

	if (strcmp(word, "executables") == 0) {
		if (!patterns_block_executables(st, &w, &n, e))
			return false;
		for (size_t i = 0; i < n; i++)
			task_wish(t, w[i].setting->id, w[i].target, w[i].value);
		return true;
	}
	if (!patterns_find(st, word, &keys, &n, e))
		return false;
	for (size_t i = 0; i < n; i++)
		task_wish(t, "attachments.pattern", keys[i], "enabled");
	(void)app;
	return true;
}

static int
run_block(struct app *app, const struct call *call, struct err *e)
{
	struct settings_store *st = NULL;
	struct task t;
	bool ok = settings_begin(app, &st, e);

	task_begin(app, &t);
	task_wish(&t, "attachments.block", NULL, "enabled");
	for (size_t i = 0; ok && i < call->n_args; i++)
		ok = block_one(app, st, &t, call->args[i], e);
	settings_close(st);
	return ok ? task_store(&t, call, e) : err_exit_status(e->code);
}

static int
run_allow(struct app *app, const struct call *call, struct err *e)
{
	struct settings_store *st = NULL;
	struct task t;
	bool ok = settings_begin(app, &st, e);

	task_begin(app, &t);
	for (size_t i = 0; ok && i < call->n_args; i++) {
		const char *const *keys;
		size_t n;
		if (strcmp(call->args[i], "all") == 0) {
			task_wish(&t, "attachments.block", NULL, "disabled");
			continue;
		}
		ok = patterns_find(st, call->args[i], &keys, &n, e);
		for (size_t k = 0; ok && k < n; k++)
			task_wish(
			    &t, "attachments.pattern", keys[k], "disabled");
	}
	settings_close(st);
	return ok ? task_store(&t, call, e) : err_exit_status(e->code);
}

static bool
add_signature(
    struct task *t, const char *name, struct str signature, struct err *e)
{
	const char *key = arena_cstr(t->app->arena, signature);

	if (!patterns_check(signature, e))
		return false;
	task_wish(t, "attachments.pattern-add", key, "pattern");
	task_wish(t, "attachments.pattern-description", key, name);
	task_wish(t, "attachments.pattern", key, "enabled");
	return true;
}

static bool
add_sample(struct app *app, struct task *t, const char *name, const char *path,
    struct err *e)
{
	struct buf signature = BUF_INIT(SETTING_VALUE_MAX);
	struct str bytes;
	bool ok = task_read_head(app, path, &bytes, e) &&
		  patterns_of_bytes(bytes, &signature, e) &&
		  add_signature(t, name, buf_str(&signature), e);

	buf_clear(&signature);
	return ok;
}

static int
run_add(struct app *app, const struct call *call, struct err *e)
{
	const char *name = call->args[0];
	const char *from = call_option(call, "from");
	const char *sample = call_option(call, "sample");
	struct settings_store *st = NULL;
	struct task_lines lines = { 0 };
	struct task t;
	bool ok = settings_begin(app, &st, e);

	settings_close(st);
	task_begin(app, &t);
	for (size_t i = 1; ok && i < call->n_args; i++)
		ok = add_signature(&t, name, str_of(call->args[i]), e);
	if (ok && from != NULL)
		ok = task_read_lines(app, from, &lines, e);
	for (size_t i = 0; ok && i < lines.n; i++) {
		ok = add_signature(&t, name, str_of(lines.texts[i]), e);
		if (!ok)
			err_context(e, _("line %zu"), lines.numbers[i]);
	}
	if (ok && sample != NULL)
		ok = add_sample(app, &t, name, sample, e);
	if (ok && t.n == 0) {
		ok = err_set(
		    e, ERR_USAGE, _("no signature given for '%s'"), name);
		err_next(e, "smemail attachments add NAME --sample FILE");
	}
	return ok ? task_store(&t, call, e) : err_exit_status(e->code);
}

static const char *const block_words[] = { "executables", NULL };
static const char *const allow_words[] = { "all", NULL };

const struct command command_attachments_show = {
	.words = "attachments show",
	.summary = N_("show the patterns of attachments"),
	.text = N_("What an attachment begins with in the mail (base64), and "
		   "whether it is refused."),
	.run = run_show,
};

const struct command command_attachments_block = {
	.words = "attachments block",
	.summary = N_("refuse attachments"),
	.text = N_("executables: every pattern but those of zip archives, and "
		   "the known ones where the server has none. Otherwise a "
		   "pattern, or its description. Switches attachments.block "
		   "on."),
	.args = { { "PATTERN", ARG_TEXT, ARG_MANY, block_words } },
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_block,
};

const struct command command_attachments_allow = {
	.words = "attachments allow",
	.summary = N_("accept attachments again"),
	.text = N_("A pattern, or its description; all: none is refused any "
		   "more (the patterns keep their state)."),
	.args = { { "PATTERN", ARG_TEXT, ARG_MANY, allow_words } },
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_allow,
};

const struct command command_attachments_add = {
	.words = "attachments add",
	.summary = N_("add own signatures and refuse them"),
	.text = N_("A signature is what the attachment begins with in base64; "
		   "--sample works it out from a file, --from reads several, "
		   "one a line."),
	.args = { { "NAME", ARG_TEXT, ARG_ONE, NULL },
	    { "SIGNATURE", ARG_TEXT, ARG_ANY, NULL } },
	.options = { { .name = "from",
			 .value = "FILE",
			 .kind = ARG_FILE,
			 .help = N_("read signatures from this file") },
	    { .name = "sample",
		.value = "FILE",
		.kind = ARG_FILE,
		.help = N_("refuse what begins as this file") },
	    SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_add,
};
