/*
 * The log (FL-42): "PID (HOOK) PLUGIN: text" on standard error, one write a
 * line, without a time, which the supervisor's logger adds. In place of a
 * process id stands the session's number: one worker process serves all
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

#include <stdbool.h>
#include <stdint.h>

enum {
	LOG_LOST_FD = 4 /* where each part finds the count of lost lines */
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
/* The same for a text with foreign bytes. */
void log_foreign(uint32_t number, struct str text);
/* A line of this process itself. */
void log_own(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* An error and, on a line of its own, what to do next. */
void log_error(const struct err *e);

#endif
