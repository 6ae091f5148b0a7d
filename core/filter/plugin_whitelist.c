/*
 * whitelist (FL-97): hosts and senders that other plugins let pass. It never
 * gives leave to relay.
 */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"
#include "core/smtp/limits.h"

enum {
	HOST_KARMA = 5
};

struct whitelist {
	struct block_list hosts;
	struct name_list helos;
	struct name_list senders; /* addresses and domains */
	struct name_list rcpts;
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct whitelist *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	return data != NULL &&
	       block_list_load(
		   s, "whitelisthosts", NET_RULE_BEGINNING, &data->hosts, e) &&
	       name_list_load(s, "whitelisthelo", &data->helos, e) &&
	       name_list_load(s, "whitelistsenders", &data->senders, e) &&
	       name_list_load(s, "whitelistrcpt", &data->rcpts, e);
}

static void
on_connect(struct plugin_call *c)
{
	const struct whitelist *data = c->instance->data;
	struct net_addr client;
	if (!net_addr_parse(c->session->client_ip, &client) ||
	    !block_list_has(&data->hosts, &client))
		return;
	c->session->host_whitelisted = true;
	c->session->karma += HOST_KARMA;
	plugin_log(c, LEVEL_INFO, "pass, whitelisted host");
	plugin_answer(c, FILTER_OK, "%s", "");
}

static void
on_helo(struct plugin_call *c)
{
	const struct whitelist *data = c->instance->data;
	char lower[SMTP_HELO_MAX];
	struct str name = fold_text(lower, sizeof(lower), c->session->helo);
	if (name.len == 0 || name_list_find(&data->helos, name) == NULL)
		return;
	plugin_log(c, LEVEL_INFO, "pass, whitelisted helo");
	plugin_answer(c, FILTER_OK, "%s", "");
}

/* Whole, by its domain, or by @domain, as people write it too. */
static bool
is_listed(const struct name_list *names, const struct folded *f)
{
	return f->domain.len > 0 &&
	       (name_list_find(names, f->address) != NULL ||
		   name_list_find(names, f->domain) != NULL ||
		   name_list_find(names, f->at_domain) != NULL);
}

static void
on_mail(struct plugin_call *c)
{
	const struct whitelist *data = c->instance->data;
	struct folded sender;
	fold_path(&sender, &c->session->sender);
	if (!is_listed(&data->senders, &sender))
		return;
	c->session->sender_whitelisted = true;
	plugin_log(c, LEVEL_INFO, "pass, whitelisted sender");
	plugin_answer(c, FILTER_OK, "%s", "");
}

static void
on_rcpt(struct plugin_call *c)
{
	const struct whitelist *data = c->instance->data;
	struct folded rcpt;
	fold_path(&rcpt, &c->input->rcpt);
	if (!is_listed(&data->rcpts, &rcpt))
		return;
	plugin_log(c, LEVEL_INFO, "pass, whitelisted recipient");
	c->rcpt_listed = true;
}

const struct plugin plugin_whitelist = {
	.name = "whitelist",
	.configure = configure,
	.hooks = {
		{ HOOK_CONNECT, on_connect },
		{ HOOK_HELO, on_helo },
		{ HOOK_MAIL, on_mail },
		{ HOOK_RCPT, on_rcpt },
	},
};
