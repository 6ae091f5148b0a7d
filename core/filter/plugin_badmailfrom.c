/* badmailfrom (FL-65, FL-66): envelope senders that are refused. */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct address_list *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	return data != NULL &&
	       address_list_load(s, "badmailfrom", false, data, e);
}

static void
on_mail(struct plugin_call *c)
{
	struct folded sender;
	fold_path(&sender, &c->session->sender);
	if (sender.domain.len == 0) {
		plugin_log(c, LEVEL_INFO, "skip, null sender");
		return;
	}
	const struct address_line *line =
	    address_list_find(c, c->instance->data, sender.address);
	if (line == NULL) {
		plugin_log(c, LEVEL_INFO, "pass");
		return;
	}
	c->session->karma--;
	struct str text = line->text;
	if (text.len == 0)
		text = STR("Your envelope sender is in my badmailfrom list");
	plugin_fail(c, "bad sender", "%.*s", STR_ARG(text));
}

const struct plugin plugin_badmailfrom = {
	.name = "badmailfrom",
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS | PLUGIN_SKIPS_IMMUNE,
	.configure = configure,
	.hooks = {
		{ HOOK_MAIL, on_mail },
	},
};
