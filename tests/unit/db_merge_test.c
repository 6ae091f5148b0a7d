/*
 * Properties of one record changed in one store: the file is that of one store
 * each (ES-9, ES-10, ES-14 to ES-18), the log has one pair of lines (ES-28).
 */
#include "core/db/db_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum {
	ROUNDS = 3000,
	EDITS = 12,
	MANY = 20000
};

static const struct root root = { "" };
static const char *const secrets[] = { "Passwd", NULL };

static struct db_change *
change_of(const char *text, bool merge)
{
	const struct db_env env = {
		.root = &root,
		.clock = &clock_system,
		.program = "test",
		.merge = merge,
		.secrets = secrets,
	};
	struct db_change *c = db_change_new(&env);
	assert_non_null(c);
	c->shown = "/db";
	c->db = db_new();
	assert_non_null(c->db);
	buf_add_cstr(&c->db->text, text);
	assert_true(db_parse(c->db, buf_str(&c->db->text)));
	return c;
}

/* The records as they would be written. */
static const char *
written(struct db_change *c, struct buf *out)
{
	db_change_merge_end(c);
	assert_false(c->failed);
	assert_true(db_write(c->db, 0, out));
	return strchr(strstr(buf_cstr(out), "# updated: "), '\n') + 1;
}

static const char *
log_of(struct db_change *c)
{
	static struct buf all = BUF_INIT(1 << 20);
	buf_reset(&all);
	for (size_t i = 0; i < c->lines.len; i++) {
		buf_add_str(&all, VEC_AT(&c->lines, struct log_line, i)->text);
		buf_add_char(&all, '\n');
	}
	return buf_cstr(&all);
}

static bool
set(struct db_change *c, const char *key, const char *name, const char *value)
{
	return db_change_set_prop(c, str_of(key), str_of(name), str_of(value));
}

static void
test_one_pair_of_lines(void **state)
{
	struct buf out = BUF_INIT(DB_SIZE_MAX);
	struct db_change *c = change_of("k=t|b|1|d|4|Passwd|p\no=t\n", true);
	(void)state;
	assert_true(set(c, "k", "a", "0"));
	assert_true(set(c, " k ", "c", "x\ny"));
	assert_true(set(c, "k", "Passwd", "q"));
	assert_true(db_change_delete_prop(c, STR("k"), STR("b")));
	assert_true(set(c, "o", "z", "1"));
	assert_false(set(c, "u", "z", "1"));
	assert_string_equal(
	    written(c, &out), "k=t|Passwd|q|a|0|c|x\\ny|d|4\no=t|z|1\n");
	assert_string_equal(log_of(c),
	    "/db: OLD k=t|b|1|d|4|Passwd|(secret)\n"
	    "/db: NEW k=t|Passwd|(secret)|a|0|c|x\\ny|d|4\n"
	    "/db: OLD o=t\n/db: NEW o=t|z|1\n");
	assert_true(c->dirty);
	db_change_abort(c);
	buf_clear(&out);
}

static void
test_other_operations_see_it(void **state)
{
	struct buf out = BUF_INIT(DB_SIZE_MAX);
	struct db_change *c = change_of("k=t|b|1\n", true);
	const struct db *db = db_change_db(c);
	(void)state;
	assert_true(set(c, "k", "a", "0"));
	assert_true(str_is(db_find(db, STR("k"))->raw, "t|a|0|b|1"));
	assert_true(set(c, "k", "c", "2"));
	assert_true(str_is(db_at(db, 0)->raw, "t|a|0|b|1|c|2"));
	assert_true(db_change_set_type(c, STR("k"), STR("u")));
	assert_true(set(c, "k", "a", "3"));
	assert_true(db_change_store(c, STR("k"), STR("v"), NULL));
	assert_true(set(c, "k", "d", "5"));
	assert_true(db_change_delete(c, STR("k")));
	assert_false(set(c, "k", "d", "5"));
	assert_string_equal(written(c, &out), "");
	assert_string_equal(log_of(c),
	    "/db: OLD k=t|b|1\n/db: NEW k=t|a|0|b|1|c|2\n"
	    "/db: OLD k=t|a|0|b|1|c|2\n/db: NEW k=u|a|0|b|1|c|2\n"
	    "/db: OLD k=u|a|0|b|1|c|2\n/db: NEW k=u|a|3|b|1|c|2\n"
	    "/db: OLD k=u|a|3|b|1|c|2\n/db: NEW k=v\n"
	    "/db: OLD k=v\n/db: NEW k=v|d|5\n"
	    "/db: DELETE k=v|d|5\n");
	db_change_abort(c);
	buf_clear(&out);
}

/* ES-25 of the whole. */
static void
test_back_again_is_no_change(void **state)
{
	struct buf out = BUF_INIT(DB_SIZE_MAX);
	struct db_change *c = change_of("k=t|b|1\n", true);
	(void)state;
	assert_true(set(c, "k", "a", "0"));
	assert_true(db_change_delete_prop(c, STR("k"), STR("a")));
	assert_string_equal(written(c, &out), "k=t|b|1\n");
	assert_string_equal(log_of(c), "");
	assert_false(c->dirty);
	db_change_abort(c);
	buf_clear(&out);
}

/* Words that try the rules: blanks, pipes, backslashes, LF, odd fields. */
static const char *const words[] = { "a", "b", "c", "ab", "z", "", " ", "x ",
	" x", "a\\", "c:\\", "1|2", "x\\|y", "q\ny", "q\n", "\n", "n\\n", "\r",
	"v\t", "Passwd" };

/* The same numbers in each run. */
static unsigned
below(unsigned *seed, size_t n)
{
	*seed = *seed * 1103515245 + 12345;
	return (unsigned)((*seed >> 16) % n);
}

static const char *
any(unsigned *seed)
{
	return words[below(seed, ARRAY_LEN(words))];
}

static void
record_random(unsigned *seed, struct buf *text)
{
	unsigned fields = below(seed, 8);
	buf_add_cstr(text, "k=");
	for (unsigned i = 0; i < fields; i++) {
		const char *word = any(seed);
		if (i > 0)
			buf_add_char(text, '|');
		db_encode(text, str_of(word));
	}
	buf_add_cstr(text, "\n");
}

/* The same edits, each stored by itself and merged. */
static void
round_compare(unsigned *seed)
{
	struct buf text = BUF_INIT(1 << 16);
	struct buf one = BUF_INIT(1 << 20), other = BUF_INIT(1 << 20);
	record_random(seed, &text);
	struct db_change *each = change_of(buf_cstr(&text), false);
	struct db_change *merged = change_of(buf_cstr(&text), true);
	for (unsigned i = 0; i < EDITS; i++) {
		struct str name = str_of(any(seed)), value = str_of(any(seed));
		bool delete = below(seed, 4) == 0;
		if (delete) {
			db_change_delete_prop(each, STR("k"), name);
			db_change_delete_prop(merged, STR("k"), name);
		} else {
			db_change_set_prop(each, STR("k"), name, value);
			db_change_set_prop(merged, STR("k"), name, value);
		}
	}
	const char *wanted = written(each, &one);
	if (strcmp(wanted, written(merged, &other)) != 0)
		fail_msg("of %s: %s, not %s", buf_cstr(&text),
		    written(merged, &other), wanted);
	db_change_abort(each);
	db_change_abort(merged);
	buf_clear(&text);
	buf_clear(&one);
	buf_clear(&other);
}

static void
test_same_file_as_one_store_each(void **state)
{
	(void)state;
	unsigned seed = 7;
	for (unsigned i = 0; i < ROUNDS; i++)
		round_compare(&seed);
}

/* A property is found in a large record, a small one, and while edited. */
static void
test_find_prop(void **state)
{
	struct arena *a = arena_new(1 << 20, NULL, NULL);
	struct db_change *c = change_of("k=t|b|1|b|2|h\nu\n", true);
	const struct db *db = db_change_db(c);
	struct db_prop p;
	(void)state;
	assert_true(db_find_prop(db, STR("k"), STR("b"), a, &p));
	assert_true(p.defined && str_is(p.value, "2"));
	assert_true(db_find_prop(db, STR("k"), STR("h"), a, &p));
	assert_false(p.defined);
	assert_false(db_find_prop(db, STR("k"), STR("x"), a, &p));
	assert_false(db_find_prop(db, STR("u"), STR("x"), a, &p));
	assert_false(db_has(db, STR("u")));
	assert_true(db_has(db, STR(" k")));
	for (unsigned i = 0; i < 500; i++) {
		char name[32];
		snprintf(name, sizeof(name), "m%u@host.test", i * 7 % 500);
		assert_true(set(c, "k", name, "Black"));
		assert_true(db_find_prop(db, STR("k"), str_of(name), a, &p));
		assert_true(p.defined && str_is(p.value, "Black"));
	}
	db_change_merge_end(c);
	assert_true(db_change_store(c, STR("o"), STR("t|b|5"), NULL));
	assert_true(db_find_prop(db, STR("o"), STR("b"), a, &p));
	assert_true(str_is(p.value, "5"));
	assert_true(db_find_prop(db, STR("k"), STR("m77@host.test"), a, &p));
	assert_true(db_find_prop(db, STR("k"), STR("h"), a, &p));
	assert_true(p.defined && p.value.len == 0);
	assert_true(db_change_store(c, STR("k"), STR("t|b|6"), NULL));
	assert_false(db_find_prop(db, STR("k"), STR("h"), a, &p));
	assert_true(db_find_prop(db, STR("k"), STR("b"), a, &p));
	assert_true(str_is(p.value, "6"));
	db_change_abort(c);
	arena_free(a);
}

/* One store each ends at 1 GB of log lines; merged there are two lines. */
static void
test_many(void **state)
{
	struct buf out = BUF_INIT(DB_SIZE_MAX);
	struct db_change *c = change_of("k=t\n", true);
	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		char name[32];
		snprintf(name, sizeof(name), "u%05u@host.test", MANY - i);
		assert_true(set(c, "k", name, "Black"));
	}
	const char *text = written(c, &out);
	assert_memory_equal(text, "k=t|u00001@host.test|Black|u00002@", 34);
	assert_int_equal(c->lines.len, 2);
	db_change_abort(c);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_pair_of_lines),
		cmocka_unit_test(test_other_operations_see_it),
		cmocka_unit_test(test_back_again_is_no_change),
		cmocka_unit_test(test_same_file_as_one_store_each),
		cmocka_unit_test(test_find_prop),
		cmocka_unit_test(test_many),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
