/* What a listener that starts anew leaves to the next one. */
#include "cmd/filterd/handover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static void
test_handover_parse(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		unsigned listens, workers;
	} cases[] = {
		{ "listen=20,21;worker=22:1234:24,23:99:25", true, 2, 2 },
		{ "number=77;listen=20;worker=21:5:22;sessions=23", true, 1,
		    1 },
		{ "number=-1", false, 0, 0 },
		{ "number=4294967296", false, 0, 0 },
		{ "listen=;worker=", true, 0, 0 },
		{ "listen=20", true, 1, 0 },
		{ "worker=7:8:9", true, 0, 1 },
		{ "sessions=9", true, 0, 0 },
		{ "sessions=2", false, 0, 0 },
		{ "sessions=x", false, 0, 0 },
		{ "listen=2", false, 0, 0 }, /* one of the standard ones */
		{ "listen=x", false, 0, 0 },
		{ "listen=20,,21", false, 0, 0 },
		{ "listen=99999999999", false, 0, 0 },
		{ "worker=22", false, 0, 0 },
		{ "worker=22:", false, 0, 0 },
		{ "worker=22:1234", false, 0, 0 },
		{ "worker=22:1234:", false, 0, 0 },
		{ "worker=22:1234:2", false, 0, 0 },
		{ "worker=22:1:23", false, 0, 0 }, /* that is init */
		{ "worker=22:-5:23", false, 0, 0 },
		{ "other=20", false, 0, 0 },
		{ "listen=3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19", false,
		    0, 0 },
		{ "", false, 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct handover h;
		bool ok = handover_parse(&h, str_of(cases[i].text));
		if (ok != cases[i].ok ||
		    (ok && (h.n_listens != cases[i].listens ||
			       h.n_workers != cases[i].workers)))
			fail_msg("'%s'", cases[i].text);
	}
}

static int
listener_at(const char *text, struct listen_spec *spec)
{
	assert_true(listen_spec_parse(spec, text, NULL));
	int fd = socket(spec->address.ss_family, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)(const void *)&spec->address,
		spec->length),
	    0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* All descriptors but the standard ones are closed by it. */
static void
test_handover_take(void **state)
{
	struct listen_spec any, elsewhere;
	struct handover h;
	char text[100];
	(void)state;
	int fd = listener_at("smtp:127.0.0.1:0", &any);
	int other = open("/dev/null", O_RDONLY);
	int board = dup(other), sessions = dup(other);
	assert_true(listen_spec_parse(&elsewhere, "smtp:127.0.0.2:0", NULL));
	snprintf(text, sizeof(text), "listen=%d,%d;worker=%d:77:%d;sessions=%d",
	    fd, other, other, board, sessions);
	setenv("SMEMAIL_FILTERD_HANDOVER", text, 1);
	int foreign = dup(other);
	handover_take(&h, STDERR_FILENO + 1);
	assert_true(h.happened && getenv("SMEMAIL_FILTERD_HANDOVER") == NULL);
	assert_int_equal(h.n_listens, 1); /* the other one does not listen */
	assert_int_equal(h.n_workers, 1);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(foreign, F_GETFD), -1);
	assert_int_equal(handover_find(&h, &elsewhere), -1);
	assert_int_equal(handover_find(&h, &any), fd);
	assert_int_equal(handover_find(&h, &any), -1);
	handover_close_listens(&h);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(board, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(sessions, F_GETFD), FD_CLOEXEC);
	handover_close(&h);
	assert_int_equal(fcntl(other, F_GETFD), -1);
	assert_int_equal(fcntl(board, F_GETFD), -1);
	assert_int_equal(fcntl(sessions, F_GETFD), -1);
}

static void
test_handover_none(void **state)
{
	struct handover h;
	(void)state;
	unsetenv("SMEMAIL_FILTERD_HANDOVER");
	handover_take(&h, STDERR_FILENO + 1);
	assert_true(!h.happened && h.n_listens == 0 && h.n_workers == 0 &&
		    h.sessions_fd == -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handover_parse),
		cmocka_unit_test(test_handover_take),
		cmocka_unit_test(test_handover_none),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name(
	    "filterd_handover", tests, NULL, NULL);
}
