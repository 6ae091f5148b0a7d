/*
 * qmail-queue's exits (FL-155, FL-156), and an end that nobody can tell. What
 * goes over its descriptors is in tests/e2e/filterd-qmail.py.
 */
#include "core/queue/qmail.h"

#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char dir[64];
	char program[80];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t child;
	snprintf(f->dir, sizeof(f->dir), "/tmp/smemail-qmail.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->program, sizeof(f->program), "%s/qmail-queue", f->dir);
	/* as its header wants of the caller */
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGCHLD, &usual, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	signal(SIGCHLD, SIG_DFL);
	unlink(f->program);
	rmdir(f->dir);
	free(f);
	return 0;
}

/* A program that reads all it is given and ends with this number. */
static struct queue_result
run(const struct fixture *f, int code)
{
	static const struct mail_path rcpt = { { "b", 1 },
		{ "local.example", 13 } };
	struct queue_qmail q = { f->program, 20000, &clock_system };
	struct queue_message m = { .sender = { { "a", 1 },
				       { "out.example", 11 } },
		.rcpts = &rcpt,
		.n_rcpts = 1,
		.head = STR("Subject: t\n\n"),
		.body = STR("text\n"),
		.body_fd = -1 };
	struct queue_result result;
	FILE *file = fopen(f->program, "w");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\ncat >/dev/null\ncat <&1 >/dev/null\n");
	fprintf(file, "exit %d\n", code);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(f->program, 0700), 0);
	queue_qmail_run(&q, &m, &result);
	return result;
}

/* FL-156: 0 has it, 11 to 40 would fail again, all else may work later. */
static void
test_exits(void **state)
{
	static const struct {
		int code;
		enum queue_outcome outcome;
		const char *text;
	} cases[] = {
		{ 0, QUEUE_TAKEN, "Queued! " },
		{ 10, QUEUE_DECLINED, "queuing failed (#10)" },
		{ 11, QUEUE_REFUSED, "address too long (#11)" },
		{ 31, QUEUE_REFUSED, "message refused (#31)" },
		{ 40, QUEUE_REFUSED, "queuing failed (#40)" },
		{ 41, QUEUE_DECLINED, "queuing failed (#41)" },
		{ 53, QUEUE_DECLINED, "queuing failed (#53)" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct queue_result r = run(*state, cases[i].code);
		if (r.outcome != cases[i].outcome)
			fail_msg("exit %d: %d, %s", cases[i].code,
			    (int)r.outcome, r.err.text);
		assert_true(str_starts(str_of(r.text), str_of(cases[i].text)));
	}
}

/*
 * A daemon whose supervisor ignores SIGCHLD inherits that, and the kernel
 * keeps no exit for it: what nobody can tell is never taken for a success.
 */
static void
test_an_end_that_is_not_known(void **state)
{
	static const int codes[] = { 0, 31, 53 };
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		signal(SIGCHLD, SIG_IGN);
		struct queue_result r = run(*state, codes[i]);
		assert_int_equal(r.outcome, QUEUE_DECLINED);
		assert_non_null(strstr(r.err.text, "cannot learn how"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_exits, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_an_end_that_is_not_known, setup, teardown),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("queue_qmail", tests, NULL, NULL);
}
