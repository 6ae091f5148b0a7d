/* Status bytes and words of control (ES-126, ES-142, ES-143, ES-145, T-21). */
#include "core/service/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* 2026-11-22 07:00:00 UTC */
#define SINCE INT64_C(1795330800)

static void
bytes_make(
    char out[20], uint32_t pid, char paused, char want, char term, char state)
{
	uint64_t tai = UINT64_C(4611686018427387914) + (uint64_t)SINCE;
	for (int i = 0; i < 8; i++)
		out[i] = (char)(tai >> (56 - 8 * i));
	for (int i = 0; i < 4; i++)
		out[8 + i] = (char)(UINT32_C(500000000) >> (24 - 8 * i));
	for (int i = 0; i < 4; i++)
		out[12 + i] = (char)(pid >> (8 * i));
	out[16] = paused;
	out[17] = want;
	out[18] = term;
	out[19] = state;
}

static void
test_status_of_runit(void **state)
{
	(void)state;
	char bytes[20];
	struct service_status s = { .supervised = true };
	struct err e = ERR_INIT;
	bytes_make(bytes, 0x01020304, 0, 'u', 0, 1);
	assert_true(service_status_parse(str_n(bytes, 20), &s, &e));
	assert_int_equal(s.pid, 0x01020304);
	assert_int_equal(s.since_s, SINCE);
	assert_int_equal(s.since_nano, 500000000);
	assert_int_equal(s.state, SERVICE_UP);
	assert_true(s.want_up);
	assert_false(s.paused);
	assert_false(s.got_term);
	bytes_make(bytes, 7, 1, 'd', 1, 1);
	assert_true(service_status_parse(str_n(bytes, 20), &s, &e));
	assert_true(s.paused);
	assert_true(s.got_term);
	assert_false(s.want_up);
	bytes_make(bytes, 0, 0, 'd', 0, 0);
	assert_true(service_status_parse(str_n(bytes, 20), &s, &e));
	assert_int_equal(s.state, SERVICE_DOWN);
	assert_int_equal(s.pid, 0);
	bytes_make(bytes, 9, 0, 'u', 0, 2);
	assert_true(service_status_parse(str_n(bytes, 20), &s, &e));
	assert_int_equal(s.state, SERVICE_FINISHING);
}

static void
test_status_of_daemontools(void **state)
{
	(void)state;
	char bytes[20];
	struct service_status s = { .supervised = true };
	bytes_make(bytes, 5, 0, 'u', 0, 0);
	assert_true(service_status_parse(str_n(bytes, 18), &s, NULL));
	assert_int_equal(s.state, SERVICE_UP);
	bytes_make(bytes, 0, 0, 'd', 0, 1);
	assert_true(service_status_parse(str_n(bytes, 18), &s, NULL));
	assert_int_equal(s.state, SERVICE_DOWN);
}

/* Any other length is an error, not a guess. */
static void
test_status_of_another_length(void **state)
{
	(void)state;
	char bytes[64] = { 0 };
	for (size_t n = 0; n < sizeof(bytes); n++) {
		struct service_status s;
		struct err e = ERR_INIT;
		bool ok = service_status_parse(str_n(bytes, n), &s, &e);
		assert_int_equal(ok, n == 18 || n == 20);
		assert_int_equal(e.code, ok ? ERR_NONE : ERR_PERMANENT);
	}
}

static void
test_uptime_is_never_negative(void **state)
{
	(void)state;
	const struct service_status s = { .since_s = SINCE };
	assert_int_equal(service_uptime_s(&s, SINCE + 90), 90);
	assert_int_equal(service_uptime_s(&s, SINCE - 5), 0);
}

static void
test_words(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		char byte;
		bool stops;
	} cases[] = {
		{ "down", 'd', true },
		{ "stop", 'd', true },
		{ "d", 'd', true },
		{ "up", 'u', false },
		{ "start", 'u', false },
		{ "restart", 't', false },
		{ "sigterm", 't', false },
		{ "t", 't', false },
		{ "adjust", 'h', false },
		{ "reload", 'h', false },
		{ "sighup", 'h', false },
		{ "sigusr1", '1', false },
		{ "sigusr2", '2', false },
		{ "once", 'o', true },
		{ "pause", 'p', false },
		{ "alarm", 'a', false },
		{ "interrupt", 'i', false },
		{ "quit", 'q', false },
		{ "kill", 'k', false },
		{ "exit", 'x', false },
		{ "graceful", 0, false },
		{ "", 0, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str word = str_of(cases[i].word);
		assert_int_equal(service_word_byte(word), cases[i].byte);
		assert_int_equal(service_word_stops(word), cases[i].stops);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_of_runit),
		cmocka_unit_test(test_status_of_daemontools),
		cmocka_unit_test(test_status_of_another_length),
		cmocka_unit_test(test_uptime_is_never_negative),
		cmocka_unit_test(test_words),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("service_status", tests, NULL, NULL);
}
