/* The frame round every body: title, status, message, key bar. */
#include "tui/app.h"
#include "core/model/moment.h"
#include "tui/draw.h"

#include "core/base/i18n.h"
#include "core/base/utf8.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	TEXT_MAX = 4096,
	SMALLEST_W = 20,
	SMALLEST_H = 4,
	FULL_H = 16,   /* from here on status and message have a line each */
	FULL_W = 60,   /* from here on heads, clock and units are shown */
	PANES_W = 110, /* and wider */
};

static bool
draws_below(const struct screen *s)
{
	return (s->class->flags & SCREEN_OVERLAY) != 0 && s->below != NULL;
}

/* The screen whose rows fill the body: overlays do not count. */
static struct screen *
body_screen(const struct tui *ui)
{
	struct screen *s = ui->top;
	while (draws_below(s))
		s = s->below;
	return s;
}

static void
add_right(struct buf *out, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	if (out->len > 0)
		buf_add_cstr(out, "  ");
	buf_add_cstr(out, text);
}

/* "14:02" or "Tue 17 Mar 14:02". */
static const char *
clock_text(struct tui *ui, bool date)
{
	static const char *const days[] = { N_("Sun"), N_("Mon"), N_("Tue"),
		N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat") };
	time_t now = (time_t)clock_wall_s(ui->model.clock);
	struct tm tm;
	if (localtime_r(&now, &tm) == NULL)
		return "";
	if (!date)
		return ui_text(ui, "%02d:%02d", tm.tm_hour, tm.tm_min);
	return ui_text(ui, "%s %d %s %02d:%02d", _(days[tm.tm_wday]),
	    tm.tm_mday, moment_month(tm.tm_mon), tm.tm_hour, tm.tm_min);
}

/* What stands on the right of the title, 'level' things left out. */
static void
title_right(struct tui *ui, struct screen *s, int level, struct buf *out)
{
	unsigned flags = s->class->flags;
	size_t n = draft_count(ui->draft);
	buf_reset(out);
	if ((n > 0 || (flags & SCREEN_DRAFT) != 0) &&
	    (flags & SCREEN_NO_DRAFT) == 0)
		add_right(out, ui_text(ui, _("draft %zu"), n));
	if (s->class->note != NULL)
		add_right(out, s->class->note(s, ui));
	if (level < 2)
		add_right(out, ui->host->name);
	if (level < 1 && (flags & SCREEN_RELEASE) != 0)
		add_right(out, ui_text(ui, _("SME %s"), ui->model.release));
	if (level < 3)
		add_right(out, clock_text(ui, (flags & SCREEN_DATE) != 0));
}

static void
draw_title(struct tui *ui, struct screen *s)
{
	struct buf left = BUF_INIT(TEXT_MAX), right = BUF_INIT(TEXT_MAX);
	struct buf path = BUF_INIT(TEXT_MAX);
	int w = term_columns(ui->term);
	/* a blank is kept at the edge of narrow and of wide windows */
	int edge = w < FULL_W || w > PANES_W ? w - 1 : w;
	bool fits = false;
	s->class->path(s, ui, &path);
	struct str shown = buf_str(&path);
	for (int level = w < FULL_W ? 3 : 0; level < 5 && !fits; level++) {
		if (level == 4) {
			size_t last = shown.len;
			while (last > 1 && !(shown.ptr[last - 2] == '>' &&
					       shown.ptr[last - 1] == ' '))
				last--;
			if (last > 1)
				shown = str_sub(shown, last, shown.len);
		}
		title_right(ui, s, level, &right);
		size_t used = 10 + utf8_columns(shown) + 2 +
			      utf8_columns(buf_str(&right));
		fits = used <= (size_t)edge;
	}
	term_put_fill(ui->term, 0, 0, (size_t)w, STYLE_BAR, STR(" smemail"));
	buf_addf(&left, "%.*s", STR_ARG(shown));
	size_t room = (size_t)edge - utf8_columns(buf_str(&right)) - 2;
	if (right.len == 0 || room > (size_t)edge)
		room = (size_t)edge;
	if (room > 10)
		draw_last(ui, 0, 10, room - 10, STYLE_BAR, buf_str(&left));
	draw_right(ui, 0, edge, STYLE_BAR, buf_str(&right));
	buf_clear(&left);
	buf_clear(&right);
	buf_clear(&path);
}

void
bar_add_key(struct bar *bar, const char *key, const char *label)
{
	if (bar->n == BAR_ITEMS)
		return;
	snprintf(bar->items[bar->n].key, sizeof(bar->items[0].key), "%s", key);
	snprintf(
	    bar->items[bar->n].label, sizeof(bar->items[0].label), "%s", label);
	bar->n++;
}

void
screen_path_below(struct screen *s, struct tui *ui, struct buf *out)
{
	s->below->class->path(s->below, ui, out);
}

void
bar_add(struct bar *bar, enum action action, const char *label)
{
	const struct key_entry *k = keys_of(action);
	bar_add_key(bar, _(k->shown), label != NULL ? label : _(k->label));
}

static size_t
bar_help(const struct bar *bar)
{
	const char *key = keys_of(ACT_HELP)->shown;
	size_t i = 0;
	while (i < bar->n && strcmp(bar->items[i].key, key) != 0)
		i++;
	return i;
}

/*
 * Whole entries only; a label that does not fit leaves its bare key. The key
 * of the help keeps its place: it tells of those that are left out.
 */
static void
draw_bar(struct tui *ui, struct screen *s, int y)
{
	struct bar bar = { .n = 0 };
	size_t w = (size_t)term_columns(ui->term), at = 1;
	s->class->bar(s, ui, &bar);
	term_put_fill(ui->term, y, 0, w, STYLE_BAR, STR(""));
	size_t help = bar_help(&bar);
	for (size_t i = 0; i < bar.n; i++) {
		const char *label = bar.items[i].label;
		const char *gap = *label != '\0' ? " " : "";
		const char *whole =
		    ui_text(ui, "%s%s%s", bar.items[i].key, gap, label);
		struct str entry = str_of(whole);
		size_t room = i < help && help < bar.n ? w - 3 : w;
		if (at + utf8_columns(entry) > room)
			entry = str_of(bar.items[i].key);
		if (at + utf8_columns(entry) > room) {
			if (i > help || help == bar.n)
				return;
			i = help - 1; /* on with the help */
			continue;
		}
		term_put(ui->term, y, (int)at, w - at, STYLE_BAR, entry);
		at += utf8_columns(entry) + 2;
	}
}

/* The line being typed on the message line; false when there is none. */
static bool
draw_line(struct tui *ui, int y, size_t w)
{
	static const char *const prompts[LINE_KINDS] = { "", ":", "/", "&",
		"@" };
	if (ui->line == LINE_NONE)
		return false;
	term_put(ui->term, y, 1, 1, STYLE_HEAD, str_of(prompts[ui->line]));
	edit_draw(&ui->line_edit, ui->term, y, 2, w - 3, STYLE_NORMAL);
	return true;
}

static void
draw_message(struct tui *ui, struct screen *s, int y, bool shared)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	size_t w = (size_t)term_columns(ui->term);
	int cy = y;
	if (draw_line(ui, cy, w))
		goto out;
	if (ui->message[0] != '\0') {
		draw_last(ui, y, 1, w - 1,
		    ui->message_is_error ? STYLE_HEAD : STYLE_NORMAL,
		    str_of(ui->message));
		goto out;
	}
	if ((shared || s->class->twin == NULL) && s->class->hint != NULL)
		s->class->hint(s, ui, &text);
	if (shared && text.len == 0 && s->class->status != NULL)
		s->class->status(s, ui, &text);
	if (text.len == 0 && s->class->twin != NULL) {
		buf_add_cstr(&text, "= ");
		s->class->twin(s, ui, &text);
		if (text.len == 2)
			buf_reset(&text);
	}
	draw_last(ui, y, 1, w - 1, STYLE_NORMAL, buf_str(&text));
out:
	buf_clear(&text);
}

static void
draw_status(struct tui *ui, struct screen *s, int y)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	if (ui->choices[0] != '\0')
		buf_add_cstr(&text, ui->choices);
	else if (s->class->status != NULL)
		s->class->status(s, ui, &text);
	draw_last(ui, y, 1, (size_t)term_columns(ui->term) - 1, STYLE_NORMAL,
	    buf_str(&text));
	buf_clear(&text);
}

static void
draw_screens(struct tui *ui, struct screen *s, const struct view *v)
{
	if (draws_below(s))
		draw_screens(ui, s->below, v);
	s->class->draw(s, ui, v);
}

static void
draw_frame(struct tui *ui)
{
	int h = term_lines(ui->term), w = term_columns(ui->term);
	bool full = h >= FULL_H;
	struct view v = {
		.y = 1,
		.x = 0,
		.h = h - (full ? 4 : 3),
		.w = w,
		.heads = full && w >= FULL_W,
		.narrow = w < FULL_W,
		.help = !full     ? 0
			: h >= 20 ? 2
				  : 1,
	};
	draw_title(ui, body_screen(ui));
	draw_screens(ui, ui->top, &v);
	if (h < 10 || w < 40) /* something was cut: say so */
		term_put(ui->term, v.y + v.h - 1, w - 1, 1, STYLE_NORMAL,
		    term_sign(ui->term, SIGN_CUT));
	if (full)
		draw_status(ui, ui->top, h - 3);
	draw_message(ui, ui->top, h - 2, !full);
	draw_bar(ui, ui->top, h - 1);
}

void
ui_paint(struct tui *ui)
{
	int h = term_lines(ui->term), w = term_columns(ui->term);
	term_erase(ui->term);
	if (h < SMALLEST_H || w < SMALLEST_W)
		draw_prose(ui, 0, 0, (size_t)w, h, STYLE_NORMAL,
		    str_of(_("window too small: 20x4 needed")));
	else
		draw_frame(ui);
	term_flush(ui->term);
	ui->painted_ms = clock_mono_ms(ui->model.clock);
	ui->dirty = ui->live_dirty = false;
}
