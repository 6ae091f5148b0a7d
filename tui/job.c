/* The apply process and its pipe. */
#include "tui/job.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/model/plan.h"
#include "core/model/undo.h"
#include "core/sys/file.h"
#include "tui/app.h"
#include "tui/task.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PIPE_TEXT_MAX = 64 * 1024,
	LINE_TEXT_MAX = 2048,
	MICROSECONDS = 1000000,
	FIELDS = 5,
};

/* --- in the child: lines of fields with tabs between, all escaped --- */

static void
send_line(int fd, const char *const *fields, size_t n)
{
	struct buf line = BUF_INIT(LINE_TEXT_MAX);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_char(&line, '\t');
		escape_terminal(&line, str_of(fields[i]));
	}
	buf_add_char(&line, '\n');
	/* the screen may be gone: the apply goes on all the same */
	bool heard = file_write_all(fd, buf_str(&line));
	(void)heard;
	buf_clear(&line);
}

static void
on_step(void *ctx, const struct plan_step *step)
{
	const int *fd = ctx;
	char micro[32];
	snprintf(micro, sizeof(micro), "%lld",
	    (long long)(step->seconds * MICROSECONDS));
	const char *fields[] = { "step", step->state, step->name, step->detail,
		micro };
	send_line(*fd, fields, ARRAY_LEN(fields));
}

static void
send_end(int fd, bool ok, long change, const struct err *e)
{
	char number[32];
	snprintf(number, sizeof(number), "%ld", ok ? change : (long)e->code);
	const char *fields[] = { ok ? "ok" : "failed", number,
		ok ? "" : e->text, ok ? "" : e->next };
	send_line(fd, fields, ARRAY_LEN(fields));
}

/* Nothing of the terminal may be touched from here on. */
static void
child_settle(int fd)
{
	task_child_settle(fd);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	setsid();
}

static volatile sig_atomic_t stop_asked;

static void
on_stop(int number)
{
	(void)number;
	stop_asked = 1;
}

static bool
is_stopped(void *ctx)
{
	(void)ctx;
	return stop_asked != 0;
}

static bool
child_apply(struct tui *ui, struct plan_order *o, struct plan_result *done,
    struct err *e)
{
	struct settings_wish *w = draft_wishes(ui->draft, ui->scratch, &o->n);
	o->draft = w;
	bool ok = w != NULL && plan_apply(&ui->model, o, done, e);
	if (ok && !draft_empty(ui->draft, NULL))
		err_clear(e); /* applied all the same; the screen tries too */
	return ok;
}

static bool
child_undo(struct tui *ui, long change, struct plan_order *o,
    struct plan_result *done, struct err *e)
{
	struct undo u;
	if (!undo_make(&ui->model, change, &u, e))
		return false;
	o->draft = undo_wishes(&ui->model, &u, false, &o->n);
	o->kind = JOURNAL_UNDO;
	o->of = u.apply != NULL ? u.apply->change : 0;
	o->raw = true;
	if (u.n_blocked > 0) {
		err_set(e, ERR_USAGE,
		    P_("%zu setting was changed again since; nothing is "
		       "taken back",
			"%zu settings were changed again since; nothing is "
			"taken back",
			u.n_blocked),
		    u.n_blocked);
		return err_next(e, ":undo %ld --skip", o->of);
	}
	if (o->n == 0 && change != UNDO_STORED)
		return err_set(e, ERR_NO,
		    _("there is nothing to take back: every value is as it "
		      "was, or cannot go back"));
	return plan_apply(&ui->model, o, done, e);
}

NORETURN static void
child_run(struct tui *ui, enum job_kind kind, long change, int fd)
{
	struct err e = ERR_INIT;
	struct plan_result done = { .change = 0 };
	struct plan_order order = {
		.progress = on_step,
		.stopped = is_stopped,
		.ctx = &fd,
	};
	child_settle(fd);
	signal(SIGINT, on_stop);
	bool ok = kind == JOB_APPLY ? child_apply(ui, &order, &done, &e)
				    : child_undo(ui, change, &order, &done, &e);
	send_end(fd, ok, done.change, &e);
	_exit(ok ? 0 : err_exit_status(e.code));
}

/* --- in the screen --- */

struct job *
job_start(struct tui *ui, enum job_kind kind, long change)
{
	struct err e = ERR_INIT;
	int ends[2] = { -1, -1 };
	struct job *j = calloc(1, sizeof(*j));
	if (j == NULL || pipe2(ends, O_CLOEXEC) != 0) {
		err_set_errno(&e, errno, "%s", _("cannot start the apply"));
		ui_error(ui, &e);
		free(j);
		return NULL;
	}
	j->steps = (struct vec)VEC_INIT(struct job_step);
	buf_init(&j->in, PIPE_TEXT_MAX);
	j->kind = kind;
	j->settings = kind == JOB_APPLY ? draft_count(ui->draft) : 0;
	j->began_ms = clock_mono_ms(ui->model.clock);
	j->pid = fork();
	if (j->pid == 0) {
		close(ends[0]);
		child_run(ui, kind, change, ends[1]);
	}
	close(ends[1]);
	j->fd = ends[0];
	if (j->pid < 0) {
		err_set_errno(&e, errno, "%s", _("cannot start the apply"));
		ui_error(ui, &e);
		job_free(j);
		return NULL;
	}
	fcntl(j->fd, F_SETFL, O_NONBLOCK);
	return j;
}

void
job_stop(struct job *j)
{
	if (j->pid > 0 && j->fd >= 0 && kill(j->pid, SIGINT) == 0)
		j->stopping = true;
}

void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	if (j->fd >= 0)
		close(j->fd);
	buf_clear(&j->in);
	vec_clear(&j->steps);
	free(j);
}

static void
take_line(struct job *j, struct str line)
{
	struct str f[FIELDS] = { STR_EMPTY };
	struct str rest = line;
	for (size_t i = 0; i < FIELDS && rest.ptr != NULL; i++)
		f[i] = str_cut(rest, '\t', &rest);
	int64_t number = 0;
	if (str_is(f[0], "step")) {
		struct job_step step = { .seconds = 0 };
		str_copy(step.state, sizeof(step.state), f[1]);
		str_copy(step.name, sizeof(step.name), f[2]);
		str_copy(step.detail, sizeof(step.detail), f[3]);
		if (num_parse_i64(f[4], 0, INT64_MAX / 2, &number))
			step.seconds = (double)number / MICROSECONDS;
		if (!vec_push(&j->steps, &step))
			return;
	} else if (str_is(f[0], "ok")) {
		j->ok = num_parse_i64(f[1], 0, LONG_MAX, &number);
		j->change = (long)number;
	} else if (str_is(f[0], "failed")) {
		if (!num_parse_i64(f[1], ERR_NO, ERR_TEMPORARY, &number))
			number = ERR_PERMANENT;
		err_set(&j->err, (enum err_code)number, "%.*s", STR_ARG(f[2]));
		if (f[3].len > 0)
			err_next(&j->err, "%.*s", STR_ARG(f[3]));
	}
}

/* The pipe's end: what became of it. */
static void
finish(struct tui *ui, struct job *j)
{
	struct err e = ERR_INIT;
	int state = 0;
	close(j->fd);
	j->fd = -1;
	waitpid(j->pid, &state, 0);
	j->done = true;
	j->ended_ms = clock_mono_ms(ui->model.clock);
	if (!j->ok && j->err.code == ERR_NONE)
		err_set(&j->err, ERR_PERMANENT,
		    _("the apply ended before it was done"));
	if (j->ok && j->kind == JOB_APPLY && !draft_empty(ui->draft, &e))
		ui_error(ui, &e);
	ui_changed(ui);
	if (j->ok)
		ui_say(ui, _("change %ld applied"), j->change);
	else
		ui_error(ui, &j->err);
}

bool
job_tick(struct tui *ui)
{
	struct job *j = ui->job;
	char bytes[4096];
	bool new = false;
	ssize_t n = -1;
	if (j == NULL || j->fd < 0)
		return false;
	while ((n = read(j->fd, bytes, sizeof(bytes))) > 0)
		buf_add(&j->in, bytes, (size_t)n);
	struct str all = buf_str(&j->in);
	size_t end, from = 0;
	while ((end = str_find(all, '\n', from)) < all.len) {
		take_line(j, str_sub(all, from, end));
		from = end + 1;
		new = true;
	}
	buf_consume(&j->in, from);
	if (n == 0) {
		finish(ui, j);
		new = true;
	}
	return new;
}
