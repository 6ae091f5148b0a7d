/* What the tests of following share: a folder of logs, its turns, what comes.
 */
#ifndef TESTS_UNIT_MAILLOG_FOLLOW_FIXTURE_H
#define TESTS_UNIT_MAILLOG_FOLLOW_FIXTURE_H

#include "core/maillog/follow.h"

#include "core/base/buf.h"
#include "core/maillog/logdir.h"
#include "core/maillog/watch.h"
#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <errno.h>
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Labels in order of time; "N" in texts below stands for one. */
#define L1 "@400000005a1d7d9000000001"
#define L2 "@400000005a1d7d9000000002"
#define L3 "@400000005a1d7d9000000003"
#define L4 "@400000005a1d7d9000000004"
#define L5 "@400000005a1d7d9000000005"
#define L6 "@400000005a1d7d9000000006"
#define L7 "@400000005a1d7d9000000007"

struct place {
	char dir[128];
};

static inline char *
path_of(const struct place *p, const char *name)
{
	static char path[2][256];
	static int turn;
	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", p->dir, name);
	return path[turn];
}

static inline void
put(const struct place *p, const char *name, const char *text, bool append)
{
	int fd = open(path_of(p, name),
	    O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0644);
	assert_true(fd >= 0);
	assert_true(file_write_all(fd, str_of(text)));
	close(fd);
}

static inline void
turn(const struct place *p, const char *from, const char *to)
{
	assert_int_equal(rename(path_of(p, from), path_of(p, to)), 0);
}

static inline int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	assert_non_null(p);
	const char *tmp = getenv("TMPDIR");
	snprintf(p->dir, sizeof(p->dir), "%s/smemail-follow.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->dir));
	*state = p;
	return 0;
}

static inline int
run(const char *const *argv)
{
	struct spawn s = { .argv = argv, .limit_ms = 60000 };
	int status = -1;
	if (!spawn_run(&s, &clock_system, &status, NULL))
		return -1;
	return status;
}

static inline int
teardown(void **state)
{
	struct place *p = *state;
	const char *const argv[] = { "rm", "-rf", p->dir, NULL };
	assert_int_equal(run(argv), 0);
	free(p);
	return 0;
}

static inline struct follow *
begin_as(const struct follow_options *o)
{
	struct err e = ERR_INIT;
	struct follow *f = follow_open(o, &e);
	if (f == NULL)
		fail_msg("%s", e.text);
	return f;
}

static inline struct follow *
begin(const char *path, size_t lines, bool plain)
{
	struct follow_options o = { .path = path,
		.shown = "LOG",
		.plain = plain,
		.lines = lines,
		.clock = &clock_system };
	return begin_as(&o);
}

/* Begin where another follower stood. */
static inline struct follow *
begin_at(const struct place *p, const struct follow_place *at)
{
	struct follow_options o = { .path = p->dir,
		.shown = "LOG",
		.lines = FOLLOW_ALL_LINES,
		.resume = at,
		.clock = &clock_system };
	return begin_as(&o);
}

/* What is there now: lines without their labels, '|' behind each. */
static inline void
expect(struct follow *f, const char *want)
{
	struct buf got = BUF_INIT(1 << 16);
	struct follow_line line;
	struct err e = ERR_INIT;
	enum follow_result r;
	while ((r = follow_next(f, &line, &e)) == FOLLOW_LINE) {
		buf_add_str(
		    &got, str_sub(line.raw, line.stamp.text, line.raw.len));
		buf_add_char(&got, '|');
	}
	if (r == FOLLOW_FAILED)
		fail_msg("%s", e.text);
	assert_string_equal(buf_cstr(&got), want);
	buf_clear(&got);
}

#endif
