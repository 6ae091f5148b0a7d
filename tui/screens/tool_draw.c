/*
 * How a diagnosis is drawn: the verdict, rows of a table, and below them what
 * the current row means and what helps.
 */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/tool_int.h"
#include "tui/widget/wrap.h"

#include <string.h>

enum {
	STATE_X = 1,
	ROWS_X = 7,  /* behind the state */
	LABEL_W = 8, /* of the lines below */
	BELOW_MAX = 24,
	ROWS_MIN = 3, /* what is below leaves so many */
	TEXT_LINES = 3,
	MS_PER_S = 1000
};

const char *
tool_cure(const struct tool_screen *t)
{
	const struct tool_row *r = tool_row_shown(t, t->list.cur);
	if (r != NULL && r->cure[0] != '\0')
		return r->cure;
	if (t->task != NULL && t->task->err.next[0] != '\0')
		return t->task->err.next;
	return t->cure != NULL && t->cure[0] != '\0' ? t->cure : NULL;
}

/* --- the first line --- */

/* Worst first. */
static const char *const states[] = { "FAIL", "????", "WARN", "info", "ok" };

static const char *
count_text(struct tui *ui, size_t state, size_t n)
{
	switch (state) {
	case 0:
		return ui_text(ui, P_("%zu failure", "%zu failures", n), n);
	case 1:
		return ui_text(ui, _("%zu not tested"), n);
	case 2:
		return ui_text(ui, P_("%zu warning", "%zu warnings", n), n);
	case 3:
		return ui_text(ui, P_("%zu remark", "%zu remarks", n), n);
	default:
		return ui_text(ui, _("%zu ok"), n);
	}
}

/* The worst state of the rows, and how many are in each. */
static const char *
counts(const struct tool_screen *t, struct tui *ui, const char **text)
{
	const char *worst = NULL;
	*text = "";
	for (size_t k = 0; k < ARRAY_LEN(states); k++) {
		size_t n = 0;
		for (size_t i = 0; i < t->rows.len; i++)
			n += strcmp(VEC_AT(&t->rows, struct tool_row, i)->state,
				 states[k]) == 0;
		if (n == 0)
			continue;
		if (worst == NULL)
			worst = states[k];
		*text = ui_text(ui, "%s%s%s", *text, **text ? ", " : "",
		    count_text(ui, k, n));
	}
	if (worst != NULL && strcmp(worst, "info") == 0)
		worst = "ok";
	return worst != NULL ? worst : "????";
}

static const char *
verdict(const struct tool_screen *t, struct tui *ui, const char **text)
{
	const struct task *task = t->task;
	const char *state = counts(t, ui, text);
	if (task_runs(task)) {
		*text = ui_text(ui, _("testing for %lld s; Ctrl-C stops it"),
		    (long long)(task_ms(task, ui) / MS_PER_S));
		return "run";
	}
	if (task != NULL && task->stopped) {
		*text = _("stopped: not everything was tested");
		return "????";
	}
	if (task != NULL && task->err.code != ERR_NONE) {
		*text = task->err.text;
		return task->err.code == ERR_TEMPORARY ? "????" : "FAIL";
	}
	if (t->head != NULL) {
		*text = t->head;
		return t->head_state;
	}
	if (t->rows.len == 0)
		*text = _("nothing was found to test");
	return state;
}

static int
draw_head(const struct tool_screen *t, struct tui *ui, const struct view *v)
{
	const char *text;
	const char *state = verdict(t, ui, &text);
	int lines = v->h >= ROWS_MIN + TEXT_LINES ? 2 : 1;
	draw_state(ui, v->y, STATE_X, state);
	int used = draw_prose(ui, v->y, ROWS_X, (size_t)v->w - ROWS_X, lines,
	    STYLE_NORMAL, str_of(text));
	return used > 0 ? used : 1;
}

/* --- the table --- */

struct table {
	const struct tool *tool;
	int x[TOOL_CELLS_MAX];
	size_t w[TOOL_CELLS_MAX]; /* 0: not shown */
};

/* gettext has its own text for the empty one. */
static const char *
head_text(const struct tool_column *c)
{
	return c->head != NULL && c->head[0] != '\0' ? _(c->head) : "";
}

/* What is folded away is counted behind the row's first cell. */
static struct str
cell_text(const struct tool_screen *t, struct tui *ui, const struct tool_row *r,
    size_t c)
{
	return str_of(
	    r->folded && c == 0
		? ui_text(ui, "%s [+%zu]", r->cells[0], tool_row_below(t, r))
		: r->cells[c]);
}

/* Each column is as wide as what is in it, the last has the rest. */
static void
table_fit(const struct tool_screen *t, struct tui *ui, const struct view *v,
    struct table *tab)
{
	const struct tool *tool = t->tool;
	int x = tool->no_state ? STATE_X : ROWS_X;
	*tab = (struct table){ .tool = tool };
	for (size_t c = 0; c < tool->n_columns; c++) {
		const struct tool_column *col = &tool->columns[c];
		size_t most =
		    v->heads ? utf8_columns(str_of(head_text(col))) : 0;
		tab->x[c] = x;
		if ((col->wide && v->narrow) || x >= v->w)
			continue;
		for (size_t i = 0; i < t->rows.len; i++) {
			size_t n = utf8_columns(cell_text(
			    t, ui, VEC_AT(&t->rows, struct tool_row, i), c));
			most = n > most ? n : most;
		}
		/* figures are not cut */
		size_t max = v->narrow && col->max > 0 && !col->right
				 ? (col->max + 1) / 2
				 : col->max;
		if (max > 0 && most > max)
			most = max;
		if (col->max == 0)
			most = (size_t)(v->w - x);
		tab->w[c] = most;
		x += (int)most + 2;
	}
}

static void
draw_table_cell(struct tui *ui, const struct table *tab, int y, size_t c,
    enum term_style style, struct str text)
{
	if (tab->w[c] == 0)
		return;
	if (tab->tool->columns[c].right)
		draw_right(ui, y, tab->x[c] + (int)tab->w[c], style, text);
	else
		draw_last(ui, y, tab->x[c], tab->w[c], style, text);
}

static void
draw_heads(struct tui *ui, const struct table *tab, int y)
{
	for (size_t c = 0; c < tab->tool->n_columns; c++)
		if (tab->tool->columns[c].head != NULL)
			draw_table_cell(ui, tab, y, c, STYLE_HEAD,
			    str_of(head_text(&tab->tool->columns[c])));
}

static bool
has_heads(const struct tool *tool)
{
	return tool->n_columns > 0 && tool->columns[0].head != NULL;
}

static void
draw_rows(struct tool_screen *t, struct tui *ui, const struct table *tab, int y,
    int h)
{
	list_fit(&t->list, h > 0 ? (size_t)h : 0);
	for (size_t i = t->list.top; i < t->shown.len && h > 0; i++, h--, y++) {
		const struct tool_row *r = tool_row_shown(t, i);
		if (i == t->list.cur)
			term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
		if (!t->tool->no_state)
			draw_state(ui, y, STATE_X, r->state);
		for (size_t c = 0; c < t->tool->n_columns; c++)
			draw_table_cell(ui, tab, y, c, STYLE_NORMAL,
			    cell_text(t, ui, r, c));
	}
}

/* --- below the rows --- */

struct below {
	struct {
		const char *label;
		struct str text;
		size_t indent;
	} lines[BELOW_MAX];
	size_t n;
};

static void
below_add(struct below *b, const char *label, size_t indent, size_t width,
    const char *text)
{
	struct str rest = str_of(text), line;
	while (b->n < BELOW_MAX && width > indent &&
	       wrap_next(&rest, width - indent, &line)) {
		b->lines[b->n].label = label;
		b->lines[b->n].text = line;
		b->lines[b->n].indent = indent;
		b->n++;
		label = "";
	}
}

/* Is the last cell of the row cut? */
static bool
is_cut(const struct table *tab, const struct tool_row *r)
{
	size_t last = tab->tool->n_columns - 1;
	return utf8_columns(str_of(r->cells[last])) > tab->w[last];
}

/* What the row means and what helps: seen before anything else below. */
static void
below_row(const struct tool_screen *t, const struct table *tab, size_t width,
    struct below *b)
{
	const char *cure = tool_cure(t);
	const struct tool_row *r = tool_row_shown(t, t->list.cur);
	if (r != NULL) {
		if (is_cut(tab, r))
			below_add(b, "", 0, width,
			    r->cells[tab->tool->n_columns - 1]);
		below_add(b, "", 0, width, r->detail);
	}
	if (cure != NULL && cure == t->cure)
		below_add(b, "c", 3, width, t->cure_text);
	if (cure != NULL)
		below_add(b,
		    cure == t->cure && t->cure_text[0] != '\0' ? "" : "c", 3,
		    width, cure);
}

static void
below_draw(struct tui *ui, const struct below *b, size_t n, int y)
{
	for (size_t i = 0; i < b->n && i < n; i++, y++) {
		size_t room = (size_t)term_columns(ui->term) - 1;
		term_put(ui->term, y, 1, room, STYLE_HEAD,
		    str_of(b->lines[i].label));
		term_put(ui->term, y, 1 + (int)b->lines[i].indent, room,
		    STYLE_NORMAL, b->lines[i].text);
	}
}

void
tool_draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct tool_screen *t = (struct tool_screen *)s;
	struct below feet = { .n = 0 }, row = { .n = 0 };
	struct table tab;
	size_t width = (size_t)(v->w > 2 ? v->w - 2 : 1);
	int y = v->y, end = v->y + v->h;
	bool roomy = v->heads;
	y += draw_head(t, ui, v);
	y += roomy;
	for (size_t i = 0; roomy && i < t->n_texts; i++)
		y += draw_prose(ui, y, 1, width, TEXT_LINES, STYLE_NORMAL,
		    str_of(t->texts[i].text));
	table_fit(t, ui, v, &tab);
	if (v->heads && has_heads(t->tool) && t->rows.len > 0)
		draw_heads(ui, &tab, y++);
	int least = t->shown.len < ROWS_MIN ? (int)t->shown.len : ROWS_MIN;
	int room = end - y - least - roomy;
	below_row(t, &tab, width, &row);
	for (size_t i = 0; i < t->n_feet; i++)
		below_add(
		    &feet, t->feet[i].label, LABEL_W, width, t->feet[i].text);
	int n_row = (int)row.n < room ? (int)row.n : room;
	n_row = n_row > 0 ? n_row : 0;
	int n_feet =
	    (int)feet.n < room - n_row - 1 ? (int)feet.n : room - n_row - 1;
	n_feet = n_feet > 0 ? n_feet : 0;
	int gap = n_feet > 0 && n_row > 0;
	draw_rows(t, ui, &tab, y,
	    end - y - n_row - n_feet - gap - (roomy && n_row + n_feet > 0));
	below_draw(ui, &feet, (size_t)n_feet, end - n_row - n_feet - gap);
	below_draw(ui, &row, (size_t)n_row, end - n_row);
}
