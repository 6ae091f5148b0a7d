/* Does a mechanism match (RFC 7208, section 5)? */
#include "core/auth/spf_int.h"

#include "core/base/i18n.h"

static uint16_t
address_type(const struct spf_run *run)
{
	return run->request->ip.is_ipv6 ? DNS_AAAA : DNS_A;
}

static bool
in_block(const struct spf_run *run, const struct spf_term *t,
    const struct net_addr *addr)
{
	struct net_block block = { .addr = *addr,
		.bits = addr->is_ipv6 ? t->bits6 : t->bits4 };
	return net_block_has(&block, &run->request->ip);
}

struct str
spf_term_name(struct spf_run *run, struct str spec)
{
	enum {
		EXPANDED_MAX = 8192
	};
	struct buf out = BUF_INIT(EXPANDED_MAX);
	struct str name = STR_EMPTY;
	if (spec.len == 0)
		return run->macros.domain;
	if (spf_macro_uses(spec, "p")) {
		enum spf_match m = spf_ptr_match(
		    run, run->macros.domain, &run->macros.ptr_name);
		if (m == SPF_MATCH_WAIT) {
			run->waiting = true;
			return name;
		}
	}
	if (spf_domain_expand(spec, &run->macros, &out))
		name = arena_str(run->arena, buf_str(&out));
	buf_clear(&out);
	return name;
}

/* The fact of a term's own name; NULL sets *m to what that means. */
static const struct fact *
term_fact(struct spf_run *run, const struct spf_term *t, uint16_t type,
    enum spf_match *m)
{
	struct str name = spf_term_name(run, t->spec);
	*m = SPF_MATCH_WAIT;
	if (run->waiting)
		return NULL;
	const struct fact *fact = facts_ask(run->facts, name, type);
	*m = SPF_NO_MATCH; /* a name that cannot be (4.8) */
	if (fact == NULL)
		return NULL;
	*m = SPF_MATCH_WAIT;
	if (fact->answer == NULL)
		return NULL;
	if (!fact_is_failed(fact))
		return fact;
	spf_reason(run, _("no answer for '%s', asked by '%.*s': %.*s"),
	    fact->name.ptr, STR_ARG(t->text), STR_ARG(fact->answer->reason));
	*m = SPF_MATCH_TEMPERROR;
	return NULL;
}

static enum spf_match
no_answer(struct spf_run *run, const struct spf_term *t)
{
	return spf_void_add(run, t) ? SPF_NO_MATCH : SPF_MATCH_PERMERROR;
}

static enum spf_match
match_a(struct spf_run *run, const struct spf_term *t)
{
	enum spf_match m;
	const struct fact *fact = term_fact(run, t, address_type(run), &m);
	if (fact == NULL)
		return m;
	if (fact_is_void(fact))
		return no_answer(run, t);
	for (size_t i = 0; i < fact->answer->n; i++)
		if (in_block(run, t, &fact->answer->records[i].as.addr))
			return SPF_MATCH;
	return SPF_NO_MATCH;
}

static enum spf_match
match_exists(struct spf_run *run, const struct spf_term *t)
{
	enum spf_match m;
	/* always A, whatever the client uses (5.7) */
	const struct fact *fact = term_fact(run, t, DNS_A, &m);
	if (fact == NULL)
		return m;
	return fact_is_void(fact) ? no_answer(run, t) : SPF_MATCH;
}

/* The addresses of the hosts of an MX answer, asked for all at once. */
static enum spf_match
match_hosts(
    struct spf_run *run, const struct spf_term *t, const struct dns_answer *mx)
{
	bool found = false;
	for (size_t i = 0; i < mx->n; i++)
		facts_ask(
		    run->facts, mx->records[i].as.mx.host, address_type(run));
	for (size_t i = 0; i < mx->n; i++) {
		const struct fact *fact = facts_ask(
		    run->facts, mx->records[i].as.mx.host, address_type(run));
		if (fact == NULL)
			continue; /* the null MX of RFC 7505 among them */
		if (fact->answer == NULL)
			return SPF_MATCH_WAIT;
		if (fact_is_failed(fact)) {
			spf_reason(run,
			    _("no answer for the mail exchanger '%s': %.*s"),
			    fact->name.ptr, STR_ARG(fact->answer->reason));
			return SPF_MATCH_TEMPERROR;
		}
		for (size_t k = 0; k < fact->answer->n; k++)
			if (in_block(run, t, &fact->answer->records[k].as.addr))
				return SPF_MATCH;
		found = found || fact->answer->n > 0;
	}
	return found ? SPF_NO_MATCH : no_answer(run, t);
}

static enum spf_match
match_mx(struct spf_run *run, const struct spf_term *t)
{
	enum spf_match m;
	const struct fact *fact = term_fact(run, t, DNS_MX, &m);
	if (fact == NULL)
		return m;
	if (fact_is_void(fact))
		return no_answer(run, t);
	if (fact->answer->n > SPF_MX_MAX) {
		spf_reason(run,
		    _("'%s' has %zu mail exchangers, %d are "
		      "allowed"),
		    fact->name.ptr, fact->answer->n, SPF_MX_MAX);
		return SPF_MATCH_PERMERROR;
	}
	return match_hosts(run, t, fact->answer);
}

static enum spf_match
match_ptr(struct spf_run *run, const struct spf_term *t)
{
	struct str name, target = spf_term_name(run, t->spec);
	if (run->waiting)
		return SPF_MATCH_WAIT;
	enum spf_match m = spf_ptr_match(run, target, &name);
	if (m != SPF_NO_MATCH)
		return m;
	const struct fact *ptr = facts_ask(run->facts,
	    dns_reverse_name(run->arena, &run->request->ip), DNS_PTR);
	return ptr != NULL && fact_is_void(ptr) ? no_answer(run, t) : m;
}

static enum spf_match
match_include(struct spf_run *run, const struct spf_term *t)
{
	struct str name = spf_term_name(run, t->spec);
	if (run->waiting)
		return SPF_MATCH_WAIT;
	enum spf_result r = spf_domain_check(run, name);
	if (run->waiting)
		return SPF_MATCH_WAIT;
	switch (r) { /* the table of 5.2 */
	case SPF_PASS:
		return SPF_MATCH;
	case SPF_TEMPERROR:
		return SPF_MATCH_TEMPERROR;
	case SPF_NONE:
		spf_reason(run,
		    _("'%.*s' includes '%.*s', which has no SPF "
		      "record"),
		    STR_ARG(run->macros.domain), STR_ARG(name));
		return SPF_MATCH_PERMERROR;
	case SPF_PERMERROR:
		return SPF_MATCH_PERMERROR;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL:
	default:
		return SPF_NO_MATCH;
	}
}

enum spf_match
spf_term_match(struct spf_run *run, const struct spf_term *t)
{
	switch (t->kind) {
	case SPF_ALL:
		return SPF_MATCH;
	case SPF_IP4:
	case SPF_IP6:
		return in_block(run, t, &t->addr) ? SPF_MATCH : SPF_NO_MATCH;
	case SPF_A:
		return match_a(run, t);
	case SPF_MX:
		return match_mx(run, t);
	case SPF_PTR:
		return match_ptr(run, t);
	case SPF_EXISTS:
		return match_exists(run, t);
	case SPF_INCLUDE:
		return match_include(run, t);
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_UNKNOWN_MODIFIER:
	default:
		return SPF_NO_MATCH;
	}
}

/* Types worth asking before it is known whether they will count. */
static uint16_t
ahead_type(const struct spf_run *run, enum spf_term_kind kind)
{
	switch (kind) {
	case SPF_A:
		return address_type(run);
	case SPF_MX:
		return DNS_MX;
	case SPF_INCLUDE:
	case SPF_REDIRECT:
		return DNS_TXT;
	case SPF_ALL:
	case SPF_PTR:    /* slow, and hardly ever reached */
	case SPF_EXISTS: /* its owner may log who asks: only when it counts */
	case SPF_IP4:
	case SPF_IP6:
	case SPF_EXP:
	case SPF_UNKNOWN_MODIFIER:
	default:
		return 0;
	}
}

void
spf_ahead(struct spf_run *run, const struct spf_record *r, size_t first)
{
	unsigned budget = spf_lookups_max(run) - run->out->lookups;
	for (size_t i = first; i < r->n && budget > 0; i++) {
		const struct spf_term *t = &r->terms[i];
		uint16_t type = ahead_type(run, t->kind);
		if (t->kind == SPF_ALL ||
		    ((t->kind == SPF_IP4 || t->kind == SPF_IP6) &&
			in_block(run, t, &t->addr)))
			return; /* nothing behind it is reached */
		budget -= spf_term_is_lookup(t->kind);
		if (type == 0 || spf_macro_uses(t->spec, "p"))
			continue;
		facts_ask(run->facts, spf_term_name(run, t->spec), type);
	}
}
