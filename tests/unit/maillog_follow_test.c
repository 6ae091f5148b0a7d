/*
 * Following one log, step by step: order of files, joints, starts before the
 * end, truncation, files that go away (LG-10, LG-14 to LG-22, LG-26).
 */
#include "tests/unit/maillog_follow_fixture.h"

static void
test_order_of_files(void **state)
{
	const struct place *p = *state;
	static const struct {
		const char *name, *text;
	} files[] = {
		{ "current", L5 " e\n" },
		{ L3 ".s", L3 " c\n" },
		{ L1 ".u", L1 " a\n" }, /* LG-15 */
		{ L2 ".t", L2 " b\n" }, /* its .u is not there */
		{ L4 ".t", "copy\n" },
		{ L4 ".u", L4 " d\n" },
		{ "lock", "lock\n" },
		{ "state", "state\n" },
		{ "config", "config\n" },
		{ "newstate", "newstate\n" },
		{ "@400000005a1d7d90.s", "short\n" },
		{ "@400000005A1d7d9000000001.s", "capital\n" },
		{ L5 ".u", "its .s is written already\n" },
		{ L5 ".s", L5 " done\n" },
		{ L1 ".x", "other\n" },
		{ L1, "bare\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		put(p, files[i].name, files[i].text, false);
	struct follow *f = begin(p->dir, FOLLOW_ALL_LINES, false);
	expect(f, "a|b|c|d|done|e|");
	assert_null(follow_note(f));
	follow_close(f);
	assert_int_equal(unlink(path_of(p, L5 ".u")), 0);
	assert_int_equal(unlink(path_of(p, L5 ".s")), 0);
	/* 'previous' is a file of its own until it has its name */
	put(p, "previous", "before current\n", false);
	put(p, "processed", "copy\n", false);
	f = begin(p->dir, FOLLOW_ALL_LINES, false);
	expect(f, "a|b|c|d|before current|e|");
	follow_close(f);
	assert_int_equal(link(path_of(p, "previous"), path_of(p, L4 "0.s")), 0);
	assert_int_equal(link(path_of(p, "previous"), path_of(p, L5 ".s")), 0);
	f = begin(p->dir, FOLLOW_ALL_LINES, false);
	expect(f, "a|b|c|d|before current|e|");
	follow_close(f);
	/* the moment in which multilog's processor has only this */
	assert_int_equal(unlink(path_of(p, "previous")), 0);
	assert_int_equal(unlink(path_of(p, L5 ".s")), 0);
	f = begin(p->dir, FOLLOW_ALL_LINES, false);
	expect(f, "a|b|c|d|copy|e|");
	follow_close(f);
}

static void
test_start_before_the_end(void **state)
{
	const struct place *p = *state;
	static const struct {
		size_t lines;
		const char *want;
	} cases[] = {
		{ 0, "" },
		{ 1, "f|" },
		{ 2, "e|f|" },
		{ 3, "d|e|f|" },
		{ 4, "c|d|e|f|" },
		{ 5, "b|c|d|e|f|" },
		{ 6, "a|b|c|d|e|f|" },
		{ 100, "a|b|c|d|e|f|" },
	};
	put(p, L1 ".s", L1 " a\n" L1 " b\n", false);
	put(p, L2 ".s", "", false);
	put(p, L3 ".s", L3 " c\nd\n", false);
	put(p, "current", L4 " e\n" L5 " f\n" L5 " half", false);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct follow *f = begin(p->dir, cases[i].lines, false);
		expect(f, cases[i].want);
		follow_close(f);
	}
	struct follow *f = begin(p->dir, 0, false);
	put(p, "current", " whole\n", true); /* LG-19 */
	expect(f, "half whole|");
	follow_close(f);
}

static void
test_joints(void **state)
{
	const struct place *p = *state;
	/* LG-14: multilog cut a long line; a dead one left half a line */
	put(p, L1 ".s", L1 " a\n" L1 " long", false);
	put(p, L2 ".s", " line", false);
	put(p, L3 ".u", " goes on\n" L3 " lost", false);
	put(p, L4 ".u", L4 " d\n" L4 " cut", false);
	put(p, "current", " too\n" L5 " e\n", false);
	struct follow *f = begin(p->dir, FOLLOW_ALL_LINES, false);
	expect(f, "a|long line goes on|lost|d|cut too|e|");
	/* the same while it happens: killed, then restarted */
	put(p, "current", L5 " ha", true);
	expect(f, "");
	turn(p, "current", L5 ".u");
	put(p, "current", "@400000005a1d7d9", false);
	expect(f, ""); /* is it a label? */
	put(p, "current", "100000001 new\n", true);
	expect(f, "ha|new|");
	/* svlogd -tt stamps its lines so */
	put(p, "current", L5 " ha", true);
	turn(p, "current", L6 ".u");
	put(p, "current", "2017-11-28_15:15:18.00000 date\n", false);
	expect(f, "ha|date|");
	/* of a file that was finished every half goes on */
	put(p, "current", L6 " ha", true);
	turn(p, "current", L7 ".s");
	put(p, "current", L7 " lf\n", false);
	expect(f, "ha" L7 " lf|");
	follow_close(f);
}

static void
test_recorded_directories(void **state)
{
	const struct place *p = *state;
	const char *const argv[] = { "tar", "-xf", "tests/data/logs/dirs.tar",
		"-C", p->dir, NULL };
	struct follow_line line;
	assert_int_equal(run(argv), 0);
	struct follow *f =
	    begin(path_of(p, "dirs/multilog-killed"), FOLLOW_ALL_LINES, false);
	expect(f, "a|b|c|d|");
	follow_close(f);
	f = begin(path_of(p, "dirs/svlogd"), 2, false);
	expect(f, "line 2|line 3|");
	follow_close(f);
	f = begin(path_of(p, "dirs/multilog-split"), FOLLOW_ALL_LINES, false);
	assert_int_equal(follow_next(f, &line, NULL), FOLLOW_LINE);
	/* 4096 and 931 bytes of one line: label, space, 5000 and LF */
	assert_int_equal(line.raw.len, 5026);
	assert_int_equal(follow_next(f, &line, NULL), FOLLOW_NOTHING);
	follow_close(f);
}

static void
test_rotation(void **state)
{
	const struct place *p = *state;
	put(p, "current", L1 " a\n", false);
	struct follow *f = begin(p->dir, 0, false);
	expect(f, "");
	put(p, "current", L1 " b\n", true);
	turn(p, "current", "previous");
	expect(f, "b|"); /* no current for a moment */
	put(p, "current", L2 " c\n", false);
	expect(f, "c|");
	turn(p, "previous", L1 ".s");
	put(p, "current", L2 " d\n", true);
	turn(p, "current", L2 ".s");
	put(p, L3 ".s", L3 " e\n", false);
	put(p, L4 ".s", L4 " f\n", false);
	put(p, "current", L5 " g\n", false);
	expect(f, "d|e|f|g|"); /* LG-17: several at once */
	assert_null(follow_note(f));
	follow_close(f);
}

/* A clock that does something the next time it is asked. */
struct tricky {
	const struct place *place;
	void (*trick)(const struct place *p);
};

static int64_t
tricky_ns(void *ctx)
{
	struct tricky *t = ctx;
	void (*trick)(const struct place *p) = t->trick;
	t->trick = NULL;
	if (trick != NULL)
		trick(t->place);
	return clock_wall_ns(&clock_system);
}

static void
write_and_turn(const struct place *p)
{
	put(p, "current", L1 " at the last moment\n", true);
	turn(p, "current", L2 ".s");
	put(p, "current", L3 " new\n", false);
}

/* LG-16: what was written between the end of the file and its new name. */
static void
test_written_before_the_turn(void **state)
{
	const struct place *p = *state;
	struct tricky tricky = { p, NULL };
	const struct clock clock = { tricky_ns, tricky_ns, NULL, &tricky };
	struct follow_options o = { .path = p->dir,
		.shown = "LOG",
		.lines = FOLLOW_ALL_LINES,
		.clock = &clock };
	put(p, "current", L1 " a\n", false);
	struct follow *f = begin_as(&o);
	expect(f, "a|");
	/* it is asked once the end was met, before the names are looked at */
	tricky.trick = write_and_turn;
	expect(f, "at the last moment|new|");
	assert_null(tricky.trick);
	follow_close(f);
}

/* LG-17: more files at once than are kept open. */
static void
test_many_files(void **state)
{
	const struct place *p = *state;
	enum {
		FILES = 300
	};
	struct buf want = BUF_INIT(1 << 16);
	put(p, "current", L1 " a\n", false);
	struct follow *f = begin(p->dir, FOLLOW_ALL_LINES, false);
	expect(f, "a|");
	turn(p, "current", L1 ".s");
	for (int i = 2; i < FILES; i++) {
		char name[64], text[64];
		snprintf(
		    name, sizeof(name), "@400000005a1d7d90%08x.s", (unsigned)i);
		snprintf(text, sizeof(text), "@400000005a1d7d90%08x %d\n",
		    (unsigned)i, i);
		put(p, name, text, false);
		buf_addf(&want, "%d|", i);
	}
	put(p, "current", "@400000005a1d7d9100000000 z\n", false);
	buf_add_cstr(&want, "z|");
	expect(f, buf_cstr(&want));
	assert_null(follow_note(f));
	follow_close(f);
	buf_clear(&want);
}

static void
test_cut_short(void **state)
{
	const struct place *p = *state;
	put(p, "current", L1 " a\n" L1 " b\n" L1 " hal", false);
	struct follow *f = begin(p->dir, FOLLOW_ALL_LINES, false);
	expect(f, "a|b|");
	put(p, "current", L2 " c\n", false); /* LG-22 */
	expect(f, "hal|c|");
	assert_string_equal(follow_note(f),
	    "'LOG' was cut short; reading it from its start again");
	assert_null(follow_note(f));
	/* cut short and longer than before when it is looked at again */
	put(p, "current", L3 " a longer text than was there\n", false);
	expect(f, "a longer text than was there|");
	assert_non_null(follow_note(f));
	/* cut short behind the line that it began with before */
	put(p, "current", L3 " more\n", true);
	expect(f, "more|");
	put(p, "current", L3 " a longer text than was there\n", false);
	expect(f, "a longer text than was there|");
	assert_non_null(follow_note(f));
	follow_close(f);
}

static void
test_deleted_files(void **state)
{
	const struct place *p = *state;
	put(p, "current", L1 " a\n" L2 " b\n" L2 " c\n", false);
	struct follow *f = begin(p->dir, FOLLOW_ALL_LINES, false);
	expect(f, "a|b|c|");
	/* worked over by a processor: the same text in a new file (LG-18) */
	assert_int_equal(unlink(path_of(p, "current")), 0);
	put(p, L3 ".s", L1 " a\n" L2 " b\n" L2 " c\n" L2 " d\n" L3 " e\n",
	    false);
	put(p, "current", L2 " late\n" L4 " f\n", false);
	expect(f, "d|e|late|f|");
	assert_null(follow_note(f));
	/* deleted, and what came after it as well */
	assert_int_equal(unlink(path_of(p, "current")), 0);
	assert_int_equal(unlink(path_of(p, L3 ".s")), 0);
	put(p, "current", "@400000005a1d7da000000000 z\n", false);
	expect(f, "z|");
	const char *note = follow_note(f);
	assert_non_null(note);
	assert_non_null(strstr(note, "lines between "));
	assert_non_null(strstr(note, ":18.000000004 and "));
	assert_non_null(strstr(note, ":34.000000000 are gone"));
	follow_close(f);
}

/* LG-26: lines of any length and any bytes, in bounded memory. */
static void
test_long_lines(void **state)
{
	const struct place *p = *state;
	enum {
		PIECES = 20
	};
	char *chunk = malloc(FOLLOW_LINE_MAX);
	struct follow_line line;
	size_t total = 0;
	int pieces = 0;
	assert_non_null(chunk);
	memset(chunk, 0, FOLLOW_LINE_MAX);
	chunk[7] = '\x1b';
	put(p, "current", L1 " begin", false);
	int fd = open(path_of(p, "current"), O_WRONLY | O_APPEND);
	for (int i = 0; i < PIECES; i++)
		assert_true(file_write_all(fd, str_n(chunk, FOLLOW_LINE_MAX)));
	assert_true(file_write_all(fd, STR("\n" L2 " next\n")));
	close(fd);
	free(chunk);
	struct follow *f = begin(p->dir, FOLLOW_ALL_LINES, false);
	do {
		assert_int_equal(follow_next(f, &line, NULL), FOLLOW_LINE);
		assert_int_equal(line.continued, pieces > 0);
		assert_true(line.raw.len <= FOLLOW_LINE_MAX);
		assert_int_equal(line.stamp.kind == STAMP_TAI64N, pieces == 0);
		total += line.raw.len;
		pieces++;
	} while (line.more);
	assert_int_equal(total, strlen(L1 " begin") + PIECES * FOLLOW_LINE_MAX);
	assert_int_equal(pieces, PIECES + 1);
	expect(f, "next|");
	follow_close(f);
}

static void
test_not_allowed(void **state)
{
	const struct place *p = *state;
	struct err e = ERR_INIT;
	struct follow_options o = { .path = p->dir,
		.shown = "LOG",
		.lines = 1,
		.clock = &clock_system };
	put(p, "current", L1 " a\n", false);
	assert_int_equal(chmod(path_of(p, "current"), 0), 0);
	assert_int_equal(chmod(p->dir, 0755), 0);
	bool root = geteuid() == 0;
	if (root)
		assert_int_equal(seteuid(65534), 0);
	struct follow *f = follow_open(&o, &e);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_null(f);
	/* 'LOG' itself where the folder of the test is out of reach */
	assert_non_null(strstr(e.text, "cannot read 'LOG"));
	assert_non_null(strstr(e.text, "': permission denied"));
	o.path = "/dev/null";
	assert_null(follow_open(&o, &e));
	assert_string_equal(e.text, "cannot read 'LOG': not a directory");
	o.plain = true;
	assert_null(follow_open(&o, &e));
	assert_string_equal(e.text, "cannot follow 'LOG': not a file");
}

static bool
wakes(struct watch *w, int ms)
{
	struct pollfd fd = { .fd = watch_fd(w), .events = POLLIN };
	return poll(&fd, 1, ms) == 1;
}

/* LG-21 */
static void
test_watch(void **state)
{
	const struct place *p = *state;
	struct watch *w = watch_new(&clock_system, NULL);
	char missing[256];
	snprintf(missing, sizeof(missing), "%s/later", p->dir);
	assert_non_null(w);
	assert_true(watch_add(w, p->dir, NULL));
	watch_begin(w);
	watch_wait(w, -1);
	put(p, "current", "x\n", true);
	assert_true(wakes(w, 1000));
	watch_begin(w);
	watch_wait(w, -1);
	/* changes soon after one another wake once, 15 ms later */
	int64_t from = clock_mono_ms(&clock_system);
	for (int i = 0; i < 5; i++)
		put(p, "current", "x\n", true);
	assert_true(wakes(w, 1000));
	assert_true(clock_mono_ms(&clock_system) - from >= 10);
	watch_begin(w);
	watch_wait(w, 10);
	assert_true(wakes(w, 1000)); /* the limit that was asked for */
	/* what cannot be watched is polled, then watched when it is there */
	assert_true(watch_add(w, missing, NULL));
	watch_begin(w);
	watch_wait(w, -1);
	assert_true(wakes(w, 1500));
	assert_int_equal(mkdir(missing, 0755), 0);
	do {
		assert_true(wakes(w, 1500));
		watch_begin(w);
		watch_wait(w, -1);
	} while (wakes(w, 300));
	put(p, "later/current", "x\n", true);
	assert_true(wakes(w, 1000));
	watch_free(w);
}

int
main(void)
{
#define FOLLOW_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		FOLLOW_TEST(test_order_of_files),
		FOLLOW_TEST(test_start_before_the_end),
		FOLLOW_TEST(test_joints),
		FOLLOW_TEST(test_recorded_directories),
		FOLLOW_TEST(test_rotation),
		FOLLOW_TEST(test_written_before_the_turn),
		FOLLOW_TEST(test_many_files),
		FOLLOW_TEST(test_cut_short),
		FOLLOW_TEST(test_deleted_files),
		FOLLOW_TEST(test_long_lines),
		FOLLOW_TEST(test_not_allowed),
		FOLLOW_TEST(test_watch),
	};
	setenv("TZ", "UTC", 1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
