/* The wishes that put right what is wrong in the lists. */
#include "core/model/lists_int.h"

#include "core/model/settings_int.h"

#include <string.h>

/* Zones anew: without the dead ones, parted as they should be. */
static bool
fix_zones(struct settings_store *st, const struct lists_list *l,
    struct lists_change *c, struct err *e)
{
	struct lists_entry *have;
	struct buf out = BUF_INIT(SETTING_VALUE_MAX);
	char joint = setting_joint(lists_setting(l));
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
		return err_no_memory(e);
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
