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
	wire_put_u32(out, c->apart.refused);
	wire_put_u32(out, c->apart.declined);
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
	c->apart.refused = wire_get_u32(in) != 0;
	c->apart.declined = wire_get_u32(in) != 0;
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

static bool
all_the_same(
    const struct queue_result *r, const struct queue_answer *answers, size_t n)
{
	size_t i = 0;
	while (i < n && answers[i].outcome == r->outcome &&
	       (answers[i].outcome == QUEUE_TAKEN ||
		   str_is(answers[i].text, r->text)))
		i++;
	return i == n;
}

void
carried_put(struct buf *out, const struct errand *e,
    const struct queue_result *r, const struct queue_answer *answers, size_t n)
{
	asker_put(out, &e->asker);
	wire_put_u32(out, e->share);
	wire_put_u32(out, r->outcome);
	wire_put_str(out, str_of(r->text));
	wire_put_str(out, str_of(r->err.text));
	wire_put_str(out, str_of(r->queued_as));
	if (answers == NULL || all_the_same(r, answers, n))
		n = 0;
	wire_put_u32(out, (uint32_t)n); /* as a text has it */
	for (size_t i = 0; i < n; i++)
		buf_add_char(out, (char)answers[i].outcome);
	for (size_t i = 0; i < n; i++) {
		const struct queue_answer *a = &answers[i];
		if (a->outcome == QUEUE_TAKEN)
			continue;
		if (out->len + a->text.len + sizeof(uint32_t) >
		    FILTERD_CARRIED_MAX)
			break;
		wire_put_str(out, a->text);
	}
}

/*
 * Are they what 'worst' is the worst of, with no more texts than not taken?
 * Else who has the message is not known, and mail would be lost.
 */
static bool
is_consistent(struct str each, enum queue_outcome worst, struct wire texts)
{
	size_t n[] = {
		[QUEUE_TAKEN] = 0, [QUEUE_DECLINED] = 0, [QUEUE_REFUSED] = 0
	};
	for (size_t i = 0; i < each.len; i++) {
		size_t outcome = (unsigned char)each.ptr[i];
		if (outcome >= ARRAY_LEN(n))
			return false;
		n[outcome]++;
	}
	size_t left = n[QUEUE_DECLINED] + n[QUEUE_REFUSED];
	for (; texts.rest.len > 0 && left > 0; left--)
		(void)wire_get_str(&texts);
	return wire_end(&texts) &&
	       (each.len == 0 ||
		   worst == (n[QUEUE_DECLINED] > 0     ? QUEUE_DECLINED
				: n[QUEUE_REFUSED] > 0 ? QUEUE_REFUSED
						       : QUEUE_TAKEN));
}

bool
carried_get(struct wire *in, struct carried *c)
{
	asker_get(in, &c->asker);
	c->share = wire_get_u32(in);
	uint32_t outcome = wire_get_u32(in);
	c->text = wire_get_str(in);
	c->why = wire_get_str(in);
	c->queued_as = wire_get_str(in);
	c->each = wire_get_str(in);
	c->texts = *in;
	c->outcome = (enum queue_outcome)outcome;
	return outcome <= QUEUE_REFUSED &&
	       is_consistent(c->each, c->outcome, c->texts);
}

struct queue_answer
carried_next(struct carried *c, size_t i, size_t n)
{
	struct queue_answer a = { c->outcome, c->text };
	if (c->each.len != n)
		return a;
	a.outcome = (enum queue_outcome)c->each.ptr[i];
	a.text = (struct str)STR_EMPTY;
	if (a.outcome != QUEUE_TAKEN && c->texts.rest.len > 0)
		a.text = wire_get_str(&c->texts);
	return a;
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
