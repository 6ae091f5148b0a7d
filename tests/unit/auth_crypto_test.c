/* Digests, keys, signatures: what DKIM stands on (RFC 6376, RFC 8463). */
#include "core/auth/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct crypto *
crypto(void)
{
	struct err e = ERR_INIT;
	const struct crypto *c = crypto_load(&e);
	assert_non_null(c);
	return c;
}

static void
test_digests_of_known_texts(void **state)
{
	static const struct {
		enum crypto_digest which;
		size_t len;
		uint8_t first[4];
	} cases[] = {
		/* of "abc": FIPS 180-4 examples */
		{ CRYPTO_SHA1, 20, { 0xa9, 0x99, 0x3e, 0x36 } },
		{ CRYPTO_SHA256, 32, { 0xba, 0x78, 0x16, 0xbf } },
		{ CRYPTO_SHA512, 64, { 0xdd, 0xaf, 0x35, 0xa1 } },
	};
	const struct crypto *c = crypto();
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t out[CRYPTO_DIGEST_MAX];
		struct crypto_hash *h = c->hash_new(cases[i].which);
		assert_non_null(h);
		for (int round = 0; round < 2; round++) {
			c->hash_add(h, "a", 1);
			c->hash_add(h, "bc", 2);
			assert_int_equal(c->hash_end(h, out), cases[i].len);
			assert_memory_equal(out, cases[i].first, 4);
		}
		c->hash_free(h);
	}
}

/* What the library signs with each digest's name verifies by ours. */
static void
test_each_digest_has_its_name(void **state)
{
	(void)state;
	static const struct {
		enum crypto_digest which;
		size_t n;
	} all[] = { { CRYPTO_SHA1, 20 }, { CRYPTO_SHA256, 32 },
		{ CRYPTO_SHA512, 64 } };
	static const char digest[CRYPTO_DIGEST_MAX] = "any bytes";
	const struct crypto *c = crypto();
	struct err e = ERR_INIT;
	struct crypto_key *key = c->key_generate(CRYPTO_RSA, 2048, &e);
	assert_non_null(key);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct buf signature = BUF_INIT(CRYPTO_SIGNATURE_MAX);
		struct str d = str_n(digest, all[i].n);
		assert_true(c->sign(key, all[i].which, d, &signature, &e));
		assert_int_equal(
		    c->verify(key, all[i].which, d, buf_str(&signature)),
		    CRYPTO_GOOD);
		for (size_t k = 0; k < ARRAY_LEN(all); k++) {
			struct str other = str_n(digest, all[k].n);
			if (k != i)
				assert_int_equal(
				    c->verify(key, all[k].which, other,
					buf_str(&signature)),
				    CRYPTO_WRONG);
		}
		/* a byte more or less is none, whatever it is */
		signature.data[signature.len] = '\0';
		assert_int_equal(c->verify(key, all[i].which, d,
				     str_n(signature.data, signature.len + 1)),
		    CRYPTO_WRONG);
		buf_clear(&signature);
	}
	c->key_free(key);
}

static void
round_trip(enum crypto_kind kind, unsigned bits)
{
	const struct crypto *c = crypto();
	struct err e = ERR_INIT;
	struct buf pem = BUF_INIT(CRYPTO_PEM_MAX);
	struct buf der = BUF_INIT(CRYPTO_PEM_MAX);
	struct buf signature = BUF_INIT(CRYPTO_SIGNATURE_MAX);
	struct str digest = STR("0123456789abcdef0123456789abcdef");
	struct crypto_key *made = c->key_generate(kind, bits, &e);
	assert_non_null(made);
	assert_true(c->key_write_private(made, &pem, &e));
	assert_true(c->key_write_der(made, &der, &e));
	struct crypto_key *read = c->key_private(buf_str(&pem), &e);
	struct crypto_key *public = c->key_public(kind, buf_str(&der), &e);
	assert_non_null(read);
	assert_non_null(public);
	assert_true(c->key_same(read, public));
	assert_int_equal(c->key_bits(public), bits);
	assert_true(c->sign(read, CRYPTO_SHA256, digest, &signature, &e));
	assert_int_equal(
	    c->verify(public, CRYPTO_SHA256, digest, buf_str(&signature)),
	    CRYPTO_GOOD);
	signature.data[3] ^= 1;
	assert_int_equal(
	    c->verify(public, CRYPTO_SHA256, digest, buf_str(&signature)),
	    CRYPTO_WRONG);
	assert_int_equal(c->verify(public, CRYPTO_SHA256, digest, STR("short")),
	    CRYPTO_WRONG);
	c->key_free(made);
	c->key_free(read);
	c->key_free(public);
	buf_clear(&pem);
	buf_clear(&der);
	buf_clear(&signature);
}

static void
test_keys_survive_writing_and_sign(void **state)
{
	(void)state;
	round_trip(CRYPTO_RSA, 512); /* the least that holds the digest */
	round_trip(CRYPTO_RSA, 1024);
	round_trip(CRYPTO_RSA, 1027); /* no whole number of bytes */
	round_trip(CRYPTO_RSA, 2048);
	round_trip(CRYPTO_ED25519, 256);
}

static void
test_what_is_no_key_is_refused(void **state)
{
	const struct crypto *c = crypto();
	struct err e = ERR_INIT;
	(void)state;
	assert_null(c->key_private(STR(""), &e));
	assert_null(c->key_private(STR("-----BEGIN PRIVATE KEY-----\nAA==\n"
				       "-----END PRIVATE KEY-----\n"),
	    &e));
	assert_int_equal(e.code, ERR_PERMANENT);
	assert_null(c->key_public(CRYPTO_RSA, STR("\x30\x03\x02\x01"), &e));
	assert_null(c->key_public(CRYPTO_ED25519, STR("short"), &e));
}

/* RFC 6376 3.6.1: the key is one of rsaEncryption */
static void
test_a_key_for_pss_alone_is_refused(void **state)
{
	/* clang-format off */
	static const unsigned char der[] = {
		0x30, 0x81, 0x9d, 0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
		0x0d, 0x01, 0x01, 0x0a, 0x03, 0x81, 0x8d, 0x00, 0x30, 0x81, 0x89, 0x02,
		0x81, 0x81, 0x00, 0xf5, 0x2d, 0x26, 0xc8, 0x5f, 0xd2, 0xb0, 0x0a, 0x7d,
		0xba, 0x54, 0xdc, 0x9c, 0x3a, 0x5a, 0x34, 0x4e, 0xcc, 0x6d, 0x8c, 0xcf,
		0x43, 0xf8, 0xa4, 0x94, 0x0a, 0x1f, 0xc1, 0xc8, 0x9e, 0x53, 0x68, 0x95,
		0xf9, 0xb3, 0xd2, 0xe5, 0xaa, 0xe7, 0xb5, 0x70, 0x4e, 0x62, 0xb1, 0xfb,
		0xf2, 0x53, 0x88, 0x86, 0xd2, 0xbd, 0x96, 0x8f, 0x17, 0x59, 0x78, 0xc4,
		0x65, 0xaa, 0x38, 0x92, 0x0b, 0x78, 0x4f, 0xcc, 0x8f, 0x6b, 0x30, 0x5f,
		0x6e, 0x5a, 0xa4, 0x19, 0xb6, 0x70, 0x35, 0xe2, 0x50, 0x1f, 0x6c, 0xda,
		0xde, 0x4b, 0x30, 0x6a, 0xe9, 0xcb, 0xb5, 0x9f, 0x62, 0xda, 0xe2, 0xfc,
		0xa0, 0x9b, 0xf5, 0x6e, 0x4e, 0xa9, 0x14, 0xf4, 0x0f, 0x1d, 0xd4, 0xd0,
		0x4e, 0xbf, 0x40, 0x56, 0x7a, 0xea, 0x6d, 0x2c, 0x49, 0x9e, 0x1b, 0x81,
		0x06, 0x94, 0xa4, 0xbb, 0xe0, 0x35, 0x66, 0xbc, 0x99, 0x59, 0x19, 0x02,
		0x03, 0x01, 0x00, 0x01,
	};
	/* clang-format on */
	const struct crypto *c = crypto();
	struct err e = ERR_INIT;
	(void)state;
	assert_null(c->key_public(
	    CRYPTO_RSA, str_n((const char *)der, sizeof(der)), &e));
	assert_int_equal(e.code, ERR_PERMANENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digests_of_known_texts),
		cmocka_unit_test(test_each_digest_has_its_name),
		cmocka_unit_test(test_keys_survive_writing_and_sign),
		cmocka_unit_test(test_what_is_no_key_is_refused),
		cmocka_unit_test(test_a_key_for_pss_alone_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
