/* Stories that never end, of far times, and without memory (LG-48). */
#include "tests/unit/maillog_story_fixture.h"

/* In a process that gets no more memory: more connections than it can hold. */
static int
starve(void)
{
	struct rlimit little = { 1 << 20, 1 << 20 };
	struct err e = ERR_INIT;
	struct told t;
	char pid[16];
	begin(&t);
	if (setrlimit(RLIMIT_AS, &little) != 0)
		return 2;
	for (unsigned i = 1; i < 200000; i++) {
		snprintf(pid, sizeof(pid), "%u", i);
		t.now = 1000000; /* none is too old to be kept */
		connection(&t, pid);
	}
	bool complete = stories_end(t.s, &e);
	return complete || e.code != ERR_TEMPORARY;
}

/* Stories that are missing for want of memory are an error, not an answer. */
static void
test_out_of_memory(void **state)
{
	int status;
	(void)state;
#if defined(__SANITIZE_ADDRESS__)
	skip(); /* its allocator does not live with such a limit */
#endif
	if (getenv("UNDER_VALGRIND") != NULL)
		skip(); /* nor does this one */
	pid_t pid = fork();
	if (pid == 0)
		_exit(starve());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A time that 64 bits do not hold: found by the fuzzer. */
static void
test_far_time(void **state)
{
	(void)state;
	struct story_what what;
	story_what_parse(STR("2826-03-17 14:08"), 0, &what);
	assert_true(what.is_time);
	assert_true(what.to_ns >= what.from_ns);
}

/* Messages with one number that never end: what is open has a bound. */
static void
test_never_ending(void **state)
{
	(void)state;
	struct told t;
	char text[128];
	struct rusage used;
	begin(&t);
	for (unsigned i = 0; i < NEVER_ENDING; i++) {
		/* so many within a minute: time alone ends none */
		t.now = 1000000 + i / 25;
		snprintf(text, sizeof(text), "new msg %u", i + 1);
		say(&t, QMAIL, text);
		snprintf(text, sizeof(text),
		    "info msg %u: bytes 1 from <a%u@b.test> qp 5 uid 9", i + 1,
		    i);
		say(&t, QMAIL, text);
		snprintf(text, sizeof(text),
		    "%u Accepted connection 1/40 from 192.0.2.1 / mx.test",
		    i + 1);
		say(&t, QPSMTPD, text);
		snprintf(text, sizeof(text),
		    "%u (queue) logging::logterse: ` 192.0.2.1\tmx\tmx\t"
		    "<x@b.test>\t<c@d.test>\tqueued\t\t<m%u>\t",
		    i + 1, i);
		say(&t, QPSMTPD, text);
		snprintf(text, sizeof(text),
		    "%u (queue) queue::qmail_2dqueue: (for 5) Queuing to "
		    "/var/qmail/bin/qmail-queue",
		    i + 1);
		say(&t, QPSMTPD, text);
		buf_reset(&t.out);
	}
	assert_true(t.told > NEVER_ENDING - OPEN_MOST);
	stories_free(t.s);
	buf_clear(&t.out);
	assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
#ifndef __SANITIZE_ADDRESS__
	assert_true(used.ru_maxrss < MEMORY_MOST * 1024);
#endif
}

/* A search goes back by twice as much each time, in logs of centuries too. */
static void
test_far_windows(void **state)
{
	const int64_t centuries_s = 15099494400;
	(void)state;
	assert_int_equal(story_earlier(-1, 1), -1 - (int64_t)NS_PER_S);
	assert_int_equal(story_later(1, 1), 1 + (int64_t)NS_PER_S);
	assert_int_equal(story_earlier(-2, centuries_s), INT64_MIN);
	assert_int_equal(story_later(1, centuries_s), INT64_MAX);
	assert_true(story_earlier(INT64_MAX, centuries_s) <= 0);
}

/* Windows reach beyond what a number counts where a label says the end of it.
 */
static void
test_ends_of_time(void **state)
{
	static const int64_t times[] = { INT64_MAX, INT64_MAX - 1,
		INT64_MIN + 1 };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		struct told t;
		begin(&t);
		t.at_ns = times[i];
		connection(&t, "7");
		say(&t, SPAMD,
		    "[3] info: spamd: connection from localhost [::1]:4 to "
		    "port 783, fd 5");
		say(&t, SPAMD,
		    "[3] info: spamd: clean message (1.5/4.0) for "
		    "spamd:1002 in 0.1 seconds, 9 bytes.");
		say(&t, SPAMD,
		    "[3] info: spamd: result: .  1 - A,B scantime=0.1,"
		    "size=9,user=spamd,uid=1002,required_score=4.0,mid=<m@x>"
		    ",autolearn=ham");
		say(&t, QPSMTPD, QUEUED("7"));
		queue(&t, false);
		end(&t, "delivered 7 8 55 queue:sure scan:sure:1.5 "
			"c@d,1:success\n");
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_far_time),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_never_ending),
		cmocka_unit_test(test_far_windows),
		cmocka_unit_test(test_ends_of_time),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
