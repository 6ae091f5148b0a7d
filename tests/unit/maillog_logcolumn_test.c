/*
 * The filters of an index (core/maillog/logcolumn.c): nothing is forgotten,
 * and rows tell what columns do.
 */
#include "core/maillog/logindex_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static uint64_t
key_of(uint64_t i)
{
	return logindex_hash(0, &i, sizeof(i));
}

static bool
has(const struct logcolumns *c, size_t column, uint64_t key)
{
	const char *bits = c->bytes.data + column * LOGCOLUMN_BYTES;
	for (unsigned i = 0; i < LOGCOLUMN_HASHES; i++) {
		uint32_t bit = logcolumns_bit(key, i);
		if (((unsigned char)bits[bit / 8] >> bit % 8 & 1) == 0)
			return false;
	}
	return true;
}

/* A column keeps what was put in, and has little else before it is full. */
static void
columns_forget_nothing(void **state)
{
	(void)state;
	struct logcolumns c = { BUF_INIT(1 << 20), 0 };
	size_t of[20000], wrong = 0, all = 0;
	assert_true(logcolumns_begin(&c));
	for (uint64_t i = 0; i < ARRAY_LEN(of); i++) {
		assert_true(logcolumns_go_on(&c));
		of[i] = logcolumns_n(&c) - 1;
		logcolumns_add(&c, key_of(i));
	}
	assert_in_range(logcolumns_n(&c), 5, 15);
	for (uint64_t i = 0; i < ARRAY_LEN(of); i++)
		assert_true(has(&c, of[i], key_of(i)));
	for (uint64_t i = ARRAY_LEN(of); i < 2 * ARRAY_LEN(of); i++)
		for (size_t k = 0; k < logcolumns_n(&c); k++, all++)
			wrong += has(&c, k, key_of(i));
	/* 0.7 of the bits set: one in four */
	assert_true(wrong < all / 3);
	buf_clear(&c.bytes);
}

/* Bit r of column k is bit k of row r, however many columns there are. */
static void
rows_are_columns(void **state)
{
	(void)state;
	for (size_t n = 0; n < 20; n++) {
		struct logcolumns c = { BUF_INIT(1 << 20), 0 };
		struct buf rows = BUF_INIT(1 << 20);
		size_t bytes = logrow_bytes(n), stride = bytes + LOGROW_CHECK;
		for (size_t k = 0; k < n; k++) {
			assert_true(logcolumns_begin(&c));
			for (uint64_t i = 0; i < 300; i++)
				logcolumns_add(&c, key_of(k * 1000 + i));
		}
		assert_true(logcolumns_write(&c, &rows));
		assert_int_equal(rows.len, stride * LOGCOLUMN_BITS);
		for (size_t r = 0; r < LOGCOLUMN_BITS; r++) {
			const char *row = rows.data + r * stride;
			uint32_t sum = logrow_checksum((uint32_t)r, row, bytes);
			assert_memory_equal(row + bytes, &sum, sizeof(sum));
			for (size_t k = 0; k < n; k++) {
				const char *column =
				    c.bytes.data + k * LOGCOLUMN_BYTES;
				assert_int_equal(
				    (unsigned char)row[k / 8] >> k % 8 & 1,
				    (unsigned char)column[r / 8] >> r % 8 & 1);
			}
		}
		buf_clear(&rows);
		buf_clear(&c.bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_forget_nothing),
		cmocka_unit_test(rows_are_columns),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
