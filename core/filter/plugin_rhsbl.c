/* rhsbl (FL-104, FL-105): senders whose domain is in a block list. */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"
#include "core/filter/zones_int.h"

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct zone_list *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	/* how it was written once */
	if (s->n_words == 1 && str_is(s->words[0], "disconnect"))
		s->instance->reject_type = FILTER_DENY_DISCONNECT;
	return data != NULL && zone_list_load(s, "rhsbl_zones", " \t", data, e);
}

static void
on_mail(struct plugin_call *c)
{
	struct folded sender;
	struct zone_hit hit;
	char reason[FILTER_TEXT_SIZE];
	fold_path(&sender, &c->session->sender);
	if (sender.domain.len == 0) {
		plugin_log(c, LEVEL_INFO, "skip, null sender");
		return;
	}
	if (sender.domain.ptr[0] == '[') {
		plugin_log(c, LEVEL_INFO, "skip, address literal");
		return;
	}
	if (!zone_list_ask(c, c->instance->data, sender.domain, &hit))
		return;
	if (hit.zone == NULL) {
		plugin_log(c, LEVEL_INFO, "pass");
		return;
	}
	snprintf(reason, sizeof(reason), "%.*s", STR_ARG(hit.zone->name));
	if (hit.text.len == 0)
		plugin_fail(c, reason,
		    "Mail from %.*s rejected because it is listed by %.*s",
		    STR_ARG(sender.domain), STR_ARG(hit.zone->name));
	else
		plugin_fail(c, reason,
		    "Mail from %.*s rejected because it %.*s",
		    STR_ARG(sender.domain), STR_ARG(hit.text));
}

static const char *const lone_words[] = { "disconnect", NULL };

const struct plugin plugin_rhsbl = {
	.name = "rhsbl",
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS | PLUGIN_SKIPS_IMMUNE,
	.denies_with = FILTER_DENY,
	.configure = configure,
	.lone_words = lone_words,
	.hooks = {
		{ HOOK_MAIL, on_mail },
	},
};
