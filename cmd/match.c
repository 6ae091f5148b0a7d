/* Finding a command by its words. */
#include "cmd/match.h"

#include "core/base/escape.h"
#include "core/base/nearest.h"
#include "core/base/i18n.h"
#include "core/setting/setting.h"

#include <string.h>

struct str
command_word(const struct command *c, size_t i)
{
	struct str rest = str_of(c->words), word = STR_EMPTY;
	for (size_t k = 0; k <= i; k++)
		word = str_cut(rest, ' ', &rest);
	return word;
}

size_t
command_word_count(const struct command *c)
{
	size_t n = 1;
	for (const char *p = c->words; *p != '\0'; p++)
		n += *p == ' ';
	return n;
}

void
match_begin(struct match *m, struct arena *a)
{
	size_t n;
	const struct command *const *all = command_all(&n);
	*m = (struct match){ .n = n, .exact = true };
	m->candidates = ARENA_ARRAY(a, n, const struct command *);
	memcpy(m->candidates, all, n * sizeof(*all));
}

static bool
fits(const struct command *c, size_t depth, struct str word, bool exact)
{
	struct str have = command_word(c, depth);
	if (exact)
		return have.len > 0 && str_eq(have, word);
	/* nothing dangerous or hidden runs by half its name */
	if (c->flags & (COMMAND_HIDDEN | COMMAND_DANGEROUS))
		return false;
	return word.len > 0 && str_starts(have, word);
}

/* All candidates that fit by their beginning agree on the word. */
static bool
beginning_is_unique(const struct match *m, struct str word)
{
	struct str found = STR_EMPTY;
	for (size_t i = 0; i < m->n; i++) {
		if (!fits(m->candidates[i], m->depth, word, false))
			continue;
		struct str have = command_word(m->candidates[i], m->depth);
		if (found.len > 0 && !str_eq(found, have))
			return false;
		found = have;
	}
	return found.len > 0;
}

bool
match_word(struct match *m, struct str word)
{
	bool exact = false;
	for (size_t i = 0; i < m->n; i++)
		exact = exact || fits(m->candidates[i], m->depth, word, true);
	if (!exact) {
		/* after a whole command the word may be its argument */
		if (match_complete(m) != NULL || !beginning_is_unique(m, word))
			return false;
		m->exact = false;
	}
	size_t kept = 0;
	for (size_t i = 0; i < m->n; i++) {
		if (fits(m->candidates[i], m->depth, word, exact))
			m->candidates[kept++] = m->candidates[i];
	}
	m->n = kept;
	m->depth++;
	return true;
}

const struct command *
match_complete(const struct match *m)
{
	for (size_t i = 0; m->depth > 0 && i < m->n; i++) {
		if (command_word_count(m->candidates[i]) == m->depth)
			return m->candidates[i];
	}
	return NULL;
}

bool
match_continues(const struct match *m)
{
	for (size_t i = 0; i < m->n; i++) {
		if (command_word_count(m->candidates[i]) > m->depth)
			return true;
	}
	return false;
}

const char *
match_words(const struct match *m, struct arena *a)
{
	struct str words = str_of(m->candidates[0]->words);
	size_t end = 0;
	for (size_t i = 0; i < m->depth; i++)
		end = str_find(words, ' ', end) + 1;
	return arena_cstr(a, str_sub(words, 0, end > 0 ? end - 1 : 0));
}

/* Was this word offered by an earlier candidate? */
static bool
is_repeated(const struct match *m, size_t i)
{
	struct str word = command_word(m->candidates[i], m->depth);
	for (size_t k = 0; k < i; k++) {
		if (!(m->candidates[k]->flags & COMMAND_HIDDEN) &&
		    str_eq(command_word(m->candidates[k], m->depth), word))
			return true;
	}
	return false;
}

static const char *
choices(const struct match *m, struct arena *a, struct str beginning)
{
	const char *text = "";
	for (size_t i = 0; i < m->n; i++) {
		const struct command *c = m->candidates[i];
		struct str word = command_word(c, m->depth);
		if (c->flags & COMMAND_HIDDEN || word.len == 0 ||
		    !str_starts(word, beginning) || is_repeated(m, i))
			continue;
		text = arena_printf(a, "%s%s%.*s", text,
		    text[0] != '\0' ? ", " : "", STR_ARG(word));
	}
	return text;
}

const char *
match_choices(const struct match *m, struct arena *a)
{
	return choices(m, a, str_of(""));
}

bool
match_unknown(
    const struct match *m, struct arena *a, const char *word, struct err *e)
{
	struct str wanted = str_of(word);
	const char *before = m->depth > 0 ? match_words(m, a) : "";
	const char *blank = m->depth > 0 ? " " : "";
	const char *several = choices(m, a, wanted);
	if (wanted.len > 0 && strchr(several, ',') != NULL) {
		err_set(e, ERR_USAGE, _("command '%s%s%s' fits several: %s"),
		    before, blank, word, several);
		return err_next(e, "smemail %s%s--help", before, blank);
	}
	const char *area = m->depth == 0 ? setting_area_find(wanted) : NULL;
	if (area != NULL) {
		err_set(e, ERR_USAGE,
		    _("unknown command '%s'; it is an area of settings"), word);
		return err_next(
		    e, "smemail list %s", escape_shell_word(a, wanted));
	}
	struct nearest near = { .wanted = wanted };
	for (size_t i = 0; i < m->n; i++) {
		if (!(m->candidates[i]->flags & COMMAND_HIDDEN))
			nearest_try(
			    &near, command_word(m->candidates[i], m->depth));
	}
	if (near.best.len == 0) {
		err_set(e, ERR_USAGE, _("unknown command '%s%s%s'"), before,
		    blank, word);
		return err_next(e, "smemail %s%s--help", before, blank);
	}
	err_set(e, ERR_USAGE,
	    _("unknown command '%s%s%s'; did you mean '%s%s%.*s'"), before,
	    blank, word, before, blank, STR_ARG(near.best));
	return err_next(
	    e, "smemail %s%s%.*s --help", before, blank, STR_ARG(near.best));
}
