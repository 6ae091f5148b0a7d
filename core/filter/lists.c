/* Loading and searching the lists of plugins. */
#include "core/filter/lists_int.h"

#include <stdlib.h>
#include <string.h>

static int
by_name(const void *a, const void *b)
{
	const struct name_entry *x = a, *y = b;
	int d = str_cmp(x->name, y->name);
	if (d != 0)
		return d;
	return x->line < y->line ? -1 : x->line > y->line;
}

void
name_entries_sort(struct name_entry *entries, size_t n)
{
	if (n > 0)
		qsort(entries, n, sizeof(*entries), by_name);
}

bool
name_list_load(struct plugin_setup *s, const char *setting,
    struct name_list *out, struct err *e)
{
	struct config_lines lines;
	if (!config_lines(s->config, str_of(setting), &lines, e))
		return false;
	struct name_entry *entries =
	    plugin_array(s, lines.n, sizeof(*entries), e);
	if (entries == NULL)
		return false;
	for (size_t i = 0; i < lines.n; i++) {
		entries[i].name = plugin_lower(s, lines.lines[i].text, e);
		entries[i].line = i;
		if (entries[i].name.ptr == NULL)
			return false;
	}
	name_entries_sort(entries, lines.n);
	*out = (struct name_list){ entries, lines.n };
	return true;
}

const struct name_entry *
name_list_find(const struct name_list *l, struct str name)
{
	size_t i = str_find_sorted(l->entries, l->n, sizeof(*l->entries), name);
	/* of equal entries the first is that of the lowest line */
	return i < l->n ? &l->entries[i] : NULL;
}

bool
block_list_load(struct plugin_setup *s, const char *setting, enum net_rule how,
    struct block_list *out, struct err *e)
{
	struct config_lines lines;
	if (!config_lines(s->config, str_of(setting), &lines, e))
		return false;
	struct net_block *blocks = plugin_array(s, lines.n, sizeof(*blocks), e);
	if (blocks == NULL)
		return false;
	size_t n = 0;
	for (size_t i = 0; i < lines.n; i++) {
		const struct config_line *line = &lines.lines[i];
		if (net_rule_parse(line->text, how, &blocks[n]))
			n++;
		else
			config_note(s->config, LEVEL_WARN, line,
			    "'%.*s' is no address or network and is skipped",
			    STR_ARG(line->text));
	}
	*out = (struct block_list){ blocks, n };
	return true;
}

bool
block_list_has(const struct block_list *l, const struct net_addr *a)
{
	for (size_t i = 0; i < l->n; i++) {
		if (net_block_has(&l->blocks[i], a))
			return true;
	}
	return false;
}

bool
has_mark(struct str text, const char *marks)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] != '\0' && strchr(marks, text.ptr[i]) != NULL)
			return true;
	}
	return false;
}

bool
is_host_text(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (!ascii_is_alnum(c) && c != '-' && c != '.')
			return false;
	}
	return true;
}

/* FL-65 */
static bool
has_pattern_mark(struct str s)
{
	return has_mark(s, "/^$*+!%?\\");
}

/*
 * A bare name in front of its own address, as the server's template writes
 * those that are hidden from outside (EF-12), is nobody's mistake.
 */
static int
bare_level(const struct config_lines *lines, size_t i, struct str name)
{
	struct str next =
	    i + 1 < lines->n ? lines->lines[i + 1].text : (struct str)STR_EMPTY;
	return str_starts(next, name) && next.len > name.len &&
		       next.ptr[name.len] == '@'
		   ? LEVEL_DEBUG
		   : LEVEL_WARN;
}

/*
 * Read line 'i' into *out. False when it is left out; *is_exact tells an
 * address or @domain from a pattern.
 */
static bool
address_line_read(struct plugin_setup *s, const struct config_lines *lines,
    size_t i, bool bare_is_pattern, struct address_line *out, bool *is_exact)
{
	const struct config_line *line = &lines->lines[i];
	struct str rest = line->text;
	*out = (struct address_line){ 0 };
	if (!str_next_word(&rest, &out->entry))
		return false;
	out->text = str_trim(rest);
	bool has_at = str_find(out->entry, '@', 0) < out->entry.len;
	*is_exact = has_at && !has_pattern_mark(out->entry);
	if (*is_exact)
		return true;
	if (!has_at && !bare_is_pattern && !has_pattern_mark(out->entry)) {
		config_note(s->config, bare_level(lines, i, out->entry), line,
		    "'%.*s' has no @ and is skipped", STR_ARG(out->entry));
		return false;
	}
	out->pattern = plugin_pattern(s, line, out->entry);
	return out->pattern != NULL;
}

bool
address_list_load(struct plugin_setup *s, const char *setting,
    bool bare_is_pattern, struct address_list *out, struct err *e)
{
	struct config_lines lines;
	if (!config_lines(s->config, str_of(setting), &lines, e))
		return false;
	struct address_line *kept = plugin_array(s, lines.n, sizeof(*kept), e);
	struct name_entry *exact = plugin_array(s, lines.n, sizeof(*exact), e);
	size_t *patterns = plugin_array(s, lines.n, sizeof(*patterns), e);
	if (kept == NULL || exact == NULL || patterns == NULL)
		return false;
	size_t n = 0, n_exact = 0, n_patterns = 0;
	for (size_t i = 0; i < lines.n; i++) {
		bool is_exact;
		if (!address_line_read(
			s, &lines, i, bare_is_pattern, &kept[n], &is_exact))
			continue;
		if (is_exact) {
			exact[n_exact].name = plugin_lower(s, kept[n].entry, e);
			exact[n_exact].line = n;
			if (exact[n_exact].name.ptr == NULL)
				return false;
			n_exact++;
		} else {
			patterns[n_patterns++] = n;
		}
		n++;
	}
	name_entries_sort(exact, n_exact);
	*out = (struct address_list){ kept, n, { exact, n_exact }, patterns,
		n_patterns };
	return true;
}

const struct address_line *
address_list_find(
    struct plugin_call *c, const struct address_list *l, struct str address)
{
	size_t first = l->n;
	size_t at = str_find(address, '@', 0);
	/* the last @: a quoted local part may hold others */
	for (size_t i = at; i < address.len; i++)
		at = address.ptr[i] == '@' ? i : at;
	const struct name_entry *whole = name_list_find(&l->exact, address);
	const struct name_entry *domain =
	    name_list_find(&l->exact, str_sub(address, at, address.len));
	if (whole != NULL)
		first = whole->line;
	if (domain != NULL && domain->line < first)
		first = domain->line;
	/* patterns matter only in front of what was found */
	for (size_t i = 0; i < l->n_patterns && l->patterns[i] < first; i++) {
		const struct address_line *line = &l->lines[l->patterns[i]];
		if (plugin_pattern_has(c, line->pattern, address))
			return line;
	}
	return first < l->n ? &l->lines[first] : NULL;
}

void
fold_path(struct folded *f, const struct mail_path *p)
{
	struct buf b = BUF_INIT(sizeof(f->bytes) - 1);
	size_t behind = p->domain.len > 0 ? 1 + p->domain.len : 0;
	(void)mail_path_fold(&b, p);
	size_t local = b.len > behind ? b.len - behind : 0;
	memcpy(f->bytes, buf_cstr(&b), b.len);
	f->address = str_n(f->bytes, b.len);
	buf_clear(&b);
	f->local = str_sub(f->address, 0, local);
	f->at_domain = str_sub(f->address, local, f->address.len);
	f->domain = str_sub(f->at_domain, 1, f->at_domain.len);
}

/* "a@b.example" in quotes is a user's name and no address of the list. */
bool
name_list_has_user(const struct name_list *l, struct str user)
{
	return str_find(user, '@', 0) == user.len &&
	       name_list_find(l, user) != NULL;
}

bool
name_list_has_path(const struct name_list *l, const struct folded *f)
{
	if (f->local.len == 0)
		return false;
	return name_list_find(l, f->at_domain) != NULL ||
	       name_list_has_user(l, f->local) ||
	       name_list_find(l, f->address) != NULL;
}

struct str
fold_text(char *to, size_t size, struct str s)
{
	size_t n = s.len < size ? s.len : size;
	for (size_t i = 0; i < n; i++)
		to[i] = ascii_lower(s.ptr[i]);
	return str_n(to, n);
}

bool
is_role_account(const struct mail_path *p)
{
	static const char *const users[] = { "postmaster", "abuse",
		"mailer-daemon", "root" };
	for (size_t i = 0; i < ARRAY_LEN(users); i++) {
		if (str_is_nocase(p->local, users[i]))
			return true;
	}
	return false;
}
