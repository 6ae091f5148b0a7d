/* What the module "openssl" exports as "tls". */
#ifndef CORE_NET_TLS_OPENSSL_H
#define CORE_NET_TLS_OPENSSL_H

#include "core/net/tls.h"

extern const struct tls_calls tls_openssl;

#endif
