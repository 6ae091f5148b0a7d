/* One question on its way: which server next, and what its reply means. */
#include "core/dns/resolver_int.h"

#include "core/base/i18n.h"
#include "core/dns/flat.h"

#include <stdio.h>

enum {
	DOUBLINGS_MAX = 4,
	PLAIN_FROM_ROUND = 2 /* silence may be a wall against EDNS */
};

static int64_t
now_of(const struct flight *f)
{
	return clock_mono_ms(f->resolver->dns.clock);
}

/* A server is still waited for. */
static bool
is_pending(const struct flight *f, int64_t now)
{
	for (size_t i = 0; i < ATTEMPTS_MAX; i++) {
		const struct attempt *a = &f->attempts[i];
		if (a->decoding || (a->open && now < a->until_ms))
			return true;
	}
	return false;
}

/* Asked least, then not known as bad, then in their order; -1: none left. */
static int
peer_choose(const struct flight *f, int64_t now)
{
	int best = -1;
	for (unsigned i = 0; i < f->n_peers; i++) {
		if (f->failed[i])
			continue;
		if (best < 0 || f->tries[i] < f->tries[best] ||
		    (f->tries[i] == f->tries[best] &&
			f->peers[i].bad_until_ms <= now &&
			f->peers[best].bad_until_ms > now))
			best = (int)i;
	}
	return best;
}

/* Until the next server is asked: longer each round, as RFC 1035 7.2 asks. */
static int64_t
patience(const struct flight *f, unsigned tries)
{
	return f->resolver->config.retry_ms
	       << (tries < DOUBLINGS_MAX ? tries : DOUBLINGS_MAX);
}

/* What failed tells more than silence, and a server more than none. */
static unsigned
weight(enum dns_status s)
{
	static const enum dns_status order[] = { DNS_OK, DNS_ABORTED,
		DNS_NO_SERVER, DNS_TIMEOUT, DNS_BAD, DNS_REFUSED,
		DNS_SERVFAIL };
	unsigned i = 0;
	while (i + 1 < ARRAY_LEN(order) && order[i] != s)
		i++;
	return i;
}

static void
fail(struct flight *f)
{
	if (f->failure == DNS_OK) {
		f->failure = DNS_TIMEOUT;
		snprintf(f->reason, sizeof(f->reason),
		    P_("%s did not answer in time (asked %u time)",
			"%s did not answer in time (asked %u times)",
			f->n_attempts),
		    f->server[0] != '\0' ? f->server : _("no name server"),
		    f->n_attempts);
	}
	resolver_fail(f, f->failure);
}

static void
ask(struct flight *f, unsigned peer, bool tcp, bool edns)
{
	int64_t now = now_of(f);
	unsigned at = f->n_attempts % ATTEMPTS_MAX;
	int64_t until =
	    now + (tcp ? TCP_PATIENCE_MS : patience(f, f->tries[peer]));
	f->next_ms = until;
	if (!attempt_start(f, peer, tcp, edns)) {
		f->next_ms = now + BUSY_WAIT_MS;
		f->failure = DNS_ABORTED;
		snprintf(f->reason, sizeof(f->reason), "%s",
		    _("no descriptor is left to ask with"));
		return;
	}
	if (f->failure == DNS_ABORTED)
		f->failure = DNS_OK;
	if (f->query != NULL && f->attempts[at].open)
		f->attempts[at].until_ms = until;
}

void
flight_go_on(struct flight *f)
{
	int64_t now = now_of(f);
	int peer = peer_choose(f, now);
	bool fresh = peer >= 0 && f->tries[peer] == 0;
	if (!fresh && is_pending(f, now)) {
		if (f->next_ms <= now)
			f->next_ms = now + BUSY_WAIT_MS;
		return;
	}
	/* silence may end, but not beside a failure that has been told */
	if (peer < 0 || (!fresh && f->failure != DNS_OK)) {
		fail(f);
		return;
	}
	struct dns_peer *p = &f->peers[peer];
	bool edns =
	    p->plain_until_ms <= now && f->tries[peer] < PLAIN_FROM_ROUND;
	f->tries[peer]++;
	ask(f, (unsigned)peer, false, edns);
}

/* Servers whose time is over are asked last from now on. */
static void
mark_silent(struct flight *f, int64_t now)
{
	for (size_t i = 0; i < ATTEMPTS_MAX; i++) {
		struct attempt *a = &f->attempts[i];
		if (a->open && now >= a->until_ms)
			f->peers[a->peer].bad_until_ms = now + SERVER_BAD_MS;
	}
}

static bool
tcp_expire(struct flight *f, int64_t now)
{
	for (size_t i = 0; i < ATTEMPTS_MAX; i++) {
		struct attempt *a = &f->attempts[i];
		if (!a->open || !a->tcp || now < a->until_ms)
			continue;
		flight_attempt_failed(a, DNS_TIMEOUT,
		    _("%s does not answer by TCP in time"), f->server);
		return true;
	}
	return false;
}

void
flight_tick(struct flight *f, int64_t now)
{
	if (now >= f->query->deadline_ms) {
		fail(f);
		return;
	}
	if (!f->active || now < f->next_ms)
		return;
	mark_silent(f, now);
	if (!tcp_expire(f, now))
		flight_go_on(f);
}

int64_t
flight_next_ms(const struct flight *f)
{
	int64_t deadline = f->query->deadline_ms;
	return f->active && f->next_ms < deadline ? f->next_ms : deadline;
}

void
flight_attempt_failed(
    struct attempt *a, enum dns_status status, const char *fmt, ...)
{
	struct flight *f = a->flight;
	va_list ap;
	attempt_close(a);
	f->failed[a->peer] = true;
	if (status == DNS_NO_SERVER)
		f->peers[a->peer].bad_until_ms = now_of(f) + SERVER_BAD_MS;
	if (weight(status) > weight(f->failure)) {
		f->failure = status;
		va_start(ap, fmt);
		vsnprintf(f->reason, sizeof(f->reason), fmt, ap);
		va_end(ap);
	}
	flight_go_on(f);
}

static void
server_said(struct attempt *a, unsigned rcode)
{
	static const char *const words[] = { "NOERROR", "FORMERR", "SERVFAIL",
		"NXDOMAIN", "NOTIMP", "REFUSED" };
	char number[16];
	char server[DNS_SERVER_TEXT_MAX];
	enum dns_status status =
	    rcode == DNS_RCODE_REFUSED ? DNS_REFUSED : DNS_SERVFAIL;
	snprintf(number, sizeof(number), "RCODE %u", rcode);
	flight_attempt_failed(a, status, _("%s answers %s"),
	    dns_server_format(&a->flight->peers[a->peer].at, server),
	    rcode < ARRAY_LEN(words) ? words[rcode] : number);
}

/* RFC 6891 7: ask again without EDNS. */
static void
ask_plain(struct attempt *a)
{
	struct flight *f = a->flight;
	unsigned peer = a->peer;
	bool tcp = a->tcp;
	attempt_close(a);
	f->peers[peer].plain_until_ms = now_of(f) + SERVER_PLAIN_MS;
	ask(f, peer, tcp, false);
}

static void
decoded(void *ctx, struct str flat, const char *reason)
{
	struct attempt *a = ctx;
	struct flight *f = a->flight;
	struct str rest = flat;
	struct dns_flat_head head;
	a->decoding = false;
	if (f->query == NULL)
		return;
	if (!dns_flat_get_head(&rest, &head)) {
		char server[DNS_SERVER_TEXT_MAX];
		flight_attempt_failed(a, DNS_BAD, "%s: %s",
		    dns_server_format(&f->peers[a->peer].at, server),
		    reason[0] != '\0' ? reason : _("malformed reply"));
	} else if (head.rcode == DNS_RCODE_BADVERS && a->edns) {
		ask_plain(a);
	} else if (head.rcode != 0 && head.rcode != DNS_RCODE_NXDOMAIN) {
		server_said(a, head.rcode);
	} else {
		dns_server_format(&f->peers[a->peer].at, f->server);
		resolver_answer(f, flat);
	}
}

void
flight_reply(struct attempt *a, struct str reply)
{
	struct flight *f = a->flight;
	unsigned rcode = dns_packet_rcode(reply);
	f->peers[a->peer].bad_until_ms = 0;
	if (dns_packet_is_cut(reply) && !a->tcp) {
		flight_reply_case(a);
	} else if (a->edns &&
		   (rcode == DNS_RCODE_FORMERR || rcode == DNS_RCODE_NOTIMP)) {
		ask_plain(a);
	} else if (rcode != 0 && rcode != DNS_RCODE_NXDOMAIN) {
		server_said(a, rcode);
	} else if (dns_codec_give(f->resolver->codec, reply, decoded, a)) {
		a->decoding = true;
		attempt_close(a);
	} else {
		flight_attempt_failed(a, DNS_ABORTED, "%s", _("out of memory"));
	}
}

void
flight_reply_case(struct attempt *a)
{
	struct flight *f = a->flight;
	unsigned peer = a->peer;
	bool edns = a->edns;
	attempt_close(a);
	ask(f, peer, true, edns);
}

void
flight_end(struct flight *f)
{
	for (size_t i = 0; i < ATTEMPTS_MAX; i++) {
		struct attempt *a = &f->attempts[i];
		attempt_close(a);
		if (a->decoding)
			dns_codec_drop(f->resolver->codec, a);
		a->decoding = false;
	}
	if (f->active)
		f->resolver->n_active--;
	f->active = false;
	f->query = NULL;
	list_remove(&f->node);
	list_append(&f->resolver->dead, &f->node);
}
