/*
 * How a rehearsal is drawn: who asks, a row for each plugin with what it says
 * now and with the draft, and below them both answers.
 */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/rehearse_int.h"

#include <string.h>

enum {
	US_PER_MS = 1000,
	MS_PER_S = 1000,
	MS_W = 5,
	LABEL_W = 12, /* of the lines below */
	FEET_MAX = 8,
	ROWS_MIN = 3
};

struct place {
	int phase, plugin, now, with, end; /* 'phase' -1: left out */
};
static const struct place wide = { 3, 12, 32, 56, 0 };
static const struct place narrow = { -1, 3, 17, 29, 0 };

/* --- words --- */

const char *
rehearse_outcome(struct tui *ui, const struct rehearse_step *s)
{
	if (s == NULL)
		return "-";
	return ui_text(ui, "%s%s%.*s", _(s->result),
	    s->text.len > 0 ? ": " : "", STR_ARG(s->text));
}

/* In the few columns there are. */
static struct str
phase_word(const char *phase)
{
	static const struct {
		const char *phase, *word;
	} words[] = {
		{ "pre-connection", "connect" },
		{ "unrecognized_command", "command" },
		{ "data_post", "data" },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i].phase, phase) == 0)
			return str_of(words[i].word);
	}
	return str_of(phase);
}

/* The longest step of the policy in force; NULL: there is none. */
static const struct rehearse_step *
rehearse_slowest(const struct rehearse_screen *r)
{
	const struct vec *steps = &r->sides[REHEARSE_NOW].steps;
	const struct rehearse_step *most = NULL;
	for (size_t i = 0; i < steps->len; i++) {
		const struct rehearse_step *s =
		    VEC_AT(steps, struct rehearse_step, i);
		if (most == NULL || s->us > most->us)
			most = s;
	}
	return most;
}

/* --- who asks --- */

static const char *
message_text(const struct rehearse_screen *r, struct tui *ui)
{
	if (r->ask.file == NULL)
		return _("a small one of its own");
	if (r->bytes == 0)
		return r->ask.file;
	return ui_text(ui,
	    P_("%s, %llu byte", "%s, %llu bytes", (unsigned long)r->bytes),
	    r->ask.file, (unsigned long long)r->bytes);
}

/* "   port 587, user anna"; nothing for a stranger on port 25. */
static const char *
port_text(const struct rehearse_ask *ask, struct tui *ui)
{
	unsigned port = ask->port != 0 ? ask->port : REHEARSE_PORT;
	if (ask->user.len > 0)
		return ui_text(
		    ui, _("   port %u, user %.*s"), port, STR_ARG(ask->user));
	return port != REHEARSE_PORT ? ui_text(ui, _("   port %u"), port) : "";
}

/* Returns the lines used. */
static int
draw_ask(const struct rehearse_screen *r, struct tui *ui, const struct view *v)
{
	const struct rehearse_ask *ask = &r->ask;
	struct str helo = ask->helo.len > 0 ? ask->helo : STR(REHEARSE_HELO);
	struct str sender = ask->sender.len > 0 ? ask->sender : STR("<>");
	if (!v->heads)
		return 0;
	draw_last(ui, v->y, 1, (size_t)v->w - 1, STYLE_NORMAL,
	    str_of(ui_text(ui, _("client %.*s  helo %.*s  from %.*s"),
		STR_ARG(ask->client), STR_ARG(helo), STR_ARG(sender))));
	draw_last(ui, v->y + 1, 1, (size_t)v->w - 1, STYLE_NORMAL,
	    str_of(ui_text(ui, _("to %.*s   message %s%s"), STR_ARG(ask->rcpt),
		message_text(r, ui), port_text(ask, ui))));
	draw_rule(ui, v->y + 2, 0, (size_t)v->w, STR(""));
	return 3;
}

/* --- the rows --- */

static void
draw_heads(const struct rehearse_screen *r, struct tui *ui,
    const struct place *at, int y)
{
	draw_cell(ui, y, at->phase, (size_t)(at->plugin - at->phase),
	    STYLE_HEAD, str_of(_("Phase")));
	draw_cell(ui, y, at->plugin, (size_t)(at->now - at->plugin), STYLE_HEAD,
	    str_of(_("Plugin")));
	draw_cell(ui, y, at->now, (size_t)(at->with - at->now), STYLE_HEAD,
	    str_of(_("Now")));
	if (r->compared)
		draw_cell(ui, y, at->with, (size_t)(at->end - at->with),
		    STYLE_HEAD, str_of(_("With the draft")));
	draw_right(ui, y, at->end + MS_W, STYLE_HEAD, STR("ms"));
}

static enum term_style
style_of(const char *result)
{
	return strcmp(result, "refused") == 0    ? STYLE_FAIL
	       : strcmp(result, "deferred") == 0 ? STYLE_WARN
						 : STYLE_NORMAL;
}

/* The word in its colour, then the reason as far as there is room. */
static void
draw_outcome(struct tui *ui, int y, int x, int end,
    const struct rehearse_step *s, const char *none)
{
	if (s == NULL) {
		term_put(ui->term, y, x, (size_t)(end - x), STYLE_NORMAL,
		    str_of(none));
		return;
	}
	struct str word = str_of(_(s->result));
	x += (int)term_put(
	    ui->term, y, x, (size_t)(end - x - 1), style_of(s->result), word);
	if (s->text.len > 0 && end - x > 4)
		draw_cell(
		    ui, y, x + 1, (size_t)(end - x - 1), STYLE_NORMAL, s->text);
}

static void
draw_row(const struct rehearse_screen *r, struct tui *ui,
    const struct place *at, int y, size_t i)
{
	const struct rehearse_pair *p = &r->pairs[i];
	const struct rehearse_step *s = rehearse_of(p);
	bool cur = i == r->list.cur;
	draw_marks(ui, y, 0, cur, ' ',
	    rehearse_is_denial(p->now) || rehearse_is_denial(p->with));
	if (at->phase >= 0)
		draw_cell(ui, y, at->phase, (size_t)(at->plugin - at->phase),
		    STYLE_NORMAL, phase_word(s->phase));
	draw_cell(ui, y, at->plugin, (size_t)(at->now - at->plugin),
	    cur ? STYLE_CURSOR : STYLE_NORMAL, s->plugin);
	draw_outcome(ui, y, at->now, r->compared ? at->with : at->end, p->now,
	    r->done[REHEARSE_NOW] ? "-" : "");
	if (r->compared)
		draw_outcome(ui, y, at->with, at->end, p->with,
		    r->done[REHEARSE_WITH] ? "-" : "");
	if (at->phase >= 0)
		draw_right(ui, y, at->end + MS_W, STYLE_NORMAL,
		    str_of(
			ui_text(ui, "%lld", (long long)(s->us / US_PER_MS))));
}

/* --- the answers --- */

struct feet {
	struct {
		const char *label, *text;
		enum term_style style; /* of the text */
	} lines[FEET_MAX];
	size_t n;
};

static void
feet_add(
    struct feet *f, const char *label, const char *text, enum term_style style)
{
	if (f->n == FEET_MAX)
		return;
	f->lines[f->n].label = label;
	f->lines[f->n].text = text;
	f->lines[f->n].style = style;
	f->n++;
}

/* What stands where a side has no answer. */
static const char *
no_answer(
    const struct rehearse_screen *r, struct tui *ui, enum rehearse_side side)
{
	const struct task *task = r->task;
	if (task_runs(task))
		return side == REHEARSE_WITH && !r->done[REHEARSE_NOW]
			   ? ""
			   : ui_text(ui,
				 _("testing for %lld s; Ctrl-C stops it"),
				 (long long)(task_ms(task, ui) / MS_PER_S));
	if (task->stopped)
		return _("stopped: not everything was tested");
	return side == REHEARSE_NOW || r->done[REHEARSE_NOW] ? task->err.text
							     : "";
}

static void
feet_answer(const struct rehearse_screen *r, struct tui *ui, struct feet *f,
    const char *label, enum rehearse_side side)
{
	const struct rehearsal *one = &r->sides[side];
	struct str reply = one->reply, line;
	if (!r->done[side]) {
		feet_add(f, label, no_answer(r, ui, side), STYLE_NORMAL);
		return;
	}
	/* the first line has the code; more are in the text of the command */
	if (str_next_line(&reply, &line))
		feet_add(
		    f, label, ui_text(ui, "%.*s", STR_ARG(line)), STYLE_NORMAL);
}

static void
feet_reason(const struct rehearse_screen *r, struct tui *ui, struct feet *f)
{
	const struct rehearsal *now = &r->sides[REHEARSE_NOW];
	const struct rehearse_step *slow = rehearse_slowest(r);
	if (r->because != NULL)
		feet_add(f, "", ui_text(ui, _("because %s"), r->because),
		    STYLE_NORMAL);
	else if (r->done[REHEARSE_WITH])
		feet_add(
		    f, "", _("the draft changes nothing here"), STYLE_NORMAL);
	if (now->setting != NULL)
		feet_add(f, _("Setting"), now->setting, STYLE_NORMAL);
	if (r->done[REHEARSE_NOW] && slow != NULL)
		feet_add(f, _("Budget"),
		    ui_text(ui, _("%lld ms used; slowest: %.*s"),
			(long long)(now->us / US_PER_MS),
			STR_ARG(slow->plugin)),
		    STYLE_NORMAL);
}

static void
feet_draw(struct tui *ui, const struct feet *f, size_t n, int y)
{
	size_t room = (size_t)term_columns(ui->term) - LABEL_W - 1;
	for (size_t i = 0; i < n; i++, y++) {
		draw_cell(
		    ui, y, 1, LABEL_W, STYLE_HEAD, str_of(f->lines[i].label));
		draw_last(ui, y, 1 + LABEL_W, room, f->lines[i].style,
		    str_of(f->lines[i].text));
	}
}

/* --- the whole --- */

static struct place
places(const struct view *v)
{
	struct place at = v->narrow ? narrow : wide;
	int more = v->w - 80;
	at.end = v->narrow ? v->w : v->w - MS_W;
	if (!v->narrow && more > 0) { /* both columns share what is more */
		at.now += more / 4;
		at.with += more / 4 + more * 3 / 8;
	} else if (!v->narrow && more < 0) { /* and what is less */
		at.now += more / 3;
		at.with = at.now + (at.end - at.now) / 2;
	}
	return at;
}

void
rehearse_draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct rehearse_screen *r = (struct rehearse_screen *)s;
	struct place at = places(v);
	struct feet feet = { .n = 0 };
	int y = v->y + draw_ask(r, ui, v), end = v->y + v->h;
	feet_answer(r, ui, &feet, _("Now"), REHEARSE_NOW);
	if (r->compared)
		feet_answer(r, ui, &feet, _("With draft"), REHEARSE_WITH);
	feet_reason(r, ui, &feet);
	if (v->heads)
		draw_heads(r, ui, &at, y++);
	int room = end - y - ROWS_MIN - v->heads;
	int below = (int)feet.n < room ? (int)feet.n : room;
	below = below > 0 ? below : 0;
	int rows = end - y - below - v->heads;
	list_fit(&r->list, rows > 0 ? (size_t)rows : 0);
	for (size_t i = r->list.top; i < r->n_pairs && rows > 0; i++, rows--)
		draw_row(r, ui, &at, y++, i);
	if (v->heads)
		draw_rule(ui, end - below - 1, 0, (size_t)v->w, STR(""));
	feet_draw(ui, &feet, (size_t)below, end - below);
}
