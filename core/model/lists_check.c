/*
 * What is wrong with the lists: entries in another form, twice, in a list
 * that refuses and one that accepts, covered by a wider one, too wide, dead
 * zones, wrong separators (symptoms C15, C17, C62, C63).
 */
#include "core/model/lists_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/model/settings_int.h"

#include <string.h>

enum {
	KEY_MAX = 64 * 1024 * 1024 /* no entry is longer than its database */
};

/* All entries of all lists, what each means worked out once. */
struct item {
	const struct lists_list *list;
	const char *text;
	struct str host, user;
	bool below; /* "*host": hosts below it too */
	const char *problem;
	size_t next; /* of the same meaning, plus one; 0: none */
};

struct check {
	struct settings_store *st;
	struct vec items;    /* struct item */
	struct vec findings; /* struct lists_finding */
	struct map meanings; /* to the first struct item of each */
	struct buf key;
	struct vec others; /* size_t: what to compare an entry with */
	bool failed;       /* out of memory */
};

static void
finding(struct check *c, const struct item *it, const char *kind,
    const char *text, const char *cure)
{
	struct lists_finding f = {
		.list = it->list,
		.entry = it->text,
		.kind = kind,
		.text = text,
		.cure = cure,
	};

	c->failed = !vec_push(&c->findings, &f) || c->failed;
}

static const char *
remove_command(struct check *c, const struct item *it)
{
	struct arena *a = c->st->m->arena;
	return arena_printf(a, "smemail lists remove %s %s", it->list->name,
	    escape_shell_word(a, str_of(it->text)));
}

static bool
is_sender_list(const struct lists_list *l)
{
	return l->form == LISTS_FROM || l->form == LISTS_SENDER ||
	       l->form == LISTS_PATTERN;
}

static bool
load(struct check *c, struct err *e)
{
	size_t count;
	const struct lists_list *all = lists_all(&count);

	for (size_t k = 0; k < count; k++) {
		struct lists_entry *entries;
		size_t n;
		if (!lists_entries(c->st, &all[k], &entries, &n, e))
			return false;
		for (size_t i = 0; i < n; i++) {
			struct item it = {
				.list = &all[k],
				.text = entries[i].text,
				.problem = entries[i].problem,
			};
			struct str text = str_of(it.text);
			it.host = lists_host(text, &it.user);
			it.below = is_sender_list(it.list) &&
				   str_find(text, '@', 0) == text.len &&
				   str_starts(text, STR("*"));
			if (it.below)
				it.host = str_sub(it.host, 1, it.host.len);
			if (!vec_push(&c->items, &it))
				return err_no_memory(e);
		}
	}
	return true;
}

static struct item *
at(const struct check *c, size_t i)
{
	return VEC_AT(&c->items, struct item, i);
}

/* Every sender that 'b' means is meant by 'a' too. */
static bool
covers(const struct item *a, const struct item *b)
{
	if (a->user.len > 0)
		return b->user.len > 0 && !b->below &&
		       str_eq_nocase(a->user, b->user) &&
		       str_eq_nocase(a->host, b->host);
	if (str_eq_nocase(a->host, b->host))
		return a->below || !b->below;
	return a->below && b->host.len > a->host.len &&
	       str_eq_nocase(
		   str_sub(b->host, b->host.len - a->host.len, b->host.len),
		   a->host);
}

static bool
is_same_meaning(const struct item *a, const struct item *b)
{
	return covers(a, b) && covers(b, a);
}

static void
check_form(struct check *c, const struct item *it)
{
	struct arena *a = c->st->m->arena;
	struct buf normal = BUF_INIT(SETTING_VALUE_MAX);
	bool zone = it->list->form == LISTS_ZONE;
	bool other;

	if (it->problem != NULL) {
		finding(c, it, zone ? "obsolete" : "syntax", it->problem,
		    remove_command(c, it));
	} else if (lists_normal(it->list, str_of(it->text), &normal, NULL)) {
		other = !str_eq_nocase(buf_str(&normal), str_of(it->text));
		if (other)
			finding(c, it, "syntax",
			    arena_printf(a, _("is written '%s' in this list"),
				buf_cstr(&normal)),
			    arena_printf(a, "smemail lists check %s --fix",
				it->list->name));
	}
	buf_clear(&normal);
}

static void
check_wide(struct check *c, const struct item *it)
{
	bool ask;
	const char *text =
	    lists_warning(c->st, it->list, str_of(it->text), &ask);

	if (text != NULL)
		finding(c, it, "wide", text, remove_command(c, it));
}

static void
key_add(struct check *c, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		(void)buf_add_char(&c->key, ascii_lower(text.ptr[i]));
}

/*
 * What the entry means, in one text: "user@host", "@host", "*host"; entries of
 * other lists than those of senders stand for themselves there.
 */
static struct str
meaning(struct check *c, const struct item *it)
{
	buf_reset(&c->key);
	if (!is_sender_list(it->list)) {
		(void)buf_addf(&c->key, "%s ", it->list->name);
		key_add(c, str_of(it->text));
	} else {
		key_add(c, it->user);
		(void)buf_add_char(&c->key, it->below ? '*' : '@');
		key_add(c, it->host);
	}
	return buf_str(&c->key);
}

/* From the last to the first, so that each chain is in order. */
static void
meanings_load(struct check *c)
{
	for (size_t i = c->items.len; !c->failed && i > 0; i--) {
		struct item *it = at(c, i - 1);
		struct str key = meaning(c, it);
		const struct item *head = map_get(&c->meanings, key);
		if (head != NULL)
			it->next = (size_t)(head - at(c, 0)) + 1;
		key = arena_str(c->st->m->arena, key);
		c->failed = c->key.failed || key.ptr == NULL ||
			    !map_put(&c->meanings, key, it);
	}
}

static void
others_add(struct check *c, struct str key)
{
	const struct item *it = map_get(&c->meanings, key);

	while (it != NULL) {
		size_t k = (size_t)(it - at(c, 0));
		c->failed = !vec_push(&c->others, &k) || c->failed;
		it = it->next > 0 ? at(c, it->next - 1) : NULL;
	}
}

static int
index_cmp(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/*
 * All that can mean the same as this entry, or more: it, its host without the
 * user, and each "*end" of its host.
 */
static void
others_find(struct check *c, const struct item *it)
{
	c->others.len = 0;
	others_add(c, meaning(c, it));
	if (is_sender_list(it->list)) {
		buf_reset(&c->key);
		(void)buf_add_char(&c->key, '@');
		key_add(c, it->host);
		if (it->user.len > 0)
			others_add(c, buf_str(&c->key));
		for (size_t i = 0; i < c->key.len; i++) {
			c->key.data[i] = '*';
			if (i > 0 || !it->below)
				others_add(c,
				    str_sub(buf_str(&c->key), i, c->key.len));
		}
	}
	vec_sort(&c->others, index_cmp);
}

/* The i-th entry against the k-th. */
static void
check_pair(struct check *c, size_t i, size_t k)
{
	const struct item *it = at(c, i), *o = at(c, k);
	struct arena *a = c->st->m->arena;
	bool same = o->list == it->list;

	if (same && k < i && is_same_meaning(o, it))
		finding(c, it, "duplicate",
		    arena_printf(a, _("is there as '%s' too"), o->text),
		    remove_command(c, it));
	else if (same && !is_same_meaning(o, it) && covers(o, it))
		finding(c, it, "covered",
		    arena_printf(a, _("'%s' says the same of more"), o->text),
		    remove_command(c, it));
	else if (!it->list->accepts && o->list->accepts &&
		 is_same_meaning(o, it))
		finding(c, it, "conflict",
		    arena_printf(a, _("%s accepts it (as '%s')"), o->list->name,
			o->text),
		    remove_command(c, it));
}

static void
check_others(struct check *c, size_t i)
{
	others_find(c, at(c, i));
	for (size_t n = 0; n < c->others.len; n++) {
		size_t k = *VEC_AT(&c->others, size_t, n);
		if (k != i)
			check_pair(c, i, k);
	}
}

/* C17: zones parted by another sign than the list takes. */
static void
check_separator(struct check *c, const struct lists_list *l)
{
	const struct setting *s = lists_setting(l);
	struct item it = { .list = l, .text = "" };
	struct settings_row row;
	char wrong = setting_joint(s) == ':' ? ',' : '\0';

	if (l->form != LISTS_ZONE ||
	    !settings_read_value(c->st, s, NULL, &row, NULL) || !row.is_stored)
		return;
	it.text = arena_cstr(c->st->m->arena, row.stored);
	for (size_t i = 0; i < row.stored.len; i++)
		if (ascii_is_space(row.stored.ptr[i]) ||
		    row.stored.ptr[i] == wrong) {
			finding(c, &it, "separator",
			    arena_printf(c->st->m->arena,
				_("zones are parted by '%c' here"),
				setting_joint(s)),
			    arena_printf(c->st->m->arena,
				"smemail lists check %s --fix", l->name));
			return;
		}
}

bool
lists_check(struct settings_store *st, const struct lists_list *l,
    struct lists_finding **out, size_t *n, struct err *e)
{
	struct check c = {
		.st = st,
		.items = VEC_INIT(struct item),
		.findings = VEC_INIT(struct lists_finding),
		.meanings = MAP_INIT,
		.key = BUF_INIT(KEY_MAX),
		.others = VEC_INIT(size_t),
	};
	size_t count;
	const struct lists_list *all = lists_all(&count);
	bool ok = load(&c, e);

	meanings_load(&c);
	for (size_t k = 0; ok && k < count; k++)
		if (l == NULL || l == &all[k])
			check_separator(&c, &all[k]);
	for (size_t i = 0; ok && i < c.items.len; i++) {
		const struct item *it = at(&c, i);
		if (l != NULL && it->list != l)
			continue;
		check_form(&c, it);
		if (it->problem != NULL)
			continue;
		check_wide(&c, it);
		check_others(&c, i);
	}
	if (c.failed)
		ok = err_no_memory(e);
	*n = c.findings.len;
	*out = ARENA_ARRAY(st->m->arena, *n + 1, struct lists_finding);
	if (*n > 0)
		memcpy(*out, c.findings.data, *n * sizeof(**out));
	vec_clear(&c.items);
	vec_clear(&c.findings);
	vec_clear(&c.others);
	map_clear(&c.meanings);
	buf_clear(&c.key);
	return ok;
}
