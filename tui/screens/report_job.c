/*
 * A report counted by a process of its own, so that keys are heard while
 * gigabytes are read and leaving ends it. It comes as lines of escaped fields
 * with tabs between.
 */
#include "tui/screens/report_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ARENA_MAX = 512 * 1024 * 1024,
	SHEETS_MAX = 64 * 1024 * 1024,
	LINE_TEXT_MAX = 64 * 1024,
	READ_STEP = 64 * 1024,
	FIELDS = REPORT_WIDTH_MAX + 1,
	PROGRESS_MS = 200,
	NUMBER_SIZE = 32,
	EXIT_NO_MEMORY = 111,
};

/* --- in the child --- */

struct sender {
	struct tui *ui;
	int fd;
	int64_t told_ms;
};

static void
send_line(struct sender *s, const struct str *fields, size_t n)
{
	struct buf line = BUF_INIT(LINE_TEXT_MAX);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_char(&line, '\t');
		escape_terminal(&line, fields[i]);
	}
	buf_add_char(&line, '\n');
	if (!file_write_all(s->fd, buf_str(&line)))
		_exit(0); /* nobody listens any more */
	buf_clear(&line);
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
	send_line(s, &(struct str){ "end", 3 }, 1);
}

/* The screen says that the counting ended early. */
NORETURN static void
on_no_memory(void *ctx)
{
	(void)ctx;
	_exit(EXIT_NO_MEMORY);
}

NORETURN static void
child_run(struct tui *ui, int64_t from_s, int64_t to_s, int fd)
{
	struct err e = ERR_INIT;
	struct sender s = { ui, fd, 0 };
	struct model_ctx m = ui->model;
	struct report r;
	const struct report_request q = { .from_s = from_s,
		.to_s = to_s,
		.progress = on_progress,
		.progress_ctx = &s };
	tui_child();
	signal(SIGPIPE, SIG_IGN);
	m.arena = arena_new(ARENA_MAX, on_no_memory, NULL);
	if (m.arena != NULL && report_make(&m, &q, &r, &e)) {
		send_report(&s, &r, m.arena);
		_exit(0);
	}
	const struct str fields[] = { STR("error"), str_of(e.text),
		str_of(e.next) };
	send_line(&s, fields, ARRAY_LEN(fields));
	_exit(0);
}

/* --- in the screen --- */

struct report_job *
report_job_start(struct tui *ui, int64_t from_s, int64_t to_s)
{
	struct err e = ERR_INIT;
	int ends[2] = { -1, -1 };
	struct report_job *j = calloc(1, sizeof(*j));
	if (j == NULL || pipe2(ends, O_CLOEXEC) != 0) {
		err_set_errno(&e, errno, "%s", _("cannot count a report"));
		ui_error(ui, &e);
		free(j);
		return NULL;
	}
	j->from_s = from_s;
	j->to_s = to_s;
	j->arena = ui_arena(ui, SHEETS_MAX);
	buf_init(&j->in, LINE_TEXT_MAX + READ_STEP);
	j->pid = fork();
	if (j->pid == 0) {
		close(ends[0]);
		child_run(ui, from_s, to_s, ends[1]);
	}
	close(ends[1]);
	j->fd = ends[0];
	if (j->pid < 0) {
		err_set_errno(&e, errno, "%s", _("cannot count a report"));
		ui_error(ui, &e);
		report_job_free(j);
		return NULL;
	}
	fcntl(j->fd, F_SETFL, O_NONBLOCK);
	return j;
}

static int64_t
number(struct str text)
{
	int64_t n = 0;
	return num_parse_i64(text, INT64_MIN, INT64_MAX, &n) ? n : 0;
}

static void
take_table(struct report_job *j, const struct str *f)
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
take_column(struct report_job *j, const struct str *f)
{
	struct report_sheet *s =
	    j->n_sheets > 0 ? &j->sheets[j->n_sheets - 1] : NULL;
	if (s == NULL || s->width == REPORT_WIDTH_MAX)
		return;
	s->heads[s->width] = arena_cstr(j->arena, f[1]);
	s->right[s->width++] = str_is(f[2], "right");
}

static void
take_row(struct report_job *j, const struct str *f)
{
	struct report_sheet *s =
	    j->n_sheets > 0 ? &j->sheets[j->n_sheets - 1] : NULL;
	if (s == NULL)
		return;
	const char **cells = ARENA_ARRAY(j->arena, s->width + 1, const char *);
	for (size_t i = 0; i < s->width; i++)
		cells[i] = arena_cstr(j->arena, f[1 + i]);
	if (!vec_push(&s->rows, &cells))
		err_no_memory(&j->err);
}

static void
take_fact(struct report_job *j, const struct str *f)
{
	if (j->n_facts < REPORT_DETAILS)
		j->facts[j->n_facts++] =
		    (struct report_fact){ arena_cstr(j->arena, f[1]),
			    arena_cstr(j->arena, f[2]) };
}

static void
take_hour(struct report_job *j, const struct str *f)
{
	if (j->n_hours < REPORT_HOURS_MAX)
		j->hours[j->n_hours++] =
		    (struct report_hour_sum){ (uint64_t)number(f[1]),
			    (uint64_t)number(f[2]) };
}

static void
take_period(struct report_job *j, const struct str *f)
{
	j->from_s = number(f[1]);
	j->to_s = number(f[2]);
	j->first_hour = number(f[3]);
}

static void
take_progress(struct report_job *j, const struct str *f)
{
	j->read = (uint64_t)number(f[1]);
	j->all = (uint64_t)number(f[2]);
}

static void
take_error(struct report_job *j, const struct str *f)
{
	err_set(&j->err, ERR_NO, "%.*s", STR_ARG(f[1]));
	if (f[2].len > 0)
		err_next(&j->err, "%.*s", STR_ARG(f[2]));
	j->done = true;
}

static void
take_end(struct report_job *j, const struct str *f)
{
	(void)f;
	j->done = true;
}

static void
take_line(struct report_job *j, struct str line)
{
	static const struct {
		const char *word;
		void (*take)(struct report_job *j, const struct str *fields);
	} kinds[] = {
		{ "row", take_row },
		{ "hour", take_hour },
		{ "column", take_column },
		{ "table", take_table },
		{ "fact", take_fact },
		{ "period", take_period },
		{ "progress", take_progress },
		{ "error", take_error },
		{ "end", take_end },
	};
	struct str f[FIELDS] = { STR_EMPTY };
	struct str rest = line;
	for (size_t i = 0; i < FIELDS && rest.ptr != NULL; i++)
		f[i] = str_cut(rest, '\t', &rest);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_is(f[0], kinds[i].word))
			kinds[i].take(j, f);
}

/* The process has ended, as it should or not. */
static void
finish(struct report_job *j)
{
	close(j->fd);
	j->fd = -1;
	waitpid(j->pid, NULL, 0);
	j->pid = 0;
	if (!j->done)
		err_set(&j->err, ERR_TEMPORARY, "%s",
		    _("the counting of the report ended early"));
	j->done = true;
}

bool
report_job_tick(struct report_job *j)
{
	bool news = false;
	while (j->fd >= 0) {
		char *to = buf_reserve(&j->in, READ_STEP);
		ssize_t n = to != NULL ? read(j->fd, to, READ_STEP) : 0;
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return news;
		news = true;
		if (n <= 0) {
			finish(j);
			return true;
		}
		buf_used(&j->in, (size_t)n);
		struct str rest = buf_str(&j->in);
		size_t used = 0, end;
		while ((end = str_find(rest, '\n', used)) < rest.len) {
			take_line(j, str_sub(rest, used, end));
			used = end + 1;
		}
		buf_consume(&j->in, used);
	}
	return news;
}

void
report_job_free(struct report_job *j)
{
	if (j == NULL)
		return;
	if (j->fd >= 0)
		close(j->fd);
	if (j->pid > 0) {
		kill(j->pid, SIGKILL); /* it only reads */
		waitpid(j->pid, NULL, 0);
	}
	for (size_t i = 0; i < j->n_sheets; i++)
		vec_clear(&j->sheets[i].rows);
	buf_clear(&j->in);
	arena_free(j->arena);
	free(j);
}
