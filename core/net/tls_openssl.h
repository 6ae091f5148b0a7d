/* What the module "openssl" exports as "tls" and "tls server". */
#ifndef CORE_NET_TLS_OPENSSL_H
#define CORE_NET_TLS_OPENSSL_H

#include "core/net/tls_server.h"

extern const struct tls_calls tls_openssl;
extern const struct tls_server_calls tls_openssl_server;

#endif
