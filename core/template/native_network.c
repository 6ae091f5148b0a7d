/*
 * What mail changes of the network (sections 8, 9 and 11): the SMTP proxy of
 * the firewall, the packet size, and the servers that the resolver asks.
 * smemail writes rules and never loads them.
 */
#include "core/template/native_int.h"

#define IPTABLES "    /sbin/iptables "
#define NAT      IPTABLES "--table nat "
#define DNSCACHE "/var/service/dnscache.forwarder/"

/* Own addresses are let through before the last rule, which adjusts. */
static long
last_rule(const struct template_env *env)
{
	return native_true(native_config(env, "ExternalIP", NULL)) ? 4 : 3;
}

static void
emit_proxy_chain(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	static const char *const addresses[] = { "LocalIP", "ExternalIP" };
	(void)f;
	native_line(out, NAT "--new-chain SMTPProxy");
	native_line(
	    out, NAT "--append PREROUTING -p tcp --dport 25 -j SMTPProxy");
	native_line(out, NAT "--append SMTPProxy -d 127.0.0.1 -j ACCEPT");
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct str ip = native_config(env, addresses[i], NULL);
		if (native_true(ip))
			native_line(out,
			    NAT "--append SMTPProxy -d %.*s -j ACCEPT",
			    STR_ARG(ip));
	}
	native_line(out, NAT "--append SMTPProxy");
}

static void
emit_filter_chain(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)env;
	(void)f;
	native_line(out, IPTABLES "--new-chain SMTPProxy");
	native_line(
	    out, IPTABLES "--append FORWARD -p tcp --dport 25 -j SMTPProxy");
}

static void
emit_adjust(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str proxy = native_config(env, "smtpd", "Proxy");
	struct str ip = native_config(env, "LocalIP", NULL);
	long n = last_rule(env);
	(void)f;
	native_line(out, IPTABLES "--flush SMTPProxy");
	if (str_is(proxy, "transparent") && native_true(ip)) {
		native_line(out,
		    NAT "--replace SMTPProxy %ld\\\n"
			"\t-p TCP -j DNAT --to %.*s:25",
		    n, STR_ARG(ip));
		return;
	}
	native_line(out, NAT "--replace SMTPProxy %ld", n);
	if (str_is(proxy, "blocked"))
		native_line(out, IPTABLES
		    "--append SMTPProxy -p tcp --dport 25 -i $INTERNALIF "
		    "-j denylog");
}

/* The root servers, for who asks none in between (root hints of 2023). */
static const char *const root_servers[] = { "198.41.0.4", "170.247.170.2",
	"192.33.4.12", "199.7.91.13", "192.203.230.10", "192.5.5.241",
	"192.112.36.4", "198.97.190.53", "192.36.148.17", "192.58.128.30",
	"193.0.14.129", "199.7.83.42", "202.12.27.33" };

static void
emit_servers(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str first = native_config(env, "dnscache", "Forwarder");
	(void)f;
	for (size_t i = 0; i < ARRAY_LEN(root_servers) && !native_true(first);
	     i++)
		native_line(out, "%s", root_servers[i]);
	if (native_true(first))
		native_parts(first, ',', native_emit_part, out);
	native_parts(native_config(env, "dnscache", "Forwarder2"), ',',
	    native_emit_part, out);
}

static void
emit_forward_only(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	if (native_true(native_config(env, "dnscache", "Forwarder")))
		native_line(out, "export FORWARDONLY=1");
}

/* clang-format off */
static const struct template_fragment
f_masq[] = {
	NATIVE_TEXT("template-begin", "#!/bin/sh"),
	NATIVE_EMIT("35SMTPProxy", emit_proxy_chain),
	NATIVE_EMIT("40AllowGSMTP", emit_filter_chain),
	NATIVE_EMIT("90adjustSMTPProxy", emit_adjust),
},
f_interface[] = {
	NATIVE_VALUE("10MTU", "MTU=", "InternalInterface", "MTU", "", ""),
},
f_servers[] = { NATIVE_EMIT("@", emit_servers) },
f_forwarder[] = { NATIVE_EMIT("FORWARDER", emit_forward_only) };

const struct template_file native_network[] = {
	{ .path = "/etc/rc.d/init.d/masq", FRAGMENTS(f_masq) },
	{ .path = "/etc/sysconfig/network-scripts/ifcfg-eth0",
	  FRAGMENTS(f_interface) },
	{ .path = DNSCACHE "config", FRAGMENTS(f_forwarder) },
	{ .path = DNSCACHE "root/servers/@", FRAGMENTS(f_servers),
	  .flags = TEMPLATE_BARE },
};
const size_t native_network_count = ARRAY_LEN(native_network);
/* clang-format on */
