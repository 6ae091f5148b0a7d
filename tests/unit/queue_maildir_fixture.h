/* What the tests of Maildirs share: a queue below a folder of their own. */
#ifndef TESTS_UNIT_QUEUE_MAILDIR_FIXTURE_H
#define TESTS_UNIT_QUEUE_MAILDIR_FIXTURE_H

#include "core/queue/maildir_int.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/sys/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	WALL_S = 1700000000,
	PATH_SIZE = 512,
	TEXT_MAX = 1 << 20
};

static inline int
setup(void **state)
{
	char dir[] = "/tmp/smemail-maildir.XXXXXX";
	*state = mkdtemp(dir) != NULL ? strdup(dir) : NULL;
	return *state == NULL;
}

static inline int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static inline int
teardown(void **state)
{
	nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return 0;
}

static inline struct queue *
open_queue(const char *dir, const char *subdir)
{
	struct queue_maildir_spec spec = { dir, subdir, 0700, "mx:1/x" };
	struct queue *q = queue_maildir_new(&spec);
	assert_non_null(q);
	return q;
}

static const struct mail_path rcpts[] = {
	{ { "b", 1 }, { "local.example", 13 } },
	{ { "C.d", 3 }, { "Other.example", 13 } },
};

static inline struct queue_message
message(void)
{
	return (struct queue_message){
		.sender = { { "a", 1 }, { "out.example", 11 } },
		.rcpts = rcpts,
		.n_rcpts = ARRAY_LEN(rcpts),
		.head = STR("Subject: t\n\n"),
		.body = STR("body\n"),
		.body_fd = -1,
		.stamp = { (int64_t)WALL_S * NS_PER_S + 123456789,
		    (uint32_t)getpid(), 0 },
	};
}

/* As the keeper does: each with a stamp of its own, the first has number 1. */
static inline bool
stage(struct queue *q, struct queue_message *m, size_t *ticket, struct err *e)
{
	m->stamp.serial++;
	return queue_stage(q, m, ticket, e);
}

/* Files in DIR/SUB; the name of the first into 'name'. */
static inline size_t
count(const char *dir, const char *sub, char name[PATH_SIZE])
{
	char path[PATH_SIZE];
	size_t n = 0;
	assert_true(snprintf(path, sizeof(path), "%s/%s", dir, sub) <
		    (int)sizeof(path));
	DIR *d = opendir(path);
	if (d == NULL)
		return 0;
	const struct dirent *e;
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if (n++ == 0 && name != NULL)
			snprintf(name, PATH_SIZE, "%.200s/%s", path, e->d_name);
	}
	closedir(d);
	return n;
}

static inline void
assert_content(const char *path, const char *content)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	struct err e = ERR_INIT;
	assert_true(file_read(path, NULL, &b, &e));
	assert_string_equal(buf_cstr(&b), content);
	buf_clear(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
