/*
 * Judges of logins that answer well, lie, break off: a CVM server and a
 * Dovecot from a table, and the file of passwords (FL-83, FL-84).
 */
#include "core/auth/login.h"

#include "core/base/buf.h"
#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	HEARD_MAX = 64 * 1024
};

/* A server for one client: what it says at first, and after a line. */
struct server {
	int fd;
	char dir[32];
	char path[64];
	struct str greeting;
	const char *until; /* it hears this ... */
	struct str answer; /* ... and says that */
	struct buf heard;
	pthread_t thread;
};

static void *
serve(void *ctx)
{
	struct server *s = ctx;
	char block[1024];
	int fd = accept(s->fd, NULL, NULL);
	ssize_t n = send(fd, s->greeting.ptr, s->greeting.len, MSG_NOSIGNAL);
	while (n >= 0 && strstr(buf_cstr(&s->heard), s->until) == NULL &&
	       (n = read(fd, block, sizeof(block))) > 0)
		buf_add(&s->heard, block, (size_t)n);
	(void)send(fd, s->answer.ptr, s->answer.len, MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static void
start(
    struct server *s, struct str greeting, const char *until, struct str answer)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	*s = (struct server){ .greeting = greeting,
		.until = until,
		.answer = answer,
		.heard = BUF_INIT(HEARD_MAX) };
	snprintf(s->dir, sizeof(s->dir), "/tmp/auth-login.XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->path, sizeof(s->path), "%s/socket", s->dir);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", s->path);
	s->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
	    bind(s->fd, (struct sockaddr *)(void *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s->fd, 1), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

/* It has heard all that it will. */
static void
finish(struct server *s)
{
	pthread_join(s->thread, NULL);
}

static void
stop(struct server *s)
{
	close(s->fd);
	unlink(s->path);
	rmdir(s->dir);
	buf_clear(&s->heard);
}

static const struct login_question anna = {
	.user = { "anna@test.example", 17 },
	.password = { "secret", 6 },
	.ip = "192.0.2.9",
	.secured = true,
};

#define GREETING                                                               \
	"VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nSPID\t7\nCUID\t1\n"            \
	"COOKIE\tabc\nDONE\n"

static const struct {
	const char *why;
	const char *greeting, *answer;
	enum login_answer is;
} dovecots[] = {
	{ "yes", GREETING, "OK\t1\tuser=anna\n", LOGIN_OK },
	{ "no", GREETING, "FAIL\t1\tuser=anna\n", LOGIN_DENIED },
	{ "not now", GREETING, "FAIL\t1\tuser=anna\ttemp\n", LOGIN_LATER },
	{ "a question", GREETING, "CONT\t1\tabc\n", LOGIN_LATER },
	{ "a note before", GREETING, "NOTIFY\tx\nOK\t1\n", LOGIN_OK },
	{ "half an answer", GREETING, "OK\t1", LOGIN_LATER },
	{ "nothing", GREETING, "", LOGIN_LATER },
	{ "another version", "VERSION\t2\t0\nDONE\n", "OK\t1\n", LOGIN_LATER },
	{ "no greeting", "", "OK\t1\n", LOGIN_LATER },
	{ "another server", "* OK IMAP4rev1\n", "", LOGIN_LATER },
};

static void
test_dovecot(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dovecots); i++) {
		struct server s;
		struct err e = ERR_INIT;
		bool greets = strstr(dovecots[i].greeting, "DONE") != NULL;
		start(&s, str_of(dovecots[i].greeting),
		    greets ? "\tresp=AGFubmFAdGVzdC5leGFtcGxlAHNlY3JldA==\n"
			   : "",
		    str_of(dovecots[i].answer));
		if (login_dovecot(s.path, &anna, &e) != dovecots[i].is)
			fail_msg("%s: %s", dovecots[i].why, e.text);
		finish(&s);
		assert_int_equal(
		    e.text[0] != '\0', dovecots[i].is == LOGIN_LATER);
		if (dovecots[i].is == LOGIN_OK)
			assert_non_null(strstr(buf_cstr(&s.heard),
			    "AUTH\t1\tPLAIN\tservice=smtp\trip=192.0.2.9\t"
			    "secured\tnologin\tresp="));
		stop(&s);
	}
}

/* Endless: bounded in lines and in the length of one. */
static void
test_dovecot_without_end(void **state)
{
	(void)state;
	struct buf lines = BUF_INIT(1 << 20), line = BUF_INIT(1 << 20);
	for (int i = 0; i < 1000; i++) {
		buf_add_cstr(&lines, "MECH\tX\n");
		buf_add_cstr(&line, "MECH\tX\tY and so on");
	}
	const struct str greetings[] = { buf_str(&lines), buf_str(&line) };
	for (size_t i = 0; i < ARRAY_LEN(greetings); i++) {
		struct server s;
		struct err e = ERR_INIT;
		start(&s, greetings[i], "", (struct str)STR_EMPTY);
		assert_int_equal(login_dovecot(s.path, &anna, &e), LOGIN_LATER);
		finish(&s);
		stop(&s);
	}
	buf_clear(&lines);
	buf_clear(&line);
}

static void
test_cvm(void **state)
{
	(void)state;
	static const struct {
		struct str answer;
		enum login_answer is;
	} cases[] = {
		{ { "\0more\0", 6 }, LOGIN_OK },
		{ { "\144", 1 }, LOGIN_DENIED },
		{ { "\1", 1 }, LOGIN_DECLINED },
		{ { "\377", 1 }, LOGIN_DECLINED },
		{ { NULL, 0 }, LOGIN_DECLINED },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct server s;
		struct err e = ERR_INIT;
		/* it hears all, since the client shuts its sending side */
		start(&s, (struct str)STR_EMPTY, "never", cases[i].answer);
		assert_int_equal(login_cvm(s.path, &anna, &e), cases[i].is);
		finish(&s);
		assert_true(str_eq(buf_str(&s.heard),
		    STR("\1anna\0test.example\0secret\0\0")));
		stop(&s);
	}
	struct err e = ERR_INIT;
	assert_int_equal(
	    login_cvm("/nonexistent/socket", &anna, &e), LOGIN_DENIED);
	assert_non_null(strstr(e.text, "cannot connect to '/nonexistent"));
}

static void
test_file(void **state)
{
	(void)state;
	static const struct {
		const char *lines;
		enum login_answer is;
	} cases[] = {
		{ "anna@test.example:secret\n", LOGIN_OK },
		{ "x@test.example:y\n ANNA@test.example:secret \n", LOGIN_OK },
		{ "anna@test.example:secre\n", LOGIN_DENIED },
		{ "anna@test.example:secrets\n", LOGIN_DENIED },
		{ "anna@test.example:\n", LOGIN_DECLINED },
		{ "anna@test.example\n", LOGIN_DECLINED },
		{ "anna:secret\n", LOGIN_DECLINED },
		{ "#anna@test.example:secret\n", LOGIN_DECLINED },
		{ "", LOGIN_DECLINED },
		{ "anna@test.example:$x$y\n", LOGIN_LATER },
		{ "anna@test.example:$1$ab$6FsAQjyUGUxQqBIhWr0kM0\n",
		    LOGIN_DENIED },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = ERR_INIT;
		if (login_file(str_of(cases[i].lines), &anna, &e) !=
		    cases[i].is)
			fail_msg("'%s': %s", cases[i].lines, e.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dovecot),
		cmocka_unit_test(test_dovecot_without_end),
		cmocka_unit_test(test_cvm),
		cmocka_unit_test(test_file),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
