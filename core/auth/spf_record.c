/* Parser of SPF records: RFC 7208, sections 4.5, 4.6, 5, 6 and 12. */
#include "core/auth/spf_record.h"

#include "core/base/i18n.h"
#include "core/base/num.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* What may follow the name of a mechanism. */
enum form {
	FORM_BARE,        /* all */
	FORM_DOMAIN,      /* :domain-spec */
	FORM_DOMAIN_CIDR, /* [:domain-spec][dual-cidr-length] */
	FORM_DOMAIN_OPT,  /* [:domain-spec] */
	FORM_IP4,
	FORM_IP6
};

static const struct mechanism {
	const char *name;
	enum spf_term_kind kind;
	enum form form;
} mechanisms[] = {
	{ "all", SPF_ALL, FORM_BARE },
	{ "include", SPF_INCLUDE, FORM_DOMAIN },
	{ "a", SPF_A, FORM_DOMAIN_CIDR },
	{ "mx", SPF_MX, FORM_DOMAIN_CIDR },
	{ "ptr", SPF_PTR, FORM_DOMAIN_OPT },
	{ "ip4", SPF_IP4, FORM_IP4 },
	{ "ip6", SPF_IP6, FORM_IP6 },
	{ "exists", SPF_EXISTS, FORM_DOMAIN },
};

bool
spf_term_is_lookup(enum spf_term_kind kind)
{
	return kind == SPF_INCLUDE || kind == SPF_A || kind == SPF_MX ||
	       kind == SPF_PTR || kind == SPF_EXISTS || kind == SPF_REDIRECT;
}

bool
spf_record_is(struct str txt)
{
	const struct str version = STR("v=spf1");
	return str_starts_nocase(txt, version) &&
	       (txt.len == version.len || txt.ptr[version.len] == ' ');
}

/* Digits without leading zero, at most 'max'. */
static bool
bits_parse(struct str s, unsigned max, unsigned *out)
{
	uint64_t n;
	if (s.len == 0 || s.len > 3 || (s.len > 1 && s.ptr[0] == '0') ||
	    !num_parse_u64(s, max, &n))
		return false;
	*out = (unsigned)n;
	return true;
}

/* Cut "MARK DIGITS" off the end; false only when the digits are no length. */
static bool
cut_bits(struct str *s, struct str mark, unsigned max, unsigned *out)
{
	size_t digits = s->len;
	while (digits > 0 && ascii_is_digit(s->ptr[digits - 1]))
		digits--;
	struct str before = str_sub(*s, 0, digits);
	if (!str_ends(before, mark))
		return true;
	if (!bits_parse(str_sub(*s, digits, s->len), max, out))
		return false;
	s->len = digits - mark.len;
	return true;
}

static const char *
parse_domain(struct str rest, struct spf_term *t)
{
	if (rest.len == 0 || rest.ptr[0] != ':')
		return N_("needs ':' and a domain");
	t->spec = str_sub(rest, 1, rest.len);
	return spf_domain_spec_is_valid(t->spec) ? NULL
						 : N_("no valid domain name");
}

static const char *
parse_domain_cidr(struct str rest, struct spf_term *t)
{
	if (!cut_bits(&rest, STR("//"), 128, &t->bits6) ||
	    !cut_bits(&rest, STR("/"), 32, &t->bits4))
		return N_("no valid prefix length");
	return rest.len == 0 ? NULL : parse_domain(rest, t);
}

static const char *
parse_ip(struct str rest, bool is_ipv6, struct spf_term *t)
{
	char text[NET_ADDR_TEXT_SIZE];
	unsigned *bits = is_ipv6 ? &t->bits6 : &t->bits4;
	if (rest.len == 0 || rest.ptr[0] != ':')
		return N_("needs ':' and an address");
	rest = str_sub(rest, 1, rest.len);
	if (!cut_bits(&rest, STR("/"), is_ipv6 ? 128 : 32, bits))
		return N_("no valid prefix length");
	if (rest.len >= sizeof(text) || str_find(rest, '\0', 0) < rest.len)
		return N_("no valid address");
	memcpy(text, rest.ptr, rest.len);
	text[rest.len] = '\0';
	t->addr.is_ipv6 = is_ipv6;
	if (inet_pton(is_ipv6 ? AF_INET6 : AF_INET, text, t->addr.bytes) != 1)
		return is_ipv6 ? N_("no valid IPv6 address")
			       : N_("no valid IPv4 address");
	return NULL;
}

static const char *
parse_argument(enum form form, struct str rest, struct spf_term *t)
{
	switch (form) {
	case FORM_BARE:
		return rest.len == 0 ? NULL : N_("takes no argument");
	case FORM_DOMAIN:
		return parse_domain(rest, t);
	case FORM_DOMAIN_OPT:
		return rest.len == 0 ? NULL : parse_domain(rest, t);
	case FORM_DOMAIN_CIDR:
		return parse_domain_cidr(rest, t);
	case FORM_IP4:
	case FORM_IP6:
	default:
		return parse_ip(rest, form == FORM_IP6, t);
	}
}

static bool
is_name(struct str s)
{
	if (s.len == 0 || !ascii_is_alpha(s.ptr[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!ascii_is_alnum(s.ptr[i]) && s.ptr[i] != '-' &&
		    s.ptr[i] != '_' && s.ptr[i] != '.')
			return false;
	return true;
}

static const char *
parse_modifier(struct str name, struct str value, struct spf_term *t)
{
	t->qualifier = '\0';
	t->spec = value;
	t->kind = str_is_nocase(name, "redirect") ? SPF_REDIRECT
		  : str_is_nocase(name, "exp")    ? SPF_EXP
						  : SPF_UNKNOWN_MODIFIER;
	if (t->kind == SPF_UNKNOWN_MODIFIER)
		return spf_macro_is_valid(value, false)
			   ? NULL
			   : N_("no valid macro in the modifier");
	return spf_domain_spec_is_valid(value) ? NULL
					       : N_("no valid domain name");
}

static const char *
parse_mechanism(struct str s, struct spf_term *t)
{
	size_t end = 0;
	if (s.len > 0 && strchr("+-~?", s.ptr[0]) != NULL && s.ptr[0] != '\0') {
		t->qualifier = s.ptr[0];
		s = str_sub(s, 1, s.len);
	}
	while (end < s.len && s.ptr[end] != ':' && s.ptr[end] != '/')
		end++;
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++) {
		if (!str_is_nocase(str_sub(s, 0, end), mechanisms[i].name))
			continue;
		t->kind = mechanisms[i].kind;
		return parse_argument(
		    mechanisms[i].form, str_sub(s, end, s.len), t);
	}
	return N_("unknown mechanism");
}

bool
spf_term_parse(struct str text, struct spf_term *out, const char **reason)
{
	size_t equals = str_find(text, '=', 0);
	*out = (struct spf_term){
		.text = text, .qualifier = '+', .bits4 = 32, .bits6 = 128
	};
	/* "name=" makes a modifier; an equals sign may also follow a colon */
	if (equals < text.len && is_name(str_sub(text, 0, equals)))
		*reason = parse_modifier(str_sub(text, 0, equals),
		    str_sub(text, equals + 1, text.len), out);
	else
		*reason = parse_mechanism(text, out);
	return *reason == NULL;
}

/* Modifiers of their own meaning may stand once (6). */
static const char *
record_note(struct spf_record *r, const struct spf_term *t)
{
	if (t->kind == SPF_ALL)
		r->has_all = true;
	if (t->kind != SPF_REDIRECT && t->kind != SPF_EXP)
		return NULL;
	const struct spf_term **place =
	    t->kind == SPF_EXP ? &r->exp : &r->redirect;
	if (*place != NULL)
		return N_("the modifier stands more than once");
	*place = t;
	return NULL;
}

static size_t
count_terms(struct str s)
{
	size_t n = 1;
	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == ' ';
	return n;
}

bool
spf_record_parse(struct str text, struct arena *a, struct spf_record *out,
    struct spf_syntax *bad)
{
	struct str rest = str_sub(text, strlen("v=spf1"), text.len);
	size_t max = count_terms(rest);
	*out = (struct spf_record){ .text = text };
	*bad = (struct spf_syntax){ .term = STR_EMPTY };
	if (max > SPF_TERMS_MAX) {
		bad->reason = N_("too many terms");
		return false;
	}
	out->terms = ARENA_ARRAY(a, max, struct spf_term);
	if (out->terms == NULL) {
		bad->reason = N_("out of memory");
		return false;
	}
	while (rest.ptr != NULL) {
		struct str word = str_cut(rest, ' ', &rest);
		if (word.len == 0)
			continue;
		struct spf_term *t = &out->terms[out->n];
		bad->term = word;
		if (!spf_term_parse(word, t, &bad->reason))
			return false;
		bad->reason = record_note(out, t);
		if (bad->reason != NULL)
			return false;
		out->n++;
	}
	return true;
}
