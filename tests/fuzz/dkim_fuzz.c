/*
 * Fuzzes signed messages: the first line is the key record of every signature,
 * the rest the message. Verdicts are words, the canonical body is the same
 * however it is cut, ARC sets are bounded. Exercises core/auth/dkim_*.c and
 * arc.c.
 */
#include "core/auth/arc.h"
#include "core/auth/dkim_int.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	ARENA_MAX = 8 << 20,
	NOW = 1774000000
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static size_t
body_digest(const struct crypto *c, struct str body, enum dkim_canon canon,
    size_t chunk, uint8_t out[CRYPTO_DIGEST_MAX])
{
	static struct dkim_body b;
	struct crypto_hash *hash = c->hash_new(CRYPTO_SHA256);
	require(hash != NULL);
	dkim_body_begin(&b, c, hash, canon);
	for (size_t at = 0; at < body.len; at += chunk)
		dkim_body_add(&b, str_sub(body, at, at + chunk));
	size_t n = dkim_body_end(&b, out);
	c->hash_free(hash);
	return n;
}

static void
check_body(const struct crypto *c, struct str body)
{
	for (int canon = DKIM_SIMPLE; canon <= DKIM_RELAXED; canon++) {
		uint8_t whole[CRYPTO_DIGEST_MAX], parts[CRYPTO_DIGEST_MAX];
		size_t n = body_digest(
		    c, body, (enum dkim_canon)canon, body.len + 1, whole);
		body_digest(c, body, (enum dkim_canon)canon, 7, parts);
		require(n == 32 && memcmp(whole, parts, n) == 0);
	}
}

static void
check_message(
    const struct crypto *c, struct str record, struct str text, struct arena *a)
{
	struct dkim_message m;
	struct dkim_key_answer key = { true, STR_EMPTY, &record, 1 };
	struct dkim_judge *j = dkim_judge_new(c);
	struct arc_chain chain;
	require(j != NULL);
	if (dkim_message_parse(text, a, &m, NULL)) {
		dkim_judge_message(j);
		for (size_t i = 0; i < m.n_signatures; i++) {
			struct dkim_verdict v;
			dkim_judge_signature(
			    j, &m, &m.signatures[i], &key, NOW, &v);
			require(v.reason < DKIM_REASONS);
			require(v.result != DKIM_PASS ||
				v.body_signed <= v.body_octets);
		}
		arc_chain_parse(&m.header, a, &chain);
		require(chain.n_sets <= ARC_SETS_MAX);
		check_body(c, m.header.body);
	}
	dkim_judge_free(j);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct crypto *c;
	struct str text = str_n((const char *)data, size), record;
	struct arena *a = arena_new(ARENA_MAX, NULL, NULL);
	if (c == NULL)
		c = crypto_load(NULL);
	require(c != NULL && a != NULL);
	if (str_next_line(&text, &record))
		check_message(c, record, text, a);
	arena_free(a);
	return 0;
}
