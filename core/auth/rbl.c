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

struct str
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

void
rbl_ask(struct dns *d, struct arena *a, struct rbl_question *q, size_t n,
    int64_t deadline_ms)
{
	struct dns_question *ask = ARENA_ARRAY(a, 2 * n, struct dns_question);
	size_t asked = 0;
	if (ask == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		if (!question_begin(a, &q[i]))
			continue;
		for (size_t k = 0; k < (q[i].no_text ? 1 : 2); k++) {
			ask[asked].name = q[i].result.name;
			ask[asked].type = k == 0 ? DNS_A : DNS_TXT;
			ask[asked++].how.deadline_ms = deadline_ms;
		}
	}
	dns_ask_all(d, a, ask, asked);
	for (size_t i = 0, at = 0; i < n; i++) {
		if (q[i].result.name.len == 0)
			continue;
		address_judge(&q[i], ask[at++].answer);
		if (q[i].no_text)
			continue;
		const struct dns_answer *text = ask[at++].answer;
		/* a text alone lists nothing, and an error's is no reason */
		if (text->status == DNS_OK && q[i].result.verdict == RBL_LISTED)
			q[i].result.text = text->records[0].as.txt.text;
	}
}
