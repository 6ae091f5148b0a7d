/*
 * Fuzzes published key records: any bytes give a record or a problem, and a key
 * that is taken can be used. Exercises core/auth/dkim_record.c, dkim_tags.c
 * and the reading of keys.
 */
#include "core/auth/dkim.h"

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
	static const struct crypto *c;
	struct dkim_record r;
	struct arena *a = arena_new(1 << 20, NULL, NULL);
	if (c == NULL)
		c = crypto_load(NULL);
	require(c != NULL && a != NULL);
	dkim_record_parse(str_n((const char *)data, size), a, &r);
	require(r.problem < DKIM_REASONS);
	require(r.problem != DKIM_OK || (r.key.len > 0 && r.p_tags > 0));
	if (r.problem == DKIM_OK) {
		struct crypto_key *k = c->key_public(
		    str_is(r.kind, "ed25519") ? CRYPTO_ED25519 : CRYPTO_RSA,
		    r.key, NULL);
		require(k == NULL || c->key_bits(k) <= CRYPTO_RSA_BITS_MAX);
		c->key_free(k);
	}
	arena_free(a);
	return 0;
}
