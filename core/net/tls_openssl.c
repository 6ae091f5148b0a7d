/* TLS connections by OpenSSL (1.1.1 interface), client side. */
#include "core/net/tls_openssl.h"

#include "core/base/i18n.h"
#include "core/net/addr.h"
#include "core/net/tls_openssl_int.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

bool
tls_openssl_failed(struct err *e, const char *what)
{
	char words[160] = "";
	unsigned long code = ERR_get_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
	if (code != 0 && reason == NULL) {
		ERR_error_string_n(code, words, sizeof(words));
		reason = words;
	}
	ERR_clear_error();
	return err_set(e, ERR_PERMANENT, "%s: %s", what,
	    reason != NULL ? reason : _("not possible"));
}

static void
tls_close(struct tls *t)
{
	if (t == NULL)
		return;
	/* a server's connection is shut down next: its end takes this along */
	t->ending = t->server != NULL;
	if (t->ssl != NULL && SSL_is_init_finished(t->ssl))
		SSL_shutdown(t->ssl);
	ERR_clear_error();
	SSL_free(t->ssl);
	SSL_CTX_free(t->ctx);
	BIO_meth_free(t->socket);
	tls_openssl_server_release(t->server);
	free(t->name);
	free(t);
}

/*
 * A probe may ask for versions that the library's usual level refuses; to be
 * told about is not to be trusted.
 */
static bool
set_versions(SSL_CTX *ctx, const struct tls_wish *w)
{
	if (w->min_version != 0 && w->min_version < TLS_1_2)
		SSL_CTX_set_security_level(ctx, 0);
	return (w->min_version == 0 ||
		   SSL_CTX_set_min_proto_version(ctx, w->min_version) == 1) &&
	       (w->max_version == 0 ||
		   SSL_CTX_set_max_proto_version(ctx, w->max_version) == 1);
}

static bool
set_trust(SSL_CTX *ctx, const struct tls_wish *w)
{
	/* the handshake goes on either way; the result is read afterwards */
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	if (w->n_tlsa > 0)
		return SSL_CTX_dane_enable(ctx) == 1;
	if (!w->verify)
		return true;
	if (w->trusted != NULL)
		return SSL_CTX_load_verify_locations(ctx, w->trusted, NULL) ==
		       1;
	return SSL_CTX_set_default_verify_paths(ctx) == 1;
}

static bool
set_alpn(SSL *ssl, const char *alpn)
{
	unsigned char wire[32];
	size_t n = alpn != NULL ? strlen(alpn) : 0;
	if (n == 0)
		return true;
	if (n >= sizeof(wire))
		return false;
	wire[0] = (unsigned char)n;
	memcpy(wire + 1, alpn, n);
	return SSL_set_alpn_protos(ssl, wire, (unsigned)n + 1) == 0;
}

/* Unusable TLSA records are left out, as RFC 7671 4.1 says. */
static bool
set_tlsa(SSL *ssl, const struct tls_wish *w)
{
	if (SSL_dane_enable(ssl, w->name) != 1)
		return false;
	for (size_t i = 0; i < w->n_tlsa; i++) {
		const struct tls_tlsa *r = &w->tlsa[i];
		SSL_dane_tlsa_add(ssl, r->usage, r->selector, r->matching,
		    (const unsigned char *)r->data.ptr, r->data.len);
	}
	ERR_clear_error();
	return true;
}

static bool
set_name(SSL *ssl, const struct tls_wish *w)
{
	struct net_addr addr;
	if (w->name == NULL)
		return true;
	bool is_addr = net_addr_parse(str_of(w->name), &addr);
	if (is_addr)
		return X509_VERIFY_PARAM_set1_ip_asc(
			   SSL_get0_param(ssl), w->name) == 1;
	if (!w->no_sni && SSL_set_tlsext_host_name(ssl, w->name) != 1)
		return false;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return w->n_tlsa > 0 || SSL_set1_host(ssl, w->name) == 1;
}

/*
 * What nobody waits for leaves with what is written next, and the peer is woken
 * once: the ticket of TLS 1.3, before the first words, and the last ones.
 */
static bool
may_wait(const struct tls *t)
{
	return t->ending ||
	       (SSL_get_state(t->ssl) == TLS_ST_SW_SESSION_TICKET &&
		   SSL_version(t->ssl) == TLS1_3_VERSION);
}

/* A peer that is gone is an error, not a signal that ends the program. */
static int
socket_write(BIO *bio, const char *bytes, int n)
{
	const struct tls *t = BIO_get_app_data(bio);
	int fd = -1;
	BIO_get_fd(bio, &fd);
	errno = 0;
	int flags = MSG_NOSIGNAL | (may_wait(t) ? MSG_MORE : 0);
	ssize_t sent = send(fd, bytes, (size_t)n, flags);
	BIO_clear_retry_flags(bio);
	if (sent <= 0 && BIO_sock_should_retry((int)sent))
		BIO_set_retry_write(bio);
	return (int)sent;
}

/* A read that got less than it wanted got all that was there. */
static int
socket_read(BIO *bio, char *to, int n)
{
	struct tls *t = BIO_get_app_data(bio);
	int got = BIO_meth_get_read(BIO_s_socket())(bio, to, n);
	t->drained = got < n;
	return got;
}

BIO_METHOD *
tls_openssl_socket(void)
{
	const BIO_METHOD *usual = BIO_s_socket();
	BIO_METHOD *how = BIO_meth_new(BIO_TYPE_SOCKET, "socket");
	if (how != NULL && BIO_meth_set_write(how, socket_write) == 1 &&
	    BIO_meth_set_read(how, socket_read) == 1 &&
	    BIO_meth_set_ctrl(how, BIO_meth_get_ctrl(usual)) == 1 &&
	    BIO_meth_set_create(how, BIO_meth_get_create(usual)) == 1 &&
	    BIO_meth_set_destroy(how, BIO_meth_get_destroy(usual)) == 1)
		return how;
	BIO_meth_free(how);
	return NULL;
}

bool
tls_openssl_set_socket(struct tls *t, const BIO_METHOD *how, int fd)
{
	BIO *bio = how != NULL ? BIO_new(how) : NULL;
	if (bio == NULL)
		return false;
	BIO_set_app_data(bio, t);
	BIO_set_fd(bio, fd, BIO_NOCLOSE);
	SSL_set_bio(t->ssl, bio, bio);
	return true;
}

static struct tls *
tls_open(int fd, const struct tls_wish *w, struct err *e)
{
	struct tls *t = calloc(1, sizeof(*t));
	if (t == NULL) {
		err_set_errno(e, ENOMEM, _("cannot begin TLS"));
		return NULL;
	}
	t->verify = w->verify || w->n_tlsa > 0;
	t->dane = w->n_tlsa > 0;
	t->name = w->name != NULL ? strdup(w->name) : NULL;
	t->socket = tls_openssl_socket();
	t->ctx = SSL_CTX_new(TLS_client_method());
	bool ok = t->ctx != NULL && (w->name == NULL || t->name != NULL) &&
		  set_versions(t->ctx, w) && set_trust(t->ctx, w);
	t->ssl = ok ? SSL_new(t->ctx) : NULL;
	ok = t->ssl != NULL && tls_openssl_set_socket(t, t->socket, fd) &&
	     set_alpn(t->ssl, w->alpn) && (!t->dane || set_tlsa(t->ssl, w)) &&
	     set_name(t->ssl, w);
	if (ok) {
		SSL_set_mode(t->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		SSL_set_connect_state(t->ssl);
		return t;
	}
	tls_openssl_failed(e, _("cannot begin TLS"));
	tls_close(t);
	return NULL;
}

/* What a call that did not succeed waits for, or why it failed. */
static enum tls_status
status_of(struct tls *t, int said, const char *what, struct err *e)
{
	int saved = errno;
	switch (SSL_get_error(t->ssl, said)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_CLOSED;
	case SSL_ERROR_SYSCALL:
		if (ERR_peek_error() != 0)
			break;
		if (saved == 0 || said == 0)
			return TLS_CLOSED;
		err_set_errno(e, saved, "%s", what);
		return TLS_FAILED;
	default:
		break;
	}
	tls_openssl_failed(e, what);
	return TLS_FAILED;
}

static enum tls_status
tls_handshake(struct tls *t, struct err *e)
{
	ERR_clear_error();
	errno = 0;
	int said = SSL_do_handshake(t->ssl);
	if (said == 1)
		return TLS_DONE;
	return status_of(t, said, _("TLS handshake failed"), e);
}

static int
clamp(size_t n)
{
	return n < INT_MAX ? (int)n : INT_MAX;
}

static enum tls_status
tls_read(struct tls *t, void *to, size_t size, size_t *got, struct err *e)
{
	ERR_clear_error();
	errno = 0;
	*got = 0;
	int said = SSL_read(t->ssl, to, clamp(size));
	if (said <= 0)
		return status_of(t, said, _("cannot read from the peer"), e);
	*got = (size_t)said;
	return TLS_DONE;
}

static enum tls_status
tls_write(
    struct tls *t, const void *bytes, size_t n, size_t *sent, struct err *e)
{
	ERR_clear_error();
	errno = 0;
	*sent = 0;
	if (n == 0)
		return TLS_DONE;
	int said = SSL_write(t->ssl, bytes, clamp(n));
	if (said <= 0)
		return status_of(t, said, _("cannot write to the peer"), e);
	*sent = (size_t)said;
	return TLS_DONE;
}

static bool
chain_facts(SSL *ssl, struct arena *a, struct tls_facts *out)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
	int n = chain != NULL ? sk_X509_num(chain) : 0;
	if (n > TLS_CHAIN_MAX)
		n = TLS_CHAIN_MAX;
	out->chain = ARENA_ARRAY(a, (size_t)n + 1, struct tls_certificate);
	for (int i = 0; out->chain != NULL && i < n; i++) {
		if (!tls_openssl_certificate(
			sk_X509_value(chain, i), a, &out->chain[i]))
			return false;
		out->n_chain++;
	}
	return out->chain != NULL;
}

static bool
name_matches(const struct tls *t)
{
	struct net_addr addr;
	/* counts a reference; SSL_get0_... came with OpenSSL 3 */
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(t->ssl);
	X509 *own = chain != NULL && sk_X509_num(chain) > 0
			? sk_X509_value(chain, 0)
			: NULL;
	if (own == NULL || t->name == NULL)
		return false;
	if (net_addr_parse(str_of(t->name), &addr))
		return X509_check_ip_asc(own, t->name, 0) == 1;
	return X509_check_host(own, t->name, 0,
		   X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

static bool
tls_facts(struct tls *t, struct arena *a, struct tls_facts *out, struct err *e)
{
	const unsigned char *alpn = NULL;
	unsigned alpn_len = 0;
	*out = (struct tls_facts){ .dane_usage = -1 };
	out->version = (uint16_t)SSL_version(t->ssl);
	out->version_name =
	    str_of(arena_printf(a, "%s", SSL_get_version(t->ssl)));
	out->cipher = str_of(arena_printf(a, "%s", SSL_get_cipher(t->ssl)));
	SSL_get0_alpn_selected(t->ssl, &alpn, &alpn_len);
	out->alpn = arena_str(a, str_n((const char *)alpn, alpn_len));
	if (!chain_facts(t->ssl, a, out))
		return err_set_errno(e, ENOMEM, _("cannot keep the chain"));
	out->name_matches = name_matches(t);
	if (!t->verify)
		return true;
	long result = SSL_get_verify_result(t->ssl);
	out->verified = result == X509_V_OK;
	if (!out->verified)
		out->reason = str_of(arena_printf(
		    a, "%s", X509_verify_cert_error_string(result)));
	if (t->dane && out->verified &&
	    SSL_get0_dane_authority(t->ssl, NULL, NULL) >= 0) {
		uint8_t usage = 0;
		SSL_get0_dane_tlsa(t->ssl, &usage, NULL, NULL, NULL, NULL);
		out->by_dane = true;
		out->dane_usage = usage;
	}
	return true;
}

const struct tls_calls tls_openssl = {
	.open = tls_open,
	.handshake = tls_handshake,
	.read = tls_read,
	.write = tls_write,
	.facts = tls_facts,
	.close = tls_close,
	.certificate = tls_openssl_certificate_der,
};
