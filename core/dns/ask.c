/* Questions that are waited for. */
#include "core/dns/dns.h"

/* Where the answers of one call go. */
struct asking {
	struct arena *arena;
	struct dns_question *questions;
	size_t open;
	dns_came *came; /* NULL: nobody watches */
	void *ctx;
};

struct one {
	struct asking *all;
	size_t i;
};

static void
one_done(void *ctx, const struct dns_answer *answer)
{
	struct one *one = ctx;
	struct asking *all = one->all;
	struct dns_question *q = &all->questions[one->i];
	q->answer = dns_answer_dup(all->arena, answer);
	all->open--;
	/* one that memory lacked for is told at the end */
	if (q->answer != NULL && all->came != NULL)
		all->came(all->ctx, one->i);
}

void
dns_ask_each(struct dns *d, struct arena *a, struct dns_question *q, size_t n,
    dns_came *came, void *ctx)
{
	struct asking all = {
		.arena = a, .questions = q, .came = came, .ctx = ctx
	};
	struct one *each = ARENA_ARRAY(a, n, struct one);
	if (each == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		each[i] = (struct one){ &all, i };
		q[i].answer = NULL;
		if (dns_submit(d, q[i].name, q[i].type, &q[i].how, one_done,
			&each[i]) != NULL)
			all.open++;
	}
	while (all.open > 0 && dns_wait(d, -1, NULL))
		continue;
	for (size_t i = 0; i < n; i++) {
		struct dns_answer *none;
		if (q[i].answer != NULL)
			continue;
		none = ARENA_NEW(a, struct dns_answer);
		if (none != NULL)
			*none = (struct dns_answer){ .status = DNS_ABORTED,
				.name = q[i].name,
				.canonical = q[i].name,
				.type = q[i].type,
				.reason = STR("out of memory") };
		q[i].answer = none;
		if (came != NULL)
			came(ctx, i);
	}
}

void
dns_ask_all(struct dns *d, struct arena *a, struct dns_question *q, size_t n)
{
	dns_ask_each(d, a, q, n, NULL, NULL);
}

const struct dns_answer *
dns_ask(struct dns *d, struct arena *a, struct str name, uint16_t type,
    const struct dns_how *how)
{
	struct dns_question q = { .name = name, .type = type };
	if (how != NULL)
		q.how = *how;
	dns_ask_all(d, a, &q, 1);
	return q.answer;
}

static bool
strings_dup(struct arena *a, struct dns_record *r)
{
	struct str *to = ARENA_ARRAY(a, r->as.txt.n, struct str);
	struct str text = arena_str(a, r->as.txt.text);
	if (to == NULL || text.ptr == NULL)
		return false;
	size_t at = 0;
	for (size_t i = 0; i < r->as.txt.n; i++) {
		size_t len = r->as.txt.strings[i].len;
		to[i] = str_sub(text, at, at + len);
		at += len;
	}
	r->as.txt.text = text;
	r->as.txt.strings = to;
	return true;
}

/* A view into the old raw bytes becomes the same view into the new. */
static struct str
moved(struct str part, struct str from, struct str to)
{
	size_t at = (size_t)(part.ptr - from.ptr);
	return str_sub(to, at, at + part.len);
}

static bool
record_dup(struct arena *a, const struct dns_record *from, struct dns_record *r)
{
	*r = *from;
	r->name = arena_str(a, from->name);
	r->raw = arena_str(a, from->raw);
	switch (r->type) {
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
		r->as.host = arena_str(a, from->as.host);
		break;
	case DNS_MX:
		r->as.mx.host = arena_str(a, from->as.mx.host);
		break;
	case DNS_SRV:
		r->as.srv.host = arena_str(a, from->as.srv.host);
		break;
	case DNS_SOA:
		r->as.soa.mname = arena_str(a, from->as.soa.mname);
		r->as.soa.rname = arena_str(a, from->as.soa.rname);
		break;
	case DNS_TXT:
	case DNS_SPF:
		return strings_dup(a, r);
	case DNS_TLSA:
		r->as.tlsa.data = moved(from->as.tlsa.data, from->raw, r->raw);
		break;
	case DNS_CAA:
		r->as.caa.tag = moved(from->as.caa.tag, from->raw, r->raw);
		r->as.caa.value = moved(from->as.caa.value, from->raw, r->raw);
		break;
	default:
		break;
	}
	return r->raw.ptr != NULL;
}

static struct dns_record *
records_dup(struct arena *a, const struct dns_record *from, size_t n)
{
	struct dns_record *to = ARENA_ARRAY(a, n + 1, struct dns_record);
	for (size_t i = 0; to != NULL && i < n; i++) {
		if (!record_dup(a, &from[i], &to[i]))
			return NULL;
	}
	return to;
}

struct dns_answer *
dns_answer_dup(struct arena *a, const struct dns_answer *from)
{
	struct dns_answer *to = ARENA_NEW(a, struct dns_answer);
	if (to == NULL)
		return NULL;
	*to = *from;
	to->name = arena_str(a, from->name);
	to->canonical = arena_str(a, from->canonical);
	to->server = arena_str(a, from->server);
	to->reason = arena_str(a, from->reason);
	to->records = records_dup(a, from->records, from->n);
	to->chain = records_dup(a, from->chain, from->n_chain);
	return to->records == NULL || to->chain == NULL ? NULL : to;
}
