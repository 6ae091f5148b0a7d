/* The module "sqlite": functions of the library as they are. */
#include "core/sys/module.h"
#include "core/sys/sqlite.h"

/* not declared elsewhere: it is found by its name only */
extern const struct module_export smemail_module_export;

static const struct sqlite table = {
	.open_v2 = sqlite3_open_v2,
	.close_v2 = sqlite3_close_v2,
	.busy_timeout = sqlite3_busy_timeout,
	.exec = sqlite3_exec,
	.prepare_v2 = sqlite3_prepare_v2,
	.bind_int64 = sqlite3_bind_int64,
	.bind_text = sqlite3_bind_text,
	.step = sqlite3_step,
	.reset = sqlite3_reset,
	.column_int64 = sqlite3_column_int64,
	.column_text = sqlite3_column_text,
	.column_blob = sqlite3_column_blob,
	.column_bytes = sqlite3_column_bytes,
	.column_type = sqlite3_column_type,
	.finalize = sqlite3_finalize,
	.changes = sqlite3_changes,
	.errmsg = sqlite3_errmsg,
};

static const struct module_part parts[] = {
	{ "sqlite", SQLITE_TABLE_VERSION, sizeof(struct sqlite), &table },
	{ NULL, 0, 0, NULL },
};

const struct module_export smemail_module_export = {
	.release = SMEMAIL_VERSION,
	.parts = parts,
};
