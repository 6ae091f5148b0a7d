/* TLS sessions by OpenSSL (1.1.1 interface), server side. */
#include "core/base/i18n.h"
#include "core/net/tls_openssl.h"
#include "core/net/tls_openssl_int.h"

#include <errno.h>
#include <limits.h>
#include <openssl/dh.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

struct tls_server {
	unsigned users; /* its sessions, and whoever opened it */
	SSL_CTX *ctx;
	BIO_METHOD *socket;
	struct tls_ticket_keys tickets;
};

struct ticket_key {
	unsigned char name[16], cipher[32], mac[32];
};

/* Weak ones leave every list, whatever it says (FL-76). */
static const char banned[] = ":!aNULL:!eNULL:!EXPORT:!MD5:!RC4:!3DES";

/* The library would ask at the terminal otherwise. */
static int
no_password(char *to, int size, int writing, void *ctx)
{
	(void)to;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

static BIO *
reader(struct str pem)
{
	return pem.len > 0 && pem.len <= INT_MAX
		   ? BIO_new_mem_buf(pem.ptr, (int)pem.len)
		   : NULL;
}

/* The first certificate is ours, the others lead to its authority. */
static bool
set_certificate(SSL_CTX *ctx, struct str pem)
{
	BIO *bio = reader(pem);
	X509 *x = bio != NULL ? PEM_read_bio_X509(bio, NULL, no_password, NULL)
			      : NULL;
	bool ok = x != NULL && SSL_CTX_use_certificate(ctx, x) == 1;
	X509_free(x);
	while (ok && (x = PEM_read_bio_X509(bio, NULL, no_password, NULL))) {
		/* taken over by the context when it succeeds */
		ok = SSL_CTX_add0_chain_cert(ctx, x) == 1;
		if (!ok)
			X509_free(x);
	}
	BIO_free(bio);
	if (ok)
		ERR_clear_error(); /* of the end of the text */
	return ok;
}

static bool
set_key(SSL_CTX *ctx, struct str pem)
{
	BIO *bio = reader(pem);
	EVP_PKEY *key =
	    bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL)
			: NULL;
	bool ok = key != NULL && SSL_CTX_use_PrivateKey(ctx, key) == 1;
	EVP_PKEY_free(key);
	BIO_free(bio);
	return ok;
}

/*
 * Links of the chain that the certificate's own file lacks are looked for
 * among these; once, not at every handshake.
 */
static void
complete_chain(SSL_CTX *ctx, struct str pem)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	int how = SSL_BUILD_CHAIN_FLAG_NO_ROOT |
		  SSL_BUILD_CHAIN_FLAG_IGNORE_ERROR |
		  SSL_BUILD_CHAIN_FLAG_CLEAR_ERROR;
	STACK_OF(X509) *own = NULL;
	SSL_CTX_get0_chain_certs(ctx, &own);
	BIO *bio = reader(pem);
	X509 *x;
	while (bio != NULL &&
	       (x = PEM_read_bio_X509(bio, NULL, no_password, NULL))) {
		X509_STORE_add_cert(store, x);
		X509_free(x);
	}
	BIO_free(bio);
	if (own == NULL || sk_X509_num(own) == 0)
		SSL_CTX_build_cert_chain(ctx, how);
	SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
	ERR_clear_error();
}

static void
set_dh(SSL_CTX *ctx, struct str pem)
{
	BIO *bio = reader(pem);
	DH *dh =
	    bio != NULL ? PEM_read_bio_DHparams(bio, NULL, NULL, NULL) : NULL;
	if (dh == NULL || SSL_CTX_set_tmp_dh(ctx, dh) != 1)
		SSL_CTX_set_dh_auto(ctx, 1);
	DH_free(dh);
	BIO_free(bio);
	ERR_clear_error();
}

static bool
set_ciphers(SSL_CTX *ctx, const char *list, struct err *e)
{
	size_t n = strlen(list);
	char *all = malloc(n + sizeof(banned));
	if (all == NULL)
		return err_set_errno(e, ENOMEM, _("cannot prepare TLS"));
	memcpy(all, list, n);
	memcpy(all + n, banned, sizeof(banned));
	bool ok = SSL_CTX_set_cipher_list(ctx, all) == 1;
	ERR_clear_error();
	free(all);
	return ok || err_set(e, ERR_PERMANENT,
			 _("'%s' is no list of ciphers, or leaves none"), list);
}

/*
 * Thousands of sessions are idle at a time: none keeps buffers (T-13), none is
 * in a cache; who comes back shows a ticket. A record's head and the rest are
 * one read.
 */
static void
set_frugal(SSL_CTX *ctx)
{
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
				  SSL_MODE_ENABLE_PARTIAL_WRITE |
				  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_NO_COMPRESSION |
				     SSL_OP_CIPHER_SERVER_PREFERENCE);
}

static bool
refuse_key(struct str pem, struct err *e)
{
	if (str_find_str(pem, STR("ENCRYPTED")) == pem.len)
		return tls_openssl_failed(e, _("the key is of no use"));
	ERR_clear_error();
	return err_set(e, ERR_PERMANENT,
	    _("the key is encrypted, and nobody is there to give its "
	      "passphrase"));
}

static bool
prepare(SSL_CTX *ctx, const struct tls_server_wish *w, struct err *e)
{
	static const unsigned char id[] = "smemail";
	uint16_t min = w->min_version > TLS_1_2 ? w->min_version : TLS_1_2;
	if (SSL_CTX_set_min_proto_version(ctx, min) != 1 ||
	    SSL_CTX_set_session_id_context(ctx, id, sizeof(id) - 1) != 1)
		return tls_openssl_failed(e, _("cannot prepare TLS"));
	set_frugal(ctx);
	set_dh(ctx, w->dh);
	if (!set_ciphers(ctx, w->ciphers, e))
		return false;
	if (!set_certificate(ctx, w->certificate))
		return tls_openssl_failed(e, _("the certificate is of no use"));
	complete_chain(ctx, w->authorities);
	if (!set_key(ctx, w->key))
		return refuse_key(w->key, e);
	if (SSL_CTX_check_private_key(ctx) == 1)
		return true;
	ERR_clear_error();
	return err_set(
	    e, ERR_PERMANENT, _("the key is not that of the certificate"));
}

void
tls_openssl_server_release(struct tls_server *s)
{
	if (s == NULL || --s->users > 0)
		return;
	SSL_CTX_free(s->ctx);
	BIO_meth_free(s->socket);
	OPENSSL_cleanse(&s->tickets, sizeof(s->tickets));
	free(s);
}

static struct tls_server *
server_open(const struct tls_server_wish *w, struct err *e)
{
	struct tls_server *s = calloc(1, sizeof(*s));
	ERR_clear_error();
	if (s == NULL) {
		err_set_errno(e, ENOMEM, _("cannot prepare TLS"));
		return NULL;
	}
	s->users = 1;
	s->socket = tls_openssl_socket();
	s->ctx = s->socket != NULL ? SSL_CTX_new(TLS_server_method()) : NULL;
	if (s->ctx == NULL)
		tls_openssl_failed(e, _("cannot prepare TLS"));
	if (s->ctx != NULL && prepare(s->ctx, w, e))
		return s;
	tls_openssl_server_release(s);
	return NULL;
}

static const struct ticket_key *
ticket_key(const struct tls_server *s, unsigned i)
{
	return (const struct ticket_key *)(const void *)s->tickets.keys[i];
}

/* RFC 5077 4: sealed by AES-256-CBC, and HMAC-SHA-256 over all of it. */
static int
use_ticket_key(const struct ticket_key *key, const unsigned char *iv,
    EVP_CIPHER_CTX *cipher, HMAC_CTX *mac, int seal)
{
	return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher,
		   iv, seal) == 1 &&
		       HMAC_Init_ex(mac, key->mac, sizeof(key->mac),
			   EVP_sha256(), NULL) == 1
		   ? 1
		   : -1;
}

/* -1: trouble; 0: a ticket of nobody's, 1: done, 2: done, and a new one is due
 */
static int
on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, HMAC_CTX *mac, int seal)
{
	const struct tls_server *s = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	if (seal) {
		const struct ticket_key *key = ticket_key(s, 0);
		memcpy(name, key->name, sizeof(key->name));
		return RAND_bytes(iv, EVP_MAX_IV_LENGTH) == 1
			   ? use_ticket_key(key, iv, cipher, mac, seal)
			   : -1;
	}
	for (unsigned i = 0; i < s->tickets.n; i++) {
		const struct ticket_key *key = ticket_key(s, i);
		if (memcmp(name, key->name, sizeof(key->name)) != 0)
			continue;
		int done = use_ticket_key(key, iv, cipher, mac, seal);
		return done == 1 && i > 0 ? 2 : done;
	}
	return 0;
}

static void
server_set_ticket_keys(struct tls_server *s, const struct tls_ticket_keys *keys)
{
	if (keys->n == 0 || keys->n > TLS_TICKET_KEYS)
		return;
	s->tickets = *keys;
	SSL_CTX_set_app_data(s->ctx, s);
	SSL_CTX_set_tlsext_ticket_key_cb(s->ctx, on_ticket);
}

static struct tls *
server_accept(struct tls_server *s, int fd, struct err *e)
{
	struct tls *t = calloc(1, sizeof(*t));
	if (t == NULL) {
		err_set_errno(e, ENOMEM, _("cannot begin TLS"));
		return NULL;
	}
	t->ssl = SSL_new(s->ctx);
	if (t->ssl == NULL || !tls_openssl_set_socket(t, s->socket, fd)) {
		tls_openssl_failed(e, _("cannot begin TLS"));
		SSL_free(t->ssl);
		free(t);
		return NULL;
	}
	t->server = s;
	s->users++;
	SSL_set_accept_state(t->ssl);
	return t;
}

static bool
server_has_read_ahead(struct tls *t)
{
	return SSL_has_pending(t->ssl) == 1;
}

static bool
server_has_more(struct tls *t)
{
	return !t->drained || server_has_read_ahead(t);
}

static void
server_will_close(struct tls *t)
{
	t->ending = true;
}

static const char *
server_cipher(struct tls *t)
{
	return SSL_get_cipher(t->ssl);
}

/* Its settings are read from a file, once. */
static void
server_warm_up(void)
{
	SSL_CTX_free(SSL_CTX_new(TLS_server_method()));
	ERR_clear_error();
}

const struct tls_server_calls tls_openssl_server = {
	.warm_up = server_warm_up,
	.open = server_open,
	.close = tls_openssl_server_release,
	.set_ticket_keys = server_set_ticket_keys,
	.accept = server_accept,
	.has_read_ahead = server_has_read_ahead,
	.has_more = server_has_more,
	.will_close = server_will_close,
	.cipher = server_cipher,
	.self_signed = tls_openssl_self_signed,
};
