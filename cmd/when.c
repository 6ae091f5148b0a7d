/* Moments as people say them. */
#include "cmd/when.h"

#include "core/base/i18n.h"
#include "core/model/moment.h"

#include <time.h>

enum {
	SECONDS_PER_DAY = 86400
};

const char *
when_shown(const struct app *app, int64_t unix_s)
{
	time_t then = (time_t)unix_s;
	time_t now = (time_t)clock_wall_s(app->clock);
	struct tm t = { 0 }, today = { 0 };

	if (localtime_r(&then, &t) == NULL || localtime_r(&now, &today) == NULL)
		return "-";
	if (t.tm_year == today.tm_year && t.tm_yday == today.tm_yday)
		return arena_printf(
		    app->arena, _("today %02d:%02d"), t.tm_hour, t.tm_min);
	if (now - then > 300 * (time_t)SECONDS_PER_DAY || then > now)
		return arena_printf(app->arena, "%d %s %d", t.tm_mday,
		    moment_month(t.tm_mon), t.tm_year + 1900);
	return arena_printf(app->arena, "%d %s %02d:%02d", t.tm_mday,
	    moment_month(t.tm_mon), t.tm_hour, t.tm_min);
}

const char *
when_day(const struct app *app, int64_t unix_s)
{
	time_t then = (time_t)unix_s;
	struct tm t = { 0 };

	if (unix_s <= 0 || gmtime_r(&then, &t) == NULL)
		return "-";
	return arena_printf(app->arena, "%04d-%02d-%02d", t.tm_year + 1900,
	    t.tm_mon + 1, t.tm_mday);
}
