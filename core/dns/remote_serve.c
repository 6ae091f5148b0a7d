/* The answering side of a resolver in another process. */
#include "core/base/i18n.h"
#include "core/dns/dns_int.h"
#include "core/dns/remote.h"
#include "core/dns/remote_int.h"

#include <stdlib.h>
#include <string.h>

enum {
	SILENCE_MS = 5000, /* then the servers are probed */
	PROBE_MS = 2000,
	PROBE_EVERY_MS = 5000
};

/* A question that is answered for the other process. */
struct served {
	struct list_node node;
	struct dns_service *service;
	int64_t since_ms;
	uint32_t asker;
	uint32_t index, serial; /* as it has them */
	struct dns_query *query;
};

/* What is lost on its way counts as unanswered there. */
static void
send_reply(const struct dns_service *s, uint32_t asker, struct remote_reply *p)
{
	struct buf out = BUF_INIT(DNS_REMOTE_MESSAGE_MAX);
	if (!remote_reply_put(p, &out)) {
		buf_clear(&out);
		buf_init(&out, DNS_REMOTE_MESSAGE_MAX);
		p->flat = (struct str)STR_EMPTY;
		p->status = DNS_BAD;
		p->reason = str_of(_("the reply is too large"));
		remote_reply_put(p, &out);
	}
	s->send(s->ctx, asker, buf_str(&out));
	buf_clear(&out);
}

static bool
is_silence(enum dns_status status)
{
	return status == DNS_TIMEOUT || status == DNS_NO_SERVER;
}

static void
refuse(const struct dns_service *s, uint32_t asker, uint32_t index,
    uint32_t serial)
{
	struct remote_reply p = { .index = index,
		.serial = serial,
		.status = DNS_TIMEOUT,
		.reason = str_of(_("no name server answers")) };
	send_reply(s, asker, &p);
}

static void
served_end(struct served *served)
{
	list_remove(&served->node);
	free(served);
}

/* Nobody has to wait for what will not come. */
static void
refuse_all(struct dns_service *s)
{
	while (!list_is_empty(&s->open)) {
		struct served *served =
		    LIST_ITEM(list_first(&s->open), struct served, node);
		dns_cancel(served->query);
		refuse(s, served->asker, served->index, served->serial);
		served_end(served);
	}
}

static void
set_down(struct dns_service *s, bool down)
{
	if (s->down != down && s->changed != NULL)
		s->changed(s->ctx, down);
	s->down = down;
	s->probe_ms = clock_mono_ms(s->clock) + PROBE_EVERY_MS;
	if (down)
		refuse_all(s);
	else
		s->heard_ms = clock_mono_ms(s->clock);
}

static void
on_probe(void *ctx, const struct dns_answer *answer)
{
	struct dns_service *s = ctx;
	s->probing = false;
	if (answer->status != DNS_ABORTED)
		set_down(s, is_silence(answer->status));
}

/* The root's own servers are known to every server that works. */
static void
probe(struct dns_service *s)
{
	struct dns_how how = { .deadline_ms = PROBE_MS, .fresh = true };
	s->probing =
	    dns_submit(s->dns, STR("."), DNS_NS, &how, on_probe, s) != NULL;
}

void
dns_service_init(struct dns_service *s)
{
	s->down = s->probing = false;
	s->heard_ms = s->probe_ms = 0;
	list_init(&s->open);
}

int64_t
dns_service_next_ms(const struct dns_service *s)
{
	if (s->probing)
		return -1;
	if (s->down)
		return s->probe_ms;
	if (list_is_empty(&s->open))
		return -1;
	const struct served *oldest =
	    LIST_ITEM(s->open.head.next, struct served, node);
	int64_t since =
	    oldest->since_ms > s->heard_ms ? oldest->since_ms : s->heard_ms;
	return since + SILENCE_MS;
}

void
dns_service_step(struct dns_service *s)
{
	int64_t next = dns_service_next_ms(s);
	if (next >= 0 && clock_mono_ms(s->clock) >= next)
		probe(s);
}

static void
on_answer(void *ctx, const struct dns_answer *answer)
{
	struct served *served = ctx;
	/* the query lives until its callback returns */
	const struct dns_result *result = &served->query->result;
	struct remote_reply p = {
		.index = served->index,
		.serial = served->serial,
		.status = answer->status,
		.cached = answer->cached,
		.age_s = result->age_s,
		.server = answer->server,
		.reason = answer->reason,
		.flat = buf_str(&result->flat),
	};
	if (!is_silence(answer->status) && !answer->cached)
		served->service->heard_ms =
		    clock_mono_ms(served->service->clock);
	send_reply(served->service, served->asker, &p);
	served_end(served);
}

/* The wire form as the text that dns_submit takes: bytes are literal. */
static struct str
name_text(const struct dns_name *name, char out[DNS_NAME_MAX])
{
	size_t at = 0;
	for (size_t i = 0; i + 1 < name->len;) {
		size_t n = (unsigned char)name->wire[i];
		memcpy(out + at, name->wire + i + 1, n);
		at += n;
		out[at++] = '.';
		i += n + 1;
	}
	return str_n(out, at);
}

bool
dns_service_hear(struct dns_service *s, uint32_t asker, struct str message)
{
	struct remote_question q;
	char name[DNS_NAME_MAX];
	if (!remote_question_get(message, &q))
		return false;
	if (s->down) {
		refuse(s, asker, q.index, q.serial);
		return true;
	}
	struct served *served = malloc(sizeof(*served));
	struct dns_how how = { .deadline_ms = q.deadline_ms, .fresh = q.fresh };
	if (served == NULL)
		return true; /* it runs into its deadline over there */
	*served = (struct served){ .service = s,
		.since_ms = clock_mono_ms(s->clock),
		.asker = asker,
		.index = q.index,
		.serial = q.serial };
	list_append(&s->open, &served->node);
	served->query = dns_submit(
	    s->dns, name_text(&q.name, name), q.type, &how, on_answer, served);
	if (served->query == NULL)
		served_end(served);
	return true;
}
