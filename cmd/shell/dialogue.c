/* The dialogue: questions, menus, and the lines that are commands. */
#include "cmd/shell/dialogue_int.h"

#include "cmd/render.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/model/journal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

const char *
dialogue_text(struct dialogue *d, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *text = arena_vprintf(d->m.arena, fmt, ap);
	va_end(ap);
	return text;
}

void
dialogue_say(struct dialogue *d, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	render_line(&d->app, "%s", arena_vprintf(d->m.arena, fmt, ap));
	va_end(ap);
}

void
dialogue_error(struct dialogue *d, const struct err *e)
{
	render_error(&d->app, e);
}

const char *
dialogue_word(struct dialogue *d, const char *text)
{
	return escape_shell_word(d->m.arena, str_of(text));
}

/* The next line into d->line; false at the end, or by Ctrl-C with EINTR. */
static bool
take_line(struct dialogue *d, const char *prompt)
{
	struct pollfd p = { .fd = fileno(d->app.in), .events = POLLIN };
	sigset_t interrupt, before;
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	/* one that comes between the prompt and the wait must not be lost */
	sigprocmask(SIG_BLOCK, &interrupt, &before);
	fprintf(d->app.out, "%s ", prompt);
	fflush(d->app.out);
	errno = 0;
	bool ok = ppoll(&p, 1, NULL, &before) >= 0 &&
		  getline(&d->line, &d->line_room, d->app.in) >= 0;
	int why = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return ok;
}

/* The line as typed, trimmed; NULL at the end. Ctrl-C makes it empty. */
static const char *
read_line(struct dialogue *d, const char *prompt)
{
	render_flush(&d->app);
	if (!take_line(d, prompt)) {
		fputc('\n', d->app.out);
		d->done = errno != EINTR;
		clearerr(d->app.in);
		return d->done ? NULL : "";
	}
	struct str typed = str_trim(str_n(d->line, strlen(d->line)));
	memmove(d->line, typed.ptr, typed.len);
	d->line[typed.len] = '\0';
	return d->line;
}

const char *
dialogue_value(struct dialogue *d, const char *prompt)
{
	const char *text;
	while ((text = read_line(d, prompt)) != NULL && strcmp(text, "?") == 0)
		dialogue_say(d, "%s",
		    _("One line is asked for; an empty line goes back."));
	return text == NULL || text[0] == '\0' ? NULL : text;
}

const char *
dialogue_ask(struct dialogue *d, const char *prompt)
{
	const char *text = dialogue_value(d, prompt);
	return text == NULL || strcmp(text, "0") == 0 ? NULL : text;
}

bool
dialogue_yes(struct dialogue *d, const char *question)
{
	static const char *const words[] = { "y", "yes", "o", "oui" };
	const char *text = dialogue_ask(d, question);
	for (size_t i = 0; text != NULL && i < ARRAY_LEN(words); i++)
		if (strcmp(text, words[i]) == 0)
			return true;
	return false;
}

int
dialogue_run(struct dialogue *d, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *line = arena_vprintf(d->m.arena, fmt, ap);
	va_end(ap);
	dialogue_say(d, _("Command: smemail %s"), line);
	shell_line(&d->shell, str_of(line));
	return d->shell.status;
}

/* Is something stored that waits for an apply? */
static bool
is_pending(struct dialogue *d)
{
	struct journal j;
	struct journal_entry *pending;
	return !journal_read(&d->m, &j, NULL) ||
	       journal_pending(&j, &d->m, &pending) > 0;
}

void
dialogue_apply(struct dialogue *d)
{
	if (!is_pending(d) ||
	    !dialogue_yes(d, _("Show the plan? yes or no:")) ||
	    dialogue_run(d, "plan") != 0)
		return;
	if (dialogue_yes(d, _("Apply it now? yes or no:")))
		dialogue_run(d, "apply");
	else
		dialogue_say(d, "%s",
		    _("It stays stored. Changes on the first menu applies "
		      "it."));
}

static void
menu_show(struct dialogue *d, const struct menu *menu)
{
	dialogue_say(d,
	    P_("Menu: %s, %zu choice.", "Menu: %s, %zu choices.", menu->n),
	    menu->title, menu->n);
	for (size_t i = 0; i < menu->n; i++)
		dialogue_say(d, "%zu: %s", i + 1, menu->choices[i].label);
	dialogue_say(d, "0: %s", menu->is_live ? _("Leave") : _("Back"));
}

/* A command typed in place of a number. */
static void
run_typed(struct dialogue *d, const char *line)
{
	shell_line(&d->shell, str_of(line));
	d->done = d->shell.done;
	if (!d->done && d->shell.status != 0)
		dialogue_say(d, _("Exit status %d."), d->shell.status);
}

static void
help_show(struct dialogue *d, const struct menu *menu)
{
	dialogue_say(d, "%s", menu->help);
	dialogue_say(d, "%s",
	    _("A number chooses, 0 goes back, an empty line repeats the menu. "
	      "Any command may be typed too, such as: status, or: help. quit "
	      "ends."));
}

void
dialogue_menu(struct dialogue *d, const struct menu *menu)
{
	menu_show(d, menu);
	while (!d->done) {
		uint64_t n;
		const char *text =
		    read_line(d, _("Choice, command, or question mark:"));
		if (text == NULL)
			return;
		bool number = num_parse_u64(str_of(text), UINT32_MAX, &n);
		if (number && n == 0)
			return;
		d->again = text[0] == '\0' && menu->is_live;
		if (d->again)
			return;
		if (text[0] == '\0')
			menu_show(d, menu);
		else if (strcmp(text, "?") == 0)
			help_show(d, menu);
		else if (!number)
			run_typed(d, text);
		else if (n <= menu->n)
			menu->choices[n - 1].take(d, menu->choices[n - 1].ctx);
		else
			dialogue_say(d,
			    _("There is no choice %llu: the last is %zu."),
			    (unsigned long long)n, menu->n);
	}
}
