/* The resolver: flights in turn, their times, cache and decoder. */
#include "core/dns/resolver.h"

#include "core/base/i18n.h"
#include "core/dns/flat.h"
#include "core/dns/resolver_int.h"
#include "core/dns/special.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	EVENTS = 64,
	ROUNDS = 8 /* of events, before times are looked at */
};

static struct resolver *
resolver_of(const struct dns *d)
{
	return (struct resolver *)(uintptr_t)d;
}

/* One that no server is asked for; a server named for it is asked all the same,
   as whoever names it wants to see what it says. */
static bool
from_standard(struct dns_query *q)
{
	if (q->how.server != NULL ||
	    !dns_special_answer(&q->wire, q->type, &q->result.flat))
		return false;
	dns_query_ready(q);
	return true;
}

static struct flight *
flight_at(struct list_node *n)
{
	return LIST_ITEM(n, struct flight, node);
}

static bool
from_cache(struct resolver *r, struct dns_query *q)
{
	struct str flat;
	if (q->how.server != NULL || q->how.fresh ||
	    !dns_cache_get(r->cache, &q->wire, q->type,
		clock_mono_ms(r->dns.clock), &flat, &q->result.age_s))
		return false;
	if (!buf_add_str(&q->result.flat, flat)) {
		buf_reset(&q->result.flat);
		return false;
	}
	q->result.cached = true;
	dns_query_ready(q);
	return true;
}

/* Let those that wait fly, as many as may. */
static void
take_off(struct resolver *r)
{
	while (r->n_active < r->config.flights && !list_is_empty(&r->waiting)) {
		struct flight *f = flight_at(list_first(&r->waiting));
		list_remove(&f->node);
		list_append(&r->active, &f->node);
		f->active = true;
		r->n_active++;
		flight_go_on(f);
	}
}

static void
resolver_start(struct dns *d, struct dns_query *q)
{
	struct resolver *r = resolver_of(d);
	if (from_standard(q) || from_cache(r, q))
		return;
	struct flight *f = calloc(1, sizeof(*f));
	if (f == NULL) {
		dns_query_fail(q, DNS_ABORTED, "%s", _("out of memory"));
		return;
	}
	f->resolver = r;
	f->query = q;
	q->back = f;
	f->peers = r->peers;
	f->n_peers = (unsigned)r->config.n_servers;
	if (q->how.server != NULL) {
		f->own.at = *q->how.server;
		f->peers = &f->own;
		f->n_peers = 1;
	}
	d->asked++;
	dns_codec_start(r->codec);
	list_append(&r->waiting, &f->node);
	take_off(r);
}

/* The question leaves its flight. */
static struct dns_query *
land(struct flight *f)
{
	struct dns_query *q = f->query;
	snprintf(q->result.server, sizeof(q->result.server), "%s", f->server);
	flight_end(f);
	return q;
}

void
resolver_answer(struct flight *f, struct str flat)
{
	struct resolver *r = f->resolver;
	struct dns_query *q = f->query;
	/* the question leaves first: 'flat' is not the flight's */
	if (q->how.server == NULL)
		dns_cache_put(r->cache, &q->wire, q->type, flat,
		    dns_flat_ttl(flat), clock_mono_ms(r->dns.clock));
	land(f);
	if (buf_add_str(&q->result.flat, flat))
		dns_query_ready(q);
	else
		dns_query_fail(q, DNS_ABORTED, "%s", _("out of memory"));
}

void
resolver_fail(struct flight *f, enum dns_status status)
{
	struct dns_query *q = land(f);
	dns_query_fail(q, status, "%s", f->reason);
}

static void
resolver_cancel(struct dns *d, struct dns_query *q)
{
	(void)d;
	flight_end(q->back);
}

static int
resolver_fd(const struct dns *d)
{
	return resolver_of(d)->epoll;
}

static void
earlier(int64_t *least, int64_t ms)
{
	if (ms >= 0 && (*least < 0 || ms < *least))
		*least = ms;
}

static int64_t
resolver_next_ms(const struct dns *d)
{
	struct resolver *r = resolver_of(d);
	int64_t least = dns_codec_next_ms(r->codec);
	LIST_FOREACH(n, &r->active)
	earlier(&least, flight_next_ms(flight_at(n)));
	LIST_FOREACH(n, &r->waiting)
	earlier(&least, flight_next_ms(flight_at(n)));
	return least;
}

static void
events_take(struct resolver *r)
{
	struct epoll_event events[EVENTS];
	for (int round = 0; round < ROUNDS; round++) {
		int n = epoll_wait(r->epoll, events, EVENTS, 0);
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == r)
				r->codec_event = true;
			else
				attempt_event(events[i].data.ptr);
		}
		if (n < EVENTS)
			break;
	}
}

static void
tick_all(struct list *flights, int64_t now)
{
	struct list_node *n = flights->head.next, *next;
	for (; n != &flights->head; n = next) {
		next = n->next;
		flight_tick(flight_at(n), now);
	}
}

static void
dead_free(struct resolver *r)
{
	while (!list_is_empty(&r->dead)) {
		struct list_node *n = list_first(&r->dead);
		list_remove(n);
		free(flight_at(n));
	}
}

static void
resolver_step(struct dns *d)
{
	struct resolver *r = resolver_of(d);
	events_take(r);
	if (r->codec_event || dns_codec_next_ms(r->codec) >= 0)
		dns_codec_step(r->codec);
	r->codec_event = false;
	int64_t now = clock_mono_ms(d->clock);
	tick_all(&r->active, now);
	tick_all(&r->waiting, now);
	take_off(r);
	dead_free(r);
}

static void
abort_all(struct list *flights)
{
	while (!list_is_empty(flights)) {
		struct flight *f = flight_at(list_first(flights));
		snprintf(f->reason, sizeof(f->reason), "%s",
		    _("the resolver was ended first"));
		resolver_fail(f, DNS_ABORTED);
	}
}

static void
resolver_abort(struct dns *d)
{
	abort_all(&resolver_of(d)->active);
	abort_all(&resolver_of(d)->waiting);
}

static void
resolver_free(struct dns *d)
{
	struct resolver *r = resolver_of(d);
	dead_free(r);
	dns_codec_free(r->codec);
	dns_cache_free(r->cache);
	if (r->epoll >= 0)
		close(r->epoll);
	free(r);
}

static const struct dns_ops resolver_ops = {
	.start = resolver_start,
	.cancel = resolver_cancel,
	.fd = resolver_fd,
	.next_ms = resolver_next_ms,
	.step = resolver_step,
	.abort = resolver_abort,
	.free = resolver_free,
};

static void
config_fill(struct dns_config *c)
{
	if (c->deadline_ms <= 0)
		c->deadline_ms = DNS_DEADLINE_MS;
	if (c->retry_ms <= 0)
		c->retry_ms = DNS_RETRY_USUAL_MS;
	if (c->flights == 0)
		c->flights = DNS_FLIGHTS_USUAL;
	if (c->cache == 0)
		c->cache = DNS_CACHE_USUAL;
}

struct dns *
dns_resolver_new(
    const struct dns_config *c, const struct clock *clock, struct err *e)
{
	struct resolver *r = calloc(1, sizeof(*r));
	if (r == NULL) {
		err_no_memory(e);
		return NULL;
	}
	dns_init(&r->dns, &resolver_ops, clock);
	r->config = *c;
	config_fill(&r->config);
	r->dns.deadline_ms = r->config.deadline_ms;
	r->dns.servers = r->config.servers;
	r->dns.n_servers = r->config.n_servers;
	for (size_t i = 0; i < c->n_servers; i++)
		r->peers[i].at = c->servers[i];
	list_init(&r->waiting);
	list_init(&r->active);
	list_init(&r->dead);
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->cache = dns_cache_new(r->config.cache);
	r->codec = dns_codec_new(c->codec, r->epoll, r, clock);
	if (r->epoll >= 0 && r->cache != NULL && r->codec != NULL)
		return &r->dns;
	err_set_errno(e, errno, "%s", _("cannot set up the resolver"));
	resolver_free(&r->dns);
	return NULL;
}
