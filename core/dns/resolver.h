/*
 * The resolver that asks real servers: over UDP from a random port with a
 * random id and random letter case, over TCP what does not fit or looks
 * forged, one server after the other, within a deadline. Packets are taken
 * apart by a program of its own in a sandbox (cmd/codec).
 */
#ifndef CORE_DNS_RESOLVER_H
#define CORE_DNS_RESOLVER_H

#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/dns/dns.h"
#include "core/sys/root.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_SERVERS_MAX = 8,
	DNS_PORT = 53,
	DNS_SERVER_TEXT_MAX = 56,
	DNS_FLIGHTS_USUAL = 400, /* questions on the way at a time */
	DNS_CACHE_USUAL = 4096,  /* replies kept */
	DNS_RETRY_USUAL_MS = 800 /* until the next server is asked as well */
};

struct dns_config {
	struct dns_server servers[DNS_SERVERS_MAX];
	size_t n_servers;
	const char *codec;   /* program; NULL: beside ours, or as installed */
	int64_t deadline_ms; /* of a question; the rest too: 0 is usual */
	int64_t retry_ms;
	size_t flights;
	size_t cache;
};

/* "ADDRESS", "ADDRESS:PORT", "[IPV6]:PORT". */
MUST_USE bool dns_server_parse(struct str s, struct dns_server *out);
/* "192.0.2.53", with the port where it is not 53; returns 'out'. */
const char *dns_server_format(
    const struct dns_server *s, char out[DNS_SERVER_TEXT_MAX]);
/* A list of them parted by commas or blanks, of --dns and SMEMAIL_DNS. */
MUST_USE bool dns_config_parse(
    struct dns_config *c, const char *text, struct err *e);
/*
 * The nameserver lines of /etc/resolv.conf below the root; where there are
 * none, 127.0.0.1 (resolv.conf(5)).
 */
MUST_USE bool dns_config_read(
    struct dns_config *c, const struct root *root, struct err *e);

/* To be freed by dns_free. The configuration is copied. */
struct dns *dns_resolver_new(
    const struct dns_config *c, const struct clock *clock, struct err *e);

#endif
