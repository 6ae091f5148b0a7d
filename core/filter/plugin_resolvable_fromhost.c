/*
 * resolvable_fromhost (FL-85, FL-86): a sender whose domain could not be
 * answered. Names are asked as they are, without any search list.
 */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

enum {
	TIMEOUT_MS = 30 * 1000,
	EXCHANGERS_MAX = 20
};

struct fromhost {
	struct block_list invalid;
	bool off; /* require_resolvable_fromhost 0 */
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct fromhost *data = plugin_alloc(s, sizeof(*data), e);
	struct config_lines old;
	s->instance->data = data;
	if (data == NULL || !config_lines(s->config,
				STR("require_resolvable_fromhost"), &old, e))
		return false;
	data->off = old.n > 0 && str_is(old.lines[0].text, "0");
	return block_list_load(s, "invalid_resolvable_fromhost",
	    NET_RULE_DOTTED, &data->invalid, e);
}

/* What is known of a domain, the best of it. */
enum finding {
	FOUND_NOTHING, /* learnt: there is none */
	FOUND_UNKNOWN, /* could not be asked */
	FOUND_GOOD
};

/* Lists of old know IPv4 alone: ::1 is what 127.0.0.1 is. */
static bool
is_invalid(const struct fromhost *data, const struct net_addr *a)
{
	struct net_addr v4 = *a;
	if (a->is_ipv6 && net_addr_is_loopback(a) &&
	    net_addr_parse(STR("127.0.0.1"), &v4) &&
	    block_list_has(&data->invalid, &v4))
		return true;
	return block_list_has(&data->invalid, a);
}

static enum finding
judge_addresses(const struct fromhost *data, const struct dns_answer *answer)
{
	if (answer == NULL)
		return FOUND_NOTHING;
	for (size_t i = 0; i < answer->n; i++) {
		if (!is_invalid(data, &answer->records[i].as.addr))
			return FOUND_GOOD;
	}
	return dns_is_answer(answer->status) || answer->status == DNS_NOT_A_NAME
		   ? FOUND_NOTHING
		   : FOUND_UNKNOWN;
}

static enum finding
find_host(struct plugin_call *c, struct str name)
{
	const struct fromhost *data = c->instance->data;
	const struct dns_answer *a = plugin_dns(c, name, DNS_A, TIMEOUT_MS);
	if (a == NULL) /* mostly it is enough: no second question yet */
		return FOUND_NOTHING;
	enum finding v4 = judge_addresses(data, a);
	if (v4 == FOUND_GOOD)
		return v4;
	enum finding v6 =
	    judge_addresses(data, plugin_dns(c, name, DNS_AAAA, TIMEOUT_MS));
	return v4 > v6 ? v4 : v6;
}

static enum finding
find_exchangers(struct plugin_call *c, const struct dns_answer *mx)
{
	enum finding best = FOUND_NOTHING;
	for (size_t i = 0; i < mx->n && i < EXCHANGERS_MAX; i++) {
		enum finding f = find_host(c, mx->records[i].as.mx.host);
		best = f > best ? f : best;
	}
	return best;
}

/* RFC 7505: the domain takes no mail, so none comes from it. */
static bool
is_null_mx(const struct dns_answer *mx)
{
	return mx->n == 1 && str_is(mx->records[0].as.mx.host, ".");
}

static void
fail(struct plugin_call *c, const char *reason)
{
	enum filter_result type = c->instance->reject_type;
	bool soft =
	    type == FILTER_DENYSOFT || type == FILTER_DENYSOFT_DISCONNECT;
	c->session->karma--;
	plugin_fail(c, reason, "FQDN required in the envelope sender (#%s)",
	    soft ? "4.1.8" : "5.1.8");
}

/* Nothing was learnt. */
static void
fail_unknown(struct plugin_call *c)
{
	c->session->karma--;
	plugin_fail(c, "DNS cannot be asked",
	    "Temporary address resolution failure (#4.4.3)");
}

/* FL-85: for good, whatever the line says. */
static void
fail_null_mx(struct plugin_call *c)
{
	c->session->karma--;
	plugin_fail_as(c, FILTER_DENY, "null MX",
	    "FQDN required in the envelope sender (#5.1.8)");
}

static void
judge(struct plugin_call *c, const struct dns_answer *mx, struct str domain)
{
	if (is_null_mx(mx)) {
		fail_null_mx(c);
		return;
	}
	/* RFC 5321 5.1: its address counts only where there is no MX for sure
	 */
	if (!dns_is_answer(mx->status) && mx->status != DNS_NOT_A_NAME) {
		fail_unknown(c);
		return;
	}
	enum finding f =
	    mx->n > 0 ? find_exchangers(c, mx) : find_host(c, domain);
	if (c->waits)
		return;
	c->session->karma -= mx->n > 0 ? f != FOUND_GOOD : 1;
	if (f == FOUND_GOOD)
		plugin_log(c, LEVEL_INFO, "pass, %s",
		    mx->n > 0 ? "has MX" : "no MX, but an address");
	else if (f == FOUND_UNKNOWN)
		fail_unknown(c);
	else
		fail(c, mx->n > 0 ? "no good MX" : "does not resolve");
}

static void
on_mail(struct plugin_call *c)
{
	const struct fromhost *data = c->instance->data;
	struct str domain = c->session->sender.domain;
	if (data->off)
		return;
	if (domain.len == 0) {
		plugin_log(c, LEVEL_INFO, "pass, null sender");
		return;
	}
	if (domain.ptr[0] == '[') {
		c->session->karma--;
		plugin_log(c, LEVEL_INFO, "pass, domain literal");
		return;
	}
	const struct dns_answer *mx = plugin_dns(c, domain, DNS_MX, TIMEOUT_MS);
	if (mx != NULL)
		judge(c, mx, domain);
}

const struct plugin plugin_resolvable_fromhost = {
	.name = "resolvable_fromhost",
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS | PLUGIN_SKIPS_IMMUNE,
	.denies_with = FILTER_DENYSOFT,
	.configure = configure,
	.hooks = {
		{ HOOK_MAIL, on_mail },
	},
};
