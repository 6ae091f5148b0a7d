/* relay (FL-62): which clients may send anywhere. */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

struct relay {
	struct block_list never; /* norelayclients */
	struct block_list clients;
	struct block_list more;
	bool only; /* mail of relay clients alone is taken */
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct relay *data = plugin_alloc(s, sizeof(*data), e);
	if (data == NULL ||
	    !block_list_load(
		s, "norelayclients", NET_RULE_DOTTED, &data->never, e) ||
	    !block_list_load(
		s, "relayclients", NET_RULE_DOTTED, &data->clients, e) ||
	    !block_list_load(
		s, "morerelayclients", NET_RULE_DOTTED, &data->more, e))
		return false;
	data->only = plugin_is_old_name(s, "relay_only") ||
		     plugin_argument_flag(s, "only", false);
	s->instance->data = data;
	return true;
}

/* check_relay and relay_only are one plugin, with the argument of the latter */
static bool
merge(
    struct plugin_setup *s, const struct plugin_instance *there, struct err *e)
{
	struct relay *data = there->data;
	(void)e;
	data->only = data->only || plugin_is_old_name(s, "relay_only");
	return true;
}

static void
on_connect(struct plugin_call *c)
{
	const struct relay *data = c->instance->data;
	struct filter_session *s = c->session;
	struct net_addr client;
	bool is_known = net_addr_parse(s->client_ip, &client);
	const char *why = NULL;
	if (is_known && block_list_has(&data->never, &client)) {
		s->relay_client = false;
		plugin_log(c, LEVEL_INFO, "fail, norelayclients");
		return;
	}
	if (s->relay_env)
		why = "RELAYCLIENT";
	else if (is_known && (block_list_has(&data->clients, &client) ||
				 block_list_has(&data->more, &client)))
		why = "relayclients";
	else if (is_known && client.is_ipv6 && net_addr_is_loopback(&client))
		why = "loopback";
	if (why == NULL) {
		plugin_log(c, LEVEL_INFO, "skip, no match");
		return;
	}
	s->relay_client = true;
	plugin_log(c, LEVEL_INFO, "pass, %s", why);
}

static void
on_rcpt(struct plugin_call *c)
{
	const struct relay *data = c->instance->data;
	if (!data->only)
		return;
	if (c->session->relay_client) {
		plugin_log(c, LEVEL_INFO, "pass, relay client");
		plugin_answer(c, FILTER_OK, "%s", "");
		return;
	}
	plugin_log(c, LEVEL_INFO, "fail, relay clients only");
	plugin_answer(c, FILTER_DENY, "Relaying denied (#5.7.1)");
}

static const char *const arguments[] = { "only", NULL };

const struct plugin plugin_relay = {
	.name = "relay",
	.flags = PLUGIN_PAIRS | PLUGIN_TAKES_RCPT,
	.configure = configure,
	.merge = merge,
	.arguments = arguments,
	.hooks = {
		{ HOOK_CONNECT, on_connect },
		{ HOOK_RCPT, on_rcpt },
	},
};
