/*
 * The index of logs: no stretch with a line that is looked for is ever left
 * out, whatever the text, and files that changed are read anew.
 */
#include "tests/unit/maillog_index_fixture.h"

/* Old files, some left by a killed writer, some without an LF at the end. */
static void
make_log(int files, int64_t *second, struct buf *all)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	char label[TAI64N_SIZE + 1], name[64], path[256];
	for (int i = 0; i <= files; i++) {
		buf_reset(&b);
		for (unsigned n = dice(LINES) + 1; n-- > 0;)
			add_line(&b, second);
		if (dice(5) == 0)
			buf_truncate(&b, b.len - 1 - dice(5));
		tai64n_format((struct tai64n){ *second + 1, 0 }, label);
		snprintf(name, sizeof(name), "%s.%c", label,
		    dice(6) == 0 ? 'u' : 's');
		if (i == files)
			snprintf(name, sizeof(name), "current");
		path_of(name, path);
		write_file(path, buf_str(&b), O_TRUNC);
		buf_add_str(all, buf_str(&b));
	}
	buf_clear(&b);
}

/* A plan narrowed by the times of the index; bytes that were left out. */
static uint64_t
same_lines(const struct logindex *x, struct logrange range)
{
	struct err e = ERR_INIT;
	struct logrange all = LOGRANGE_ALL;
	struct buf with = BUF_INIT(16 << 20), without = BUF_INIT(16 << 20);
	struct str none = STR_EMPTY;
	struct logplan *p = plan_of(range), *whole = plan_with(all, x);
	struct logplan *near = logplan_narrow(whole, range, &e);
	assert_non_null(near);
	lines_of(p, none, &without);
	lines_of(near, none, &with);
	assert_true(str_eq(buf_str(&with), buf_str(&without)));
	uint64_t left_out = logplan_size(whole) - logplan_size(near);
	logplan_free(near);
	logplan_free(whole);
	logplan_free(p);
	buf_clear(&with);
	buf_clear(&without);
	return left_out;
}

/* A text around an '@' or a dot of the log, cut anywhere, or a made-up one. */
static struct str
any_needle(struct str all, struct buf *b)
{
	buf_reset(b);
	if (dice(4) == 0) {
		add_word(b);
		return str_trim(buf_str(b));
	}
	size_t at = dice((unsigned)all.len);
	at = str_find(all, dice(3) == 0 ? '.' : '@', at);
	size_t from = at > 24 ? at - dice(24) : 0;
	struct str needle = str_sub(all, from, at + 1 + dice(24));
	size_t lf = str_find(needle, '\n', 0);
	return str_sub(needle, 0, lf);
}

static struct logrange
any_range(int64_t first, int64_t last)
{
	struct logrange range = LOGRANGE_ALL;
	if (dice(4) == 0)
		range.from_ns =
		    (first + dice((unsigned)(last - first))) * NS_PER_S;
	if (dice(4) == 0)
		range.to_ns =
		    (first + dice((unsigned)(last - first))) * NS_PER_S;
	if (range.from_ns > range.to_ns)
		range.to_ns = INT64_MAX;
	return range;
}

static void
no_line_is_missed(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		struct buf all = BUF_INIT(16 << 20), word = BUF_INIT(4096);
		int64_t first = 1700000000, last = first;
		uint64_t left_out = 0, cut = 0;
		empty_dir();
		make_log(FILES, &last, &all);
		update();
		struct logindex *x = logindex_open(index_path);
		assert_non_null(x);
		for (int i = 0; i < LOOKS / 3; i++) {
			struct str needle = any_needle(buf_str(&all), &word);
			if (needle.len > 0)
				left_out += same_answer(
				    x, any_range(first, last), needle);
			cut += same_lines(x, any_range(first, last));
		}
		assert_true(left_out > 0 && cut > 0);
		logindex_close(x);
		buf_clear(&all);
		buf_clear(&word);
	}
}

/* A second of a log takes one stretch of it, not a file. */
static void
times_are_known(void **state)
{
	struct logrange second = { INT64_C(1700000500) * NS_PER_S,
		INT64_C(1700000501) * NS_PER_S };
	struct logrange all = LOGRANGE_ALL;
	(void)state;
	empty_dir();
	make_plain_log();
	update();
	struct logindex *x = logindex_open(index_path);
	assert_non_null(x);
	struct logplan *p = plan_of(all);
	uint64_t size = logplan_size(p);
	logplan_free(p);
	assert_true(size - same_lines(x, second) < CHUNK + 128);
	logindex_close(x);
}

static void
little_is_read(void **state)
{
	(void)state;
	empty_dir();
	make_plain_log();
	assert_int_equal(left_out("u7@host3.example"), 0);
	update();
	struct logplan *p = plan_of((struct logrange)LOGRANGE_ALL);
	uint64_t size = logplan_size(p);
	logplan_free(p);
	/* the end of 'current' is always read */
	assert_true(left_out("u177@host3.example") > size - 3 * 2 * CHUNK);
	assert_true(left_out("<U177@HOST3.EXAMPLE>") > size - 3 * 2 * CHUNK);
	assert_true(left_out("10.3.177.1") > size - 3 * 2 * CHUNK);
	assert_true(left_out("@host3.example") > size / 2);
	assert_true(left_out("nobody@nowhere.example") > size - 2 * 2 * CHUNK);
	assert_int_equal(left_out("from"), 0);
	assert_int_equal(left_out("@400000005a1d7d9f19c9381c"), 0);
	assert_true(left_out("a@b.de") > size - 2 * 2 * CHUNK);
}

/* Keys stand across the blocks in which a file is read. */
static void
blocks_hang_together(void **state)
{
	(void)state;
	enum {
		ADDRESSES = 8000
	};
	char path[256], word[64];
	struct buf b = BUF_INIT(2 * TEXT_MAX);
	struct err e = ERR_INIT;
	empty_dir();
	/* only its first line has a time: one stretch */
	buf_addf(&b, "@400000006553f3000000000a begins\n");
	for (int i = 0; i < ADDRESSES; i++)
		buf_addf(&b, "u%d@%d.host.de 10.9.%d.%d and some more\n", i, i,
		    i / 250, i % 250);
	path_of("@400000006553f4000000000a.s", path);
	write_file(path, buf_str(&b), O_TRUNC);
	update();
	struct logindex *x = logindex_open(index_path);
	struct logplan *p = plan_of((struct logrange)LOGRANGE_ALL);
	assert_non_null(x);
	for (int i = 0; i < 2 * ADDRESSES; i++) {
		int k = i / 2;
		if (i % 2 == 0)
			snprintf(word, sizeof(word), "u%d@%d.host.de", k, k);
		else
			snprintf(
			    word, sizeof(word), "10.9.%d.%d", k / 250, k % 250);
		struct str needle = str_of(word);
		struct logplan *less =
		    logindex_pick(x, p, &needle, 1, (struct str)STR_EMPTY, &e);
		assert_non_null(less);
		assert_true(logplan_size(less) == b.len);
		logplan_free(less);
	}
	struct str none = STR("nobody@here.host.de");
	struct logplan *less =
	    logindex_pick(x, p, &none, 1, (struct str)STR_EMPTY, &e);
	assert_non_null(less);
	assert_int_equal(logplan_size(less), 0);
	logplan_free(less);
	logplan_free(p);
	logindex_close(x);
	buf_clear(&b);
}

static ino_t
index_inode(void)
{
	struct stat st;
	assert_int_equal(stat(index_path, &st), 0);
	return st.st_ino;
}

/* The log grows, is turned, changed in place, and old files go. */
static void
changes_are_seen(void **state)
{
	(void)state;
	static const struct str more = {
		"@400000006553f2000000000a from=<late@new.example>\n", 51
	};
	char current[256], old[256];
	empty_dir();
	make_plain_log();
	update();
	ino_t before = index_inode();
	update(); /* nothing new: not written */
	assert_int_equal(index_inode(), before);

	path_of("current", current);
	for (int i = 0; i < 100; i++)
		write_file(current, more, O_APPEND);
	left_out("late@new.example");
	update();
	assert_true(left_out("late@new.example") > 0);
	path_of("@400000006553f3000000000a.s", old);
	assert_int_equal(rename(current, old), 0);
	write_file(current, more, O_TRUNC);
	assert_true(left_out("late@new.example") > 0);
	update();
	left_out("late@new.example");

	/* in the middle, the size being the same */
	struct buf text = BUF_INIT(TEXT_MAX);
	assert_true(file_read(old, NULL, &text, NULL));
	size_t at = str_find_str(buf_str(&text), STR("u99@host7"));
	int fd = open(old, O_WRONLY);
	assert_int_equal(pwrite(fd, "qq@", 3, (off_t)at), 3);
	close(fd);
	left_out("qq@@host7.example");
	update();
	left_out("qq@@host7.example");
	unlink(old);
	update();
	left_out("late@new.example");
	buf_clear(&text);
}

static bool
no_time_ran_out(void)
{
	struct logindex *x = logindex_open(index_path);
	bool all = x != NULL && x->header.n_files == 8;
	logindex_close(x);
	return all;
}

static int64_t ticks;

static int64_t
tick(void *ctx)
{
	(void)ctx;
	return ticks++ * NS_PER_MS;
}

/* What a number is called by, in the logs of each service (LG-44). */
static const struct {
	const char *before, *behind;
} named[] = {
	{ "", " Accepted connection 0/40 from 192.0.2.1 / mx\n" },
	{ "77 250 Queued! 1511745600 qp ", " <a@b.example>\n" },
	{ "78 (queue) queue::qmail_2dqueue: (for ", ") Queuing to x\n" },
	{ "79 cleaning up after ", "\n" },
	{ "new msg ", "\n" },
	{ "info msg 55: bytes 9 from <a@b.example> qp ", " uid 400\n" },
	{ "starting delivery ", ": msg 55 to local b@c.example\n" },
	{ "bounce msg 56 qp ", "\n" },
	{ "[", "] info: spamd: result: . -1 - BAYES_00\n" },
	{ "mx postfix/smtpd[", "]: connect from mx[192.0.2.1]\n" },
	{ "mx postfix/qmgr[81]: ", ": removed\n" },
};

/* Every line that names a number is in what is picked for it. */
static void
numbers_are_found(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct buf log = BUF_INIT(4 << 20), lines = BUF_INIT(16 << 20);
	char label[TAI64N_SIZE + 1], path[256], number[24];
	uint64_t left = 0;
	empty_dir();
	for (unsigned i = 0; i < 6000; i++) {
		tai64n_format((struct tai64n){ 1700000000 + i, 0 }, label);
		/* of every length, so that blocks end anywhere within */
		buf_addf(&log, "%s %s%u%s", label,
		    named[i % ARRAY_LEN(named)].before, 100000 + i,
		    named[i % ARRAY_LEN(named)].behind);
		buf_addf(&log, "%s 80 (rcpt) fill: %0*d\n", label,
		    (int)dice(90) + 1, 0);
	}
	path_of("current", path);
	write_file(path, buf_str(&log), O_TRUNC);
	update();
	struct logindex *x = logindex_open(index_path);
	assert_non_null(x);
	struct logplan *p = plan_of((struct logrange)LOGRANGE_ALL);
	for (unsigned i = 0; i < 6000; i += 7) {
		snprintf(number, sizeof(number), "%u", 100000 + i);
		struct str needle = str_of(number);
		struct logplan *less =
		    logindex_pick(x, p, &needle, 1, needle, &e);
		buf_reset(&lines);
		lines_of(less, needle, &lines);
		if (lines.len == 0)
			fail_msg(
			    "%s%s", named[i % ARRAY_LEN(named)].before, number);
		left += logplan_size(p) - logplan_size(less);
		logplan_free(less);
	}
	/* and little else is */
	assert_true(left > 6000 / 7 * logplan_size(p) / 10 * 8);
	logplan_free(p);
	logindex_close(x);
	buf_clear(&log);
	buf_clear(&lines);
}

/* Without time for all, the newest come first and nothing is lost. */
static void
work_is_bounded(void **state)
{
	(void)state;
	struct clock clock = clock_system;
	struct logindex_work w = { .chunk = CHUNK, .clock = &clock };
	struct err e = ERR_INIT;
	int rounds = 0;
	clock.mono_ns = tick;
	empty_dir();
	make_plain_log();
	for (; rounds < 100 && !no_time_ran_out(); rounds++) {
		struct logplan *p = plan_of((struct logrange)LOGRANGE_ALL);
		w.until_ms = ticks + 5;
		assert_true(logindex_update(index_path, p, &w, &e));
		logplan_free(p);
		left_out("u177@host3.example");
	}
	assert_in_range(rounds, 5, 40);
}

/* A few new lines are no reason to write all of it anew. */
static void
little_news_waits(void **state)
{
	(void)state;
	char path[256];
	struct err e = ERR_INIT;
	struct logindex_work w = { .chunk = CHUNK,
		.least = 16384,
		.until_ms = INT64_MAX,
		.clock = &clock_system };
	struct buf news = BUF_INIT(TEXT_MAX);
	ino_t inode[4];
	empty_dir();
	make_plain_log();
	update();
	inode[0] = index_inode();
	path_of("current", path);
	for (int i = 1; i < 4; i++) {
		/* little, then much, then a file is gone */
		/* open while another is made, so that their numbers differ */
		int held = open(index_path, O_RDONLY | O_CLOEXEC);
		buf_reset(&news);
		for (int n = i == 2 ? 400 : 20; n > 0; n--)
			buf_add_cstr(&news, "@400000006554a10100000000 later "
					    "<u5@new.example>\n");
		write_file(path, buf_str(&news), O_APPEND);
		if (i == 3) {
			path_of("@400000006553f1d100000000.s", path);
			assert_int_equal(unlink(path), 0);
		}
		struct logplan *p = plan_of((struct logrange)LOGRANGE_ALL);
		assert_true(logindex_update(index_path, p, &w, &e));
		logplan_free(p);
		inode[i] = index_inode();
		close(held);
		left_out("u5@new.example");
	}
	assert_true(inode[1] == inode[0]);
	assert_true(inode[2] != inode[1]);
	assert_true(inode[3] != inode[2]);
	buf_clear(&news);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_line_is_missed),
		cmocka_unit_test(times_are_known),
		cmocka_unit_test(little_is_read),
		cmocka_unit_test(blocks_hang_together),
		cmocka_unit_test(changes_are_seen),
		cmocka_unit_test(work_is_bounded),
		cmocka_unit_test(numbers_are_found),
		cmocka_unit_test(little_news_waits),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
