/* Moments of mail as people say them, to the second. */
#ifndef CORE_MODEL_MOMENT_H
#define CORE_MODEL_MOMENT_H

#include "core/base/arena.h"

#include <stdint.h>

/* "Jan" to "Dec" of 0 to 11, in the language in use. */
const char *moment_month(int month);
/* "today", "12 Mar 2026"; "-" for a time without a date. */
const char *moment_day(struct arena *arena, int64_t unix_s, int64_t now_s);

/*
 * "today 14:08:06", "12 Mar 2026 10:30:00", in the language and the time zone
 * of the process; seconds tell messages apart. "-" for a time without a date.
 */
const char *moment_shown(struct arena *arena, int64_t unix_s, int64_t now_s);

#endif
