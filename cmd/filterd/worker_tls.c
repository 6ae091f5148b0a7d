/* TLS in the worker: the policy's certificate, handshakes, bytes. */
#include "cmd/filterd/log.h"
#include "cmd/filterd/worker_int.h"

#include <errno.h>

enum {
	LOG_INFO_LEVEL = 6
};

void
worker_load_tls(struct worker *w)
{
	struct err e = ERR_INIT;
	w->tls = tls_load(&e);
	w->tls_server = w->tls != NULL ? tls_server_load(&e) : NULL;
	if (w->tls_server == NULL)
		log_error(&e);
}

void
snapshot_open_tls(struct worker *w, struct snapshot *s)
{
	struct filter_tls t;
	struct err e = ERR_INIT;
	if (w->tls_server == NULL || !filter_policy_tls(s->policy, &t))
		return;
	struct tls_server_wish wish = {
		.certificate = t.certificate,
		.key = t.key,
		.authorities = t.authorities,
		.dh = t.dh,
		.ciphers = t.ciphers,
		.min_version = t.only_tls13 ? TLS_1_3 : TLS_1_2,
	};
	if (t.problem.len > 0)
		err_set(&e, ERR_PERMANENT, "%.*s", STR_ARG(t.problem));
	else
		s->tls = w->tls_server->open(&wish, &e);
	s->tls_calls = w->tls_server;
	if (s->tls == NULL)
		log_own("TLS is not offered: %s", e.text);
}

void
conn_offer(struct conn *c)
{
	struct smtp_offers offers;
	filter_session_offers(
	    c->snapshot->policy, &c->filter, c->snapshot->tls != NULL, &offers);
	smtp_session_set_offers(c->smtp, &offers);
}

static void
fail_handshake(struct conn *c, const struct err *e)
{
	if (c->snapshot->log_level >= LOG_INFO_LEVEL)
		log_line(c->number, NULL, NULL,
		    e->text[0] != '\0' ? str_of(e->text)
				       : STR("TLS handshake: the peer left"));
	smtp_session_hangup(c->smtp);
}

/* What was sent in clear behind STARTTLS is of no account (FL-78). */
static bool
begin_tls(struct conn *c, struct err *e)
{
	buf_clear(&c->input);
	if (c->snapshot->tls == NULL)
		return err_set(e, ERR_PERMANENT, "TLS is not to be had");
	c->tls = c->w->tls_server->accept(c->snapshot->tls, c->fd, e);
	return c->tls != NULL;
}

bool
conn_secure(struct conn *c)
{
	struct err e = ERR_INIT;
	if (c->tls == NULL && !begin_tls(c, &e)) {
		fail_handshake(c, &e);
		return true;
	}
	switch (c->w->tls->handshake(c->tls, &e)) {
	case TLS_WANT_READ:
	case TLS_WANT_WRITE:
		return false;
	case TLS_DONE:
		c->filter.tls = true;
		/* what came with its end is in the socket, unannounced */
		c->readable = true;
		c->w->counters.tls_sessions++;
		smtp_session_secured(
		    c->smtp, str_of(c->w->tls_server->cipher(c->tls)));
		conn_offer(c);
		return true;
	case TLS_CLOSED:
	case TLS_FAILED:
		break;
	}
	fail_handshake(c, &e);
	return true;
}

bool
conn_tls_has_read_ahead(const struct conn *c)
{
	return c->tls != NULL && c->w->tls_server->has_read_ahead(c->tls);
}

bool
conn_tls_has_more(const struct conn *c)
{
	return c->tls != NULL && c->w->tls_server->has_more(c->tls);
}

void
conn_tls_will_close(struct conn *c)
{
	if (c->tls != NULL)
		c->w->tls_server->will_close(c->tls);
}

void
conn_end_tls(struct conn *c)
{
	if (c->tls != NULL)
		c->w->tls->close(c->tls);
	c->tls = NULL;
}

/* As recv and send tell it. */
static ssize_t
told(enum tls_status status, size_t n)
{
	if (status == TLS_DONE)
		return (ssize_t)n;
	if (status == TLS_CLOSED)
		return 0;
	errno = status == TLS_FAILED ? EIO : EAGAIN;
	return -1;
}

ssize_t
conn_tls_receive(struct conn *c, void *to, size_t size)
{
	size_t n = 0;
	enum tls_status status = c->w->tls->read(c->tls, to, size, &n, NULL);
	return told(status, n);
}

ssize_t
conn_tls_send(struct conn *c, struct str bytes)
{
	size_t n = 0;
	enum tls_status status =
	    c->w->tls->write(c->tls, bytes.ptr, bytes.len, &n, NULL);
	ssize_t sent = told(status, n);
	if (sent != 0)
		return sent;
	errno = EPIPE;
	return -1;
}
