/* The listener's dealings with those who connect. */
#include "cmd/filterd/listener_int.h"
#include "cmd/filterd/log.h"
#include "core/filter/limit.h"
#include "core/net/addr.h"
#include "core/sys/file.h"

#include <sys/socket.h>
#include <unistd.h>

enum {
	ACCEPT_TURN = 64, /* connections before signals are looked at again */
	NUMBER_MIN = 1000,
	NUMBER_MAX = 4194303 /* as process ids: log readers know the width */
};

/* Sessions of one network at once; 0: no limit. */
static uint32_t
per_network(const struct listener *l, const char *ip)
{
	enum {
		SHARE = 4 /* nobody has more than this part of all */
	};
	struct net_addr a;
	int64_t n = filter_policy_limit(l->config.policy, FILTER_LIMIT_NETWORK);
	if (n != FILTER_LIMIT_NOT_SET)
		return (uint32_t)n;
	/* this machine's own programs are all one network */
	if (!net_addr_parse(str_of(ip), &a) || net_addr_is_loopback(&a))
		return 0;
	return l->init.instances / SHARE + 1;
}

/* False: its network has enough sessions, and it was told. */
static bool
may_enter(
    const struct listener *l, const struct accepted *a, enum smtp_role role)
{
	static const char text[] =
	    "421 4.7.0 too many connections from your network, try again "
	    "later\r\n";
	uint32_t most = per_network(l, a->ip);
	if (most == 0 || slots_of_network(&l->slots, a->ip) < most)
		return true;
	log_own("%s refused: %u sessions of its network run", a->ip,
	    (unsigned)most);
	/* under TLS it could not read it */
	if (role != SMTP_ROLE_SMTPS)
		(void)!send(
		    a->fd, text, sizeof(text) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	return false;
}

/* The session to a worker; false: it takes none now. */
static bool
give_to(struct listener *l, unsigned worker, const struct accepted *a,
    enum smtp_role role)
{
	struct buf body = BUF_INIT(512);
	uint32_t slot = slots_take(&l->slots, a->ip, worker);
	wire_put_u32(&body, slot);
	wire_put_u32(&body, l->number);
	wire_put_u32(&body, l->slots.running);
	wire_put_u32(&body, slots_of_ip(&l->slots, a->ip));
	wire_put_u32(&body, l->options->instances_per_ip);
	wire_put_u32(&body, a->local_port);
	wire_put_u32(&body, role);
	wire_put_str(&body, str_of(a->ip));
	wire_put_str(&body, str_of(a->local_ip));
	enum channel_status s =
	    channel_send(&l->parts[SERVANTS + worker].channel, MESSAGE_SESSION,
		buf_str(&body), a->fd, 0);
	buf_clear(&body);
	if (s != CHANNEL_OK)
		(void)slots_release(&l->slots, slot, worker);
	return s == CHANNEL_OK;
}

/*
 * One connection goes to the worker that has the fewest and takes it. False:
 * none of them takes it now.
 */
static bool
pass_on(struct listener *l, const struct accepted *a, enum smtp_role role)
{
	for (uint32_t left = parts_ready(l); left != 0;) {
		int worker = slots_worker(&l->slots, left);
		if (give_to(l, (unsigned)worker, a, role))
			return true;
		left &= ~(1u << worker);
	}
	return false;
}

void
listener_drop_held(struct listener *l)
{
	file_close_fd(&l->held.a.fd);
}

void
listener_pass_held(struct listener *l)
{
	struct listener_held *h = &l->held;
	if (h->a.fd < 0)
		return;
	bool passed = pass_on(l, &h->a, h->role);
	if (!passed && clock_mono_ms(l->clock) < h->until)
		return;
	if (!passed)
		log_own("%s is left: no worker takes a session", h->a.ip);
	listener_drop_held(l);
}

static void
hold(struct listener *l, const struct accepted *a, enum smtp_role role)
{
	l->held = (struct listener_held){ *a, role,
		clock_mono_ms(l->clock) + FILTERD_SEND_MS };
}

/* It is not ours any more. */
static void
place(struct listener *l, const struct accepted *a, enum smtp_role role)
{
	bool enters = may_enter(l, a, role);
	if (enters)
		l->number =
		    l->number >= NUMBER_MAX ? NUMBER_MIN : l->number + 1;
	if (enters && !pass_on(l, a, role))
		hold(l, a, role);
	else
		close(a->fd);
}

bool
listener_may_accept(const struct listener *l)
{
	return !l->stopping && l->held.a.fd < 0 && parts_ready(l) != 0 &&
	       l->slots.running < l->slots.n;
}

void
listener_accept(struct listener *l, unsigned listen)
{
	struct accepted a;
	int fd = l->listens[listen];
	enum smtp_role role = l->options->listens[listen].role;
	for (int i = 0; i < ACCEPT_TURN && listener_may_accept(l); i++) {
		/* of the first we were told; with one that is alone, of the
		   next we are told as soon */
		if (i > 0 && (l->slots.running <= 1 || !listen_has_waiting(fd)))
			return;
		if (listen_accept(fd, &a) < 0)
			return;
		/* who left before it came counts no more */
		listener_take_ended(l);
		/* what was changed before it came is in force for it */
		listener_reread(l, false);
		place(l, &a, role);
	}
}
