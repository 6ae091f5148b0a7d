/* A job for the courier and its answer, as bytes. */
#include "cmd/filterd/courier.h"

static void
errand_put(struct buf *out, const struct errand *e)
{
	asker_put(out, &e->asker);
	wire_put_u32(out, e->share);
	wire_put_u32(out, e->kind);
	wire_put_u32(out, e->limit_s);
	wire_put_u32(out, e->failures);
	wire_put_u32(out, e->pause_s);
	wire_put_u32(out, e->connections);
	wire_put_u32(out, e->port);
	wire_put_str(out, e->place);
	wire_put_str(out, e->our_name);
}

void
errand_get(struct wire *in, struct errand *e)
{
	asker_get(in, &e->asker);
	e->share = wire_get_u32(in);
	e->kind = wire_get_u32(in);
	e->limit_s = wire_get_u32(in);
	e->failures = wire_get_u32(in);
	e->pause_s = wire_get_u32(in);
	e->connections = wire_get_u32(in);
	e->port = wire_get_u32(in);
	e->place = wire_get_str(in);
	e->our_name = wire_get_str(in);
}

void
carry_put(struct buf *out, const struct carry *c)
{
	errand_put(out, &c->errand);
	wire_put_u32(out, c->xclient);
	wire_put_u32(out, c->client.esmtp);
	wire_put_str(out, c->client.ip);
	wire_put_str(out, c->client.name);
	wire_put_str(out, c->client.helo);
	wire_put_u64(out, c->envelope_at);
	wire_put_u64(out, c->envelope_length);
	wire_put_u64(out, c->head_at);
	wire_put_u64(out, c->head_length);
	wire_put_u64(out, c->body_at);
	wire_put_u64(out, c->body_length);
}

bool
carry_get(struct wire *in, struct carry *c)
{
	errand_get(in, &c->errand);
	c->xclient = wire_get_u32(in) != 0;
	c->client.esmtp = wire_get_u32(in) != 0;
	c->client.ip = wire_get_str(in);
	c->client.name = wire_get_str(in);
	c->client.helo = wire_get_str(in);
	c->envelope_at = wire_get_u64(in);
	c->envelope_length = wire_get_u64(in);
	c->head_at = wire_get_u64(in);
	c->head_length = wire_get_u64(in);
	c->body_at = wire_get_u64(in);
	c->body_length = wire_get_u64(in);
	return wire_end(in);
}

void
carried_put(
    struct buf *out, const struct errand *e, const struct queue_result *r)
{
	asker_put(out, &e->asker);
	wire_put_u32(out, e->share);
	wire_put_u32(out, r->outcome);
	wire_put_str(out, str_of(r->text));
	wire_put_str(out, str_of(r->err.text));
}

void
inquiry_put(struct buf *out, const struct inquiry *q)
{
	errand_put(out, &q->errand);
	wire_put_path(out, &q->sender);
	wire_put_path(out, &q->rcpt);
}

bool
inquiry_get(struct wire *in, struct inquiry *q)
{
	errand_get(in, &q->errand);
	q->sender = wire_get_path(in);
	q->rcpt = wire_get_path(in);
	return wire_end(in);
}

void
inquired_put(struct buf *out, const struct inquired *i)
{
	asker_put(out, &i->asker);
	wire_put_u32(out, i->code);
	wire_put_str(out, i->text);
}

bool
inquired_get(struct wire *in, struct inquired *i)
{
	enum {
		CODE_MAX = 599
	};
	asker_get(in, &i->asker);
	i->code = wire_get_u32(in);
	i->text = wire_get_str(in);
	return wire_end(in) && i->code <= CODE_MAX;
}
