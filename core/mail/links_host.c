/* The host of a link: where it stands, how it ends, what it is. */
#include "core/mail/links_int.h"

#include "core/base/num.h"
#include "core/mail/idna.h"

enum {
	AUTHORITY_MAX = 1024, /* user, host and port */
	ROOM = 512
};

/* ---- addresses ---- */

static bool
loose_number(struct str s, uint64_t *out)
{
	unsigned base = 10;
	size_t i = 0;
	if (s.len > 1 && s.ptr[0] == '0') {
		bool hex = (s.ptr[1] | 0x20) == 'x';
		base = hex ? 16 : 8;
		i = hex ? 2 : 1;
	}
	if (s.len == 0)
		return false;
	*out = 0;
	for (; i < s.len; i++) {
		int digit = num_hex_digit(s.ptr[i]);
		if (digit < 0 || (unsigned)digit >= base)
			return false;
		*out = *out * base + (unsigned)digit;
		if (*out > UINT32_MAX)
			return false;
	}
	return true;
}

/*
 * An address as browsers read it: one to four numbers, decimal, octal ("0..")
 * or hexadecimal ("0x.."), the last of them filling what is left.
 */
static bool
links_loose_address(struct str s, struct net_addr *out)
{
	uint64_t value = 0, n;
	unsigned parts = 0;
	while (s.ptr != NULL) {
		if (++parts > 4 || !loose_number(str_cut(s, '.', &s), &n))
			return false;
		uint64_t most =
		    s.ptr != NULL ? 0xff : UINT32_MAX >> (8 * (parts - 1));
		if (n > most)
			return false;
		unsigned shift = s.ptr != NULL ? 32 - 8 * parts : 0;
		value |= n << shift;
	}
	*out = (struct net_addr){ .is_ipv6 = false };
	for (unsigned i = 0; i < 4; i++)
		out->bytes[i] = (uint8_t)(value >> (24 - 8 * i));
	return parts > 0;
}

/* ---- telling ---- */

static void
tell(struct link_finder *f, struct link *link)
{
	if (!f->enough && !f->found(f->ctx, link))
		f->enough = true;
}

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	}
	return true;
}

static bool
is_host_byte(char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_' || c == '.' ||
	       (unsigned char)c >= 0x80;
}

/* A name of two labels or more, or an address. */
static void
tell_host(struct link_finder *f, bool has_scheme, struct str host)
{
	struct buf name = BUF_INIT(ROOM);
	struct link link = { .kind = has_scheme ? LINK_HOST : LINK_BARE };
	while (host.len > 0 && host.ptr[host.len - 1] == '.')
		host.len--;
	while (host.len > 0 && host.ptr[0] == '.')
		host = str_sub(host, 1, host.len);
	link.host = host;
	if (has_scheme && links_loose_address(host, &link.addr)) {
		link.kind = LINK_ADDRESS;
		tell(f, &link);
		return;
	}
	if (!is_ascii(host))
		link.host = idna_domain(host, &name) ? buf_str(&name)
						     : (struct str)STR_EMPTY;
	if (str_find(link.host, '.', 0) < link.host.len &&
	    link.host.len <= LINK_HOST_MAX)
		tell(f, &link);
	buf_clear(&name);
}

/* "[2001:db8::1]" */
static size_t
take_ipv6(struct link_finder *f, struct str s)
{
	size_t end = str_find(str_sub(s, 0, NET_ADDR_TEXT_SIZE + 2), ']', 0);
	struct link link = { .kind = LINK_ADDRESS, .host = str_sub(s, 1, end) };
	if (net_addr_parse(link.host, &link.addr))
		tell(f, &link);
	return end < s.len ? end : s.len;
}

/* ---- finding its ends ---- */

/* Where user, host and port end: "/", a blank, a quote, ... */
static size_t
authority_end(const struct link_place *p)
{
	static const char ends[] = "/\\?#<>\"'`(){}|^,";
	size_t i = 0;
	for (; i < p->text.len && i < AUTHORITY_MAX; i++) {
		char c = p->text.ptr[i];
		bool blank = ascii_is_space(c);
		if (blank && p->is_quoted && c != ' ')
			continue;
		if (blank || (c != '\0' && strchr(ends, c) != NULL))
			break;
	}
	return i;
}

static size_t
behind_user(struct str authority)
{
	size_t i = authority.len;
	while (i > 0 && authority.ptr[i - 1] != '@')
		i--;
	return i;
}

/*
 * FL-107: semicolons are dropped; but what stands before the first, and before
 * the first letter beyond ASCII, may be a name as well: "a.example;b",
 * "a.example" with other writing right behind it.
 */
size_t
links_take(struct link_finder *f, const struct link_place *p)
{
	char host[ROOM];
	size_t n = 0, end = authority_end(p);
	struct str authority = str_sub(p->text, 0, end);
	if (p->is_open && end == p->text.len)
		return end; /* it comes again, whole */
	size_t at = p->has_scheme ? behind_user(authority) : 0;
	if (p->has_scheme && at < authority.len && authority.ptr[at] == '[')
		return at + take_ipv6(f, str_sub(authority, at, end));
	bool told_other = false, told_semicolon = false;
	for (; at < authority.len && n < sizeof(host); at++) {
		char c = authority.ptr[at];
		bool other = (unsigned char)c >= 0x80 && !told_other;
		bool semicolon = c == ';' && !told_semicolon;
		if (other || semicolon)
			tell_host(f, p->has_scheme, str_n(host, n));
		told_other = told_other || other;
		told_semicolon = told_semicolon || semicolon;
		if (c == ';' || (p->is_quoted && ascii_is_space(c)))
			continue;
		if (!is_host_byte(c))
			break;
		host[n++] = ascii_lower(c);
	}
	tell_host(f, p->has_scheme, str_n(host, n));
	return at;
}
