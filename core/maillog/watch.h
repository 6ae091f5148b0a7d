/*
 * Waiting for changes in directories: one descriptor that polls readable when
 * it is worth reading again (LG-21).
 */
#ifndef CORE_MAILLOG_WATCH_H
#define CORE_MAILLOG_WATCH_H

#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct watch;

/* NULL with the reason; watches nothing yet. 'clock' is borrowed. */
struct watch *watch_new(const struct clock *clock, struct err *e);
void watch_free(struct watch *w); /* NULL allowed */
/*
 * Watch a directory, which need not exist yet; the path is borrowed. Where
 * the system cannot watch it, the descriptor wakes four times a second.
 */
MUST_USE bool watch_add(struct watch *w, const char *path, struct err *e);
int watch_fd(const struct watch *w);
/* Before reading: what has happened so far is about to be seen. */
void watch_begin(struct watch *w);
/*
 * Nothing is left to read: wake at the next change, but not sooner than 15 ms
 * after the last one, and in any case after 'wake_ms' (-1: no such limit).
 */
void watch_wait(struct watch *w, int64_t wake_ms);

#endif
