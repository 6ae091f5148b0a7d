/* Moments of mail as people say them. */
#include "core/model/moment.h"

#include "core/base/i18n.h"

#include <time.h>

const char *
moment_month(int month)
{
	static const char *const months[] = { N_("Jan"), N_("Feb"), N_("Mar"),
		N_("Apr"), N_("May"), N_("Jun"), N_("Jul"), N_("Aug"),
		N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec") };
	return _(months[month]);
}

const char *
moment_day(struct arena *arena, int64_t unix_s, int64_t now_s)
{
	time_t then = (time_t)unix_s, now = (time_t)now_s;
	struct tm t, today;
	if (localtime_r(&then, &t) == NULL || localtime_r(&now, &today) == NULL)
		return "-";
	if (t.tm_year == today.tm_year && t.tm_yday == today.tm_yday)
		return _("today");
	return arena_printf(arena, "%02d %s %d", t.tm_mday,
	    moment_month(t.tm_mon), t.tm_year + 1900);
}

const char *
moment_shown(struct arena *arena, int64_t unix_s, int64_t now_s)
{
	time_t then = (time_t)unix_s;
	struct tm t;
	if (localtime_r(&then, &t) == NULL)
		return "-";
	return arena_printf(arena, "%s %02d:%02d:%02d",
	    moment_day(arena, unix_s, now_s), t.tm_hour, t.tm_min, t.tm_sec);
}
