/* Names and addresses of this server. */
#include "core/model/own.h"

#include "core/base/i18n.h"
#include "core/db/db.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const private_blocks[] = { "10.0.0.0/8", "172.16.0.0/12",
	"192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
	"0.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128", "::/128" };

bool
own_is_private(const struct net_addr *a)
{
	for (size_t i = 0; i < ARRAY_LEN(private_blocks); i++) {
		struct net_block b;
		if (net_block_parse(str_of(private_blocks[i]), &b) &&
		    net_block_has(&b, a))
			return true;
	}
	return false;
}

const char *
own_source_text(enum own_source s)
{
	static const char *const texts[] = { N_("record ExternalIP"),
		N_("address of the interface"), N_("address of the HELO name"),
		N_("smarthost") };
	return _(texts[s]);
}

static struct str
value_of(const struct db *db, struct arena *a, const char *key)
{
	const struct db_record *r = db_find(db, str_of(key));
	return r != NULL ? db_record_value(r, a) : str_n("", 0);
}

static struct str
prop_of(const struct db *db, struct arena *a, const char *key, const char *name)
{
	struct str value = STR_EMPTY;
	if (!db_prop(db, key, name, a, &value))
		return str_n("", 0);
	return value;
}

/* A name without port and brackets; blank and "off" mean none. */
static struct str
host_of(struct str s)
{
	s = str_trim(s);
	if (str_is_nocase(s, "off"))
		return str_n("", 0);
	if (s.len > 0 && s.ptr[0] == '[')
		return str_sub(s, 1, str_find(s, ']', 0));
	size_t colon = str_find(s, ':', 0);
	if (colon < s.len && str_find(s, ':', colon + 1) == s.len)
		s.len = colon;
	return s;
}

bool
own_names_read(const struct model_ctx *m, struct own_names *out, struct err *e)
{
	char path[SYS_PATH_MAX];
	struct db *db = NULL;
	struct arena *a = m->arena;
	if (!db_path(m->root, "configuration", path, NULL, e) ||
	    !db_load(path, root_shown(m->root, path), &db, e))
		return false;
	struct str short_name = value_of(db, a, "SystemName");
	out->domain = value_of(db, a, "DomainName");
	out->host = str_of(arena_printf(
	    a, "%.*s.%.*s", STR_ARG(short_name), STR_ARG(out->domain)));
	if (short_name.len == 0 || out->domain.len == 0)
		out->host = str_n("", 0);
	out->helo = prop_of(db, a, "smtpd", "HeloHost");
	if (out->helo.len == 0)
		out->helo = out->host;
	out->smarthost = host_of(value_of(db, a, "SMTPSmartHost"));
	if (out->smarthost.len == 0)
		out->smarthost =
		    host_of(prop_of(db, a, "postfix", "SMTPSmartHost"));
	out->external_ip = str_trim(value_of(db, a, "ExternalIP"));
	out->forwarder = str_trim(prop_of(db, a, "dnscache", "Forwarder"));
	db_free(db);
	return true;
}

static void
address_add(struct own *own, const struct net_addr *addr, enum own_source from)
{
	for (size_t i = 0; i < own->n; i++) {
		if (net_addr_eq(&own->addresses[i].addr, addr))
			return;
	}
	if (own->n < OWN_ADDRESSES_MAX && !own_is_private(addr))
		own->addresses[own->n++] = (struct own_address){ *addr, from };
}

/*
 * The source address of packets to the outside. Connecting a UDP socket sends
 * nothing; the far address is one of the documentation's.
 */
static bool
route_address(bool ipv6, struct net_addr *out)
{
	struct sockaddr_in far4 = { .sin_family = AF_INET,
		.sin_port = htons(53),
		.sin_addr.s_addr = htonl(0xc6336401) }; /* 198.51.100.1 */
	struct sockaddr_in6 far6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(53),
		.sin6_addr.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };
	struct sockaddr_storage near = { .ss_family = AF_UNSPEC };
	socklen_t n = sizeof(near);
	int fd =
	    socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	bool ok =
	    (ipv6 ? connect(fd, (struct sockaddr *)&far6, sizeof(far6))
		  : connect(fd, (struct sockaddr *)&far4, sizeof(far4))) == 0 &&
	    getsockname(fd, (struct sockaddr *)&near, &n) == 0;
	close(fd);
	*out = (struct net_addr){ .is_ipv6 = ipv6 };
	if (ok && ipv6)
		memcpy(out->bytes, &((struct sockaddr_in6 *)&near)->sin6_addr,
		    sizeof(out->bytes));
	else if (ok)
		memcpy(out->bytes, &((struct sockaddr_in *)&near)->sin_addr, 4);
	return ok;
}

static void
local_addresses(struct own *own)
{
	struct net_addr a;
	if (net_addr_parse(own->names.external_ip, &a))
		address_add(own, &a, OWN_RECORD);
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		if (!route_address(ipv6 != 0, &a))
			continue;
		if (ipv6 == 0 && own_is_private(&a))
			own->behind_nat = true;
		address_add(own, &a, OWN_ROUTE);
	}
}

static void
answer_add(
    struct own *own, const struct dns_answer *answer, enum own_source from)
{
	for (size_t i = 0; i < answer->n; i++)
		address_add(own, &answer->records[i].as.addr, from);
	if (!dns_is_answer(answer->status))
		own->unknown = answer->reason;
}

/* Names, each for both kinds of address, all at once. */
static void
named_addresses(const struct model_ctx *m, struct dns *dns, struct own *own)
{
	const struct {
		struct str name;
		enum own_source source;
	} names[] = { { own->names.helo, OWN_DNS },
		{ own->names.smarthost, OWN_SMARTHOST } };
	struct dns_question q[2 * ARRAY_LEN(names)] = { { .type = 0 } };
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct net_addr literal;
		if (net_addr_parse(names[i].name, &literal))
			address_add(own, &literal, names[i].source);
		else if (names[i].name.len > 0)
			for (size_t k = 0; k < 2; k++) {
				q[n].name = names[i].name;
				q[n++].type = k == 0 ? DNS_A : DNS_AAAA;
			}
	}
	dns_ask_all(dns, m->arena, q, n);
	for (size_t i = 0; i < n; i++)
		answer_add(own, q[i].answer,
		    str_eq(q[i].name, own->names.helo) ? OWN_DNS
						       : OWN_SMARTHOST);
}

bool
own_read(
    const struct model_ctx *m, struct dns *dns, struct own *out, struct err *e)
{
	*out = (struct own){ .n = 0 };
	if (!own_names_read(m, &out->names, e))
		return false;
	local_addresses(out);
	named_addresses(m, dns, out);
	return true;
}
