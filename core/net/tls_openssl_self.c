/* A certificate that vouches for itself, for a server nobody knows yet. */
#include "core/base/i18n.h"
#include "core/net/tls_openssl_int.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

enum {
	DAYS = 3650,
	DAY_S = 24 * 60 * 60,
	SERIAL_BITS = 63,
	NAME_MAX_BYTES = 64 /* of a common name (RFC 5280, ub-common-name) */
};

static EVP_PKEY *
new_key(void)
{
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	if (c == NULL || EVP_PKEY_keygen_init(c) != 1 ||
	    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(c, NID_X9_62_prime256v1) !=
		1 ||
	    EVP_PKEY_keygen(c, &key) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(c);
	return key;
}

static bool
set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	bool ok = n != NULL && BN_rand(n, SERIAL_BITS, 0, 0) == 1 &&
		  BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
	BN_free(n);
	return ok;
}

/* The names that clients compare. */
static bool
set_names(X509 *x, const char *name)
{
	char names[NAME_MAX_BYTES + 8];
	X509_NAME *subject = X509_get_subject_name(x);
	const unsigned char *text = (const unsigned char *)name;
	snprintf(names, sizeof(names), "DNS:%s", name);
	X509_EXTENSION *also =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
	bool ok = also != NULL &&
		  X509_NAME_add_entry_by_txt(
		      subject, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
		  X509_set_issuer_name(x, subject) == 1 &&
		  X509_add_ext(x, also, -1) == 1;
	X509_EXTENSION_free(also);
	return ok;
}

static X509 *
new_certificate(const char *name, EVP_PKEY *key)
{
	X509 *x = X509_new();
	if (x != NULL && X509_set_version(x, 2) == 1 && set_serial(x) &&
	    X509_gmtime_adj(X509_getm_notBefore(x), 0) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(x), (long)DAYS * DAY_S) !=
		NULL &&
	    X509_set_pubkey(x, key) == 1 && set_names(x, name) &&
	    X509_sign(x, key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

/* Certificate, then key; OpenSSL wipes its own copy. */
static bool
write_pem(X509 *x, EVP_PKEY *key, struct buf *out)
{
	char *text = NULL;
	BIO *bio = BIO_new(BIO_s_secmem());
	bool ok =
	    bio != NULL && PEM_write_bio_X509(bio, x) == 1 &&
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;
	long n = ok ? BIO_get_mem_data(bio, &text) : 0;
	ok = n > 0 && buf_add(out, text, (size_t)n);
	BIO_free(bio);
	return ok;
}

bool
tls_openssl_self_signed(const char *name, struct buf *out, struct err *e)
{
	ERR_clear_error();
	EVP_PKEY *key = strlen(name) <= NAME_MAX_BYTES ? new_key() : NULL;
	X509 *x = key != NULL ? new_certificate(name, key) : NULL;
	bool ok = x != NULL && write_pem(x, key, out);
	X509_free(x);
	EVP_PKEY_free(key);
	return ok || tls_openssl_failed(e, _("cannot make a certificate"));
}
