/*
 * The properties of one record, found by their names and changed one by one;
 * the record is written when somebody reads it. What a change of thousands of
 * them costs depends on how many they are, not on that times the record.
 */
#include "core/db/db_int.h"

#include <stdlib.h>

static const size_t MEMORY_MAX = (size_t)1 << 30;

enum {
	LARGE =
	    4096 /* bytes of a record that is not looked through each time */
};

struct entry {
	struct str name, value;
	bool defined;
	bool gone;
};

struct db_sheet {
	struct arena *arena;
	struct db_record *record; /* NULL: none is open */
	struct str type;
	struct map names;   /* to struct entry */
	struct vec entries; /* struct entry * */
	bool plain;
	bool edited; /* the record is behind */
	bool failed; /* out of memory */
};

struct db_sheet *
db_sheet_new(void)
{
	struct db_sheet *s = calloc(1, sizeof(*s));
	if (s != NULL)
		s->entries = (struct vec)VEC_INIT(struct entry *);
	return s;
}

void
db_sheet_free(struct db_sheet *s)
{
	if (s == NULL)
		return;
	map_clear(&s->names);
	vec_clear(&s->entries);
	arena_free(s->arena);
	free(s);
}

void
db_sheet_close(struct db *db, const struct db_record *r)
{
	struct db_sheet *s = db->sheet;
	if (s->record != r)
		return;
	s->record = NULL;
	s->edited = false;
}

bool
db_sheet_failed(const struct db *db)
{
	return db->sheet->failed;
}

static int
entry_cmp(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a;
	const struct entry *y = *(struct entry *const *)b;
	return str_cmp(x->name, y->name);
}

/* The record with its properties sorted (ES-14), trimmed (ES-15). */
static void
write_record(struct db_sheet *s, struct buf *out)
{
	db_encode(out, s->type);
	vec_sort(&s->entries, entry_cmp);
	for (size_t i = 0; i < s->entries.len; i++) {
		struct entry *p = *VEC_AT(&s->entries, struct entry *, i);
		if (p->gone)
			continue;
		db_prop_write(out, p->name, p->value);
		p->defined = true; /* a name alone gets an empty value */
	}
}

void
db_sheet_settle(const struct db *db)
{
	struct db_sheet *s = db->sheet;
	struct buf out = BUF_INIT(DB_SIZE_MAX);
	if (!s->edited)
		return;
	s->edited = false;
	write_record(s, &out);
	struct str raw = arena_str(db->arena, str_trim(buf_str(&out)));
	if (out.failed || raw.ptr == NULL)
		s->failed = true;
	else
		s->record->raw = raw;
	buf_clear(&out);
}

void
db_sheet_settle_record(const struct db *db, const struct db_record *r)
{
	if (db->sheet->record == r)
		db_sheet_settle(db);
}

/* A blank at the end may be lost at a store (ES-15); LF is kept as \n. */
static bool
ends_in_blank(struct str text)
{
	char last = text.len > 0 ? text.ptr[text.len - 1] : 'x';
	return ascii_is_space(last) && last != '\n';
}

/* Reads back as it was given, whatever stands before or behind it. */
static bool
is_plain(struct str text)
{
	return str_find(text, '|', 0) == text.len &&
	       str_find(text, '\\', 0) == text.len && !ends_in_blank(text);
}

static bool
entry_add(struct db_sheet *s, const struct db_prop *p)
{
	struct entry *new = ARENA_NEW(s->arena, struct entry);
	if (new == NULL)
		return false;
	*new = (struct entry){ p->name, p->value, p->defined, false };
	return vec_push(&s->entries, &new) &&
	       map_put(&s->names, new->name, new);
}

static bool
entries_read(struct db_sheet *s, const struct db_record *r)
{
	struct db_prop *props;
	size_t n;
	s->type = db_record_type(r, s->arena);
	if (s->type.ptr == NULL || !db_props_read(r, s->arena, &props, &n))
		return false;
	/* a backslash at the end would swallow what is put behind it (ES-18) */
	s->plain = !ends_in_blank(s->type) && !str_ends(r->raw, STR("\\"));
	for (size_t i = 0; i < n; i++) {
		s->plain = s->plain && !ends_in_blank(props[i].value);
		if (!entry_add(s, &props[i]))
			return false;
	}
	return true;
}

static bool
sheet_open(const struct db *db, struct db_record *r)
{
	struct db_sheet *s = db->sheet;
	if (s->record == r)
		return true;
	db_sheet_settle(db);
	s->record = NULL;
	map_clear(&s->names);
	s->names = (struct map)MAP_INIT;
	s->entries.len = 0;
	if (s->arena == NULL)
		s->arena = arena_new(MEMORY_MAX, NULL, NULL);
	if (s->arena == NULL)
		return false;
	arena_reset(s->arena);
	if (!entries_read(s, r))
		return false;
	s->record = r;
	return true;
}

static struct db_record *
record_of(const struct db *db, struct str key)
{
	bool found;
	size_t i = db_index(db, str_trim(key), &found);
	struct db_record *r =
	    found ? *VEC_AT(&db->records, struct db_record *, i) : NULL;
	return r != NULL && r->defined ? r : NULL;
}

bool
db_has(const struct db *db, struct str key)
{
	return record_of(db, key) != NULL;
}

/* The same from a record that is read from its beginning. */
static bool
find_in_record(const struct db_record *r, struct str name, struct arena *a,
    struct db_prop *out)
{
	struct db_prop *props;
	size_t n;
	*out = (struct db_prop){ .name = name };
	out->defined = db_record_prop(r, name, a, &out->value);
	if (out->defined)
		return true;
	n = db_record_props(r, a, &props);
	for (size_t i = 0; i < n; i++)
		if (str_eq(props[i].name, name))
			return true;
	return false;
}

bool
db_find_prop(const struct db *db, struct str key, struct str name,
    struct arena *a, struct db_prop *out)
{
	struct db_record *r = record_of(db, key);
	if (r == NULL)
		return false;
	if (db->sheet->record != r &&
	    (r->raw.len < LARGE || !sheet_open(db, r)))
		return find_in_record(r, name, a, out);
	const struct entry *p = map_get(&db->sheet->names, name);
	if (p == NULL || p->gone)
		return false;
	*out = (struct db_prop){ .name = name, .defined = p->defined };
	if (p->defined)
		out->value = arena_str(a, p->value);
	return true;
}

struct db_record *
db_sheet_edit(
    struct db *db, struct str key, struct str name, const struct str *value)
{
	struct db_record *r = record_of(db, key);
	struct db_sheet *s = db->sheet;
	if (r == NULL || !is_plain(name) ||
	    (value != NULL && !is_plain(*value)) || !sheet_open(db, r) ||
	    !s->plain)
		return NULL;
	struct entry *p = map_get(&s->names, name);
	struct db_prop given = { .defined = true };
	if (value != NULL)
		given.value = arena_str(s->arena, *value);
	if (value != NULL && p == NULL) {
		given.name = arena_str(s->arena, name);
		if (!entry_add(s, &given))
			s->failed = true;
	} else if (p != NULL) {
		p->gone = value == NULL;
		p->defined = true;
		p->value = given.value;
	}
	s->failed = s->failed || (value != NULL && given.value.ptr == NULL);
	s->edited = true;
	return r;
}
