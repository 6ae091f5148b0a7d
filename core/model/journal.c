/* The journal as a whole: what was stored, what waits, the last of each. */
#include "core/model/journal.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/model/journal_int.h"
#include "core/sys/file.h"

#include <errno.h>
#include <string.h>

enum {
	JOURNAL_MAX = 256 * 1024 * 1024
};

/* Room for 'lines' lines of each kind. */
static bool
room(struct journal *j, struct arena *a, size_t lines)
{
	j->entries = ARENA_ARRAY(a, lines + 1, struct journal_entry);
	j->applies = ARENA_ARRAY(a, lines + 1, struct journal_apply);
	return j->entries != NULL && j->applies != NULL;
}

static size_t
count_lines(struct str text)
{
	size_t n = 0;
	struct str line;

	while (str_next_line(&text, &line))
		n++;
	return n;
}

/* Entries up to 'upto' that no earlier apply had are in force now. */
static void
mark(struct journal *j, const struct journal_apply *apply)
{
	for (size_t i = j->n_entries; i > 0; i--) {
		struct journal_entry *entry = &j->entries[i - 1];
		if (entry->applied != 0)
			break;
		if (entry->number <= apply->upto)
			entry->applied = apply->change;
	}
}

static void
take_line(struct journal *j, struct str line, struct arena *a)
{
	struct journal_entry *entry = &j->entries[j->n_entries];
	struct journal_apply *apply = &j->applies[j->n_applies];

	switch (journal_line_parse(line, a, entry, apply)) {
	case JOURNAL_LINE_STORED:
		j->n_entries++;
		break;
	case JOURNAL_LINE_APPLIED:
		j->n_applies++;
		mark(j, apply);
		break;
	case JOURNAL_LINE_BAD:
		j->bad_lines++;
		break;
	case JOURNAL_LINE_OTHER:
		break;
	}
}

bool
journal_read(const struct model_ctx *m, struct journal *out, struct err *e)
{
	struct buf text = BUF_INIT(JOURNAL_MAX);
	struct err read = ERR_INIT;
	char path[SYS_PATH_MAX];
	struct str rest, line;
	bool ok;

	*out = (struct journal){ 0 };
	if (!root_path(m->root, JOURNAL_PATH, path, e))
		return false;
	ok = file_read(path, JOURNAL_PATH, &text, &read);
	if (!ok && read.sys_errno != ENOENT) {
		if (e != NULL)
			*e = read;
		goto out;
	}
	rest = buf_str(&text);
	ok = room(out, m->arena, count_lines(rest)) ||
	     err_set(e, ERR_TEMPORARY, _("out of memory"));
	while (ok && str_next_line(&rest, &line))
		if (line.len > 0)
			take_line(out, line, m->arena);
out:
	buf_clear(&text);
	return ok;
}

static bool
same_setting(
    const struct journal_entry *entry, const char *setting, const char *target)
{
	return strcmp(entry->setting, setting) == 0 &&
	       strcmp(entry->target, target != NULL ? target : "") == 0;
}

/* Nothing changed after all? Of secrets nobody knows. */
static bool
came_back(const struct journal_entry *entry)
{
	return !entry->secret && entry->old_stored == entry->new_stored &&
	       str_eq(entry->old_value, entry->new_value);
}

size_t
journal_pending(const struct journal *j, const struct model_ctx *m,
    struct journal_entry **out)
{
	struct journal_entry *all =
	    ARENA_ARRAY(m->arena, j->n_entries + 1, struct journal_entry);
	size_t n = 0, kept = 0;

	*out = all;
	if (all == NULL)
		return 0;
	for (size_t i = 0; i < j->n_entries; i++) {
		const struct journal_entry *entry = &j->entries[i];
		size_t k = 0;
		if (entry->applied != 0)
			continue;
		while (k < n &&
		       !same_setting(&all[k], entry->setting, entry->target))
			k++;
		struct journal_entry first = k < n ? all[k] : *entry;
		all[k] = *entry;
		all[k].old_stored = first.old_stored;
		all[k].old_value = first.old_value;
		if (k == n)
			n++;
	}
	for (size_t k = 0; k < n; k++)
		if (!came_back(&all[k]))
			all[kept++] = all[k];
	return kept;
}

bool
journal_is_pending(
    const struct journal *j, const char *setting, const char *target)
{
	const struct journal_entry *first = NULL, *last = NULL;
	struct journal_entry whole;

	for (size_t i = j->n_entries; i > 0; i--) {
		const struct journal_entry *entry = &j->entries[i - 1];
		if (entry->applied != 0)
			break;
		if (!same_setting(entry, setting, target))
			continue;
		first = entry;
		if (last == NULL)
			last = entry;
	}
	if (first == NULL)
		return false;
	whole = *last;
	whole.old_stored = first->old_stored;
	whole.old_value = first->old_value;
	return !came_back(&whole);
}

const struct journal_entry *
journal_last(const struct journal *j, const char *setting, const char *target)
{
	for (size_t i = j->n_entries; i > 0; i--)
		if (same_setting(&j->entries[i - 1], setting, target))
			return &j->entries[i - 1];
	return NULL;
}

const struct journal_apply *
journal_last_apply(const struct journal *j)
{
	return j->n_applies > 0 ? &j->applies[j->n_applies - 1] : NULL;
}

long
journal_next_change(const struct journal *j)
{
	const struct journal_apply *last = journal_last_apply(j);

	return last != NULL ? last->change + 1 : 1;
}
