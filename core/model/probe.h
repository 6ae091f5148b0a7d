/*
 * Probes of mail servers: one polite connection each, every wait bounded by one
 * deadline, nothing sent that a peer could take for mail. What they see comes
 * as findings.
 */
#ifndef CORE_MODEL_PROBE_H
#define CORE_MODEL_PROBE_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/dns/dns.h"
#include "core/model/ctx.h"
#include "core/model/finding.h"
#include "core/net/stream.h"
#include "core/smtp/client.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	PROBE_SECONDS = 30, /* for everything */
	PROBE_ADDRESSES_MAX = 8
};

struct probe {
	const struct model_ctx *m;
	struct dns *dns;
	struct findings *f;
	const char *own_name; /* of this server, for EHLO */
	const char *trusted;  /* certificates (PEM), NULL: the system's */
	int64_t deadline_ms;  /* of clock_mono_ms */
	const char *host;     /* name or address that is probed */
	uint16_t port;
	struct net_addr addr; /* the one that answered */
	struct stream stream;
	struct smtp_extensions offers; /* of the last EHLO */
	struct tls_facts tls;
	bool secure; /* under TLS */
};

/* "host", "host:port", "[2001:db8::1]:port"; 'port' when none is named. */
MUST_USE bool probe_target(
    struct probe *p, const char *text, uint16_t port, struct err *e);
/* Resolve and connect, one address after the other; adds "connect". */
MUST_USE bool probe_connect(struct probe *p, struct err *e);
void probe_close(struct probe *p);

/* TLS on the connection; 'starttls' is only for the text. Adds "tls". */
MUST_USE bool probe_tls_begin(
    struct probe *p, const struct tls_wish *wish, struct err *e);
/* Version, chain, name, expiry, key: one finding each. */
void probe_tls_findings(struct probe *p);

/* Banner and EHLO; findings "banner", "ehlo", "size", "auth". */
MUST_USE bool probe_smtp_hello(struct probe *p, struct err *e);
/* STARTTLS and EHLO again. */
MUST_USE bool probe_smtp_starttls(struct probe *p, struct err *e);

/*
 * smtp probe: all of the above. 'recipient' (NULL: none) is asked for with the
 * null sender and taken back by RSET.
 */
void probe_smtp(struct probe *p, const char *recipient);
/*
 * tls probe: versions, chain, name, expiry, DANE, MTA-STS. 'protocol' is
 * "smtp", "imap", "pop3", "tls" or NULL: by the port.
 */
void probe_tls(struct probe *p, const char *protocol);
/* Does the server of this probe relay for strangers? No message is sent. */
void probe_relay(struct probe *p);
/* The smarthost of the settings, with its login. False: none is set. */
MUST_USE bool probe_smarthost(struct probe *p, struct err *e);

#endif
