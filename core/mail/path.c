/* Envelope paths: a small hand-written parser, one function a grammar rule. */
#include "core/mail/path.h"

#include "core/base/i18n.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* RFC 5322 atext: what an unquoted local part may hold beside dots. */
static bool
is_atext(char c)
{
	return ascii_is_alnum(c) ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool
is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* Length of the dot-atom at the start of 's'; 0 when there is none. */
static size_t
dot_atom_length(struct str s)
{
	size_t i = 0;
	bool wants_atom = true;
	for (; i < s.len; i++) {
		if (is_atext(s.ptr[i])) {
			wants_atom = false;
		} else if (s.ptr[i] == '.' && !wants_atom) {
			wants_atom = true;
		} else {
			break;
		}
	}
	return wants_atom ? 0 : i;
}

/* Length of the quoted string at the start of 's', quotes counted; or 0. */
static size_t
quoted_length(struct str s)
{
	if (s.len < 2 || s.ptr[0] != '"')
		return 0;
	for (size_t i = 1; i < s.len; i++) {
		if (s.ptr[i] == '"')
			return i + 1;
		if (s.ptr[i] == '\\')
			i++;
		if (i >= s.len || !is_printable(s.ptr[i]))
			return 0;
	}
	return 0;
}

static size_t
local_length(struct str s)
{
	return s.len > 0 && s.ptr[0] == '"' ? quoted_length(s)
					    : dot_atom_length(s);
}

static bool
label_is_valid(struct str label)
{
	if (label.len == 0 || label.len > MAIL_LABEL_MAX)
		return false;
	for (size_t i = 0; i < label.len; i++) {
		bool at_end = i == 0 || i + 1 == label.len;
		if (!ascii_is_alnum(label.ptr[i]) &&
		    (at_end || label.ptr[i] != '-'))
			return false;
	}
	return true;
}

bool
mail_domain_is_within(struct str name, struct str domain)
{
	if (name.len <= domain.len)
		return str_eq_nocase(name, domain);
	return name.ptr[name.len - domain.len - 1] == '.' &&
	       str_eq_nocase(
		   str_sub(name, name.len - domain.len, name.len), domain);
}

bool
mail_domain_is_valid(struct str s)
{
	if (s.len == 0 || s.len > MAIL_DOMAIN_MAX)
		return false;
	size_t start = 0;
	while (start <= s.len) {
		size_t end = str_find(s, '.', start);
		if (!label_is_valid(str_sub(s, start, end)))
			return false;
		start = end + 1;
	}
	return true;
}

bool
mail_domain_is_literal(struct str s)
{
	static const struct str ipv6 = { "IPv6:", 5 };
	if (s.len < 3 || s.ptr[0] != '[' || s.ptr[s.len - 1] != ']')
		return false;
	struct str inner = str_sub(s, 1, s.len - 1);
	int family = AF_INET;
	if (str_starts_nocase(inner, ipv6)) {
		family = AF_INET6;
		inner = str_sub(inner, ipv6.len, inner.len);
	}
	char text[MAIL_LITERAL_MAX];
	if (inner.len >= sizeof(text) ||
	    memchr(inner.ptr, '\0', inner.len) != NULL)
		return false;
	memcpy(text, inner.ptr, inner.len);
	text[inner.len] = '\0';
	struct in6_addr address; /* the larger of the two */
	return inet_pton(family, text, &address) == 1;
}

static bool
domain_is_acceptable(struct str s)
{
	return mail_domain_is_valid(s) || mail_domain_is_literal(s);
}

/*
 * Step over "@a.example,@b.example:" at the start of *s. False when it begins
 * like a source route and is none.
 */
static bool
skip_source_route(struct str *s)
{
	if (s->len == 0 || s->ptr[0] != '@')
		return true;
	struct str rest = *s;
	while (rest.len > 0 && rest.ptr[0] == '@') {
		size_t end = 1;
		/* an IPv6 literal holds colons of its own */
		if (end < rest.len && rest.ptr[end] == '[')
			end = str_find(rest, ']', end);
		while (end < rest.len && rest.ptr[end] != ',' &&
		       rest.ptr[end] != ':')
			end++;
		if (end == rest.len ||
		    !domain_is_acceptable(str_sub(rest, 1, end)))
			return false;
		bool is_last = rest.ptr[end] == ':';
		rest = str_sub(rest, end + 1, rest.len);
		if (is_last) {
			*s = rest;
			return true;
		}
	}
	return false;
}

/* Old senders' ways to write the null sender (FL-12). */
static bool
is_old_null(struct str inner)
{
	return str_is(inner, "#@[]") ||
	       str_find_str(inner, STR("[undefined]")) < inner.len;
}

/* What stands between the brackets. Returns NULL or the reason. */
static const char *
parse_inner(struct str inner, enum mail_path_role role, struct mail_path *out)
{
	if (!skip_source_route(&inner))
		return N_("source route not understood");
	if (role == MAIL_PATH_RECIPIENT && str_is_nocase(inner, "postmaster")) {
		out->local = inner;
		return NULL;
	}
	size_t n = local_length(inner);
	if (n == 0)
		return N_("local part not understood");
	if (n > MAIL_LOCAL_MAX)
		return N_("local part is too long");
	if (n == inner.len)
		return N_("address has no domain");
	if (inner.ptr[n] != '@')
		return N_("local part not understood");
	struct str domain = str_sub(inner, n + 1, inner.len);
	if (domain.len > MAIL_DOMAIN_MAX)
		return N_("domain is too long");
	if (!domain_is_acceptable(domain))
		return N_("domain not understood");
	out->local = str_sub(inner, 0, n);
	out->domain = domain;
	return NULL;
}

/* Index of the '>' that ends the path, one within quotes aside; or s.len. */
static size_t
find_bracket_end(struct str s)
{
	bool in_quotes = false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '\\' && in_quotes)
			i++;
		else if (c == '"')
			in_quotes = !in_quotes;
		else if (c == '>' && !in_quotes)
			return i;
	}
	return s.len;
}

/* Returns NULL or the reason. */
static const char *
parse(struct str text, enum mail_path_role role, struct mail_path *out,
    struct str *params)
{
	text = str_trim(text);
	if (text.len == 0)
		return role == MAIL_PATH_SENDER
			   ? NULL
			   : N_("no recipient address given");
	if (text.ptr[0] != '<')
		return N_("address must be in angle brackets");
	size_t end = find_bracket_end(text);
	if (end == text.len)
		return N_("closing angle bracket is missing");
	struct str rest = str_sub(text, end + 1, text.len);
	if (rest.len > 0 && rest.ptr[0] != ' ' && rest.ptr[0] != '\t')
		return N_("space is missing behind the address");
	*params = str_trim(rest);
	if (end + 1 > MAIL_PATH_MAX)
		return N_("path is too long");
	struct str inner = str_sub(text, 1, end);
	if (role == MAIL_PATH_SENDER && (inner.len == 0 || is_old_null(inner)))
		return NULL;
	if (inner.len == 0)
		return N_("recipient address is empty");
	return parse_inner(inner, role, out);
}

bool
mail_path_parse(struct str text, enum mail_path_role role,
    struct mail_path *out, struct str *params, const char **why)
{
	*out = (struct mail_path){ STR_EMPTY, STR_EMPTY };
	*params = (struct str)STR_EMPTY;
	const char *reason = parse(text, role, out, params);
	if (why != NULL)
		*why = reason;
	return reason == NULL;
}

bool
mail_path_is_null(const struct mail_path *p)
{
	return p->local.len == 0 && p->domain.len == 0;
}

bool
mail_path_format(struct buf *out, const struct mail_path *p)
{
	if (p->domain.len == 0)
		return buf_add_str(out, p->local);
	buf_add_str(out, p->local);
	buf_add_char(out, '@');
	return buf_add_str(out, p->domain);
}

bool
mail_path_format_bracketed(struct buf *out, const struct mail_path *p)
{
	buf_add_char(out, '<');
	mail_path_format(out, p);
	return buf_add_char(out, '>');
}

bool
mail_local_fold(struct buf *out, struct str local)
{
	bool quoted = local.len >= 2 && local.ptr[0] == '"';
	if (quoted)
		local = str_sub(local, 1, local.len - 1);
	for (size_t i = 0; i < local.len; i++) {
		if (quoted && local.ptr[i] == '\\' && i + 1 < local.len)
			i++;
		buf_add_char(out, ascii_lower(local.ptr[i]));
	}
	return !out->failed;
}

bool
mail_path_fold(struct buf *out, const struct mail_path *p)
{
	mail_local_fold(out, p->local);
	if (p->domain.len > 0)
		buf_add_char(out, '@');
	for (size_t i = 0; i < p->domain.len; i++)
		buf_add_char(out, ascii_lower(p->domain.ptr[i]));
	return !out->failed;
}
