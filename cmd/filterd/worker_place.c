/* What sessions ask about the place of their peer. */
#include "cmd/filterd/places.h"
#include "cmd/filterd/worker_int.h"

enum {
	QUESTION_MAX = 256,
	WAIT_MS = 1500,      /* it only looks into a file */
	REST_MS = 10 * 1000, /* one that is late is not asked for so long */
};

bool
conn_is_placed(struct conn *c)
{
	struct worker *w = c->w;
	const struct filter_geo *geo = &c->snapshot->geo;
	char home[NET_ADDR_TEXT_SIZE];
	struct buf body = BUF_INIT(QUESTION_MAX);
	if (c->placed || !c->snapshot->wants_place)
		return true;
	c->placed = true; /* asked once, whatever comes of it */
	if (w->now < w->places_rest_until)
		return true;
	struct places_question q = {
		.slot = c->slot, .serial = c->serial, .client = str_of(c->ip)
	};
	if (geo->has_home)
		q.home = str_of(net_addr_format(&geo->home, home));
	places_put_question(&body, &q);
	bool asked = channel_send(&w->resolver, MESSAGE_PLACE, buf_str(&body),
			 -1, 0) == CHANNEL_OK;
	buf_clear(&body);
	if (!asked)
		return true;
	c->wait = CONN_PLACE;
	c->unknown_at = w->now + WAIT_MS;
	return false;
}

bool
worker_hear_place(struct worker *w, struct wire *in)
{
	struct filter_place place;
	struct conn *c = worker_find(w, in, CONN_PLACE);
	if (!places_get(in, &place))
		return false;
	w->places_rest_until = 0;
	if (c == NULL)
		return true;
	struct filter_place *kept =
	    ARENA_NEW(c->filter.arena, struct filter_place);
	if (kept != NULL)
		*kept = place;
	c->filter.place = kept;
	c->unknown_at = 0;
	c->wait = CONN_NOTHING;
	conn_go(c);
	return true;
}

static void
go_on_without(struct conn *c)
{
	c->unknown_at = 0;
	c->wait = CONN_NOTHING;
	conn_enlist(c, &c->w->ready);
}

void
conn_lose_place(struct conn *c)
{
	c->w->places_rest_until = c->w->now + REST_MS;
	go_on_without(c);
}

void
worker_lose_places(struct worker *w)
{
	w->places_rest_until = 0; /* the next one is asked */
	LIST_FOREACH(node, &w->conns)
	{
		struct conn *c = LIST_ITEM(node, struct conn, all);
		if (!c->over && c->wait == CONN_PLACE)
			go_on_without(c);
	}
}
