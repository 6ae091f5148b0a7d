/* Host names, servers with a port, mail addresses and account names. */
#include "core/setting/type_int.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/mail/idna.h"

#include <arpa/inet.h>

enum {
	HOST_MAX = 253,
	LABEL_MAX = 63,
	LOCAL_PART_MAX = 64,
	ACCOUNT_MAX = 64,
	PORT_MAX = 65535
};

/* Add an address literal in its canonical form; false when it is none. */
static bool
address_add(struct str text, struct buf *out)
{
	char copy[INET6_ADDRSTRLEN], shown[INET6_ADDRSTRLEN];
	unsigned char bytes[sizeof(struct in6_addr)];
	int family = str_find(text, ':', 0) < text.len ? AF_INET6 : AF_INET;

	if (text.len == 0 || text.len >= sizeof(copy) ||
	    str_find(text, '\0', 0) < text.len)
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	if (inet_pton(family, copy, bytes) != 1 ||
	    inet_ntop(family, bytes, shown, sizeof(shown)) == NULL)
		return false;
	return buf_add_cstr(out, shown);
}

static bool
label_add(struct str label, struct buf *out)
{
	if (label.len == 0)
		return false;
	for (size_t i = 0; i < label.len; i++)
		if ((unsigned char)label.ptr[i] >= 0x80)
			return idna_label(label, out);
	if (label.len > LABEL_MAX || label.ptr[0] == '-' ||
	    label.ptr[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		if (!ascii_is_alnum(label.ptr[i]) && label.ptr[i] != '-')
			return false;
		(void)buf_add_char(out, ascii_lower(label.ptr[i]));
	}
	return true;
}

/* All digits: such a last label would be half an address. */
static bool
is_number(struct str label)
{
	for (size_t i = 0; i < label.len; i++)
		if (!ascii_is_digit(label.ptr[i]))
			return false;
	return label.len > 0;
}

static bool
name_add(struct str text, struct buf *out)
{
	size_t start = out->len;
	struct str rest = text, label = STR_EMPTY;

	if (text.len == 0 || text.len > HOST_MAX * 4)
		return false;
	if (str_ends(rest, STR(".")))
		rest.len--;
	while (rest.ptr != NULL) {
		label = str_cut(rest, '.', &rest);
		if (!label_add(label, out))
			return false;
		if (rest.ptr != NULL)
			(void)buf_add_char(out, '.');
	}
	return !is_number(label) && out->len - start <= HOST_MAX;
}

bool
type_host_add(struct str text, struct buf *stored, struct err *e)
{
	size_t start = stored->len;

	if (address_add(text, stored))
		return true;
	if (name_add(text, stored))
		return true;
	buf_truncate(stored, start);
	return type_refuse(e, text, _("is not a host name or address"));
}

static bool
parse_host(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	(void)s;
	return type_host_add(text, stored, e);
}

static void
describe_host(const struct setting *s, struct buf *words)
{
	(void)s;
	(void)buf_add_cstr(words, _("host name or address"));
}

/* Part "HOST[:PORT]" or "[ADDRESS][:PORT]"; *port is empty without one. */
static bool
split_port(struct str text, struct str *host, struct str *port, bool *bracket)
{
	size_t colon = str_find(text, ':', 0);

	*port = (struct str)STR_EMPTY;
	*bracket = text.len > 0 && text.ptr[0] == '[';
	if (*bracket) {
		size_t end = str_find(text, ']', 0);
		if (end == text.len)
			return false;
		*host = str_sub(text, 1, end);
		text = str_sub(text, end + 1, text.len);
		if (text.len == 0)
			return true;
		*port = str_sub(text, 1, text.len);
		return text.ptr[0] == ':';
	}
	*host = str_sub(text, 0, colon);
	if (colon < text.len)
		*port = str_sub(text, colon + 1, text.len);
	return colon == text.len || port->len > 0;
}

static bool
parse_host_port(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	struct str host, port;
	bool bracket;
	int64_t n = 0;

	(void)s;
	if (!split_port(text, &host, &port, &bracket) ||
	    (port.len > 0 && !num_parse_i64(port, 1, PORT_MAX, &n)) ||
	    (bracket && str_find(host, ':', 0) == host.len))
		return type_refuse(e, text,
		    _("is not a server: NAME, NAME:PORT or [ADDRESS]:PORT"));
	if (bracket)
		(void)buf_add_char(stored, '[');
	if (!type_host_add(host, stored, e))
		return false;
	if (bracket)
		(void)buf_add_char(stored, ']');
	if (port.len > 0)
		(void)buf_addf(stored, ":%d", (int)n);
	return !stored->failed;
}

static void
describe_host_port(const struct setting *s, struct buf *words)
{
	(void)s;
	(void)buf_add_cstr(words, _("NAME, NAME:PORT or [ADDRESS]:PORT"));
}

/* Unquoted local part: atoms and single dots (RFC 5321, 4.1.2). */
static bool
is_local_part(struct str text)
{
	static const char atext[] = "!#$%&'*+-/=?^_`{}~";

	if (text.len == 0 || text.len > LOCAL_PART_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '.' &&
		    (i == 0 || i + 1 == text.len || text.ptr[i - 1] == '.'))
			return false;
		if (c != '.' && !ascii_is_alnum(c) &&
		    (c == '\0' || strchr(atext, c) == NULL))
			return false;
	}
	return true;
}

static bool
parse_email(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	size_t at = str_find(text, '@', 0);
	struct str local = str_sub(text, 0, at);
	struct str domain = str_sub(text, at + 1, text.len);

	(void)s;
	if (is_local_part(local)) {
		(void)buf_add_str(stored, local);
		if (at == text.len)
			return !stored->failed;
		(void)buf_add_char(stored, '@');
		if (name_add(domain, stored))
			return !stored->failed;
	}
	return type_refuse(
	    e, text, _("is not a mail address or the name of an account"));
}

static void
describe_email(const struct setting *s, struct buf *words)
{
	(void)s;
	(void)buf_add_cstr(words, _("mail address, or the name of an account"));
}

bool
type_account_is(struct str text)
{
	if (text.len == 0 || text.len > ACCOUNT_MAX || text.ptr[0] < 'a' ||
	    text.ptr[0] > 'z')
		return false;
	for (size_t i = 1; i < text.len; i++) {
		char c = text.ptr[i];
		if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) && c != '-' &&
		    c != '_' && c != '.')
			return false;
	}
	return true;
}

/* ES-61: lower-case letters, digits, - _ . after a letter. */
static bool
parse_account(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	(void)s;
	if (type_account_is(text))
		return buf_add_str(stored, text);
	return type_refuse(e, text, _("is not the name of an account"));
}

static void
describe_account(const struct setting *s, struct buf *words)
{
	(void)s;
	(void)buf_add_cstr(words, _("name of an account"));
}

const struct setting_type setting_type_host = {
	.name = "host",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_host,
	.format = type_format_plain,
	.describe = describe_host,
};

const struct setting_type setting_type_host_port = {
	.name = "host:port",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_host_port,
	.format = type_format_plain,
	.describe = describe_host_port,
};

const struct setting_type setting_type_email = {
	.name = "email",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_email,
	.format = type_format_plain,
	.describe = describe_email,
};

const struct setting_type setting_type_account = {
	.name = "account",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_account,
	.format = type_format_plain,
	.describe = describe_account,
};
