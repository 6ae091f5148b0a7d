/* The period that the mailstats record gives (LG-49); its hours (LG-50). */
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

/* Hours that a change of time leaves out, or shows twice. */
static void
test_changes_of_time(void **state)
{
	static const struct {
		const char *zone, *base;
		int64_t now, to;
	} changes[] = {
		/* 02:00 is 02:30 that day: yesterday's is at 02:00 */
		{ "Australia/Lord_Howe", "2", 1791040500, 1790955000 },
		/* and later that day, the moment of the change */
		{ "Australia/Lord_Howe", "2", 1791050000, 1791041400 },
		/* midnight is 01:00 that day */
		{ "Asia/Beirut", "Midnight", 1774767600, 1774735200 },
		{ "Asia/Beirut", "1", 1774767600, 1774735200 },
		/* half an hour off the hours of the epoch */
		{ "Asia/Kolkata", "Midnight", 1791040500, 1790965800 },
		{ "Asia/Kathmandu", "23", 1791040500, 1790961300 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		int64_t from, to;
		setenv("TZ", changes[i].zone, 1);
		tzset();
		report_period(STR("daily"), str_of(changes[i].base),
		    changes[i].now, &from, &to);
		if (to != changes[i].to || from != to - DAY)
			fail_msg("%s, %s: %lld, not %lld", changes[i].zone,
			    changes[i].base, (long long)to,
			    (long long)changes[i].to);
	}
}

static struct report
with_hours(const int64_t *hours, size_t n)
{
	struct report r = { .whole = true };
	r.stats.qpsmtpd.hours.rows = (struct vec)VEC_INIT(struct stats_hour);
	for (size_t i = 0; i < n; i++) {
		struct stats_hour h = { .hour = hours[i] };
		h.n[STATS_HAM] = i + 1;
		assert_true(vec_push(&r.stats.qpsmtpd.hours.rows, &h));
	}
	return r;
}

/* Empty hours too; but not all that a damaged label is away. */
static void
test_hours(void **state)
{
	static const int64_t near[] = { 490000, 490003 };
	static const int64_t far[] = { -2000000, 490000, 490003, 2500000 };
	struct stats_hour empty;
	(void)state;
	struct report r = with_hours(near, ARRAY_LEN(near));
	assert_int_equal(report_hours(&r), 4);
	assert_int_equal(report_hour(&r, 1, &empty)->hour, 490001);
	assert_int_equal(report_hour(&r, 1, &empty)->n[STATS_HAM], 0);
	assert_int_equal(report_hour(&r, 3, &empty)->n[STATS_HAM], 2);
	vec_clear(&r.stats.qpsmtpd.hours.rows);
	r = with_hours(far, ARRAY_LEN(far));
	assert_int_equal(report_hours(&r), ARRAY_LEN(far));
	for (size_t i = 0; i < ARRAY_LEN(far); i++)
		assert_int_equal(report_hour(&r, i, &empty)->hour, far[i]);
	/* of a period that was named, too */
	r.whole = false;
	r.from_s = 0;
	r.to_s = (int64_t)REPORT_SPAN_MAX * HOUR;
	assert_int_equal(report_hours(&r), REPORT_SPAN_MAX);
	r.to_s++;
	assert_int_equal(report_hours(&r), ARRAY_LEN(far));
	/* LG-50: rounded down, before 1970 too */
	r.from_s = -HOUR - 1;
	r.to_s = 1;
	assert_int_equal(report_hours(&r), 3);
	assert_int_equal(report_hour(&r, 0, &empty)->hour, -2);
	vec_clear(&r.stats.qpsmtpd.hours.rows);
	r = with_hours(NULL, 0);
	assert_int_equal(report_hours(&r), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_summer_time),
		cmocka_unit_test(test_changes_of_time),
		cmocka_unit_test(test_hours),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
