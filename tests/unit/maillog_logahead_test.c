/* Reading ahead: what is asked for and dropped leaves no descriptor open. */
#include "core/maillog/logahead.h"

#include "core/maillog/logread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	TIMES = 2000, /* more than wait at once */
	BYTES = 300000
};

static size_t
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;
	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
write_log(const char *path)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	for (size_t n = 0; n < BYTES;)
		n += (size_t)fprintf(
		    f, "@400000005a1b59ac2920511a 4711 a line of a log\n");
	assert_int_equal(fclose(f), 0);
}

static void
test_asked_and_dropped(void **state)
{
	char path[] = "/tmp/smemail-ahead.XXXXXX";
	int fd = mkstemp(path);
	struct err e = ERR_INIT;
	struct logplan_options o = { .kind = LOGPLAN_PATH,
		.path = path,
		.shown = path,
		.range = LOGRANGE_ALL,
		.clock = &clock_system };
	(void)state;
	assert_true(fd >= 0);
	close(fd);
	write_log(path);
	size_t before = open_files();
	struct logahead *a = logahead_new();
	assert_non_null(a);
	for (int i = 0; i < TIMES; i++) {
		struct logplan *p = logplan_open(&o, &e);
		assert_non_null(p);
		logahead_plan(a, p, i % 2 == 0 ? UINT64_MAX : 1);
		logplan_free(p); /* it need not stay */
	}
	logahead_free(a);
	assert_int_equal(open_files(), before);
	unlink(path);
}

/* Without a thread all goes on as without reading ahead. */
static void
test_none(void **state)
{
	(void)state;
	logahead_plan(NULL, NULL, 1);
	logahead_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked_and_dropped),
		cmocka_unit_test(test_none),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
