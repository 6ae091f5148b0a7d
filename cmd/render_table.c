/*
 * Output of commands: tables. On a terminal they fit: what is too wide is cut
 * with a sign, or, in a narrow one, goes on in lines below.
 */
#include "cmd/render_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"

enum {
	COLUMN_LEAST = 12, /* no column is cut to less */
	LAST_WISH = 16,    /* for the last where others give way */
	FOLD_LEAST = 12,   /* a last column of less goes below */
	INDENT = 2,        /* of what goes on below */
	INDENT_MORE = 4,   /* of its second and later lines */
};

/* States are words; colour only repeats them. */
static const struct {
	const char *word;
	const char *sgr;
} state_colors[] = {
	{ "ok", "32" },
	{ "accepted", "32" },
	{ "queued", "32" },
	{ "WARN", "33" },
	{ "deferred", "33" },
	{ "pending", "33" },
	{ "FAIL", "31" },
	{ "refused", "31" },
	{ "warning", "33" },
	{ "error", "31" },
	{ "????", "36" },
};

static const char *
state_color(struct str cell)
{
	for (size_t i = 0; i < ARRAY_LEN(state_colors); i++) {
		if (str_is(cell, state_colors[i].word))
			return state_colors[i].sgr;
	}
	return NULL;
}

/* One escaped cell and its width. */
struct cell {
	struct str text;
	size_t columns;
};

static struct cell
cell_make(struct app *app, struct str raw)
{
	struct buf out = BUF_INIT(RENDER_LINE_MAX);
	escape_terminal(&out, raw);
	struct cell c = { arena_str(app->arena, buf_str(&out)), 0 };
	c.columns = utf8_columns(c.text);
	buf_clear(&out);
	return c;
}

/* As laid out for one terminal. */
struct table {
	struct app *app;
	const struct render_column *columns;
	size_t n;           /* columns */
	struct cell *cells; /* heads first, where there are any */
	size_t n_cells;
	bool heads;
	size_t *widths;
	size_t lead; /* columns side by side; the others go below */
	bool fold;   /* the last one goes on below itself, and is not cut */
};

void
render_cell_write(struct app *app, struct str text)
{
	const char *sgr = app->color ? state_color(text) : NULL;
	if (sgr != NULL)
		fprintf(app->out, "\033[%sm", sgr);
	render_text_write(app, app->out, text);
	if (sgr != NULL)
		fputs("\033[0m", app->out);
}

static struct cell
cell_cut(struct app *app, struct cell c, size_t room)
{
	const char *sign = app->ascii ? "..." : "…";
	size_t sign_columns = utf8_columns(str_of(sign));
	if (c.columns <= room || room <= sign_columns)
		return c;
	struct str head = utf8_prefix(c.text, room - sign_columns);
	c.text =
	    str_of(arena_printf(app->arena, "%.*s%s", STR_ARG(head), sign));
	c.columns = utf8_columns(c.text);
	return c;
}

static bool
is_last(const struct table *t, size_t i)
{
	return i + 1 == t->n && !t->columns[i].right;
}

/* A cell as it may be shown behind 'used' columns. */
static struct cell
cell_fit(const struct table *t, size_t i, struct cell c, size_t used)
{
	size_t all = (size_t)t->app->columns;
	if (t->app->columns <= 0)
		return c;
	if (!is_last(t, i))
		return cell_cut(t->app, c, t->widths[i]);
	if (t->fold || used + RENDER_LAST_MIN > all)
		return c;
	return cell_cut(t->app, c, all - used);
}

/* The columns side by side. */
static void
lead_write(const struct table *t, const struct cell *cells)
{
	struct app *app = t->app;
	size_t used = 0, owed = 0; /* blanks owed before the next cell */
	for (size_t i = 0; i < t->lead; i++) {
		struct cell c = cell_fit(t, i, cells[i], used + owed);
		bool right = t->columns[i].right;
		size_t pad =
		    t->widths[i] > c.columns ? t->widths[i] - c.columns : 0;
		if (right)
			owed += pad;
		if (c.columns > 0) { /* no blanks at the end of a line */
			render_blanks(app->out, owed);
			used += owed;
			if (t->fold && (is_last(t, i) || t->lead == 1))
				render_wrap(app, app->out, c.text,
				    (size_t)app->columns - used,
				    i > 0 ? used : INDENT);
			else
				render_cell_write(app, c.text);
			used += c.columns;
			owed = 0;
		}
		owed += RENDER_GAP + (right ? 0 : pad);
	}
	fputc('\n', app->out);
}

/* "HEAD text" behind others of the line that it fits to, else on its own. */
static size_t
below_write(struct app *app, struct str text, size_t used)
{
	size_t all = (size_t)app->columns, n = utf8_columns(text);
	bool fits = used > 0 && used + RENDER_GAP + n <= all;
	if (used > 0 && !fits)
		fputc('\n', app->out);
	render_blanks(app->out, fits ? RENDER_GAP : INDENT);
	used = (fits ? used + RENDER_GAP : INDENT) + n;
	render_wrap(app, app->out, text, all - (used - n), INDENT_MORE);
	return used;
}

/* The others, each below with its head; nothing is nothing to show. */
static void
rest_write(const struct table *t, const struct cell *cells)
{
	struct app *app = t->app;
	size_t used = 0;
	for (size_t i = t->lead; i < t->n; i++) {
		struct str text = cells[i].text;
		if (text.len == 0 || str_is(text, "-"))
			continue;
		if (t->heads && t->cells[i].columns > 0)
			text = str_of(arena_printf(app->arena, "%.*s %.*s",
			    STR_ARG(t->cells[i].text), STR_ARG(text)));
		used = below_write(app, text, used);
	}
	if (used > 0)
		fputc('\n', app->out);
}

/* Columns that hold texts are made smaller, the widest first. */
static bool
shrink(struct table *t, size_t too_much)
{
	while (too_much > 0) {
		size_t widest = 0, most = COLUMN_LEAST;
		for (size_t i = 1; i + 1 < t->n; i++) {
			if (!t->columns[i].right && t->widths[i] > most) {
				widest = i;
				most = t->widths[i];
			}
		}
		if (widest == 0)
			return false;
		t->widths[widest]--;
		too_much--;
	}
	return true;
}

/* How many columns stand side by side, and what becomes of the last. */
static void
fit(struct table *t)
{
	size_t all = (size_t)t->app->columns, used = 0;
	bool open = is_last(t, t->n - 1); /* the last may be cut */
	size_t last = t->widths[t->n - 1],
	       least = open ? RENDER_LAST_MIN : last;
	bool narrow = all < RENDER_NARROW;
	t->lead = t->n;
	t->fold = narrow;
	for (size_t i = 0; i + 1 < t->n; i++)
		used += t->widths[i] + RENDER_GAP;
	if (narrow && open)
		least = FOLD_LEAST;
	if (least > last)
		least = last;
	if (used + least <= all)
		return;
	if (open && !narrow)
		least = last < LAST_WISH ? last : LAST_WISH;
	if (!narrow && shrink(t, used + least - all))
		return;
	t->lead = 0;
	used = 0;
	while (t->lead + 1 < t->n &&
	       (t->lead == 0 || used + t->widths[t->lead] <= all))
		used += t->widths[t->lead++] + RENDER_GAP;
}

static void
rows_write(struct table *t)
{
	for (size_t i = 0; i < t->n_cells; i += t->n) {
		lead_write(t, t->cells + i);
		if (i > 0 || !t->heads)
			rest_write(t, t->cells + i);
	}
}

/* gettext has its own text for the empty one. */
static const char *
head_text(const struct render_column *c)
{
	return c->head != NULL && c->head[0] != '\0' ? _(c->head) : "";
}

/* "HEAD: text", a line each: for who hears tables read. */
static void
rows_tell(struct app *app, const struct render_column *columns, size_t n,
    const struct str *cells, size_t n_rows)
{
	if (n > 0 && columns[0].head == NULL) {
		for (size_t i = 0; i < n_rows; i++)
			render_tell(app, cells + i * n, n);
		return;
	}
	for (size_t i = 0; i < n_rows * n; i++) {
		const char *head = head_text(&columns[i % n]);
		const struct str pair[] = { str_of(head), cells[i] };
		if (cells[i].len > 0)
			render_tell(app, pair, ARRAY_LEN(pair));
	}
}

void
render_table(struct app *app, const struct render_column *columns,
    size_t n_columns, const struct str *cells, size_t n_rows)
{
	if (app->accessible) {
		rows_tell(app, columns, n_columns, cells, n_rows);
		return;
	}
	struct table t = { .app = app,
		.columns = columns,
		.n = n_columns,
		.heads = n_columns > 0 && columns[0].head != NULL,
		.lead = n_columns };
	t.n_cells = (n_rows + (t.heads ? 1 : 0)) * n_columns;
	t.cells = ARENA_ARRAY(app->arena, t.n_cells, struct cell);
	t.widths = ARENA_ARRAY(app->arena, n_columns, size_t);
	size_t at = 0;
	for (size_t i = 0; t.heads && i < n_columns; i++)
		t.cells[at++] = cell_make(app, str_of(head_text(&columns[i])));
	for (size_t i = 0; i < n_rows * n_columns; i++)
		t.cells[at++] = cell_make(app, cells[i]);
	for (size_t i = 0; i < t.n_cells; i++) {
		size_t *w = &t.widths[i % n_columns];
		*w = t.cells[i].columns > *w ? t.cells[i].columns : *w;
	}
	if (app->columns > 0 && n_columns > 0)
		fit(&t);
	rows_write(&t);
}
