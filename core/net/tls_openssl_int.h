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
	BIO_METHOD *socket; /* the library's, but for how it writes; or NULL */
	char *name;         /* to compare, or NULL */
	bool verify;
	bool dane;
};

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
