/*
 * helo (FL-50 to FL-55): tests on the HELO name, one after the other; how far
 * they go is the policy's. Those that ask the DNS are in helo_dns.c.
 */
#include "core/base/i18n.h"
#include "core/filter/helo_int.h"
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"
#include "core/smtp/limits.h"

enum {
	TIMEOUT_S = 5,
	TIMEOUT_S_MAX = 60
};

/* A line of badhelo. */
struct badhelo {
	struct str name;               /* lower case, when no pattern */
	const struct pattern *pattern; /* NULL: a whole name */
	bool negated;                  /* a leading ! */
};

struct helo {
	const struct badhelo *bad;
	size_t n_bad;
	enum helo_policy policy;
	int64_t timeout_ms;
};

static const struct {
	const char *word;
	enum helo_policy policy;
} policies[] = {
	{ "lenient", HELO_LENIENT },
	{ "rfc", HELO_RFC },
	{ "strict", HELO_STRICT },
};

/* FL-51 */
static const char pattern_marks[] = "{}[]()^$|*+?\\!";

static bool
load_badhelo(struct plugin_setup *s, struct helo *data, struct err *e)
{
	struct config_lines lines;
	if (!config_lines(s->config, STR("badhelo"), &lines, e))
		return false;
	struct badhelo *bad = plugin_array(s, lines.n, sizeof(*bad), e);
	if (bad == NULL)
		return false;
	size_t n = 0;
	for (size_t i = 0; i < lines.n; i++) {
		struct str text = lines.lines[i].text;
		struct badhelo *b = &bad[n];
		if (!has_mark(text, pattern_marks)) {
			b->name = plugin_lower(s, text, e);
			if (b->name.ptr == NULL)
				return false;
			n++;
			continue;
		}
		b->negated = text.ptr[0] == '!';
		if (b->negated)
			text = str_sub(text, 1, text.len);
		b->pattern = plugin_pattern(s, &lines.lines[i], text);
		if (b->pattern != NULL)
			n++;
	}
	data->bad = bad;
	data->n_bad = n;
	return true;
}

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct helo *data = plugin_alloc(s, sizeof(*data), e);
	if (data == NULL || !load_badhelo(s, data, e))
		return false;
	struct str policy = plugin_argument(s, "policy");
	bool is_known = policy.len == 0;
	data->policy = HELO_LENIENT;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		if (str_is(policy, policies[i].word)) {
			data->policy = policies[i].policy;
			is_known = true;
		}
	}
	if (!is_known)
		return config_refuse(s->line, e,
		    _("plugin 'helo': policy is lenient, rfc or strict, not "
		      "'%.*s'"),
		    STR_ARG(policy));
	if (plugin_is_old_name(s, "check_spamhelo"))
		data->policy = HELO_BADHELO;
	data->timeout_ms = MS_PER_S * plugin_argument_number(s, "timeout", 1,
					  TIMEOUT_S_MAX, TIMEOUT_S);
	/* whatever the line says */
	s->instance->reject_type =
	    data->policy == HELO_BADHELO ? FILTER_DENY : FILTER_DENY_DISCONNECT;
	s->instance->has_own_type = true;
	s->instance->data = data;
	return true;
}

/* FL-51: all lines are tried. */
static bool
is_bad(struct plugin_call *c, struct str name)
{
	const struct helo *data = c->instance->data;
	char lower[SMTP_HELO_MAX];
	struct str folded = fold_text(lower, sizeof(lower), name);
	for (size_t i = 0; i < data->n_bad; i++) {
		const struct badhelo *b = &data->bad[i];
		bool hit = b->pattern != NULL
			       ? plugin_pattern_has(c, b->pattern, folded) !=
				     b->negated
			       : str_eq(b->name, folded);
		if (hit)
			return true;
	}
	return false;
}

/* FL-52, as the next two */
static bool
is_false_localhost(struct plugin_call *c, struct str name)
{
	struct net_addr client;
	return str_is_nocase(name, "localhost") &&
	       !(net_addr_parse(c->session->client_ip, &client) &&
		   net_addr_is_loopback(&client));
}

/* "1.2.3.4" in shape, whatever the numbers. */
static bool
looks_like_ipv4(struct str s)
{
	size_t dots = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '.')
			dots++;
		else if (!ascii_is_digit(s.ptr[i]))
			return false;
	}
	return dots == 3;
}

bool
helo_is_literal(struct str name)
{
	return name.len >= 3 && name.ptr[0] == '[' &&
	       name.ptr[name.len - 1] == ']';
}

/* An address in brackets that is not the peer's. */
static bool
is_forged_literal(struct plugin_call *c, struct str name)
{
	static const struct str ipv6 = { "IPv6:", 5 };
	struct net_addr claimed, client;
	if (!helo_is_literal(name))
		return false;
	struct str inner = str_sub(name, 1, name.len - 1);
	bool is_ipv6 = str_starts_nocase(inner, ipv6);
	if (is_ipv6)
		inner = str_sub(inner, ipv6.len, inner.len);
	if (!net_addr_parse(inner, &claimed))
		return is_ipv6 || looks_like_ipv4(inner);
	return !net_addr_parse(c->session->client_ip, &client) ||
	       !net_addr_eq(&claimed, &client);
}

static bool
is_plain_ip(struct plugin_call *c, struct str name)
{
	struct net_addr address;
	(void)c;
	return net_addr_parse(name, &address) || looks_like_ipv4(name);
}

/* FL-53 */
static bool
is_unqualified(struct plugin_call *c, struct str name)
{
	(void)c;
	return !helo_is_literal(name) && str_find(name, '.', 0) == name.len;
}

static bool
has_bad_characters(struct plugin_call *c, struct str name)
{
	(void)c;
	return !is_host_text(name) && !helo_is_literal(name);
}

/* In this order; the first that fails decides. */
static const struct {
	enum helo_policy from; /* the mildest policy that has it */
	bool (*fails)(struct plugin_call *c, struct str name);
	const char *reason;
	const char *text; /* for the peer */
} tests[] = {
	{ HELO_BADHELO, is_bad, "badhelo", NULL /* names the name */ },
	{ HELO_LENIENT, is_false_localhost, "localhost",
	    "You are not localhost" },
	{ HELO_LENIENT, is_forged_literal, "forged literal",
	    "Forged IPs not accepted here" },
	{ HELO_LENIENT, is_plain_ip, "plain IP",
	    "Plain IP is invalid HELO hostname (RFC 2821)" },
	{ HELO_RFC, is_unqualified, "not FQDN",
	    "HELO name is not fully qualified. Read RFC 2821" },
	{ HELO_RFC, has_bad_characters, "invalid FQDN",
	    "HELO name contains invalid FQDN characters. Read RFC 1035" },
};

/* True when one of them failed. */
static bool
fails_a_test(struct plugin_call *c, struct str name)
{
	const struct helo *data = c->instance->data;
	for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
		if (tests[i].from > data->policy || !tests[i].fails(c, name))
			continue;
		c->session->karma--;
		if (tests[i].text != NULL)
			plugin_fail(c, tests[i].reason, "%s", tests[i].text);
		else
			plugin_fail(c, tests[i].reason,
			    "I do not believe you are %.*s.", STR_ARG(name));
		return true;
	}
	return false;
}

static void
on_helo(struct plugin_call *c)
{
	const struct helo *data = c->instance->data;
	struct str name = c->session->helo;
	if (name.len == 0) {
		c->session->karma -= 2;
		plugin_log(c, LEVEL_INFO, "fail, tolerated, empty name");
		return;
	}
	if (fails_a_test(c, name))
		return;
	if (data->policy >= HELO_RFC &&
	    (!helo_dns_is_known(c, name, data->timeout_ms) ||
		!helo_dns_judge(c, name, data->policy, data->timeout_ms)))
		return;
	plugin_log(c, LEVEL_INFO, "pass");
}

/* FL-56: the field itself is written with the others of ours. */
static void
on_data_post(struct plugin_call *c)
{
	c->session->tells_helo = true;
	plugin_drop_field(c, "X-HELO");
}

static const char *const arguments[] = { "policy", "timeout", NULL };

const struct plugin plugin_helo = {
	.name = "helo",
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS | PLUGIN_SKIPS_IMMUNE,
	.configure = configure,
	.arguments = arguments,
	.hooks = {
		{ HOOK_HELO, on_helo },
		{ HOOK_DATA_POST, on_data_post },
	},
};
