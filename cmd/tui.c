/* smemail tui: opens the screen; its ':' line runs commands through here. */
#include "cmd/tui.h"

#include "cmd/app.h"
#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/complete.h"
#include "cmd/dispatch.h"
#include "cmd/render.h"
#include "cmd/shell/dialogue.h"
#include "cmd/shell/words.h"
#include "core/base/i18n.h"
#include "tui/tui.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	STOP_CHECK_MS = 100,
	READ_STEP = 16 * 1024
};

/*
 * In a process of its own: output goes into the pipe, input comes from
 * nowhere, nothing is cut or coloured for a terminal that is not there.
 */
NORETURN static void
child_run(struct app *app, const struct shell_words *w, int columns, int out)
{
	struct app own = *app;
	int null = open("/dev/null", O_RDONLY);
	tui_child();
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	own.terminal = own.color = false;
	own.in_shell = true;
	own.columns = columns;
	own.model.root = &own.root;
	int status = dispatch_run(&own, w->words, w->n);
	fflush(own.out);
	fflush(own.err);
	_exit(status);
}

/* Output until its end, the user's stop, or more than there is room for. */
static void
output_read(int fd, pid_t pid, struct buf *output, bool (*stopped)(void *),
    void *stopped_ctx)
{
	struct pollfd p = { fd, POLLIN, 0 };
	for (;;) {
		char *to = buf_reserve(output, READ_STEP);
		int ready = poll(&p, 1, STOP_CHECK_MS);
		if (to == NULL || stopped(stopped_ctx)) {
			kill(pid, SIGTERM);
			return;
		}
		if (ready <= 0)
			continue;
		ssize_t n = read(fd, to, READ_STEP);
		if (n <= 0)
			return;
		buf_used(output, (size_t)n);
	}
}

static int
run_line(void *ctx, const char *line, int columns, struct buf *output,
    bool (*stopped)(void *), void *stopped_ctx)
{
	struct app *app = ctx;
	struct shell_words w;
	struct err e = ERR_INIT;
	int ends[2], state = 0;
	if (!shell_split_whole(app->arena, str_of(line), &w, &e)) {
		buf_addf(output, "smemail: %s\n", e.text);
		return err_exit_status(e.code);
	}
	if (w.n == 0 || pipe2(ends, O_CLOEXEC) != 0)
		return err_exit_status(ERR_TEMPORARY);
	fflush(app->out);
	fflush(app->err);
	pid_t pid = fork();
	if (pid == 0)
		child_run(app, &w, columns, ends[1]);
	close(ends[1]);
	if (pid > 0)
		output_read(ends[0], pid, output, stopped, stopped_ctx);
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &state, 0) < 0)
		return err_exit_status(ERR_TEMPORARY);
	return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

/* What all candidates begin with, beyond what is typed. */
static void
common_add(const struct complete *c, const char *typed, struct buf *more)
{
	size_t same = strlen(c->items[0].word), have = strlen(typed);
	for (size_t i = 1; i < c->n; i++) {
		size_t k = 0;
		while (k < same && c->items[i].word[k] == c->items[0].word[k])
			k++;
		same = k;
	}
	if (same > have)
		buf_add(more, c->items[0].word + have, same - have);
	if (c->n == 1 && c->end != COMPLETE_NOSPACE)
		buf_add_char(more, ' ');
}

static void
complete(void *ctx, const char *line, struct buf *more, struct buf *choices)
{
	struct app own = *(struct app *)ctx;
	struct shell_words w;
	struct complete c = { .app = &own };
	own.model.root = &own.root;
	shell_split(own.arena, str_of(line), &w);
	size_t n = w.n;
	const char **words = ARENA_ARRAY(own.arena, n + 2, const char *);
	memcpy(words, w.words, n * sizeof(*words));
	if (w.blank_end || n == 0)
		words[n++] = "";
	complete_line(&own, words, n, &c);
	if (c.n == 0) {
		buf_add_cstr(choices, c.why != NULL ? c.why : "");
		return;
	}
	common_add(&c, words[n - 1], more);
	for (size_t i = 0; c.n > 1 && i < c.n; i++)
		buf_addf(choices, "%s\n", c.items[i].word);
}

static bool
command_at(void *ctx, size_t i, struct tui_command *out)
{
	size_t n, seen = 0;
	const struct command *const *all = command_all(&n);
	(void)ctx;
	for (size_t k = 0; k < n; k++) {
		if ((all[k]->flags & COMMAND_HIDDEN) != 0 || seen++ != i)
			continue;
		out->words = all[k]->words;
		out->summary = _(all[k]->summary);
		return true;
	}
	return false;
}

static bool
language_set(void *ctx, const char *word)
{
	struct err e = ERR_INIT;
	return app_language_set(ctx, word, &e);
}

static struct dns *
resolver(void *ctx, struct err *e)
{
	return app_dns(ctx, e);
}

static bool
resolver_config(
    void *ctx, struct dns_config *c, const char **source, struct err *e)
{
	return app_dns_config(ctx, c, source, e);
}

int
tui_open(
    struct app *app, const char *screen, const char *instead, struct err *e)
{
	struct app own = *app;
	bool ok = !app->accessible;
	if (!ok) {
		err_set(e, ERR_USAGE,
		    _("the screen is not for ACCESSIBLE; the dialogue is"));
		err_next(e, "smemail tui");
	}
	ok = ok && tui_usable(e);
	if (!ok && instead != NULL)
		err_next(e, "%s", instead);
	if (!ok)
		return err_exit_status(e->code);
	own.model.root = &own.root;
	const struct tui_host host = {
		.model = own.model,
		.name = app_host(&own),
		.color = app->color,
		.ascii = app->ascii,
		.screen = screen,
		.run = run_line,
		.complete = complete,
		.command = command_at,
		.language = language_set,
		.dns = resolver,
		.dns_config = resolver_config,
		.ctx = &own,
	};
	return tui_run(&host, e);
}

static int
tui_command_run(struct app *app, const struct call *call, struct err *e)
{
	bool on_terminal = app->terminal && isatty(STDIN_FILENO) == 1;
	(void)call;
	if (app->accessible)
		return dialogue_open(app);
	if (on_terminal && !tui_usable(e)) {
		render_note(app, "%s", e->text);
		err_clear(e);
		return dialogue_open(app);
	}
	return tui_open(app, NULL, NULL, e);
}

const struct command command_tui = {
	.words = "tui",
	.summary = N_("the full screen: settings, plan, live log"),
	.text = N_("Opens the screen; so does smemail without any word on a "
		   "terminal. ? shows the keys, q leads out. Changes are kept "
		   "as a draft of yours until they are applied or stored. "
		   "On a terminal that cannot move its cursor, and with "
		   "ACCESSIBLE or --accessible, it is a dialogue: a line for "
		   "each fact, numbered menus, commands at every menu."),
	.run = tui_command_run,
};
