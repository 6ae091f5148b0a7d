/* Records: fields, types and properties of a raw value (ES-6 to ES-11). */
#include "core/db/db.h"

#include "core/db/db_int.h"

#include <stdlib.h>
#include <string.h>

bool
db_field_next(struct str *rest, struct str *field)
{
	if (rest->ptr == NULL)
		return false;
	size_t at = str_find(*rest, '|', 0);
	/* one backslash in front protects, however many stand before it */
	while (at < rest->len && at > 0 && rest->ptr[at - 1] == '\\')
		at = str_find(*rest, '|', at + 1);
	*field = str_n(rest->ptr, at);
	if (at < rest->len)
		*rest = str_n(rest->ptr + at + 1, rest->len - at - 1);
	else
		*rest = (struct str)STR_EMPTY;
	return true;
}

bool
db_encode(struct buf *out, struct str text)
{
	for (;;) {
		size_t at = str_find(text, '\n', 0);
		buf_add_str(out, str_sub(text, 0, at));
		if (at == text.len)
			return !out->failed;
		buf_add_cstr(out, "\\n");
		text = str_sub(text, at + 1, text.len);
	}
}

void
db_prop_write(struct buf *out, struct str name, struct str value)
{
	buf_add_char(out, '|');
	db_encode(out, name);
	buf_add_char(out, '|');
	db_encode(out, value);
}

/* Turn each \n into LF where it stands; a NUL follows the shorter text. */
static struct str
decode_here(char *text, size_t len)
{
	size_t to = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 1 < len && text[i + 1] == 'n') {
			text[to++] = '\n';
			i++;
		} else {
			text[to++] = text[i];
		}
	}
	text[to] = '\0';
	return str_n(text, to);
}

static struct str
decode(struct str raw, struct arena *a)
{
	char *copy = arena_cstr(a, raw);
	return copy != NULL ? decode_here(copy, raw.len)
			    : (struct str)STR_EMPTY;
}

struct str
db_record_type(const struct db_record *r, struct arena *a)
{
	struct str rest = r->raw, type = STR_EMPTY;
	db_field_next(&rest, &type);
	return decode(type, a);
}

struct str
db_record_value(const struct db_record *r, struct arena *a)
{
	return decode(r->raw, a);
}

/*
 * By name; of equal names the later one in the record after the earlier one.
 * Names are views of one copy of the record, so their places tell.
 */
static int
prop_cmp(const void *a, const void *b)
{
	const struct db_prop *x = a, *y = b;
	int d = str_cmp(x->name, y->name);
	if (d != 0)
		return d;
	return x->name.ptr < y->name.ptr ? -1 : x->name.ptr > y->name.ptr;
}

/* Sort, and keep the last of equal names (ES-10). Returns how many stay. */
static size_t
props_sort(struct db_prop *props, size_t n)
{
	bool sorted = true;
	for (size_t i = 1; i < n && sorted; i++)
		sorted = str_cmp(props[i - 1].name, props[i].name) < 0;
	if (sorted)
		return n;
	qsort(props, n, sizeof(*props), prop_cmp);
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && str_eq(props[i].name, props[i + 1].name))
			continue;
		props[kept++] = props[i];
	}
	return kept;
}

static size_t
fields_count(struct str raw)
{
	struct str field;
	size_t n = 0;
	while (db_field_next(&raw, &field))
		n++;
	return n;
}

bool
db_props_read(const struct db_record *r, struct arena *a, struct db_prop **out,
    size_t *count)
{
	size_t fields = fields_count(r->raw), n = 0;
	*out = NULL;
	*count = 0;
	if (fields < 2)
		return true;
	/* one copy holds all names and values, each decoded in its place */
	char *copy = arena_cstr(a, r->raw);
	struct db_prop *props = ARENA_ARRAY(a, fields / 2, struct db_prop);
	if (copy == NULL || props == NULL)
		return false;
	struct str rest = r->raw, name, value;
	db_field_next(&rest, &name); /* the type */
	while (db_field_next(&rest, &name)) {
		struct db_prop *p = &props[n++];
		p->defined = db_field_next(&rest, &value);
		p->name = decode_here(copy + (name.ptr - r->raw.ptr), name.len);
		if (p->defined)
			p->value = decode_here(
			    copy + (value.ptr - r->raw.ptr), value.len);
	}
	*out = props;
	*count = props_sort(props, n);
	return true;
}

size_t
db_record_props(
    const struct db_record *r, struct arena *a, struct db_prop **out)
{
	size_t n;
	return db_props_read(r, a, out, &n) ? n : 0;
}

/* Does the raw field, decoded, equal the name? */
static bool
field_is(struct str field, struct str name)
{
	size_t at = 0;
	for (size_t i = 0; i < name.len; i++) {
		bool escape = at + 1 < field.len && field.ptr[at] == '\\' &&
			      field.ptr[at + 1] == 'n';
		if (at >= field.len)
			return false;
		if (name.ptr[i] != (escape ? '\n' : field.ptr[at]))
			return false;
		at += escape ? 2 : 1;
	}
	return at == field.len;
}

bool
db_record_prop(const struct db_record *r, struct str name, struct arena *a,
    struct str *value)
{
	struct str rest = r->raw, field, content, last = STR_EMPTY;
	db_field_next(&rest, &field); /* the type */
	while (db_field_next(&rest, &field)) {
		bool defined = db_field_next(&rest, &content);
		if (field_is(field, name))
			last = defined ? content : (struct str)STR_EMPTY;
	}
	if (last.ptr == NULL)
		return false;
	*value = decode(last, a);
	return true;
}

bool
db_prop(const struct db *db, const char *key, const char *name, struct arena *a,
    struct str *value)
{
	const struct db_record *r = db_find(db, str_of(key));
	return r != NULL && db_record_prop(r, str_of(name), a, value);
}
