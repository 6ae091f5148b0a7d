/* dns_whitelist_soft (FL-98): hosts that a list of the DNS speaks for. */
#include "core/filter/plugins_int.h"
#include "core/filter/zones_int.h"

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct zone_list *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	return data != NULL &&
	       zone_list_load(s, "whitelist_zones", " \t:", data, e);
}

static void
on_rcpt(struct plugin_call *c)
{
	struct filter_session *s = c->session;
	struct net_addr client;
	struct zone_hit hit;
	struct arena *a = plugin_scratch(c);
	if (s->host_whitelisted || s->n_rcpts > 0 || a == NULL ||
	    !net_addr_parse(s->client_ip, &client) ||
	    !zone_list_ask(
		c, c->instance->data, dns_reversed(a, &client), &hit))
		return;
	if (hit.zone == NULL)
		return;
	s->host_whitelisted = true;
	plugin_log(c, LEVEL_INFO, "pass, whitelisted by %.*s",
	    STR_ARG(hit.zone->name));
}

const struct plugin plugin_dns_whitelist_soft = {
	.name = "dns_whitelist_soft",
	.configure = configure,
	.hooks = {
		{ HOOK_RCPT, on_rcpt },
	},
};
