/* The period that the mailstats record gives (LG-49). */
#include "core/model/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

enum {
	HOUR = 3600,
	DAY = 24 * HOUR,
	MIDNIGHT = 1773702000, /* 2026-03-17 00:00 in Paris */
	NOW = MIDNIGHT + 14 * HOUR + 123,
};

static const struct {
	const char *interval, *base;
	int64_t from, to;
} cases[] = {
	{ "daily", "Midnight", MIDNIGHT - DAY, MIDNIGHT },
	{ "weekly", "Midnight", MIDNIGHT - 7 * DAY, MIDNIGHT },
	{ "fortnightly", "Midnight", MIDNIGHT - 14 * DAY, MIDNIGHT },
	{ "monthly", "Midnight", MIDNIGHT - 30 * DAY, MIDNIGHT },
	{ "6", "Midnight", MIDNIGHT - 6 * HOUR, MIDNIGHT },
	{ "daily", "Midday", MIDNIGHT - 12 * HOUR, MIDNIGHT + 12 * HOUR },
	{ "daily", "Now", NOW - DAY, NOW },
	{ "1", "now", NOW - HOUR, NOW },
	{ "daily", "0", MIDNIGHT - DAY, MIDNIGHT },
	{ "daily", "8", MIDNIGHT + 8 * HOUR - DAY, MIDNIGHT + 8 * HOUR },
	/* later than now: that of yesterday */
	{ "daily", "23", MIDNIGHT - HOUR - DAY, MIDNIGHT - HOUR },
	/* what is none counts as what is usual */
	{ "yearly", "Midnight", MIDNIGHT - DAY, MIDNIGHT },
	{ "0", "24", MIDNIGHT - DAY, MIDNIGHT },
	{ "-3", "noon", MIDNIGHT - DAY, MIDNIGHT },
	{ "", "", MIDNIGHT - DAY, MIDNIGHT },
};

static void
test_periods(void **state)
{
	(void)state;
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t from, to;
		report_period(str_of(cases[i].interval), str_of(cases[i].base),
		    NOW, &from, &to);
		if (from != cases[i].from || to != cases[i].to)
			fail_msg("%s, %s: %lld to %lld", cases[i].interval,
			    cases[i].base, (long long)from, (long long)to);
	}
}

/* The last midnight, also of a day of 23 hours. */
static void
test_summer_time(void **state)
{
	enum {
		SUNDAY = 1774738800 /* 2026-03-29 00:00 in Paris */
	};
	int64_t from, to;
	(void)state;
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	report_period(
	    STR("daily"), STR("Midnight"), SUNDAY + 23 * HOUR + 60, &from, &to);
	assert_int_equal(to, SUNDAY + 23 * HOUR);
	assert_int_equal(from, to - DAY);
	report_period(
	    STR("daily"), STR("Midnight"), SUNDAY + 22 * HOUR, &from, &to);
	assert_int_equal(to, SUNDAY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_summer_time),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
