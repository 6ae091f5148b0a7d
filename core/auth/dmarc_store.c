/* The database of DMARC results, by SQLite: opened, asked, closed. */
#include "core/auth/dmarc_store_int.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"

#include <stdlib.h>

enum {
	BUSY_MS = 5000 /* the filter writes one row at a time */
};

static bool
fail(struct dmarc_store *s, int status, struct err *e)
{
	bool later = status == SQLITE_BUSY || status == SQLITE_LOCKED ||
		     status == SQLITE_FULL || status == SQLITE_IOERR;
	return err_set(e, later ? ERR_TEMPORARY : ERR_PERMANENT, "'%s': %s",
	    s->shown, s->sql->errmsg(s->db));
}

static bool
run(struct dmarc_store *s, const char *text, struct err *e)
{
	int status = s->sql->exec(s->db, text, NULL, NULL, NULL);
	return status == SQLITE_OK || fail(s, status, e);
}

/* Ours in a database of others: one table, with its own name. */
static const char own_table[] =
    "CREATE TABLE IF NOT EXISTS smemail_report_sent ("
    "domain TEXT NOT NULL, day INTEGER NOT NULL, uri TEXT NOT NULL, "
    "state INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, "
    "next_at INTEGER NOT NULL DEFAULT 0, error TEXT, "
    "PRIMARY KEY (domain, day, uri))";

bool
dmarc_store_open(const char *path, const char *shown, bool write,
    struct dmarc_store **out, struct err *e)
{
	*out = NULL;
	if (!file_exists(path)) {
		err_set(e, ERR_NO, _("there is no '%s'"), shown);
		return err_next(e, "smemail get dmarc.reporting");
	}
	struct dmarc_store *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return err_no_memory(e);
	s->shown = shown;
	s->sql = sqlite_load(e);
	if (s->sql == NULL) {
		free(s);
		return false;
	}
	int status = s->sql->open_v2(path, &s->db,
	    write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, NULL);
	bool ok = status == SQLITE_OK || fail(s, status, e);
	if (ok)
		s->sql->busy_timeout(s->db, BUSY_MS);
	if (ok && write)
		ok = run(s, own_table, e);
	if (ok) {
		*out = s;
		return true;
	}
	dmarc_store_close(s);
	return false;
}

void
dmarc_store_close(struct dmarc_store *s)
{
	if (s == NULL)
		return;
	s->sql->close_v2(s->db);
	free(s);
}

struct str
dmarc_store_column(
    struct dmarc_store *s, struct arena *a, sqlite3_stmt *q, int i)
{
	const unsigned char *text = s->sql->column_text(q, i);
	if (text == NULL)
		return (struct str)STR_EMPTY;
	return arena_str(
	    a, str_n((const char *)text, (size_t)s->sql->column_bytes(q, i)));
}

sqlite3_stmt *
dmarc_store_prepare(struct dmarc_store *s, const char *text, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int status = s->sql->prepare_v2(s->db, text, -1, &q, NULL);
	if (status == SQLITE_OK)
		return q;
	fail(s, status, e);
	return NULL;
}

bool
dmarc_store_finish(
    struct dmarc_store *s, sqlite3_stmt *q, int status, struct err *e)
{
	bool ok =
	    status == SQLITE_DONE || status == SQLITE_ROW || fail(s, status, e);
	s->sql->finalize(q);
	return ok;
}
