/* What the module "openssl" exports as "crypto". */
#ifndef CORE_AUTH_CRYPTO_OPENSSL_H
#define CORE_AUTH_CRYPTO_OPENSSL_H

#include "core/auth/crypto.h"

extern const struct crypto crypto_openssl;

#endif
