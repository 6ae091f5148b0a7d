/* Reading the setting 'aliases' (core/filter/deliver.h). */
#include "core/filter/aliases_int.h"

#include "core/base/i18n.h"
#include "core/filter/level_int.h"
#include "core/mail/path.h"

#include <errno.h>
#include <stdlib.h>

enum {
	NAME_MAX_LENGTH = 256
};

static int
by_name(const void *a, const void *b)
{
	const struct alias *x = a, *y = b;
	int d = str_cmp(x->name, y->name);
	if (d != 0)
		return d;
	return x->nth < y->nth ? -1 : x->nth > y->nth;
}

static bool
is_word(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] == 127 || s.ptr[i] == '/')
			return false;
	return s.len > 0 && s.len <= NAME_MAX_LENGTH;
}

/*
 * A name, or an address that can be sent to. What stands before the @ may be
 * anything: servers take more than RFC 5321 allows.
 */
static bool
is_target(struct str s)
{
	size_t at = str_find(s, '@', 0);
	if (!is_word(s) || at == s.len)
		return is_word(s);
	struct str domain = str_sub(s, at + 1, s.len);
	return at > 0 &&
	       (mail_domain_is_valid(domain) || mail_domain_is_literal(domain));
}

/* Targets in the text behind the colon. */
static size_t
count_parts(struct str list)
{
	size_t n = 0;
	while (list.ptr != NULL && list.len > 0)
		n += str_trim(str_cut(list, ',', &list)).len > 0;
	return n;
}

static size_t
count_targets(const struct config_lines *l)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++) {
		struct str list;
		(void)str_cut(l->lines[i].text, ':', &list);
		n += count_parts(list);
	}
	return n;
}

static struct str
lower(struct arena *a, struct str s)
{
	char *to = arena_alloc(a, s.len + 1);
	for (size_t i = 0; to != NULL && i < s.len; i++)
		to[i] = ascii_lower(s.ptr[i]);
	return to != NULL ? str_n(to, s.len) : (struct str)STR_EMPTY;
}

/* The line's targets behind those of the table. */
static bool
add_line(struct config *c, struct arena *arena, const struct config_line *line,
    struct alias_table *t)
{
	struct str list;
	struct str name = str_trim(str_cut(line->text, ':', &list));
	if (!is_word(name) || count_parts(list) == 0) {
		config_note(c, LEVEL_WARN, line,
		    "'%.*s' is not NAME: TARGET, ... and is skipped",
		    STR_ARG(line->text));
		return true;
	}
	name = lower(arena, name);
	while (list.ptr != NULL && list.len > 0) {
		struct str to = str_trim(str_cut(list, ',', &list));
		if (to.len == 0)
			continue;
		if (!is_target(to)) {
			config_note(c, LEVEL_WARN, line,
			    "'%.*s' is neither a name nor an address and is "
			    "skipped",
			    STR_ARG(to));
			continue;
		}
		/* what stands before an @ may be of another server */
		if (str_find(to, '@', 0) == to.len)
			to = lower(arena, to);
		if (name.ptr == NULL || to.ptr == NULL)
			return false;
		t->items[t->n] = (struct alias){ name, to, t->n, line };
		t->n++;
	}
	return true;
}

bool
aliases_load(
    struct config *c, struct arena *arena, struct alias_table *t, struct err *e)
{
	struct str setting = STR("aliases");
	struct config_lines lines;
	*t = (struct alias_table){ .is_set =
				       config_raw(c, setting).ptr != NULL };
	if (!config_lines(c, setting, &lines, e))
		return false;
	t->items = ARENA_ARRAY(arena, count_targets(&lines) + 1, struct alias);
	bool ok = t->items != NULL;
	for (size_t i = 0; ok && i < lines.n; i++)
		ok = add_line(c, arena, &lines.lines[i], t);
	if (!ok)
		return err_set_errno(
		    e, ENOMEM, _("cannot load '%.*s'"), STR_ARG(setting));
	qsort(t->items, t->n, sizeof(*t->items), by_name);
	return true;
}

size_t
aliases_find(const struct alias_table *t, struct str name)
{
	return str_find_sorted(t->items, t->n, sizeof(*t->items), name);
}
