/* Pairs, and the plugin under both of its names. */
#include "core/model/pairs.h"

#include "core/mail/idna.h"
#include "core/base/i18n.h"
#include "core/model/settings_int.h"
#include "core/sys/file.h"

#include <string.h>

#define CUSTOM "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/"

static const struct setting *
pairs_setting(void)
{
	return setting_find(STR("lists.from-to"));
}

bool
pairs_list(
    struct settings_store *st, struct pair **out, size_t *n, struct err *e)
{
	const struct setting *s = pairs_setting();
	const char *const *names;

	if (!settings_targets(st, s, false, &names, n, e))
		return false;
	*out = ARENA_ARRAY(st->m->arena, *n + 1, struct pair);
	for (size_t i = 0; i < *n; i++) {
		struct str rest = str_of(names[i]), word = STR_EMPTY;
		struct err why = ERR_INIT;
		struct pair *p = &(*out)[i];
		p->target = names[i];
		(void)str_next_word(&rest, &word);
		p->from = arena_cstr(st->m->arena, word);
		p->to = arena_cstr(st->m->arena, str_trim(rest));
		if (!setting_target_check(s, str_of(names[i]), &why))
			p->problem = arena_cstr(st->m->arena, str_of(why.text));
	}
	return true;
}

bool
pairs_target(struct settings_store *st, const char *from, const char *to,
    const char **target, struct err *e)
{
	char *text = arena_printf(st->m->arena, "%s\t%s",
	    idna_typed(st->m->arena, from), idna_typed(st->m->arena, to));

	for (char *c = text; *c != '\0'; c++)
		*c = ascii_lower(*c);
	*target = text;
	return setting_target_check(pairs_setting(), str_of(text), e);
}

static bool
has_new_names(const struct model_ctx *m)
{
	return setting_on_release(
	    setting_find(STR("lists.from-to-plugin-remote-new")), m->release);
}

const char *
pairs_switch(const struct model_ctx *m, bool inside, bool leftover)
{
	if (has_new_names(m) != leftover)
		return inside ? "lists.from-to-plugin-local-new"
			      : "lists.from-to-plugin-remote-new";
	return inside ? "lists.from-to-plugin-local-old"
		      : "lists.from-to-plugin-remote-old";
}

static bool
is_loaded(struct settings_store *st, bool inside, bool *out, struct err *e)
{
	const struct setting *s =
	    setting_find(str_of(pairs_switch(st->m, inside, false)));
	struct settings_row row;

	if (!settings_read_value(st, s, NULL, &row, e))
		return false;
	*out = row.is_stored;
	return true;
}

bool
pairs_plugin(struct settings_store *st, struct pairs_plugin *out, struct err *e)
{
	bool new = has_new_names(st->m);
	const char *other = new ? "31check_badmailfromto" : "31badmailfromto";
	const char *const folders[] = { "peers/0/", "peers/local/",
		"plugins/" };
	size_t n = 0;

	*out = (struct pairs_plugin){
		.name = new ? "badmailfromto" : "check_badmailfromto",
	};
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char real[SYS_PATH_MAX];
		const char *path = arena_printf(
		    st->m->arena, CUSTOM "%s%s", folders[i], other);
		if (!root_path(st->m->root, path, real, e))
			return false;
		if (file_exists(real))
			out->leftovers[n++] = path;
	}
	return is_loaded(st, false, &out->outside, e) &&
	       is_loaded(st, true, &out->inside, e);
}
