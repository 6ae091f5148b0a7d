/*
 * Fuzzes the database: any bytes are read, listed, changed, written and read
 * again. The input is the file, then after bytes 0x01 a key, a property name
 * and a value for the changes. Exercises core/db/load.c, record.c, change.c.
 */
#include "core/db/db_int.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* Every record: names ascend, and each is found with its value. */
static void
check_records(const struct db *db, struct arena *a)
{
	struct db_prop *props;
	struct str value;
	for (size_t i = 0; i < db_count(db); i++) {
		const struct db_record *r = db_at(db, i);
		require(i == 0 || str_cmp(db_at(db, i - 1)->key, r->key) < 0);
		require(str_find(r->raw, '\n', 0) == r->raw.len);
		db_record_value(r, a);
		db_record_type(r, a);
		size_t n = db_record_props(r, a, &props);
		for (size_t p = 0; p < n; p++) {
			require(p == 0 ||
				str_cmp(props[p - 1].name, props[p].name) < 0);
			require(db_record_prop(r, props[p].name, a, &value) ==
				props[p].defined);
			require(
			    !props[p].defined || str_eq(value, props[p].value));
		}
		arena_reset(a);
	}
}

/* What is written reads back as the same records. */
static void
check_round_trip(const struct db *db)
{
	struct buf text = BUF_INIT(DB_SIZE_MAX);
	struct db *again = db_new();
	require(again != NULL && db_write(db, 0, &text));
	require(db_parse(again, buf_str(&text)));
	require(db_count(db) == db_count(again));
	for (size_t i = 0; i < db_count(db); i++) {
		require(str_eq(db_at(db, i)->key, db_at(again, i)->key));
		require(str_eq(db_at(db, i)->raw, db_at(again, i)->raw));
		require(db_at(again, i)->defined);
	}
	db_free(again);
	buf_clear(&text);
}

/* The records after edits of one, which are one store or one each. */
static void
edited(struct str text, struct str key, struct str name, struct str value,
    bool merge, struct buf *out)
{
	static const struct root root = { "" };
	const struct db_env env = {
		.root = &root,
		.clock = &clock_system,
		.program = "fuzz",
		.merge = merge,
	};
	struct db_change *c = db_change_new(&env);
	require(c != NULL);
	c->shown = "/db";
	c->db = db_new();
	require(c->db != NULL && db_parse(c->db, text));
	db_change_set_prop(c, key, name, value);
	db_change_set_prop(c, key, value, name);
	db_change_set_prop(c, key, STR("m"), STR("1"));
	db_change_delete_prop(c, key, value);
	db_change_merge_end(c);
	require(!c->failed && db_write(c->db, 0, out));
	db_change_abort(c);
}

static void
check_merged(struct str text, struct str key, struct str name, struct str value)
{
	struct buf each = BUF_INIT(DB_SIZE_MAX), one = BUF_INIT(DB_SIZE_MAX);
	edited(text, key, name, value, false, &each);
	edited(text, key, name, value, true, &one);
	require(str_eq(buf_str(&each), buf_str(&one)));
	buf_clear(&each);
	buf_clear(&one);
}

/* Takes the database. */
static void
change(struct db *db, struct str key, struct str name, struct str value,
    struct arena *a)
{
	static const struct root root = { "" };
	static const struct db_env env = {
		.root = &root,
		.clock = &clock_system,
		.program = "fuzz",
	};
	struct db_change *c = db_change_new(&env);
	require(c != NULL);
	c->shown = "/db";
	c->db = db;
	bool stored = db_change_store(c, key, value, NULL);
	require(stored == (str_find(key, '\n', 0) == key.len));
	require(!stored || db_find(c->db, key) != NULL);
	db_change_set_prop(c, key, name, value);
	db_change_set_type(c, key, name);
	check_records(c->db, a);
	db_change_set_prop(c, key, value, name);
	db_change_delete_prop(c, key, name);
	check_records(c->db, a);
	if (!c->awkward)
		check_round_trip(c->db);
	if (db_change_delete(c, key))
		require(db_find(c->db, key) == NULL);
	require(!c->failed);
	db_change_abort(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)1 << 30, NULL, NULL);
	struct db *db = db_new();
	struct str rest = str_n((const char *)data, size), key, name;
	struct str text = str_cut(rest, '\x01', &rest);
	key = str_cut(rest, '\x01', &rest);
	name = str_cut(rest, '\x01', &rest);
	require(a != NULL && db != NULL && db_parse(db, text));
	check_records(db, a);
	check_round_trip(db);
	check_merged(text, key, name, rest);
	change(db, key, name, rest, a);
	arena_free(a);
	return 0;
}
