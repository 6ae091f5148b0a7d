/* Opens the module behind the digests and signatures. */
#include "core/auth/crypto.h"

#include "core/sys/module.h"

const struct crypto *
crypto_load(struct err *e)
{
	return module_table(
	    "openssl", "crypto", CRYPTO_VERSION, sizeof(struct crypto), e);
}
