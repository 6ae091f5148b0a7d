/*
 * The walk: hop by hop with the largest packet that passes. Where a large
 * one meets silence and a small one does not, the size is searched for.
 */
#include "core/net/pathmtu.h"

#include "core/net/link.h"
#include "core/net/pathmtu_int.h"

#include "core/base/i18n.h"

#include <string.h>

enum {
	SMALL_IPV4 = 576, /* RFC 1122: every host takes it */
	SILENT_MAX = 4,   /* hops in a row that do not answer: give up */
	SHRINK_MAX = 24,  /* sizes tried at one hop */
	FAST_MS = 150,    /* waited at least */
	TOO_MUCH = 65535, /* no packet is larger */
	/* Hosts ration their ICMP (Linux: one a second, six at once). Beyond
	   that, silence would mean nothing. */
	RATION_MS = 1000,
	RATION = 6,
};

/* The usual sizes of lines and tunnels, tried in one burst (T-47). */
static const unsigned usual_sizes[] = { 1280, 1400, 1460, 1480, 1492 };
/* RFC 1191 section 7: guesses where a router tells no size. */
static const unsigned plateaus[] = { 65535, 32000, 17914, 8166, 4352, 2002,
	1492, 1006, 508, 296, 68 };

struct walk {
	struct path_socket socket;
	struct pathmtu *out;
	unsigned small;
	unsigned min;
	int64_t wait_ms; /* for a reply: learns from the hops before */
	/* ICMP that the hop in question still owes us: replies so far, and
	   when the first of them came (see RATION) */
	unsigned replies;
	int64_t first_reply_ms;
	struct err *e;
	pathmtu_hop_came *came; /* NULL: nobody watches */
	void *ctx;
};

static unsigned
plateau_below(unsigned size)
{
	for (size_t i = 0; i < ARRAY_LEN(plateaus); i++)
		if (plateaus[i] < size)
			return plateaus[i];
	return PATHMTU_IPV4_MIN;
}

/* A size that a router or we ourselves named; never one that grows. */
static void
shrink_to(struct walk *w, unsigned mtu)
{
	unsigned now = w->out->mtu;
	if (mtu < w->min || mtu >= now)
		mtu = plateau_below(now);
	w->out->mtu = mtu > w->min ? mtu : w->min;
}

/* A later reply may take somewhat longer than those seen so far. */
static void
learn_wait(struct walk *w, int64_t reply_ns)
{
	int64_t ms = 4 * reply_ns / NS_PER_MS + FAST_MS;
	w->wait_ms = ms < PATHMTU_WAIT_MS ? ms : PATHMTU_WAIT_MS;
}

/*
 * Ask with the largest size that may pass, smaller each time something says
 * "too big". Silence is asked twice: one lost reply is no black hole (T-46).
 */
static bool
ask_shrinking(struct walk *w, unsigned ttl, struct path_reply *r)
{
	int silent = 0;
	for (int i = 0; i < SHRINK_MAX; i++) {
		if (!path_ask(
			&w->socket, ttl, w->out->mtu, PATHMTU_WAIT_MS, r, w->e))
			return false;
		if (r->answer == PATH_TOO_BIG || r->answer == PATH_TOO_BIG_HERE)
			shrink_to(w, r->mtu);
		else if (r->answer != PATH_SILENCE || ++silent == 2)
			return true;
	}
	return true;
}

static bool
arrived(enum path_answer a)
{
	return a == PATH_HOP || a == PATH_TARGET;
}

/* Wait until the hop may answer 'n' times more. */
static void
await_ration(struct walk *w, unsigned n)
{
	int64_t now = clock_mono_ms(w->socket.clock);
	int64_t used = (int64_t)(w->replies + n) - RATION;
	int64_t at = w->first_reply_ms + used * (RATION_MS + FAST_MS / 2);
	if (w->replies > 0 && used > 0 && at > now)
		clock_sleep_ms(w->socket.clock, at - now);
}

static void
count_reply(struct walk *w)
{
	if (w->replies++ == 0)
		w->first_reply_ms = clock_mono_ms(w->socket.clock);
}

/* Does a packet of that size get through to 'ttl'? Silence is asked again. */
static bool
passes(struct walk *w, unsigned ttl, unsigned size)
{
	struct path_reply r;
	for (int i = 0; i < 2; i++) {
		await_ration(w, 1);
		if (!path_ask(&w->socket, ttl, size, w->wait_ms, &r, NULL))
			return false;
		if (r.answer == PATH_SILENCE)
			continue;
		count_reply(w);
		return arrived(r.answer);
	}
	return false;
}

/*
 * The usual sizes between the two at once, then one wait: where a line has one
 * of them, nearly everything is known after it (T-47).
 */
static void
burst(struct walk *w, unsigned ttl, unsigned *low, unsigned *high)
{
	int seqs[ARRAY_LEN(usual_sizes)];
	await_ration(w, ARRAY_LEN(usual_sizes));
	for (size_t i = 0; i < ARRAY_LEN(usual_sizes); i++) {
		unsigned size = usual_sizes[i];
		seqs[i] = size > *low && size < *high
			      ? path_send(&w->socket, ttl, size, NULL)
			      : -1;
	}
	int64_t deadline = clock_mono_ms(w->socket.clock) + w->wait_ms;
	for (struct path_reply r;;) {
		path_wait(&w->socket, deadline, &r);
		if (r.answer == PATH_SILENCE)
			return;
		count_reply(w);
		for (size_t i = 0; i < ARRAY_LEN(usual_sizes); i++)
			if (seqs[i] == r.seq && arrived(r.answer) &&
			    usual_sizes[i] > *low)
				*low = usual_sizes[i];
	}
}

/*
 * 'small' arrives at 'ttl' and the present size does not: find the largest
 * that does. What the burst found lacking may have been lost, so the next usual
 * size is asked for by itself; then halves.
 */
static void
search_size(struct walk *w, unsigned ttl, unsigned small)
{
	unsigned low = small, high = w->out->mtu;
	burst(w, ttl, &low, &high);
	for (size_t i = 0; i < ARRAY_LEN(usual_sizes); i++) {
		unsigned size = usual_sizes[i];
		if (size <= low || size >= high)
			continue;
		if (passes(w, ttl, size))
			low = size;
		else
			high = size;
	}
	/* many lines are a few bytes above a usual size, or exactly it */
	if (high - low > 1 && !passes(w, ttl, low + 1))
		high = low + 1;
	while (high - low > 1) {
		unsigned middle = low + (high - low) / 2;
		if (passes(w, ttl, middle))
			low = middle;
		else
			high = middle;
	}
	w->out->mtu = low;
}

/* How many routers the reply met, by the usual first values of a TTL. */
static unsigned
hops_back(unsigned ttl)
{
	static const unsigned firsts[] = { 64, 128, 255 };
	for (size_t i = 0; ttl > 0 && i < ARRAY_LEN(firsts); i++)
		if (ttl <= firsts[i])
			return firsts[i] - ttl + 1;
	return 0;
}

static void
note_hop(struct walk *w, unsigned ttl, const struct path_reply *r)
{
	struct pathmtu *out = w->out;
	struct pathmtu_hop *hop = &out->hops[ttl - 1];
	unsigned before = ttl > 1 ? out->hops[ttl - 2].mtu : out->link_mtu;
	*hop = (struct pathmtu_hop){ .ttl = ttl,
		.mtu = out->mtu,
		.answered = arrived(r->answer) || r->answer == PATH_UNREACHABLE,
		.narrower = out->mtu < before };
	if (!hop->answered)
		return;
	hop->addr = r->from;
	hop->reply_ns = r->reply_ns;
	hop->target = r->answer == PATH_TARGET;
	hop->back = hops_back(r->back_ttl);
	out->n_hops = ttl;
	learn_wait(w, r->reply_ns);
	if (w->came != NULL)
		w->came(w->ctx, out);
}

/* Silence at full size: is it the size, or the hop? */
static bool
try_small(struct walk *w, unsigned ttl, struct path_reply *r)
{
	struct path_reply again;
	if (w->small >= w->out->mtu)
		return true;
	if (!path_ask(&w->socket, ttl, w->small, PATHMTU_WAIT_MS, r, w->e))
		return false;
	if (!arrived(r->answer))
		return true;
	w->replies = 0;
	count_reply(w);
	learn_wait(w, r->reply_ns);
	if (!path_ask(&w->socket, ttl, w->out->mtu, w->wait_ms, &again, w->e))
		return false;
	if (arrived(again.answer))
		return true;
	w->out->black_hole = true;
	w->out->lost_behind = w->out->n_hops;
	search_size(w, ttl, w->small);
	return true;
}

/* The router of the last hop for the third time: a path meets none twice. */
static bool
in_circle(const struct pathmtu *p)
{
	size_t met = 0;
	const struct pathmtu_hop *last = &p->hops[p->n_hops - 1];
	for (size_t i = 0; i + 1 < p->n_hops; i++)
		met += p->hops[i].answered &&
		       net_addr_eq(&p->hops[i].addr, &last->addr);
	return met >= 2;
}

static bool
walk(struct walk *w)
{
	struct pathmtu *out = w->out;
	size_t silent = 0;
	out->end = PATHMTU_TOO_FAR;
	for (unsigned ttl = 1; ttl <= PATHMTU_HOPS_MAX; ttl++) {
		struct path_reply r;
		if (!ask_shrinking(w, ttl, &r))
			return false;
		if (r.answer == PATH_SILENCE && !try_small(w, ttl, &r))
			return false;
		note_hop(w, ttl, &r);
		silent = out->hops[ttl - 1].answered ? 0 : silent + 1;
		if (r.answer == PATH_TARGET)
			out->end = PATHMTU_REACHED;
		else if (r.answer == PATH_UNREACHABLE)
			out->end = PATHMTU_UNREACHABLE;
		else if (silent == SILENT_MAX)
			out->end = PATHMTU_SILENT;
		else if (silent == 0 && in_circle(out))
			out->end = PATHMTU_LOOP;
		else
			continue;
		if (r.answer == PATH_UNREACHABLE)
			out->refused_why = r.why;
		break;
	}
	return true;
}

/* A packet no interface takes: our own side names its size. */
static bool
ask_interface(struct walk *w)
{
	struct path_reply r;
	w->out->mtu = TOO_MUCH;
	if (!path_ask(&w->socket, 1, TOO_MUCH, FAST_MS, &r, w->e))
		return false;
	if (r.answer == PATH_TOO_BIG_HERE && r.mtu >= w->min)
		w->out->mtu = r.mtu;
	return true;
}

bool
pathmtu_discover(const struct net_addr *target, const struct clock *clock,
    pathmtu_hop_came *came, void *ctx, struct pathmtu *out, struct err *e)
{
	struct net_link link;
	struct walk w = { .out = out,
		.small = target->is_ipv6 ? PATHMTU_IPV6_MIN : SMALL_IPV4,
		.min = target->is_ipv6 ? PATHMTU_IPV6_MIN : PATHMTU_IPV4_MIN,
		.wait_ms = PATHMTU_WAIT_MS,
		.e = e,
		.came = came,
		.ctx = ctx };
	memset(out, 0, sizeof(*out));
	if (!net_link_to(target, &link, e) ||
	    !path_open(&w.socket, target, clock, e))
		return false;
	memcpy(out->link_name, link.name, sizeof(out->link_name));
	bool ok = ask_interface(&w);
	out->link_mtu = link.mtu > 0 ? link.mtu : out->mtu;
	if (out->link_mtu > TOO_MUCH) /* loopback: more than IP can send */
		out->link_mtu = TOO_MUCH;
	if (link.route_mtu < out->link_mtu)
		out->known_mtu = link.route_mtu;
	ok = ok && walk(&w);
	path_close(&w.socket);
	return ok;
}
