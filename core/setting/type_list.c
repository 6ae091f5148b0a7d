/* Lists kept in one value: accounts, domains, block list zones, addresses. */
#include "core/setting/type_int.h"

#include "core/base/compiler.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/dns/lists.h"

#include <arpa/inet.h>
#include <inttypes.h>

typedef bool entry_add(const struct setting *s, struct str entry,
    struct buf *stored, struct err *e);

/* What parts the entries of a pasted list. */
static const char list_breaks[] = ", \t\r\n";
static const char zone_breaks[] = ",\r\n";
static const char colon_breaks[] = ",: \t\r\n";

/* Is 'entry' among the entries stored since 'start'? */
static bool
has_entry(const struct setting *s, const struct buf *stored, size_t start,
    struct str entry)
{
	struct str rest = str_sub(buf_str(stored), start, stored->len);

	while (rest.ptr != NULL)
		if (str_eq(str_cut(rest, setting_joint(s), &rest), entry))
			return true;
	return false;
}

/* One checked entry behind the others, unless it is there already. */
static bool
list_add(const struct setting *s, struct str entry, entry_add *add,
    struct buf *stored, size_t start, struct err *e)
{
	struct buf one = BUF_INIT(SETTING_VALUE_MAX);
	bool ok = add(s, entry, &one, e);

	if (ok && stored->len > start && s->separator == NULL &&
	    !(s->flags & SETTING_LIST))
		ok = type_refuse(e, entry, _("is a second one, one is taken"));
	if (ok && !has_entry(s, stored, start, buf_str(&one))) {
		if (stored->len > start)
			(void)buf_add_char(stored, setting_joint(s));
		(void)buf_add_str(stored, buf_str(&one));
	}
	buf_clear(&one);
	return ok;
}

bool
type_list_parse(const struct setting *s, struct str text, const char *breaks,
    entry_add *add, struct buf *stored, struct err *e)
{
	size_t start = stored->len, from = 0;

	if (text.len > SETTING_VALUE_MAX)
		return type_refuse(e, text, _("is longer than %d bytes"),
		    (int)SETTING_VALUE_MAX);
	for (size_t i = 0; i <= text.len; i++) {
		struct str entry;
		if (i < text.len && (text.ptr[i] == '\0' ||
					strchr(breaks, text.ptr[i]) == NULL))
			continue;
		entry = str_trim(str_sub(text, from, i));
		from = i + 1;
		if (entry.len > 0 && !list_add(s, entry, add, stored, start, e))
			return false;
	}
	if (stored->len == start)
		return type_refuse(e, text, _("holds no entry"));
	return !stored->failed;
}

static bool
account_add(const struct setting *s, struct str entry, struct buf *stored,
    struct err *e)
{
	(void)s;
	if (type_account_is(entry))
		return buf_add_str(stored, entry);
	return type_refuse(e, entry, _("is not the name of an account"));
}

static bool
parse_account_list(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	return type_list_parse(s, text, list_breaks, account_add, stored, e);
}

static void
describe_account_list(const struct setting *s, struct buf *words)
{
	(void)s;
	(void)buf_add_cstr(words, _("names of accounts, parted by commas"));
}

/* A name with a dot that is not an address. */
static bool
domain_add(const struct setting *s, struct str entry, struct buf *stored,
    struct err *e)
{
	size_t start = stored->len;
	struct str name;

	(void)s;
	if (!type_host_add(entry, stored, NULL))
		return type_refuse(e, entry, _("is not a domain"));
	name = str_sub(buf_str(stored), start, stored->len);
	if (str_find(name, '.', 0) == name.len ||
	    type_address_kind(name) != TYPE_ADDRESS_NONE)
		return type_refuse(e, entry, _("is not a domain"));
	return true;
}

static bool
parse_domain_list(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	return type_list_parse(s, text, list_breaks, domain_add, stored, e);
}

static void
describe_domain_list(const struct setting *s, struct buf *words)
{
	(void)buf_addf(words, _("domains, parted by '%c'"), setting_joint(s));
}

/* May both separators stand in the value, so that ':' begins a text? */
static bool
takes_text(const struct setting *s)
{
	return s->separator != NULL && str_is(str_of(s->separator), ", or :");
}

/* "8-16-64-128": which answers of a zone count. */
static bool
is_mask(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_digit(text.ptr[i]) && text.ptr[i] != '-')
			return false;
	return text.len > 0;
}

/* "ZONE", "ZONE:text for who is refused", "ZONE:8-16-64-128" (EF-10). */
static bool
zone_add(const struct setting *s, struct str entry, struct buf *stored,
    struct err *e)
{
	struct str more;
	struct str zone = str_trim(str_cut(entry, ':', &more));

	if (!domain_add(s, zone, stored, e))
		return false;
	if (more.ptr == NULL)
		return true;
	more = str_trim(more);
	if (more.len == 0 || !(takes_text(s) || is_mask(more)))
		return type_refuse(e, entry,
		    takes_text(s) ? _("has no text after the colon")
				  : _("is not ZONE or ZONE:8-16-64-128"));
	if (!type_storable(more, e))
		return false;
	(void)buf_add_char(stored, ':');
	return buf_add_str(stored, more);
}

/* Blanks part zones, but not within the text of one. */
static bool
zone_words_add(const struct setting *s, struct str entry, struct buf *stored,
    struct err *e)
{
	size_t start = stored->len;
	struct str word;

	if (str_find(entry, ':', 0) < entry.len)
		return zone_add(s, entry, stored, e);
	while (str_next_word(&entry, &word)) {
		if (stored->len > start)
			(void)buf_add_char(stored, setting_joint(s));
		if (!zone_add(s, word, stored, e))
			return false;
	}
	return true;
}

/* Is every part between the colons a domain? */
static bool
all_domains(const struct setting *s, struct str text)
{
	bool ok = true;

	while (ok && text.ptr != NULL) {
		struct buf one = BUF_INIT(SETTING_VALUE_MAX);
		ok = domain_add(
		    s, str_trim(str_cut(text, ':', &text)), &one, NULL);
		buf_clear(&one);
	}
	return ok;
}

static bool
parse_zone_list(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	bool colons = s->separator != NULL && s->separator[0] == ':';

	if (text.len <= SETTING_VALUE_MAX && takes_text(s) &&
	    str_find(text, ',', 0) == text.len)
		colons = all_domains(s, text);
	return type_list_parse(s, text, colons ? colon_breaks : zone_breaks,
	    colons ? zone_add : zone_words_add, stored, e);
}

static void
describe_zone_list(const struct setting *s, struct buf *words)
{
	(void)buf_addf(words, _("zones, parted by '%c'"), setting_joint(s));
	if (takes_text(s))
		(void)buf_add_cstr(words, _(", each may be ZONE:text"));
	else if (setting_joint(s) == ',')
		(void)buf_add_cstr(words, _(", each may be ZONE:8-16-64"));
}

static bool
check_zone_list(const struct setting *s, struct str stored, struct err *e)
{
	while (stored.ptr != NULL) {
		struct str rest,
		    zone = str_cut(stored, setting_joint(s), &stored);
		zone = str_cut(zone, ':', &rest);
		const struct dns_list *known = dns_list_find(zone);
		if (known == NULL || known->state != DNS_LIST_CLOSED)
			continue;
		if (known->instead != NULL)
			return type_refuse(e, zone,
			    _("is a dead list, %s took its place"),
			    known->instead);
		return type_refuse(
		    e, zone, _("is a dead list, it answers nothing"));
	}
	return true;
}

enum type_address
type_address_kind(struct str text)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char bytes[sizeof(struct in6_addr)];
	struct str bits;
	struct str address = str_cut(text, '/', &bits);
	bool six = str_find(address, ':', 0) < address.len;
	int64_t n;

	if (address.len == 0 || address.len >= sizeof(copy) ||
	    str_find(address, '\0', 0) < address.len)
		return TYPE_ADDRESS_NONE;
	memcpy(copy, address.ptr, address.len);
	copy[address.len] = '\0';
	if (inet_pton(six ? AF_INET6 : AF_INET, copy, bytes) != 1)
		return TYPE_ADDRESS_NONE;
	if (bits.ptr == NULL)
		return TYPE_ADDRESS_HOST;
	/* a dotted mask is a network too */
	memcpy(copy, bits.ptr, bits.len < sizeof(copy) ? bits.len : 0);
	copy[bits.len < sizeof(copy) ? bits.len : 0] = '\0';
	if (!num_parse_i64(bits, 0, six ? 128 : 32, &n) &&
	    (six || inet_pton(AF_INET, copy, bytes) != 1))
		return TYPE_ADDRESS_NONE;
	return TYPE_ADDRESS_NETWORK;
}

/* Two hosts of the network, as an example of what to write instead. */
static void
suggest_hosts(const struct setting *s, struct str network, struct err *e)
{
	struct str prefix = str_sub(network, 0, str_find(network, '/', 0));

	while (prefix.len > 0 && prefix.ptr[prefix.len - 1] != '.')
		prefix.len--;
	if (prefix.len == 0) /* not IPv4 */
		err_next(e, "smemail describe %s", s->id);
	else
		err_next(e, "smemail set %s %.*s40,%.*s77", s->id,
		    STR_ARG(prefix), STR_ARG(prefix));
}

/* "192.0.2.": every address that begins so. */
bool
type_address_prefix(struct str text)
{
	size_t dots = 0, digits = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (ascii_is_digit(text.ptr[i]) && digits < 3)
			digits++;
		else if (text.ptr[i] == '.' && digits > 0)
			dots++, digits = 0;
		else
			return false;
	}
	return dots > 0 && dots < 4 && digits == 0;
}

static bool
address_add(const struct setting *s, struct str entry, struct buf *stored,
    struct err *e)
{
	enum type_address kind = type_address_kind(entry);

	/* lines that the filter reads may be the beginning of an address */
	if (kind == TYPE_ADDRESS_NONE && s->form != NULL &&
	    type_address_prefix(entry))
		return buf_add_str(stored, entry);
	if (kind == TYPE_ADDRESS_NONE)
		return type_refuse(e, entry,
		    s->flags & SETTING_ADDRESSES
			? _("is not an address")
			: _("is not an address or network"));
	if (kind == TYPE_ADDRESS_NETWORK && (s->flags & SETTING_ADDRESSES)) {
		type_refuse(e, entry,
		    _("is a network, only single addresses count here"));
		suggest_hosts(s, entry, e);
		return false;
	}
	for (size_t i = 0; i < entry.len; i++)
		(void)buf_add_char(stored, ascii_lower(entry.ptr[i]));
	return !stored->failed;
}

static bool
parse_ip_list(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	return type_list_parse(s, text, list_breaks, address_add, stored, e);
}

static void
describe_ip_list(const struct setting *s, struct buf *words)
{
	if (!(s->flags & SETTING_LIST))
		(void)buf_add_cstr(words, _("address"));
	else if (s->flags & SETTING_ADDRESSES)
		(void)buf_add_cstr(words, _("addresses, parted by commas"));
	else
		(void)buf_add_cstr(words, _("addresses and networks"));
}

const struct setting_type setting_type_account_list = {
	.name = "account-list",
	.editor = SETTING_EDIT_LIST,
	.parse = parse_account_list,
	.format = type_format_plain,
	.describe = describe_account_list,
};

const struct setting_type setting_type_domain_list = {
	.name = "domain-list",
	.editor = SETTING_EDIT_LIST,
	.parse = parse_domain_list,
	.format = type_format_plain,
	.describe = describe_domain_list,
};

const struct setting_type setting_type_zone_list = {
	.name = "domain-list",
	.editor = SETTING_EDIT_LIST,
	.parse = parse_zone_list,
	.check = check_zone_list,
	.format = type_format_plain,
	.describe = describe_zone_list,
};

const struct setting_type setting_type_ip_list = {
	.name = "ip-list",
	.editor = SETTING_EDIT_LIST,
	.parse = parse_ip_list,
	.format = type_format_plain,
	.describe = describe_ip_list,
};
