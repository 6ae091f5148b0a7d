/*
 * A report counted by a process of its own (tui/task.h), so that keys are heard
 * while gigabytes are read and leaving ends it. What comes from logs is escaped
 * there.
 */
#include "tui/screens/report_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "tui/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ARENA_MAX = 512 * 1024 * 1024,
	SHEETS_MAX = 64 * 1024 * 1024,
	CELL_MAX = 64 * 1024,
	FIELDS = REPORT_WIDTH_MAX + 1,
	PROGRESS_MS = 200,
	NUMBER_SIZE = 32,
	EXIT_NO_MEMORY = 111,
};
_Static_assert(FIELDS <= (int)TASK_FIELDS_MAX, "a row of a table is sent");

/* --- in the process of the work --- */

struct sender {
	struct tui *ui;
	const struct task_out *out;
	struct arena *arena;
	int64_t told_ms;
};

static const char *
escaped(struct sender *s, struct str text)
{
	struct buf out = BUF_INIT(CELL_MAX);
	escape_terminal(&out, text);
	const char *copy = arena_cstr(s->arena, buf_str(&out));
	buf_clear(&out);
	return copy;
}

static void
send_line(struct sender *s, const struct str *fields, size_t n)
{
	const char *row[FIELDS];
	for (size_t i = 0; i < n; i++)
		row[i] = escaped(s, fields[i]);
	task_send(s->out, row, n);
}

static void
send_numbers(
    struct sender *s, const char *word, int64_t a, int64_t b, int64_t c)
{
	char text[3][NUMBER_SIZE];
	const int64_t numbers[] = { a, b, c };
	struct str fields[4] = { str_of(word) };
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		snprintf(text[i], NUMBER_SIZE, "%lld", (long long)numbers[i]);
		fields[1 + i] = str_of(text[i]);
	}
	send_line(s, fields, ARRAY_LEN(fields));
}

static void
on_progress(void *ctx, uint64_t done, uint64_t all)
{
	struct sender *s = ctx;
	int64_t now = clock_mono_ms(s->ui->model.clock);
	if (now - s->told_ms < PROGRESS_MS)
		return;
	s->told_ms = now;
	send_numbers(s, "progress", (int64_t)done, (int64_t)all, 0);
}

static void
send_facts(struct sender *s, const struct report_fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct str fields[] = { STR("fact"),
			str_of(facts[i].label), str_of(facts[i].text) };
		send_line(s, fields, ARRAY_LEN(fields));
	}
}

static void
send_table(struct sender *s, const struct report_table *t)
{
	struct str fields[FIELDS];
	size_t body = t->rows - t->totals;
	size_t shown = body < REPORT_ROWS_MAX ? body : REPORT_ROWS_MAX;
	send_numbers(
	    s, "table", (int64_t)t->kind, (int64_t)t->totals, (int64_t)body);
	for (size_t i = 0; i < t->width; i++) {
		const char *head = t->columns[i].head;
		fields[0] = STR("column");
		fields[1] = str_of(head[0] != '\0' ? _(head) : "");
		fields[2] = str_of(t->columns[i].right ? "right" : "left");
		send_line(s, fields, 3);
	}
	for (size_t i = 0; i < t->rows; i++) {
		if (i >= shown && i < body)
			continue;
		fields[0] = STR("row");
		memcpy(&fields[1], &t->cells[i * t->width],
		    t->width * sizeof(*fields));
		send_line(s, fields, t->width + 1);
	}
}

static void
send_hours(struct sender *s, const struct report *r)
{
	struct stats_hour empty;
	size_t n = report_hours(r);
	send_numbers(s, "period", r->from_s, r->to_s,
	    n > 0 ? report_hour(r, 0, &empty)->hour : 0);
	for (size_t i = 0; i < n && i < REPORT_HOURS_MAX; i++) {
		const struct stats_hour *hour = report_hour(r, i, &empty);
		uint64_t taken =
		    hour->n[STATS_HAM] + hour->n[STATS_SPAM_QUEUED];
		send_numbers(s, "hour", (int64_t)taken,
		    (int64_t)(stats_hour_total(hour) - taken), 0);
	}
}

static void
send_report(struct sender *s, const struct report *r, struct arena *a)
{
	struct report_table tables[REPORT_TABLES];
	struct report_fact facts[REPORT_FACTS];
	send_hours(s, r);
	send_facts(s, facts, report_facts(r, a, facts));
	send_facts(s, facts, report_service_facts(r, a, facts));
	size_t n = report_tables(r, a, tables);
	for (size_t i = 0; i < n; i++)
		send_table(s, &tables[i]);
}

/* The screen says that the counting ended early. */
NORETURN static void
on_no_memory(void *ctx)
{
	(void)ctx;
	_exit(EXIT_NO_MEMORY);
}

struct period {
	int64_t from_s, to_s;
};

static bool
count(
    const void *what, struct tui *ui, const struct task_out *out, struct err *e)
{
	const struct period *p = what;
	struct model_ctx m = ui->model;
	struct report r;
	m.arena = arena_new(ARENA_MAX, on_no_memory, NULL);
	if (m.arena == NULL)
		return err_no_memory(e);
	struct sender s = { ui, out, m.arena, 0 };
	const struct report_request q = { .from_s = p->from_s,
		.to_s = p->to_s,
		.progress = on_progress,
		.progress_ctx = &s };
	if (!report_make(&m, &q, &r, e))
		return false;
	send_report(&s, &r, m.arena);
	return true;
}

/* --- in the screen --- */

struct report_job *
report_job_start(struct tui *ui, int64_t from_s, int64_t to_s)
{
	const struct period p = { from_s, to_s };
	struct err e = ERR_INIT;
	struct report_job *j = calloc(1, sizeof(*j));
	if (j == NULL) {
		err_no_memory(&e);
		ui_error(ui, &e);
		return NULL;
	}
	j->task = task_start(ui, count, &p);
	if (j->task == NULL) {
		free(j);
		return NULL;
	}
	j->from_s = from_s;
	j->to_s = to_s;
	j->arena = ui_arena(ui, SHEETS_MAX);
	return j;
}

static int64_t
number(const char *text)
{
	int64_t n = 0;
	return num_parse_i64(str_of(text), INT64_MIN, INT64_MAX, &n) ? n : 0;
}

static const char *
kept(struct report_job *j, const char *text)
{
	return arena_cstr(j->arena, str_of(text));
}

static void
take_table(struct report_job *j, const char *const *f)
{
	if (j->n_sheets == REPORT_TABLES)
		return;
	struct report_sheet *s = &j->sheets[j->n_sheets++];
	s->kind = (enum report_table_kind)number(f[1]);
	s->totals = (size_t)number(f[2]);
	s->all = (size_t)number(f[3]);
	s->rows = (struct vec)VEC_INIT(const char **);
}

static void
take_column(struct report_job *j, const char *const *f)
{
	struct report_sheet *s =
	    j->n_sheets > 0 ? &j->sheets[j->n_sheets - 1] : NULL;
	if (s == NULL || s->width == REPORT_WIDTH_MAX)
		return;
	s->heads[s->width] = kept(j, f[1]);
	s->right[s->width++] = strcmp(f[2], "right") == 0;
}

static void
take_row(struct report_job *j, const char *const *f)
{
	struct report_sheet *s =
	    j->n_sheets > 0 ? &j->sheets[j->n_sheets - 1] : NULL;
	if (s == NULL)
		return;
	const char **cells = ARENA_ARRAY(j->arena, s->width + 1, const char *);
	for (size_t i = 0; i < s->width; i++)
		cells[i] = kept(j, f[1 + i]);
	if (!vec_push(&s->rows, &cells))
		err_no_memory(&j->err);
}

static void
take_fact(struct report_job *j, const char *const *f)
{
	if (j->n_facts < REPORT_DETAILS)
		j->facts[j->n_facts++] =
		    (struct report_fact){ kept(j, f[1]), kept(j, f[2]) };
}

static void
take_hour(struct report_job *j, const char *const *f)
{
	if (j->n_hours < REPORT_HOURS_MAX)
		j->hours[j->n_hours++] =
		    (struct report_hour_sum){ (uint64_t)number(f[1]),
			    (uint64_t)number(f[2]) };
}

static void
take_period(struct report_job *j, const char *const *f)
{
	j->from_s = number(f[1]);
	j->to_s = number(f[2]);
	j->first_hour = number(f[3]);
}

static void
take_progress(struct report_job *j, const char *const *f)
{
	j->read = (uint64_t)number(f[1]);
	j->all = (uint64_t)number(f[2]);
}

static void
take(void *ctx, const char *const *f, size_t n)
{
	static const struct {
		const char *word;
		size_t n; /* fields at least */
		void (*take)(struct report_job *j, const char *const *f);
	} kinds[] = {
		{ "row", 1, take_row },
		{ "hour", 3, take_hour },
		{ "column", 3, take_column },
		{ "table", 4, take_table },
		{ "fact", 3, take_fact },
		{ "period", 4, take_period },
		{ "progress", 3, take_progress },
	};
	/* a row of a table may have fewer cells than that has columns */
	const char *all[FIELDS];
	for (size_t i = 0; i < FIELDS; i++)
		all[i] = i < n ? f[i] : "";
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (n >= kinds[i].n && strcmp(f[0], kinds[i].word) == 0)
			kinds[i].take(ctx, all);
}

bool
report_job_tick(struct report_job *j, struct tui *ui)
{
	bool news = task_tick(j->task, ui, take, j);
	if (task_runs(j->task) || j->done)
		return news;
	j->done = true;
	if (j->err.code != ERR_NONE)
		return true;
	if (j->task->done)
		j->err = j->task->err;
	else
		err_set(&j->err, ERR_TEMPORARY, "%s",
		    _("the counting of the report ended early"));
	return true;
}

void
report_job_free(struct report_job *j, struct tui *ui)
{
	if (j == NULL)
		return;
	task_free(j->task, ui);
	for (size_t i = 0; i < j->n_sheets; i++)
		vec_clear(&j->sheets[i].rows);
	arena_free(j->arena);
	free(j);
}
