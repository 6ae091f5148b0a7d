/* What a measured path says, in words. */
#include "core/base/i18n.h"
#include "core/model/mtu.h"

#include <stdarg.h>

const char *
mtu_hop_text(const struct pathmtu_hop *hop)
{
	if (!hop->answered)
		return _("(no reply)");
	if (hop->target)
		return hop->narrower ? _("reached, narrower") : _("reached");
	return hop->narrower ? _("narrower") : "";
}

const char *
mtu_host_text(struct arena *arena, const struct mtu_host *h)
{
	const struct pathmtu *p = &h->path;
	switch (h->verdict) {
	case MTU_UNTESTED:
		return arena_printf(arena, _("not tested: %s"), h->why.text);
	case MTU_OK:
		return arena_printf(arena,
		    _("path MTU %u, all that interface %s sends passes"),
		    p->mtu, p->link_name);
	case MTU_NARROW:
		return arena_printf(arena,
		    _("path MTU %u, interface %s has %u: large mail can stall"),
		    p->mtu, p->link_name, p->link_mtu);
	case MTU_BLACK_HOLE:
		break;
	}
	return p->black_hole
		   ? arena_printf(arena,
			 _("path MTU %u, and what is larger vanishes behind "
			   "hop %zu: large mail stalls"),
			 p->mtu, p->lost_behind)
		   : arena_printf(arena,
			 _("segments of %u bytes vanish: large mail stalls"),
			 h->tcp.sent);
}

struct remarks {
	struct arena *arena;
	struct mtu_remark *list;
	size_t n;
};

static void PRINTF_LIKE(3, 4)
    remark(struct remarks *r, const char *label, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	r->list[r->n].label = label;
	r->list[r->n++].text = arena_vprintf(r->arena, fmt, ap);
	va_end(ap);
}

static void
tcp_remark(struct remarks *r, const struct mtu_host *h, unsigned port)
{
	const struct pathmtu_tcp *t = &h->tcp;
	if (!h->tcp_asked)
		return;
	if (t->state == PATHMTU_TCP_UNTESTED)
		remark(r, "tcp", _("not tested: %s"), t->why.text);
	else if (t->state == PATHMTU_TCP_PASSED)
		remark(r, "tcp",
		    _("port %u offers segments of %u, a full one of %u "
		      "arrived"),
		    port, t->offered, t->sent);
	else
		remark(r, "tcp",
		    _("port %u offers segments of %u, a full one of %u never "
		      "arrived"),
		    port, t->offered, t->sent);
}

static void
end_remark(struct remarks *r, const struct pathmtu *p)
{
	if (p->end == PATHMTU_SILENT || p->end == PATHMTU_TOO_FAR)
		remark(
		    r, "end", _("nothing answers beyond hop %zu"), p->n_hops);
	if (p->end == PATHMTU_LOOP)
		remark(r, "end", "%s", _("routers hand it round in a circle"));
	if (p->end == PATHMTU_UNREACHABLE)
		remark(r, "end", _("hop %zu says: %s"), p->n_hops,
		    _(p->refused_why));
}

/* Facts beside the hops: TCP, the kernel's memory, the way back. */
size_t
mtu_remarks(struct arena *arena, const struct mtu_host *h, unsigned port,
    struct mtu_remark list[MTU_REMARKS_MAX])
{
	const struct pathmtu *p = &h->path;
	const struct pathmtu_hop *last =
	    p->n_hops > 0 ? &p->hops[p->n_hops - 1] : NULL;
	struct remarks r = { arena, list, 0 };
	tcp_remark(&r, h, port);
	if (h->verdict == MTU_NARROW)
		remark(&r, "icmp", "%s",
		    _("\"too big\" comes back: no black hole on this path"));
	if (p->known_mtu > 0)
		remark(&r, "route",
		    _("the kernel already held an MTU of %u for it"),
		    p->known_mtu);
	if (last != NULL && last->back > 0 && last->back != last->ttl)
		remark(&r, "back",
		    _("%u hops there, %u hops back: two different ways"),
		    last->ttl, last->back);
	end_remark(&r, p);
	return r.n;
}
