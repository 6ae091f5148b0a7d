/*
 * smtproutes as qmail has them: DOMAIN:HOST[:PORT], .SUFFIX:HOST for what is
 * below, :HOST for the rest. The longest match counts, of equal ones the last.
 * An empty host is no route.
 */
#include "core/base/num.h"
#include "core/filter/policy_int.h"

/* Is the domain this one, or below ".suffix"? */
static bool
covers(struct str entry, struct str domain)
{
	if (entry.len == 0 || entry.ptr[0] != '.')
		return str_eq_nocase(entry, domain);
	return entry.len < domain.len &&
	       str_eq_nocase(
		   entry, str_sub(domain, domain.len - entry.len, domain.len));
}

/* "host", "host:port", "[address]:port" */
static bool
parse_host(struct str text, struct filter_route *out)
{
	size_t end = text.len;
	uint64_t port = PORT_SMTP;
	bool bracket = text.len > 0 && text.ptr[0] == '[';
	if (bracket)
		end = str_find(text, ']', 0);
	size_t colon = str_find(text, ':', bracket ? end : 0);
	if (colon < text.len &&
	    !num_parse_u64(str_sub(text, colon + 1, text.len), PORT_MAX, &port))
		return false;
	out->host = bracket ? str_sub(text, 1, end) : str_sub(text, 0, colon);
	out->port = (uint16_t)port;
	return out->host.len > 0 && port > 0;
}

/* Does a line of the setting, up to the first colon, cover the domain? */
static bool
is_listed(const struct filter_policy *p, const char *setting, struct str domain)
{
	struct config_lines l = config_kept(&p->config, str_of(setting));
	struct str to;
	for (size_t i = 0; i < l.n; i++) {
		if (covers(str_cut(l.lines[i].text, ':', &to), domain))
			return true;
	}
	return false;
}

static bool
is_me(const struct filter_policy *p, struct str domain)
{
	return domain.len == 0 ||
	       str_eq_nocase(filter_policy_setting(p, "me"), domain);
}

/* One that rcpthosts or 'me' name. */
static bool
is_ours(const struct filter_policy *p, struct str domain)
{
	return is_me(p, domain) || is_listed(p, "rcpthosts", domain);
}

/* One that qmail delivers here, by locals ('me' without it) or virtualdomains.
 */
static bool
is_local(const struct filter_policy *p, struct str domain)
{
	return is_me(p, domain) || is_listed(p, "locals", domain) ||
	       is_listed(p, "virtualdomains", domain);
}

static bool
has_lines(const struct filter_policy *p, const char *setting)
{
	return config_kept(&p->config, str_of(setting)).n > 0;
}

bool
policy_is_here(const struct filter_policy *p, struct str domain)
{
	bool qmail = has_lines(p, "locals") || has_lines(p, "virtualdomains");
	return qmail ? is_local(p, domain) : is_ours(p, domain);
}

/* 'stays': the route for the rest is not for such a domain. */
static bool
find_route(const struct filter_policy *p, struct str domain,
    bool (*stays)(const struct filter_policy *p, struct str domain),
    struct filter_route *out)
{
	struct config_lines routes = config_kept(&p->config, STR("smtproutes"));
	struct str best = STR_EMPTY;
	size_t best_length = 0;
	bool found = false;
	for (size_t i = 0; i < routes.n; i++) {
		struct str host;
		struct str entry = str_cut(routes.lines[i].text, ':', &host);
		bool rest = entry.len == 0;
		if ((!rest && !covers(entry, domain)) ||
		    (found && entry.len < best_length))
			continue;
		best = str_trim(host);
		best_length = entry.len;
		found = true;
	}
	if (!found || (best_length == 0 && stays(p, domain)))
		return false;
	return parse_host(best, out);
}

bool
filter_policy_route(
    const struct filter_policy *p, struct str domain, struct filter_route *out)
{
	return find_route(p, domain, is_ours, out);
}

bool
filter_policy_reaches(const struct filter_policy *p, struct str domain)
{
	struct filter_route route;
	return policy_is_here(p, domain) ||
	       filter_policy_route(p, domain, &route);
}

bool
filter_policy_hop(
    const struct filter_policy *p, struct str domain, struct filter_route *out)
{
	return find_route(p, domain, is_local, out);
}
