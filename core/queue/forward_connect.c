/* The connection to the next server. */
#include "core/queue/forward_int.h"

#include "core/net/endpoint.h"

#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

void
forward_disconnect(struct queue_forward *f)
{
	stream_close(&f->stream);
	f->connected = false;
}

bool
forward_is_usable(const struct queue_forward *f)
{
	struct pollfd p = { .fd = f->stream.fd, .events = POLLIN };
	return f->connected && stream_waiting(&f->stream) == 0 &&
	       poll(&p, 1, 0) == 0;
}

/* "XCLIENT NAME ADDR ..." of the answer to EHLO */
static struct str
find_xclient(const struct smtp_answer *ehlo)
{
	for (size_t i = 1; i < ehlo->n; i++) {
		struct str rest = ehlo->lines[i], word;
		if (str_next_word(&rest, &word) &&
		    str_is_nocase(word, "XCLIENT"))
			return str_trim(rest);
	}
	return (struct str)STR_EMPTY;
}

static bool
answered_badly(const struct smtp_answer *a, const char *to, struct err *e)
{
	struct str text = a->n > 0 ? a->lines[a->n - 1] : STR("");
	return err_set(e, ERR_TEMPORARY, "it answers %s with '%u %.*s'", to,
	    a->code, (int)(text.len < 100 ? text.len : 100), text.ptr);
}

bool
forward_hello(struct queue_forward *f, struct err *e)
{
	struct smtp_answer a;
	const char *verb = f->spec->lmtp ? "LHLO" : "EHLO";
	arena_reset(f->connection);
	const char *line =
	    arena_printf(f->connection, "%s %s", verb, f->spec->helo);
	if (line == NULL ||
	    !smtp_client_ask(&f->stream, f->connection, line, &a, e))
		return false;
	if (a.code == 250) {
		smtp_client_extensions(&a, &f->offers);
		f->xclient = find_xclient(&a);
		return true;
	}
	if (f->spec->lmtp || a.code / 100 != 5)
		return answered_badly(&a, verb, e);
	/* an old server: nothing but the basics */
	f->offers = (struct smtp_extensions){ 0 };
	f->xclient = (struct str)STR_EMPTY;
	line = arena_printf(f->connection, "HELO %s", f->spec->helo);
	if (!smtp_client_ask(&f->stream, f->connection, line, &a, e))
		return false;
	return a.code == 250 || answered_badly(&a, "HELO", e);
}

static bool
greet(struct queue_forward *f, struct err *e)
{
	struct smtp_answer a;
	arena_reset(f->connection);
	if (!smtp_client_answer(&f->stream, f->connection, &a, e))
		return false;
	return (a.code == 220 || answered_badly(&a, "connecting", e)) &&
	       forward_hello(f, e);
}

/*
 * TLS when it is offered, without asking who the server is: it protects from
 * listeners, and a server that spoils it is talked to in clear.
 */
static bool
encrypt(struct queue_forward *f, bool *spoilt, struct err *e)
{
	struct smtp_answer a;
	*spoilt = false;
	if (!f->tls_tried) {
		struct err missing = ERR_INIT;
		f->tls_tried = true;
		f->tls = tls_load(&missing);
	}
	if (!f->offers.starttls || f->tls == NULL)
		return true;
	if (!smtp_client_ask(&f->stream, f->connection, "STARTTLS", &a, e))
		return false;
	if (a.code != 220)
		return true;
	struct tls_wish wish = { .name = f->spec->host };
	*spoilt = true;
	if (!stream_tls(&f->stream, f->tls, &wish, e) || !forward_hello(f, e))
		return false;
	*spoilt = false;
	return true;
}

static bool
connect_to(struct queue_forward *f, const struct net_addr *addr, bool tls,
    int64_t deadline_ms, bool *spoilt, struct err *e)
{
	stream_init(&f->stream, f->clock, deadline_ms);
	*spoilt = false;
	f->connected = stream_connect(&f->stream, addr, f->spec->port, e) &&
		       greet(f, e) && (!tls || encrypt(f, spoilt, e));
	if (!f->connected)
		forward_disconnect(f);
	return f->connected;
}

/* An address of the host, in clear if TLS does not work there. */
static bool
try_address(struct queue_forward *f, const struct net_addr *addr,
    int64_t deadline_ms, struct err *e)
{
	bool spoilt;
	struct err again = ERR_INIT;
	if (connect_to(f, addr, true, deadline_ms, &spoilt, e))
		return true;
	if (!spoilt ||
	    !connect_to(f, addr, false, deadline_ms, &spoilt, &again))
		return false;
	err_clear(e);
	return true;
}

bool
forward_connect(struct queue_forward *f, int64_t deadline_ms, struct err *e)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	bool ok = false;
	int64_t until;
	int error = getaddrinfo(f->spec->host, NULL, &hints, &list);
	if (error != 0)
		err_set(e, ERR_TEMPORARY, "%s", gai_strerror(error));
	for (struct addrinfo *i = list; i != NULL && !ok; i = i->ai_next) {
		struct net_addr addr;
		if (!net_endpoint_read(i->ai_addr, &addr, NULL))
			continue;
		err_clear(e);
		/* one address that is dead leaves time for the next */
		until = clock_mono_ms(f->clock) + QUEUE_FORWARD_CONNECT_MS;
		ok = try_address(
		    f, &addr, until < deadline_ms ? until : deadline_ms, e);
	}
	if (ok)
		f->stream.deadline_ms = deadline_ms;
	if (list != NULL)
		freeaddrinfo(list);
	return ok || err_context(e, "server '%s' port %u", f->spec->host,
			 (unsigned)f->spec->port);
}
