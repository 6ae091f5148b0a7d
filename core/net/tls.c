/* Opens the module behind TLS. */
#include "core/net/tls.h"

#include "core/sys/module.h"

const struct tls_calls *
tls_load(struct err *e)
{
	return module_table("openssl", "tls", TLS_VERSION_OF_TABLE,
	    sizeof(struct tls_calls), e);
}
