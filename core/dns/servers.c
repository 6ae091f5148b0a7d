/* Which servers are asked. */
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/dns/resolver.h"
#include "core/sys/file.h"

#include <errno.h>
#include <stdio.h>

enum {
	FILE_MAX = 64 * 1024
};

bool
dns_server_parse(struct str s, struct dns_server *out)
{
	struct str host = s, port = STR_EMPTY;
	uint64_t n = DNS_PORT;
	size_t colon = str_find(s, ':', 0);
	if (s.len > 0 && s.ptr[0] == '[') {
		size_t end = str_find(s, ']', 0);
		host = str_sub(s, 1, end);
		if (end == s.len)
			return false;
		port = str_sub(s, end + 1, s.len);
		if (port.len > 0 && port.ptr[0] != ':')
			return false;
	} else if (colon < s.len && str_find(s, ':', colon + 1) == s.len) {
		host = str_sub(s, 0, colon);
		port = str_sub(s, colon, s.len);
	}
	if (!net_addr_parse(host, &out->addr))
		return false;
	if (port.len > 0 &&
	    (!num_parse_u64(str_sub(port, 1, port.len), UINT16_MAX, &n) ||
		n == 0))
		return false;
	out->port = (uint16_t)n;
	return true;
}

const char *
dns_server_format(const struct dns_server *s, char out[DNS_SERVER_TEXT_MAX])
{
	char addr[NET_ADDR_TEXT_SIZE];
	net_addr_format(&s->addr, addr);
	if (s->port == DNS_PORT)
		snprintf(out, DNS_SERVER_TEXT_MAX, "%s", addr);
	else
		snprintf(out, DNS_SERVER_TEXT_MAX,
		    s->addr.is_ipv6 ? "[%s]:%u" : "%s:%u", addr, s->port);
	return out;
}

/* The next word between blanks and commas. */
static bool
word_next(struct str *rest, struct str *word)
{
	size_t from = 0, to;
	while (from < rest->len &&
	       (ascii_is_space(rest->ptr[from]) || rest->ptr[from] == ','))
		from++;
	for (to = from; to < rest->len && !ascii_is_space(rest->ptr[to]) &&
			rest->ptr[to] != ',';
	     to++)
		continue;
	*word = str_sub(*rest, from, to);
	*rest = str_sub(*rest, to, rest->len);
	return word->len > 0;
}

bool
dns_config_parse(struct dns_config *c, const char *text, struct err *e)
{
	struct str rest = str_of(text), word;
	c->n_servers = 0;
	while (word_next(&rest, &word)) {
		if (c->n_servers == DNS_SERVERS_MAX)
			return err_set(e, ERR_USAGE,
			    _("more than %d name servers in '%s'"),
			    DNS_SERVERS_MAX, text);
		if (!dns_server_parse(word, &c->servers[c->n_servers++]))
			return err_set(e, ERR_USAGE,
			    _("'%.*s' is no name server: an address is "
			      "needed, with ':PORT' if not 53"),
			    STR_ARG(word));
	}
	return c->n_servers > 0 ||
	       err_set(e, ERR_USAGE, "%s", _("no name server is named"));
}

/* Lines that name no usable address are passed over, as the libc does. */
static void
lines_read(struct dns_config *c, struct str text)
{
	struct str line, word;
	while (str_next_line(&text, &line)) {
		if (!str_next_word(&line, &word) ||
		    !str_is(word, "nameserver") ||
		    !str_next_word(&line, &word) ||
		    c->n_servers == DNS_SERVERS_MAX)
			continue;
		struct dns_server *s = &c->servers[c->n_servers];
		if (net_addr_parse(word, &s->addr)) {
			s->port = DNS_PORT;
			c->n_servers++;
		}
	}
}

bool
dns_config_read(struct dns_config *c, const struct root *root, struct err *e)
{
	static const char name[] = "/etc/resolv.conf";
	char path[SYS_PATH_MAX];
	struct err why = ERR_INIT;
	struct buf text = BUF_INIT(FILE_MAX);
	c->n_servers = 0;
	if (!root_path(root, name, path, e) ||
	    !root_follow(root, name, path, e))
		return false;
	bool ok = file_read(path, name, &text, &why);
	if (ok)
		lines_read(c, buf_str(&text));
	buf_clear(&text);
	if (!ok && why.sys_errno != ENOENT) {
		if (e != NULL)
			*e = why;
		return false;
	}
	if (c->n_servers == 0) {
		c->servers[0] =
		    (struct dns_server){ .addr = { .bytes = { 127, 0, 0, 1 } },
			    .port = DNS_PORT };
		c->n_servers = 1;
	}
	return true;
}
