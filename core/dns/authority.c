/* From a domain to its authoritative servers. */
#include "core/dns/authority.h"

#include "core/base/i18n.h"

enum {
	PARENTS_MAX = 16
};

/* The NS records of the domain and of each parent, asked at once. */
static const struct dns_answer *
servers_ask(struct dns *d, struct arena *a, struct str domain,
    struct dns_authority *out)
{
	struct dns_question q[PARENTS_MAX];
	size_t n = 0;
	for (struct str at = domain; at.len > 0 && n < PARENTS_MAX;
	     str_cut(at, '.', &at))
		q[n++] = (struct dns_question){ .name = at, .type = DNS_NS };
	dns_ask_all(d, a, q, n);
	out->no_domain = n > 0 && q[0].answer->status == DNS_NXDOMAIN;
	for (size_t i = 0; i < n; i++) {
		if (q[i].answer->status == DNS_OK)
			return q[i].answer;
		/* a parent's servers would be the wrong ones */
		if (!dns_is_answer(q[i].answer->status)) {
			out->reason = q[i].answer->reason;
			return NULL;
		}
	}
	out->reason =
	    str_of(out->no_domain ? dns_status_text(DNS_NXDOMAIN)
				  : _("no name servers are published for it"));
	return NULL;
}

static void
server_add(struct dns_authority *out, struct arena *a, struct str name,
    const struct net_addr *addr, uint16_t port)
{
	char text[NET_ADDR_TEXT_SIZE];
	if (out->n == DNS_AUTHORITY_MAX)
		return;
	out->servers[out->n++] = (struct dns_authority_server){ .name = name,
		.at = { *addr, port },
		.shown = arena_printf(
		    a, "%.*s %s", STR_ARG(name), net_addr_format(addr, text)) };
}

bool
dns_authority_find(struct dns *d, struct arena *a, struct str domain,
    struct dns_authority *out)
{
	*out = (struct dns_authority){ .n = 0 };
	const struct dns_answer *ns = servers_ask(d, a, domain, out);
	if (ns == NULL)
		return false;
	out->zone = ns->canonical;
	size_t names = ns->n < DNS_AUTHORITY_MAX ? ns->n : DNS_AUTHORITY_MAX;
	struct dns_question *q = ARENA_ARRAY(a, 2 * names, struct dns_question);
	for (size_t i = 0; i < 2 * names; i++) {
		q[i].name = ns->records[i / 2].as.host;
		q[i].type = i % 2 == 0 ? DNS_A : DNS_AAAA;
	}
	dns_ask_all(d, a, q, 2 * names);
	for (size_t i = 0; i < 2 * names; i++) {
		for (size_t k = 0; k < q[i].answer->n; k++)
			server_add(out, a, q[i].name,
			    &q[i].answer->records[k].as.addr,
			    dns_port_of(d, &q[i].answer->records[k].as.addr));
		if (!dns_is_answer(q[i].answer->status))
			out->reason = q[i].answer->reason;
	}
	if (out->n == 0 && out->reason.len == 0)
		out->reason = str_of(_("its name servers have no addresses"));
	return out->n > 0;
}

static bool
leads_away(const struct dns_answer *answer)
{
	return dns_is_answer(answer->status) && answer->n == 0 &&
	       answer->n_chain > 0;
}

void
dns_authority_ask_all(
    struct dns *d, struct arena *a, struct dns_question *q, size_t n)
{
	struct dns_question *ends = ARENA_ARRAY(a, n, struct dns_question);
	size_t n_ends = 0;
	dns_ask_all(d, a, q, n);
	for (size_t i = 0; i < n; i++) {
		if (leads_away(q[i].answer))
			ends[n_ends++] = (struct dns_question){
				.name = q[i].answer->canonical,
				.type = q[i].type,
				.how = { .deadline_ms = q[i].how.deadline_ms }
			};
	}
	dns_ask_all(d, a, ends, n_ends);
	for (size_t i = 0, at = 0; i < n; i++) {
		if (leads_away(q[i].answer))
			q[i].answer = ends[at++].answer;
	}
}
