/* Sub-commands of db that answer from a snapshot: ES-44 to ES-47, ES-51 ... */
#include "cmd/db.h"

struct str
db_job_word(const struct db_job *j, size_t i)
{
	return str_of(i < j->n ? j->words[i] : NULL);
}

const struct db_record *
db_job_record(const struct db_job *j)
{
	return db_find(j->db, db_job_word(j, 0));
}

static void
add_pair(
    struct db_job *j, const char *indent, struct str name, struct str value)
{
	buf_add_cstr(&j->out, indent);
	buf_add_str(&j->out, name);
	buf_add_char(&j->out, '=');
	buf_add_str(&j->out, value);
	buf_add_char(&j->out, '\n');
}

static void
add_line(struct db_job *j, struct str text)
{
	buf_add_str(&j->out, text);
	buf_add_char(&j->out, '\n');
}

static void
add_value(struct db_job *j, struct str key, const struct db_record *r)
{
	add_pair(j, "", key, db_record_value(r, j->arena));
}

static void
add_type(struct db_job *j, struct str key, const struct db_record *r)
{
	add_pair(j, "", key, db_record_type(r, j->arena));
}

static size_t
add_props(struct db_job *j, const char *indent, const struct db_record *r)
{
	struct db_prop *props;
	size_t n = db_record_props(r, j->arena, &props);
	for (size_t i = 0; i < n; i++)
		add_pair(j, indent, props[i].name, props[i].value);
	return n;
}

static void
add_tree(struct db_job *j, struct str key, const struct db_record *r)
{
	add_type(j, key, r);
	add_props(j, "    ", r);
}

/*
 * One record, or all when no key is given. A stored key with blanks at its
 * ends is listed, but its value cannot be reached by name (ES-5).
 */
static int
show_records(struct db_job *j,
    void (*add)(struct db_job *j, struct str key, const struct db_record *r))
{
	static const struct db_record none = { .defined = false };
	if (j->n > 0) {
		if (db_job_record(j) == NULL)
			return DB_STATUS_NO;
		add(j, db_job_word(j, 0), db_job_record(j));
		return 0;
	}
	for (size_t i = 0; i < db_count(j->db); i++) {
		struct str key = db_at(j->db, i)->key;
		const struct db_record *r = db_find(j->db, key);
		add(j, key, r != NULL ? r : &none);
	}
	return db_count(j->db) > 0 ? 0 : DB_STATUS_NO;
}

int
db_show_print(struct db_job *j)
{
	return show_records(j, add_value);
}

int
db_show_show(struct db_job *j)
{
	return show_records(j, add_tree);
}

int
db_show_printtype(struct db_job *j)
{
	return show_records(j, add_type);
}

int
db_show_keys(struct db_job *j)
{
	for (size_t i = 0; i < db_count(j->db); i++)
		add_line(j, db_at(j->db, i)->key);
	return db_count(j->db) > 0 ? 0 : DB_STATUS_NO;
}

int
db_show_get(struct db_job *j)
{
	const struct db_record *r = db_job_record(j);
	if (r == NULL)
		return DB_STATUS_NO;
	add_line(j, db_record_value(r, j->arena));
	return 0;
}

int
db_show_gettype(struct db_job *j)
{
	const struct db_record *r = db_job_record(j);
	if (r == NULL)
		return DB_STATUS_NO;
	add_line(j, db_record_type(r, j->arena));
	return 0;
}

int
db_show_getprop(struct db_job *j)
{
	const struct db_record *r = db_job_record(j);
	struct str value;
	if (r == NULL ||
	    !db_record_prop(r, db_job_word(j, 1), j->arena, &value))
		return DB_STATUS_NO;
	add_line(j, value);
	return 0;
}

int
db_show_printprop(struct db_job *j)
{
	const struct db_record *r = db_job_record(j);
	struct str value;
	if (j->n == 1)
		return r != NULL && add_props(j, "", r) > 0 ? 0 : DB_STATUS_NO;
	for (size_t i = 1; r != NULL && i < j->n; i++) {
		if (db_record_prop(r, db_job_word(j, i), j->arena, &value))
			add_pair(j, "", db_job_word(j, i), value);
	}
	return 0;
}
