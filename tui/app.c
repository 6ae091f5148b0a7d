/* The loop: keys first, then live data, then paint. */
#include "tui/app.h"

#include "core/base/i18n.h"
#include "tui/job.h"
#include "tui/screens/screens.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	SCRATCH_MAX = 256 * 1024 * 1024,
	CATALOG_MAX = 256 * 1024 * 1024,
	EXIT_HANGUP = 129,
};

const char *
ui_text(struct tui *ui, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *text = arena_vprintf(ui->scratch, fmt, ap);
	va_end(ap);
	return text != NULL ? text : "";
}

/* The draft is kept already: leave the terminal as it was, say why, end. */
static void
out_of_memory(void *ctx)
{
	struct tui *ui = ctx;
	static const char text[] = "smemail: out of memory\n";
	if (ui->term != NULL)
		term_stop(ui->term);
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)ignored;
	_exit(err_exit_status(ERR_TEMPORARY));
}

struct arena *
ui_arena(struct tui *ui, size_t max)
{
	struct arena *a = arena_new(max, out_of_memory, ui);
	if (a == NULL)
		out_of_memory(ui);
	return a;
}

static void
message_keep(struct tui *ui)
{
	char *copy = strdup(ui->message);
	if (copy != NULL && !vec_push(&ui->messages, &copy))
		free(copy);
	if (ui->messages.len > MESSAGES_KEPT) {
		free(*VEC_AT(&ui->messages, char *, 0));
		vec_remove(&ui->messages, 0);
	}
	ui->dirty = true;
}

void
ui_say(struct tui *ui, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(ui->message, sizeof(ui->message), fmt, ap);
	va_end(ap);
	ui->message_is_error = false;
	message_keep(ui);
}

void
ui_error(struct tui *ui, const struct err *e)
{
	if (e->next[0] != '\0')
		snprintf(ui->message, sizeof(ui->message), _("%s; next: %s"),
		    e->text, e->next);
	else
		snprintf(ui->message, sizeof(ui->message), "%s", e->text);
	ui->message_is_error = true;
	message_keep(ui);
}

void
ui_ask(struct tui *ui, question_done *done, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(ui->message, sizeof(ui->message), fmt, ap);
	va_end(ap);
	ui->message_is_error = false;
	ui->question = done;
	ui->dirty = true;
}

void
ui_push(struct tui *ui, struct screen *s)
{
	if (s == NULL)
		return;
	s->below = ui->top;
	ui->top = s;
	ui->dirty = true;
}

void
ui_pop(struct tui *ui)
{
	struct screen *s = ui->top;
	ui->top = s->below;
	s->class->free(s, ui);
	ui->dirty = true;
	if (ui->top == NULL)
		ui->stop = true;
}

void
ui_pop_all(struct tui *ui)
{
	while (ui->top->below != NULL)
		ui_pop(ui);
}

void
ui_reload(struct tui *ui)
{
	for (struct screen *s = ui->top; s != NULL; s = s->below)
		if (s->class->reload != NULL)
			s->class->reload(s, ui);
	ui->dirty = true;
}

void
ui_changed(struct tui *ui)
{
	catalog_free(ui->catalog);
	ui->catalog = NULL;
	ui_reload(ui);
}

struct catalog *
ui_catalog(struct tui *ui)
{
	struct err e = ERR_INIT;
	if (ui->catalog == NULL &&
	    !catalog_load(&ui->model, ui_arena(ui, CATALOG_MAX), ui->draft,
		&ui->catalog, &e)) {
		ui_error(ui, &e);
		ui->catalog = NULL;
	}
	return ui->catalog;
}

/* Milliseconds until the clock in the title changes. */
static int64_t
next_minute(const struct tui *ui)
{
	int64_t ms = clock_wall_ns(ui->model.clock) / NS_PER_MS;
	return 60000 - ms % 60000;
}

static int
wait_ms(const struct tui *ui)
{
	int64_t now = clock_mono_ms(ui->model.clock);
	int64_t wait = next_minute(ui);
	int key = input_wait_ms(&ui->input, now);
	if (ui->top->class->tick != NULL && wait > REPAINT_MS)
		wait = REPAINT_MS;
	if (ui->live_dirty && wait > ui->painted_ms + REPAINT_MS - now)
		wait = ui->painted_ms + REPAINT_MS - now;
	if (key >= 0 && wait > key)
		wait = key;
	return wait < 0 ? 0 : (int)wait;
}

static void
keys_take(struct tui *ui)
{
	struct input_key key;
	while (!ui->stop &&
	       input_next(&ui->input, clock_mono_ms(ui->model.clock), &key)) {
		arena_reset(ui->scratch);
		ui_key(ui, &key);
		ui->dirty = true;
	}
}

static bool
keys_wait(const struct tui *ui)
{
	struct pollfd p = { term_key_fd(ui->term), POLLIN, 0 };
	return poll(&p, 1, 0) > 0;
}

static void
signals_heed(struct tui *ui)
{
	unsigned bits = term_signals(ui->term);
	if ((bits & TERM_HUNG_UP) != 0) {
		ui->stop = true;
		ui->status = EXIT_HANGUP;
	}
	if ((bits & TERM_RESIZED) != 0)
		ui->dirty = true;
}

static void
wait_and_read(struct tui *ui)
{
	const struct screen_class *class = ui->top->class;
	int live = class->fd != NULL ? class->fd(ui->top) : -1;
	struct pollfd p[4] = {
		{ term_key_fd(ui->term), POLLIN, 0 },
		{ term_signal_fd(ui->term), POLLIN, 0 },
		{ live, POLLIN, 0 },
		{ ui->job != NULL ? ui->job->fd : -1, POLLIN, 0 },
	};
	int n = poll(p, 4, wait_ms(ui));
	int64_t now = clock_mono_ms(ui->model.clock);
	signals_heed(ui);
	if (n > 0 && p[0].revents != 0 &&
	    !term_read(ui->term, &ui->input, now)) {
		ui->stop = true; /* the line is gone */
		ui->status = EXIT_HANGUP;
	}
	if (n == 0 && next_minute(ui) > 59000)
		ui->dirty = true;
	arena_reset(ui->scratch);
	if (job_tick(ui))
		ui->live_dirty = true;
	if (class->tick != NULL && class->tick(ui->top, ui))
		ui->live_dirty = true;
	if (ui->live_dirty && now - ui->painted_ms >= REPAINT_MS)
		ui->dirty = true;
}

static void
loop(struct tui *ui)
{
	while (!ui->stop) {
		keys_take(ui);
		if (ui->stop)
			return;
		if (ui->dirty && !keys_wait(ui)) {
			arena_reset(ui->scratch);
			ui_paint(ui);
		}
		wait_and_read(ui);
	}
}

static void
welcome(struct tui *ui)
{
	size_t n = draft_count(ui->draft), lost = draft_lost_secrets(ui->draft);
	time_t at = (time_t)draft_kept_s(ui->draft);
	struct tm tm;
	if (lost > 0)
		ui_say(ui,
		    P_("draft kept without %zu secret: type it again",
			"draft kept without %zu secrets: type them again",
			lost),
		    lost);
	else if (n > 0 && localtime_r(&at, &tm) != NULL)
		ui_say(ui,
		    P_("draft of %zu change kept from %02d:%02d",
			"draft of %zu changes kept from %02d:%02d", n),
		    n, tm.tm_hour, tm.tm_min);
}

static void
clear(struct tui *ui)
{
	while (ui->top != NULL)
		ui_pop(ui);
	catalog_free(ui->catalog);
	job_free(ui->job);
	draft_close(ui->draft);
	input_clear(&ui->input);
	edit_clear(&ui->line_edit);
	for (size_t i = 0; i < ui->messages.len; i++)
		free(*VEC_AT(&ui->messages, char *, i));
	vec_clear(&ui->messages);
	for (size_t k = 0; k < ARRAY_LEN(ui->history); k++) {
		for (size_t i = 0; i < ui->history[k].len; i++)
			free(*VEC_AT(&ui->history[k], char *, i));
		vec_clear(&ui->history[k]);
	}
	arena_free(ui->scratch);
}

void
tui_child(void)
{
	term_child();
}

bool
tui_usable(struct err *e)
{
	return term_usable(e);
}

int
tui_run(const struct tui_host *host, struct err *e)
{
	struct tui ui = { .host = host, .model = host->model };
	const struct term_options o = { host->color, host->ascii };
	bool ok;
	ui.messages = (struct vec)VEC_INIT(char *);
	for (size_t k = 0; k < ARRAY_LEN(ui.history); k++)
		ui.history[k] = (struct vec)VEC_INIT(char *);
	edit_init(&ui.line_edit, false);
	ui.scratch = ui_arena(&ui, SCRATCH_MAX);
	ui.model.arena = ui.scratch;
	ok = term_usable(e) && draft_open(&ui.model, &ui.draft, e);
	if (ok) {
		ui_push(&ui, dashboard_new(&ui));
		if (host->screen != NULL)
			screens_open(&ui, host->screen);
		ok = ui.top != NULL && term_start(&o, &ui.term, e);
	}
	if (ok) {
		term_input_init(ui.term, &ui.input);
		welcome(&ui);
		loop(&ui);
		term_stop(ui.term);
	}
	clear(&ui);
	return ok ? ui.status : err_exit_status(e->code);
}
