/* Names of the client by its address: ptr and the p macro (RFC 7208, 5.5). */
#include "core/auth/spf_int.h"

#include "core/mail/path.h"

static bool
has_address(const struct fact *fact, const struct net_addr *ip)
{
	for (size_t i = 0; i < fact->answer->n; i++)
		if (net_addr_eq(&fact->answer->records[i].as.addr, ip))
			return true;
	return false;
}

/* How well a name suits the p macro (7.3): the domain itself, below it, any. */
static int
rank(struct str name, struct str domain)
{
	if (str_eq_nocase(name, domain))
		return 2;
	return mail_domain_is_within(name, domain) ? 1 : 0;
}

/*
 * Among the names of the client that lead back to its address, the best for
 * 'target'; a match is one at or below it. Errors only drop names.
 */
enum spf_match
spf_ptr_match(struct spf_run *run, struct str target, struct str *name)
{
	const struct net_addr *ip = &run->request->ip;
	uint16_t type = ip->is_ipv6 ? DNS_AAAA : DNS_A;
	const struct fact *ptr =
	    facts_ask(run->facts, dns_reverse_name(run->arena, ip), DNS_PTR);
	*name = (struct str)STR_EMPTY;
	if (ptr == NULL)
		return SPF_NO_MATCH;
	if (ptr->answer == NULL)
		return SPF_MATCH_WAIT;
	size_t n = ptr->answer->status == DNS_OK ? ptr->answer->n : 0;
	int best = -1;
	bool wait = false;
	for (size_t i = 0; i < n && i < SPF_PTR_MAX; i++) {
		struct str host = ptr->answer->records[i].as.host;
		const struct fact *fact = facts_ask(run->facts, host, type);
		if (fact == NULL)
			continue;
		if (fact->answer == NULL) {
			wait = true; /* ask for all of them at once */
			continue;
		}
		int r = rank(host, target);
		if (has_address(fact, ip) && r > best) {
			best = r;
			*name = host;
		}
	}
	if (wait)
		return SPF_MATCH_WAIT;
	return best > 0 ? SPF_MATCH : SPF_NO_MATCH;
}
