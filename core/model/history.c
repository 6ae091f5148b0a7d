/* Changes with their settings. */
#include "core/model/history.h"

#include "core/base/i18n.h"
#include "core/model/confirm.h"
#include "core/model/undo.h"

const char *
history_name(const struct model_ctx *m, const struct journal_entry *entry)
{
	return entry->target[0] == '\0' ? entry->setting
					: arena_printf(m->arena, "%s --for %s",
					      entry->setting, entry->target);
}

const char *
history_value(
    const struct model_ctx *m, const struct journal_entry *entry, bool newer)
{
	bool stored = newer ? entry->new_stored : entry->old_stored;
	if (!stored)
		return "-";
	if (entry->secret)
		return "(secret)";
	return arena_cstr(
	    m->arena, newer ? entry->new_value : entry->old_value);
}

static void
row_fill(const struct model_ctx *m, const struct journal *j,
    const struct journal_apply *apply, const struct confirm *waits,
    struct history_row *out)
{
	*out = (struct history_row){ .apply = apply };
	out->n = journal_join(j, m, 0, apply->change, &out->entries);
	out->undone_by = journal_taken_back(j, apply->change);
	out->unconfirmed = waits->change == apply->change;
}

bool
history_read(const struct model_ctx *m, struct journal *j,
    struct history_row **rows, size_t *n, struct err *e)
{
	struct confirm waits;
	if (!journal_read(m, j, e))
		return false;
	if (j->unreadable) {
		err_set(e, ERR_PERMANENT, "%s", j->problem);
		return err_next(
		    e, "mv %s %s.damaged", JOURNAL_PATH, JOURNAL_PATH);
	}
	if (!confirm_read(m, &waits))
		waits.change = -1;
	*rows = ARENA_ARRAY(m->arena, j->n_applies + 2, struct history_row);
	*n = 0;
	struct history_row *open = &(*rows)[0];
	*open = (struct history_row){ .apply = NULL };
	open->n = journal_pending(j, m, &open->entries);
	if (open->n > 0)
		(*n)++;
	for (size_t i = j->n_applies; i > 0; i--)
		row_fill(m, j, &j->applies[i - 1], &waits, &(*rows)[(*n)++]);
	return true;
}
