/* Buffers, arenas, vectors, maps: bounds, growth, sticky failure. */
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/map.h"
#include "core/base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static void
test_buf_never_exceeds_its_maximum(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(10);
	assert_string_equal(buf_cstr(&b), "");
	assert_true(buf_add_cstr(&b, "0123456789"));
	assert_false(buf_add_char(&b, 'x'));
	assert_true(b.failed);
	assert_false(buf_add_cstr(&b, "")); /* failure is sticky */
	assert_string_equal(buf_cstr(&b), "0123456789");
	buf_reset(&b);
	assert_true(buf_addf(&b, "%05d", 42));
	assert_string_equal(buf_cstr(&b), "00042");
	buf_clear(&b);
}

static void
test_buf_consume_and_format(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(100000);
	assert_true(buf_addf(&b, "%*d", 5000, 7)); /* past the stack part */
	assert_int_equal(b.len, 5000);
	buf_consume(&b, 4999);
	assert_string_equal(buf_cstr(&b), "7");
	buf_consume(&b, 99);
	assert_int_equal(b.len, 0);
	assert_true(buf_add(&b, "a\0b", 3));
	assert_int_equal(buf_str(&b).len, 3);
	buf_truncate(&b, 1);
	assert_string_equal(buf_cstr(&b), "a");
	buf_clear(&b);
}

static void
test_buf_settle_frees_what_is_above(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(100000);
	assert_true(buf_addf(&b, "%*d", 500, 7));
	const char *before = b.data;
	buf_settle(&b, 1024);
	assert_ptr_equal(b.data, before);
	assert_int_equal(b.len, 0);
	assert_true(buf_addf(&b, "%*d", 5000, 7));
	buf_settle(&b, 1024);
	assert_null(b.data);
	assert_int_equal(b.cap, 0);
	assert_int_equal(b.max, 100000);
	assert_false(buf_reserve(&b, 100001));
	buf_settle(&b, 1024);
	assert_true(buf_add_cstr(&b, "x")); /* the failure is forgotten */
	buf_clear(&b);
}

static void
count_oom(void *ctx)
{
	++*(int *)ctx;
}

static void
test_arena_refuses_past_its_maximum(void **state)
{
	(void)state;
	int failures = 0;
	struct arena *a = arena_new(1000, count_oom, &failures);
	assert_non_null(arena_alloc(a, 900));
	assert_null(arena_alloc(a, 200));
	assert_int_equal(failures, 1);
	assert_null(arena_array(a, SIZE_MAX, 16)); /* overflow */
	assert_int_equal(failures, 2);
	arena_reset(a);
	assert_non_null(arena_alloc(a, 900));
	arena_reset(a);
	assert_string_equal(arena_printf(a, "%s-%d", "x", 1), "x-1");
	struct str copy = arena_str(a, str_n("a\0b", 3));
	assert_int_equal(copy.len, 3);
	assert_int_equal(copy.ptr[3], '\0');
	arena_free(a);
	arena_free(NULL);
}

static void
test_arena_gives_aligned_zeroed_blocks(void **state)
{
	(void)state;
	struct arena *a = arena_new(SIZE_MAX, NULL, NULL);
	for (size_t size = 1; size < 20000; size += 777) {
		unsigned char *p = arena_alloc(a, size);
		assert_int_equal((uintptr_t)p % sizeof(void *), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	arena_free(a);
}

static void
test_vec_keeps_order(void **state)
{
	(void)state;
	struct vec v = VEC_INIT(int);
	for (int i = 0; i < 100; i++)
		assert_true(vec_push(&v, &i));
	vec_remove(&v, 0);
	vec_remove(&v, 98);
	vec_remove(&v, 98); /* past the end: nothing */
	assert_int_equal(v.len, 98);
	assert_int_equal(*VEC_AT(&v, int, 0), 1);
	assert_int_equal(*VEC_AT(&v, int, 97), 98);
	vec_clear(&v);
}

static void
test_map_finds_thousands_and_replaces(void **state)
{
	(void)state;
	struct map m = MAP_INIT;
	static char keys[5000][16];
	static int values[5000];
	assert_null(map_get(&m, STR("x")));
	for (int i = 0; i < 5000; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%d", i);
		assert_true(map_put(&m, str_of(keys[i]), &values[i]));
	}
	assert_true(map_put(&m, STR("k7"), &values[0]));
	assert_int_equal(m.len, 5000);
	assert_ptr_equal(map_get(&m, STR("k7")), &values[0]);
	assert_ptr_equal(map_get(&m, STR("k4999")), &values[4999]);
	assert_true(map_put(&m, (struct str)STR_EMPTY, &values[1]));
	assert_true(map_has(&m, STR("")));
	assert_int_equal(m.len, 5001);
	map_clear(&m);
	assert_false(map_has(&m, STR("k1")));
}

/* Children are freed on their own or with their parent; bytes are counted. */
static void
test_arena_children_and_counts(void **state)
{
	(void)state;
	size_t held = 0;
	struct arena *parent = arena_new(1 << 20, NULL, NULL);
	struct arena *child[3];
	for (int i = 0; i < 3; i++) {
		child[i] = arena_child(parent);
		assert_non_null(arena_alloc(child[i], 5000));
		arena_count(child[i], &held);
	}
	assert_in_range(held, 3 * 5000, 3 * 8192);
	assert_non_null(arena_alloc(child[1], 50000));
	assert_in_range(held, 3 * 5000 + 50000, 3 * 8192 + 60000);
	arena_free(child[1]); /* in the middle */
	assert_in_range(held, 2 * 5000, 2 * 8192);
	arena_reset(child[0]);
	assert_in_range(held, 5000, 2 * 8192);
	arena_reset(parent);
	assert_int_equal(held, 0);
	assert_non_null(arena_alloc(arena_child(parent), 100));
	arena_free(parent);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buf_never_exceeds_its_maximum),
		cmocka_unit_test(test_buf_consume_and_format),
		cmocka_unit_test(test_buf_settle_frees_what_is_above),
		cmocka_unit_test(test_arena_refuses_past_its_maximum),
		cmocka_unit_test(test_arena_gives_aligned_zeroed_blocks),
		cmocka_unit_test(test_arena_children_and_counts),
		cmocka_unit_test(test_vec_keeps_order),
		cmocka_unit_test(test_map_finds_thousands_and_replaces),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
