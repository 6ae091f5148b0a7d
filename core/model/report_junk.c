/* Junk folders: how much lies in each (LG-63). */
#include "core/model/report_int.h"

#include "core/base/vec.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static uint64_t
files_in(const struct model_ctx *m, const char *home, const char *part)
{
	char path[SYS_PATH_MAX];
	uint64_t n = 0;
	DIR *dir;
	const struct dirent *entry;
	if (!root_pathf(
		m->root, path, NULL, "%s/Maildir/.junkmail/%s", home, part) ||
	    (dir = opendir(path)) == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

static int
by_count(const void *a, const void *b)
{
	const struct report_junk *x = a, *y = b;
	if (x->messages != y->messages)
		return x->messages < y->messages ? 1 : -1;
	return strcmp(x->user, y->user);
}

static void
count_home(const struct model_ctx *m, struct vec *rows, const char *user,
    const char *home)
{
	struct report_junk row = { .user = user,
		.messages =
		    files_in(m, home, "new") + files_in(m, home, "cur") };
	if (row.messages > 0 && !vec_push(rows, &row))
		rows->len = 0;
}

void
report_count_junk(const struct model_ctx *m, struct report *r)
{
	char path[SYS_PATH_MAX];
	struct vec rows = VEC_INIT(struct report_junk);
	struct db *accounts;
	if (!db_path(m->root, "accounts", path, NULL, NULL) ||
	    !db_load(path, NULL, &accounts, NULL))
		return;
	count_home(m, &rows, "admin", "/home/e-smith");
	for (size_t i = 0; i < db_count(accounts); i++) {
		const struct db_record *record = db_at(accounts, i);
		if (!str_is(db_record_type(record, m->arena), "user"))
			continue;
		const char *user = arena_cstr(m->arena, record->key);
		if (strchr(user, '/') == NULL)
			count_home(m, &rows, user,
			    arena_printf(m->arena,
				"/home/e-smith/files/users/%s", user));
	}
	db_free(accounts);
	vec_sort(&rows, by_count);
	r->n_junk = rows.len;
	r->junk = ARENA_ARRAY(m->arena, rows.len + 1, struct report_junk);
	if (rows.len > 0)
		memcpy(r->junk, rows.data, rows.len * sizeof(*r->junk));
	vec_clear(&rows);
}
