/* Logs in a directory that goes again, and their index. */
#ifndef TESTS_UNIT_MAILLOG_INDEX_FIXTURE_H
#define TESTS_UNIT_MAILLOG_INDEX_FIXTURE_H

#include "core/maillog/logindex.h"

#include "core/base/buf.h"
#include "core/base/find.h"
#include "core/maillog/logindex_int.h"
#include "core/sys/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CHUNK = 2048,
	LINES = 60, /* in a file */
	FILES = 12,
	TEXT_MAX = 1 << 20,
	LOOKS = 420,
};

static char dir[64], index_path[80];
static uint64_t seed;

static inline unsigned
dice(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static inline void
path_of(const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s", dir, name);
}

static inline void
write_file(const char *path, struct str text, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);
	assert_true(fd >= 0);
	assert_true(file_write_all(fd, text));
	close(fd);
}

static inline void
empty_dir(void)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	char path[512];
	while ((entry = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	closedir(d);
}

static inline int
setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/maillog_index.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(index_path, sizeof(index_path), "%s/index", dir);
	seed = 7;
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	empty_dir();
	return rmdir(dir);
}

static inline void
add_address(struct buf *b)
{
	static const char *const locals[] = { "anna", "jo", "x",
		"Karl.Heinz-Mustermann", "alias-localdelivery-anna", "bounce+7",
		"20260314.1234.77aaf" };
	static const char *const domains[] = { "example.org", "a.de",
		"Mail.Example.NET", "t.co", "localhost", "x", "4000.example",
		"[192.0.2.7]", "d.b" };
	buf_addf(b, "%s", locals[dice(ARRAY_LEN(locals))]);
	if (dice(3) > 0)
		buf_addf(b, "%u", dice(500));
	buf_addf(b, "@%s", domains[dice(ARRAY_LEN(domains))]);
}

static inline void
add_word(struct buf *b)
{
	switch (dice(8)) {
	case 0:
		buf_addf(b, "<");
		add_address(b);
		buf_addf(b, ">,");
		break;
	case 1:
		buf_addf(
		    b, "%u.%u.%u.%u", dice(256), dice(20), dice(3), dice(256));
		break;
	case 2:
		add_address(b);
		break;
	case 3:
		buf_addf(b, "@@ .1.2.3.4.5. 1..2.3@ 1234.5.6.7");
		break;
	case 4:
		buf_addf(b, "version 4.%u.%u", dice(10), dice(10));
		break;
	default:
		buf_addf(b, "word%u", dice(50));
		break;
	}
}

static inline void
add_line(struct buf *b, int64_t *second)
{
	char text[TAI64N_SIZE + 1];
	struct tai64n t = { *second += dice(30), (int32_t)dice(1000) };
	tai64n_format(t, text);
	if (dice(12) > 0) /* else it has no time of its own */
		buf_addf(b, "%s ", text);
	for (unsigned n = dice(9); n-- > 0;) {
		add_word(b);
		buf_addf(b, " ");
	}
	if (dice(40) == 0)
		for (unsigned n = 3 * CHUNK / 8; n-- > 0;)
			buf_addf(b, "longword");
	buf_addf(b, "\n");
}

/* 'x': NULL, or whose times it may use. */
static inline struct logplan *
plan_with(struct logrange range, const struct logindex *x)
{
	struct err e = ERR_INIT;
	struct logplan_options o = { .kind = LOGPLAN_PATH,
		.path = dir,
		.shown = dir,
		.range = range,
		.clock = &clock_system,
		.index = x };
	struct logplan *p = logplan_open(&o, &e);
	assert_non_null(p);
	return p;
}

static inline struct logplan *
plan_of(struct logrange range)
{
	return plan_with(range, NULL);
}

static inline void
update(void)
{
	struct logindex_work w = {
		.chunk = CHUNK, .until_ms = INT64_MAX, .clock = &clock_system
	};
	struct logplan *p = plan_of((struct logrange)LOGRANGE_ALL);
	struct err e = ERR_INIT;
	assert_true(logindex_update(index_path, p, &w, &e));
	logplan_free(p);
}

/* Files that no stretch hangs together of: only what has it is read. */
static inline void
make_plain_log(void)
{
	char line[128], label[TAI64N_SIZE + 1], name[64], path[256];
	struct buf b = BUF_INIT(TEXT_MAX);
	for (int file = 0; file < 8; file++) {
		buf_reset(&b);
		for (int i = 0; i < 200; i++) {
			tai64n_format(
			    (struct tai64n){ 1700000000 + file * 200 + i, 0 },
			    label);
			snprintf(line, sizeof(line),
			    "%s from=<u%d@host%d.example> ip 10.%d.%d.1\n",
			    label, i, file, file, i);
			buf_add_cstr(&b, line);
		}
		snprintf(name, sizeof(name), "%s.s", label);
		path_of(file < 7 ? name : "current", path);
		write_file(path, buf_str(&b), O_TRUNC);
	}
	buf_clear(&b);
}

/* The lines with the needle, each with its time. */
static inline void
lines_of(const struct logplan *p, struct str needle, struct buf *out)
{
	struct err e = ERR_INIT;
	struct logline line;
	struct logread *r = logread_open(p, 0, UINT64_MAX, &e);
	assert_non_null(r);
	logread_need(r, needle, true);
	while (logread_next(r, &line, &e))
		buf_addf(out, "%lld %d%d%d %.*s\n", (long long)line.key_ns,
		    line.continued, line.more, line.unfinished,
		    STR_ARG(line.raw));
	assert_int_equal(e.code, ERR_NONE);
	logread_close(r);
}

/* Search with the index and without; bytes of the log that were left out. */
static inline uint64_t
same_answer(const struct logindex *x, struct logrange range, struct str needle)
{
	struct err e = ERR_INIT;
	struct buf with = BUF_INIT(16 << 20), without = BUF_INIT(16 << 20);
	struct logplan *p = plan_of(range);
	struct logplan *less =
	    logindex_pick(x, p, &needle, 1, (struct str)STR_EMPTY, &e);
	assert_non_null(less);
	lines_of(p, needle, &without);
	lines_of(less, needle, &with);
	if (!str_eq(buf_str(&with), buf_str(&without)))
		fail_msg("needle '%.*s'", STR_ARG(needle));
	uint64_t left_out = logplan_size(p) - logplan_size(less);
	assert_true(left_out <= logplan_size(p));
	logplan_free(less);
	logplan_free(p);
	buf_clear(&with);
	buf_clear(&without);
	return left_out;
}

static inline uint64_t
left_out(const char *needle)
{
	struct logindex *x = logindex_open(index_path);
	uint64_t n =
	    same_answer(x, (struct logrange)LOGRANGE_ALL, str_of(needle));
	logindex_close(x);
	return n;
}

#endif
