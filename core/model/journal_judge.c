/* What became of entries whose writer was killed, as the databases tell. */
#include "core/model/journal_int.h"

#include "core/base/i18n.h"
#include "core/model/settings_int.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

void
journal_guard_text(struct buf *out, const char *database, const char *real_path)
{
	struct stat st = { 0 };

	if (stat(real_path, &st) != 0)
		st = (struct stat){ 0 };
	(void)buf_addf(out, "%s:%" PRIu64 ":%" PRId64 ":%ld", database,
	    (uint64_t)st.st_ino, (int64_t)st.st_mtim.tv_sec,
	    st.st_mtim.tv_nsec);
}

/* Is the file of the database still the one that the writer saw? */
static bool
is_untouched(
    const struct model_ctx *m, const struct journal *j, const char *database)
{
	char path[SYS_PATH_MAX];
	struct str rest = str_of(j->guards), word;
	struct buf now = BUF_INIT(SYS_PATH_MAX);
	bool same = false;

	if (!db_path(m->root, database, path, NULL, NULL))
		return false;
	journal_guard_text(&now, database, path);
	while (!same && str_next_word(&rest, &word))
		same = str_eq(word, buf_str(&now));
	buf_clear(&now);
	return same;
}

/* The old value is there again, or still. */
static bool
is_old(const struct journal_entry *entry, bool stored, struct str value)
{
	if (entry->secret)
		return entry->old_stored != entry->new_stored &&
		       stored == entry->old_stored;
	if (stored == entry->new_stored &&
	    (!stored || str_eq(value, entry->new_value)))
		return false;
	return stored == entry->old_stored &&
	       (!stored || str_eq(value, entry->old_value));
}

static bool
entry_judge(const struct model_ctx *m, struct settings_store *st,
    const struct journal *j, const struct journal_entry *entry, bool *took,
    struct err *e)
{
	const struct setting *s = setting_find(str_of(entry->setting));
	const char *target = entry->target[0] != '\0' ? entry->target : NULL;
	struct str value = STR_EMPTY;
	bool stored;

	*took = true;
	if (s == NULL)
		return true;
	if (s->place != SETTING_IN_FILE && is_untouched(m, j, s->db)) {
		*took = false;
		return true;
	}
	/* the target may have gone since */
	if (settings_now(st, s, target, &stored, &value, e))
		*took = !is_old(entry, stored, value);
	else if (e->code != ERR_USAGE && e->code != ERR_NO)
		return false;
	err_clear(e);
	return true;
}

bool
journal_judge(const struct model_ctx *m, const struct journal *j, bool *took,
    struct err *e)
{
	struct settings_store *st = NULL;
	size_t n = j->n_entries - j->open_from;
	struct err own = ERR_INIT;

	e = e != NULL ? e : &own;
	bool ok = settings_open(m, &st, e);

	for (size_t i = 0; ok && i < n; i++)
		ok = entry_judge(
		    m, st, j, &j->entries[j->open_from + i], &took[i], e);
	settings_close(st);
	return ok;
}

void
journal_drop(struct journal *j, size_t from, const bool *took)
{
	size_t kept = from, n = j->n_entries;

	for (size_t i = from; i < n; i++)
		if (took[i - from])
			j->entries[kept++] = j->entries[i];
	j->n_entries = kept;
}
