/* Marks of processes, against an array that says the same plainly. */
#include "core/maillog/stats_pids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum {
	PIDS = 400,
	STEP = 37, /* so that many rows are made */
};

struct plain {
	bool seen, open, began;
};

/* The same joined plainly. */
static uint64_t
join(struct plain *to, const struct plain *later)
{
	uint64_t lost = 0;
	for (size_t i = 0; i < PIDS; i++) {
		if (!later[i].seen)
			continue;
		lost += to[i].open && later[i].began;
		if (!to[i].seen)
			to[i].began = later[i].began;
		to[i].seen = true;
		to[i].open = later[i].open;
	}
	return lost;
}

/* Marks at random, in both. */
static void
fill(struct pids *pids, struct plain *plain, unsigned *seed)
{
	for (size_t k = 0; k < PIDS; k++) {
		*seed = *seed * 1103515245 + 12345;
		size_t i = (*seed >> 8) % PIDS;
		uint32_t pid = (uint32_t)i * STEP, bit = pids_bit(pid);
		struct pid_row *row = pids_row(pids, pid);
		assert_non_null(row);
		if (!plain[i].seen && *seed >> 30 == 0) {
			plain[i].began = true;
			row->began |= bit;
		}
		plain[i].seen = true;
		plain[i].open = (*seed >> 29 & 1) != 0;
		row->seen |= bit;
		row->open = plain[i].open ? row->open | bit : row->open & ~bit;
	}
}

static void
test_pids(void **state)
{
	unsigned seed = 1;
	struct pids all = { NULL, 0, 0, false };
	struct plain plain[PIDS] = { { false, false, false } };
	(void)state;
	assert_false(pids_is_open(&all, 7));
	for (int round = 0; round < 50; round++) {
		struct pids more = { NULL, 0, 0, false };
		struct plain also[PIDS] = { { false, false, false } };
		uint64_t open = 0;
		fill(&more, also, &seed);
		assert_int_equal(pids_join(&all, &more), join(plain, also));
		for (size_t i = 0; i < PIDS; i++) {
			open += plain[i].open;
			assert_int_equal(pids_is_open(&all, (uint32_t)i * STEP),
			    plain[i].open);
		}
		assert_int_equal(pids_open(&all), open);
		pids_clear(&more);
	}
	assert_false(pids_is_open(&all, UINT32_MAX));
	assert_non_null(pids_row(&all, UINT32_MAX));
	pids_clear(&all);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(
	    test_pids) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
