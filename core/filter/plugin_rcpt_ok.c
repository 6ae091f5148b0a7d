/* rcpt_ok (FL-61): whether a recipient is ours. */
#include "core/filter/cdb_int.h"
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

struct rcpt_ok {
	struct name_list hosts; /* rcpthosts; suffixes keep their dot */
	struct str me;          /* lower case */
	struct str cdb;         /* morercpthosts.cdb */
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct rcpt_ok *data = plugin_alloc(s, sizeof(*data), e);
	struct config_lines me;
	if (data == NULL || !name_list_load(s, "rcpthosts", &data->hosts, e) ||
	    !config_lines(s->config, STR("me"), &me, e))
		return false;
	if (me.n > 0) {
		data->me = plugin_lower(s, me.lines[0].text, e);
		if (data->me.ptr == NULL)
			return false;
	}
	data->cdb = config_raw(s->config, STR("morercpthosts.cdb"));
	s->instance->data = data;
	return true;
}

static bool
is_ours(const struct rcpt_ok *data, struct str domain)
{
	if (str_eq(domain, data->me) ||
	    name_list_find(&data->hosts, domain) != NULL ||
	    cdb_has(data->cdb, domain))
		return true;
	/* ".example" holds for all below example, not for example itself */
	for (size_t at = str_find(domain, '.', 1); at < domain.len;
	     at = str_find(domain, '.', at + 1)) {
		struct str suffix = str_sub(domain, at, domain.len);
		if (name_list_find(&data->hosts, suffix) != NULL ||
		    cdb_has(data->cdb, suffix))
			return true;
	}
	return false;
}

static void
on_rcpt(struct plugin_call *c)
{
	struct folded rcpt;
	fold_path(&rcpt, &c->input->rcpt);
	if (c->session->relay_client) {
		plugin_log(c, LEVEL_INFO, "pass, relay client");
		plugin_answer(c, FILTER_OK, "%s", "");
		return;
	}
	bool bare = rcpt.domain.len == 0 && (str_is(rcpt.local, "postmaster") ||
						str_is(rcpt.local, "abuse"));
	if (bare ||
	    (rcpt.domain.len > 0 && is_ours(c->instance->data, rcpt.domain))) {
		plugin_log(c, LEVEL_INFO, "pass, %.*s",
		    STR_ARG(bare ? rcpt.local : rcpt.domain));
		plugin_answer(c, FILTER_OK, "%s", "");
		return;
	}
	plugin_log(
	    c, LEVEL_INFO, "fail, %.*s is not ours", STR_ARG(rcpt.domain));
	plugin_answer(c, FILTER_DENY, "Relaying denied (#5.7.1)");
}

const struct plugin plugin_rcpt_ok = {
	.name = "rcpt_ok",
	.flags = PLUGIN_PAIRS | PLUGIN_TAKES_RCPT,
	.configure = configure,
	.hooks = {
		{ HOOK_RCPT, on_rcpt },
	},
};
