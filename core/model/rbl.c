/* Lists asked about somebody, and about themselves, all at once. */
#include "core/model/rbl.h"

#include "core/auth/facts.h"
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

/*
 * A domain as the DNS has it. What no list can be asked about, nothing or a
 * name too long, is no mistake here: its answer is "not asked".
 */
static bool
domain_read(
    const struct model_ctx *m, const char *text, struct str *out, struct err *e)
{
	*out = str_of(text);
	if (out->len == 0 || out->len > FACT_NAME_MAX ||
	    fact_domain_parse(m->arena, text, out, NULL))
		return true;
	return err_set(
	    e, ERR_USAGE, _("'%s' is neither an address nor a domain"), text);
}

/*
 * Nobody sees such an address from outside, so no public list has it: asked
 * anyway, "not listed" would be taken for good news. A list that was named may
 * be one's own, or its test point 127.0.0.2 is meant.
 */
static bool
private_refuse(const struct model_ctx *m, struct dns *dns,
    const struct rbl_wish *wish, struct err *e)
{
	struct own own;
	struct err why = ERR_INIT;
	char text[NET_ADDR_TEXT_SIZE];
	err_set(e, ERR_USAGE,
	    _("'%s' is a private address, which no public list can have; "
	      "others see the address this server sends from"),
	    wish->item);
	if (!own_read(m, dns, &own, &why) || own.n == 0)
		return err_next(e, _("smemail rbl check ADDRESS, the one a "
				     "server outside sees; or name a list: "
				     "--zone ZONE"));
	return err_next(e, "smemail rbl check %s",
	    net_addr_format(&own.addresses[0].addr, text));
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
		if (!is_address && !domain_read(m, wish->item, &item, e))
			return false;
		if (is_address && wish->zones == NULL && own_is_private(&addr))
			return private_refuse(m, dns, wish, e);
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
	/* while the answers come */
	const struct model_ctx *m;
	struct rbl_view *v;
	const struct rbl_watch *watch;
	bool health; /* zones are what is watched */
	bool *came;  /* by question */
	bool *done;  /* by row: judged */
	size_t fitness_open;
	size_t open[RBL_ZONES_MAX]; /* tests of a list */
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
	r->believed = sure && rbl_health_counts(r->zone->health, verdict) &&
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
tell(const struct burst *b, size_t i)
{
	if (b->watch != NULL)
		b->watch->judged(b->watch->ctx, b->v, i);
}

/* Judge the rows for which all is known: the pair, its list, the resolver. */
static void
rows_judge(struct burst *b)
{
	struct rbl_view *v = b->v;
	for (size_t i = 0; i < v->n_rows && b->fitness_open == 0; i++) {
		struct rbl_row *row = &v->rows[i];
		if (b->done[i] || !b->came[b->rows + i] ||
		    b->open[row->zone - v->zones] > 0)
			continue;
		row->result = b->q[b->rows + i].result;
		row_judge(b->m, v, row);
		b->done[i] = true;
		tell(b, i);
	}
}

static void
zone_tested(struct burst *b, size_t zone)
{
	rbl_tests_judge(
	    &b->v->zones[zone], b->q + b->tests[zone], b->n_tests[zone]);
	if (b->health)
		tell(b, zone);
}

static void
test_came(struct burst *b, size_t at)
{
	size_t zone = 0;
	while (at >= b->tests[zone] + b->n_tests[zone])
		zone++;
	if (--b->open[zone] == 0)
		zone_tested(b, zone);
}

static void
question_came(void *ctx, size_t at)
{
	struct burst *b = ctx;
	b->came[at] = true;
	if (at < RBL_FITNESS_TESTS && --b->fitness_open == 0)
		rbl_fitness_judge(b->v, b->q);
	else if (at >= RBL_FITNESS_TESTS && at < b->rows)
		test_came(b, at);
	rows_judge(b);
}

static bool
burst_ask(const struct model_ctx *m, struct dns *dns,
    const struct rbl_wish *wish, bool health, struct rbl_view *v, struct err *e)
{
	struct burst b = { .m = m,
		.v = v,
		.watch = wish->watch,
		.health = health,
		.fitness_open = RBL_FITNESS_TESTS };
	int64_t from = clock_mono_ms(m->clock);
	burst_fill(m, v, &b);
	b.came = ARENA_ARRAY(m->arena, b.n + 1, bool);
	b.done = ARENA_ARRAY(m->arena, v->n_rows + 1, bool);
	if (b.came == NULL || b.done == NULL)
		return err_no_memory(e);
	memcpy(b.open, b.n_tests, sizeof(b.open));
	if (b.watch != NULL)
		b.watch->begun(b.watch->ctx, v);
	for (size_t i = 0; i < v->n_zones; i++) {
		if (b.n_tests[i] == 0)
			zone_tested(&b, i);
	}
	rbl_ask(dns, m->arena, b.q, b.n, wish->deadline_ms, question_came, &b);
	v->elapsed_ms = clock_mono_ms(m->clock) - from;
	return true;
}

bool
rbl_check(const struct model_ctx *m, struct dns *dns,
    const struct rbl_wish *wish, struct rbl_view *out, struct err *e)
{
	*out = (struct rbl_view){ .n_zones = 0 };
	if (!rbl_zones_read(m, wish, true, out, e) ||
	    !subjects_read(m, dns, wish, out, e))
		return false;
	return burst_ask(m, dns, wish, false, out, e);
}

bool
rbl_health_check(const struct model_ctx *m, struct dns *dns,
    const struct rbl_wish *wish, struct rbl_view *out, struct err *e)
{
	*out = (struct rbl_view){ .n_zones = 0 };
	if (!rbl_zones_read(m, wish, false, out, e))
		return false;
	if (!burst_ask(m, dns, wish, true, out, e))
		return false;
	for (size_t i = 0; i < out->n_zones; i++)
		out->n_unknown += out->zones[i].health == RBL_HEALTH_UNKNOWN;
	return true;
}
