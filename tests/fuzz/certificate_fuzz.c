/*
 * Fuzzes certificates: any DER gives facts within bounds, or none. Exercises
 * core/net/tls_openssl_cert.c.
 */
#include "core/net/tls.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tls_calls *tls;
	struct tls_certificate c;
	struct arena *a = arena_new(1 << 20, NULL, NULL);
	if (tls == NULL)
		tls = tls_load(NULL);
	require(tls != NULL && a != NULL);
	if (tls->certificate(str_n((const char *)data, size), a, &c)) {
		require(c.n_names <= TLS_NAMES_MAX);
		require(c.subject.len <= 512 && c.issuer.len <= 512);
	}
	arena_free(a);
	return 0;
}
