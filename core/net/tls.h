/*
 * TLS on a connected socket, client side: the handshake, bytes in and out, and
 * what the peer showed. OpenSSL stands behind it, in the module "openssl"
 * (core/sys/module.h), which tls_load opens. The socket stays the caller's and
 * should not block; calls say what they wait for.
 */
#ifndef CORE_NET_TLS_H
#define CORE_NET_TLS_H

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TLS_CHAIN_MAX = 16, /* certificates looked at */
	TLS_NAMES_MAX = 64, /* names of a certificate kept */
	TLS_SHA256_BYTES = 32
};

/* Protocol versions as the wire has them. */
enum {
	TLS_1_0 = 0x0301,
	TLS_1_1 = 0x0302,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304
};

/* One TLSA record (RFC 6698 2.1). */
struct tls_tlsa {
	uint8_t usage;
	uint8_t selector;
	uint8_t matching;
	struct str data;
};

struct tls_wish {
	const char *name; /* sent as SNI and compared; NULL: neither */
	bool no_sni;      /* compare the name, but do not send it */
	/*
	 * Judge the chain by trusted certificates. Loading them takes long, so
	 * only where a peer is to be verified (T-51).
	 */
	bool verify;
	const char *trusted;  /* PEM file; NULL: the system's */
	const char *alpn;     /* one protocol, "http/1.1"; or NULL */
	uint16_t min_version; /* 0: the library's choice */
	uint16_t max_version;
	const struct tls_tlsa *tlsa; /* DANE: judged instead of 'trusted' */
	size_t n_tlsa;
};

enum tls_status {
	TLS_DONE,
	TLS_WANT_READ, /* call again when the socket can be read */
	TLS_WANT_WRITE,
	TLS_CLOSED, /* the peer ended the connection */
	TLS_FAILED  /* with a reason in 'e' */
};

struct tls_certificate {
	struct str subject; /* "CN=mail.example.com", RFC 2253 order */
	struct str issuer;
	int64_t not_before; /* Unix time */
	int64_t not_after;
	struct str key; /* "RSA 2048", "EC P-256", "Ed25519" */
	unsigned key_bits;
	struct str signed_with; /* "sha256WithRSAEncryption" */
	struct str *names;      /* DNS names and addresses it is for */
	size_t n_names;
	bool self_issued; /* subject and issuer are equal */
	uint8_t sha256[TLS_SHA256_BYTES];
	uint8_t key_sha256[TLS_SHA256_BYTES]; /* of the SubjectPublicKeyInfo */
};

/* Everything the peer showed; strings in the arena that was given. */
struct tls_facts {
	uint16_t version;
	struct str version_name; /* "TLSv1.3" */
	struct str cipher;
	struct str alpn;               /* agreed protocol, or empty */
	struct tls_certificate *chain; /* as sent, the peer's own first */
	size_t n_chain;
	bool verified;     /* verification was asked for and succeeded */
	struct str reason; /* why not, in the library's words; or empty */
	bool name_matches; /* the peer's certificate is for wish.name */
	bool by_dane;      /* a TLSA record vouched for it */
	int dane_usage;    /* of that record, else -1 */
};

struct tls;

struct tls_calls {
	/* Copies what it needs of the wish. NULL on failure. */
	struct tls *(*open)(int fd, const struct tls_wish *w, struct err *e);
	enum tls_status (*handshake)(struct tls *t, struct err *e);
	/* *got > 0 with TLS_DONE. */
	enum tls_status (*read)(
	    struct tls *t, void *to, size_t size, size_t *got, struct err *e);
	enum tls_status (*write)(struct tls *t, const void *bytes, size_t n,
	    size_t *sent, struct err *e);
	/* After the handshake. */
	bool (*facts)(struct tls *t, struct arena *a, struct tls_facts *out,
	    struct err *e);
	/*
	 * Says farewell when the socket takes it at once; frees 't'. A server's
	 * farewell leaves with the connection's end, to be made by the caller.
	 */
	void (*close)(struct tls *t); /* NULL allowed */
	/* Facts of one certificate in DER; false when it is none. */
	bool (*certificate)(
	    struct str der, struct arena *a, struct tls_certificate *out);
};

enum {
	TLS_VERSION_OF_TABLE = 1
};

/* The functions; NULL with the reason when the module is not to be had. */
MUST_USE const struct tls_calls *tls_load(struct err *e);

#endif
