/* Opens the module behind TLS, server side. */
#include "core/net/tls_server.h"

#include "core/sys/module.h"

const struct tls_server_calls *
tls_server_load(struct err *e)
{
	const struct tls_server_calls *calls =
	    module_table("openssl", "tls server", TLS_SERVER_VERSION_OF_TABLE,
		sizeof(struct tls_server_calls), e);
	if (calls != NULL)
		calls->warm_up();
	return calls;
}
