/*
 * helo (FL-50 to FL-52): tests on the HELO name, policy lenient. The policies
 * rfc and strict need DNS and are refused at load.
 */
#include "core/base/i18n.h"
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

#include <string.h>

enum {
	HELO_NAME_MAX = 512
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
	bool badhelo_only; /* check_spamhelo */
};

static bool
has_pattern_mark(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '\0' &&
		    strchr("{}[]()^$|*+?\\!", s.ptr[i]) != NULL)
			return true;
	}
	return false;
}

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
		if (!has_pattern_mark(text)) {
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
	if (str_is(policy, "rfc") || str_is(policy, "strict"))
		return config_refuse(s->line, e,
		    _("plugin 'helo': policy '%.*s' is not built yet"),
		    STR_ARG(policy));
	if (policy.len > 0 && !str_is(policy, "lenient"))
		return config_refuse(s->line, e,
		    _("plugin 'helo': policy is lenient, rfc or strict, not "
		      "'%.*s'"),
		    STR_ARG(policy));
	data->badhelo_only = plugin_is_old_name(s, "check_spamhelo");
	/* whatever the line says */
	s->instance->reject_type =
	    data->badhelo_only ? FILTER_DENY : FILTER_DENY_DISCONNECT;
	s->instance->data = data;
	return true;
}

static bool
is_bad(struct plugin_call *c, struct str name)
{
	const struct helo *data = c->instance->data;
	char lower[HELO_NAME_MAX];
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

/* An address in brackets that is not the peer's. */
static bool
is_forged_literal(struct plugin_call *c, struct str name)
{
	static const struct str ipv6 = { "IPv6:", 5 };
	struct net_addr claimed, client;
	if (name.len < 3 || name.ptr[0] != '[' || name.ptr[name.len - 1] != ']')
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

/* In this order; the first that fails decides. */
static const struct {
	bool (*fails)(struct plugin_call *c, struct str name);
	const char *reason;
	const char *text; /* for the peer */
} tests[] = {
	{ is_bad, "badhelo", NULL /* names the name */ },
	{ is_false_localhost, "localhost", "You are not localhost" },
	{ is_forged_literal, "forged literal", "Forged IPs not accepted here" },
	{ is_plain_ip, "plain IP",
	    "Plain IP is invalid HELO hostname (RFC 2821)" },
};

static void
on_helo(struct plugin_call *c)
{
	const struct helo *data = c->instance->data;
	struct str name = c->session->helo;
	size_t n = data->badhelo_only ? 1 : ARRAY_LEN(tests);
	if (name.len == 0) {
		c->session->karma -= 2;
		plugin_log(c, LEVEL_INFO, "fail, tolerated, empty name");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (!tests[i].fails(c, name))
			continue;
		c->session->karma--;
		if (tests[i].text != NULL)
			plugin_fail(c, tests[i].reason, "%s", tests[i].text);
		else
			plugin_fail(c, tests[i].reason,
			    "I do not believe you are %.*s.", STR_ARG(name));
		return;
	}
	plugin_log(c, LEVEL_INFO, "pass");
}

static const char *const not_built[] = { "rfc", "strict", NULL };
static const char *const arguments[] = { "policy", "timeout", NULL };

const struct plugin plugin_helo = {
	.name = "helo",
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS | PLUGIN_SKIPS_IMMUNE,
	.configure = configure,
	.arguments = arguments,
	.not_built = not_built,
	.hooks = {
		{ HOOK_HELO, on_helo },
	},
};
