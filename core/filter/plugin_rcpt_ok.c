/* rcpt_ok (FL-61): whether a recipient is ours. */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct own_domains *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	return data != NULL && own_domains_load(s, data, e);
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
	if (bare || own_domains_have(c->instance->data, rcpt.domain)) {
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
