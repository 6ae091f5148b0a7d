/* Facts of a certificate, each bounded: a peer chose its content. */
#include "core/net/tls_openssl_int.h"

#include "core/net/addr.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

enum {
	NAME_BYTES_MAX = 512,
	DER_MAX = 64 * 1024
};

static struct str
name_text(X509_NAME *name, struct arena *a)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL;
	struct str out = STR_EMPTY;
	if (bio != NULL && name != NULL &&
	    X509_NAME_print_ex(bio, name, 0,
		XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
		long n = BIO_get_mem_data(bio, &data);
		size_t len = n > 0 ? (size_t)n : 0;
		out = arena_str(a,
		    str_n(data, len < NAME_BYTES_MAX ? len : NAME_BYTES_MAX));
	}
	BIO_free(bio);
	return out;
}

/* Unix time of an ASN.1 time, by its distance from 1970. */
static int64_t
time_of(const ASN1_TIME *t)
{
	int days = 0, seconds = 0;
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	bool ok = epoch != NULL && t != NULL &&
		  ASN1_TIME_diff(&days, &seconds, epoch, t) == 1;
	ASN1_TIME_free(epoch);
	return ok ? (int64_t)days * 86400 + seconds : 0;
}

static const char *
curve_name(const EVP_PKEY *pkey)
{
	switch (EVP_PKEY_bits(pkey)) {
	case 256:
		return "EC P-256";
	case 384:
		return "EC P-384";
	case 521:
		return "EC P-521";
	default:
		return "EC";
	}
}

static void
key_facts(X509 *x, struct arena *a, struct tls_certificate *out)
{
	EVP_PKEY *pkey = X509_get0_pubkey(x);
	int bits = pkey != NULL ? EVP_PKEY_bits(pkey) : 0;
	out->key_bits = bits > 0 ? (unsigned)bits : 0;
	if (pkey == NULL) {
		out->key = STR("?");
		return;
	}
	switch (EVP_PKEY_base_id(pkey)) {
	case EVP_PKEY_RSA:
		out->key = str_of(arena_printf(a, "RSA %d", bits));
		break;
	case EVP_PKEY_EC:
		out->key = str_of(arena_printf(a, "%s", curve_name(pkey)));
		break;
	case EVP_PKEY_ED25519:
		out->key = str_of(arena_printf(a, "Ed25519"));
		break;
	default:
		out->key = str_of(
		    arena_printf(a, "%s", OBJ_nid2sn(EVP_PKEY_base_id(pkey))));
	}
}

static void
digests(X509 *x, struct tls_certificate *out)
{
	unsigned n = 0;
	unsigned char *der = NULL;
	X509_digest(x, EVP_sha256(), out->sha256, &n);
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	if (len > 0)
		EVP_Digest(
		    der, (size_t)len, out->key_sha256, &n, EVP_sha256(), NULL);
	OPENSSL_free(der);
}

/* Text of one alternative name: a DNS name or an address. */
static struct str
alternative(const GENERAL_NAME *name, struct arena *a)
{
	const ASN1_STRING *s = NULL;
	if (name->type == GEN_DNS)
		s = name->d.dNSName;
	else if (name->type == GEN_IPADD)
		s = name->d.iPAddress;
	if (s == NULL)
		return (struct str)STR_EMPTY;
	const unsigned char *bytes = ASN1_STRING_get0_data(s);
	int len = ASN1_STRING_length(s);
	if (name->type == GEN_DNS)
		return len > 0 && len <= NAME_BYTES_MAX
			   ? arena_str(
				 a, str_n((const char *)bytes, (size_t)len))
			   : (struct str)STR_EMPTY;
	struct net_addr addr = { .is_ipv6 = len == 16 };
	char shown[NET_ADDR_TEXT_SIZE];
	if (len != 4 && len != 16)
		return (struct str)STR_EMPTY;
	memcpy(addr.bytes, bytes, (size_t)len);
	return arena_str(a, str_of(net_addr_format(&addr, shown)));
}

static bool
names(X509 *x, struct arena *a, struct tls_certificate *out)
{
	GENERAL_NAMES *all =
	    X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	int n = all != NULL ? sk_GENERAL_NAME_num(all) : 0;
	out->names = ARENA_ARRAY(a, TLS_NAMES_MAX, struct str);
	bool ok = out->names != NULL;
	for (int i = 0; ok && i < n && out->n_names < TLS_NAMES_MAX; i++) {
		struct str s = alternative(sk_GENERAL_NAME_value(all, i), a);
		if (s.len > 0)
			out->names[out->n_names++] = s;
	}
	GENERAL_NAMES_free(all);
	return ok;
}

bool
tls_openssl_certificate(X509 *x, struct arena *a, struct tls_certificate *out)
{
	*out = (struct tls_certificate){ 0 };
	out->subject = name_text(X509_get_subject_name(x), a);
	out->issuer = name_text(X509_get_issuer_name(x), a);
	out->not_before = time_of(X509_get0_notBefore(x));
	out->not_after = time_of(X509_get0_notAfter(x));
	out->signed_with = str_of(
	    arena_printf(a, "%s", OBJ_nid2ln(X509_get_signature_nid(x))));
	out->self_issued = X509_NAME_cmp(X509_get_subject_name(x),
			       X509_get_issuer_name(x)) == 0;
	key_facts(x, a, out);
	digests(x, out);
	bool ok = names(x, a, out);
	ERR_clear_error();
	return ok;
}

bool
tls_openssl_certificate_der(
    struct str der, struct arena *a, struct tls_certificate *out)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	X509 *x = der.len > 0 && der.len <= DER_MAX
		      ? d2i_X509(NULL, &at, (long)der.len)
		      : NULL;
	bool ok = x != NULL && tls_openssl_certificate(x, a, out);
	X509_free(x);
	ERR_clear_error();
	return ok;
}
