/* Replies and the table of FL-2. */
#include "core/smtp/reply.h"

#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NOTHING SMTP_AFTER_NOTHING
#define RESET   SMTP_AFTER_RESET
#define CLOSE   SMTP_AFTER_CLOSE

/*
 * The table of the specification, row by row: DENY, DENYSOFT,
 * DENY_DISCONNECT, DENYSOFT_DISCONNECT. Code 0: not honoured, the phase goes
 * on as usual. A close with 4xx is 421 everywhere (NEW in FL-2).
 */
static const struct {
	enum filter_hook hook;
	struct smtp_outcome is[4];
} rows[] = {
	{ HOOK_PRE_CONNECTION, { { 550, CLOSE }, { 421, CLOSE }, { 550, CLOSE },
				   { 421, CLOSE } } },
	{ HOOK_CONNECT, { { 550, CLOSE }, { 421, CLOSE }, { 550, CLOSE },
			    { 421, CLOSE } } },
	{ HOOK_HELO, { { 550, NOTHING }, { 450, NOTHING }, { 550, CLOSE },
			 { 421, CLOSE } } },
	{ HOOK_MAIL, { { 550, NOTHING }, { 450, NOTHING }, { 550, CLOSE },
			 { 421, CLOSE } } },
	{ HOOK_RCPT, { { 550, NOTHING }, { 450, NOTHING }, { 550, CLOSE },
			 { 421, CLOSE } } },
	{ HOOK_DATA, { { 554, RESET }, { 451, RESET }, { 554, CLOSE },
			 { 421, CLOSE } } },
	{ HOOK_DATA_HEADERS_END, { { 0, NOTHING }, { 0, NOTHING },
				     { 554, CLOSE }, { 421, CLOSE } } },
	{ HOOK_DATA_POST, { { 552, RESET }, { 452, RESET }, { 552, CLOSE },
			      { 421, CLOSE } } },
	{ HOOK_QUEUE, { { 552, RESET }, { 452, RESET }, { 451, RESET },
			  { 451, RESET } } },
	{ HOOK_UNRECOGNIZED, { { 500, NOTHING }, { 500, NOTHING },
				 { 521, CLOSE }, { 500, NOTHING } } },
	{ HOOK_VRFY, { { 554, RESET }, { 0, NOTHING }, { 0, NOTHING },
			 { 0, NOTHING } } },
	{ HOOK_NOOP, { { 500, NOTHING }, { 0, NOTHING }, { 500, CLOSE },
			 { 0, NOTHING } } },
	{ HOOK_HELP, { { 500, NOTHING }, { 0, NOTHING }, { 0, NOTHING },
			 { 0, NOTHING } } },
};

static void
test_outcomes_are_those_of_fl_2(void **state)
{
	(void)state;
	static const enum filter_result results[] = { FILTER_DENY,
		FILTER_DENYSOFT, FILTER_DENY_DISCONNECT,
		FILTER_DENYSOFT_DISCONNECT };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t k = 0; k < ARRAY_LEN(results); k++) {
			struct smtp_outcome o =
			    smtp_outcome_of(rows[i].hook, results[k]);
			assert_int_equal(o.code, rows[i].is[k].code);
			assert_int_equal(o.after, rows[i].is[k].after);
		}
	}
}

static void
test_outcomes_of_other_results(void **state)
{
	(void)state;
	for (int h = 0; h < HOOK_COUNT; h++) {
		enum filter_hook hook = (enum filter_hook)h;
		assert_int_equal(smtp_outcome_of(hook, FILTER_OK).code, 0);
		assert_int_equal(
		    smtp_outcome_of(hook, FILTER_DECLINED).code, 0);
		assert_int_equal(smtp_outcome_of(hook, FILTER_DONE).code, 0);
	}
}

static void
test_result_numbers_of_fl_2(void **state)
{
	(void)state;
	assert_int_equal(FILTER_OK, 900);
	assert_int_equal(FILTER_DENY, 901);
	assert_int_equal(FILTER_DENYSOFT, 902);
	assert_int_equal(FILTER_DENY_DISCONNECT, 903);
	assert_int_equal(FILTER_DENYSOFT_DISCONNECT, 904);
	assert_int_equal(FILTER_DECLINED, 909);
	assert_int_equal(FILTER_DONE, 910);
}

static void
test_reply_forms(void **state)
{
	(void)state;
	static const struct {
		int code;
		const char *status;
		const char *text;
		const char *is;
	} cases[] = {
		{ 250, "2.0.0", "OK", "250 2.0.0 OK\r\n" },
		{ 354, NULL, "go ahead", "354 go ahead\r\n" },
		{ 250, NULL, "me\nPIPELINING\nSIZE 1",
		    "250-me\r\n250-PIPELINING\r\n250 SIZE 1\r\n" },
		{ 550, "5.7.1", "a\nb", "550-5.7.1 a\r\n550 5.7.1 b\r\n" },
		{ 550, "5.7.1", "5.1.1 no such", "550 5.1.1 no such\r\n" },
		{ 550, "5.7.1", "5.1.1x no such",
		    "550 5.7.1 5.1.1x no such\r\n" },
		{ 550, "5.7.1", "", "550 5.7.1 \r\n" },
		{ 550, NULL, "gr\xfc\xdf\te\x1b[31m", "550 gr??\te?[31m\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(4096);
		assert_true(smtp_reply(
		    &b, cases[i].code, cases[i].status, str_of(cases[i].text)));
		assert_string_equal(buf_cstr(&b), cases[i].is);
		buf_clear(&b);
	}
}

/* FL-20: all lines or none. */
static void
test_reply_is_whole_or_absent(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(40);
	assert_true(smtp_reply(&b, 250, NULL, STR("first")));
	assert_false(smtp_reply(
	    &b, 250, NULL, STR("a\nb\nthis line does not fit in any more")));
	assert_string_equal(buf_cstr(&b), "250 first\r\n");
	assert_true(smtp_reply(&b, 250, NULL, STR("fits")));
	buf_clear(&b);
}

static void
test_reply_cuts_long_lines(void **state)
{
	(void)state;
	char text[2000];
	memset(text, 'x', sizeof(text));
	struct buf b = BUF_INIT(4096);
	assert_true(smtp_reply(&b, 550, "5.7.1", str_n(text, sizeof(text))));
	assert_true(b.len <= 512);
	buf_clear(&b);
}

static void
test_status_fits_the_code(void **state)
{
	(void)state;
	static const struct {
		int code;
		const char *text;
		const char *is;
	} cases[] = {
		{ 550, "Relaying denied (#5.7.1)", "5.7.1" },
		{ 550, "no such (#5.1.1)", "5.1.1" },
		{ 550, "no such (#4.1.1)", "5.7.0" }, /* another class */
		{ 550, "odd (#5.1.1", "5.7.0" },
		{ 550, "odd (#5.1)", "5.7.0" },
		{ 550, "odd (#5.1234.1)", "5.7.0" },
		{ 450, "later", "4.7.0" },
		{ 450, "", "4.7.0" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char status[SMTP_STATUS_SIZE];
		assert_string_equal(smtp_status_of(cases[i].code,
					str_of(cases[i].text), "5.7.0", status),
		    cases[i].is);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes_are_those_of_fl_2),
		cmocka_unit_test(test_outcomes_of_other_results),
		cmocka_unit_test(test_result_numbers_of_fl_2),
		cmocka_unit_test(test_reply_forms),
		cmocka_unit_test(test_reply_is_whole_or_absent),
		cmocka_unit_test(test_reply_cuts_long_lines),
		cmocka_unit_test(test_status_fits_the_code),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
