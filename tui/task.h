/*
 * Long work of a screen: a function that runs in a process of its own and
 * sends rows of text, so that the screen never waits and can end it at any
 * time.
 */
#ifndef TUI_TASK_H
#define TUI_TASK_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tui;

enum {
	TASK_FIELDS_MAX = 32,
	TASK_TEXT_MAX = 8 * 1024 * 1024 /* of one row */
};

/* --- in the process of the work --- */
struct task_out {
	int fd;
};
/* Send a row; NULL fields are empty. What is too large is left out. */
void task_send(const struct task_out *out, const char *const *fields, size_t n);
/*
 * The work. Errors end it; it may allocate as it likes, its memory goes with
 * its process.
 */
typedef bool task_work(const void *what, struct tui *ui,
    const struct task_out *out, struct err *e);
/* Signals as at first, standard streams nowhere: before any work in a child. */
void task_child_settle(int keep_fd);

/* --- in the screen --- */
struct task {
	pid_t pid;
	int fd; /* -1 when it has ended */
	struct buf in;
	int64_t began_ms, ended_ms;
	bool done;      /* ended by itself */
	bool stopped;   /* ended by us */
	struct err err; /* not ERR_NONE: why it could not be done */
};

typedef void task_row(void *ctx, const char *const *fields, size_t n);

/* NULL (and a message) when it cannot be started. */
MUST_USE struct task *task_start(
    struct tui *ui, task_work *work, const void *what);
/* Take what has come; true when there was something. */
bool task_tick(struct task *t, struct tui *ui, task_row *row, void *ctx);
/* End the process; what came so far stays. */
void task_stop(struct task *t, struct tui *ui);
bool task_runs(const struct task *t);
/* Since it began, until it ended. */
int64_t task_ms(const struct task *t, const struct tui *ui);
void task_free(struct task *t, struct tui *ui); /* ends it; NULL allowed */

#endif
