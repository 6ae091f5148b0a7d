/* What stands in the way of taking a change back. */
#include "core/model/undo.h"

#include "core/base/i18n.h"
#include "core/model/settings_int.h"

#include <limits.h>
#include <string.h>

static const struct journal_entry *
later_than(const struct journal *j, const struct journal_entry *entry)
{
	const struct journal_entry *last = journal_last_same(j, entry);
	return last->number > entry->number ? last : NULL;
}

static bool
value_is(bool stored, struct str value, bool is_stored, struct str now)
{
	return stored == is_stored && (!stored || str_eq(value, now));
}

static enum undo_state
row_judge(struct settings_store *st, const struct undo *u, struct undo_row *r)
{
	const struct journal_entry *entry = r->entry;
	const char *target = entry->target[0] != '\0' ? entry->target : NULL;
	struct str now = STR_EMPTY;
	bool stored;
	if (r->setting == NULL ||
	    !settings_now(st, r->setting, target, &stored, &now, NULL))
		return UNDO_UNKNOWN;
	r->later = later_than(&u->journal, entry);
	if (entry->secret)
		return stored == entry->old_stored && !stored ? UNDO_SAME
		       : entry->old_stored                    ? UNDO_SECRET
		       : r->later != NULL                     ? UNDO_LATER
							      : UNDO_BACK;
	if (value_is(entry->old_stored, entry->old_value, stored, now))
		return UNDO_SAME;
	/* what came later may have been taken back already */
	if (value_is(entry->new_stored, entry->new_value, stored, now))
		return UNDO_BACK;
	return r->later != NULL ? UNDO_LATER : UNDO_FOREIGN;
}

static bool
apply_find(struct undo *u, long change, struct err *e)
{
	const struct journal *j = &u->journal;
	if (change == UNDO_STORED)
		return true;
	u->apply = change != UNDO_NEWEST ? journal_change(j, change) : NULL;
	if (u->apply == NULL && change != UNDO_NEWEST) {
		err_set(e, ERR_NO, _("there is no change %ld"), change);
		return err_next(e, "smemail history");
	}
	for (size_t i = j->n_applies; u->apply == NULL && i > 0; i--) {
		const struct journal_apply *a = &j->applies[i - 1];
		if (a->kind == JOURNAL_APPLY &&
		    journal_taken_back(j, a->change) == 0)
			u->apply = a;
	}
	if (u->apply != NULL)
		return true;
	return err_set(e, ERR_NO, _("there is no change to take back"));
}

static void
rows_fill(struct settings_store *st, struct undo *u)
{
	struct journal_entry *entries;
	int64_t applied = u->apply != NULL ? u->apply->change : 0;
	u->n = journal_join(&u->journal, st->m, 0, applied, &entries);
	u->rows = ARENA_ARRAY(st->m->arena, u->n + 1, struct undo_row);
	for (size_t i = 0; i < u->n; i++) {
		struct undo_row *r = &u->rows[i];
		r->entry = &entries[i];
		r->setting = setting_find(str_of(entries[i].setting));
		r->state = row_judge(st, u, r);
		u->n_back += r->state == UNDO_BACK;
		u->n_blocked +=
		    r->state == UNDO_LATER || r->state == UNDO_FOREIGN;
	}
}

bool
undo_make(
    const struct model_ctx *m, long change, struct undo *out, struct err *e)
{
	struct settings_store *st = NULL;
	*out = (struct undo){ .n = 0 };
	if (!journal_read(m, &out->journal, e))
		return false;
	if (out->journal.unreadable)
		return err_set(e, ERR_PERMANENT, "%s", out->journal.problem);
	if (!apply_find(out, change, e) || !settings_open(m, &st, e))
		return false;
	rows_fill(st, out);
	settings_close(st);
	if (out->apply != NULL)
		out->n_pending =
		    journal_pending(&out->journal, m, &out->pending);
	return true;
}

static void
wish_add(const struct model_ctx *m, struct settings_wish *w, size_t *n,
    const struct setting *s, const struct journal_entry *entry)
{
	/* a value with a zero byte cannot be handed on as text */
	if (s == NULL || (entry->secret && entry->old_stored) ||
	    str_find(entry->old_value, '\0', 0) < entry->old_value.len)
		return;
	w[(*n)++] = (struct settings_wish){
		.setting = s,
		.target = entry->target[0] != '\0' ? entry->target : NULL,
		.value = entry->old_stored
			     ? arena_cstr(m->arena, entry->old_value)
			     : NULL,
	};
}

struct settings_wish *
undo_wishes(
    const struct model_ctx *m, const struct undo *u, bool force, size_t *n)
{
	struct settings_wish *w =
	    ARENA_ARRAY(m->arena, u->n + 1, struct settings_wish);
	*n = 0;
	for (size_t i = 0; i < u->n; i++) {
		const struct undo_row *r = &u->rows[i];
		bool blocked =
		    r->state == UNDO_LATER || r->state == UNDO_FOREIGN;
		if (r->state == UNDO_BACK || (force && blocked))
			wish_add(m, w, n, r->setting, r->entry);
	}
	return w;
}

struct settings_wish *
undo_since(
    const struct model_ctx *m, const struct journal *j, long from, size_t *n)
{
	struct journal_entry *entries;
	size_t count = journal_join(j, m, from, -1, &entries);
	struct settings_wish *w =
	    ARENA_ARRAY(m->arena, count + 1, struct settings_wish);
	*n = 0;
	for (size_t i = 0; i < count; i++)
		wish_add(m, w, n, setting_find(str_of(entries[i].setting)),
		    &entries[i]);
	return w;
}
