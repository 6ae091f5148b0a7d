/* What the tests of reading share: folders of logs, and all that is read. */
#ifndef TESTS_UNIT_MAILLOG_READ_FIXTURE_H
#define TESTS_UNIT_MAILLOG_READ_FIXTURE_H

#include "core/maillog/logread.h"

#include "core/base/buf.h"
#include "core/sys/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SHARES_MAX = 1024
};

static char dir[64];

static inline void
run(const char *command, ...)
{
	/* argv of words in one string, by spaces */
	char text[512];
	char *argv[16];
	size_t n = 0;
	va_list ap;
	va_start(ap, command);
	vsnprintf(text, sizeof(text), command, ap);
	va_end(ap);
	for (char *p = text; *p != '\0' && n < 15;) {
		argv[n++] = p;
		p += strcspn(p, " ");
		if (*p != '\0')
			*p++ = '\0';
	}
	argv[n] = NULL;
	pid_t pid = fork();
	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	int status;
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static inline int
setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/maillog_read.XXXXXX");
	return mkdtemp(dir) == NULL;
}

static inline int
teardown(void **state)
{
	(void)state;
	run("rm -rf %s", dir);
	return 0;
}

static inline char *
label(int64_t s, char out[TAI64N_SIZE + 1])
{
	return tai64n_format((struct tai64n){ s, 5 }, out);
}

static inline void
put(const char *name, const char *text, size_t n)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0 && file_write_all(fd, str_n(text, n)));
	close(fd);
}

/* "@LABEL text" for each second; 'name' "" is current, ".s" has a label. */
static inline void
put_lines(const char *suffix, int64_t from, int64_t to, int64_t step)
{
	struct buf b = BUF_INIT(64 << 20);
	char l[TAI64N_SIZE + 1], name[64];
	for (int64_t s = from; s < to; s += step)
		buf_addf(&b, "%s line %lld\n", label(s, l), (long long)s);
	snprintf(name, sizeof(name), "%s%s",
	    suffix[0] == '.' ? label(to, l) : "current", suffix);
	put(name, b.data, b.len);
	buf_clear(&b);
}

static inline struct logplan *
plan_of(const char *name, int64_t from_s, int64_t to_s)
{
	char path[256];
	struct err e = ERR_INIT;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	struct logplan_options o = { .kind = LOGPLAN_PATH,
		.path = path,
		.shown = name,
		.range = { from_s < 0 ? INT64_MIN : from_s * NS_PER_S,
		    to_s < 0 ? INT64_MAX : to_s * NS_PER_S },
		.clock = &clock_system };
	struct logplan *p = logplan_open(&o, &e);
	if (p == NULL)
		fail_msg("%s", e.text);
	return p;
}

/* Shares as the report makes them: each file in 'n', a packed one whole. */
static inline size_t
cut(const struct logplan *p, size_t n, uint64_t *at)
{
	struct logfile f;
	size_t count = 0;
	for (size_t i = 0; logplan_file(p, i, &f); i++) {
		size_t parts = f.packed ? 1 : n;
		assert_true(count + parts <= SHARES_MAX);
		for (size_t j = 0; j < parts; j++)
			at[count++] = f.at + f.bytes / parts * j;
	}
	at[count] = UINT64_MAX;
	return count;
}

/* All lines of the range, joined by newlines; each file in 'n' shares. */
static inline char *
read_all(const char *name, int64_t from_s, int64_t to_s, size_t n)
{
	struct buf out = BUF_INIT(64 << 20);
	struct logplan *p = plan_of(name, from_s, to_s);
	uint64_t at[SHARES_MAX + 1];
	size_t shares = cut(p, n, at);
	for (size_t i = 0; i < shares; i++) {
		struct err e = ERR_INIT;
		struct logline line;
		struct logread *r = logread_open(p, at[i], at[i + 1], &e);
		assert_non_null(r);
		while (logread_next(r, &line, &e)) {
			buf_add_str(&out, line.raw);
			if (!line.more)
				buf_add_char(&out, '\n');
		}
		if (e.code != ERR_NONE)
			fail_msg("%s", e.text);
		logread_close(r);
	}
	logplan_free(p);
	buf_add_char(&out, '\0');
	return out.data;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
