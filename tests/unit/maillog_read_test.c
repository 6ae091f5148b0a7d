/*
 * Reading whole logs: order (LG-10), packed files (LG-11), ranges (LG-12,
 * LG-13), joints (LG-14, LG-15), long lines (LG-26), shares for threads.
 */
#include "tests/unit/maillog_read_fixture.h"

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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_order),
		CASE(test_packed),
		CASE(test_unlabelled),
		CASE(test_joints),
		CASE(test_recorded),
		CASE(test_long_lines),
		CASE(test_shares),
		CASE(test_journal),
		CASE(test_unfinished),
		CASE(test_trouble),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
