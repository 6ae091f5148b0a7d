/* Reading a database file, finding records, and its text as written. */
#include "core/db/db.h"

#include "core/base/i18n.h"
#include "core/db/db_int.h"
#include "core/sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Memory of one database: many short lines cost more than their bytes. */
static const size_t MEMORY_MAX = (size_t)1 << 30;

/* Fixed by ES-13, the blank at the end of the third line included. */
static const char HEADER[] =
    "# DO NOT MODIFY THIS FILE.\n"
    "# This file is automatically maintained by the Mitel Networks SME Server\n"
    "# configuration software.  Manually editing this file may put your \n"
    "# system in an unknown state.\n"
    "#\n"
    "# updated: ";

struct db *
db_new(void)
{
	struct db *db = calloc(1, sizeof(*db));
	if (db == NULL)
		return NULL;
	buf_init(&db->text, DB_SIZE_MAX);
	db->records = (struct vec)VEC_INIT(struct db_record *);
	db->arena = arena_new(MEMORY_MAX, NULL, NULL);
	db->sheet = db_sheet_new();
	if (db->arena == NULL || db->sheet == NULL) {
		db_free(db);
		return NULL;
	}
	return db;
}

void
db_free(struct db *db)
{
	if (db == NULL)
		return;
	vec_clear(&db->records);
	buf_clear(&db->text);
	db_sheet_free(db->sheet);
	arena_free(db->arena);
	free(db);
}

static struct db_record *
record_at(const struct db *db, size_t i)
{
	return *VEC_AT(&db->records, struct db_record *, i);
}

/* By key; of equal keys the later line after the earlier one. */
static int
record_cmp(const void *a, const void *b)
{
	const struct db_record *x = *(struct db_record *const *)a;
	const struct db_record *y = *(struct db_record *const *)b;
	int d = str_cmp(x->key, y->key);
	if (d != 0)
		return d;
	return x->key.ptr < y->key.ptr ? -1 : x->key.ptr > y->key.ptr;
}

/* Byte order, and the last of equal keys wins (ES-4). */
static void
records_sort(struct db *db)
{
	struct db_record **r = db->records.data;
	size_t kept = 0, n = db->records.len;
	vec_sort(&db->records, record_cmp);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && str_eq(r[i]->key, r[i + 1]->key))
			continue;
		r[kept++] = r[i];
	}
	db->records.len = kept;
}

/* Blank lines and comments are no records (ES-1). */
static bool
line_is_record(struct str line)
{
	struct str s = str_trim(line);
	return s.len > 0 && s.ptr[0] != '#';
}

bool
db_parse(struct db *db, struct str text)
{
	struct str line;
	struct db_record *last = NULL;
	bool sorted = true;
	while (str_next_line(&text, &line)) {
		if (!line_is_record(line))
			continue;
		struct db_record *r = ARENA_NEW(db->arena, struct db_record);
		if (r == NULL || !vec_push(&db->records, &r))
			return false;
		r->key = str_cut(line, '=', &r->raw);
		r->defined = r->raw.ptr != NULL;
		sorted =
		    sorted && (last == NULL || str_cmp(last->key, r->key) < 0);
		last = r;
	}
	if (!sorted)
		records_sort(db);
	return true;
}

static struct db_version
version_of(const struct stat *st)
{
	return (struct db_version){ st->st_dev, st->st_ino, st->st_size,
		st->st_mtim };
}

struct db_version
db_version_now(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? version_of(&st)
				    : (struct db_version){ .size = 0 };
}

bool
db_version_eq(const struct db_version *a, const struct db_version *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

/* The content of a regular file; a missing one is empty. */
static bool
text_read(struct db *db, const char *path, const char *shown, struct err *e)
{
	struct stat st;
	struct err why = ERR_INIT;
	int fd = file_open_regular(path, shown, &st, &why);
	if (fd < 0 && why.sys_errno == ENOENT)
		return true;
	if (fd < 0 && e != NULL)
		*e = why;
	if (fd < 0)
		return false;
	bool ok = file_read_fd(fd, shown, &db->text, e);
	if (ok)
		db->version = version_of(&st);
	close(fd);
	return ok;
}

bool
db_load(const char *path, const char *shown, struct db **out, struct err *e)
{
	*out = NULL;
	shown = shown != NULL ? shown : path;
	struct db *db = db_new();
	if (db == NULL)
		return err_set_errno(e, ENOMEM, _("cannot read '%s'"), shown);
	bool ok = text_read(db, path, shown, e);
	if (ok && !db_parse(db, buf_str(&db->text)))
		ok = err_set_errno(e, ENOMEM, _("cannot read '%s'"), shown);
	if (ok)
		*out = db;
	else
		db_free(db);
	return ok;
}

size_t
db_count(const struct db *db)
{
	return db->records.len;
}

const struct db_record *
db_at(const struct db *db, size_t i)
{
	const struct db_record *r = record_at(db, i);
	db_sheet_settle_record(db, r);
	return r;
}

size_t
db_index(const struct db *db, struct str key, bool *found)
{
	size_t low = 0, high = db->records.len;
	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int d = str_cmp(record_at(db, middle)->key, key);
		if (d == 0) {
			*found = true;
			return middle;
		}
		if (d < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct db_record *
db_find(const struct db *db, struct str name)
{
	bool found;
	size_t i = db_index(db, str_trim(name), &found);
	return found && record_at(db, i)->defined ? db_at(db, i) : NULL;
}

bool
db_put(struct db *db, struct str key, struct str raw)
{
	bool found;
	size_t i = db_index(db, key, &found);
	struct str copy = arena_str(db->arena, raw);
	if (copy.ptr == NULL)
		return false;
	if (!found) {
		struct db_record *r = ARENA_NEW(db->arena, struct db_record);
		if (r == NULL)
			return false;
		r->key = arena_str(db->arena, key);
		if (r->key.ptr == NULL || !vec_push(&db->records, &r))
			return false;
		struct db_record **all = db->records.data;
		memmove(all + i + 1, all + i,
		    (db->records.len - 1 - i) * sizeof(struct db_record *));
		all[i] = r;
	}
	db_sheet_close(db, record_at(db, i));
	record_at(db, i)->raw = copy;
	record_at(db, i)->defined = true;
	return true;
}

void
db_remove(struct db *db, size_t i)
{
	db_sheet_close(db, record_at(db, i));
	vec_remove(&db->records, i);
}

bool
db_write(const struct db *db, int64_t unix_s, struct buf *out)
{
	struct tm tm;
	char when[64];
	time_t t = (time_t)unix_s;
	db_sheet_settle(db);
	buf_add_cstr(out, HEADER);
	if (localtime_r(&t, &tm) != NULL && asctime_r(&tm, when) != NULL)
		buf_add_cstr(out, when);
	else
		buf_add_char(out, '\n');
	for (size_t i = 0; i < db->records.len; i++) {
		const struct db_record *r = record_at(db, i);
		buf_add_str(out, r->key);
		buf_add_char(out, '=');
		buf_add_str(out, r->raw);
		buf_add_char(out, '\n');
	}
	return !out->failed;
}
