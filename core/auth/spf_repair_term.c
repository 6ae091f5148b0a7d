/* Slips of single SPF terms, and what was meant. */
#include "core/auth/spf_repair_int.h"

#include "core/auth/spf_record.h"
#include "core/base/i18n.h"

/* Beginnings that are often written, and what they should be. */
static const struct {
	const char *wrong, *right;
} beginnings[] = {
	{ "ipv4:", "ip4:" },
	{ "ipv6:", "ip6:" },
	{ "ip4=", "ip4:" },
	{ "ip6=", "ip6:" },
	{ "include=", "include:" },
	{ "includes:", "include:" },
	{ "a=", "a:" },
	{ "mx=", "mx:" },
	{ "redirect:", "redirect=" },
	{ "exp:", "exp=" },
	/* dashes of word processors */
	{ "\xe2\x80\x93", "-" },
	{ "\xe2\x80\x94", "-" },
	{ "\xe2\x88\x92", "-" },
};

static struct str
begin_right(struct arena *a, struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(beginnings); i++) {
		struct str wrong = str_of(beginnings[i].wrong);
		if (!str_starts_nocase(s, wrong))
			continue;
		struct str rest = str_sub(s, wrong.len, s.len);
		return str_of(arena_printf(
		    a, "%s%.*s", beginnings[i].right, STR_ARG(rest)));
	}
	return s;
}

static bool
is_good(struct str s)
{
	struct spf_term t;
	const char *reason;
	return spf_term_parse(s, &t, &reason) && t.kind != SPF_UNKNOWN_MODIFIER;
}

/* "a:192.0.2.1", "ip4:2001:db8::1", "ip4:host.example": by what follows. */
static struct str
by_argument(struct arena *a, struct str s)
{
	struct net_block block;
	struct str rest, name = str_cut(s, ':', &rest);
	if (rest.len == 0)
		return s;
	if (net_block_parse(rest, &block))
		return str_of(arena_printf(a, "%s:%.*s",
		    block.addr.is_ipv6 ? "ip6" : "ip4", STR_ARG(rest)));
	bool ip = str_is_nocase(name, "ip4") || str_is_nocase(name, "ip6") ||
		  str_is_nocase(name, "ip");
	if (ip && spf_domain_spec_is_valid(rest))
		return str_of(arena_printf(a, "a:%.*s", STR_ARG(rest)));
	return s;
}

/* Punctuation and a port at the end are no part of a term. */
static struct str
end_cut(struct str s)
{
	while (s.len > 0 && strchr(".,;\"'", s.ptr[s.len - 1]) != NULL)
		s.len--;
	size_t digits = s.len;
	while (digits > 0 && ascii_is_digit(s.ptr[digits - 1]))
		digits--;
	size_t colons = 0;
	for (size_t i = 0; i < s.len; i++)
		colons += s.ptr[i] == ':';
	if (digits > 0 && digits < s.len && s.ptr[digits - 1] == ':' &&
	    colons == 2)
		s.len = digits - 1;
	return s;
}

struct str
spf_term_mend(struct arena *a, struct str term)
{
	struct str body = begin_right(a, term), sign = STR_EMPTY;
	if (is_good(body))
		return body;
	if (body.len > 0 && strchr("+-~?", body.ptr[0]) != NULL) {
		sign = str_sub(body, 0, 1);
		body = begin_right(a, str_sub(body, 1, body.len));
	}
	struct str tries[] = { body, end_cut(body), by_argument(a, body),
		by_argument(a, end_cut(body)) };
	for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
		struct str one = str_of(arena_printf(
		    a, "%.*s%.*s", STR_ARG(sign), STR_ARG(tries[i])));
		if (is_good(one))
			return one;
	}
	return (struct str)STR_EMPTY;
}
