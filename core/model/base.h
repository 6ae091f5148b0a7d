/*
 * What a plan was made of, so that it can be told later what has moved: sums
 * of the databases' records and of the generated files, and the place in the
 * journal. Kept of the last apply (BASE_PATH), and in each saved plan.
 */
#ifndef CORE_MODEL_BASE_H
#define CORE_MODEL_BASE_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/ctx.h"
#include "core/model/files.h"
#include "core/model/journal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE_PATH "/var/lib/smemail/base"

struct base_db {
	const char *name;
	size_t records;
	uint64_t sum;
};

struct base_file {
	const char *path;
	bool existed;
	uint64_t before, after; /* sums of the texts; 0: not there */
};

/* Texts live in the arena it was made with. */
struct base {
	int64_t time_s;
	const char *who;
	long change;         /* the newest apply, 0: none */
	long upto;           /* the newest entry of the journal, 0: none */
	struct base_db *dbs; /* by name */
	size_t n_dbs;
	struct base_file *files; /* by path */
	size_t n_files;
};

/* Of the databases below 'databases' and the files as they would be made. */
MUST_USE bool base_make(const struct model_ctx *m, const struct root *databases,
    const struct journal *j, const struct files_set *set, struct base *out,
    struct err *e);

/* Lines of text, and back; 'shown' is the file's name in messages. */
void base_text(const struct base *b, struct buf *out);
MUST_USE bool base_parse(struct str text, const char *shown, struct arena *a,
    struct base *out, struct err *e);

/*
 * What differs between a saved base and the state now, one line each; none
 * when nothing has moved. The first tells the most.
 */
size_t base_moved(const struct model_ctx *m, const struct base *then,
    const struct base *now, const struct journal *j, const char *const **lines);

/* That of the last apply; false when there is none that can be read. */
bool base_read(const struct model_ctx *m, struct base *out);
/* Keep it; a failure loses no more than what drift would tell. */
void base_keep(const struct model_ctx *m, const struct base *b);
const struct base_file *base_file_find(const struct base *b, const char *path);
uint64_t base_sum(struct str text);

#endif
