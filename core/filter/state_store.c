/* State in SQLite: opening, and statements. */
#include "core/filter/state_store.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"
#include "core/sys/sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PATH_SIZE = STATE_DIR_MAX + 64
};

enum query {
	QUERY_GET,
	QUERY_PUT,
	QUERY_FORGET,
	QUERY_EXPIRE,
	QUERY_COUNT,
	QUERY_WALK,
	QUERIES
};

static const char *const queries[QUERIES] = {
	[QUERY_GET] = "SELECT value FROM state WHERE key = ?1",
	[QUERY_PUT] = "INSERT OR REPLACE INTO state (key, value, stamp) "
		      "VALUES (?1, ?2, ?3)",
	[QUERY_FORGET] = "DELETE FROM state WHERE key = ?1",
	[QUERY_EXPIRE] = "DELETE FROM state WHERE key IN (SELECT key FROM "
			 "state WHERE stamp < ?1 ORDER BY stamp LIMIT ?2)",
	[QUERY_COUNT] = "SELECT count(*) FROM state",
	[QUERY_WALK] = "SELECT key, value, stamp FROM state "
		       "ORDER BY stamp DESC, key",
};

/* Whatever an older program or another left in the file is not trusted. */
static const char settings_of_all[] = "PRAGMA cell_size_check = ON;"
				      "PRAGMA temp_store = MEMORY;";
static const char settings_of_owner[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"
    "PRAGMA journal_size_limit = 8388608;"
    "CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, "
    "value TEXT NOT NULL, stamp INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS state_stamp ON state (stamp);";

struct state_store {
	const struct sqlite *sql;
	sqlite3 *db; /* NULL: there is no file, it counts as empty */
	sqlite3_stmt *statements[QUERIES];
	char path[PATH_SIZE];
};

static bool
path_of(enum filter_state_kind kind, const char *dir, const char *end,
    char out[PATH_SIZE], struct err *e)
{
	int n = snprintf(
	    out, PATH_SIZE, "%s/%s.sqlite%s", dir, state_kind_name(kind), end);
	return (n > 0 && n < PATH_SIZE) ||
	       err_set(e, ERR_TEMPORARY, _("'%s': the name is too long"), dir);
}

static enum err_code
code_of(int status)
{
	switch (status) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
	case SQLITE_ERROR: /* our statements do not fit: not our table */
	case SQLITE_SCHEMA:
		return ERR_PERMANENT;
	default:
		return ERR_TEMPORARY;
	}
}

static bool
fail(const struct state_store *s, int status, struct err *e)
{
	return err_set(
	    e, code_of(status), "'%s': %s", s->path, s->sql->errmsg(s->db));
}

static bool
run(struct state_store *s, const char *text, struct err *e)
{
	int status = s->sql->exec(s->db, text, NULL, NULL, NULL);
	return status == SQLITE_OK || fail(s, status, e);
}

/* ---- opening ---- */

static bool
make_folder(const char *dir, struct err *e)
{
	return mkdir(dir, 0750) == 0 || errno == EEXIST ||
	       err_set_errno(e, errno, _("cannot make '%s'"), dir);
}

static bool
open_file(
    struct state_store *s, enum state_access how, int busy_ms, struct err *e)
{
	int flags = how == STATE_ACCESS_READ ? SQLITE_OPEN_READONLY
					     : SQLITE_OPEN_READWRITE;
	char pages[64];
	if (how == STATE_ACCESS_OWN)
		flags |= SQLITE_OPEN_CREATE;
	mode_t mask = umask(0077); /* addresses of people are in it */
	int status = s->sql->open_v2(s->path, &s->db, flags, NULL);
	bool ok = status == SQLITE_OK || fail(s, status, e);
	/* without memory there is no handle at all */
	if (ok)
		s->sql->busy_timeout(s->db, busy_ms);
	ok = ok && run(s, settings_of_all, e);
	if (ok && how == STATE_ACCESS_OWN) {
		snprintf(pages, sizeof(pages), "PRAGMA max_page_count = %d",
		    (int)STATE_PAGES_MAX);
		ok = run(s, settings_of_owner, e) && run(s, pages, e);
	}
	umask(mask);
	return ok;
}

bool
state_store_open(enum filter_state_kind kind, const char *dir,
    enum state_access how, int busy_ms, struct state_store **out, struct err *e)
{
	*out = NULL;
	struct state_store *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return err_no_memory(e);
	bool ok = path_of(kind, dir, "", s->path, e);
	bool there = ok && file_exists(s->path);
	if (ok && !there && how == STATE_ACCESS_READ && errno == ENOENT) {
		*out = s;
		return true;
	}
	if (ok && !there && how == STATE_ACCESS_CHANGE && errno == ENOENT)
		ok = err_set(e, ERR_NO, _("there is no '%s'"), s->path);
	if (ok && how == STATE_ACCESS_OWN)
		ok = make_folder(dir, e);
	if (ok) {
		s->sql = sqlite_load(e);
		/* what is missing may be installed while we run */
		if (s->sql == NULL && e != NULL)
			e->code = ERR_TEMPORARY;
	}
	if (ok && s->sql != NULL && open_file(s, how, busy_ms, e)) {
		*out = s;
		return true;
	}
	state_store_close(s);
	return false;
}

void
state_store_close(struct state_store *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; s->db != NULL && i < QUERIES; i++)
		s->sql->finalize(s->statements[i]);
	if (s->db != NULL)
		s->sql->close_v2(s->db);
	free(s);
}

bool
state_store_set_aside(
    enum filter_state_kind kind, const char *dir, struct err *e)
{
	static const char *const ends[][2] = {
		{ "", ".broken" }, { "-wal", ".broken-wal" },
		{ "-shm", NULL }, /* only of use to those who have it open */
	};
	char from[PATH_SIZE], to[PATH_SIZE];
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		if (!path_of(kind, dir, ends[i][0], from, e) ||
		    !path_of(
			kind, dir, ends[i][1] != NULL ? ends[i][1] : "", to, e))
			return false;
		int done = ends[i][1] != NULL ? rename(from, to) : unlink(from);
		if (done != 0 && errno != ENOENT)
			return err_set_errno(
			    e, errno, _("cannot rename '%s'"), from);
	}
	return true;
}

/* ---- statements ---- */

/* Prepared at first use; NULL with the error. */
static sqlite3_stmt *
statement(struct state_store *s, enum query which, struct err *e)
{
	if (s->statements[which] == NULL) {
		int status = s->sql->prepare_v2(
		    s->db, queries[which], -1, &s->statements[which], NULL);
		if (status != SQLITE_OK)
			fail(s, status, e);
	}
	return s->statements[which];
}

static void
bind_key(struct state_store *s, sqlite3_stmt *q, int i, struct str key)
{
	s->sql->bind_text(q, i, key.ptr, (int)key.len, SQLITE_STATIC);
}

/* A statement without rows. */
static bool
finish(struct state_store *s, sqlite3_stmt *q, struct err *e)
{
	int status = s->sql->step(q);
	bool ok =
	    status == SQLITE_DONE || status == SQLITE_ROW || fail(s, status, e);
	s->sql->reset(q);
	return ok;
}

bool
state_store_begin(struct state_store *s, struct err *e)
{
	return run(s, "BEGIN IMMEDIATE", e);
}

bool
state_store_commit(struct state_store *s, struct err *e)
{
	return run(s, "COMMIT", e);
}

void
state_store_rollback(struct state_store *s)
{
	/* after some errors there is none any more */
	(void)s->sql->exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

static struct str
text_of(struct state_store *s, sqlite3_stmt *q, int i)
{
	const unsigned char *text = s->sql->column_text(q, i);
	if (text == NULL)
		return (struct str)STR_EMPTY;
	return str_n((const char *)text, (size_t)s->sql->column_bytes(q, i));
}

bool
state_store_get(struct state_store *s, struct str key, struct state_record *r,
    bool *found, struct err *e)
{
	*found = false;
	*r = (struct state_record){ .n = { 0 } };
	if (s->db == NULL)
		return true;
	sqlite3_stmt *q = statement(s, QUERY_GET, e);
	if (q == NULL)
		return false;
	bind_key(s, q, 1, key);
	int status = s->sql->step(q);
	/* a value that makes no sense is none, and will be written over */
	*found =
	    status == SQLITE_ROW && state_record_parse(text_of(s, q, 0), r);
	if (!*found)
		*r = (struct state_record){ .n = { 0 } };
	bool ok =
	    status == SQLITE_ROW || status == SQLITE_DONE || fail(s, status, e);
	s->sql->reset(q);
	return ok;
}

bool
state_store_put(struct state_store *s, struct str key,
    const struct state_record *r, int64_t stamp, struct err *e)
{
	char value[STATE_VALUE_SIZE];
	sqlite3_stmt *q = statement(s, QUERY_PUT, e);
	if (q == NULL)
		return false;
	bind_key(s, q, 1, key);
	bind_key(s, q, 2, str_of(state_record_format(r, value)));
	s->sql->bind_int64(q, 3, stamp);
	return finish(s, q, e);
}

bool
state_store_forget(
    struct state_store *s, struct str key, int64_t *n, struct err *e)
{
	sqlite3_stmt *q = statement(s, QUERY_FORGET, e);
	*n = 0;
	if (q == NULL)
		return false;
	bind_key(s, q, 1, key);
	if (!finish(s, q, e))
		return false;
	*n = s->sql->changes(s->db);
	return true;
}

static bool
expire_some(struct state_store *s, int64_t before, int64_t most, int64_t *n,
    struct err *e)
{
	sqlite3_stmt *q = statement(s, QUERY_EXPIRE, e);
	if (q == NULL)
		return false;
	s->sql->bind_int64(q, 1, before);
	s->sql->bind_int64(q, 2, most);
	if (!finish(s, q, e))
		return false;
	*n += s->sql->changes(s->db);
	return true;
}

bool
state_store_expire(struct state_store *s, int64_t before, int64_t most,
    int64_t *n, struct err *e)
{
	int64_t rows;
	*n = 0;
	if (!expire_some(s, before, most, n, e) ||
	    !state_store_count(s, &rows, e))
		return false;
	int64_t extra = rows - STATE_ROWS_MAX;
	return extra <= 0 ||
	       expire_some(s, INT64_MAX, extra < most ? extra : most, n, e);
}

bool
state_store_count(struct state_store *s, int64_t *n, struct err *e)
{
	*n = 0;
	if (s->db == NULL)
		return true;
	sqlite3_stmt *q = statement(s, QUERY_COUNT, e);
	if (q == NULL)
		return false;
	int status = s->sql->step(q);
	if (status == SQLITE_ROW)
		*n = s->sql->column_int64(q, 0);
	else
		fail(s, status, e);
	s->sql->reset(q);
	return status == SQLITE_ROW;
}

bool
state_store_walk(
    struct state_store *s, state_store_each *each, void *ctx, struct err *e)
{
	struct state_record r;
	bool more = true;
	if (s->db == NULL)
		return true;
	sqlite3_stmt *q = statement(s, QUERY_WALK, e);
	if (q == NULL)
		return false;
	int status = SQLITE_DONE;
	while (more && (status = s->sql->step(q)) == SQLITE_ROW) {
		if (state_record_parse(text_of(s, q, 1), &r))
			more = each(ctx, text_of(s, q, 0), &r,
			    s->sql->column_int64(q, 2));
	}
	bool ok =
	    status == SQLITE_ROW || status == SQLITE_DONE || fail(s, status, e);
	s->sql->reset(q);
	return ok;
}
