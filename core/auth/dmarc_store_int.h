/* What the files of the DMARC database share: the handle, and its queries. */
#ifndef CORE_AUTH_DMARC_STORE_INT_H
#define CORE_AUTH_DMARC_STORE_INT_H

#include "core/auth/dmarc_store.h"
#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/sys/sqlite.h"

#include <stdbool.h>

struct dmarc_store {
	const struct sqlite *sql;
	sqlite3 *db;
	const char *shown;
};

/* NULL with the error; ended by dmarc_store_finish. */
sqlite3_stmt *dmarc_store_prepare(
    struct dmarc_store *s, const char *text, struct err *e);
/* End a query whose last step gave 'status': false with its error. */
bool dmarc_store_finish(
    struct dmarc_store *s, sqlite3_stmt *q, int status, struct err *e);
/* Text of column 'i' of the row, in the arena; empty for NULL. */
struct str dmarc_store_column(
    struct dmarc_store *s, struct arena *a, sqlite3_stmt *q, int i);

#endif
