/* The domains that mail is taken for (FL-61). */
#include "core/filter/cdb_int.h"
#include "core/filter/lists_int.h"

bool
own_domains_load(struct plugin_setup *s, struct own_domains *out, struct err *e)
{
	struct config_lines me;
	if (!name_list_load(s, "rcpthosts", &out->hosts, e) ||
	    !config_lines(s->config, STR("me"), &me, e))
		return false;
	if (me.n > 0) {
		out->me = plugin_lower(s, me.lines[0].text, e);
		if (out->me.ptr == NULL)
			return false;
	}
	out->cdb = config_raw(s->config, STR("morercpthosts.cdb"));
	return true;
}

static bool
is_listed(const struct own_domains *d, struct str name)
{
	return name_list_find(&d->hosts, name) != NULL || cdb_has(d->cdb, name);
}

bool
own_domains_have(const struct own_domains *d, struct str domain)
{
	if (domain.len == 0)
		return false;
	if (str_eq(domain, d->me) || is_listed(d, domain))
		return true;
	/* ".example" holds for all below example, not for example itself */
	for (size_t at = str_find(domain, '.', 1); at < domain.len;
	     at = str_find(domain, '.', at + 1)) {
		if (is_listed(d, str_sub(domain, at, domain.len)))
			return true;
	}
	return false;
}
