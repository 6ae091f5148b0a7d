/* TLS in the worker: the policy's certificate, handshakes, bytes. */
#include "cmd/filterd/log.h"
#include "cmd/filterd/worker_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static bool
same_wish(const struct filter_tls *a, const struct filter_tls *b)
{
	return str_eq(a->certificate, b->certificate) &&
	       str_eq(a->key, b->key) &&
	       str_eq(a->authorities, b->authorities) && str_eq(a->dh, b->dh) &&
	       strcmp(a->ciphers, b->ciphers) == 0 &&
	       a->only_tls13 == b->only_tls13;
}

static struct served_tls *
open_server(const struct tls_server_calls *calls, const struct filter_tls *t,
    struct err *e)
{
	const struct tls_server_wish wish = {
		.certificate = t->certificate,
		.key = t->key,
		.authorities = t->authorities,
		.dh = t->dh,
		.ciphers = t->ciphers,
		.min_version = t->only_tls13 ? TLS_1_3 : TLS_1_2,
	};
	struct tls_server *server = calls->open(&wish, e);
	if (server == NULL)
		return NULL;
	struct served_tls *s = malloc(sizeof(*s));
	if (s != NULL) {
		*s = (struct served_tls){ 1, calls, server };
		return s;
	}
	calls->close(server);
	err_set(e, ERR_TEMPORARY, "out of memory");
	return NULL;
}

void
snapshot_open_tls(struct worker *w, struct snapshot *s)
{
	const struct snapshot *before = w->snapshot;
	struct filter_tls t, old;
	struct err e = ERR_INIT;
	if (w->tls_server == NULL || !filter_policy_tls(s->policy, &t))
		return;
	if (t.problem.len > 0) {
		err_set(&e, ERR_PERMANENT, "%.*s", STR_ARG(t.problem));
	} else if (before != NULL && before->tls != NULL &&
		   filter_policy_tls(before->policy, &old) &&
		   same_wish(&t, &old)) {
		s->tls = before->tls;
		s->tls->users++;
	} else {
		s->tls = open_server(w->tls_server, &t, &e);
		if (s->tls != NULL)
			w->tls_server->set_ticket_keys(
			    s->tls->server, &w->tickets);
	}
	/* one tells it for all */
	if (s->tls == NULL && w->number == 0)
		log_own("TLS is not offered: %s", e.text);
}

void
worker_take_tickets(struct worker *w, const struct tls_ticket_keys *keys)
{
	w->tickets = *keys;
	if (w->snapshot != NULL && w->snapshot->tls != NULL)
		w->tls_server->set_ticket_keys(w->snapshot->tls->server, keys);
}

void
snapshot_close_tls(struct snapshot *s)
{
	struct served_tls *t = s->tls;
	if (t == NULL || --t->users > 0)
		return;
	t->calls->close(t->server);
	free(t);
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
		conn_log(c, NULL, NULL,
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
	c->tls = c->w->tls_server->accept(c->snapshot->tls->server, c->fd, e);
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
	case TLS_WANT_WRITE:
		conn_await_room(c);
		return false;
	case TLS_WANT_READ:
		return false;
	case TLS_DONE:
		c->filter.tls = true;
		/* what came with its end is in the socket, unannounced */
		c->readable = true;
		c->w->board->counters.tls_sessions++;
		c->w->freed++;
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
	/* of its own, as an answer to the peer's */
	if (status == TLS_WANT_WRITE)
		conn_await_room(c);
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
