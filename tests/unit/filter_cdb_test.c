/* Constant databases, for morercpthosts.cdb: FL-61. */
#include "core/filter/cdb_int.h"
#include "tests/unit/filter_fixture.h"

#include <stdlib.h>

enum {
	TABLES = 256,
	HEADER = TABLES * 8,
	KEYS_MAX = 64
};

static uint32_t
hash_of(const char *key)
{
	uint32_t h = 5381;
	for (; *key != '\0'; key++)
		h = (h * 33) ^ (unsigned char)*key;
	return h;
}

static void
put_u32(char *to, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		to[i] = (char)(unsigned char)(v >> (8 * i) & 0xff);
}

static void
add_u32(struct buf *b, uint32_t v)
{
	char bytes[4];
	put_u32(bytes, v);
	buf_add(b, bytes, sizeof(bytes));
}

/* A database of these keys with empty values; each table is twice its size. */
static void
make_cdb(struct buf *b, const char *const *keys, size_t n)
{
	uint32_t at[KEYS_MAX];
	assert_true(n <= KEYS_MAX);
	for (size_t i = 0; i < HEADER; i++)
		buf_add_char(b, '\0');
	for (size_t i = 0; i < n; i++) {
		at[i] = (uint32_t)b->len;
		add_u32(b, (uint32_t)strlen(keys[i]));
		add_u32(b, 0);
		buf_add_cstr(b, keys[i]);
	}
	for (uint32_t t = 0; t < TABLES; t++) {
		uint32_t slots[2 * KEYS_MAX][2] = { { 0 } };
		uint32_t count = 0;
		for (size_t i = 0; i < n; i++)
			count += hash_of(keys[i]) % TABLES == t ? 2 : 0;
		for (size_t i = 0; i < n; i++) {
			uint32_t h = hash_of(keys[i]);
			if (h % TABLES != t)
				continue;
			uint32_t s = h / TABLES % count;
			while (slots[s][1] != 0)
				s = (s + 1) % count;
			slots[s][0] = h;
			slots[s][1] = at[i];
		}
		put_u32(b->data + (size_t)t * 8, (uint32_t)b->len);
		put_u32(b->data + (size_t)t * 8 + 4, count);
		for (uint32_t s = 0; s < count; s++) {
			add_u32(b, slots[s][0]);
			add_u32(b, slots[s][1]);
		}
	}
}

static const char *const keys[] = { "test.example", ".sub.test.example", "a",
	"b", "c", "another.example", "" };

static void
test_cdb_has(void **state)
{
	struct buf b = BUF_INIT(1 << 20);
	(void)state;
	make_cdb(&b, keys, ARRAY_LEN(keys));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_true(cdb_has(buf_str(&b), str_of(keys[i])));
	static const char *const absent[] = { "test.exampl", "d",
		"sub.test.example", "TEST.example" };
	for (size_t i = 0; i < ARRAY_LEN(absent); i++)
		assert_false(cdb_has(buf_str(&b), str_of(absent[i])));
	/* cut anywhere: never more than a wrong "no" */
	for (size_t n = 0; n < b.len; n++) {
		char *copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy, b.data, n);
		(void)cdb_has(str_n(copy, n), STR("test.example"));
		assert_false(cdb_has(str_n(copy, n), STR("absent.example")));
		free(copy);
	}
	buf_clear(&b);
}

static void
test_cdb_hostile(void **state)
{
	char bytes[HEADER + 64];
	(void)state;
	/* positions and counts beyond the end, and into the header */
	for (uint32_t fill = 0; fill < 256; fill += 15) {
		memset(bytes, (int)fill, sizeof(bytes));
		(void)cdb_has(str_n(bytes, sizeof(bytes)), STR("x.example"));
	}
	for (size_t t = 0; t < TABLES; t++) {
		put_u32(bytes + t * 8, 8);
		put_u32(bytes + t * 8 + 4, HEADER / 8);
	}
	(void)cdb_has(str_n(bytes, sizeof(bytes)), STR("x.example"));
	assert_false(cdb_has((struct str)STR_EMPTY, STR("x")));
}

static void
test_rcpt_ok_asks_cdb(void **state)
{
	struct buf b = BUF_INIT(1 << 20);
	struct buf bundle = BUF_INIT(1 << 20);
	struct fixture f = { 0 };
	(void)state;
	make_cdb(&b, keys, ARRAY_LEN(keys));
	const struct bundle_record records[] = {
		{ STR("plugins"), STR("rcpt_ok\nqueue/maildir /m\n") },
		{ STR("morercpthosts.cdb"), buf_str(&b) },
	};
	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		assert_true(bundle_add(&bundle, &records[i]));
	assert_true(filter_policy_new(buf_str(&bundle), &f.policy, &f.err));
	buf_init(&f.logged, 1 << 16);
	assert_int_equal(fixture_rcpt(&f, "x@TEST.example"), FILTER_OK);
	assert_int_equal(fixture_rcpt(&f, "x@y.sub.test.example"), FILTER_OK);
	assert_int_equal(fixture_rcpt(&f, "x@sub.test.example"), FILTER_DENY);
	assert_int_equal(fixture_rcpt(&f, "x@other.example"), FILTER_DENY);
	buf_clear(&b);
	buf_clear(&bundle);
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cdb_has),
		cmocka_unit_test(test_cdb_hostile),
		cmocka_unit_test(test_rcpt_ok_asks_cdb),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_cdb", tests, NULL, NULL);
}
