/*
 * The log (FL-42): "PID (HOOK) PLUGIN: text" on standard error, each line whole
 * in one write, without a time, which the supervisor's logger adds. In place of
 * a process id stands the session's number: one worker process serves all
 * sessions, and a log reader follows a message by that column.
 *
 * A reader that takes nothing (a logger that is stopped, whose disk is full)
 * must not stop the mail: a line that cannot be written at once is lost as a
 * whole, and how many were is told once lines are taken again.
 */
#ifndef CMD_FILTERD_LOG_H
#define CMD_FILTERD_LOG_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	LOG_LOST_FD = 4, /* where each part finds the count of lost lines */
	LOG_BATCH_MAX = PIPE_BUF /* a pipe takes as much whole or not at all */
};

/*
 * Before all else that opens files, once, in the process that starts the
 * parts: no write to the log waits from here on, in none of them.
 */
MUST_USE bool log_prepare(struct err *e);
/* In a process about to become a part, and in one that is: the count stays
   open for it, and for no other program. */
void log_pass_on(void);
void log_take_over(void);
/* Lines of all parts that were lost since this was asked last. */
uint64_t log_take_lost(void);
/* Tell that so many were; false: this could not be written either. */
MUST_USE bool log_tell_lost(uint64_t n);

/* 'hook' and 'plugin' NULL for the core. 'text' is escaped already. */
void log_line(
    uint32_t number, const char *hook, const char *plugin, struct str text);
/* A line of this process itself. */
void log_own(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* An error and, on a line of its own, what to do next. */
void log_error(const struct err *e);

/*
 * Lines of a process that belong together, for one write. Until then they are
 * in memory that another process has too: it writes those of one that has died.
 */
struct log_batch {
	atomic_uint length; /* of whole lines */
	bool to_socket;     /* what standard error is */
	char text[LOG_BATCH_MAX];
};

void log_batch_begin(struct log_batch *b);
/* As log_line. Where there is no room for it what is there is written first. */
void log_batch_line(struct log_batch *b, uint32_t number, const char *hook,
    const char *plugin, struct str text);
/*
 * Before anybody can know by other means what they tell of. A process killed in
 * it leaves them to be written twice, rather than not at all.
 */
void log_batch_write(struct log_batch *b);
/* Those of a dead process, which may have left anything there. */
void log_batch_write_left(const struct log_batch *b);

#endif
