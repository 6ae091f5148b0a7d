/* Header dates: FL-34, FL-70. */
#include "core/mail/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

static void
test_date_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t unix_s;
	} cases[] = {
		{ "Mon, 02 Mar 2020 10:00:00 +0000", 1583143200 },
		{ "2 Mar 2020 10:00:00 +0000", 1583143200 },
		{ "Mon, 2 Mar 2020 11:30:00 +0130", 1583143200 },
		{ "Mon, 2 Mar 2020 05:00:00 EST", 1583143200 },
		{ "Mon, 2 Mar 2020 10:00 GMT", 1583143200 },
		{ "Mon, 2 Mar 2020 10:00:00", 1583143200 },
		{ "Mon, 2 Mar 20 10:00:00 Z", 1583143200 },
		{ "Mon, 2 Mar 120 10:00:00 Z", 1583143200 },
		{ "mon,2 mar 2020 10:00:00 -0000 (a (nested\\) one))",
		    1583143200 },
		{ "(c) Mon (c) , (c) 2 (c) Mar (c) 2020 10:00:00 +0000",
		    1583143200 },
		{ " Mon,\n\t02 Mar 2020 10:00:00 +0000", 1583143200 },
		{ "1 Jan 1970 00:00:00 +0000", 0 },
		{ "31 Dec 1969 23:59:59 +0000", -1 },
		{ "29 Feb 2000 00:00:00 +0000", 951782400 },
		{ "1 Jan 99 00:00:00 +0000", 915148800 },
		{ "30 Jun 2015 23:59:60 +0000", 1435708800 },
		{ "1 Jan 9999 00:00:00 +0000", 253370764800 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t t;
		if (!mail_date_parse(str_of(cases[i].text), &t))
			fail_msg("'%s'", cases[i].text);
		if (t != cases[i].unix_s)
			fail_msg("'%s': %lld", cases[i].text, (long long)t);
	}
}

static void
test_date_parse_refuses(void **state)
{
	static const char *const cases[] = { "", "yesterday",
		"Mon, 32 Mar 2020 10:00:00 +0000",
		"Mon, 0 Mar 2020 10:00:00 +0000",
		"Mon, 29 Feb 2019 10:00:00 +0000",
		"Mon, 29 Feb 1900 10:00:00 +0000",
		"Mon, 2 Foo 2020 10:00:00 +0000",
		"Mon, 2 Mar 2020 24:00:00 +0000",
		"Mon, 2 Mar 2020 10:60:00 +0000",
		"Mon, 2 Mar 2020 10:00:61 +0000",
		"Mon, 2 Mar 99999999999999999999 10:00:00 +0000",
		"Mon, 999999999999 Mar 2020 10:00:00 +0000",
		"Mon, 2 Mar 2020 10:00:00 +0060", "Mon, 2 Mar 2020 10:00:00 +1",
		"Mon, 2 Mar 2020", "Mon, 2 M 2020 10:00:00",
		"2020-03-02T10:00:00Z", "Mon, 2 Mar 2020 -1:00:00",
		"((((((((" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t t;
		if (mail_date_parse(str_of(cases[i]), &t))
			fail_msg("'%s'", cases[i]);
	}
}

static void
test_date_format(void **state)
{
	char text[MAIL_DATE_SIZE];
	(void)state;
	assert_int_equal(setenv("TZ", "XYZ-2:30", 1), 0);
	tzset();
	assert_string_equal(mail_date_format(1583143200, text),
	    "Mon, 02 Mar 2020 12:30:00 +0230");
	assert_int_equal(setenv("TZ", "EST5", 1), 0);
	tzset();
	assert_string_equal(
	    mail_date_format(0, text), "Wed, 31 Dec 1969 19:00:00 -0500");
	int64_t t;
	assert_true(mail_date_parse(str_of(text), &t));
	assert_int_equal(t, 0);
	/* beyond what a calendar holds */
	assert_string_equal(mail_date_format(INT64_MAX, text), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_date_parse),
		cmocka_unit_test(test_date_parse_refuses),
		cmocka_unit_test(test_date_format),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mail_date", tests, NULL, NULL);
}
