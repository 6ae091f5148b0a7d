/*
 * Recipients whose server is asked first (FL-75). Which server that is the
 * keeper learns from its own policy: a worker that peers got hold of cannot
 * have others connected to.
 */
#include "cmd/filterd/keeper_int.h"
#include "core/filter/limit.h"

static void
tell(struct keeper *k, const struct inquired *i)
{
	struct buf body = BUF_INIT(1024);
	inquired_put(&body, i);
	workers_tell(
	    &k->workers, i->asker.worker, MESSAGE_INQUIRED, buf_str(&body), -1);
	buf_clear(&body);
}

/* False: nobody is asked, *why says the reason. */
static bool
pass_on(struct keeper *k, struct inquiry *q, const char **why)
{
	struct filter_route route;
	struct buf body = BUF_INIT(4096);
	if (k->policy == NULL ||
	    !filter_policy_hop(k->policy, q->rcpt.domain, &route)) {
		*why = "the configuration has no route any more";
		return false;
	}
	if (route.host.len >= COURIER_TEXT_MAX) {
		*why = "the name of the server is too long";
		return false;
	}
	q->errand.kind = FILTER_QUEUE_SMTP;
	q->errand.place = route.host;
	q->errand.port = route.port;
	inquiry_put(&body, q);
	*why = "too many others are asked about";
	bool ok =
	    !body.failed && channel_send(&k->courier.channel, MESSAGE_INQUIRE,
				buf_str(&body), -1, 0) == CHANNEL_OK;
	buf_clear(&body);
	return ok;
}

void
keeper_take_rcpt(struct keeper *k, uint32_t worker, struct message *msg)
{
	struct inquiry q;
	const char *why = "the question is not understood";
	struct asker asker = { worker, wire_get_u32(&msg->in), 0, false };
	asker.serial = wire_get_u32(&msg->in);
	uint32_t limit = wire_get_u32(&msg->in);
	q.errand = keeper_errand(k, &asker);
	/* a worker that peers got hold of does not hold children for ever */
	uint32_t most =
	    (uint32_t)filter_limit_range(FILTER_LIMIT_RCPT_CHECK)->most;
	q.errand.limit_s = limit > 0 && limit < most ? limit : most;
	q.sender = wire_get_path(&msg->in);
	q.rcpt = wire_get_path(&msg->in);
	if (wire_end(&msg->in) && pass_on(k, &q, &why))
		return;
	struct inquired none = { .asker = asker, .text = str_of(why) };
	tell(k, &none);
}

bool
keeper_hear_inquired(struct keeper *k, struct wire *in)
{
	struct inquired i;
	if (!inquired_get(in, &i))
		return false;
	tell(k, &i);
	return true;
}
