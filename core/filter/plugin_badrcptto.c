/* badrcptto (FL-68): recipients that are refused. */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

struct badrcptto {
	struct address_list addresses;
	struct address_list patterns; /* badrcptto_patterns */
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct badrcptto *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	return data != NULL &&
	       address_list_load(s, "badrcptto", false, &data->addresses, e) &&
	       address_list_load(
		   s, "badrcptto_patterns", true, &data->patterns, e);
}

static void
on_rcpt(struct plugin_call *c)
{
	const struct badrcptto *data = c->instance->data;
	struct folded rcpt;
	fold_path(&rcpt, &c->input->rcpt);
	if (rcpt.domain.len == 0) {
		plugin_log(c, LEVEL_INFO, "skip, no domain");
		return;
	}
	const struct address_line *line =
	    address_list_find(c, &data->addresses, rcpt.address);
	if (line == NULL)
		line = address_list_find(c, &data->patterns, rcpt.address);
	if (line == NULL) {
		plugin_log(c, LEVEL_INFO, "pass");
		return;
	}
	c->session->karma -= 2;
	if (line->text.len > 0)
		plugin_fail(c, "bad recipient", "%.*s", STR_ARG(line->text));
	else
		plugin_fail(c, "bad recipient",
		    "mail to %.*s not accepted here (#5.1.1)",
		    STR_ARG(line->entry));
}

const struct plugin plugin_badrcptto = {
	.name = "badrcptto",
	.status = "5.1.1", /* as of one that is not there */
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS | PLUGIN_SKIPS_IMMUNE,
	.configure = configure,
	.hooks = {
		{ HOOK_RCPT, on_rcpt },
	},
};
