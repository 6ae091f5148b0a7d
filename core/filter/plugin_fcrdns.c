/* fcrdns (FL-46): does the peer's name lead back to it? It never rejects. */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

enum {
	TIMEOUT_MS = 10000,
	NAMES_MAX = 10,
	NET_BITS = 24, /* as near as that is near enough */
	NET_BITS_IPV6 = 96
};

enum match {
	MATCH_UNRESOLVED,
	MATCH_UNKNOWN, /* could not be asked */
	MATCH_ELSEWHERE,
	MATCH_NETWORK,
	MATCH_ADDRESS
};

bool
plugin_same_network(const struct net_addr *a, const struct net_addr *b)
{
	struct net_block block = { *a, a->is_ipv6 ? NET_BITS_IPV6 : NET_BITS };
	return a->is_ipv6 == b->is_ipv6 && net_block_has(&block, b);
}

static void
note(struct plugin_call *c, const char *iprev, int karma, const char *why)
{
	c->session->karma += karma;
	if (iprev != NULL)
		c->session->iprev = iprev;
	plugin_log(c, LEVEL_INFO, "%s", why);
}

static bool
is_host_name(struct str name)
{
	return is_host_text(name) && str_find(name, '.', 0) < name.len;
}

static enum match
match_records(const struct dns_answer *answer, const struct net_addr *client)
{
	enum match best =
	    dns_is_answer(answer->status) || answer->status == DNS_NOT_A_NAME
		? MATCH_UNRESOLVED
		: MATCH_UNKNOWN;
	for (size_t i = 0; i < answer->n; i++) {
		const struct net_addr *addr = &answer->records[i].as.addr;
		enum match m = net_addr_eq(addr, client) ? MATCH_ADDRESS
			       : plugin_same_network(addr, client)
				   ? MATCH_NETWORK
				   : MATCH_ELSEWHERE;
		best = m > best ? m : best;
	}
	return best;
}

/* The best of all names; all of them are asked at once. */
static enum match
match_names(struct plugin_call *c, const struct dns_answer *ptr,
    const struct net_addr *client)
{
	enum match best = MATCH_UNRESOLVED;
	for (size_t i = 0; i < ptr->n && i < NAMES_MAX; i++) {
		const struct dns_answer *a =
		    plugin_dns(c, ptr->records[i].as.host,
			client->is_ipv6 ? DNS_AAAA : DNS_A, TIMEOUT_MS);
		enum match m =
		    a != NULL ? match_records(a, client) : MATCH_UNRESOLVED;
		best = m > best ? m : best;
	}
	return best;
}

static void
judge(struct plugin_call *c, const struct dns_answer *ptr,
    const struct net_addr *client)
{
	static const struct {
		const char *iprev;
		int karma;
		const char *why;
	} outcomes[] = {
		[MATCH_UNRESOLVED] = { "fail", -1, "fail, no name resolves" },
		[MATCH_UNKNOWN] = { "temperror", 0,
		    "skip, the name cannot be asked" },
		[MATCH_ELSEWHERE] = { "fail", 0, "fail, no match" },
		[MATCH_NETWORK] = { "pass", 0, "pass, same network" },
		[MATCH_ADDRESS] = { "pass", 1, "pass" },
	};
	struct str name = ptr->records[0].as.host;
	if (str_is(name, "localhost")) {
		note(c, NULL, -1, "fail, not localhost");
		return;
	}
	if (!is_host_name(name)) {
		note(c, NULL, -1, "fail, invalid host name");
		return;
	}
	enum match m = match_names(c, ptr, client);
	if (!c->waits)
		note(c, outcomes[m].iprev, outcomes[m].karma, outcomes[m].why);
}

static void
on_connect(struct plugin_call *c)
{
	struct net_addr client;
	if (!net_addr_parse(c->session->client_ip, &client))
		return;
	if (net_addr_is_loopback(&client)) {
		note(c, NULL, 1, "pass, loopback");
		return;
	}
	struct arena *a = plugin_scratch(c);
	if (a == NULL)
		return;
	const struct dns_answer *ptr =
	    plugin_dns(c, dns_reverse_name(a, &client), DNS_PTR, TIMEOUT_MS);
	if (ptr == NULL)
		return;
	if (ptr->n > 0)
		judge(c, ptr, &client);
	else if (dns_is_answer(ptr->status))
		note(c, "permerror", -1, "fail, no reverse DNS");
	else
		note(c, "temperror", 0, "skip, reverse DNS cannot be asked");
}

const struct plugin plugin_fcrdns = {
	.name = "fcrdns",
	.flags = PLUGIN_PAIRS | PLUGIN_SKIPS_IMMUNE,
	.hooks = {
		{ HOOK_CONNECT, on_connect },
	},
};
