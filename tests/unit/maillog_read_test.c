/*
 * Reading whole logs: order (LG-10), packed files (LG-11), ranges (LG-12,
 * LG-13), joints (LG-14, LG-15), long lines (LG-26), shares for threads.
 */
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

static void
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

static int
setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/maillog_read.XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	run("rm -rf %s", dir);
	return 0;
}

static char *
label(int64_t s, char out[TAI64N_SIZE + 1])
{
	return tai64n_format((struct tai64n){ s, 5 }, out);
}

static void
put(const char *name, const char *text, size_t n)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0 && file_write_all(fd, str_n(text, n)));
	close(fd);
}

/* "@LABEL text" for each second; 'name' "" is current, ".s" has a label. */
static void
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

static struct logplan *
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
static size_t
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
static char *
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

static void
test_order(void **state)
{
	(void)state;
	put_lines(".u", 2000, 2010, 5);
	put_lines(".s", 1000, 1010, 5);
	put_lines("", 3000, 3010, 5);
	put("lock", "x\n", 2);
	put("state", "x\n", 2);
	put("processed", "x\n", 2);
	put("@4000.s", "x\n", 2);
	/* "processed" alone is what multilog's processor leaves */
	run("rm %s/processed", dir);
	char *got = read_all("", -1, -1, 1);
	const char *order[] = { "line 1000\n", "line 1005\n", "line 2000\n",
		"line 2005\n", "line 3000\n", "line 3005\n" };
	const char *at = got;
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		at = strstr(at, order[i]);
		assert_non_null(at);
	}
	assert_int_equal(strlen(got), 6 * (TAI64N_SIZE + 11));
	free(got);
	struct logplan *p = plan_of("", -1, -1);
	int64_t oldest;
	assert_int_equal(logplan_killed(p), 1); /* LG-15 */
	assert_true(logplan_oldest(p, &oldest));
	assert_int_equal(oldest, 1000 * (int64_t)NS_PER_S + 5);
	logplan_free(p);
}

static void
test_packed(void **state)
{
	(void)state;
	char l[TAI64N_SIZE + 1];
	put_lines(".s", 1000, 1100, 1);
	put_lines(".s", 2000, 2100, 1);
	put_lines("", 3000, 3100, 1);
	char *plain = read_all("", -1, -1, 1);
	run("gzip %s/%s.s", dir, label(1100, l));
	run("xz %s/%s.s", dir, label(2100, l));
	for (size_t n = 1; n <= 4; n++) {
		char *packed = read_all("", -1, -1, n);
		assert_string_equal(plain, packed);
		free(packed);
	}
	/* while it is being packed both are there */
	run("gunzip -k %s/%s.s.gz", dir, label(1100, l));
	char *both = read_all("", -1, -1, 1);
	assert_string_equal(plain, both);
	free(both);
	run("rm %s/%s.s", dir, label(1100, l));
	char *part = read_all("", 1050, 2001, 1);
	assert_int_equal(strlen(part), 51 * (TAI64N_SIZE + 11));
	free(part);
	free(plain);
	/* a damaged one is told, not taken for the end */
	char name[64];
	snprintf(name, sizeof(name), "%s.s.gz", label(1100, l));
	put(name, "\x1f\x8b\x08\x00garbage", 11);
	struct err e = ERR_INIT;
	struct logline line;
	struct logplan *p = plan_of("", -1, -1);
	struct logread *r = logread_open(p, 0, UINT64_MAX, &e);
	while (logread_next(r, &line, &e))
		;
	assert_int_equal(e.code, ERR_PERMANENT);
	logread_close(r);
	logplan_free(p);
}

/* LG-12: ranges give exactly their lines, in large files too. */
static void
test_range(void **state)
{
	(void)state;
	put_lines(".s", 100000, 200000, 1);
	put_lines("", 200000, 300000, 1);
	static const struct {
		int64_t from, to;
	} cases[] = { { 150000, 150010 }, { 199990, 200010 }, { 0, 100003 },
		{ 299999, 400000 }, { 250000, 250001 }, { 100000, 100001 } };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf want = BUF_INIT(1 << 20);
		char l[TAI64N_SIZE + 1];
		for (int64_t s = cases[i].from; s < cases[i].to; s++)
			if (s >= 100000 && s < 300000)
				buf_addf(&want, "%s line %lld\n", label(s, l),
				    (long long)s);
		char *got = read_all("", cases[i].from, cases[i].to, 1);
		assert_string_equal(got, buf_cstr(&want));
		free(got);
		buf_clear(&want);
	}
	struct logplan *p = plan_of("", 150000, 150010);
	assert_in_range(logplan_size(p), 1, 256 * 1024);
	logplan_free(p);
}

/* A hundred thousand lines, the clock set back behind 40000; 'pad' longer. */
static void
put_step(int64_t step, int pad)
{
	struct buf b = BUF_INIT(64 << 20);
	char l[TAI64N_SIZE + 1];
	for (int64_t i = 0; i < 100000; i++)
		buf_addf(&b, "%s %0*lld\n",
		    label(100000 + i - (i < 40000 ? 0 : step), l), pad,
		    (long long)i);
	put("current", b.data, b.len);
	buf_clear(&b);
}

/* The lines of it from 'from' to 'to', read and as they were put. */
static void
expect_step(int64_t step, int pad, int64_t from, int64_t to)
{
	struct buf want = BUF_INIT(64 << 20);
	char l[TAI64N_SIZE + 1];
	for (int64_t i = 0; i < 100000; i++) {
		int64_t s = 100000 + i - (i < 40000 ? 0 : step);
		if (s >= from && s < to)
			buf_addf(&want, "%s %0*lld\n", label(s, l), pad,
			    (long long)i);
	}
	char *got = read_all("", from, to, 1);
	if (strcmp(got, buf_cstr(&want)) != 0)
		fail_msg("a step of %lld: %lld to %lld", (long long)step,
		    (long long)from, (long long)to);
	free(got);
	buf_clear(&want);
}

/* LG-13: the clock went back; every line of the range is found. */
static void
test_clock_steps(void **state)
{
	(void)state;
	static const int64_t steps[] = { 1, 10, 3000, 5000, 60000 };
	for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
		int64_t step = steps[k];
		put_step(step, 1);
		expect_step(step, 1, 139990 - step, 140005);
		expect_step(step, 1, 140000 - step / 6, 140005);
		expect_step(step, 1, 130000 - step, 140000 - step);
		expect_step(step, 1, 139999, 200000);
		/* a file that begins after the range ends the reading */
		expect_step(step, 1, 100000, 140001 - step);
	}
	/* too long to look at every time: small steps and great ones */
	static const int64_t long_steps[] = { 10, 60000 };
	for (size_t k = 0; k < ARRAY_LEN(long_steps); k++) {
		put_step(long_steps[k], 160);
		expect_step(long_steps[k], 160, 139995 - long_steps[k], 139997);
		expect_step(long_steps[k], 160, 139998, 140005);
	}
}

/* LG-12: lines without a label belong to the labelled line before them. */
static void
test_unlabelled(void **state)
{
	(void)state;
	char text[512], a[32], b[32];
	int n = snprintf(text, sizeof(text),
	    "early\n%s one\nof one\n\n%s two\nof two\n", label(1000, a),
	    label(2000, b));
	put("current", text, (size_t)n);
	char *got = read_all("", 900, 1500, 1), want[256];
	snprintf(want, sizeof(want), "%s one\nof one\n\n", a);
	assert_string_equal(got, want);
	free(got);
	got = read_all("", -1, -1, 1);
	assert_string_equal(got, text);
	free(got);
	/* in the file before, too */
	char name[64];
	n = snprintf(text, sizeof(text), "%s one\n", label(1000, a));
	snprintf(name, sizeof(name), "%s.s", label(1001, b));
	put(name, text, (size_t)n);
	n = snprintf(text, sizeof(text), "of one\n%s two\n", label(2000, b));
	put("current", text, (size_t)n);
	snprintf(want, sizeof(want), "%s one\nof one\n", a);
	static const int64_t ends[] = { 1500, 2000 };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		got = read_all("", 900, ends[i], 1);
		assert_string_equal(got, want);
		free(got);
	}
	/* a file worth a search */
	struct buf big = BUF_INIT(8 << 20);
	buf_add_cstr(&big, "of one\n");
	for (int64_t s = 2000; s < 42000; s++)
		buf_addf(&big, "%s line\n", label(s, b));
	put("current", big.data, big.len);
	buf_clear(&big);
	got = read_all("", 900, 2000, 1);
	assert_string_equal(got, want);
	free(got);
	snprintf(text, sizeof(text), "%s%s line\n", want, label(2000, b));
	got = read_all("", 900, 2001, 1);
	assert_string_equal(got, text);
	free(got);
	/* a line outside of the range, in a file that is searched */
	put_lines(".s", 1002, 41002, 1);
	n = snprintf(
	    text, sizeof(text), "of the last\n%s late\n", label(40990, b));
	put("current", text, (size_t)n);
	struct err e = ERR_INIT;
	struct logline line;
	struct logplan *p = plan_of("", 40989, 40995);
	struct logread *r = logread_open(p, 0, UINT64_MAX, &e);
	for (int i = 0; i < 6; i++)
		assert_true(logread_next(r, &line, &e));
	assert_true(logread_next(r, &line, &e));
	assert_true(str_is(line.text, "late"));
	assert_false(logread_next(r, &line, &e));
	logread_close(r);
	logplan_free(p);
	got = read_all("", 40989, 40995, 1); /* a reader for each file */
	assert_int_equal(strlen(got),
	    6 * (TAI64N_SIZE + 12) + TAI64N_SIZE + strlen(" late\n"));
	free(got);
	run("rm %s/%s.s", dir, label(41002, b));
	n = snprintf(text, sizeof(text), "of one\n%s two\n", label(2000, b));
	put("current", text, (size_t)n);
	snprintf(want, sizeof(want), "%s two\n", b);
	static const int64_t starts[] = { 1001, 1002 };
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		got = read_all("", starts[i], -1, 1);
		assert_string_equal(got, want);
		free(got);
	}
}

/* LG-12: files whose names end before the range are not even opened, nor those
   behind the first one that begins after it. */
static void
test_skipped_by_name(void **state)
{
	(void)state;
	static const int64_t damaged[] = { 1000, 2000, 5100 };
	char l[TAI64N_SIZE + 1], name[64];
	for (size_t i = 0; i < ARRAY_LEN(damaged); i++) {
		snprintf(name, sizeof(name), "%s.s.gz", label(damaged[i], l));
		put(name, "no gzip", 7);
	}
	put_lines(".s", 3000, 3100, 50);
	put_lines(".s", 4000, 4100, 50);
	put_lines(".s", 5000, 5050, 50);
	/* lines can be older than the name of the file before (2.1) */
	put_lines("", 3040, 3060, 10);
	static const struct {
		int64_t from, to;
		size_t lines;
	} cases[] = { { 2001, 3050, 1 }, { 3000, 3051, 2 }, { 3051, 4051, 2 },
		{ 3101, 5000, 2 } };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *got = read_all("", cases[i].from, cases[i].to, 1);
		assert_int_equal(
		    strlen(got), cases[i].lines * (TAI64N_SIZE + 11));
		free(got);
	}
	/* with them they would be told */
	struct err e = ERR_INIT;
	struct logline line;
	struct logplan *p = plan_of("", 1999, 3000);
	struct logread *r = logread_open(p, 0, UINT64_MAX, &e);
	assert_false(r != NULL && logread_next(r, &line, &e));
	assert_int_equal(e.code, ERR_PERMANENT);
	logread_close(r);
	logplan_free(p);
}

/* LG-14: the halves of a cut line are one; a lost tail stays a line. */
static void
test_joints(void **state)
{
	(void)state;
	char a[32], b[32], name[64], text[256], want[256];
	put("current", "half\nnext\n", 10);
	snprintf(name, sizeof(name), "%s.s", label(1000, a));
	int n = snprintf(text, sizeof(text), "%s first ", a);
	put(name, text, (size_t)n);
	char *got = read_all("", -1, -1, 1);
	snprintf(want, sizeof(want), "%s first half\nnext\n", a);
	assert_string_equal(got, want);
	free(got);
	for (size_t shares = 1; shares < 5; shares++) {
		got = read_all("", -1, -1, shares);
		assert_string_equal(got, want);
		free(got);
	}
	/* .u without a label behind it: the line goes on */
	run("mv %s/%s %s/%s.u", dir, name, dir, a);
	got = read_all("", -1, -1, 1);
	assert_string_equal(got, want);
	free(got);
	/* with one: the tail is lost */
	n = snprintf(text, sizeof(text), "%s new\n", label(2000, b));
	put("current", text, (size_t)n);
	got = read_all("", -1, -1, 1);
	snprintf(want, sizeof(want), "%s first \n%s new\n", a, b);
	assert_string_equal(got, want);
	free(got);
	/* svlogd -tt stamps it so */
	put("current", "2017-11-28_15:15:18.00000 new\n", 30);
	got = read_all("", -1, -1, 1);
	snprintf(want, sizeof(want),
	    "%s first \n2017-11-28_15:15:18.00000 new\n", a);
	assert_string_equal(got, want);
	free(got);
	/* a label further on does not make the first line one of its own */
	n = snprintf(text, sizeof(text), "half\n%s new\n", b);
	put("current", text, (size_t)n);
	snprintf(want, sizeof(want), "%s first half\n%s new\n", a, b);
	for (size_t shares = 1; shares < 4; shares++) {
		got = read_all("", -1, -1, shares);
		assert_string_equal(got, want);
		free(got);
	}
	/* the same when it was packed, one reader or several */
	run("mv %s/%s.u %s/%s.s", dir, a, dir, a);
	run("gzip %s/%s.s", dir, a);
	for (size_t shares = 1; shares < 4; shares++) {
		got = read_all("", -1, -1, shares);
		assert_string_equal(got, want);
		free(got);
	}
	struct logplan *p = plan_of("", -1, -1);
	struct err e = ERR_INIT;
	struct logline line;
	struct logread *r = logread_open(p, 0, UINT64_MAX, &e);
	for (const char *at = want; *at != '\0'; at = strchr(at, '\n') + 1) {
		assert_true(logread_next(r, &line, &e));
		assert_memory_equal(line.raw.ptr, at, line.raw.len);
	}
	assert_false(logread_next(r, &line, &e));
	logread_close(r);
	logplan_free(p);
	run("gunzip %s/%s.s.gz", dir, a);
	run("mv %s/%s.s %s/%s.u", dir, a, dir, a);
	/* of a file that was finished every half goes on */
	run("mv %s/%s.u %s/%s.s", dir, a, dir, a);
	n = snprintf(text, sizeof(text), "%s new\n", b);
	put("current", text, (size_t)n);
	snprintf(want, sizeof(want), "%s first %s new\n", a, b);
	for (size_t shares = 1; shares < 4; shares++) {
		got = read_all("", -1, -1, shares);
		assert_string_equal(got, want);
		free(got);
	}
}

/* The recorded directories of the real multilog and svlogd. */
static void
test_recorded(void **state)
{
	(void)state;
	run("tar -xf tests/data/logs/dirs.tar -C %s", dir);
	char *split = read_all("dirs/multilog-split", -1, -1, 3);
	char *killed = read_all("dirs/multilog-killed", -1, -1, 1);
	char *sv = read_all("dirs/svlogd", -1, -1, 1);
	size_t longest = 0, lines = 0;
	for (const char *p = split; *p != '\0'; lines++) {
		size_t n = strcspn(p, "\n");
		longest = n > longest ? n : longest;
		p += n + 1;
	}
	/* 5000 bytes behind a label, one line, though in two files */
	assert_true(longest >= 5000 && longest < 5100);
	assert_true(strlen(killed) > 100);
	assert_int_equal(strlen(sv), 66 + 33);
	free(split);
	free(killed);
	free(sv);
}

/* LG-26: a line of more than a MiB comes in pieces, nothing lost. */
static void
test_long_lines(void **state)
{
	(void)state;
	size_t n = 3 * LOGREAD_LINE_MAX + 17;
	char *text = malloc(n + 1);
	memset(text, 'x', n);
	memcpy(text + n - 4, "\nend", 4);
	text[n] = '\n';
	put("current", text, n + 1);
	for (size_t shares = 1; shares < 6; shares++) {
		char *got = read_all("", -1, -1, shares);
		assert_int_equal(strlen(got), n + 1);
		assert_memory_equal(got, text, n + 1);
		free(got);
	}
	free(text);
}

/* Shares of a plan are the whole, whatever their number. */
static void
test_shares(void **state)
{
	(void)state;
	put_lines(".s", 100000, 104000, 1);
	put_lines(".s", 104000, 106001, 1);
	put_lines("", 106001, 107000, 1);
	char *whole = read_all("", -1, -1, 1);
	for (size_t n = 2; n <= 64; n++) {
		char *got = read_all("", -1, -1, n);
		assert_string_equal(whole, got);
		free(got);
	}
	free(whole);
	whole = read_all("", 103990, 106100, 1);
	for (size_t n = 2; n <= 64; n++) {
		char *got = read_all("", 103990, 106100, n);
		assert_string_equal(whole, got);
		free(got);
	}
	free(whole);
}

/* Only lines with a text, in any number of shares. */
static void
test_need(void **state)
{
	(void)state;
	put_lines(".s", 100000, 130000, 1);
	put_lines("", 130000, 140000, 1);
	struct logplan *p = plan_of("", 101000, -1);
	for (size_t n = 1; n < 9; n++) {
		uint64_t at[SHARES_MAX + 1];
		size_t found = 0, shares = cut(p, n, at);
		for (size_t i = 0; i < shares; i++) {
			struct err e = ERR_INIT;
			struct logline line;
			struct logread *r =
			    logread_open(p, at[i], at[i + 1], &e);
			assert_non_null(r);
			logread_need(r, STR("LINE 1377"), true);
			while (logread_next(r, &line, &e)) {
				assert_true(
				    str_find_str(line.raw, STR("line 1377")) <
				    line.raw.len);
				found++;
			}
			logread_close(r);
		}
		assert_int_equal(found, 100);
	}
	/* the last lines, over files */
	for (uint64_t n = 0; n < 40000; n += 9999) {
		struct err e = ERR_INIT;
		struct logline line;
		uint64_t found = 0;
		struct logread *r =
		    logread_open(p, logplan_back(p, n), UINT64_MAX, &e);
		while (logread_next(r, &line, &e))
			found++;
		assert_int_equal(found, n < 39000 ? n : 39000);
		logread_close(r);
	}
	logplan_free(p);
	/* a line without a label knows whose it is */
	char one[32], two[32], text[128];
	int n = snprintf(text, sizeof(text), "%s a\nx\nneedle\n%s b\nneedle\n",
	    label(140000, one), label(150000, two));
	put("current", text, (size_t)n);
	p = plan_of("", -1, 145000);
	struct err e = ERR_INIT;
	struct logline line;
	struct logread *r = logread_open(p, 0, UINT64_MAX, &e);
	logread_need(r, STR("needle"), false);
	assert_true(logread_next(r, &line, &e));
	assert_int_equal(line.key_ns, 140000 * (int64_t)NS_PER_S + 5);
	assert_false(logread_next(r, &line, &e));
	logread_close(r);
	logplan_free(p);
}

/* The journal's export format: text and binary fields. */
static void
test_journal(void **state)
{
	(void)state;
	static const char text[] =
	    "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1511882133432617\n"
	    "SYSLOG_IDENTIFIER=postfix/smtpd\n_PID=77\n"
	    "MESSAGE=connect from mx.test[192.0.2.1]\n\n"
	    "__CURSOR=s=2\n__REALTIME_TIMESTAMP=1511882134000000\n"
	    "_COMM=dovecot\nMESSAGE\n\x05\0\0\0\0\0\0\0a\nb\x1b!\n\n";
	char a[32], b[32], want[256];
	put("export", text, sizeof(text) - 1);
	char *got = read_all("export", -1, -1, 1);
	snprintf(want, sizeof(want),
	    "%s postfix/smtpd[77]: connect from mx.test[192.0.2.1]\n"
	    "%s dovecot: a b\x1b!\n",
	    tai64n_format((struct tai64n){ 1511882133, 432617000 }, a),
	    tai64n_format((struct tai64n){ 1511882134, 0 }, b));
	assert_string_equal(got, want);
	free(got);
	got = read_all("export", 1511882134, -1, 1);
	assert_string_equal(got, strchr(want, '\n') + 1);
	free(got);
}

/* Half a line at the end of what still grows is marked (LG-19). */
static void
test_unfinished(void **state)
{
	(void)state;
	put("current", "one\ntwo", 7);
	struct err e = ERR_INIT;
	struct logline line;
	struct logplan *p = plan_of("", -1, -1);
	struct logread *r = logread_open(p, 0, UINT64_MAX, &e);
	assert_true(logread_next(r, &line, &e));
	assert_false(line.unfinished);
	assert_true(logread_next(r, &line, &e));
	assert_true(line.unfinished);
	assert_false(logread_next(r, &line, &e));
	assert_int_equal(logread_count(r)->unlabelled, 2); /* LG-6 */
	logread_close(r);
	logplan_free(p);
}

static void
test_trouble(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct logplan_options o = { .kind = LOGPLAN_PATH,
		.path = "/nowhere/at/all",
		.shown = "nowhere",
		.range = LOGRANGE_ALL,
		.clock = &clock_system };
	assert_null(logplan_open(&o, &e));
	assert_int_equal(e.sys_errno, 2);
	/* an empty directory is an empty log */
	char *got = read_all("", -1, -1, 2);
	assert_string_equal(got, "");
	free(got);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_order),
		CASE(test_packed),
		CASE(test_range),
		CASE(test_clock_steps),
		CASE(test_unlabelled),
		CASE(test_skipped_by_name),
		CASE(test_joints),
		CASE(test_recorded),
		CASE(test_long_lines),
		CASE(test_shares),
		CASE(test_need),
		CASE(test_journal),
		CASE(test_unfinished),
		CASE(test_trouble),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
