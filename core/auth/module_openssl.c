/* The symbol of the module "openssl": its tables. */
#include "core/auth/crypto_openssl.h"
#include "core/net/tls_openssl.h"
#include "core/sys/module.h"

/* not declared elsewhere: it is found by its name only */
extern const struct module_export smemail_module_export;

static const struct module_part parts[] = {
	{ "crypto", CRYPTO_VERSION, sizeof(struct crypto), &crypto_openssl },
	{ "tls", TLS_VERSION_OF_TABLE, sizeof(struct tls_calls), &tls_openssl },
	{ "tls server", TLS_SERVER_VERSION_OF_TABLE,
	    sizeof(struct tls_server_calls), &tls_openssl_server },
	{ NULL, 0, 0, NULL },
};

const struct module_export smemail_module_export = {
	.release = SMEMAIL_VERSION,
	.parts = parts,
};
