/* Drawing what the mail system does now: facts, sessions, one in detail. */
#include "tui/screens/top_int.h"

#include "core/base/i18n.h"
#include "tui/draw.h"

enum {
	LABEL_W = 11,
	DETAIL = 3,
	FACTS_MAX = 256 * 1024,
};

struct column {
	const char *head;
	int x, narrow_x; /* -1: left out in narrow windows */
};

enum {
	SESSION,
	CLIENT,
	COUNTRY,
	PHASE,
	WAITS,
	TIME,
	OK_COUNT,
	BAD_COUNT,
	FROM,
	COLUMNS
};

static const struct column columns[COLUMNS] = {
	[SESSION] = { N_("Session"), 3, -1 },
	[CLIENT] = { N_("Client"), 13, 1 },
	[COUNTRY] = { "CC", 30, -1 },
	[PHASE] = { N_("Phase"), 34, 17 },
	[WAITS] = { N_("Waits for"), 43, 25 },
	[TIME] = { N_("Wait"), 59, -1 },
	[OK_COUNT] = { N_("Ok"), 66, -1 },
	[BAD_COUNT] = { N_("Bad"), 69, -1 },
	[FROM] = { N_("From"), 73, -1 },
};

static const char *
cell(struct top_screen *t, struct tui *ui, const struct top_session *s, int i)
{
	switch (i) {
	case SESSION:
		return ui_text(ui, "%u", s->pid);
	case CLIENT:
		return s->ip;
	case COUNTRY:
		return s->country[0] != '\0' ? s->country : "-";
	case PHASE:
		return top_phase_word(s->phase);
	case WAITS:
		return top_waits(s, ui->scratch);
	case TIME:
		return top_duration_short(
		    ui->scratch, top_wait_s(s, t->view.now_ns));
	case OK_COUNT:
		return ui_text(ui, "%u", s->accepted);
	case BAD_COUNT:
		return ui_text(ui, "%u", s->refused);
	default:
		return s->from[0] != '\0' ? s->from : "-";
	}
}

static int
column_x(const struct view *v, int i)
{
	return v->narrow ? columns[i].narrow_x : columns[i].x;
}

/* Where the next column that is shown begins. */
static int
column_end(const struct view *v, int i)
{
	for (int k = i + 1; k < COLUMNS; k++)
		if (column_x(v, k) >= 0)
			return column_x(v, k);
	return v->w;
}

static void
draw_row(struct top_screen *t, struct tui *ui, const struct view *v, int y,
    size_t row)
{
	const struct top_session *s = &t->view.sessions[row];
	bool cur = row == t->list.cur;
	if (cur)
		term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
	for (int i = 0; i < COLUMNS; i++) {
		int x = column_x(v, i), end = column_end(v, i);
		enum term_style style =
		    cur && i == (v->narrow ? CLIENT : SESSION) ? STYLE_CURSOR
							       : STYLE_NORMAL;
		struct str text = str_of(cell(t, ui, s, i));
		if (x < 0 || x >= v->w)
			continue;
		if (end == v->w)
			draw_last(ui, y, x, (size_t)(end - x), style, text);
		else
			draw_cell(ui, y, x, (size_t)(end - x), style, text);
	}
}

/* What the row has no room for. */
static void
draw_detail(struct top_screen *t, struct tui *ui, const struct view *v)
{
	const struct top_session *s = top_current(t);
	int y = v->y + v->h - DETAIL;
	draw_rule(ui, y++, 0, (size_t)v->w, STR(""));
	if (s == NULL)
		return;
	struct buf text = BUF_INIT(FACTS_MAX);
	const char *dot =
	    ui_text(ui, " %.*s ", STR_ARG(term_sign(ui->term, SIGN_DOT)));
	buf_addf(&text, "%s %u%s%s%s%s", s->service, s->pid, dot, s->ip,
	    s->host[0] != '\0' ? " " : "", s->host);
	if (s->helo[0] != '\0')
		buf_addf(&text, "%sHELO %s", dot, s->helo);
	if (s->from[0] != '\0')
		buf_addf(&text, "%sMAIL %s", dot, s->from);
	if (s->to[0] != '\0')
		buf_addf(&text, "%sRCPT %s", dot, s->to);
	draw_prose(ui, y, 1, (size_t)v->w - 2, DETAIL - 1, STYLE_NORMAL,
	    buf_str(&text));
	buf_clear(&text);
}

/* The figures above the table; returns the lines used. */
static int
draw_facts(struct top_screen *t, struct tui *ui, const struct view *v)
{
	struct top_fact facts[TOP_FACTS];
	size_t n = top_facts(&t->view, ui->scratch, facts);
	size_t most = v->heads ? n : 2;
	for (size_t i = 0; i < n && i < most; i++) {
		int y = v->y + (int)i;
		draw_cell(
		    ui, y, 1, LABEL_W, STYLE_HEAD, str_of(facts[i].label));
		draw_last(ui, y, 1 + LABEL_W, (size_t)(v->w - 1 - LABEL_W),
		    STYLE_NORMAL, str_of(facts[i].text));
	}
	return (int)(n < most ? n : most);
}

void
top_draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct top_screen *t = (struct top_screen *)s;
	if (t->top == NULL) {
		term_put(ui->term, v->y, 1, (size_t)v->w - 1, STYLE_NORMAL,
		    str_of(_("there are no logs to read; r tries again")));
		return;
	}
	int y = v->y + draw_facts(t, ui, v);
	int below = v->heads ? DETAIL : 0;
	if (v->heads) {
		for (int i = 0; i < COLUMNS; i++)
			term_put(ui->term, y, columns[i].x, 10, STYLE_HEAD,
			    str_of(_(columns[i].head)));
		y++;
	}
	int rows = v->y + v->h - y - below;
	list_fit(&t->list, rows > 0 ? (size_t)rows : 0);
	if (t->view.n_sessions == 0 && rows > 0)
		term_put(ui->term, y, 1, (size_t)v->w - 1, STYLE_NORMAL,
		    str_of(_("no session now")));
	for (size_t i = t->list.top; i < t->view.n_sessions && rows > 0;
	     i++, rows--)
		draw_row(t, ui, v, y++, i);
	if (v->heads)
		draw_detail(t, ui, v);
}
