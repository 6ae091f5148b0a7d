/* The front of every resolver: submit, wait, call back. */
#include "core/dns/dns.h"

#include "core/base/i18n.h"
#include "core/dns/dns_int.h"
#include "core/dns/flat.h"
#include "core/dns/resolver.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	ANSWER_MAX = 8 * 1024 * 1024 /* bytes of one answer, typed */
};

void
dns_init(struct dns *d, const struct dns_ops *ops, const struct clock *clock)
{
	d->ops = ops;
	d->clock = clock;
	list_init(&d->ready);
	d->deadline_ms = DNS_DEADLINE_MS;
}

void
dns_query_ready(struct dns_query *q)
{
	q->is_ready = true;
	list_append(&q->dns->ready, &q->node);
}

void
dns_query_fail(
    struct dns_query *q, enum dns_status status, const char *fmt, ...)
{
	va_list ap;
	q->result.status = status;
	va_start(ap, fmt);
	vsnprintf(q->result.reason, sizeof(q->result.reason), fmt, ap);
	va_end(ap);
	dns_query_ready(q);
}

static void
query_free(struct dns_query *q)
{
	buf_clear(&q->result.flat);
	free(q);
}

struct dns_query *
dns_submit(struct dns *d, struct str name, uint16_t type,
    const struct dns_how *how, dns_done *done, void *ctx)
{
	struct dns_query *q = calloc(1, sizeof(*q) + name.len + 1);
	if (q == NULL)
		return NULL;
	char *copy = (char *)(q + 1);
	if (name.len > 0)
		memcpy(copy, name.ptr, name.len);
	q->dns = d;
	q->name = str_n(copy, name.len);
	q->type = type;
	q->done = done;
	q->ctx = ctx;
	if (how != NULL)
		q->how = *how;
	if (q->how.server != NULL) {
		q->server = *q->how.server;
		q->how.server = &q->server;
	}
	buf_init(&q->result.flat, DNS_FLAT_MAX);
	q->started_ms = clock_mono_ms(d->clock);
	q->deadline_ms =
	    q->started_ms +
	    (q->how.deadline_ms > 0 ? q->how.deadline_ms : d->deadline_ms);
	d->n_open++;
	if (d->ending)
		dns_query_fail(
		    q, DNS_ABORTED, "%s", _("the resolver was ended first"));
	else if (!dns_name_from_text(name, &q->wire))
		dns_query_fail(q, DNS_NOT_A_NAME, "%s",
		    _("no domain name can be so: an empty part, one over 63 or "
		      "a whole over 255 octets"));
	else
		d->ops->start(d, q);
	return q;
}

void
dns_cancel(struct dns_query *q)
{
	struct dns *d = q->dns;
	if (q->is_ready)
		list_remove(&q->node);
	else
		d->ops->cancel(d, q);
	d->n_open--;
	query_free(q);
}

/* What the callback is shown; 'a' holds its parts. */
static void
answer_of(struct arena *a, struct dns_query *q, struct dns_answer *out)
{
	struct dns_result *r = &q->result;
	*out = (struct dns_answer){ .status = r->status, .type = q->type };
	out->name = out->canonical = q->name;
	if (r->flat.len > 0 &&
	    !dns_answer_build(a, out, str_n(q->wire.wire, q->wire.len),
		buf_str(&r->flat), r->age_s, r->reason)) {
		out->status = DNS_BAD;
		out->records = out->chain = NULL;
		out->n = out->n_chain = 0;
		out->ttl = 0;
	}
	out->name = q->name;
	out->cached = r->cached;
	out->elapsed_ms = clock_mono_ms(q->dns->clock) - q->started_ms;
	out->server = str_of(r->server);
	out->reason = str_of(r->reason);
	if (!dns_is_answer(out->status) && out->reason.len == 0)
		out->reason = str_of(dns_status_text(out->status));
}

static void
deliver(struct dns *d, struct dns_query *q)
{
	struct dns_answer answer;
	struct arena *a = arena_new(ANSWER_MAX, NULL, NULL);
	list_remove(&q->node);
	d->n_open--;
	if (a == NULL)
		answer = (struct dns_answer){ .status = DNS_ABORTED,
			.name = q->name,
			.type = q->type,
			.reason = STR("out of memory") };
	else
		answer_of(a, q, &answer);
	q->done(q->ctx, &answer);
	arena_free(a);
	query_free(q);
}

/*
 * Only those ready when we begin: a callback that asks again waits for the
 * next step, so that no loop of cached answers holds the caller.
 */
static void
deliver_all(struct dns *d)
{
	struct list now;
	list_init(&now);
	while (!list_is_empty(&d->ready)) {
		struct list_node *n = list_first(&d->ready);
		list_remove(n);
		list_append(&now, n);
	}
	while (!list_is_empty(&now))
		deliver(d, LIST_ITEM(list_first(&now), struct dns_query, node));
}

int
dns_fd(const struct dns *d)
{
	return d->ops->fd(d);
}

int64_t
dns_next_ms(const struct dns *d)
{
	const struct list *ready = &d->ready;
	if (!list_is_empty(ready))
		return clock_mono_ms(d->clock);
	return d->n_open > 0 ? d->ops->next_ms(d) : -1;
}

void
dns_step(struct dns *d)
{
	d->ops->step(d);
	deliver_all(d);
}

bool
dns_wait(struct dns *d, int64_t until_ms, const volatile int *stop)
{
	enum {
		LONGEST_MS = 60000
	};
	if (d->n_open == 0 || (stop != NULL && *stop != 0))
		return false;
	int64_t now = clock_mono_ms(d->clock), next = dns_next_ms(d);
	if (next < 0 || (until_ms >= 0 && until_ms < next))
		next = until_ms >= 0 ? until_ms : now + LONGEST_MS;
	int64_t wait = next > now ? next - now : 0;
	struct pollfd p = { .fd = dns_fd(d), .events = POLLIN };
	if (p.fd >= 0)
		poll(&p, 1, (int)(wait < LONGEST_MS ? wait : LONGEST_MS));
	dns_step(d);
	return true;
}

void
dns_free(struct dns *d)
{
	if (d == NULL)
		return;
	d->ending = true;
	d->ops->abort(d);
	while (!list_is_empty(&d->ready))
		deliver_all(d);
	d->ops->free(d);
}

uint16_t
dns_port_of(const struct dns *d, const struct net_addr *addr)
{
	for (size_t i = 0; i < d->n_servers; i++) {
		if (net_addr_eq(&d->servers[i].addr, addr))
			return d->servers[i].port;
	}
	return DNS_PORT;
}

size_t
dns_asked(const struct dns *d)
{
	return d->asked;
}
