/*
 * Digests, keys and signatures. OpenSSL stands behind it, in the module
 * "openssl" (core/sys/module.h), which crypto_load opens. The functions keep no
 * state of their own: what they return belongs to the caller.
 */
#ifndef CORE_AUTH_CRYPTO_H
#define CORE_AUTH_CRYPTO_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum crypto_digest {
	CRYPTO_SHA1,
	CRYPTO_SHA256,
	CRYPTO_SHA512,
	CRYPTO_MD5 /* for logins of old alone (RFC 2195) */
};

enum crypto_kind {
	CRYPTO_RSA,
	CRYPTO_ED25519
};

enum crypto_verdict {
	CRYPTO_GOOD,
	CRYPTO_WRONG, /* the signature is not by this key over this digest */
	CRYPTO_FAILED /* the library could not tell */
};

enum {
	CRYPTO_DIGEST_MAX = 64,
	CRYPTO_SIGNATURE_MAX = 2048, /* an RSA key of 16384 bits */
	CRYPTO_RSA_BITS_MAX = 16384,
	CRYPTO_PEM_MAX = 64 * 1024
};

struct crypto_hash;
struct crypto_key;

struct crypto {
	/* NULL when out of memory or when the library forbids the digest. */
	struct crypto_hash *(*hash_new)(enum crypto_digest which);
	void (*hash_add)(struct crypto_hash *h, const void *bytes, size_t n);
	/* Length of the digest, 0 on failure; 'h' begins anew. */
	size_t (*hash_end)(
	    struct crypto_hash *h, uint8_t out[CRYPTO_DIGEST_MAX]);
	void (*hash_free)(struct crypto_hash *h); /* NULL allowed */

	/* 'bits' counts for RSA. */
	struct crypto_key *(*key_generate)(
	    enum crypto_kind kind, unsigned bits, struct err *e);
	/* A private key, PEM of either form (PKCS#1, PKCS#8), no password. */
	struct crypto_key *(*key_private)(struct str pem, struct err *e);
	/*
	 * A public key as DKIM publishes it: for RSA the DER of a
	 * SubjectPublicKeyInfo or an RSAPublicKey (RFC 6376 3.6.1), for
	 * Ed25519 its 32 bytes (RFC 8463 4).
	 */
	struct crypto_key *(*key_public)(
	    enum crypto_kind kind, struct str der, struct err *e);
	void (*key_free)(struct crypto_key *k); /* NULL allowed */
	enum crypto_kind (*key_kind)(const struct crypto_key *k);
	unsigned (*key_bits)(const struct crypto_key *k);
	/* Equal public halves. */
	bool (*key_same)(
	    const struct crypto_key *a, const struct crypto_key *b);
	/* Append PEM: the traditional form, which older readers know. */
	bool (*key_write_private)(
	    const struct crypto_key *k, struct buf *out, struct err *e);
	bool (*key_write_public)(
	    const struct crypto_key *k, struct buf *out, struct err *e);
	/* Append the bytes that key_public takes. */
	bool (*key_write_der)(
	    const struct crypto_key *k, struct buf *out, struct err *e);

	/*
	 * Sign a digest: RSA with PKCS#1 v1.5 and the digest's name, Ed25519
	 * the digest's bytes as the message (RFC 8463 3).
	 */
	bool (*sign)(const struct crypto_key *k, enum crypto_digest which,
	    struct str digest, struct buf *out, struct err *e);
	/* Not from two threads with one key. */
	enum crypto_verdict (*verify)(struct crypto_key *k,
	    enum crypto_digest which, struct str digest, struct str signature);
};

enum {
	CRYPTO_VERSION = 3 /* of the table above */
};

/* The functions; NULL with the reason when the module is not to be had. */
MUST_USE const struct crypto *crypto_load(struct err *e);

#endif
