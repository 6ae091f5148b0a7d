/* Lists asked about somebody, and about themselves, all at once. */
#include "core/model/rbl.h"

#include "core/base/i18n.h"
#include "core/model/rbl_int.h"

#include <string.h>

enum {
	SUBJECTS_MAX = OWN_ADDRESSES_MAX + 2,
	ADDRESSES = DNS_LIST_IPV4 | DNS_LIST_IPV6
};

static void
subject_add(
    struct rbl_view *v, struct str item, unsigned kind, const char *source)
{
	v->subjects[v->n_subjects++] =
	    (struct rbl_subject){ item, kind, source };
}

static void
address_add(const struct model_ctx *m, struct rbl_view *v,
    const struct net_addr *addr, const char *source)
{
	char text[NET_ADDR_TEXT_SIZE];
	subject_add(v, arena_str(m->arena, str_of(net_addr_format(addr, text))),
	    addr->is_ipv6 ? DNS_LIST_IPV6 : DNS_LIST_IPV4, source);
}

/* What was named, or this server: its addresses, smarthost and domain. */
static bool
subjects_read(const struct model_ctx *m, struct dns *dns,
    const struct rbl_wish *wish, struct rbl_view *v, struct err *e)
{
	struct net_addr addr;
	struct own own;
	v->subjects = ARENA_ARRAY(m->arena, SUBJECTS_MAX, struct rbl_subject);
	if (wish->item != NULL) {
		struct str item = str_of(wish->item);
		bool is_address = net_addr_parse(item, &addr);
		unsigned kind = !is_address ? DNS_LIST_DOMAIN
				: str_find(item, ':', 0) < item.len
				    ? DNS_LIST_IPV6
				    : DNS_LIST_IPV4;
		subject_add(v, item, kind, "");
		return true;
	}
	if (!own_read(m, dns, &own, e))
		return false;
	for (size_t i = 0; i < own.n; i++)
		address_add(m, v, &own.addresses[i].addr,
		    own_source_text(own.addresses[i].source));
	if (own.names.domain.len > 0)
		subject_add(
		    v, own.names.domain, DNS_LIST_DOMAIN, _("primary domain"));
	if (own.n > 0)
		return true;
	err_set(e, ERR_NO, "%s",
	    _("the public address of this server is not known: it is behind "
	      "address translation, or its HELO name has no address"));
	err_next(e, "smemail rbl check ADDRESS");
	return false;
}

/* Room for all questions: of the resolver, of each list, of each pair. */
struct burst {
	struct rbl_question *q;
	size_t n;
	size_t tests[RBL_ZONES_MAX]; /* where those of a list begin */
	size_t n_tests[RBL_ZONES_MAX];
	size_t rows; /* where the pairs begin */
};

static void
burst_fill(const struct model_ctx *m, struct rbl_view *v, struct burst *b)
{
	size_t room = RBL_FITNESS_TESTS + v->n_zones * RBL_TESTS_MAX +
		      v->n_zones * v->n_subjects;
	b->q = ARENA_ARRAY(m->arena, room, struct rbl_question);
	rbl_fitness_put(m->arena, b->q);
	b->n = RBL_FITNESS_TESTS;
	for (size_t i = 0; i < v->n_zones; i++) {
		b->tests[i] = b->n;
		b->n_tests[i] =
		    rbl_tests_put(m->arena, &v->zones[i], b->q + b->n);
		b->n += b->n_tests[i];
	}
	b->rows = b->n;
	v->rows = ARENA_ARRAY(
	    m->arena, v->n_zones * v->n_subjects + 1, struct rbl_row);
	for (size_t s = 0; s < v->n_subjects; s++) {
		for (size_t i = 0; i < v->n_zones; i++) {
			struct rbl_zone *z = &v->zones[i];
			if ((z->kinds & v->subjects[s].kind) == 0)
				continue;
			v->rows[v->n_rows].zone = z;
			v->rows[v->n_rows++].subject = &v->subjects[s];
			b->q[b->n++] = (struct rbl_question){ .zone = z->zone,
				.item = v->subjects[s].item,
				.mask = z->mask,
				.pattern = z->pattern };
		}
	}
}

/*
 * What tests of a list are about concerns what it is asked about: a list of
 * domains need not know test addresses.
 */
static void
row_judge(const struct model_ctx *m, struct rbl_view *v, struct rbl_row *r)
{
	enum rbl_verdict verdict = r->result.verdict;
	bool sure = verdict == RBL_LISTED || verdict == RBL_CLEAN ||
		    verdict == RBL_NOT_ASKED;
	bool white = r->result.list != NULL &&
		     (r->result.list->kinds & DNS_LIST_WHITE) != 0;
	r->believed = sure && rbl_health_counts(r->zone->health) &&
		      v->fitness != RBL_LIES;
	if (verdict == RBL_LISTED)
		r->url = rbl_url(m->arena, r->result.list, r->subject->item);
	if (!r->believed)
		v->n_unknown++;
	else if (verdict == RBL_LISTED && !white)
		v->n_listed++;
	if (!r->believed && sure)
		r->result.reason = v->fitness == RBL_LIES ? v->fitness_reason
							  : r->zone->reason;
}

static void
burst_ask(const struct model_ctx *m, struct dns *dns,
    const struct rbl_wish *wish, struct rbl_view *v)
{
	struct burst b = { .n = 0 };
	int64_t from = clock_mono_ms(m->clock);
	burst_fill(m, v, &b);
	rbl_ask(dns, m->arena, b.q, b.n, wish->deadline_ms);
	rbl_fitness_judge(v, b.q);
	for (size_t i = 0; i < v->n_zones; i++)
		rbl_tests_judge(&v->zones[i], b.q + b.tests[i], b.n_tests[i]);
	for (size_t i = 0; i < v->n_rows; i++) {
		v->rows[i].result = b.q[b.rows + i].result;
		row_judge(m, v, &v->rows[i]);
	}
	v->elapsed_ms = clock_mono_ms(m->clock) - from;
}

bool
rbl_check(const struct model_ctx *m, struct dns *dns,
    const struct rbl_wish *wish, struct rbl_view *out, struct err *e)
{
	*out = (struct rbl_view){ .n_zones = 0 };
	if (!rbl_zones_read(m, wish, true, out, e) ||
	    !subjects_read(m, dns, wish, out, e))
		return false;
	burst_ask(m, dns, wish, out);
	return true;
}

bool
rbl_health_check(const struct model_ctx *m, struct dns *dns,
    const struct rbl_wish *wish, struct rbl_view *out, struct err *e)
{
	*out = (struct rbl_view){ .n_zones = 0 };
	if (!rbl_zones_read(m, wish, false, out, e))
		return false;
	burst_ask(m, dns, wish, out);
	for (size_t i = 0; i < out->n_zones; i++)
		out->n_unknown += out->zones[i].health == RBL_HEALTH_UNKNOWN;
	return true;
}
