/*
 * Fuzzes the record of who has a share of a message: with NUL in front the
 * rest are its bytes, else each four bytes of the input change one of a good
 * record, and the last of them cuts it. Nothing that is read may be outside of
 * the table, and what is written again must read the same.
 * Exercises cmd/filterd/keeper_shares_record.c.
 */
#include "cmd/filterd/keeper_shares.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	NOW_S = 1700000000,
	ENTRIES = 200,
	CHANGE = 4 /* bytes of the input for one */
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
judge(struct keeper_shares *s, char *again, struct str bytes)
{
	size_t bad, bad_again;
	keeper_shares_init(s);
	if (!keeper_shares_read(s, bytes, NOW_S, &bad)) {
		require(!s->any);
		return;
	}
	require(bad <= (size_t)SHARES_SETS * SHARES_PER_SET);
	for (size_t i = 0; i < SHARES_SETS; i++) {
		for (size_t k = 0; k < SHARES_PER_SET; k++)
			require(s->kept[i][k].at_s >= 0 &&
				s->kept[i][k].at_s <= NOW_S);
	}
	struct keeper_shares before = *s;
	keeper_shares_format(s, again);
	require(keeper_shares_read(
		    s, str_n(again, SHARES_RECORD), NOW_S, &bad_again) &&
		bad_again == 0 && before.any == s->any);
	for (size_t i = 0; i < SHARES_SETS; i++) {
		for (size_t k = 0; k < SHARES_PER_SET; k++)
			require(before.kept[i][k].at_s == s->kept[i][k].at_s);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keeper_shares *s = calloc(1, sizeof(*s));
	char *again = malloc(SHARES_RECORD), *record = malloc(SHARES_RECORD);
	size_t n = SHARES_RECORD;
	require(s != NULL && again != NULL && record != NULL);
	if (size > 0 && data[0] == 0) {
		judge(s, again, str_n((const char *)data + 1, size - 1));
	} else {
		keeper_shares_init(s);
		s->key[0] = s->key[1] = 1;
		for (uint64_t i = 0; i < ENTRIES; i++) {
			struct siphash_sum sum = { { i * 7, i } };
			keeper_shares_keep(s, &sum, NOW_S - (int64_t)i, false);
		}
		keeper_shares_format(s, record);
		for (size_t i = 0; i + CHANGE <= size; i += CHANGE) {
			size_t at = data[i] | (size_t)data[i + 1] << 8 |
				    (size_t)(data[i + 2] & 3) << 16;
			if (at < SHARES_RECORD)
				record[at] = (char)data[i + 3];
			else
				n = at % SHARES_RECORD;
		}
		char *cut = malloc(n > 0 ? n : 1);
		require(cut != NULL);
		memcpy(cut, record, n);
		judge(s, again, str_n(cut, n));
		free(cut);
	}
	free(record);
	free(again);
	free(s);
	return 0;
}
