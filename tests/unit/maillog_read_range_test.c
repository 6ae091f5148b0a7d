/* What of a folder of logs a range of time reads (LG-12, LG-13). */
#include "tests/unit/maillog_read_fixture.h"

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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_range),
		CASE(test_clock_steps),
		CASE(test_skipped_by_name),
		CASE(test_need),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
