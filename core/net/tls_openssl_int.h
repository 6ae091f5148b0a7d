/* Shared by the files of the TLS wrapper. */
#ifndef CORE_NET_TLS_OPENSSL_INT_H
#define CORE_NET_TLS_OPENSSL_INT_H

#include "core/net/tls.h"

#include <openssl/x509.h>

/* Facts of a certificate; false when memory is out. */
bool tls_openssl_certificate(
    X509 *x, struct arena *a, struct tls_certificate *out);
/* The same from DER. */
bool tls_openssl_certificate_der(
    struct str der, struct arena *a, struct tls_certificate *out);

#endif
