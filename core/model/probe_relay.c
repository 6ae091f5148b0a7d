/*
 * smtp relay-test: would the server take mail from a stranger for a stranger?
 * Each way that open relays were found by is tried as far as RCPT; DATA is
 * never begun, so nothing is ever sent.
 */
#include "core/base/i18n.h"
#include "core/model/probe.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* %1 is our name for the server's own domain, the rest is nobody's. */
static const struct {
	const char *sender;
	const char *recipient;
} ways[] = {
	{ "probe@example.net", "probe@example.org" },
	{ "", "probe@example.org" },
	{ "probe@%s", "probe@example.org" },
	{ "probe@example.net", "probe%%example.org@%s" },
	{ "probe@example.net", "example.org!probe@%s" },
	{ "probe@example.net", "@%s:probe@example.org" },
	{ "probe@example.net", "\"probe@example.org\"@%s" },
	{ "probe@example.net", "probe@example.org@%s" },
	{ "probe@example.net", "\"probe@example.org\"" },
};

/* A pattern with the server's name in the place of %s. */
static const char *
fill(struct probe *p, const char *pattern)
{
	struct buf out = BUF_INIT(512);
	for (const char *c = pattern; *c != '\0'; c++) {
		if (c[0] == '%' && c[1] == 's')
			buf_add_cstr(&out, p->host);
		else
			buf_add_char(&out, *c);
		c += c[0] == '%';
	}
	const char *text = arena_cstr(p->m->arena, buf_str(&out));
	buf_clear(&out);
	return text;
}

/* Addresses that servers let relay: loopback and private networks. */
static bool
is_near(const struct probe *p)
{
	static const char *const blocks[] = { "10.0.0.0/8", "172.16.0.0/12",
		"192.168.0.0/16", "fc00::/7", "fe80::/10" };
	struct sockaddr_storage own;
	socklen_t len = sizeof(own);
	struct net_addr addr = { 0 };
	if (getsockname(p->stream.fd, (struct sockaddr *)&own, &len) != 0)
		return false;
	addr.is_ipv6 = own.ss_family == AF_INET6;
	const struct sockaddr_in *in = (const void *)&own;
	const struct sockaddr_in6 *in6 = (const void *)&own;
	if (addr.is_ipv6)
		memcpy(addr.bytes, &in6->sin6_addr, 16);
	else
		memcpy(addr.bytes, &in->sin_addr, 4);
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		struct net_block b;
		if (net_block_parse(str_of(blocks[i]), &b) &&
		    net_block_has(&b, &addr))
			return true;
	}
	return net_addr_is_loopback(&addr);
}

/* One way; false when the connection is over. */
static bool
try_way(struct probe *p, size_t i, bool near, size_t *taken, struct err *e)
{
	const char *sender = fill(p, ways[i].sender);
	const char *recipient = fill(p, ways[i].recipient);
	struct smtp_answer a;
	if (!smtp_client_ask(&p->stream, p->m->arena,
		arena_printf(p->m->arena, "MAIL FROM:<%s>", sender), &a, e))
		return false;
	if (a.code / 100 == 2 &&
	    !smtp_client_ask(&p->stream, p->m->arena,
		arena_printf(p->m->arena, "RCPT TO:<%s>", recipient), &a, e))
		return false;
	bool yes = a.code / 100 == 2, later = a.code / 100 == 4;
	*taken += yes;
	findings_add(p->f,
	    yes     ? near ? FINDING_UNKNOWN : FINDING_FAIL
	    : later ? FINDING_UNKNOWN
		    : FINDING_OK,
	    "relay", N_("relay"), _("<%s> to <%s>: %s, %u %.*s"), sender,
	    recipient,
	    yes     ? _("taken")
	    : later ? _("not decided")
		    : _("refused"),
	    a.code, STR_ARG(a.lines[0]));
	return smtp_client_ask(&p->stream, p->m->arena, "RSET", &a, e);
}

void
probe_relay(struct probe *p)
{
	struct err e = ERR_INIT;
	struct smtp_answer bye;
	size_t taken = 0;
	bool ok = probe_connect(p, &e) && probe_smtp_hello(p, &e);
	bool near = ok && is_near(p);
	for (size_t i = 0; ok && i < ARRAY_LEN(ways); i++) {
		ok = try_way(p, i, near, &taken, &e);
		if (!ok)
			findings_add(p->f, FINDING_UNKNOWN, "relay",
			    N_("relay"), "%s", e.text);
	}
	if (near && taken > 0) {
		findings_add(p->f, FINDING_UNKNOWN, "outside", N_("outside"),
		    _("this machine is in a network that may relay: what a "
		      "stranger is told shows only from outside"));
		findings_next(p->f,
		    _("run this test on a machine elsewhere: smemail smtp "
		      "relay-test %s"),
		    p->host);
	}
	if (ok)
		(void)!smtp_client_ask(
		    &p->stream, p->m->arena, "QUIT", &bye, &e);
	probe_close(p);
}
