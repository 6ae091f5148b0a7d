/* Shared by the files of the TLS wrapper. */
#ifndef CORE_NET_TLS_OPENSSL_INT_H
#define CORE_NET_TLS_OPENSSL_INT_H

#include "core/base/buf.h"
#include "core/net/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

struct tls {
	SSL_CTX *ctx; /* NULL: shared, counted by the library */
	SSL *ssl;
	struct tls_server *server; /* it came from; NULL: a client */
	BIO_METHOD *socket;        /* a client's own; or NULL */
	bool drained; /* the last read left nothing in the socket */
	bool ending;  /* what is written may wait for the farewell */
	char *name;   /* to compare, or NULL */
	bool verify;
	bool dane;
};

/* How bytes reach a socket and leave it; NULL without memory. */
BIO_METHOD *tls_openssl_socket(void);
/* The session's socket by that method, which must outlive it. */
bool tls_openssl_set_socket(struct tls *t, const BIO_METHOD *how, int fd);
/* A session of it is gone; NULL allowed. */
void tls_openssl_server_release(struct tls_server *s);
/* A new key and a certificate of its own, as PEM; see tls_server.h. */
bool tls_openssl_self_signed(const char *name, struct buf *out, struct err *e);
/* Sets 'e' to 'what' and the library's reason; false. */
bool tls_openssl_failed(struct err *e, const char *what);

/* Facts of a certificate; false when memory is out. */
bool tls_openssl_certificate(
    X509 *x, struct arena *a, struct tls_certificate *out);
/* The same from DER. */
bool tls_openssl_certificate_der(
    struct str der, struct arena *a, struct tls_certificate *out);

#endif
