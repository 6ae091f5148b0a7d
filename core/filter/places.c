/* Where plugins remember, and what a policy has of such places. */
#include "core/base/i18n.h"
#include "core/filter/policy_int.h"

#include <string.h>

bool
plugin_state_place(struct plugin_setup *s, enum filter_state_kind kind,
    const char *otherwise, struct filter_state_place *out, struct err *e)
{
	struct str dir = plugin_argument(s, "db_dir");
	if (dir.len == 0)
		dir = str_of(otherwise);
	if (dir.ptr[0] != '/' || dir.len >= STATE_DIR_MAX)
		return config_refuse(s->line, e,
		    _("plugin '%s': db_dir '%.*s' is no absolute path"),
		    s->instance->written, STR_ARG(dir));
	out->kind = kind;
	out->dir = plugin_cstr(s, dir, e);
	return out->dir != NULL;
}

/* One that is there already is kept as long as the longer of both. */
static size_t
add_place(struct filter_state_place *out, size_t n,
    const struct filter_state_place *place)
{
	for (size_t i = 0; i < n; i++) {
		if (out[i].kind != place->kind ||
		    strcmp(out[i].dir, place->dir) != 0)
			continue;
		if (out[i].keep_s < place->keep_s)
			out[i].keep_s = place->keep_s;
		return n;
	}
	if (n < STATE_PLACES_MAX)
		out[n++] = *place;
	return n;
}

static size_t
add_list(struct filter_state_place *out, size_t n, const struct plugin_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->instances[i].plugin->flags & PLUGIN_REMEMBERS)
			n = add_place(out, n, l->instances[i].data);
	}
	return n;
}

size_t
filter_policy_states(const struct filter_policy *p,
    struct filter_state_place out[STATE_PLACES_MAX])
{
	size_t n = add_list(out, 0, &p->main);
	for (size_t i = 0; i < p->peers.len; i++)
		n = add_list(out, n, VEC_AT(&p->peers, struct peer, i)->list);
	return n;
}
