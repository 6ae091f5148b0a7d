/*
 * Work in a child and its pipe. A row is the number of its fields as one byte,
 * then the fields, each ended by NUL.
 */
#include "tui/task.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/sys/file.h"
#include "tui/app.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	READ_STEP = 16 * 1024,
	END_FIELDS = 4,
	NUMBER_SIZE = 16,
};

/* The last row: none of the work's own. */
static const char end_word[] = "\x04end";

void
task_send(const struct task_out *out, const char *const *fields, size_t n)
{
	struct buf row = BUF_INIT(TASK_TEXT_MAX);
	bool fits = n <= TASK_FIELDS_MAX && buf_add_char(&row, (char)n);
	for (size_t i = 0; fits && i < n; i++)
		fits = buf_add_cstr(&row, fields[i] != NULL ? fields[i] : "") &&
		       buf_add_char(&row, '\0');
	/* without a reader nobody waits for the rest either */
	if (fits && !file_write_all(out->fd, buf_str(&row)))
		_exit(err_exit_status(ERR_TEMPORARY));
	buf_clear(&row);
}

void
task_child_settle(int keep_fd)
{
	term_child();
	int null = open("/dev/null", O_RDWR);
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (null > STDERR_FILENO && null != keep_fd)
		close(null);
}

NORETURN static void
child_run(struct tui *ui, task_work *work, const void *what, int fd)
{
	const struct task_out out = { fd };
	struct err e = ERR_INIT;
	char code[NUMBER_SIZE] = "0";
	task_child_settle(fd);
	bool ok = work(what, ui, &out, &e);
	if (!ok)
		snprintf(code, sizeof(code), "%d", (int)e.code);
	const char *end[END_FIELDS] = { end_word, code, ok ? "" : e.text,
		ok ? "" : e.next };
	task_send(&out, end, END_FIELDS);
	_exit(0);
}

struct task *
task_start(struct tui *ui, task_work *work, const void *what)
{
	struct err e = ERR_INIT;
	int ends[2] = { -1, -1 };
	struct task *t = calloc(1, sizeof(*t));
	if (t == NULL || pipe2(ends, O_CLOEXEC) != 0) {
		err_set_errno(&e, errno, "%s", _("cannot start the test"));
		ui_error(ui, &e);
		free(t);
		return NULL;
	}
	buf_init(&t->in, TASK_TEXT_MAX + READ_STEP);
	t->began_ms = clock_mono_ms(ui->model.clock);
	t->pid = fork();
	if (t->pid == 0) {
		close(ends[0]);
		child_run(ui, work, what, ends[1]);
	}
	close(ends[1]);
	t->fd = ends[0];
	fcntl(t->fd, F_SETFL, O_NONBLOCK);
	if (t->pid < 0) {
		err_set_errno(&e, errno, "%s", _("cannot start the test"));
		ui_error(ui, &e);
		task_free(t, ui);
		return NULL;
	}
	return t;
}

static void
ended(struct task *t, const struct tui *ui)
{
	file_close_fd(&t->fd);
	if (t->pid > 0)
		waitpid(t->pid, NULL, 0);
	t->pid = -1;
	t->ended_ms = clock_mono_ms(ui->model.clock);
}

/* What the last row says of the whole. */
static void
take_end(struct task *t, const char *const *f)
{
	uint64_t code = ERR_PERMANENT;
	t->done = true;
	if (!num_parse_u64(str_of(f[1]), ERR_TEMPORARY, &code) || code == 0)
		return;
	err_set(&t->err, (enum err_code)code, "%s", f[2]);
	if (f[3][0] != '\0')
		err_next(&t->err, "%s", f[3]);
}

/* One whole row from the front of what has come: its length, or 0. */
static size_t
row_at(struct str in, const char **fields, size_t *n)
{
	size_t at = 1;
	if (in.len == 0)
		return 0;
	*n = (unsigned char)in.ptr[0];
	for (size_t i = 0; i < *n && i < TASK_FIELDS_MAX; i++) {
		size_t end = str_find(in, '\0', at);
		if (end >= in.len)
			return 0;
		fields[i] = in.ptr + at;
		at = end + 1;
	}
	return at;
}

bool
task_tick(struct task *t, struct tui *ui, task_row *row, void *ctx)
{
	const char *fields[TASK_FIELDS_MAX];
	char bytes[READ_STEP];
	size_t n, length, from = 0;
	ssize_t got = -1;
	if (t == NULL || t->fd < 0)
		return false;
	while ((got = read(t->fd, bytes, sizeof(bytes))) > 0)
		if (!buf_add(&t->in, bytes, (size_t)got))
			break;
	struct str in = buf_str(&t->in);
	while ((length = row_at(str_sub(in, from, in.len), fields, &n)) > 0) {
		if (n == END_FIELDS && strcmp(fields[0], end_word) == 0)
			take_end(t, fields);
		else
			row(ctx, fields, n);
		from += length;
	}
	buf_consume(&t->in, from);
	if (got == 0) {
		ended(t, ui);
		if (!t->done)
			err_set(&t->err, ERR_PERMANENT, "%s",
			    _("the test ended before it was done"));
	}
	return from > 0 || got == 0;
}

void
task_stop(struct task *t, struct tui *ui)
{
	if (!task_runs(t))
		return;
	kill(t->pid, SIGTERM);
	ended(t, ui);
	t->stopped = true;
}

bool
task_runs(const struct task *t)
{
	return t != NULL && t->fd >= 0 && t->pid > 0;
}

int64_t
task_ms(const struct task *t, const struct tui *ui)
{
	int64_t end =
	    task_runs(t) ? clock_mono_ms(ui->model.clock) : t->ended_ms;
	return end - t->began_ms;
}

void
task_free(struct task *t, struct tui *ui)
{
	if (t == NULL)
		return;
	task_stop(t, ui);
	if (t->fd >= 0)
		close(t->fd);
	buf_clear(&t->in);
	free(t);
}
