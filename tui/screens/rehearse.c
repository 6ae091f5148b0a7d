/* The screen of a rehearsal: its process, what came, the keys. */
#include "tui/screens/rehearse_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"

#include <stdlib.h>

enum {
	OWN_BYTES = 64 * 1024,
	RESULTS_MAX = 64 * 1024 * 1024,
	DETAIL_MAX = 64 * 1024,
	COMMAND_MAX = 8 * 1024
};

static struct rehearse_screen *
self(struct screen *s)
{
	return (struct rehearse_screen *)s;
}

static bool
begin(struct rehearse_screen *r, struct tui *ui)
{
	task_free(r->task, ui);
	arena_reset(r->arena);
	for (size_t i = 0; i < REHEARSE_SIDES; i++) {
		vec_clear(&r->sides[i].steps);
		r->sides[i] = (struct rehearsal){ .steps = VEC_INIT(
						      struct rehearse_step) };
		r->done[i] = false;
	}
	r->because = NULL;
	r->bytes = 0;
	r->compared = draft_count(ui->draft) > 0;
	rehearse_pair_again(r);
	r->task = task_start(ui, rehearse_work, r);
	return r->task != NULL;
}

/* --- the frame --- */

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, _("Rehearse"));
}

static void
add_option(struct buf *out, const char *option, struct str value)
{
	if (value.len == 0)
		return;
	buf_addf(out, " %s ", option);
	escape_shell(out, value);
}

/* Without the name of the program. */
static void
add_command(const struct rehearse_screen *r, struct buf *out)
{
	const struct rehearse_ask *ask = &r->ask;
	buf_add_cstr(out, "rehearse");
	add_option(out, "--from-ip", ask->client);
	add_option(out, "--helo", ask->helo);
	add_option(out, "--mail-from", ask->sender);
	add_option(out, "--rcpt", ask->rcpt);
	if (ask->port != 0)
		buf_addf(out, " --port %u", (unsigned)ask->port);
	add_option(out, "--user", ask->user);
	if (r->compared)
		buf_add_cstr(out, " --with draft");
	if (ask->file != NULL) {
		buf_add_char(out, ' ');
		escape_shell(out, str_of(ask->file));
	}
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	buf_add_cstr(out, "smemail ");
	add_command(self(s), out);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct rehearse_screen *r = self(s);
	(void)ui;
	if (r->n_pairs > 0)
		buf_addf(out, _("step %zu of %zu   "), list_position(&r->list),
		    r->n_pairs);
	buf_add_cstr(out, _("nothing sent, stored or learned"));
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	const struct rehearse_screen *r = self(s);
	if (task_runs(r->task))
		bar_add(b, ACT_INTERRUPT, NULL);
	bar_add(b, ACT_OPEN, NULL);
	bar_add(b, ACT_DESCRIBE, NULL);
	bar_add(b, ACT_TWIN, _("full command"));
	bar_add(b, ACT_TEST, _("again"));
	bar_add(b, ACT_COMMAND, "rehearse");
	bar_add(b, ACT_PLAN,
	    r->compared
		? ui_text(ui, "%s %zu", _("plan"), draft_count(ui->draft))
		: NULL);
	bar_add(b, ACT_BACK, NULL);
}

/* --- keys --- */

static const struct rehearse_pair *
current(const struct rehearse_screen *r)
{
	return r->list.cur < r->n_pairs ? &r->pairs[r->list.cur] : NULL;
}

static void
add_detail(struct tui *ui, struct buf *out, const char *label,
    const struct rehearse_step *step)
{
	enum {
		US_PER_MS = 1000
	};
	if (step == NULL) {
		buf_addf(out, "%s\n  %s\n\n", label, _("not asked"));
		return;
	}
	buf_addf(out, "%s\n  %s\n  %lld ms\n\n", label,
	    rehearse_outcome(ui, step), (long long)(step->us / US_PER_MS));
}

static void
open_step(struct rehearse_screen *r, struct tui *ui)
{
	const struct rehearse_pair *p = current(r);
	struct buf text = BUF_INIT(DETAIL_MAX), words = BUF_INIT(COMMAND_MAX);
	if (p == NULL)
		return;
	const struct rehearse_step *step = rehearse_of(p);
	const struct setting *setting = rehearse_setting(step->plugin);
	buf_addf(&text, "%s  %.*s\n\n", step->phase, STR_ARG(step->plugin));
	add_detail(ui, &text, _("Now"), p->now);
	if (r->done[REHEARSE_WITH])
		add_detail(ui, &text, _("With the draft"), p->with);
	if (setting != NULL)
		buf_addf(&text, "%s\n  %s\n", _("Setting"), setting->id);
	twin(&r->screen, ui, &words);
	ui_push(
	    ui, text_new(ui, _("Rehearse"), buf_cstr(&words), buf_str(&text)));
	buf_clear(&text);
	buf_clear(&words);
}

static void
describe(struct rehearse_screen *r, struct tui *ui)
{
	const struct rehearse_pair *p = current(r);
	const struct setting *setting =
	    p != NULL ? rehearse_setting(rehearse_of(p)->plugin) : NULL;
	if (setting != NULL)
		ui_push(ui, describe_new(ui, setting));
	else
		ui_say(ui, "%s", _("no setting is known for this step"));
}

static void
command(struct rehearse_screen *r, struct tui *ui)
{
	struct buf words = BUF_INIT(COMMAND_MAX);
	add_command(r, &words);
	ui_line_begin(ui, LINE_COMMAND, buf_str(&words));
	buf_clear(&words);
}

static void
asked_again(struct tui *ui, const void *ctx, const char *text)
{
	(void)ctx;
	rehearsal_open_words(ui, text);
}

/* The words that it was asked with, to be changed. */
static void
ask_again(const struct rehearse_screen *r, struct tui *ui)
{
	const struct rehearse_ask *ask = &r->ask;
	struct buf words = BUF_INIT(COMMAND_MAX);
	unsigned port = ask->port != 0 ? ask->port : REHEARSE_PORT;
	buf_addf(&words, "%.*s %.*s %.*s", STR_ARG(ask->client),
	    STR_ARG(ask->sender.len > 0 ? ask->sender : STR("<>")),
	    STR_ARG(ask->rcpt));
	/* one with a blank in it is no word */
	if (ask->helo.len > 0 && str_find(ask->helo, ' ', 0) == ask->helo.len)
		buf_addf(&words, " helo=%.*s", STR_ARG(ask->helo));
	buf_addf(&words, " port=%u", port);
	if (ask->user.len > 0)
		buf_addf(&words, " user=%.*s", STR_ARG(ask->user));
	if (ask->file != NULL)
		buf_addf(&words, " %s", ask->file);
	ui_push(ui, ask_new(ui, _("Rehearse"), _(REHEARSE_WORDS),
			buf_cstr(&words), asked_again, NULL));
	buf_clear(&words);
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct rehearse_screen *r = self(s);
	switch ((int)action) {
	case ACT_OPEN:
		open_step(r, ui);
		return true;
	case ACT_DESCRIBE:
		describe(r, ui);
		return true;
	case ACT_TEST:
		(void)begin(r, ui);
		return true;
	case ACT_COMMAND:
		command(r, ui);
		return true;
	case ACT_REHEARSE:
		ask_again(r, ui);
		return true;
	case ACT_PROBLEM:
	case ACT_PROBLEM_BACK:
		if (!rehearse_find_problem(r, action == ACT_PROBLEM_BACK))
			ui_say(ui, "%s", _("no problem in these rows"));
		return true;
	case ACT_INTERRUPT:
		if (!task_runs(r->task))
			return false;
		task_stop(r->task, ui);
		return true;
	default:
		return list_act(&r->list, action);
	}
}

static bool
tick(struct screen *s, struct tui *ui)
{
	struct rehearse_screen *r = self(s);
	bool new = task_tick(r->task, ui, rehearse_take, r);
	return task_runs(r->task) || new; /* its seconds */
}

static int
fd(struct screen *s)
{
	const struct rehearse_screen *r = self(s);
	return r->task != NULL ? r->task->fd : -1;
}

/* Another draft: another answer. */
static void
reload(struct screen *s, struct tui *ui)
{
	(void)begin(self(s), ui);
}

static void
rehearse_free(struct screen *s, struct tui *ui)
{
	struct rehearse_screen *r = self(s);
	task_free(r->task, ui);
	for (size_t i = 0; i < REHEARSE_SIDES; i++)
		vec_clear(&r->sides[i].steps);
	arena_free(r->arena);
	arena_free(r->own);
	free(r);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_OPEN, ACT_DESCRIBE, ACT_TEST,
	ACT_COMMAND, ACT_REHEARSE, ACT_PROBLEM, ACT_PROBLEM_BACK, ACT_INTERRUPT,
	ACT_NONE };

static const struct screen_class class = {
	.actions = actions,
	.path = path,
	.draw = rehearse_draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.reload = reload,
	.tick = tick,
	.fd = fd,
	.free = rehearse_free,
};

static struct screen *
rehearse_new(struct tui *ui, const struct rehearse_ask *ask)
{
	struct rehearse_screen *r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->screen.class = &class;
	r->own = ui_arena(ui, OWN_BYTES);
	r->arena = ui_arena(ui, RESULTS_MAX);
	r->ask = (struct rehearse_ask){
		.client = arena_str(r->own, ask->client),
		.helo = arena_str(r->own, ask->helo),
		.sender = arena_str(r->own, ask->sender),
		.rcpt = arena_str(r->own, ask->rcpt),
		.user = arena_str(r->own, ask->user),
		.port = ask->port,
		.file = ask->file != NULL
			    ? arena_cstr(r->own, str_of(ask->file))
			    : NULL,
	};
	if (!begin(r, ui)) {
		rehearse_free(&r->screen, ui);
		return NULL;
	}
	return &r->screen;
}

void
rehearsal_open(struct tui *ui, const struct rehearse_ask *ask)
{
	struct rehearse_ask one = *ask;
	struct rehearse_request request;
	struct err e = ERR_INIT;
	if (str_is(one.sender, "<>")) /* as logs write it */
		one.sender = (struct str)STR_EMPTY;
	rehearse_request_of(&one, ui->scratch, &request);
	if (rehearse_check(&request, &e))
		ui_push(ui, rehearse_new(ui, &one));
	else
		ui_error(ui, &e);
}
