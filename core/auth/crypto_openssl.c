/* Digests, keys and signatures by OpenSSL's EVP (1.1.1 interface). */
#include "core/auth/crypto_openssl.h"

#include "core/base/i18n.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum {
	ED25519_BYTES = 32,
	PREFIX_MAX = 19, /* of a digest's name */
	/* 0, 1 and 0 around at least eight times 255 (RFC 8017 9.2) */
	PADDING_MIN = 11
};

struct crypto_hash {
	EVP_MD_CTX *ctx;
	bool failed;
	/* SHA-256 once EVP has allowed it: most is hashed so, and the ways of
	   EVP take longer than the end of a short text */
	bool plain;
	SHA256_CTX sha256;
};

struct crypto_key {
	EVP_PKEY *pkey;
	/* kept, as the library looks them up anew each time */
	enum crypto_kind kind;
	unsigned bits;
	/* RSA: made at the first use, as making it costs as much as a
	   verification */
	EVP_PKEY_CTX *verifying;
};

static const EVP_MD *
digest_of(enum crypto_digest which)
{
	switch (which) {
	case CRYPTO_SHA1:
		return EVP_sha1();
	case CRYPTO_SHA256:
		return EVP_sha256();
	case CRYPTO_SHA512:
		return EVP_sha512();
	case CRYPTO_MD5:
		return EVP_md5();
	}
	return NULL;
}

/* The library's own words; its queue is emptied. */
static bool
failed(struct err *e, const char *what)
{
	char words[160] = "";
	unsigned long code = ERR_get_error();
	if (code != 0)
		ERR_error_string_n(code, words, sizeof(words));
	ERR_clear_error();
	return err_set(e, ERR_PERMANENT, "%s: %s", what,
	    words[0] != '\0' ? words : _("not usable"));
}

static void
hash_free(struct crypto_hash *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

static struct crypto_hash *
hash_new(enum crypto_digest which)
{
	struct crypto_hash *h = calloc(1, sizeof(*h));
	if (h == NULL)
		return NULL;
	h->ctx = EVP_MD_CTX_new();
	h->plain = which == CRYPTO_SHA256;
	if (h->ctx != NULL && digest_of(which) != NULL &&
	    EVP_DigestInit_ex(h->ctx, digest_of(which), NULL) == 1 &&
	    SHA256_Init(&h->sha256) == 1)
		return h;
	ERR_clear_error();
	hash_free(h);
	return NULL;
}

static void
hash_add(struct crypto_hash *h, const void *bytes, size_t n)
{
	int done = 1;
	if (n > 0)
		done = h->plain ? SHA256_Update(&h->sha256, bytes, n)
				: EVP_DigestUpdate(h->ctx, bytes, n);
	h->failed = h->failed || done != 1;
}

static bool
plain_end(struct crypto_hash *h, uint8_t *out, unsigned *n)
{
	*n = SHA256_DIGEST_LENGTH;
	return SHA256_Final(out, &h->sha256) == 1;
}

static size_t
hash_end(struct crypto_hash *h, uint8_t out[CRYPTO_DIGEST_MAX])
{
	unsigned n = 0;
	bool ended = h->plain ? plain_end(h, out, &n)
			      : EVP_DigestFinal_ex(h->ctx, out, &n) == 1;
	if (!ended || h->failed)
		n = 0;
	/* the digest is kept: naming it again would look it up again */
	h->failed = h->plain ? SHA256_Init(&h->sha256) != 1
			     : EVP_DigestInit_ex(h->ctx, NULL, NULL) != 1;
	if (n == 0 || h->failed)
		ERR_clear_error();
	return n;
}

static struct crypto_key *
key_of(EVP_PKEY *pkey)
{
	struct crypto_key *k = pkey != NULL ? calloc(1, sizeof(*k)) : NULL;
	if (k == NULL) {
		EVP_PKEY_free(pkey);
		return NULL;
	}
	int bits = EVP_PKEY_bits(pkey);
	k->pkey = pkey;
	k->kind = EVP_PKEY_base_id(pkey) == EVP_PKEY_ED25519 ? CRYPTO_ED25519
							     : CRYPTO_RSA;
	k->bits = bits > 0 ? (unsigned)bits : 0;
	return k;
}

static void
key_free(struct crypto_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_CTX_free(k->verifying);
	EVP_PKEY_free(k->pkey);
	free(k);
}

/* Of a kind that is used here, and no RSA key of absurd size? */
static bool
key_fits(const EVP_PKEY *pkey)
{
	int id = EVP_PKEY_base_id(pkey);
	return id == EVP_PKEY_ED25519 ||
	       (id == EVP_PKEY_RSA &&
		   EVP_PKEY_bits(pkey) <= CRYPTO_RSA_BITS_MAX);
}

static struct crypto_key *
key_generate(enum crypto_kind kind, unsigned bits, struct err *e)
{
	EVP_PKEY *pkey = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(
	    kind == CRYPTO_RSA ? EVP_PKEY_RSA : EVP_PKEY_ED25519, NULL);
	bool ok = ctx != NULL && bits <= CRYPTO_RSA_BITS_MAX &&
		  EVP_PKEY_keygen_init(ctx) == 1;
	if (ok && kind == CRYPTO_RSA)
		ok = EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits) == 1;
	ok = ok && EVP_PKEY_keygen(ctx, &pkey) == 1;
	EVP_PKEY_CTX_free(ctx);
	struct crypto_key *k = ok ? key_of(pkey) : NULL;
	if (k == NULL)
		failed(e, _("cannot make a key"));
	return k;
}

/* A key with a password is refused rather than asked for on a terminal. */
static int
no_password(char *to, int size, int writing, void *ctx)
{
	(void)to;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

static struct crypto_key *
key_private(struct str pem, struct err *e)
{
	BIO *bio = pem.len > 0 && pem.len <= CRYPTO_PEM_MAX
		       ? BIO_new_mem_buf(pem.ptr, (int)pem.len)
		       : NULL;
	EVP_PKEY *pkey =
	    bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL)
			: NULL;
	BIO_free(bio);
	if (pkey != NULL && !key_fits(pkey)) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	struct crypto_key *k = key_of(pkey);
	if (k == NULL)
		failed(e, _("not a private key (RSA or Ed25519, PEM)"));
	ERR_clear_error();
	return k;
}

/* A key for RSASSA-PSS alone, which DKIM has not. */
static bool
is_pss(const RSA *rsa)
{
#ifdef RSA_FLAG_TYPE_RSASSAPSS /* OpenSSL 3 */
	return RSA_test_flags(rsa, RSA_FLAG_TYPE_MASK) ==
	       RSA_FLAG_TYPE_RSASSAPSS;
#else
	return RSA_get0_pss_params(rsa) != NULL;
#endif
}

/*
 * By the readers of RSA keys, not by d2i_PUBKEY: OpenSSL 3 tries its decoders
 * one after the other there, which takes as long as six verifications.
 */
static EVP_PKEY *
rsa_public(struct str der)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	RSA *rsa = d2i_RSA_PUBKEY(NULL, &at, (long)der.len);
	if (rsa == NULL) {
		at = (const unsigned char *)der.ptr;
		rsa = d2i_RSAPublicKey(NULL, &at, (long)der.len);
	}
	EVP_PKEY *pkey = rsa != NULL ? EVP_PKEY_new() : NULL;
	if (pkey == NULL || is_pss(rsa) ||
	    EVP_PKEY_assign_RSA(pkey, rsa) != 1) {
		RSA_free(rsa);
		EVP_PKEY_free(pkey);
		return NULL;
	}
	if (key_fits(pkey))
		return pkey;
	EVP_PKEY_free(pkey);
	return NULL;
}

static struct crypto_key *
key_public(enum crypto_kind kind, struct str der, struct err *e)
{
	EVP_PKEY *pkey = NULL;
	if (kind == CRYPTO_RSA && der.len > 0 && der.len <= CRYPTO_PEM_MAX)
		pkey = rsa_public(der);
	else if (kind == CRYPTO_ED25519 && der.len == ED25519_BYTES)
		pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
		    (const unsigned char *)der.ptr, der.len);
	struct crypto_key *k = key_of(pkey);
	if (k == NULL)
		failed(e, _("not a public key"));
	ERR_clear_error();
	return k;
}

static enum crypto_kind
key_kind(const struct crypto_key *k)
{
	return k->kind;
}

static unsigned
key_bits(const struct crypto_key *k)
{
	return k->bits;
}

static bool
key_same(const struct crypto_key *a, const struct crypto_key *b)
{
	bool same = EVP_PKEY_cmp(a->pkey, b->pkey) == 1;
	ERR_clear_error();
	return same;
}

/* Append what the memory BIO holds, then wipe it: it may be a private key. */
static bool
bio_append(BIO *bio, bool written, struct buf *out, struct err *e)
{
	char *data = NULL;
	long n = bio != NULL ? BIO_get_mem_data(bio, &data) : 0;
	bool ok = written && n > 0 && buf_add(out, data, (size_t)n);
	if (n > 0)
		OPENSSL_cleanse(data, (size_t)n);
	BIO_free(bio);
	return ok || failed(e, _("cannot write the key"));
}

static bool
key_write_private(const struct crypto_key *k, struct buf *out, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_mem());
	bool ok = bio != NULL;
	if (ok && key_kind(k) == CRYPTO_RSA)
		ok = PEM_write_bio_PrivateKey_traditional(
			 bio, k->pkey, NULL, NULL, 0, NULL, NULL) == 1;
	else if (ok)
		ok = PEM_write_bio_PrivateKey(
			 bio, k->pkey, NULL, NULL, 0, NULL, NULL) == 1;
	return bio_append(bio, ok, out, e);
}

static bool
key_write_public(const struct crypto_key *k, struct buf *out, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_mem());
	bool ok = bio != NULL && PEM_write_bio_PUBKEY(bio, k->pkey) == 1;
	return bio_append(bio, ok, out, e);
}

static bool
key_write_der(const struct crypto_key *k, struct buf *out, struct err *e)
{
	if (key_kind(k) == CRYPTO_ED25519) {
		unsigned char raw[ED25519_BYTES];
		size_t n = sizeof(raw);
		return (EVP_PKEY_get_raw_public_key(k->pkey, raw, &n) == 1 &&
			   buf_add(out, raw, n)) ||
		       failed(e, _("cannot write the key"));
	}
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(k->pkey, &der);
	bool ok = n > 0 && buf_add(out, der, (size_t)n);
	OPENSSL_free(der);
	return ok || failed(e, _("cannot write the key"));
}

static bool
sign_rsa(const struct crypto_key *k, enum crypto_digest which,
    struct str digest, unsigned char *to, size_t *n)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	bool ok = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
		  EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
		  EVP_PKEY_CTX_set_signature_md(ctx, digest_of(which)) == 1 &&
		  EVP_PKEY_sign(ctx, to, n, (const unsigned char *)digest.ptr,
		      digest.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static bool
sign_ed25519(
    const struct crypto_key *k, struct str digest, unsigned char *to, size_t *n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx != NULL &&
		  EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
		  EVP_DigestSign(ctx, to, n, (const unsigned char *)digest.ptr,
		      digest.len) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static bool
key_sign(const struct crypto_key *k, enum crypto_digest which,
    struct str digest, struct buf *out, struct err *e)
{
	unsigned char signature[CRYPTO_SIGNATURE_MAX];
	size_t n = sizeof(signature);
	bool ok = key_kind(k) == CRYPTO_RSA
		      ? sign_rsa(k, which, digest, signature, &n)
		      : sign_ed25519(k, digest, signature, &n);
	ok = ok && buf_add(out, signature, n);
	return ok || failed(e, _("cannot sign"));
}

/*
 * What PKCS#1 v1.5 signs: padding, then the digest behind its name (RFC 8017
 * 9.2, note 1), in all 'size' bytes. False for a digest that is none of these,
 * and when there is no room.
 */
static bool
encode_digest(enum crypto_digest which, struct str digest,
    unsigned char to[CRYPTO_SIGNATURE_MAX], size_t size)
{
	static const struct {
		unsigned char digest_len, prefix_len;
		unsigned char prefix[PREFIX_MAX];
	} known[] = {
		[CRYPTO_SHA1] = { 20, 15,
		    { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03,
			0x02, 0x1a, 0x05, 0x00, 0x04, 0x14 } },
		[CRYPTO_SHA256] = { 32, PREFIX_MAX,
		    { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
			0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
			0x20 } },
		[CRYPTO_SHA512] = { 64, PREFIX_MAX,
		    { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
			0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04,
			0x40 } },
	};
	if (which >= ARRAY_LEN(known) || digest.len != known[which].digest_len)
		return false;
	size_t prefix = known[which].prefix_len, info = prefix + digest.len;
	if (size > CRYPTO_SIGNATURE_MAX || size < info + PADDING_MIN)
		return false;
	memset(to, 0xff, size - info);
	to[0] = 0;
	to[1] = 1;
	to[size - info - 1] = 0;
	memcpy(to + size - info, known[which].prefix, prefix);
	memcpy(to + size - digest.len, digest.ptr, digest.len);
	return true;
}

static EVP_PKEY_CTX *
verifying(struct crypto_key *k)
{
	if (k->verifying != NULL)
		return k->verifying;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	if (ctx != NULL &&
	    (EVP_PKEY_verify_init(ctx) != 1 ||
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) != 1)) {
		EVP_PKEY_CTX_free(ctx);
		ctx = NULL;
	}
	k->verifying = ctx;
	return ctx;
}

/*
 * By comparing with what is to be signed, whole (RFC 8017 8.2.2): nothing of
 * the padding is left to be read leniently, and the library need not check it.
 */
static int
verify_rsa(struct crypto_key *k, enum crypto_digest which, struct str digest,
    struct str signature)
{
	unsigned char encoded[CRYPTO_SIGNATURE_MAX];
	size_t size = (k->bits + CHAR_BIT - 1) / CHAR_BIT;
	EVP_PKEY_CTX *ctx = verifying(k);
	if (ctx == NULL)
		return -1;
	/* no signature fits a key with too little room; it is as long as the
	   modulus, which is not asked there */
	if (!encode_digest(which, digest, encoded, size) ||
	    signature.len != size)
		return 0;
	/* a signature that cannot be decoded is a wrong one */
	return EVP_PKEY_verify(ctx, (const unsigned char *)signature.ptr,
		   signature.len, encoded, size) == 1;
}

static int
verify_ed25519(
    const struct crypto_key *k, struct str digest, struct str signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int said = -1;
	if (ctx != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k->pkey) == 1)
		said = EVP_DigestVerify(ctx,
		    (const unsigned char *)signature.ptr, signature.len,
		    (const unsigned char *)digest.ptr, digest.len);
	EVP_MD_CTX_free(ctx);
	return said;
}

static enum crypto_verdict
key_verify(struct crypto_key *k, enum crypto_digest which, struct str digest,
    struct str signature)
{
	int said = key_kind(k) == CRYPTO_RSA
		       ? verify_rsa(k, which, digest, signature)
		       : verify_ed25519(k, digest, signature);
	if (said != 1)
		ERR_clear_error();
	if (said < 0)
		return CRYPTO_FAILED;
	return said == 1 ? CRYPTO_GOOD : CRYPTO_WRONG;
}

const struct crypto crypto_openssl = {
	.hash_new = hash_new,
	.hash_add = hash_add,
	.hash_end = hash_end,
	.hash_free = hash_free,
	.key_generate = key_generate,
	.key_private = key_private,
	.key_public = key_public,
	.key_free = key_free,
	.key_kind = key_kind,
	.key_bits = key_bits,
	.key_same = key_same,
	.key_write_private = key_write_private,
	.key_write_public = key_write_public,
	.key_write_der = key_write_der,
	.sign = key_sign,
	.verify = key_verify,
};
