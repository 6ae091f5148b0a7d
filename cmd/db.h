/* The sub-commands of db and config: what cmd/db*.c share. */
#ifndef CMD_DB_H
#define CMD_DB_H

#include "cmd/app.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/db/db.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	DB_STATUS_NO = 1,      /* not found, or a key that cannot be stored */
	DB_STATUS_USAGE = 255, /* ES-43 */
};

/* One call of a sub-command. */
struct db_job {
	struct app *app;
	struct arena *arena;
	char path[SYS_PATH_MAX];
	const char *const *words; /* after the sub-command */
	size_t n;
	struct db *db;            /* snapshot, read without lock */
	struct db_change *change; /* of a sub-command that stores */
	struct buf out;           /* printed when the sub-command is done */
};

struct db_verb {
	const char *name;
	const char *words; /* for the usage */
	size_t min;        /* words it needs */
	size_t truthful;   /* so many may be neither empty nor "0" (ES-43) */
	size_t pairs;      /* from here on names with values; 0: none */
	/* Answers from the snapshot: exit status. */
	int (*show)(struct db_job *j);
	/* Worth taking the lock? False: *status is the answer. */
	bool (*wanted)(const struct db_job *j, int *status);
	/* Works on the change. */
	bool (*store)(struct db_job *j, struct err *e);
};

/* Word i after the sub-command; empty when there are fewer. */
struct str db_job_word(const struct db_job *j, size_t i);
/* The record of the snapshot that word 0 names, or NULL. */
const struct db_record *db_job_record(const struct db_job *j);

int db_show_keys(struct db_job *j);
int db_show_print(struct db_job *j);
int db_show_show(struct db_job *j);
int db_show_get(struct db_job *j);
int db_show_printtype(struct db_job *j);
int db_show_gettype(struct db_job *j);
int db_show_printprop(struct db_job *j);
int db_show_getprop(struct db_job *j);

bool db_wanted_set(const struct db_job *j, int *status);
bool db_wanted_setdefault(const struct db_job *j, int *status);
bool db_wanted_delete(const struct db_job *j, int *status);
bool db_wanted_settype(const struct db_job *j, int *status);
bool db_wanted_props(const struct db_job *j, int *status);

bool db_store_set(struct db_job *j, struct err *e);
bool db_store_setdefault(struct db_job *j, struct err *e);
bool db_store_delete(struct db_job *j, struct err *e);
bool db_store_settype(struct db_job *j, struct err *e);
bool db_store_setprop(struct db_job *j, struct err *e);
bool db_store_delprop(struct db_job *j, struct err *e);

#endif
