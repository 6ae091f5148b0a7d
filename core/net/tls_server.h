/*
 * TLS, server side: one certificate and its key for many sessions. Sessions
 * are used by the functions of core/net/tls.h and may outlive the server they
 * came from. OpenSSL stands behind it, in the module "openssl".
 */
#ifndef CORE_NET_TLS_SERVER_H
#define CORE_NET_TLS_SERVER_H

#include "core/base/buf.h"
#include "core/net/tls.h"

/* All in PEM; nothing is read from files. */
struct tls_server_wish {
	struct str certificate; /* and what links it to its authority */
	struct str key;
	struct str authorities; /* more of such links; or empty */
	struct str dh;          /* parameters; or empty */
	const char *ciphers;    /* of TLS 1.2, as OpenSSL writes them */
	uint16_t min_version;   /* TLS_1_2 or TLS_1_3 */
};

struct tls_server;

enum {
	TLS_TICKET_KEYS = 2,
	TLS_TICKET_KEY_SIZE = 80 /* name 16, cipher 32, MAC 32 */
};

/*
 * What the tickets are sealed with that a client shows to come back (RFC 5077,
 * RFC 8446 4.6.1): random bytes. Servers that have the same open each other's.
 * The first seals; one that was first before still opens.
 */
struct tls_ticket_keys {
	unsigned n;
	unsigned char keys[TLS_TICKET_KEYS][TLS_TICKET_KEY_SIZE];
};

struct tls_server_calls {
	/* Opens what the library reads once; tls_server_load has done it. */
	void (*warm_up)(void);
	/* NULL when certificate and key are of no use; 'e' says why. */
	struct tls_server *(*open)(
	    const struct tls_server_wish *w, struct err *e);
	void (*close)(struct tls_server *s); /* NULL allowed */
	/* Without, the library makes keys of its own for each server. */
	void (*set_ticket_keys)(
	    struct tls_server *s, const struct tls_ticket_keys *keys);
	/* A session on a connected socket, which stays the caller's. */
	struct tls *(*accept)(struct tls_server *s, int fd, struct err *e);
	/* Bytes of the peer lie here and no longer in the socket. */
	bool (*has_read_ahead)(struct tls *t);
	/* A read may find something without the socket being readable anew. */
	bool (*has_more)(struct tls *t);
	/* What is written from now on may leave together with the farewell. */
	void (*will_close)(struct tls *t);
	/* After the handshake: "TLS_AES_256_GCM_SHA384"; as long as 't'. */
	const char *(*cipher)(struct tls *t);
	/*
	 * Append a certificate for this name that vouches for itself, good for
	 * ten years, and its key (P-256), in PEM.
	 */
	bool (*self_signed)(const char *name, struct buf *out, struct err *e);
};

enum {
	TLS_SERVER_VERSION_OF_TABLE = 3
};

/*
 * The functions; NULL with the reason when the module is not to be had. They
 * work behind a closed file system from then on.
 */
MUST_USE const struct tls_server_calls *tls_server_load(struct err *e);

#endif
