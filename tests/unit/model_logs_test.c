/* Several services as one stream of events (LG-12, LG-23). */
#include "core/model/logs.h"

#include "core/maillog/tai64n.h"
#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
	struct root root;
	struct model_ctx ctx;
};

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	const char *tmp = getenv("TMPDIR");
	char dir[128];
	assert_non_null(p);
	snprintf(dir, sizeof(dir), "%s/smemail-logs.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(dir));
	assert_true(root_init(&p->root, dir, NULL));
	p->ctx.root = &p->root;
	p->ctx.clock = &clock_system;
	p->ctx.arena = arena_new(1 << 20, NULL, NULL);
	p->ctx.release = "10";
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;
	const char *const argv[] = { "rm", "-rf", p->root.prefix, NULL };
	struct spawn s = { .argv = argv, .limit_ms = 60000 };
	int status;
	assert_true(spawn_run(&s, &clock_system, &status, NULL));
	arena_free(p->ctx.arena);
	free(p);
	return 0;
}

static void
put(const struct place *p, const char *service, const char *text)
{
	char path[SYS_PATH_MAX];
	assert_true(
	    root_pathf(&p->root, path, NULL, "/var/log/%s/current", service));
	assert_true(file_mkdirs_for(path, 0755, NULL, NULL));
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	assert_true(fd >= 0);
	assert_true(file_write_all(fd, str_of(text)));
	close(fd);
}

/* "service:text|" of what comes until 'want' is complete or time is over. */
static void
expect(struct log_follow *f, const char *want)
{
	struct buf got = BUF_INIT(65536);
	int64_t until = clock_mono_ms(&clock_system) + 5000;
	struct err e = ERR_INIT;
	while (got.len < strlen(want) && clock_mono_ms(&clock_system) < until) {
		struct log_event ev;
		struct pollfd fd = { .fd = log_follow_fd(f), .events = POLLIN };
		bool waiting;
		if (log_follow_next(f, &ev, &waiting, &e))
			buf_addf(
			    &got, "%s:%.*s|", ev.service, STR_ARG(ev.text));
		else if (waiting)
			poll(&fd, 1, 1000);
		else
			fail_msg("%s", e.text);
	}
	assert_string_equal(buf_cstr(&got), want);
	buf_clear(&got);
}

static void
test_services(void **state)
{
	struct place *p = *state;
	put(p, "qmail", "");
	put(p, "qpsmtpd", "");
	put(p, "httpd", "");
	const char **names = log_services(&p->ctx);
	assert_string_equal(names[0], "qpsmtpd");
	assert_string_equal(names[1], "qmail");
	assert_null(names[2]);
}

static void
test_order_of_time(void **state)
{
	struct place *p = *state;
	struct log_follow *f;
	put(p, "qpsmtpd",
	    "@400000005a1d7d9000000001 1 a\n"
	    "@400000005a1d7d9000000003 1 c\ngoes with c\n"
	    "@400000005a1d7d9000000005 1 e\n");
	put(p, "qmail",
	    "starts without a time\n@400000005a1d7d9000000002 b\n"
	    "@400000005a1d7d9000000004 d\n");
	/* the clock was set back: lines of one service stay as they are */
	put(p, "spamd",
	    "@400000005a1d7d9100000000 late\n@400000005a1d7d8000000000 back\n");
	assert_true(log_follow_open(&p->ctx, NULL, 10, &f, NULL));
	arena_reset(p->ctx.arena); /* nothing of it is kept */
	expect(f,
	    "qmail:starts without a time|qpsmtpd:1 a|qmail:b|qpsmtpd:1 c|"
	    "qpsmtpd:goes with c|qmail:d|qpsmtpd:1 e|spamd:late|spamd:back|");
	assert_null(log_follow_note(f));
	log_follow_close(f);
}

/* A clock that stands still; 'ctx' is its time in nanoseconds. */
static int64_t
still_ns(void *ctx)
{
	return *(int64_t *)ctx;
}

static void
no_sleep(void *ctx, int64_t ns)
{
	*(int64_t *)ctx += ns;
}

static void
put_at(const struct place *p, const char *service, int64_t ns, const char *text)
{
	char label[TAI64N_SIZE + 1], line[128];
	struct tai64n t = { ns / NS_PER_S, (int32_t)(ns % NS_PER_S) };
	snprintf(line, sizeof(line), "%s %s\n", tai64n_format(t, label), text);
	put(p, service, line);
}

/* The next event now: its text, or "" when there is none yet. */
static void
expect_now(struct log_follow *f, const char *want)
{
	struct log_event ev;
	struct err e = ERR_INIT;
	bool waiting;
	if (!log_follow_next(f, &ev, &waiting, &e)) {
		assert_true(waiting);
		assert_string_equal("", want);
	} else if (!str_is(ev.text, want)) {
		fail_msg("got '%.*s', wanted '%s'", STR_ARG(ev.text), want);
	}
}

/* LG-23: a line waits for an older one of a slower service, but not long. */
static void
test_held_back(void **state)
{
	struct place *p = *state;
	static const char *const names[] = { "qpsmtpd", "qmail", "clamd",
		NULL };
	const int64_t start = 1511882133 * (int64_t)NS_PER_S;
	int64_t now = start;
	const struct clock clock = { still_ns, still_ns, no_sleep, &now };
	struct log_follow *f;
	p->ctx.clock = &clock;
	put(p, "qmail", "");
	put(p, "qpsmtpd", "");
	assert_true(log_follow_open(&p->ctx, names, 10, &f, NULL));
	expect_now(f, "");
	put_at(p, "qpsmtpd", start, "newer");
	expect_now(f, "");
	clock_sleep_ms(&clock, 10);
	put_at(p, "qmail", start - 5 * NS_PER_MS, "older");
	expect_now(f, "");          /* the third service might still have one */
	clock_sleep_ms(&clock, 25); /* 35 ms after the newer was written */
	expect_now(f, "older");
	expect_now(f, "newer");
	/* one that comes too late is not lost ... */
	put_at(p, "qpsmtpd", now, "newer");
	int64_t then = now;
	clock_sleep_ms(&clock, 100);
	expect_now(f, "newer");
	put_at(p, "qmail", then - 20 * NS_PER_MS, "late");
	clock_sleep_ms(&clock, 35);
	expect_now(f, "late");
	/* ... and next time its service is waited for */
	put_at(p, "qpsmtpd", now, "newer");
	then = now;
	expect_now(f, "");
	clock_sleep_ms(&clock, 100);
	expect_now(f, "");
	put_at(p, "qmail", then - 20 * NS_PER_MS, "older");
	expect_now(f, "");
	clock_sleep_ms(&clock, 250);
	expect_now(f, "older");
	expect_now(f, "newer");
	/* of a clock that is ahead a second is waited for at most as well, and
	   more than that for nothing */
	put_at(p, "qpsmtpd", now + NS_PER_S, "ahead");
	expect_now(f, "");
	clock_sleep_ms(&clock, 1000);
	expect_now(f, "ahead");
	put_at(p, "qpsmtpd", start + 3600 * (int64_t)NS_PER_S, "future");
	expect_now(f, "future");
	/* while all services have lines nothing waits */
	put_at(p, "qpsmtpd", now, "a");
	put_at(p, "qmail", now + 1, "b");
	put_at(p, "clamd", now + 2, "c");
	clock_sleep_ms(&clock, 30);
	expect_now(f, "a");
	expect_now(f, "");
	clock_sleep_ms(&clock, 1000);
	expect_now(f, "b");
	expect_now(f, "c");
	/* after a while without late lines nobody waits longer than needed */
	clock_sleep_ms(&clock, 5 * 60 * 1000);
	put_at(p, "qpsmtpd", now, "soon");
	expect_now(f, "");
	clock_sleep_ms(&clock, 35);
	expect_now(f, "soon");
	/* however late one was, a second is all that is waited */
	put_at(p, "qpsmtpd", now, "newer");
	then = now;
	clock_sleep_ms(&clock, 40);
	expect_now(f, "newer");
	clock_sleep_ms(&clock, 900);
	put_at(p, "qmail", then - 5 * NS_PER_MS, "late");
	clock_sleep_ms(&clock, 35);
	expect_now(f, "late");
	put_at(p, "qpsmtpd", now, "newer");
	expect_now(f, "");
	clock_sleep_ms(&clock, 990);
	expect_now(f, "");
	clock_sleep_ms(&clock, 20);
	expect_now(f, "newer");
	log_follow_close(f);
}

/* LG-20: a place is that of a directory, whatever its log is called. */
static void
test_places_of_directories(void **state)
{
	struct place *p = *state;
	static const char *const services[] = { "a/qmail", "b/qmail" };
	char paths[3][SYS_PATH_MAX];
	const char *names[] = { paths[0], paths[1], NULL };
	const char *again[] = { paths[2], paths[0], NULL };
	struct buf places = BUF_INIT(65536);
	struct log_follow *f;
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		put(p, services[i], "@400000005a1d7d9000000001 one\n");
		assert_true(root_pathf(
		    &p->root, paths[i], NULL, "/var/log/%s", services[i]));
	}
	put(p, "b/qmail", "@400000005a1d7d9000000002 two\n");
	assert_true(
	    log_follow_open_at(&p->ctx, names, 10, buf_str(&places), &f, NULL));
	expect(f, "qmail:one|qmail:one|qmail:two|");
	log_follow_places(f, &places);
	log_follow_close(f);
	put(p, "a/qmail", "@400000005a1d7d9000000003 three\n");
	put(p, "b/qmail", "@400000005a1d7d9000000004 four\n");
	/* by another path too */
	assert_true(
	    root_pathf(&p->root, paths[2], NULL, "/var/log/a/../b/qmail"));
	assert_true(
	    log_follow_open_at(&p->ctx, again, 10, buf_str(&places), &f, NULL));
	expect(f, "qmail:three|qmail:four|");
	log_follow_close(f);
	buf_clear(&places);
}

static void
test_words(void **state)
{
	struct place *p = *state;
	static const char *const names[] = { "qpsmtpd", NULL };
	static const struct {
		const char *line, *route, *reason;
	} cases[] = {
		{ "1 Connection from x [192.0.2.1]", "",
		    "1 Connection from x [192.0.2.1]" },
		{ "1 (deny) logging::logterse: ` 192.0.2.1\tx\th\t<a@b>\t<c@d>,"
		  "<e@f>\tdnsbl\t901\tlisted\tx",
		    "a@b -> c@d, e@f", "dnsbl listed" },
		{ "1 (deny) logging::logterse: ` 192.0.2.1\tx\t\t\t\t"
		  "earlytalker\t904\t\tx",
		    "192.0.2.1 -> -", "earlytalker" },
		{ "1 (queue) logging::logterse: ` 192.0.2.1\tx\th\t<>\t<c@d>\t"
		  "queued\t\t<id>\tNo, score=-1.5 required=4",
		    "<> -> c@d", "<id>, score -1.5" },
	};
	struct log_follow *f;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		put(p, "qpsmtpd", cases[i].line);
		put(p, "qpsmtpd", "\n");
	}
	assert_true(log_follow_open(&p->ctx, names, 10, &f, NULL));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf route = BUF_INIT(4096), reason = BUF_INIT(4096);
		struct log_event ev;
		bool waiting;
		assert_true(log_follow_next(f, &ev, &waiting, NULL));
		assert_int_equal(ev.ns, -1);
		assert_true(log_event_route(&ev, &route));
		assert_true(log_event_reason(&ev, &reason));
		assert_string_equal(buf_cstr(&route), cases[i].route);
		assert_string_equal(buf_cstr(&reason), cases[i].reason);
		buf_clear(&route);
		buf_clear(&reason);
	}
	log_follow_close(f);
	assert_string_equal(log_verdict_word(LOG_DEFERRED), "deferred");
}

int
main(void)
{
#define LOGS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		LOGS_TEST(test_services),
		LOGS_TEST(test_order_of_time),
		LOGS_TEST(test_held_back),
		LOGS_TEST(test_places_of_directories),
		LOGS_TEST(test_words),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
