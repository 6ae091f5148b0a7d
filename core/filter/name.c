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

/* Of a host; else it would only fill logs and fields with escapes. */
static bool
is_host_name(struct str name)
{
	size_t plain = 0;
	while (plain < name.len &&
	       (ascii_is_alnum(name.ptr[plain]) || name.ptr[plain] == '-' ||
		   name.ptr[plain] == '_' || name.ptr[plain] == '.'))
		plain++;
	return name.len > 0 && plain == name.len && name.ptr[0] != '.';
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
	for (size_t i = 0; ptr != NULL && i < ptr->n; i++) {
		struct str host = ptr->records[i].as.host;
		struct str name = STR_EMPTY;
		if (is_host_name(host))
			name = arena_str(s->arena, host);
		if (name.ptr == NULL)
			continue;
		s->client_name = name;
		break;
	}
	filter_wait_end(s);
	return FILTER_RUN_OVER;
}
