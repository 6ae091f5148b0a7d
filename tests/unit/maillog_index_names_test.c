/*
 * The index finds names of hosts and HELO, IPv6 addresses and sessions of the
 * filter, cut anywhere; and times in the middle of a long stretch.
 */
#include "tests/unit/maillog_index_fixture.h"

enum {
	MANY = 3000,
	STRETCH = 64 * 1024,
};

static void
add_one(struct buf *b, unsigned i)
{
	char label[TAI64N_SIZE + 1];
	tai64n_format((struct tai64n){ 1700000000 + i, 0 }, label);
	buf_addf(b,
	    "%s 77 Connection from host%u.pool%u.example [2001:db8:%x:%x::%x] "
	    "helo mx-%u.Kunde.test session q-%06x\n",
	    label, i, i % 7, i, i * 7 % 65536, i + 16, i, i * 5000 + 4);
}

static void
make_names(uint64_t chunk)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	char path[256];
	struct logindex_work w = {
		.chunk = chunk, .until_ms = INT64_MAX, .clock = &clock_system
	};
	struct err e = ERR_INIT;
	empty_dir();
	for (unsigned i = 0; i < MANY; i++)
		add_one(&b, i);
	path_of("@400000006554a10100000000.s", path);
	write_file(path, buf_str(&b), O_TRUNC);
	struct logplan *p = plan_of((struct logrange)LOGRANGE_ALL);
	assert_true(logindex_update(index_path, p, &w, &e));
	logplan_free(p);
	buf_clear(&b);
}

static void
names_are_found(void **state)
{
	char word[64];
	(void)state;
	make_names(CHUNK);
	struct logindex *x = logindex_open(index_path);
	assert_non_null(x);
	struct logplan *p = plan_of((struct logrange)LOGRANGE_ALL);
	uint64_t most = logplan_size(p) / 10 * 9;
	logplan_free(p);
	for (unsigned i = 105; i < MANY; i += 97) {
		snprintf(word, sizeof(word), "host%u.pool", i);
		assert_true(same_answer(x, (struct logrange)LOGRANGE_ALL,
				str_of(word)) > most);
		snprintf(word, sizeof(word), "X-%u.KUNDE", i);
		assert_true(same_answer(x, (struct logrange)LOGRANGE_ALL,
				str_of(word)) > most);
		snprintf(word, sizeof(word), "Q-%06X", i * 5000 + 4);
		assert_true(same_answer(x, (struct logrange)LOGRANGE_ALL,
				str_of(word)) > most);
		snprintf(word, sizeof(word), "2001:db8:%x:%x::%x", i,
		    i * 7 % 65536, i + 16);
		assert_true(same_answer(x, (struct logrange)LOGRANGE_ALL,
				str_of(word)) > most);
	}
	logindex_close(x);
}

/* Marks tell times within one stretch, so that little of it is read. */
static void
times_are_marked(void **state)
{
	(void)state;
	make_names(STRETCH);
	struct logindex *x = logindex_open(index_path);
	struct err e = ERR_INIT;
	assert_non_null(x);
	assert_true(x->header.n_marks > x->header.n_chunks);
	struct logplan *whole = plan_with((struct logrange)LOGRANGE_ALL, x);
	for (unsigned i = 0; i < MANY; i += 111) {
		struct logrange second = { (INT64_C(1700000000) + i) * NS_PER_S,
			(INT64_C(1700000001) + i) * NS_PER_S };
		struct buf with = BUF_INIT(4096), without = BUF_INIT(4096);
		struct logplan *near = logplan_narrow(whole, second, &e);
		struct logplan *p = plan_of(second);
		assert_non_null(near);
		lines_of(near, (struct str)STR_EMPTY, &with);
		lines_of(p, (struct str)STR_EMPTY, &without);
		assert_true(with.len > 0);
		assert_true(str_eq(buf_str(&with), buf_str(&without)));
		assert_true(logplan_size(near) < 3 * LOGINDEX_MARK_STEP);
		logplan_free(near);
		logplan_free(p);
		buf_clear(&with);
		buf_clear(&without);
	}
	logplan_free(whole);
	logindex_close(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(times_are_marked),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
