/* What is typed after ':': the words of the command line, and a few of ours. */
#include "tui/app.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/sys/file.h"
#include "tui/screens/screens.h"

#include <poll.h>
#include <string.h>

enum {
	OUTPUT_MAX = 4 * 1024 * 1024,
	WRITE_MODE = 0644,
};

static void
do_quit(struct tui *ui, struct str rest)
{
	(void)rest;
	ui->stop = true;
}

static void
do_messages(struct tui *ui, struct str rest)
{
	struct buf text = BUF_INIT(OUTPUT_MAX);
	(void)rest;
	for (size_t i = 0; i < ui->messages.len; i++) {
		buf_add_cstr(&text, *VEC_AT(&ui->messages, char *, i));
		buf_add_char(&text, '\n');
	}
	if (text.len == 0)
		buf_add_cstr(&text, _("no messages yet"));
	ui_push(ui, text_new(ui, _("Messages"), ":messages", buf_str(&text)));
	buf_clear(&text);
}

static void
do_ascii(struct tui *ui, struct str rest)
{
	(void)rest;
	term_set_ascii(ui->term, !term_is_ascii(ui->term));
}

/* The screen as it was before the line was typed. */
static void
do_write(struct tui *ui, struct str rest)
{
	struct buf text = BUF_INIT(OUTPUT_MAX);
	struct err e = ERR_INIT;
	const struct file_replace how = {
		.mode = WRITE_MODE,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.chown_may_fail = true,
	};
	const char *path = ui_text(ui, "%.*s", STR_ARG(str_trim(rest)));
	if (*path == '\0') {
		ui_say(ui, "%s", _(":write needs the name of a file"));
		return;
	}
	ui_paint(ui);
	for (int y = 0; y < term_lines(ui->term); y++) {
		term_read_line(ui->term, y, &text);
		buf_add_char(&text, '\n');
	}
	if (file_exists(path))
		ui_say(
		    ui, _("'%s' is there already; nothing is written"), path);
	else if (file_replace(path, buf_str(&text), &how, &e))
		ui_say(ui, _("the screen is in '%s'"), path);
	else
		ui_error(ui, &e);
	buf_clear(&text);
}

static void
do_language(struct tui *ui, struct str rest)
{
	const char *word = ui_text(ui, "%.*s", STR_ARG(str_trim(rest)));
	if ((strcmp(word, "en") != 0 && strcmp(word, "fr") != 0) ||
	    !ui->host->language(ui->host->ctx, word)) {
		ui_say(ui, _("no such language here: '%s' (en or fr)"), word);
		return;
	}
	ui->model.french = strcmp(word, "fr") == 0;
	ui_changed(ui);
}

/* The screen of it, not the text: quotes round the word are taken off. */
static void
open_why(struct tui *ui, struct str rest)
{
	struct str word = str_trim(rest);
	if (word.len >= 2 && word.ptr[0] == '\'' &&
	    word.ptr[word.len - 1] == '\'')
		word = str_sub(word, 1, word.len - 1);
	if (word.len == 0)
		ui_say(ui, "%s", _("why: a Message-ID, address, host or text"));
	else
		why_open(ui, WHY_TEXT, ui_text(ui, "%.*s", STR_ARG(word)), 0);
}

static const struct {
	const char *word;
	void (*run)(struct tui *ui, struct str rest);
} own[] = {
	{ "q", do_quit },
	{ "quit", do_quit },
	{ "messages", do_messages },
	{ "ascii", do_ascii },
	{ "lang", do_language },
	{ "write", do_write },
	{ "why", open_why },
};

/* Asked by the running command: was Ctrl-C typed? */
static bool
is_stopped(void *ctx)
{
	struct tui *ui = ctx;
	struct pollfd p = { term_key_fd(ui->term), POLLIN, 0 };
	if (poll(&p, 1, 0) > 0 &&
	    !term_read(ui->term, &ui->input, clock_mono_ms(ui->model.clock)))
		return true; /* the line is gone */
	return input_interrupted(&ui->input);
}

void
ui_command(struct tui *ui, struct str line)
{
	struct str rest = line, word;
	struct buf output = BUF_INIT(OUTPUT_MAX);
	if (!str_next_word(&rest, &word))
		return; /* an empty line repeats nothing */
	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		if (str_is(word, own[i].word)) {
			own[i].run(ui, rest);
			return;
		}
	}
	const char *words = ui_text(ui, "%.*s", STR_ARG(line));
	ui_say(ui, _("running: %s (Ctrl-C stops it)"), words);
	ui_paint(ui);
	ui->message[0] = '\0';
	int status = ui->host->run(ui->host->ctx, words,
	    term_columns(ui->term) - 1, &output, is_stopped, ui);
	if (output.len == 0)
		ui_say(ui, status == 0 ? "%s" : _("%s: ended with %d"),
		    status == 0 ? _("done") : words, status);
	else
		ui_push(
		    ui, text_new(ui, words, ui_text(ui, "smemail %s", words),
			    buf_str(&output)));
	buf_clear(&output);
	ui_changed(ui);
}
