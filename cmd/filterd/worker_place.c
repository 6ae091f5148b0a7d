/* What sessions ask about the place of their peer. */
#include "cmd/filterd/places.h"
#include "cmd/filterd/worker_int.h"

bool
conn_is_placed(struct conn *c)
{
	enum {
		QUESTION_MAX = 256
	};
	const struct filter_geo *geo = &c->snapshot->geo;
	char home[NET_ADDR_TEXT_SIZE];
	struct buf body = BUF_INIT(QUESTION_MAX);
	if (c->placed || !c->snapshot->wants_place)
		return true;
	c->placed = true; /* asked once, whatever comes of it */
	struct places_question q = {
		.slot = c->slot, .serial = c->serial, .client = str_of(c->ip)
	};
	if (geo->has_home)
		q.home = str_of(net_addr_format(&geo->home, home));
	places_put_question(&body, &q);
	bool asked = channel_send(&c->w->resolver, MESSAGE_PLACE,
			 buf_str(&body), -1, 0) == CHANNEL_OK;
	buf_clear(&body);
	if (asked)
		c->wait = CONN_PLACE;
	return !asked;
}

bool
worker_hear_place(struct worker *w, struct wire *in)
{
	struct filter_place place;
	struct conn *c = worker_find(w, in, CONN_PLACE);
	if (!places_get(in, &place))
		return false;
	if (c == NULL)
		return true;
	struct filter_place *kept =
	    ARENA_NEW(c->filter.arena, struct filter_place);
	if (kept != NULL)
		*kept = place;
	c->filter.place = kept;
	c->wait = CONN_NOTHING;
	conn_go(c);
	return true;
}

void
worker_lose_places(struct worker *w)
{
	LIST_FOREACH(node, &w->conns)
	{
		struct conn *c = LIST_ITEM(node, struct conn, all);
		if (c->over || c->wait != CONN_PLACE)
			continue;
		c->wait = CONN_NOTHING;
		conn_enlist(c, &w->ready);
	}
}
