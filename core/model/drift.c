/* Files that are not as the last apply left them. */
#include "core/model/drift.h"

#include "core/model/drift_int.h"
#include "core/model/plan_int.h"

#include <string.h>
#include <sys/stat.h>

const char *
drift_kind_word(enum drift_kind kind)
{
	static const char *const words[] = {
		[DRIFT_EDITED] = "edited",
		[DRIFT_MISSING] = "missing",
		[DRIFT_DIFFERS] = "differs",
		[DRIFT_STALE] = "stale",
		[DRIFT_SKIPPED] = "skipped",
		[DRIFT_SAME] = "same",
		[DRIFT_HIDES] = "hides",
	};
	return words[kind];
}

int64_t
drift_changed_s(const struct model_ctx *m, const char *path)
{
	char real[SYS_PATH_MAX];
	struct stat st;
	return root_path(m->root, path, real, NULL) && lstat(real, &st) == 0
		   ? (int64_t)st.st_mtim.tv_sec
		   : 0;
}

/* Does this file differ for another reason than a change that waits? */
static bool
is_drift(
    const struct files_entry *f, const struct base *base, enum drift_kind *kind)
{
	const struct base_file *then =
	    base != NULL ? base_file_find(base, f->path) : NULL;
	if (!f->differs)
		return false;
	*kind = f->existed ? DRIFT_EDITED : DRIFT_MISSING;
	if (f->kind == FILES_TEXT && f->existed && f->has_mode &&
	    f->mode != f->old_mode)
		return true;
	if (then != NULL)
		return (f->existed ? base_sum(f->before) : 0) != then->after;
	*kind = DRIFT_DIFFERS;
	/* made for the first time by what waits */
	return base == NULL && f->existed;
}

static bool
row_fill(const struct model_ctx *m, const struct files_entry *f,
    enum drift_kind kind, struct drift_row *out, struct err *e)
{
	struct plan_file shown = { .path = f->path };
	bool ok = plan_file_diff(m, f, &shown, e);
	*out = (struct drift_row){
		.kind = kind,
		.path = f->path,
		.changed_s = drift_changed_s(m, f->path),
		.diff = shown.diff,
	};
	return ok;
}

bool
drift_find(const struct model_ctx *m, struct drift_row **rows, size_t *n,
    struct err *e)
{
	struct plan_work w;
	struct base base;
	struct vec found = VEC_INIT(struct drift_row);
	const struct plan_order none = { .n = 0 };
	bool ok = plan_work_make(m, &none, &w, e);
	const struct base *then = ok && base_read(m, &base) ? &base : NULL;
	for (size_t i = 0; ok && i < w.set.n; i++) {
		struct drift_row row;
		enum drift_kind kind;
		if (!is_drift(&w.set.entries[i], then, &kind))
			continue;
		ok = row_fill(m, &w.set.entries[i], kind, &row, e) &&
		     (vec_push(&found, &row) || err_no_memory(e));
	}
	ok = ok && drift_fragments(m, &found, e);
	*n = found.len;
	*rows = ARENA_ARRAY(m->arena, found.len + 1, struct drift_row);
	if (found.len > 0)
		memcpy(*rows, found.data, found.len * sizeof(**rows));
	vec_clear(&found);
	return ok;
}
