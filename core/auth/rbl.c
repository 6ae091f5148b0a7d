/* Lists asked, answers judged. */
#include "core/auth/rbl.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/dns/name.h"
#include "core/mail/idna.h"

#include <stdlib.h>

const char *
rbl_verdict_word(enum rbl_verdict v)
{
	static const char *const words[] = { "clean", "listed", "refused",
		"wrong", "unknown", "not-asked" };
	return words[v];
}

/* A domain in the form that is asked, or empty. */
static struct str
domain_name(struct arena *a, struct str item, const char **why)
{
	struct buf name = BUF_INIT(DNS_NAME_TEXT_SIZE);
	struct str out = STR_EMPTY;
	if (item.len == 0)
		*why = _("there is no domain");
	else if (item.ptr[0] == '[')
		*why = _("an address literal is in no list of domains");
	else if (!idna_domain(item, &name))
		*why = _("it is no domain name");
	else
		out = arena_str(a, buf_str(&name));
	buf_clear(&name);
	return out;
}

/*
 * The name to ask for 'item' in 'zone' (RFC 5782 2.1, 2.4, 3.1), or empty and
 * *why: what cannot be asked.
 */
static struct str
rbl_name(struct arena *a, struct str item, struct str zone, const char **why)
{
	/* of any address; ::ffff:0:0/96 included, as the lists have it */
	enum {
		MAPPED = 10
	};
	struct net_addr addr;
	struct dns_name wire;
	struct str front;
	*why = NULL;
	if (net_addr_parse(item, &addr)) {
		bool mapped =
		    !addr.is_ipv6 && str_find(item, ':', 0) < item.len;
		if (mapped) {
			memmove(addr.bytes + MAPPED + 2, addr.bytes, 4);
			memset(addr.bytes, 0, MAPPED);
			memset(addr.bytes + MAPPED, 0xff, 2);
			addr.is_ipv6 = true;
		}
		front = dns_reversed(a, &addr);
	} else {
		front = domain_name(a, item, why);
		if (front.len == 0)
			return front;
	}
	struct str name =
	    str_of(arena_printf(a, "%.*s.%.*s", STR_ARG(front), STR_ARG(zone)));
	if (dns_name_from_text(name, &wire))
		return name;
	*why = _("with the name of the list it is no domain name");
	return str_n("", 0);
}

const char *
rbl_url(struct arena *a, const struct dns_list *list, struct str item)
{
	if (list == NULL || list->url == NULL)
		return NULL;
	return list->url_item
		   ? arena_printf(a, "%s%.*s", list->url, STR_ARG(item))
		   : list->url;
}

static int
code_compare(const void *x, const void *y)
{
	const struct rbl_code *a = x, *b = y;
	return memcmp(a->answer.bytes, b->answer.bytes, 4);
}

/* Only those codes are wanted: bits of a combined list, or a pattern. */
static bool
code_counts(const struct rbl_code *c, const struct rbl_question *q)
{
	if (q->mask != 0 && (c->answer.bytes[3] & q->mask) == 0)
		return false;
	return q->pattern.len == 0 || rbl_pattern_fits(q->pattern, &c->answer);
}

/* What the codes say together: a listing, else the worst of the rest. */
static void
codes_judge(struct rbl_question *q, const struct dns_answer *answer)
{
	struct rbl_result *r = &q->result;
	enum rbl_verdict other = RBL_CLEAN;
	for (size_t i = 0; i < answer->n && r->n_codes < RBL_CODES_MAX; i++) {
		struct rbl_code *c = &r->codes[r->n_codes++];
		c->answer = answer->records[i].as.addr;
		switch (dns_list_judge(r->list, &c->answer, &c->meaning)) {
		case DNS_LIST_LISTED:
			c->counts = code_counts(c, q);
			break;
		case DNS_LIST_REFUSES:
			other = RBL_REFUSED;
			r->reason = str_of(c->meaning);
			break;
		case DNS_LIST_NO_CODE:
			if (other == RBL_CLEAN)
				other = RBL_WRONG;
			break;
		}
		if (c->counts)
			r->verdict = RBL_LISTED;
	}
	qsort(r->codes, r->n_codes, sizeof(r->codes[0]), code_compare);
	/* a refusal beside a code: the list's answers are worth nothing */
	if (r->verdict != RBL_LISTED || other == RBL_REFUSED)
		r->verdict = other;
	if (r->verdict == RBL_WRONG)
		r->reason = str_of(_("it answers with an address of no list: a "
				     "parked domain, or a resolver that "
				     "invents answers"));
}

static void
address_judge(struct rbl_question *q, const struct dns_answer *answer)
{
	struct rbl_result *r = &q->result;
	if (answer == NULL) {
		r->verdict = RBL_UNKNOWN;
		r->reason = str_of(_("out of memory"));
		return;
	}
	r->elapsed_ms = answer->elapsed_ms;
	if (answer->status == DNS_OK) {
		codes_judge(q, answer);
	} else if (dns_is_answer(answer->status)) {
		r->verdict = RBL_CLEAN;
	} else {
		r->verdict = RBL_UNKNOWN;
		r->reason = answer->reason;
	}
}

/* False: there is nothing to ask, and the result says so. */
static bool
question_begin(struct arena *a, struct rbl_question *q)
{
	const char *why;
	memset(&q->result, 0, sizeof(q->result));
	q->result.list = dns_list_find(q->zone);
	q->result.name = rbl_name(a, q->item, q->zone, &why);
	if (q->result.name.len > 0)
		return true;
	q->result.verdict = RBL_NOT_ASKED;
	q->result.reason = str_of(why);
	return false;
}

/* The questions of DNS under way, two for most of ours. */
struct asking {
	struct rbl_question *q;
	struct dns_question *ask;
	struct part {
		size_t first; /* in 'ask' */
		unsigned n, open;
	} * parts;  /* by 'q' */
	size_t *of; /* by 'ask': whose it is */
	rbl_came *came;
	void *ctx;
};

static void
result_judge(struct rbl_question *q, const struct dns_question *ask, unsigned n)
{
	if (n > 0)
		address_judge(q, ask[0].answer);
	/* a text alone lists nothing, and an error's is no reason */
	if (n > 1 && ask[1].answer->status == DNS_OK &&
	    q->result.verdict == RBL_LISTED)
		q->result.text = ask[1].answer->records[0].as.txt.text;
}

static void
answer_came(void *ctx, size_t at)
{
	struct asking *all = ctx;
	size_t i = all->of[at];
	struct part *part = &all->parts[i];
	if (--part->open > 0)
		return;
	result_judge(&all->q[i], all->ask + part->first, part->n);
	if (all->came != NULL)
		all->came(all->ctx, i);
}

void
rbl_ask(struct dns *d, struct arena *a, struct rbl_question *q, size_t n,
    int64_t deadline_ms, rbl_came *came, void *ctx)
{
	struct asking all = { .q = q, .came = came, .ctx = ctx };
	size_t asked = 0;
	all.ask = ARENA_ARRAY(a, 2 * n, struct dns_question);
	all.parts = ARENA_ARRAY(a, n, struct part);
	all.of = ARENA_ARRAY(a, 2 * n, size_t);
	if (all.ask == NULL || all.parts == NULL || all.of == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		struct part *part = &all.parts[i];
		part->first = asked;
		if (question_begin(a, &q[i]))
			part->n = part->open = q[i].no_text ? 1 : 2;
		for (unsigned k = 0; k < part->n; k++) {
			all.of[asked] = i;
			all.ask[asked].name = q[i].result.name;
			all.ask[asked].type = k == 0 ? DNS_A : DNS_TXT;
			all.ask[asked++].how.deadline_ms = deadline_ms;
		}
	}
	for (size_t i = 0; came != NULL && i < n; i++) {
		if (all.parts[i].n == 0)
			came(ctx, i);
	}
	dns_ask_each(d, a, all.ask, asked, answer_came, &all);
}
