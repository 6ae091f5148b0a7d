/* Fields, types, properties and escapes of a record (ES-6 to ES-11). */
#include "core/db/db_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct arena *arena;

static struct db_record
record(const char *raw)
{
	return (struct db_record){
		.key = STR("k"),
		.raw = str_of(raw),
		.defined = raw != NULL,
	};
}

/* "TYPE {name=value}{odd}" */
static const char *
shown(const char *raw)
{
	static struct buf out = BUF_INIT(4096);
	struct db_record r = record(raw);
	struct db_prop *props;
	size_t n = db_record_props(&r, arena, &props);
	buf_reset(&out);
	buf_add_str(&out, db_record_type(&r, arena));
	for (size_t i = 0; i < n; i++) {
		buf_addf(&out, "{%s", props[i].name.ptr);
		if (props[i].defined)
			buf_addf(&out, "=%s", props[i].value.ptr);
		buf_add_char(&out, '}');
	}
	return buf_cstr(&out);
}

static void
test_fields(void **state)
{
	(void)state;
	static const struct {
		const char *rule, *raw, *want;
	} cases[] = {
		{ "ES-6", "service|status|enabled", "service{status=enabled}" },
		{ "ES-6 blanks stay", " t | a | 1 ", " t { a = 1 }" },
		{ "ES-6 trailing empty fields count", "t|a||b|", "t{a=}{b=}" },
		{ "sorted by byte", "t|b|1|a|2|B|3", "t{B=3}{a=2}{b=1}" },
		{ "ES-7", "t|a|1\\|2", "t{a=1\\|2}" },
		{ "ES-7 doubled backslash", "t|a|1\\\\|2|b",
		    "t{a=1\\\\|2}{b}" },
		{ "ES-7 at the beginning", "\\|t|a|1", "\\|t{a=1}" },
		{ "ES-8", "t|a|l1\\nl2", "t{a=l1\nl2}" },
		{ "ES-8 no escape for the backslash", "t|a|c:\\new|b|\\\\n",
		    "t{a=c:\new}{b=\\\n}" },
		{ "ES-8 in type and name", "a\\nb|c\\nd|1", "a\nb{c\nd=1}" },
		{ "ES-9 odd", "t|a|1|b", "t{a=1}{b}" },
		{ "ES-9 one empty name", "t|", "t{}" },
		{ "ES-10 last wins", "t|a|1|b|2|a|3", "t{a=3}{b=2}" },
		{ "ES-10 last wins, odd", "t|a|1|b|2|a", "t{a}{b=2}" },
		{ "ES-10 empty names", "t||1||2", "t{=2}" },
		{ "ES-11", "example.org", "example.org" },
		{ "ES-11 empty", "", "" },
		{ "ES-20 empty type", "|p|v", "{p=v}" },
		{ "undefined", NULL, "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (strcmp(shown(cases[i].raw), cases[i].want) != 0)
			print_message("# %s\n", cases[i].rule);
		assert_string_equal(shown(cases[i].raw), cases[i].want);
	}
}

static void
test_one_property(void **state)
{
	(void)state;
	struct db_record r = record("t|a|1|b||a\\nb|x|a|2|odd");
	struct str v = STR_EMPTY;
	assert_true(db_record_prop(&r, STR("a"), arena, &v)); /* ES-10 */
	assert_true(str_is(v, "2"));
	assert_true(db_record_prop(&r, STR("b"), arena, &v));
	assert_int_equal(v.len, 0);
	assert_true(db_record_prop(&r, STR("a\nb"), arena, &v)); /* ES-8 */
	assert_true(str_is(v, "x"));
	assert_false(db_record_prop(&r, STR("a\\nb"), arena, &v));
	assert_false(db_record_prop(&r, STR("odd"), arena, &v)); /* ES-9 */
	assert_false(db_record_prop(&r, STR("t"), arena, &v));   /* ES-55 */
	assert_false(db_record_prop(&r, STR("type"), arena, &v));
	assert_false(db_record_prop(&r, STR(" a"), arena, &v)); /* ES-5 */
	r = record("t|x|1|x");
	assert_false(db_record_prop(&r, STR("x"), arena, &v));
}

static void
test_value_outlives_the_database(void **state)
{
	(void)state;
	struct db *db = db_new();
	struct str v;
	assert_true(db_put(db, STR("k"), STR("t|a|l1\\nl2")));
	assert_true(db_prop(db, "k", "a", arena, &v));
	struct str raw = db_record_value(db_find(db, STR("k")), arena);
	db_free(db);
	assert_string_equal(v.ptr, "l1\nl2");
	assert_string_equal(raw.ptr, "t|a|l1\nl2");
}

static void
test_encode_is_what_decoding_undoes(void **state)
{
	(void)state;
	struct buf out = BUF_INIT(64);
	assert_true(db_encode(&out, STR("\na\n\nb\\nc\n")));
	assert_string_equal(buf_cstr(&out), "\\na\\n\\nb\\nc\\n");
	struct db_record r = record(buf_cstr(&out));
	assert_string_equal(db_record_value(&r, arena).ptr, "\na\n\nb\nc\n");
	buf_clear(&out);
}

static void
test_many_fields(void **state)
{
	(void)state;
	struct buf raw = BUF_INIT(1 << 22);
	struct db_prop *props;
	buf_add_char(&raw, 't');
	for (unsigned i = 0; i < 100000; i++)
		buf_addf(&raw, "|%u|%u", i % 1000, i);
	struct db_record r = record(buf_cstr(&raw));
	assert_int_equal(db_record_props(&r, arena, &props), 1000);
	assert_true(str_is(props[0].name, "0"));
	assert_true(str_is(props[0].value, "99000"));
	buf_clear(&raw);
}

static void
test_out_of_memory_is_no_record_without_properties(void **state)
{
	(void)state;
	struct arena *small = arena_new(16, NULL, NULL);
	struct db_record r = record("t|name|a value longer than that");
	struct db_prop *props;
	size_t n;
	assert_false(db_props_read(&r, small, &props, &n));
	r = record("t");
	assert_true(db_props_read(&r, small, &props, &n));
	assert_int_equal(n, 0);
	arena_free(small);
}

static int
arena_make(void **state)
{
	(void)state;
	arena = arena_new((size_t)1 << 28, NULL, NULL);
	return arena != NULL ? 0 : -1;
}

static int
arena_drop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_one_property),
		cmocka_unit_test(test_value_outlives_the_database),
		cmocka_unit_test(test_encode_is_what_decoding_undoes),
		cmocka_unit_test(test_many_fields),
		cmocka_unit_test(
		    test_out_of_memory_is_no_record_without_properties),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, arena_make, arena_drop);
}
