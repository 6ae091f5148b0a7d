/* The asking side of a resolver in another process. */
#include "core/dns/remote.h"

#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/dns/cache_int.h"
#include "core/dns/dns_int.h"
#include "core/dns/flat.h"
#include "core/dns/remote_int.h"

#include <stdlib.h>

enum {
	GRACE_MS = 500, /* more than the other side's own deadline */
	FLIGHTS_MAX = 1 << 16,
	FAILURE_SIZE = 1, /* the status; shorter than any reply */
	FAILURE_S = 5,
	NONE = -1
};

/* A question that has crossed; the serial tells late replies. */
struct remote_flight {
	struct dns_query *query; /* NULL: free */
	uint32_t serial;
	int next_free;
};

struct remote {
	struct dns dns; /* first */
	dns_remote_send *send;
	void *ctx;
	struct dns_cache *cache;
	struct vec flights; /* of struct remote_flight */
	int free;           /* first free one, or NONE */
	uint32_t serial;
	int64_t next_ms; /* no deadline is before it */
};

static struct remote *
remote_of(const struct dns *d)
{
	return (struct remote *)(uintptr_t)d;
}

static struct remote_flight *
flight_at(const struct remote *r, size_t i)
{
	return VEC_AT(&r->flights, struct remote_flight, i);
}

/* A place for the question; NONE when there are too many. */
static int
flight_new(struct remote *r, struct dns_query *q)
{
	int i = r->free;
	if (i == NONE) {
		struct remote_flight fresh = { .next_free = NONE };
		if (r->flights.len >= FLIGHTS_MAX ||
		    !vec_push(&r->flights, &fresh))
			return NONE;
		i = (int)r->flights.len - 1;
	} else {
		r->free = flight_at(r, (size_t)i)->next_free;
	}
	struct remote_flight *f = flight_at(r, (size_t)i);
	f->query = q;
	f->serial = ++r->serial;
	return i;
}

static struct dns_query *
flight_end(struct remote *r, size_t i)
{
	struct remote_flight *f = flight_at(r, i);
	struct dns_query *q = f->query;
	f->query = NULL;
	f->next_free = r->free;
	r->free = (int)i;
	return q;
}

static bool
answer_from_cache(struct remote *r, struct dns_query *q)
{
	struct str kept;
	uint32_t age;
	if (q->how.fresh || !dns_cache_get(r->cache, &q->wire, q->type,
				q->started_ms, &kept, &age))
		return false;
	q->result.cached = true;
	if (kept.len == FAILURE_SIZE) {
		dns_query_fail(q, (enum dns_status)kept.ptr[0], "%s",
		    _("could not be asked a moment ago"));
		return true;
	}
	q->result.status = DNS_OK;
	q->result.age_s = age;
	if (!buf_add_str(&q->result.flat, kept))
		return false;
	dns_query_ready(q);
	return true;
}

static void
start(struct dns *d, struct dns_query *q)
{
	struct remote *r = remote_of(d);
	char bytes[REMOTE_QUESTION_MAX];
	if (answer_from_cache(r, q))
		return;
	int i = flight_new(r, q);
	if (i == NONE) {
		dns_query_fail(q, DNS_TIMEOUT, "%s",
		    _("too many questions are under way"));
		return;
	}
	struct remote_question question = {
		.index = (uint32_t)i,
		.serial = flight_at(r, (size_t)i)->serial,
		.type = q->type,
		.fresh = q->how.fresh,
		.deadline_ms = (uint32_t)(q->deadline_ms - q->started_ms),
		.name = q->wire,
	};
	d->asked++;
	if (r->send(r->ctx, remote_question_put(&question, bytes))) {
		if (r->next_ms < 0 || q->deadline_ms + GRACE_MS < r->next_ms)
			r->next_ms = q->deadline_ms + GRACE_MS;
		return;
	}
	flight_end(r, (size_t)i);
	dns_query_fail(
	    q, DNS_NO_SERVER, "%s", _("the resolver cannot be reached"));
}

static void
cancel(struct dns *d, struct dns_query *q)
{
	struct remote *r = remote_of(d);
	for (size_t i = 0; i < r->flights.len; i++) {
		if (flight_at(r, i)->query == q)
			flight_end(r, i);
	}
}

static int
no_fd(const struct dns *d)
{
	(void)d;
	return -1;
}

static int64_t
next_ms(const struct dns *d)
{
	return remote_of(d)->next_ms;
}

/* Questions whose reply does not come even after their deadline. */
static void
step(struct dns *d)
{
	struct remote *r = remote_of(d);
	int64_t now = clock_mono_ms(d->clock);
	if (r->next_ms < 0 || now < r->next_ms)
		return;
	r->next_ms = -1;
	for (size_t i = 0; i < r->flights.len; i++) {
		struct dns_query *q = flight_at(r, i)->query;
		if (q == NULL)
			continue;
		int64_t until = q->deadline_ms + GRACE_MS;
		if (until <= now)
			dns_query_fail(flight_end(r, i), DNS_TIMEOUT, "%s",
			    _("the resolver does not answer"));
		else if (r->next_ms < 0 || until < r->next_ms)
			r->next_ms = until;
	}
}

static void
end_all(struct remote *r, enum dns_status status, const char *why)
{
	for (size_t i = 0; i < r->flights.len; i++) {
		if (flight_at(r, i)->query != NULL)
			dns_query_fail(flight_end(r, i), status, "%s", why);
	}
	r->next_ms = -1;
}

static void
abort_all(struct dns *d)
{
	end_all(remote_of(d), DNS_ABORTED, _("the resolver was ended first"));
}

static void
remote_free(struct dns *d)
{
	struct remote *r = remote_of(d);
	dns_cache_free(r->cache);
	vec_clear(&r->flights);
	free(r);
}

struct dns *
dns_remote_new(const struct clock *clock, size_t cache, dns_remote_send *send,
    void *ctx, struct err *e)
{
	static const struct dns_ops ops = { start, cancel, no_fd, next_ms, step,
		abort_all, remote_free };
	struct remote *r = calloc(1, sizeof(*r));
	struct dns_cache *kept = dns_cache_new(cache);
	if (r == NULL || kept == NULL) {
		free(r);
		dns_cache_free(kept);
		err_no_memory(e);
		return NULL;
	}
	dns_init(&r->dns, &ops, clock);
	r->cache = kept;
	r->send = send;
	r->ctx = ctx;
	r->free = NONE;
	r->next_ms = -1;
	r->flights = (struct vec)VEC_INIT(struct remote_flight);
	return &r->dns;
}

void
dns_remote_lost(struct dns *d)
{
	end_all(
	    remote_of(d), DNS_NO_SERVER, _("the resolver cannot be reached"));
}

/*
 * A failure, and a "no" that says not for how long, are kept for some seconds
 * too (RFC 9520 3.2): the next session would only wait for the same.
 */
static void
keep(struct remote *r, const struct dns_query *q, const struct remote_reply *p)
{
	enum {
		MS_PER_S = 1000
	};
	int64_t now = clock_mono_ms(r->dns.clock);
	char failure[FAILURE_SIZE] = { (char)p->status };
	uint32_t ttl = p->flat.len > 0 ? dns_flat_ttl(p->flat) : 0;
	/* as if it had been kept here from the beginning */
	if (ttl > p->age_s)
		dns_cache_put(r->cache, &q->wire, q->type, p->flat, ttl,
		    now - (int64_t)p->age_s * MS_PER_S);
	else if (ttl == 0 && p->flat.len > 0)
		dns_cache_put(
		    r->cache, &q->wire, q->type, p->flat, FAILURE_S, now);
	else if (!dns_is_answer(p->status))
		dns_cache_put(r->cache, &q->wire, q->type,
		    str_n(failure, FAILURE_SIZE), FAILURE_S, now);
}

bool
dns_remote_hear(struct dns *d, struct str message)
{
	struct remote *r = remote_of(d);
	struct remote_reply reply;
	if (!remote_reply_get(message, &reply) || reply.index >= r->flights.len)
		return false;
	struct remote_flight *f = flight_at(r, reply.index);
	if (f->query == NULL || f->serial != reply.serial)
		return true; /* its deadline has passed, or it was cancelled */
	struct dns_query *q = flight_end(r, reply.index);
	q->result.cached = reply.cached;
	q->result.age_s = reply.age_s;
	snprintf(q->result.server, sizeof(q->result.server), "%.*s",
	    STR_ARG(reply.server));
	keep(r, q, &reply);
	if (!buf_add_str(&q->result.flat, reply.flat)) {
		dns_query_fail(q, DNS_ABORTED, "%s", _("out of memory"));
		return true;
	}
	q->result.status = reply.status;
	snprintf(q->result.reason, sizeof(q->result.reason), "%.*s",
	    STR_ARG(reply.reason));
	dns_query_ready(q);
	return true;
}
