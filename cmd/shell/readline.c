/*
 * The shell on a terminal: the only file that knows readline. Its callback
 * interface is used, so that Ctrl-C can drop the line typed so far.
 */
#include "cmd/complete.h"
#include "cmd/render.h"
#include "cmd/shell/shell_int.h"
#include "cmd/shell/words.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/model/journal.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

enum {
	HISTORY_LINES = 2000,
	PROMPT_MAX = 512,
	LIST_GAP = 2
};

static volatile sig_atomic_t interrupted;

/*
 * readline calls back without a context, so the running shell is kept here;
 * a process has one terminal and one shell on it.
 */
static struct {
	struct shell *shell;
	struct complete found;
	size_t next; /* candidate the generator gives next */
} now;

static void
on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

static size_t
pending_count(struct app *app)
{
	struct journal j;
	struct journal_entry *entries;
	if (!journal_read(&app->model, &j, NULL))
		return 0;
	return journal_pending(&j, &app->model, &entries);
}

static void
prompt_make(struct shell *s, char out[PROMPT_MAX])
{
	struct app *app = s->app;
	struct err e = ERR_INIT;
	size_t pending = 0;
	if (root_init(&app->root, app->root_option, &e))
		pending = pending_count(app);
	char count[24] = "";
	if (pending > 0)
		snprintf(count, sizeof(count), "*%zu", pending);
	/* host names come from a file: no control characters here */
	struct buf host = BUF_INIT(PROMPT_MAX / 2);
	escape_terminal(&host, str_of(app_host(app)));
	snprintf(out, PROMPT_MAX, "%s%s%s%s> ", buf_cstr(&host), count,
	    s->context[0] != '\0' ? " " : "", s->context);
	buf_clear(&host);
	arena_reset(app->arena);
}

/* Completion */

static char *
give_next(const char *text, int state)
{
	(void)text;
	if (state == 0)
		now.next = 0;
	if (now.next >= now.found.n)
		return NULL;
	struct buf word = BUF_INIT(1 << 16);
	const char *raw = now.found.items[now.next++].word;
	/* inside quotes readline adds the closing one itself */
	if (rl_completion_quote_character != 0)
		buf_add_cstr(&word, raw);
	else
		escape_shell(&word, str_of(raw));
	char *copy = strdup(buf_cstr(&word));
	buf_clear(&word);
	return copy;
}

static void
say_below(const char *text)
{
	fprintf(rl_outstream, "\n%s\n", text);
	rl_on_new_line();
	rl_redisplay();
}

/* The words up to the cursor, with the context's before them. */
static void
line_complete(struct shell *s)
{
	struct arena *a = s->app->arena;
	struct shell_words w;
	struct str rest = str_of(s->context), word;
	shell_split(a, str_n(rl_line_buffer, (size_t)rl_point), &w);
	const char **words =
	    ARENA_ARRAY(a, w.n + SHELL_CONTEXT_MAX, const char *);
	size_t n = 0;
	while (str_next_word(&rest, &word))
		words[n++] = arena_cstr(a, word);
	memcpy(words + n, w.words, w.n * sizeof(*words));
	n += w.n;
	if (w.blank_end)
		words[n++] = "";
	struct app copy = *s->app;
	complete_line(&copy, words, n, &now.found);
}

static char **
complete_attempt(const char *text, int start, int end)
{
	(void)start;
	(void)end;
	arena_reset(now.shell->app->arena);
	line_complete(now.shell);
	struct complete *c = &now.found;
	rl_attempted_completion_over = 1;
	rl_sort_completion_matches = 0;
	rl_ignore_completion_duplicates = 0;
	rl_completion_suppress_append = c->end == COMPLETE_NOSPACE;
	if (c->end == COMPLETE_FILES || c->end == COMPLETE_DIRS) {
		rl_attempted_completion_over = 0;
		return NULL;
	}
	if (c->n == 0) {
		say_below(c->why);
		return NULL;
	}
	return rl_completion_matches(text, give_next);
}

/* "word  description", one a line, cut to the window. */
static void
show_matches(char **matches, int count, int longest)
{
	int rows, columns;
	rl_get_screen_size(&rows, &columns);
	fputc('\n', rl_outstream);
	for (int i = 1; i <= count; i++) {
		const char *text = "";
		for (size_t k = 0; k < now.found.n; k++) {
			if (strcmp(now.found.items[k].word, matches[i]) == 0)
				text = now.found.items[k].description;
		}
		struct buf line = BUF_INIT(1 << 16);
		buf_addf(&line, "%-*s", longest + LIST_GAP, matches[i]);
		escape_terminal(&line, str_of(text));
		size_t room = columns > 1 ? (size_t)columns - 1 : 79;
		bool cut = utf8_columns(buf_str(&line)) > room;
		const char *sign = now.shell->app->ascii ? "~" : "…";
		struct str shown =
		    utf8_prefix(buf_str(&line), cut ? room - 1 : room);
		fprintf(
		    rl_outstream, "%.*s%s\n", STR_ARG(shown), cut ? sign : "");
		buf_clear(&line);
	}
	rl_on_new_line();
	rl_redisplay();
}

/* History: in the state folder, readable by its owner alone */

static void
history_begin(struct app *app)
{
	char path[SYS_PATH_MAX];
	using_history();
	stifle_history(HISTORY_LINES);
	if (shell_history_path(app, path))
		read_history(path);
}

static void
history_keep(struct app *app, const char *line)
{
	char path[SYS_PATH_MAX];
	struct shell_words w;
	shell_split(app->arena, str_of(line), &w);
	bool keep = w.n > 0 && line[0] != ' ' && !shell_words_are_secret(&w);
	if (!keep)
		return;
	add_history(line);
	if (!shell_history_path(app, path) ||
	    !file_mkdirs_for(path, 0755, NULL, NULL))
		return;
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return; /* a history that cannot be kept is no error */
	struct buf entry = BUF_INIT(1 << 20);
	buf_addf(&entry, "%s\n", line);
	if (!file_write_all(fd, buf_str(&entry)))
		clearerr(app->err);
	buf_clear(&entry);
	close(fd);
}

/* The loop */

static void
on_line(char *line)
{
	struct shell *s = now.shell;
	char prompt[PROMPT_MAX];
	rl_callback_handler_remove();
	if (line == NULL) {
		fputc('\n', s->app->out);
		s->done = true;
		return;
	}
	history_keep(s->app, line);
	shell_line(s, str_of(line));
	free(line);
	if (s->done)
		return;
	prompt_make(s, prompt);
	rl_callback_handler_install(prompt, on_line);
}

static void
line_drop(void)
{
	interrupted = 0;
	rl_callback_sigcleanup();
	fputs("^C\n", rl_outstream);
	rl_replace_line("", 1);
	rl_on_new_line();
	rl_redisplay();
}

static void
setup(void)
{
	rl_readline_name = "smemail";
	rl_catch_signals = 0;
	rl_basic_word_break_characters = " \t";
	rl_completer_word_break_characters = rl_basic_word_break_characters;
	rl_completer_quote_characters = "'\"";
	rl_attempted_completion_function = complete_attempt;
	rl_completion_display_matches_hook = show_matches;
	rl_outstream = stdout;
}

void
shell_terminal(struct shell *s)
{
	char prompt[PROMPT_MAX];
	struct sigaction act = { .sa_handler = on_interrupt }, old;
	now.shell = s;
	setup();
	prompt_make(s, prompt);
	history_begin(s->app);
	sigaction(SIGINT, &act, &old);
	rl_callback_handler_install(prompt, on_line);
	while (!s->done) {
		struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
		if (interrupted)
			line_drop();
		if (poll(&in, 1, -1) > 0)
			rl_callback_read_char();
		else if (errno != EINTR)
			break;
	}
	rl_callback_handler_remove();
	sigaction(SIGINT, &old, NULL);
}
