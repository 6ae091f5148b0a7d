/* The peer's name by reverse DNS, for logs and the Received field. */
#include "core/filter/limit.h"
#include "core/filter/wait_int.h"

enum {
	PEER_NAME_MS = 5000
};

static const struct dns_answer *
ask(const struct filter_policy *p, struct filter_wait *w,
    const struct net_addr *client)
{
	static const struct dns_answer unknown = { .status = DNS_NODATA };
	w->hook = HOOK_PRE_CONNECTION;
	w->dns_ms = PEER_NAME_MS;
	w->session_dns_ms = filter_policy_limit_ms(p, FILTER_LIMIT_DNS);
	const struct fact *ptr =
	    facts_ask(&w->facts, dns_reverse_name(w->arena, client), DNS_PTR);
	return ptr != NULL ? ptr->answer : &unknown;
}

enum filter_status
filter_session_name(const struct filter_policy *p, struct filter_session *s)
{
	struct net_addr client;
	if (!s->has_dns || !net_addr_parse(s->client_ip, &client))
		return FILTER_RUN_OVER;
	struct filter_wait *w = filter_wait_of(s);
	const struct dns_answer *ptr = w != NULL ? ask(p, w, &client) : NULL;
	if (w != NULL && ptr == NULL)
		return FILTER_RUN_WAITS;
	if (ptr != NULL && ptr->n > 0) {
		struct str name = arena_str(s->arena, ptr->records[0].as.host);
		if (name.ptr != NULL)
			s->client_name = name;
	}
	filter_wait_end(s);
	return FILTER_RUN_OVER;
}
