/*
 * What is wrong with the lists: entries in another form, twice, in a list
 * that refuses and one that accepts, covered by a wider one, too wide, dead
 * zones, wrong separators (symptoms C15, C17, C62, C63).
 */
#include "core/model/lists_int.h"

#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/model/settings_int.h"

#include <string.h>

/* All entries of all lists, what each means worked out once. */
struct item {
	const struct lists_list *list;
	const char *text;
	struct str host, user;
	bool below; /* "*host": hosts below it too */
	const char *problem;
};

struct check {
	struct settings_store *st;
	struct vec items;    /* struct item */
	struct vec findings; /* struct lists_finding */
	bool failed;         /* out of memory */
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
	return arena_printf(c->st->m->arena, "smemail lists remove %s '%s'",
	    it->list->name, it->text);
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
				return err_set(
				    e, ERR_TEMPORARY, _("out of memory"));
		}
	}
	return true;
}

static const struct item *
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

/* The i-th entry against those in front of it. */
static void
check_others(struct check *c, size_t i)
{
	const struct item *it = at(c, i);
	struct arena *a = c->st->m->arena;

	for (size_t k = 0; k < c->items.len; k++) {
		const struct item *o = at(c, k);
		bool same = o->list == it->list;
		if (k == i ||
		    is_sender_list(o->list) != is_sender_list(it->list))
			continue;
		if (!is_sender_list(it->list) &&
		    !(same && str_eq_nocase(str_of(o->text), str_of(it->text))))
			continue;
		if (same && k < i && is_same_meaning(o, it))
			finding(c, it, "duplicate",
			    arena_printf(a, _("is there as '%s' too"), o->text),
			    remove_command(c, it));
		else if (same && !is_same_meaning(o, it) && covers(o, it))
			finding(c, it, "covered",
			    arena_printf(
				a, _("'%s' says the same of more"), o->text),
			    remove_command(c, it));
		else if (!it->list->accepts && o->list->accepts &&
			 is_same_meaning(o, it))
			finding(c, it, "conflict",
			    arena_printf(a, _("%s accepts it (as '%s')"),
				o->list->name, o->text),
			    remove_command(c, it));
	}
}

/* C17: zones parted by another sign than the list takes. */
static void
check_separator(struct check *c, const struct lists_list *l)
{
	const struct setting *s = lists_setting(l);
	struct item it = { .list = l, .text = "" };
	struct settings_row row;
	char wrong = lists_joint(s) == ':' ? ',' : '\0';

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
				lists_joint(s)),
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
	};
	size_t count;
	const struct lists_list *all = lists_all(&count);
	bool ok = load(&c, e);

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
		ok = err_set(e, ERR_TEMPORARY, _("out of memory"));
	*n = c.findings.len;
	*out = ARENA_ARRAY(st->m->arena, *n + 1, struct lists_finding);
	if (*n > 0)
		memcpy(*out, c.findings.data, *n * sizeof(**out));
	vec_clear(&c.items);
	vec_clear(&c.findings);
	return ok;
}

/* Zones anew: without the dead ones, parted as they should be. */
static bool
fix_zones(struct settings_store *st, const struct lists_list *l,
    struct lists_change *c, struct err *e)
{
	struct lists_entry *have;
	struct buf out = BUF_INIT(SETTING_VALUE_MAX);
	char joint = lists_joint(lists_setting(l));
	size_t n;
	bool ok = lists_entries(st, l, &have, &n, e);

	for (size_t i = 0; ok && i < n; i++) {
		if (have[i].problem != NULL) {
			c->touched[c->n_touched++] = have[i].text;
			continue;
		}
		if (out.len > 0)
			(void)buf_add_char(&out, joint);
		(void)buf_add_cstr(&out, have[i].text);
	}
	c->wishes[c->n++] = (struct settings_wish){
		.setting = lists_setting(l),
		.value = out.len > 0 ? arena_cstr(st->m->arena, buf_str(&out))
				     : NULL,
	};
	buf_clear(&out);
	return ok;
}

/* An entry that has another form here, or is there already. */
static void
fix_entry(struct settings_store *st, const struct lists_finding *f,
    struct lists_change *c)
{
	const struct setting *s = lists_setting(f->list);
	struct buf normal = BUF_INIT(SETTING_VALUE_MAX);

	c->touched[c->n_touched++] = f->entry;
	c->wishes[c->n++] =
	    (struct settings_wish){ .setting = s, .target = f->entry };
	if (strcmp(f->kind, "syntax") == 0 &&
	    lists_normal(f->list, str_of(f->entry), &normal, NULL))
		c->wishes[c->n++] = (struct settings_wish){
			.setting = s,
			.target = arena_cstr(st->m->arena, buf_str(&normal)),
			.value = f->list->word,
		};
	buf_clear(&normal);
}

static bool
is_fixable(const struct lists_finding *f, const struct lists_finding *before)
{
	/* one wish an entry, and one for all zones of a list */
	if (f != before && before->list == f->list &&
	    (f->list->word == NULL || strcmp(before->entry, f->entry) == 0))
		return false;
	return strcmp(f->kind, "conflict") != 0 && strcmp(f->kind, "wide") != 0;
}

bool
lists_fix(struct settings_store *st, const struct lists_finding *findings,
    size_t n, struct lists_change *out, struct err *e)
{
	struct arena *a = st->m->arena;
	size_t max = 2 * n + SETTING_VALUE_MAX;

	*out = (struct lists_change){
		.wishes = ARENA_ARRAY(a, max, struct settings_wish),
		.touched = ARENA_ARRAY(a, max, const char *),
	};
	if (out->wishes == NULL || out->touched == NULL)
		return err_set(e, ERR_TEMPORARY, _("out of memory"));
	for (size_t i = 0; i < n; i++) {
		const struct lists_finding *f = &findings[i];
		if (!is_fixable(f, i > 0 ? f - 1 : f))
			continue;
		if (f->list->word != NULL)
			fix_entry(st, f, out);
		else if (!fix_zones(st, f->list, out, e))
			return false;
	}
	return true;
}
