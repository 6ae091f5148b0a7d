/*
 * The resolver: the only part that asks name servers, and databases of places.
 * It has no privilege and takes no packet apart itself (core/dns does that in
 * yet another process); when it dies, questions under way end unanswered and no
 * session is lost.
 */
#include "cmd/filterd/limits.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/part.h"
#include "cmd/filterd/places.h"
#include "cmd/filterd/sandbox.h"
#include "cmd/filterd/workers.h"
#include "core/dns/remote.h"
#include "core/dns/resolver.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FLIGHTS = 1000,
	IDLE_MS = 60 * 1000
};

struct resolver_part {
	const struct clock *clock;
	struct channel *listener;
	struct workers workers;
	struct dns_config config;
	struct dns_service service;
	struct places places;
	bool stopping;
};

/* SMEMAIL_DNS, else what /etc/resolv.conf says now. */
static bool
read_config(struct dns_config *c, struct err *e)
{
	const char *text = getenv("SMEMAIL_DNS");
	struct root root;
	*c = (struct dns_config){ .flights = FLIGHTS };
	if (text != NULL && text[0] != '\0')
		return dns_config_parse(c, text, e);
	return root_init(&root, "/", e) && dns_config_read(c, &root, e);
}

static void
tell_change(void *ctx, bool down)
{
	(void)ctx;
	log_own("resolver: %s", down ? "no name server answers, questions are "
				       "not waited for until one does"
				     : "a name server answers again");
}

static bool send_reply(void *ctx, uint32_t asker, struct str message);

/* The servers changed, or there is no resolver yet. */
static void
renew(struct resolver_part *r)
{
	struct err e = ERR_INIT;
	struct dns_config fresh;
	if (!read_config(&fresh, &e)) {
		log_error(&e);
		return;
	}
	struct dns *old = r->service.dns;
	if (old != NULL && memcmp(&fresh, &r->config, sizeof(fresh)) == 0)
		return;
	struct dns *dns = dns_resolver_new(&fresh, r->clock, &e);
	if (dns == NULL) {
		log_error(&e);
		return;
	}
	dns_free(old);
	r->config = fresh;
	r->service = (struct dns_service){ .dns = dns,
		.clock = r->clock,
		.send = send_reply,
		.ctx = r,
		.changed = tell_change };
	dns_service_init(&r->service);
}

/* What finds no room is missed by its session in time. */
static bool
send_reply(void *ctx, uint32_t asker, struct str message)
{
	struct resolver_part *r = ctx;
	return workers_has(&r->workers, asker) &&
	       channel_send(&r->workers.channels[workers_number(asker)],
		   MESSAGE_ANSWER, message, -1, 0) == CHANNEL_OK;
}

static void hear_listener(struct resolver_part *r);

static bool
hear_place(struct resolver_part *r, uint32_t worker, struct wire *in)
{
	struct buf question = BUF_INIT(FILTERD_PLACE_MAX);
	struct buf answer;
	buf_add_str(&question, in->rest);
	/*
	 * What it was told before the worker was comes first. A new worker may
	 * be among it: the channel that the question came in is gone then.
	 */
	hear_listener(r);
	struct wire kept = { buf_str(&question), question.failed };
	buf_init(&answer, FILTERD_PACKET_MAX);
	bool ok = places_answer(&r->places, &kept, &answer);
	if (ok)
		workers_tell(
		    &r->workers, worker, MESSAGE_PLACED, buf_str(&answer), -1);
	buf_clear(&question);
	buf_clear(&answer);
	return ok;
}

static bool
hear_question(void *ctx, uint32_t worker, struct message *m)
{
	struct resolver_part *r = ctx;
	if (!(m->type == MESSAGE_PLACE
		    ? hear_place(r, worker, &m->in)
		    : dns_service_hear(&r->service, worker, m->in.rest)))
		log_own("resolver: the worker sends nonsense");
	return true;
}

static bool
has_room(const void *ctx)
{
	(void)ctx;
	return true;
}

static const struct workers_ears ears = { hear_question, has_room };

/* When it is gone or says so: end when the workers have ended. */
static void
hear_listener(struct resolver_part *r)
{
	struct message m;
	struct err e = ERR_INIT;
	while (r->listener->fd >= 0) {
		enum channel_status s = channel_receive(r->listener, &m, &e);
		if (s == CHANNEL_AGAIN)
			return;
		if (s == CHANNEL_BAD)
			log_error(&e);
		if (s != CHANNEL_OK || m.type == MESSAGE_DRAIN) {
			r->stopping = true;
			channel_clear(r->listener);
			return;
		}
		if (m.type == MESSAGE_RENEW) {
			renew(r);
			if (!places_renew(&r->places, &m.in))
				log_own("resolver: the listener sends "
					"nonsense");
		} else if (m.type == MESSAGE_PEER)
			(void)workers_take(&r->workers, &m);
	}
}

static bool
prepare(struct resolver_part *r, const struct part_init *init, struct err *e)
{
	renew(r);
	if (r->service.dns == NULL)
		return err_set(e, ERR_TEMPORARY,
		    "resolver: cannot be started without name servers");
	if (!part_drop_root(init, e))
		return false;
	sandbox_wall(SANDBOX_RESOLVER, "resolver");
	return true;
}

static int
time_to_wait(const struct resolver_part *r)
{
	int64_t next = dns_next_ms(r->service.dns);
	int64_t probe = dns_service_next_ms(&r->service);
	if (next < 0 || (probe >= 0 && probe < next))
		next = probe;
	if (next < 0)
		return IDLE_MS;
	int64_t left = next - clock_mono_ms(r->clock);
	if (left < 0)
		return 0;
	return left < IDLE_MS ? (int)left : IDLE_MS;
}

int
resolver_run(struct channel *listener, const struct part_init *init)
{
	struct err e = ERR_INIT;
	struct resolver_part r = { .clock = &clock_system,
		.listener = listener };
	workers_init(&r.workers, PART_RESOLVER);
	bool ok = prepare(&r, init, &e);
	if (!ok)
		log_error(&e);
	while (ok && !(r.stopping && workers_are_gone(&r.workers))) {
		struct pollfd p[2 + FILTERD_WORKERS_MAX] = {
			{ .fd = r.listener->fd, .events = POLLIN },
			{ .fd = dns_fd(r.service.dns), .events = POLLIN },
		};
		workers_watch(&r.workers, p + 2);
		if (poll(p, ARRAY_LEN(p), time_to_wait(&r)) < 0)
			continue;
		workers_hear(&r.workers, p + 2, &ears, &r);
		dns_step(r.service.dns);
		dns_service_step(&r.service);
		if (p[0].revents != 0)
			hear_listener(&r);
	}
	places_clear(&r.places);
	dns_free(r.service.dns);
	workers_clear(&r.workers);
	return err_exit_status(e.code);
}
