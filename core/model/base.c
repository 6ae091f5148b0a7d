/* Sums of what a plan was made of. */
#include "core/model/base.h"

#include "core/base/vec.h"
#include "core/db/db.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define DB_DIR "/home/e-smith/db"

enum {
	TEXT_MAX = 4 << 20,
	FILE_MODE = 0600
};

/* FNV-1a: it tells changes from none, and guards against nobody. */
static uint64_t
sum_add(uint64_t sum, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		sum ^= (unsigned char)text.ptr[i];
		sum *= 1099511628211U;
	}
	return sum;
}

static const uint64_t SUM_BEGIN = 14695981039346656037U;

uint64_t
base_sum(struct str text)
{
	return sum_add(SUM_BEGIN, text);
}

/* The records alone: the head of a database tells the hour of its writing. */
static bool
db_sum(const struct model_ctx *m, const struct root *databases,
    const char *name, struct base_db *out, struct err *e)
{
	char path[SYS_PATH_MAX];
	struct db *db = NULL;
	(void)m;
	if (!db_path(databases, name, path, NULL, e) ||
	    !db_load(path, root_shown(databases, path), &db, e))
		return false;
	*out = (struct base_db){
		.name = name,
		.records = db_count(db),
		.sum = SUM_BEGIN,
	};
	for (size_t i = 0; i < out->records; i++) {
		const struct db_record *r = db_at(db, i);
		out->sum = sum_add(out->sum, r->key);
		out->sum = sum_add(out->sum, r->defined ? STR("=") : STR(""));
		out->sum = sum_add(out->sum, r->raw);
		out->sum = sum_add(out->sum, STR("\n"));
	}
	db_free(db);
	return true;
}

static int
db_cmp(const void *left, const void *right)
{
	const struct base_db *a = left, *b = right;
	return strcmp(a->name, b->name);
}

static bool
dbs_fill(const struct model_ctx *m, const struct root *databases,
    struct base *out, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct dirent *entry;
	struct vec dbs = VEC_INIT(struct base_db);
	bool ok = root_path(databases, DB_DIR, real, e);
	DIR *d = ok ? opendir(real) : NULL;
	while (d != NULL && ok && (entry = readdir(d)) != NULL) {
		/* locks and temporaries have a dot in their names */
		if (strchr(entry->d_name, '.') != NULL ||
		    !root_pathf(
			databases, real, NULL, DB_DIR "/%s", entry->d_name) ||
		    file_is_dir(real))
			continue;
		struct base_db one;
		ok = db_sum(m, databases,
		    arena_cstr(m->arena, str_of(entry->d_name)), &one, e);
		ok = ok && (vec_push(&dbs, &one) || err_no_memory(e));
	}
	if (d != NULL)
		closedir(d);
	vec_sort(&dbs, db_cmp);
	out->n_dbs = dbs.len;
	out->dbs = ARENA_ARRAY(m->arena, dbs.len + 1, struct base_db);
	if (dbs.len > 0)
		memcpy(out->dbs, dbs.data, dbs.len * sizeof(*out->dbs));
	vec_clear(&dbs);
	return ok;
}

static int
file_cmp(const void *left, const void *right)
{
	const struct base_file *a = left, *b = right;
	return strcmp(a->path, b->path);
}

static void
files_fill(
    const struct model_ctx *m, const struct files_set *set, struct base *out)
{
	out->files = ARENA_ARRAY(m->arena, set->n + 1, struct base_file);
	out->n_files = set->n;
	for (size_t i = 0; i < set->n; i++) {
		const struct files_entry *f = &set->entries[i];
		out->files[i] = (struct base_file){
			.path = f->path,
			.existed = f->existed,
			.before = f->existed ? base_sum(f->before) : 0,
			.after =
			    f->kind != FILES_UNLINK ? base_sum(f->after) : 0,
		};
	}
	qsort(out->files, out->n_files, sizeof(*out->files), file_cmp);
}

bool
base_make(const struct model_ctx *m, const struct root *databases,
    const struct journal *j, const struct files_set *set, struct base *out,
    struct err *e)
{
	const struct journal_apply *last = journal_last_apply(j);
	*out = (struct base){
		.time_s = clock_wall_s(m->clock),
		.who = m->user,
		.change = last != NULL ? last->change : 0,
		.upto =
		    j->n_entries > 0 ? j->entries[j->n_entries - 1].number : 0,
	};
	files_fill(m, set, out);
	return dbs_fill(m, databases, out, e);
}

const struct base_file *
base_file_find(const struct base *b, const char *path)
{
	const struct base_file key = { .path = path };
	return b->n_files > 0 ? bsearch(&key, b->files, b->n_files,
				    sizeof(*b->files), file_cmp)
			      : NULL;
}

bool
base_read(const struct model_ctx *m, struct base *out)
{
	char path[SYS_PATH_MAX];
	struct buf text = BUF_INIT(TEXT_MAX);
	bool ok = root_path(m->root, BASE_PATH, path, NULL) &&
		  file_read(path, BASE_PATH, &text, NULL) &&
		  base_parse(buf_str(&text), BASE_PATH, m->arena, out, NULL);
	buf_clear(&text);
	return ok;
}

void
base_keep(const struct model_ctx *m, const struct base *b)
{
	char path[SYS_PATH_MAX];
	struct buf text = BUF_INIT(TEXT_MAX);
	const struct file_replace how = {
		.mode = FILE_MODE,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.shown = BASE_PATH,
	};
	base_text(b, &text);
	bool ok = root_path(m->root, BASE_PATH, path, NULL) &&
		  file_replace(path, buf_str(&text), &how, NULL);
	(void)ok;
	buf_clear(&text);
}
