/* What the DNS says about a HELO name (FL-54, FL-55). */
#include "core/filter/helo_int.h"

#include "core/filter/plugins_int.h"

enum {
	NAMES_MAX = 20
};

struct helo_dns {
	const struct dns_answer *a, *aaaa; /* of the name; NULL: a literal */
	const struct dns_answer *ptr;      /* of the peer */
	struct net_addr client;
	bool forward, reverse; /* they match */
};

static void
ask(struct plugin_call *c, struct str name, int64_t timeout_ms,
    struct helo_dns *d)
{
	static const struct dns_answer unknown = { .status = DNS_TIMEOUT };
	struct arena *arena = plugin_scratch(c);
	*d = (struct helo_dns){ .ptr = &unknown };
	if (!helo_is_literal(name)) {
		d->a = plugin_dns(c, name, DNS_A, timeout_ms);
		d->aaaa = plugin_dns(c, name, DNS_AAAA, timeout_ms);
	}
	if (arena != NULL && net_addr_parse(c->session->client_ip, &d->client))
		d->ptr = plugin_dns(c, dns_reverse_name(arena, &d->client),
		    DNS_PTR, timeout_ms);
}

bool
helo_dns_is_known(struct plugin_call *c, struct str name, int64_t timeout_ms)
{
	struct helo_dns d;
	ask(c, name, timeout_ms, &d);
	return !c->waits;
}

static bool
leads_to_peer(const struct dns_answer *answer, const struct net_addr *client)
{
	for (size_t i = 0; i < answer->n; i++) {
		const struct net_addr *addr = &answer->records[i].as.addr;
		if (net_addr_eq(addr, client) ||
		    plugin_same_network(addr, client))
			return true;
	}
	return false;
}

/* NULL: passed. */
static const char *
judge_forward(struct helo_dns *d)
{
	if (d->a == NULL)
		return NULL;
	d->forward = leads_to_peer(d->a, &d->client) ||
		     leads_to_peer(d->aaaa, &d->client);
	if (d->a->n > 0 || d->aaaa->n > 0)
		return NULL;
	if (d->a->status == DNS_NXDOMAIN || d->a->status == DNS_NOT_A_NAME)
		return "HELO hostname does not exist";
	if (dns_is_answer(d->a->status) && dns_is_answer(d->aaaa->status))
		return "HELO hostname did not resolve";
	return NULL;
}

/* The last two labels: "mx1.example.org" gives "example.org". */
static struct str
last_two_labels(struct str name)
{
	unsigned dots = 0;
	for (size_t i = name.len; i > 0; i--) {
		if (name.ptr[i - 1] == '.' && ++dots == 2)
			return str_sub(name, i, name.len);
	}
	return name;
}

/* False: there is none, for sure. A zone that does not answer says nothing. */
static bool
has_reverse(struct str name, struct helo_dns *d)
{
	struct str domain = last_two_labels(name);
	for (size_t i = 0; i < d->ptr->n && i < NAMES_MAX; i++) {
		struct str host = d->ptr->records[i].as.host;
		d->reverse = d->reverse || str_eq_nocase(host, name) ||
			     str_eq_nocase(last_two_labels(host), domain);
	}
	return d->ptr->n > 0 || !dns_is_answer(d->ptr->status);
}

static bool
fail(struct plugin_call *c, const char *reason, const char *text)
{
	c->session->karma--;
	plugin_fail(c, reason, "%s", text);
	return false;
}

static bool
judge_strictly(struct plugin_call *c, struct str name, const struct helo_dns *d)
{
	if (helo_is_literal(name))
		return fail(c, "literal",
		    "RFC 2821 allows an address literal, but we do not");
	if (!d->forward && !d->reverse)
		return fail(c, "no match", "That HELO hostname fails FCrDNS");
	if (d->forward && d->reverse)
		c->session->karma++;
	return true;
}

bool
helo_dns_judge(struct plugin_call *c, struct str name, enum helo_policy policy,
    int64_t timeout_ms)
{
	struct helo_dns d;
	ask(c, name, timeout_ms, &d); /* all of it is known by now */
	const char *forward = judge_forward(&d);
	if (forward != NULL)
		return fail(c, "no forward DNS", forward);
	if (!has_reverse(name, &d)) {
		c->session->karma--;
		plugin_fail(c, "no reverse DNS", "no rDNS for %.*s",
		    STR_ARG(c->session->client_ip));
		return false;
	}
	return policy < HELO_STRICT || judge_strictly(c, name, &d);
}
