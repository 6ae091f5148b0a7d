/*
 * smemail shell: command lines from a terminal or a file, run by the same
 * dispatcher. On a terminal each runs in a process of its own, so that Ctrl-C
 * ends the command and not the shell.
 */
#include "cmd/commands.h"
#include "cmd/dispatch.h"
#include "cmd/match.h"
#include "cmd/render.h"
#include "cmd/shell/shell_int.h"
#include "cmd/shell/words.h"
#include "core/base/i18n.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SIGNAL_STATUS = 128
};

static int
line_run(struct shell *s, const struct shell_words *w)
{
	struct app copy = *s->app; /* global options count for one line */
	int status = dispatch_run(&copy, w->words, w->n);
	if (copy.model.french != s->app->model.french)
		app_language_set(
		    s->app, s->app->model.french ? "fr" : "en", NULL);
	return status;
}

static int
line_fork(struct shell *s, const struct shell_words *w)
{
	fflush(s->app->out);
	fflush(s->app->err);
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		int status = line_run(s, w);
		fflush(s->app->out);
		_exit(status);
	}
	int raw = 0;
	if (pid < 0) {
		struct err e = ERR_INIT;
		err_set_errno(&e, errno, "%s", _("cannot start a process"));
		render_error(s->app, &e);
		return err_exit_status(e.code);
	}
	while (waitpid(pid, &raw, 0) < 0 && errno == EINTR)
		continue;
	if (!WIFSIGNALED(raw))
		return WEXITSTATUS(raw);
	fputc('\n', s->app->err);
	return SIGNAL_STATUS + WTERMSIG(raw);
}

/* "queue" alone, a group and no command, becomes the context. */
static bool
enter_context(struct shell *s, const struct shell_words *w)
{
	struct match m;
	match_begin(&m, s->app->arena);
	for (size_t i = 0; i < w->n; i++) {
		if (!match_word(&m, str_of(w->words[i])))
			return false;
	}
	const char *words = match_words(&m, s->app->arena);
	if (match_complete(&m) != NULL || strlen(words) >= SHELL_CONTEXT_MAX)
		return false;
	snprintf(s->context, sizeof(s->context), "%s", words);
	return true;
}

/* Words of the shell itself. */
static bool
builtin(struct shell *s, const struct shell_words *w)
{
	const char *word = w->words[0];
	if (w->n == 1 &&
	    (strcmp(word, "quit") == 0 || strcmp(word, "exit") == 0)) {
		s->done = true;
		return true;
	}
	if (w->n == 1 && strcmp(word, "..") == 0) {
		s->context[0] = '\0';
		return true;
	}
	if (w->n == 2 && strcmp(word, ":lang") == 0) {
		struct err e = ERR_INIT;
		s->status = 0;
		if (!app_language_set(s->app, w->words[1], &e)) {
			render_error(s->app, &e);
			s->status = err_exit_status(e.code);
		}
		return true;
	}
	return false;
}

/* The line with the context's words before it, where they lead somewhere. */
static void
apply_context(struct shell *s, struct shell_words *w)
{
	struct match m;
	struct str rest = str_of(s->context), word;
	struct arena *a = s->app->arena;
	const char **words =
	    ARENA_ARRAY(a, w->n + SHELL_CONTEXT_MAX, const char *);
	size_t n = 0;
	match_begin(&m, a);
	while (str_next_word(&rest, &word)) {
		if (match_word(&m, word))
			words[n++] = arena_cstr(a, word);
	}
	if (n == 0 || !match_word(&m, str_of(w->words[0])))
		return;
	memcpy(words + n, w->words, w->n * sizeof(*words));
	w->words = words;
	w->n += n;
}

void
shell_line(struct shell *s, struct str line)
{
	struct shell_words w;
	struct err e = ERR_INIT;
	if (!shell_split_whole(s->app->arena, line, &w, &e)) {
		render_error(s->app, &e);
		s->status = err_exit_status(e.code);
	} else if (w.n > 0 && !builtin(s, &w)) {
		apply_context(s, &w);
		if (s->interactive && enter_context(s, &w))
			s->status = 0;
		else
			s->status =
			    s->interactive ? line_fork(s, &w) : line_run(s, &w);
	}
	arena_reset(s->app->arena);
}

bool
shell_history_path(struct app *app, char out[SYS_PATH_MAX])
{
	struct err e = ERR_INIT;
	return root_pathf(&app->root, out, &e, "/var/lib/smemail/history.%s",
	    app->model.user);
}

/* Commands from a file or pipe, one a line. */
static void
shell_script(struct shell *s)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t n;
	while (!s->done && (n = getline(&text, &size, s->app->in)) >= 0)
		shell_line(s, str_n(text, (size_t)n));
	free(text);
}

static int
shell_run(struct app *app, const struct call *call, struct err *e)
{
	(void)call;
	(void)e;
	struct app own = *app;
	/* the words of this call live in the arena that each line resets */
	own.arena = app_arena_new();
	own.in_shell = true;
	struct shell s = { .app = &own };
	own.model.arena = own.arena;
	own.model.root = &own.root;
	s.interactive = app->terminal && isatty(STDIN_FILENO) == 1;
	if (s.interactive)
		shell_terminal(&s);
	else
		shell_script(&s);
	arena_free(own.arena);
	return s.status;
}

const struct command command_shell = {
	.words = "shell",
	.summary = N_("commands one after the other, with completion"),
	.text = N_(
	    "Reads command lines without the word smemail. Blanks separate "
	    "words; '...' keeps everything, \"...\" all but \\\" and \\\\, a "
	    "backslash the next character; # begins a comment. A group alone "
	    "(queue) is put before the lines that follow, .. leaves it; quit "
	    "or Ctrl-D ends. From a file or pipe the lines are run as they "
	    "are, and the exit status is that of the last."),
	.flags = COMMAND_NO_ROOT,
	.run = shell_run,
};
