/* The journal as a whole: what was stored, what waits, the last of each. */
#include "core/model/journal.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/model/journal_int.h"
#include "core/sys/file.h"

#include <errno.h>
#include <limits.h>

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
take_end(struct journal *j, struct str numbers, struct arena *a)
{
	size_t n = j->n_entries - j->open_from;
	bool *took = ARENA_ARRAY(a, n + 1, bool);
	const struct journal_entry *open = j->entries + j->open_from;
	struct str word;
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
		took[i] = true;
	while (numbers.len > 0) {
		int64_t number = 0;
		word = str_cut(numbers, ',', &numbers);
		if (!num_parse_i64(word, 1, LONG_MAX, &number))
			continue;
		/* both rise; should they not, from the beginning */
		if (at == n || open[at].number > number)
			at = 0;
		while (at < n && open[at].number < number)
			at++;
		if (at < n && open[at].number == number)
			took[at] = false;
	}
	journal_drop(j, j->open_from, took);
	j->open_from = SIZE_MAX;
}

static void
take_line(struct journal *j, struct str line, struct arena *a)
{
	struct journal_entry *entry = &j->entries[j->n_entries];
	struct journal_apply *apply = &j->applies[j->n_applies];
	struct str text = STR_EMPTY;

	switch (journal_line_parse(line, a, entry, apply, &text)) {
	case JOURNAL_LINE_STORED:
		j->n_entries++;
		if (entry->number > j->last_number)
			j->last_number = entry->number;
		break;
	case JOURNAL_LINE_APPLIED:
		j->n_applies++;
		mark(j, apply);
		break;
	case JOURNAL_LINE_BEGAN:
		j->open_from = j->n_entries;
		j->guards = arena_cstr(a, text);
		break;
	case JOURNAL_LINE_ENDED:
		if (j->open_from <= j->n_entries)
			take_end(j, text, a);
		break;
	case JOURNAL_LINE_BAD:
		j->bad_lines++;
		break;
	case JOURNAL_LINE_OTHER:
		break;
	}
}

/* 'half': the last line is the beginning of one of ours, and bad. */
static void
problem_tell(struct journal *j, size_t lines, bool half, struct arena *a)
{
	if (j->bad_lines == 0)
		return;
	half = half && j->bad_lines == 1;
	j->unreadable = j->bad_lines == lines && !half;
	/* a writer that was killed leaves half a line: nothing was stored */
	if (half)
		j->problem = arena_printf(a,
		    _("'%s' ends in the middle of a line: what was being "
		      "stored then is left out"),
		    JOURNAL_PATH);
	else if (j->unreadable)
		j->problem = arena_printf(a,
		    P_("'%s' is damaged: its %zu line is not understood",
			"'%s' is damaged: none of its %zu lines is understood",
			lines),
		    JOURNAL_PATH, lines);
	else
		j->problem = arena_printf(a,
		    P_("'%s' is damaged: %zu line of %zu is not understood",
			"'%s' is damaged: %zu lines of %zu are not understood",
			j->bad_lines),
		    JOURNAL_PATH, j->bad_lines, lines);
}

static void
take_lines(struct journal *j, struct str text, struct arena *a)
{
	struct str rest = text, line = STR_EMPTY;
	size_t lines = 0, bad = 0;
	bool closed = text.len == 0 || text.ptr[text.len - 1] == '\n';

	j->open_from = SIZE_MAX;
	while (str_next_line(&rest, &line)) {
		if (line.len == 0)
			continue;
		lines++;
		bad = j->bad_lines;
		take_line(j, line, a);
	}
	problem_tell(j, lines,
	    !closed && j->bad_lines > bad && journal_line_is_ours(line), a);
	if (j->open_from > j->n_entries)
		j->open_from = j->n_entries;
}

/* What a killed writer left open, as the databases tell. */
static bool
open_judge(const struct model_ctx *m, struct journal *j, struct err *e)
{
	size_t n = j->n_entries - j->open_from;
	bool *took = ARENA_ARRAY(m->arena, n + 1, bool);

	if (n == 0)
		return true;
	if (!journal_judge(m, j, took, e))
		return false;
	j->took = took;
	j->n_open = n;
	journal_drop(j, j->open_from, took);
	return true;
}

bool
journal_read(const struct model_ctx *m, struct journal *out, struct err *e)
{
	struct buf text = BUF_INIT(JOURNAL_MAX);
	struct err read = ERR_INIT;
	char path[SYS_PATH_MAX];
	struct str rest;
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
	ok = room(out, m->arena, count_lines(rest)) || err_no_memory(e);
	if (ok)
		take_lines(out, rest, m->arena);
	ok = ok && open_judge(m, out, e) &&
	     (journal_share(out, m->arena) || err_no_memory(e));
out:
	buf_clear(&text);
	return ok;
}

long
journal_taken_back(const struct journal *j, long change)
{
	for (size_t i = 0; i < j->n_applies; i++)
		if (j->applies[i].kind != JOURNAL_APPLY &&
		    j->applies[i].of == change)
			return j->applies[i].change;
	return 0;
}

const struct journal_apply *
journal_last_apply(const struct journal *j)
{
	return j->n_applies > 0 ? &j->applies[j->n_applies - 1] : NULL;
}

const struct journal_apply *
journal_change(const struct journal *j, long change)
{
	for (size_t i = j->n_applies; i > 0; i--)
		if (j->applies[i - 1].change == change)
			return &j->applies[i - 1];
	return NULL;
}
