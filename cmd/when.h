/* Moments as people say them. */
#ifndef CMD_WHEN_H
#define CMD_WHEN_H

#include "cmd/app.h"

#include <stdint.h>

/* "today 14:05", "2 Feb 17:40", "2 Feb 2025"; in the arena. */
const char *when_shown(const struct app *app, int64_t unix_s);

/* "2026-03-17", in UTC as reports count days; "-" for none. In the arena. */
const char *when_day(const struct app *app, int64_t unix_s);

#endif
