/*
 * Following one log, step by step: order of files, joints, starts before the
 * end, truncation, files that go away (LG-10, LG-14 to LG-22, LG-26).
 */
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

static char *
path_of(const struct place *p, const char *name)
{
	static char path[2][256];
	static int turn;
	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", p->dir, name);
	return path[turn];
}

static void
put(const struct place *p, const char *name, const char *text, bool append)
{
	int fd = open(path_of(p, name),
	    O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0644);
	assert_true(fd >= 0);
	assert_true(file_write_all(fd, str_of(text)));
	close(fd);
}

static void
turn(const struct place *p, const char *from, const char *to)
{
	assert_int_equal(rename(path_of(p, from), path_of(p, to)), 0);
}

static int
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

static int
run(const char *const *argv)
{
	struct spawn s = { .argv = argv, .limit_ms = 60000 };
	int status = -1;
	if (!spawn_run(&s, &clock_system, &status, NULL))
		return -1;
	return status;
}

static int
teardown(void **state)
{
	struct place *p = *state;
	const char *const argv[] = { "rm", "-rf", p->dir, NULL };
	assert_int_equal(run(argv), 0);
	free(p);
	return 0;
}

static struct follow *
begin_as(const struct follow_options *o)
{
	struct err e = ERR_INIT;
	struct follow *f = follow_open(o, &e);
	if (f == NULL)
		fail_msg("%s", e.text);
	return f;
}

static struct follow *
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
static struct follow *
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
static void
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
		FOLLOW_TEST(test_resume_field_by_field),
		FOLLOW_TEST(test_resume_plain_file),
		FOLLOW_TEST(test_resume_by_time),
		FOLLOW_TEST(test_worked_over),
		FOLLOW_TEST(test_appears_later),
		FOLLOW_TEST(test_plain_file),
		FOLLOW_TEST(test_long_lines),
		FOLLOW_TEST(test_not_allowed),
		FOLLOW_TEST(test_watch),
	};
	setenv("TZ", "UTC", 1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
