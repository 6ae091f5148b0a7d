/* The commands disclaimer: the text under outgoing mail (F103, F104). */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"

#include <string.h>

#define GENERAL "delivery.disclaimer-text"
#define DOMAIN  "delivery.disclaimer-text-domain"
#define SWITCH  "delivery.disclaimer"

static const char *
setting_of(const char *domain)
{
	return domain != NULL ? DOMAIN : GENERAL;
}

static bool
read_text(struct app *app, const char *domain, struct settings_row *row,
    struct err *e)
{
	struct settings_store *st = NULL;
	bool ok = settings_begin(app, &st, e) &&
		  settings_read_value(st,
		      setting_find(str_of(setting_of(domain))), domain, row, e);

	settings_close(st);
	return ok;
}

/* Domains with a text of their own. */
static bool
own_domains(struct app *app, const char ***out, size_t *n, struct err *e)
{
	const struct setting *s = setting_find(STR(DOMAIN));
	struct settings_store *st = NULL;
	const char *const *names = NULL;
	size_t count = 0;
	bool ok = settings_begin(app, &st, e) &&
		  settings_targets(st, s, false, &names, &count, e);

	*n = 0;
	*out = ARENA_ARRAY(app->arena, count + 1, const char *);
	for (size_t i = 0; ok && i < count; i++) {
		struct settings_row row;
		ok = settings_read_value(st, s, names[i], &row, e);
		if (ok && row.is_stored)
			(*out)[(*n)++] = names[i];
	}
	settings_close(st);
	return ok;
}

static void
show_json(struct app *app, bool on, const struct settings_row *general,
    const char *const *domains, size_t n)
{
	struct json j;
	struct buf buf;

	render_json_begin(app, &j, &buf, "smemail.disclaimer/1");
	json_key(&j, "enabled");
	json_bool(&j, on);
	json_key(&j, "text");
	if (general->is_stored)
		json_str(&j, general->stored);
	else
		json_null(&j);
	json_key(&j, "domains");
	json_array_begin(&j);
	for (size_t i = 0; i < n; i++)
		json_cstr(&j, domains[i]);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static void
print_text(struct app *app, struct str text)
{
	struct str line;

	while (str_next_line(&text, &line))
		render_line(app, "%.*s", STR_ARG(line));
}

/* C30: both kinds, or none though it is switched on. */
static void
note_clash(struct app *app, bool on, bool general, size_t domains)
{
	if (general && domains > 0) {
		render_note(app, _("! there is a general text as well as texts "
				   "of domains: keep one kind"));
		render_next(app, "smemail disclaimer remove");
	} else if (on && !general && domains == 0) {
		render_note(app, _("! switched on, but there is no text"));
		render_next(app, "smemail disclaimer edit");
	} else if (!on && (general || domains > 0)) {
		render_note(app, _("! not in force: delivery.disclaimer is "
				   "disabled"));
		render_next(app, "smemail disclaimer enable");
	}
}

static bool
is_on(struct app *app, bool *on, struct err *e)
{
	struct settings_store *st = NULL;
	struct str value;
	bool ok = settings_begin(app, &st, e) &&
		  task_value(app, st, SWITCH, &value, e);

	settings_close(st);
	*on = ok && str_is(value, "enabled");
	return ok;
}

static int
run_show(struct app *app, const struct call *call, struct err *e)
{
	const char *domain = call_option(call, "domain");
	struct settings_row row;
	const char **domains;
	size_t n;
	bool on;

	if (!read_text(app, domain, &row, e) || !is_on(app, &on, e) ||
	    !own_domains(app, &domains, &n, e))
		return err_exit_status(e->code);
	if (settings_wants_json(app)) {
		show_json(app, on, &row, domains, n);
		return 0;
	}
	if (row.is_stored)
		print_text(app, row.stored);
	else if (domain != NULL)
		render_note(app, _("'%s' has no text of its own"), domain);
	else
		render_note(app, _("there is no general text"));
	for (size_t i = 0; domain == NULL && i < n; i++)
		render_note(app, _("own text: %s"), domains[i]);
	note_clash(app, on, row.is_stored && domain == NULL, n);
	return 0;
}

/* Store the text and switch it on, unless it is only taken out. */
static int
store(struct app *app, const struct call *call, const char *text, struct err *e)
{
	const char *domain = call_option(call, "domain");
	struct task t;

	task_begin(app, &t);
	task_wish(&t, setting_of(domain), domain, text);
	return task_store(&t, call, e);
}

static int
run_set(struct app *app, const struct call *call, struct err *e)
{
	struct str text;

	if (!task_read_file(app, call->args[0], &text, e))
		return err_exit_status(e->code);
	return store(app, call, text.ptr, e);
}

static int
run_edit(struct app *app, const struct call *call, struct err *e)
{
	const char *domain = call_option(call, "domain");
	struct settings_row row;
	struct str text;

	if (!read_text(app, domain, &row, e))
		return err_exit_status(e->code);
	text = row.is_stored ? row.stored : STR("");
	if (!task_edit(app, "disclaimer", &text, e))
		return err_exit_status(e->code);
	return store(app, call, text.len > 0 ? text.ptr : NULL, e);
}

static int
run_remove(struct app *app, const struct call *call, struct err *e)
{
	return store(app, call, NULL, e);
}

static int
switch_it(
    struct app *app, const struct call *call, const char *value, struct err *e)
{
	struct settings_row row;
	const char **domains;
	struct task t;
	size_t n;
	int status;

	task_begin(app, &t);
	task_wish(&t, SWITCH, NULL, value);
	status = task_store(&t, call, e);
	if (status == 0 && strcmp(value, "enabled") == 0 &&
	    read_text(app, NULL, &row, NULL) &&
	    own_domains(app, &domains, &n, NULL))
		note_clash(app, true, row.is_stored, n);
	return status;
}

static int
run_enable(struct app *app, const struct call *call, struct err *e)
{
	return switch_it(app, call, "enabled", e);
}

static int
run_disable(struct app *app, const struct call *call, struct err *e)
{
	return switch_it(app, call, "disabled", e);
}

#define DOMAIN_OPTION                                                          \
	{                                                                      \
		.name = "domain", .value = "DOMAIN", .kind = ARG_DOMAIN,       \
		.help = N_("the text of this domain")                          \
	}

const struct command command_disclaimer_show = {
	.words = "disclaimer show",
	.summary = N_("show the text under outgoing mail"),
	.text =
	    N_("It is added to mail from the local networks to the outside. "
	       "A domain may have a text of its own; then no general one "
	       "should be there."),
	.options = { DOMAIN_OPTION },
	.run = run_show,
};

const struct command command_disclaimer_edit = {
	.words = "disclaimer edit",
	.summary = N_("write that text in an editor"),
	.text = N_("In $VISUAL or $EDITOR; an empty text removes it."),
	.options = { DOMAIN_OPTION, SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_edit,
};

const struct command command_disclaimer_set = {
	.words = "disclaimer set",
	.summary = N_("take that text from a file"),
	.text = N_("'-' reads standard input."),
	.args = { { "FILE", ARG_FILE, ARG_ONE, NULL } },
	.options = { DOMAIN_OPTION, SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_set,
};

const struct command command_disclaimer_remove = {
	.words = "disclaimer remove",
	.summary = N_("remove that text"),
	.text = N_("The general one, or with --domain that of a domain."),
	.options = { DOMAIN_OPTION, SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_remove,
};

const struct command command_disclaimer_enable = {
	.words = "disclaimer enable",
	.summary = N_("add the text to outgoing mail"),
	.text = N_("Says when there is no text yet."),
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_enable,
};

const struct command command_disclaimer_disable = {
	.words = "disclaimer disable",
	.summary = N_("add no text to outgoing mail"),
	.text = N_("The texts are kept."),
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_disable,
};
