/* Measuring the paths to several hosts at once, and judging them. */
#include "core/model/mtu.h"

#include "core/base/i18n.h"
#include "core/model/settings.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum {
	HELO_MAX = 256,
	TCP_LIMIT_MS = 15000,
	NAMES_LIMIT_MS = 3000,
	ADVICE_MIN = 576, /* network.mtu takes no less */
	ETHERNET = 1500,
	AT_ONCE = 8, /* hosts */
};

const char *
mtu_verdict_state(enum mtu_verdict v)
{
	static const char *const words[] = { "ok", "WARN", "FAIL", "????" };
	return words[v];
}

const char *
mtu_verdict_word(enum mtu_verdict v)
{
	static const char *const words[] = { "ok", "narrow", "black-hole",
		"untested" };
	return words[v];
}

/* What the threads share: the next host to be measured. */
struct work {
	const struct model_ctx *m;
	const struct mtu_options *options;
	const char *helo;
	struct mtu_host *hosts;
	size_t n, next;
	pthread_mutex_t lock;
};

static void
judge(struct mtu_host *h)
{
	const struct pathmtu *p = &h->path;
	bool narrow = p->mtu < p->link_mtu;
	if (p->black_hole || h->tcp.state == PATHMTU_TCP_LOST)
		h->verdict = MTU_BLACK_HOLE;
	else if (narrow && p->n_hops > 0)
		h->verdict = MTU_NARROW;
	else if (p->end == PATHMTU_REACHED ||
		 h->tcp.state == PATHMTU_TCP_PASSED)
		h->verdict = MTU_OK;
	else {
		h->verdict = MTU_UNTESTED;
		if (p->end == PATHMTU_UNREACHABLE)
			err_set(
			    &h->why, ERR_TEMPORARY, "%s", _(p->refused_why));
		else
			err_set(&h->why, ERR_TEMPORARY,
			    _("nothing answers beyond hop %zu"), p->n_hops);
		if (h->tcp.why.code != ERR_NONE) {
			struct err both = h->why;
			err_set(&h->why, both.code, "%s; %s", both.text,
			    h->tcp.why.text);
		}
	}
}

struct watched {
	struct work *work;
	const struct mtu_host *host;
};

static void
hop_came(void *ctx, const struct pathmtu *p)
{
	const struct watched *x = ctx;
	const struct mtu_watch *watch = x->work->options->watch;
	(void)p; /* the host's own */
	if (watch == NULL)
		return;
	pthread_mutex_lock(&x->work->lock);
	watch->hop(watch->ctx, x->host);
	pthread_mutex_unlock(&x->work->lock);
}

static void
host_done(struct work *w, const struct mtu_host *h)
{
	const struct mtu_watch *watch = w->options->watch;
	if (watch == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	watch->done(watch->ctx, h);
	pthread_mutex_unlock(&w->lock);
}

static void
measure(struct work *w, struct mtu_host *h)
{
	struct watched watched = { w, h };
	const struct clock *clock = w->m->clock;
	int64_t began = clock_mono_ms(clock);
	h->verdict = MTU_UNTESTED;
	if (pathmtu_discover(
		&h->addr, clock, hop_came, &watched, &h->path, &h->why)) {
		h->tcp_asked = !w->options->no_tcp;
		if (h->tcp_asked)
			pathmtu_tcp_probe(&h->addr, w->options->port, w->helo,
			    TCP_LIMIT_MS, clock, &h->tcp);
		judge(h);
	}
	h->took_ms = clock_mono_ms(clock) - began;
	host_done(w, h);
}

static void *
worker(void *arg)
{
	struct work *w = arg;
	for (;;) {
		pthread_mutex_lock(&w->lock);
		while (w->next < w->n && !w->hosts[w->next].has_addr)
			w->next++;
		size_t i = w->next++;
		pthread_mutex_unlock(&w->lock);
		if (i >= w->n)
			return NULL;
		measure(w, &w->hosts[i]);
	}
}

static void
measure_all(struct work *w)
{
	pthread_t threads[AT_ONCE];
	size_t started = 0;
	pthread_mutex_init(&w->lock, NULL);
	while (started < AT_ONCE && started + 1 < w->n &&
	       pthread_create(&threads[started], NULL, worker, w) == 0)
		started++;
	worker(w);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&w->lock);
}

/* One row for an address, or one with the reason why there is none. */
static struct mtu_host *
add_host(struct mtu_report *r, const char *name, const struct net_addr *addr)
{
	if (r->n == MTU_HOSTS_MAX)
		return NULL;
	struct mtu_host *h = &r->hosts[r->n++];
	h->name = name;
	h->verdict = MTU_UNTESTED;
	if (addr != NULL) {
		h->has_addr = true;
		h->addr = *addr;
	}
	return h;
}

static size_t
add_answer(struct mtu_report *r, const char *name, const struct dns_answer *a)
{
	/* the first address only: the others lead the same way, or to hosts of
	   the same farm */
	if (a == NULL || a->status != DNS_OK)
		return 0;
	add_host(r, name, &a->records[0].as.addr);
	return 1;
}

static void
resolve(const struct model_ctx *m, const struct mtu_options *o,
    struct mtu_report *r, const char *name)
{
	struct net_addr addr;
	struct mtu_host *h;
	if (net_addr_parse(str_of(name), &addr)) {
		add_host(r, name, &addr);
		return;
	}
	struct dns_question q[] = {
		{ .name = str_of(name), .type = DNS_A },
		{ .name = str_of(name), .type = DNS_AAAA },
	};
	size_t found = 0;
	if (o->dns != NULL) {
		dns_ask_all(o->dns, m->arena, q, ARRAY_LEN(q));
		if (!o->only_ipv6)
			found += add_answer(r, name, q[0].answer);
		if (!o->only_ipv4)
			found += add_answer(r, name, q[1].answer);
	}
	if (found > 0 || (h = add_host(r, name, NULL)) == NULL)
		return;
	const struct dns_answer *a = q[o->only_ipv6 ? 1 : 0].answer;
	if (a == NULL)
		err_set(&h->why, ERR_TEMPORARY, _("no resolver"));
	else if (!dns_is_answer(a->status))
		err_set(&h->why, ERR_TEMPORARY, _("cannot resolve '%s': %s"),
		    name, dns_status_text(a->status));
	else
		err_set(&h->why, ERR_NO, _("'%s' has no address"), name);
}

/* Names of routers, all asked at once; who has none stays without. */
static void
name_hops(const struct model_ctx *m, struct dns *dns, struct mtu_report *r)
{
	size_t n = 0, all = r->n * PATHMTU_HOPS_MAX;
	struct dns_question *q =
	    ARENA_ARRAY(m->arena, all, struct dns_question);
	const char ***to = ARENA_ARRAY(m->arena, all, const char **);
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->hosts[i].path.n_hops; k++) {
			struct mtu_host *h = &r->hosts[i];
			if (!h->path.hops[k].answered)
				continue;
			q[n].name =
			    dns_reverse_name(m->arena, &h->path.hops[k].addr);
			q[n].type = DNS_PTR;
			q[n].how.deadline_ms = NAMES_LIMIT_MS;
			to[n++] = &h->hop_names[k];
		}
	dns_ask_all(dns, m->arena, q, n);
	for (size_t i = 0; i < n; i++)
		if (q[i].answer != NULL && q[i].answer->status == DNS_OK)
			*to[i] = arena_cstr(
			    m->arena, q[i].answer->records[0].as.host);
}

static void
sum_up(struct mtu_report *r)
{
	bool stalls = false;
	for (size_t i = 0; i < r->n; i++) {
		const struct mtu_host *h = &r->hosts[i];
		if (h->verdict == MTU_UNTESTED || h->path.mtu == 0)
			continue;
		if (r->worst == NULL || h->path.mtu < r->worst->path.mtu)
			r->worst = h;
		stalls = stalls || h->verdict == MTU_BLACK_HOLE ||
			 h->verdict == MTU_NARROW;
	}
	if (stalls && r->worst->path.mtu >= ADVICE_MIN &&
	    r->worst->path.mtu < r->worst->path.link_mtu &&
	    r->worst->path.mtu <= ETHERNET)
		r->advice = r->worst->path.mtu;
}

/* The name we greet with, as mail would. */
static const char *
helo_name(const struct model_ctx *m)
{
	static const char *const ids[] = { "smtp.helo-host",
		"system.domain-name" };
	struct settings_store *st;
	const char *name = NULL;
	if (settings_open(m, &st, NULL)) {
		for (size_t i = 0; name == NULL && i < ARRAY_LEN(ids); i++) {
			const struct setting *s = setting_find(str_of(ids[i]));
			struct settings_row row;
			if (s != NULL &&
			    settings_read_value(st, s, NULL, &row, NULL) &&
			    row.value.len > 0)
				name = arena_cstr(m->arena, row.value);
		}
		settings_close(st);
	}
	if (name != NULL)
		return name;
	char *host = arena_alloc(m->arena, HELO_MAX);
	if (gethostname(host, HELO_MAX - 1) != 0 || host[0] == '\0')
		return "localhost";
	return host;
}

bool
mtu_measure(const struct model_ctx *m, const char *const *names, size_t n,
    const struct mtu_options *options, struct mtu_report **out, struct err *e)
{
	struct mtu_report *r = ARENA_NEW(m->arena, struct mtu_report);
	struct mtu_options o = *options;
	if (o.port == 0)
		o.port = MTU_TCP_PORT;
	/* a name may give two rows */
	if (n > MTU_HOSTS_MAX / 2)
		return err_set(
		    e, ERR_USAGE, _("at most %d hosts"), MTU_HOSTS_MAX / 2);
	r->hosts = ARENA_ARRAY(m->arena, MTU_HOSTS_MAX, struct mtu_host);
	for (size_t i = 0; i < n; i++)
		resolve(m, &o, r, names[i]);
	struct work w = { .m = m,
		.options = &o,
		.hosts = r->hosts,
		.n = r->n,
		.helo = helo_name(m) };
	if (o.watch != NULL)
		o.watch->begun(o.watch->ctx, r->hosts, r->n);
	measure_all(&w);
	if (o.dns != NULL && !o.no_names)
		name_hops(m, o.dns, r);
	sum_up(r);
	*out = r;
	return true;
}
