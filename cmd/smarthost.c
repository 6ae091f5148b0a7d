/* The commands smarthost: sending through the provider (F006, F007). */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"

#include <string.h>

/* The same thing by the names of qmail's and of Postfix' releases. */
struct names {
	const char *host, *port, *auth, *user, *password;
};

static const struct names qmail = {
	"delivery.smarthost",
	"delivery.smarthost-port",
	"delivery.smarthost-auth",
	"delivery.smarthost-user",
	"delivery.smarthost-password",
};
static const struct names postfix = {
	"delivery.smarthost-postfix",
	"delivery.smarthost-postfix-port",
	"delivery.smarthost-postfix-auth",
	"delivery.smarthost-postfix-user",
	"delivery.smarthost-postfix-password",
};

static const struct names *
names_of(struct app *app)
{
	return setting_on_release(
		   setting_find(str_of(postfix.host)), app->model.release)
		   ? &postfix
		   : &qmail;
}

static int
run_show(struct app *app, const struct call *call, struct err *e)
{
	const struct names *n = names_of(app);
	const char *const ids[] = { n->host, n->port, n->auth, n->user,
		n->password, NULL };

	(void)call;
	return task_show(app, ids, e);
}

/* The first line of a file, or typed, or from standard input. */
static bool
read_password(struct app *app, const struct call *call, const struct names *n,
    const char **password, struct err *e)
{
	const char *file = call_option(call, "password-file");
	struct str text, line = STR_EMPTY;

	if (file == NULL)
		return settings_stdin(
		    app, setting_find(str_of(n->password)), password, e);
	if (!task_read_file(app, file, &text, e))
		return false;
	(void)str_next_line(&text, &line);
	*password = arena_cstr(app->arena, line);
	if (line.len > 0)
		return true;
	return err_set(e, ERR_USAGE, _("'%s' holds no password"), file);
}

/* qmail's route takes HOST:PORT; the proxy that logs in has its own port. */
static void
add_host(
    struct task *t, const struct call *call, const struct names *n, bool login)
{
	struct str port, host = str_cut(str_of(call->args[0]), ':', &port);
	bool apart = n == &postfix || login;

	task_wish(t, n->host, NULL,
	    apart ? arena_cstr(t->app->arena, host) : call->args[0]);
	if (apart)
		task_wish(t, n->port, NULL, port.ptr);
}

static int
run_set(struct app *app, const struct call *call, struct err *e)
{
	const struct names *n = names_of(app);
	const char *user = call_option(call, "user");
	const char *password = NULL;
	struct task t;

	if (user != NULL && str_trim(str_of(user)).len == 0) {
		err_set(e, ERR_USAGE, _("the user name is blank"));
		return err_exit_status(e->code);
	}
	if (user == NULL && call_has(call, "password-file")) {
		err_set(e, ERR_USAGE, _("a password without a user"));
		err_next(e, _("add --user NAME"));
		return err_exit_status(e->code);
	}
	if (user != NULL && !read_password(app, call, n, &password, e))
		return err_exit_status(e->code);
	task_begin(app, &t);
	add_host(&t, call, n, user != NULL);
	task_wish(&t, n->auth, NULL, user != NULL ? "enabled" : "disabled");
	if (user != NULL) {
		task_wish(&t, n->user, NULL, user);
		task_wish(&t, n->password, NULL, password);
	}
	return task_store(&t, call, e);
}

static int
run_off(struct app *app, const struct call *call, struct err *e)
{
	const struct names *n = names_of(app);
	struct task t;

	task_begin(app, &t);
	task_wish(&t, n->host, NULL, NULL);
	task_wish(&t, n->auth, NULL, "disabled");
	return task_store(&t, call, e);
}

const struct command command_smarthost_show = {
	.words = "smarthost show",
	.summary = N_("show the server that outgoing mail goes through"),
	.text = N_("Under the names of this release; a password is not shown."),
	.run = run_show,
};

const struct command command_smarthost_set = {
	.words = "smarthost set",
	.summary = N_("send through the server of the provider"),
	.text = N_("HOST or HOST:PORT, where port 25 is blocked (587, 465). "
		   "With --user the server logs in; the password is asked for, "
		   "or comes from --password-file or standard input. It is "
		   "never taken from the command line. One change."),
	.args = { { "HOST", ARG_HOST, ARG_ONE, NULL } },
	.options = { { .name = "user",
			 .value = "NAME",
			 .kind = ARG_TEXT,
			 .help = N_("log in as this user") },
	    { .name = "password-file",
		.value = "FILE",
		.kind = ARG_FILE,
		.help = N_("read the password from the first line") },
	    SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_set,
};

const struct command command_smarthost_off = {
	.words = "smarthost off",
	.summary = N_("send to each recipient's server directly"),
	.text = N_("User and password stay stored."),
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_off,
};
