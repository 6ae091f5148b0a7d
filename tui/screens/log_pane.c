/* One line of the log in full: a screen of its own, or the second pane. */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/model/moment.h"
#include "tui/draw.h"
#include "tui/screens/log_int.h"
#include "tui/widget/wrap.h"

enum {
	FACT_COLUMNS = 9, /* of the labels */
	LINE_TEXT_MAX = 64 * 1024,
};

static void
fact(struct buf *out, const char *label, const char *text)
{
	buf_addf(out, "%s ", label);
	for (size_t n = utf8_columns(str_of(label)); n < FACT_COLUMNS; n++)
		buf_add_char(out, ' ');
	buf_addf(out, "%s\n", text);
}

static void
prose(struct buf *out, size_t width, const char *text)
{
	struct str rest = str_of(text), line;
	buf_add_char(out, '\n');
	while (wrap_next(&rest, width, &line))
		buf_addf(out, "%.*s\n", STR_ARG(line));
}

void
log_line_text(
    const struct log_screen *l, struct tui *ui, size_t width, struct buf *out)
{
	const struct log_row *r = log_current(l);
	if (r == NULL)
		return;
	if (r->timed)
		fact(out, _("Time"),
		    moment_shown(
			ui->scratch, r->unix_s, clock_wall_s(ui->model.clock)));
	fact(out, _("Service"), r->service);
	if (r->state[0] != '\0')
		fact(out, _("Verdict"), _(r->state));
	if (r->reason[0] != '\0')
		fact(out, _("Reason"), r->reason);
	if (r->verdict != LOG_VERDICT_NONE)
		prose(out, width, r->line);
	prose(out, width, r->text);
	prose(out, width, r->raw);
}

void
log_pane_draw(
    const struct log_screen *l, struct tui *ui, const struct view *v, int y)
{
	struct buf text = BUF_INIT(LINE_TEXT_MAX);
	int x = LOG_PANE_LIST_W + 1, end = v->y + v->h;
	size_t width = (size_t)(v->w - x - 2);
	for (int at = y; at < end; at++)
		term_repeat(ui->term, at, LOG_PANE_LIST_W, 1, STYLE_NORMAL,
		    SIGN_DIVIDER);
	log_line_text(l, ui, width, &text);
	struct str rest = buf_str(&text), line, part;
	while (y < end && str_next_line(&rest, &line)) {
		bool empty = line.len == 0;
		for (; y < end && wrap_next(&line, width, &part); y++) {
			term_put(ui->term, y, x + 1, width, STYLE_NORMAL, part);
			log_draw_hits(l, ui, y, x + 1, width, part);
		}
		y += empty;
	}
	buf_clear(&text);
}
