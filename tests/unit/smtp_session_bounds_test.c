/* Bounds of a session: lines, sizes, counts, clocks, ends. */
#include "smtp_play.h"

#include "core/mail/header.h"

/* FL-6: limits of lines, their ends counted, in one piece or in many. */
static void
test_line_limits(void **state)
{
	(void)state;
	static const struct {
		const char *start;
		size_t length; /* with CRLF */
		const char *code;
	} lines[] = {
		{ "NOOP ", 512, "250" },
		{ "NOOP ", 513, "500" },
		{ "NOOP ", 100000, "500" },
		{ "MAIL FROM:<", 1024, "501" },
		{ "MAIL FROM:<", 1025, "500" },
		{ "rcpt TO:<", 1024, "501" },
	};
	for (size_t i = 0; i < 2 * ARRAY_LEN(lines); i++) {
		struct play p;
		struct buf in = BUF_INIT(OUT_MAX);
		begin(&p, NULL);
		buf_add_cstr(&in, lines[i / 2].start);
		while (in.len < lines[i / 2].length - 2)
			buf_add_char(&in, 'x');
		buf_add_cstr(&in, "\r\nNOOP\r\n");
		say(&p, STR(ENVELOPE), 1000);
		buf_reset(&p.out);
		say(&p, buf_str(&in), i % 2 ? 7 : in.len);
		assert_memory_equal(p.out.data, lines[i / 2].code, 3);
		if (lines[i / 2].length > SMTP_PATH_LINE_MAX)
			assert_non_null(strstr(p.out.data, "too long"));
		assert_non_null(strstr(p.out.data, "250 2.0.0 OK\r\n"));
		buf_clear(&in);
		end(&p);
	}
}

/* FL-8, FL-14: what EHLO offers, and databytes. */
static void
test_databytes(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	p.config.databytes = 30;
	say(&p, STR(HELLO "MAIL FROM:<a@b.example> SIZE=31\r\n"), 100);
	assert_non_null(strstr(buf_cstr(&p.out),
	    "250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 30\r\n"
	    "250 ENHANCEDSTATUSCODES\r\n552 5.3.4 "));
	buf_reset(&p.out);
	say(&p, STR(ENVELOPE "DATA\r\n"), 100);
	say(&p, STR("\r\n0123456789012345678901234567890\r\n.\r\n"), 100);
	assert_non_null(strstr(buf_cstr(&p.out), "\r\n552 5.3.4 "));
	assert_int_equal(p.jobs, 0);
	assert_int_equal(p.refusals, 1); /* FL-178 */
	say(&p, STR("MAIL FROM:<>\r\nRCPT TO:<b@local.example>\r\nDATA\r\n"),
	    100);
	say(&p, STR("\r\n0123456789012345678901234567\r\n.\r\n"), 100);
	assert_int_equal(p.jobs, 1);
	end(&p);
}

/* FL-18 */
static void
test_too_many_recipients(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	say(&p, STR(HELLO "MAIL FROM:<>\r\n"), 100);
	for (size_t i = 0; i < SMTP_RCPTS_MAX; i++) {
		buf_reset(&p.out);
		say(&p, STR("RCPT TO:<b@local.example>\r\n"), 100);
		assert_memory_equal(p.out.data, "250", 3);
	}
	buf_reset(&p.out);
	say(&p, STR("RCPT TO:<b@local.example>\r\nDATA\r\n" MESSAGE), 100);
	assert_memory_equal(p.out.data, "452 4.5.3", 9);
	assert_int_equal(p.jobs, 1);
	assert_int_equal(p.rcpts, SMTP_RCPTS_MAX);
	end(&p);
}

/* A text that does not fit in memory is spooled and comes back whole. */
static void
test_long_text_is_spooled(void **state)
{
	(void)state;
	struct play p;
	struct buf in = BUF_INIT(OUT_MAX);
	struct buf is = BUF_INIT(OUT_MAX);
	begin(&p, NULL);
	say(&p, STR(ENVELOPE "DATA\r\nX: y\r\n\r\n"), 100);
	for (int i = 0; i < 5000; i++) {
		buf_addf(&in, "..line %d of a text\r\n", i);
		buf_addf(&is, ".line %d of a text\n", i);
	}
	say(&p, buf_str(&in), 5000);
	assert_true(p.spool.len > SMTP_TEXT_MEMORY);
	say(&p, STR(".\r\n"), 1);
	assert_int_equal(p.jobs, 1);
	assert_true(str_eq(buf_str(&p.body), buf_str(&is)));
	buf_clear(&in);
	buf_clear(&is);
	end(&p);
}

/* A full disk: 452 at the end, and the session goes on. */
static void
test_spool_fails(void **state)
{
	(void)state;
	static const struct answers full = { .hook = HOOK_COUNT,
		.spool_fails = true };
	struct play p;
	begin(&p, &full);
	say(&p, STR(ENVELOPE "DATA\r\n"), 100);
	for (int i = 0; i < 100; i++)
		say(&p,
		    STR("0123456789012345678901234567890123456789"
			"01234567890123456789012345678901234567890123"
			"4567890123456789012345678901234567890123\r\n"),
		    100);
	struct str line = STR("a longer line of text to pass the limit\r\n");
	for (int i = 0; i < 3000; i++)
		say(&p, line, 1000);
	buf_reset(&p.out);
	say(&p, STR(".\r\nNOOP\r\n"), 100);
	assert_memory_equal(p.out.data, "452 4.3.1", 9);
	assert_non_null(strstr(p.out.data, "250 2.0.0 OK"));
	assert_int_equal(p.jobs, 0);
	end(&p);
}

/* FL-193 */
static void
test_header_bounds(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	say(&p, STR(ENVELOPE "DATA\r\n"), 100);
	for (int i = 0; i <= MAIL_FIELDS_MAX; i++)
		say(&p, STR("X-H: v\r\n"), 100);
	buf_reset(&p.out);
	say(&p, STR("\r\nbody\r\n.\r\n"), 100);
	assert_memory_equal(p.out.data, "552", 3);
	end(&p);
}

/* FL-19 */
static void
test_clocks(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *in;
		int64_t step_ms;  /* a byte each, then a look at the clock */
		int64_t limit_ms; /* closed not before, soon after */
		const char *trickle;
	} cases[] = {
		{ "idle in commands", "EHLO x\r\n", 0, 1200000, NULL },
		{ "drips a command", HELLO, 10000, 1200000, "x" },
		{ "drips at first", "", 10000, 1200000, "x" },
		{ "silent in text", ENVELOPE "DATA\r\n", 0, 600000, NULL },
		{ "slow text", ENVELOPE "DATA\r\n", 2000, 600000, "x" },
		{ "long session", HELLO, 10000, 7200000, "NOOP\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct play p;
		begin(&p, NULL);
		say(&p, str_of(cases[i].in), 100);
		buf_reset(&p.out);
		int64_t step = cases[i].step_ms > 0 ? cases[i].step_ms : 1000;
		while (!p.closed && p.now < 8000000) {
			p.now += step;
			if (cases[i].trickle != NULL)
				say(&p, str_of(cases[i].trickle), 100);
			buf_reset(&p.out);
			smtp_session_tick(p.s, p.now);
			run(&p);
		}
		assert_true(p.closed);
		assert_true(p.now >= cases[i].limit_ms);
		assert_true(p.now <= cases[i].limit_ms + 2 * step);
		assert_memory_equal(p.out.data, "421 4.4.2", 9);
		assert_int_equal(p.jobs, 0);
		end(&p);
	}
}

/* The same with limits of the policy; the queue's words count as heard. */
static void
test_clocks_of_the_policy(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	p.config.text_window_ms = 5000;
	p.config.text_bytes = 50;
	p.config.session_ms = 60000;
	say(&p, STR(ENVELOPE "DATA\r\n"), 100);
	for (int i = 0; i < 3; i++) {
		p.now += 5000;
		say(&p,
		    STR("0123456789012345678901234567890123456789012345678\n"),
		    100);
		smtp_session_tick(p.s, p.now);
		assert_int_equal(smtp_session_want(p.s), SMTP_WANT_INPUT);
	}
	say(&p, STR("\r\n.\r\n"), 100);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_INPUT);
	smtp_session_tick(p.s, 60000);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_INPUT);
	smtp_session_tick(p.s, 60001);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_CLOSE);
	end(&p);
	begin(&p, NULL);
	p.config.text_window_ms = 5000;
	p.config.text_bytes = 50;
	say(&p, STR(ENVELOPE "DATA\r\n"), 100);
	p.now += 5000;
	say(&p, STR("0123456789"), 100);
	smtp_session_tick(p.s, p.now);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_CLOSE);
	end(&p);
}

/* A keeper that gives no room for a long text does not hold the peer. */
static void
test_clock_of_spooling(void **state)
{
	(void)state;
	struct play p;
	struct buf in = BUF_INIT(OUT_MAX);
	begin(&p, NULL);
	say(&p, STR(ENVELOPE "DATA\r\n"), 100);
	while (in.len <= 2 * SMTP_TEXT_MEMORY)
		buf_add_cstr(&in, "a line of a text\r\n");
	struct str rest = buf_str(&in);
	while (rest.len > 0 && smtp_session_want(p.s) == SMTP_WANT_INPUT) {
		size_t n = smtp_session_feed(p.s, rest, p.now);
		rest = str_sub(rest, n, rest.len);
	}
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_SPOOL);
	smtp_session_tick(p.s, p.now + (int64_t)SMTP_QUEUE_S * 1000);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_SPOOL);
	smtp_session_tick(p.s, p.now + (int64_t)SMTP_QUEUE_S * 1000 + 1);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_CLOSE);
	buf_clear(&in);
	end(&p);
}

/* FL-19: also while the policy is waited for, whoever does not answer it. */
static void
test_clock_of_a_verdict(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	p.config.session_ms = 60 * 1000;
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_VERDICT);
	smtp_session_tick(p.s, p.now + 60 * 1000);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_VERDICT);
	smtp_session_tick(p.s, p.now + 60 * 1000 + 1);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_CLOSE);
	buf_reset(&p.out);
	run(&p);
	assert_memory_equal(p.out.data, "421 4.4.2", 9);
	end(&p);
}

/* FL-32 */
static void
test_hangup(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	say(&p, STR(ENVELOPE "DATA\r\nhalf a mess"), 100);
	buf_reset(&p.out);
	smtp_session_hangup(p.s);
	run(&p);
	assert_true(p.closed);
	assert_memory_equal(p.out.data, "451", 3);
	assert_int_equal(p.jobs, 0);
	end(&p);
}

static void
test_drain_lets_a_message_end(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	say(&p, STR(ENVELOPE), 100);
	buf_reset(&p.out);
	smtp_session_drain(p.s, p.now + 30000);
	run(&p);
	assert_true(p.closed);
	assert_memory_equal(p.out.data, "421 4.3.2", 9);
	end(&p);
	begin(&p, NULL);
	say(&p, STR(ENVELOPE "DATA\r\n"), 100);
	buf_reset(&p.out);
	smtp_session_drain(p.s, p.now + 30000);
	run(&p);
	assert_false(p.closed);
	say(&p, STR(MESSAGE), 100);
	assert_true(p.closed);
	assert_int_equal(p.jobs, 1);
	assert_memory_equal(p.out.data, "250", 3);
	assert_non_null(strstr(p.out.data, "\r\n421 4.3.2"));
	end(&p);
}

/* FL-32: one that does not come in is told, and may come again. */
static void
test_drain_waits_so_long(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	say(&p, STR(ENVELOPE "DATA\r\nhalf a mess"), 100);
	buf_reset(&p.out);
	smtp_session_drain(p.s, p.now + 30000);
	smtp_session_tick(p.s, p.now + 29999);
	run(&p);
	assert_false(p.closed);
	smtp_session_tick(p.s, p.now + 30000);
	run(&p);
	assert_true(p.closed);
	assert_memory_equal(p.out.data, "421 4.3.2", 9);
	assert_int_equal(p.jobs, 0);
	end(&p);
}

/* A peer that sends and never reads is not read any more. */
static void
test_unread_replies_stop_the_input(void **state)
{
	(void)state;
	struct play p;
	struct buf in = BUF_INIT(OUT_MAX);
	begin(&p, NULL);
	run(&p);
	for (int i = 0; i < 10000; i++)
		buf_add_cstr(&in, "NOOP\r\n");
	size_t taken = 0;
	for (;;) {
		size_t n = smtp_session_feed(
		    p.s, str_sub(buf_str(&in), taken, in.len), 0);
		taken += n;
		bool went = false;
		while (smtp_session_want(p.s) == SMTP_WANT_VERDICT) {
			judge(&p);
			went = true;
		}
		if (n == 0 && !went)
			break;
	}
	assert_true(taken < in.len);
	assert_true(smtp_session_output(p.s)->len < SMTP_OUT_PAUSE + 1000);
	buf_clear(&in);
	end(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_limits),
		cmocka_unit_test(test_databytes),
		cmocka_unit_test(test_too_many_recipients),
		cmocka_unit_test(test_long_text_is_spooled),
		cmocka_unit_test(test_spool_fails),
		cmocka_unit_test(test_header_bounds),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_clocks_of_the_policy),
		cmocka_unit_test(test_clock_of_spooling),
		cmocka_unit_test(test_clock_of_a_verdict),
		cmocka_unit_test(test_hangup),
		cmocka_unit_test(test_drain_lets_a_message_end),
		cmocka_unit_test(test_drain_waits_so_long),
		cmocka_unit_test(test_unread_replies_stop_the_input),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
