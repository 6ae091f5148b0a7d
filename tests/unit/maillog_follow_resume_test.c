/* Following from a place that was kept, and files that come and go (LG-18 to
 * LG-22). */
#include "tests/unit/maillog_follow_fixture.h"

static void
where(const struct place *p, const char *want, struct follow_place *at)
{
	struct follow *f = begin(p->dir, FOLLOW_ALL_LINES, false);
	expect(f, want);
	assert_true(follow_where(f, at));
	follow_close(f);
}

static void
expect_at(
    const struct place *p, const struct follow_place *at, const char *want)
{
	struct follow *f = begin_at(p, at);
	expect(f, want);
	follow_close(f);
}

/*
 * LG-20: the place counts only when all of it is true. Where it does not, what
 * is looked for by its time is told by the clock that was set back at 'b'.
 */
static void
test_resume_field_by_field(void **state)
{
	const struct place *p = *state;
	static const char text[] = L3 " a\n" L1 " b\n" L2 " c\n";
	struct follow_place good, at;
	const size_t line = strlen(L3 " a\n");
	put(p, "current", L3 " a\n" L1 " b\n", false);
	where(p, "a|b|", &good);
	assert_int_equal(good.offset, 2 * line);
	assert_int_equal(good.last_count, 1);
	assert_int_equal(good.last.ns, 1);
	put(p, "current", L2 " c\n", true);
	expect_at(p, &good, "c|");
	for (int field = 0; field < 7; field++) {
		at = good;
		switch (field) {
		case 0:
			at.dev++;
			break;
		case 1:
			at.ino++;
			break;
		case 2: /* the end of another line */
			at.offset = line;
			break;
		case 3: /* in the middle of one */
			at.offset--;
			break;
		case 4: /* behind the end */
			at.offset = sizeof(text) + 100;
			break;
		case 5:
			at.hash++;
			break;
		default:
			at.has_file = false;
		}
		expect_at(p, &at, "a|b|c|");
	}
	/* the number of the file was given to another one: its first line, or
	   the line delivered last, is not what it was */
	put(p, "current", L4 " a\n" L1 " b\n" L2 " c\n", false);
	expect_at(p, &good, "a|b|c|");
	put(p, "current", L3 " a\n" L1 " B\n" L2 " c\n", false);
	expect_at(p, &good, "a|B|c|");
	put(p, "current", text, false);
	expect_at(p, &good, "c|");
	/* cut short since */
	put(p, "current", L4 " d\n", false);
	expect_at(p, &good, "d|");
}

/* The same of a plain file, and of one that logrotate turned since. */
static void
test_resume_plain_file(void **state)
{
	const struct place *p = *state;
	struct follow_place good, at;
	struct follow_options o = { .path = path_of(p, "maillog"),
		.shown = "LOG",
		.plain = true,
		.lines = FOLLOW_ALL_LINES,
		.clock = &clock_system };
	char path[256];
	snprintf(path, sizeof(path), "%s", o.path);
	o.path = path;
	put(p, "maillog", L3 " a\n" L1 " b\n", false);
	struct follow *f = begin_as(&o);
	expect(f, "a|b|");
	assert_true(follow_where(f, &good));
	follow_close(f);
	put(p, "maillog", L2 " c\n", true);
	for (int field = 0; field < 4; field++) {
		at = good;
		at.dev += field == 1;
		at.ino += field == 2;
		at.hash += field == 3;
		o.resume = &at;
		f = begin_as(&o);
		expect(f, field == 0 ? "c|" : "a|b|c|");
		follow_close(f);
	}
	put(p, "maillog-20171127", "not this one\n", false);
	put(p, "maillog.2.gz", "nor this\n", false);
	turn(p, "maillog", "maillog-20171128");
	put(p, "maillog", L4 " d\n", false);
	o.resume = &good;
	f = begin_as(&o);
	expect(f, "c|d|");
	put(p, "maillog", L4 " e\n", true);
	expect(f, "e|");
	follow_close(f);
	/* packed meanwhile: what was delivered does not come again */
	assert_int_equal(unlink(path_of(p, "maillog-20171128")), 0);
	put(p, "maillog", "@400000005a1d7d9000000000 z\n" L1 " b\n" L2 " c\n",
	    false);
	f = begin_as(&o);
	expect(f, "c|");
	follow_close(f);
}

/* LG-18, LG-20: the place is lost; the line is found by its time. */
static void
test_resume_by_time(void **state)
{
	const struct place *p = *state;
	static const char *const left[] = { "b|of b|c|d|e|", "of b|c|d|e|",
		"c|d|e|", "d|e|", "e|" };
	struct follow_place at;
	put(p, "current",
	    L1 " a\n" L2 " b\nof b\n" L2 " c\n" L2 " d\n" L3 " e\n", false);
	where(p, "a|b|of b|c|d|e|", &at);
	assert_int_equal(at.last_count, 1);
	at.has_file = false;
	expect_at(p, &at, "");
	at.last.ns = 2;
	for (size_t i = 0; i < ARRAY_LEN(left); i++) {
		at.last_count = i; /* lines with that very label */
		expect_at(p, &at, left[i]);
	}
	/* the file before ended later than the line delivered last */
	put(p, L4 ".s", L1 " a\n" L2 " b\n", false);
	put(p, "current", L1 " late\n" L3 " c\n" L5 " d\n", false);
	at.last.ns = 3;
	at.last_count = 1;
	expect_at(p, &at, "d|");
	/* it ended with that line: what is late in the next one is new */
	at.last.ns = 2;
	expect_at(p, &at, "late|c|d|");
	/* what is older than that is not read */
	put(p, L1 ".s", L1 " old\n", false);
	expect_at(p, &at, "late|c|d|");
	assert_int_equal(unlink(path_of(p, L1 ".s")), 0);
	/* a file may be named after its last line */
	put(p, L2 ".s", L1 " a\n" L2 " b\n" L2 " c\n", false);
	put(p, "current", L5 " d\n", false);
	assert_int_equal(unlink(path_of(p, L4 ".s")), 0);
	expect_at(p, &at, "c|d|");
	/* all that is left is younger */
	at.last.ns = 0;
	struct follow *f = begin_at(p, &at);
	expect(f, "a|b|c|d|");
	assert_non_null(strstr(follow_note(f), ".000000001 are gone"));
	follow_close(f);
}

/* The last file there is was worked over under its name. */
static void
test_worked_over(void **state)
{
	const struct place *p = *state;
	put(p, L1 ".s", L1 " a\n", false);
	struct follow *f = begin(p->dir, FOLLOW_ALL_LINES, false);
	expect(f, "a|");
	put(p, "new", L1 " a\n", false);
	turn(p, "new", L1 ".s");
	put(p, "current", L1 " late\n" L2 " b\n", false);
	expect(f, "late|b|");
	assert_null(follow_note(f));
	follow_close(f);
}

static void
test_appears_later(void **state)
{
	const struct place *p = *state;
	struct follow *f = begin(path_of(p, "log"), 0, false);
	expect(f, "");
	assert_int_equal(mkdir(path_of(p, "log"), 0755), 0);
	expect(f, "");
	put(p, "log/current", L1 " a\n", false);
	expect(f, "a|"); /* new, so all of it */
	/* the whole directory is replaced */
	turn(p, "log", "old");
	expect(f, "");
	assert_int_equal(mkdir(path_of(p, "log"), 0755), 0);
	put(p, "log/current", L2 " b\n", false);
	expect(f, "b|");
	follow_close(f);
}

static void
test_plain_file(void **state)
{
	const struct place *p = *state;
	put(p, "maillog", "one\ntwo\nthree\n", false);
	struct follow *f = begin(path_of(p, "maillog"), 2, true);
	assert_string_equal(follow_dir(f), p->dir);
	expect(f, "two|three|");
	put(p, "maillog", "four\nhal", true);
	expect(f, "four|");
	turn(p, "maillog", "maillog.1");
	put(p, "maillog.1", "f\nfive\n", true);
	expect(f, "half|five|");
	put(p, "maillog", "six\n", false);
	expect(f, "six|");
	put(p, "maillog", "7\n", false);
	expect(f, "7|");
	assert_non_null(follow_note(f));
	follow_close(f);
}

int
main(void)
{
#define FOLLOW_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		FOLLOW_TEST(test_resume_field_by_field),
		FOLLOW_TEST(test_resume_plain_file),
		FOLLOW_TEST(test_resume_by_time),
		FOLLOW_TEST(test_worked_over),
		FOLLOW_TEST(test_appears_later),
		FOLLOW_TEST(test_plain_file),
	};
	setenv("TZ", "UTC", 1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
