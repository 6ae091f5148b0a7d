/*
 * SQLite, for what is stored in tables. The library stands in the module
 * "sqlite", so that it stays out of the start of what does not need it (T-50);
 * its own functions are called through this table.
 */
#ifndef CORE_SYS_SQLITE_H
#define CORE_SYS_SQLITE_H

#include "core/base/compiler.h"
#include "core/base/err.h"

#include <sqlite3.h>

enum {
	SQLITE_TABLE_VERSION = 1
};

struct sqlite {
	int (*open_v2)(const char *, sqlite3 **, int, const char *);
	int (*close_v2)(sqlite3 *);
	int (*busy_timeout)(sqlite3 *, int);
	int (*exec)(sqlite3 *, const char *,
	    int (*)(void *, int, char **, char **), void *, char **);
	int (*prepare_v2)(
	    sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
	int (*bind_int64)(sqlite3_stmt *, int, sqlite3_int64);
	int (*bind_text)(
	    sqlite3_stmt *, int, const char *, int, void (*)(void *));
	int (*step)(sqlite3_stmt *);
	int (*reset)(sqlite3_stmt *);
	sqlite3_int64 (*column_int64)(sqlite3_stmt *, int);
	const unsigned char *(*column_text)(sqlite3_stmt *, int);
	const void *(*column_blob)(sqlite3_stmt *, int);
	int (*column_bytes)(sqlite3_stmt *, int);
	int (*column_type)(sqlite3_stmt *, int);
	int (*finalize)(sqlite3_stmt *);
	int (*changes)(sqlite3 *);
	const char *(*errmsg)(sqlite3 *);
};

/* NULL with the reason when the module cannot be loaded. */
MUST_USE const struct sqlite *sqlite_load(struct err *e);

#endif
