/*
 * The log (FL-42): "PID (HOOK) PLUGIN: text" on standard error, one write a
 * line, without a time, which the supervisor's logger adds. In place of a
 * process id stands the session's number: one worker process serves all
 * sessions, and a log reader follows a message by that column.
 */
#ifndef CMD_FILTERD_LOG_H
#define CMD_FILTERD_LOG_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdint.h>

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
