/* The screen of a diagnosis: what came from its process, the keys. */
#include "tui/screens/tool_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	ROWS_MAX = 2048,
	RESULTS_MAX = 64 * 1024 * 1024,
	DETAIL_MAX = 64 * 1024,
	DEPTH_MAX = 64,
};

static struct tool_screen *
self(struct screen *s)
{
	return (struct tool_screen *)s;
}

static const char *
keep(struct tool_screen *t, const char *text)
{
	return arena_cstr(t->arena, str_of(text));
}

static void
take_row(struct tool_screen *t, const char *const *f, size_t n)
{
	struct tool_row row = { .state = keep(t, f[2]),
		.detail = keep(t, f[3]),
		.cure = keep(t, f[4]) };
	uint64_t i, depth;
	if (!num_parse_u64(str_of(f[1]), ROWS_MAX, &i) || i > t->rows.len ||
	    !num_parse_u64(str_of(f[5]), DEPTH_MAX, &depth))
		return;
	row.depth = (unsigned)depth;
	for (size_t k = 0; k < TOOL_CELLS_MAX; k++)
		row.cells[k] = k + TOOL_ROW_FIXED < n
				   ? keep(t, f[k + TOOL_ROW_FIXED])
				   : "";
	if (i < t->rows.len)
		*VEC_AT(&t->rows, struct tool_row, i) = row;
	else if (!vec_push(&t->rows, &row))
		return;
	tool_rows_show(t);
}

static void
take_line(struct tool_screen *t, struct tool_line *lines, size_t *n,
    const char *const *f)
{
	if (*n < TOOL_LINES_MAX)
		lines[(*n)++] =
		    (struct tool_line){ keep(t, f[1]), keep(t, f[2]) };
}

static void
take(void *ctx, const char *const *f, size_t n)
{
	struct tool_screen *t = ctx;
	if (n >= TOOL_ROW_FIXED && strcmp(f[0], "row") == 0) {
		take_row(t, f, n);
	} else if (n != 3) {
		return;
	} else if (strcmp(f[0], "head") == 0) {
		t->head_state = keep(t, f[1]);
		t->head = keep(t, f[2]);
	} else if (strcmp(f[0], "text") == 0) {
		take_line(t, t->texts, &t->n_texts, f);
	} else if (strcmp(f[0], "foot") == 0) {
		take_line(t, t->feet, &t->n_feet, f);
	} else if (strcmp(f[0], "cure") == 0) {
		t->cure_text = keep(t, f[1]);
		t->cure = keep(t, f[2]);
	}
}

static bool
begin(struct tool_screen *t, struct tui *ui)
{
	task_free(t->task, ui);
	arena_reset(t->arena);
	t->rows.len = t->shown.len = 0;
	t->n_texts = t->n_feet = 0;
	t->head_state = t->head = t->cure_text = t->cure = NULL;
	list_resize(&t->list, 0);
	t->asked_s = clock_wall_s(ui->model.clock);
	t->task = task_start(ui, tool_work, t);
	return t->task != NULL;
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct tool_screen *t = self(s);
	(void)ui;
	buf_addf(out, "%s > %s", _("Tools"), _(t->tool->name));
	if (t->subject != NULL)
		buf_addf(out, " > %s", t->subject);
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct tool_screen *t = self(s);
	(void)ui;
	buf_addf(out, "smemail %s", t->tool->command);
	if (t->subject != NULL) {
		buf_add_char(out, ' ');
		escape_shell(out, str_of(t->subject));
	}
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct tool_screen *t = self(s);
	time_t at = (time_t)t->asked_s;
	struct tm tm;
	if (t->rows.len > 0)
		buf_addf(out, _("row %zu of %zu"), list_position(&t->list),
		    t->shown.len);
	if (t->task == NULL || localtime_r(&at, &tm) == NULL)
		return;
	if (out->len > 0)
		buf_add_cstr(out, "   ");
	if (task_runs(t->task))
		buf_addf(out, _("asked %02d:%02d:%02d, not all is in"),
		    tm.tm_hour, tm.tm_min, tm.tm_sec);
	else
		buf_addf(out, _("asked %02d:%02d:%02d in %lld ms"), tm.tm_hour,
		    tm.tm_min, tm.tm_sec, (long long)task_ms(t->task, ui));
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	const struct tool_screen *t = self(s);
	(void)ui;
	if (task_runs(t->task))
		bar_add(b, ACT_INTERRUPT, NULL);
	if (tool_cure(t) != NULL)
		bar_add(b, ACT_CURE, NULL);
	bar_add(b, ACT_TEST, NULL);
	bar_add(b, ACT_OPEN, NULL);
	bar_add(b, ACT_PROBLEM, NULL);
	bar_add(b, ACT_TWIN, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

/* "smemail set ID VALUE" and "smemail unset ID" go into the draft. */
static bool
cure_drafted(struct tui *ui, struct str words)
{
	struct str rest = words, verb, id, value, more;
	struct catalog *c = ui_catalog(ui);
	if (c == NULL || !str_next_word(&rest, &verb) ||
	    !str_next_word(&rest, &id))
		return false;
	bool set = str_is(verb, "set") && str_next_word(&rest, &value);
	if ((!set && !str_is(verb, "unset")) || str_next_word(&rest, &more))
		return false;
	const struct catalog_row *row =
	    catalog_find(c, arena_cstr(ui->scratch, id));
	const char *text = set ? arena_cstr(ui->scratch, value) : NULL;
	if (row == NULL || row->many)
		return false;
	if (catalog_asks_word(row->s, text))
		ui_push(ui, danger_new(ui, row, text));
	else if (ui_draft_set(ui, row, text))
		ui_say(
		    ui, _("%s is in the draft; p shows the plan"), row->s->id);
	return true;
}

/*
 * A cure that is a setting goes into the draft; another command to the ':'
 * line, where Enter runs it; what is no command is only said.
 */
static void
take_cure(struct tool_screen *t, struct tui *ui)
{
	const struct str program = STR("smemail ");
	const char *cure = tool_cure(t);
	if (cure == NULL) {
		ui_say(ui, "%s", _("no cure is known for this row"));
		return;
	}
	struct str words = str_of(cure);
	if (!str_starts(words, program)) {
		ui_say(ui, "%s", cure);
		return;
	}
	words = str_sub(words, program.len, words.len);
	if (!cure_drafted(ui, words))
		ui_line_begin(ui, LINE_COMMAND, words);
}

/* The whole of a row, for narrow windows and long texts. */
static void
open_row(struct tool_screen *t, struct tui *ui)
{
	struct buf text = BUF_INIT(DETAIL_MAX), words = BUF_INIT(DETAIL_MAX);
	const struct tool_row *r = tool_row_shown(t, t->list.cur);
	if (r == NULL)
		return;
	for (size_t i = 0; i < t->tool->n_columns; i++) {
		if (r->cells[i][0] != '\0')
			buf_addf(&text, "%s\n", r->cells[i]);
	}
	if (r->detail[0] != '\0')
		buf_addf(&text, "\n%s\n", r->detail);
	if (r->cure[0] != '\0')
		buf_addf(&text, "\n%s\n  %s\n", _("What helps:"), r->cure);
	twin(&t->screen, ui, &words);
	ui_push(ui,
	    text_new(ui, _(t->tool->name), buf_cstr(&words), buf_str(&text)));
	buf_clear(&text);
	buf_clear(&words);
}

static void
problem(struct tool_screen *t, struct tui *ui, bool back)
{
	if (!tool_go_problem(t, back))
		ui_say(ui, "%s", _("no problem in these rows"));
}

/* Left folds, and goes up where nothing is left to fold. */
static void
fold(struct tool_screen *t, enum action action)
{
	struct tool_row *r = tool_row_shown(t, t->list.cur);
	if (action == ACT_LEFT && r != NULL &&
	    (r->folded || tool_row_below(t, r) == 0))
		(void)tool_go_above(t);
	else
		(void)tool_row_fold(t, r, action == ACT_LEFT);
}

/* What has something below it is folded or unfolded, else told in whole. */
static void
open_or_fold(struct tool_screen *t, struct tui *ui)
{
	struct tool_row *r = tool_row_shown(t, t->list.cur);
	if (r == NULL || !tool_row_fold(t, r, !r->folded))
		open_row(t, ui);
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct tool_screen *t = self(s);
	if (action == ACT_CURE)
		take_cure(t, ui);
	else if (action == ACT_TEST)
		(void)begin(t, ui);
	else if (action == ACT_OPEN)
		open_or_fold(t, ui);
	else if (action == ACT_LEFT || action == ACT_RIGHT)
		fold(t, action);
	else if (action == ACT_PROBLEM || action == ACT_PROBLEM_BACK)
		problem(t, ui, action == ACT_PROBLEM_BACK);
	else if (action == ACT_INTERRUPT && task_runs(t->task))
		task_stop(t->task, ui);
	else
		return list_act(&t->list, action);
	return true;
}

static bool
tick(struct screen *s, struct tui *ui)
{
	struct tool_screen *t = self(s);
	bool new = task_tick(t->task, ui, take, t);
	return task_runs(t->task) || new; /* its seconds */
}

static int
fd(struct screen *s)
{
	const struct tool_screen *t = self(s);
	return t->task != NULL ? t->task->fd : -1;
}

static void
tool_free(struct screen *s, struct tui *ui)
{
	struct tool_screen *t = self(s);
	task_free(t->task, ui);
	arena_free(t->arena);
	vec_clear(&t->rows);
	vec_clear(&t->shown);
	free(t->subject);
	free(t);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_LEFT, ACT_RIGHT, ACT_OPEN,
	ACT_CURE, ACT_TEST, ACT_PROBLEM, ACT_PROBLEM_BACK, ACT_INTERRUPT,
	ACT_NONE };

static const struct screen_class class = {
	.actions = actions,
	.path = path,
	.draw = tool_draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.tick = tick,
	.fd = fd,
	.free = tool_free,
};

struct screen *
tool_new(struct tui *ui, const struct tool *tool, const char *subject)
{
	struct tool_screen *t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->screen.class = &class;
	t->tool = tool;
	t->rows = (struct vec)VEC_INIT(struct tool_row);
	t->shown = (struct vec)VEC_INIT(size_t);
	t->arena = ui_arena(ui, RESULTS_MAX);
	t->subject =
	    subject != NULL && *subject != '\0' ? strdup(subject) : NULL;
	if (!begin(t, ui)) {
		tool_free(&t->screen, ui);
		return NULL;
	}
	return &t->screen;
}
