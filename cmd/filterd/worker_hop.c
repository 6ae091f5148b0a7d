/* Recipients that their own server is asked about (FL-75). */
#include "cmd/filterd/courier.h"
#include "cmd/filterd/worker_int.h"

enum {
	MS_PER_S = 1000,
	GRACE_MS = 3000 /* more than the courier's own */
};

void
conn_ask_hop(struct conn *c)
{
	const struct filter_hop_question *q = filter_hop_asked(&c->filter);
	struct buf body = BUF_INIT(2048);
	worker_write_log(c->w);
	if (c->unknown_at == 0) /* else it only had to wait for room */
		c->unknown_at = c->w->now + q->limit_ms + GRACE_MS;
	wire_put_u32(&body, c->slot);
	wire_put_u32(&body, c->serial);
	wire_put_u32(&body, (uint32_t)(q->limit_ms / MS_PER_S));
	wire_put_path(&body, &q->sender);
	wire_put_path(&body, &q->rcpt);
	conn_asked(c,
	    channel_send(&c->w->keeper, MESSAGE_RCPT, buf_str(&body), -1, 0),
	    CONN_HOP);
	buf_clear(&body);
}

bool
worker_hear_hop(struct worker *w, struct wire *in)
{
	struct inquired i;
	if (!inquired_get(in, &i))
		return false;
	struct conn *c =
	    worker_find_by(w, i.asker.slot, i.asker.serial, CONN_HOP);
	if (c == NULL)
		return true;
	filter_hop_answer(&c->filter, i.code, i.text);
	c->unknown_at = 0;
	c->wait = CONN_NOTHING;
	conn_go(c);
	return true;
}

void
conn_lose_hop(struct conn *c, const char *why)
{
	filter_hop_answer(&c->filter, 0, str_of(why));
	c->unknown_at = 0;
	c->wait = CONN_NOTHING;
	conn_enlist(c, &c->w->ready);
}
