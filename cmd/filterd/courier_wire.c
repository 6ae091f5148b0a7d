/* A job for the courier and its answer, as bytes. */
#include "cmd/filterd/courier.h"

void
carry_put(struct buf *out, const struct carry *c)
{
	wire_put_u32(out, c->slot);
	wire_put_u32(out, c->serial);
	wire_put_u32(out, c->kind);
	wire_put_u32(out, c->limit_s);
	wire_put_u32(out, c->failures);
	wire_put_u32(out, c->pause_s);
	wire_put_u32(out, c->connections);
	wire_put_u32(out, c->port);
	wire_put_u32(out, c->xclient);
	wire_put_u32(out, c->client.esmtp);
	wire_put_str(out, c->place);
	wire_put_str(out, c->our_name);
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
	c->slot = wire_get_u32(in);
	c->serial = wire_get_u32(in);
	c->kind = wire_get_u32(in);
	c->limit_s = wire_get_u32(in);
	c->failures = wire_get_u32(in);
	c->pause_s = wire_get_u32(in);
	c->connections = wire_get_u32(in);
	c->port = wire_get_u32(in);
	c->xclient = wire_get_u32(in) != 0;
	c->client.esmtp = wire_get_u32(in) != 0;
	c->place = wire_get_str(in);
	c->our_name = wire_get_str(in);
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
    struct buf *out, const struct carry *c, const struct queue_result *r)
{
	wire_put_u32(out, c->slot);
	wire_put_u32(out, c->serial);
	wire_put_u32(out, r->outcome);
	wire_put_str(out, str_of(r->text));
	wire_put_str(out, str_of(r->err.text));
}
