/* Policy discovery, alignment and verdict, by RFC 9989 and by RFC 7489. */
#include "core/auth/dmarc.h"

#include "core/auth/dmarc_int.h"
#include "core/auth/psl.h"
#include "core/base/i18n.h"
#include "core/mail/idna.h"
#include "core/mail/path.h"

#include <stdarg.h>

static const char *const result_words[] = {
	[DMARC_NONE] = "none",
	[DMARC_PASS] = "pass",
	[DMARC_FAIL] = "fail",
	[DMARC_TEMPERROR] = "temperror",
};

struct evaluation {
	const struct dmarc_request *request;
	struct facts *facts;
	struct arena *arena;
	struct dmarc_outcome *out;
	struct str from;
	bool waiting;
	bool blurred;   /* the organization may be a larger one */
	bool uncertain; /* an aligned check, or a name, could not be tested */
};

const char *
dmarc_result_word(enum dmarc_result result)
{
	return result_words[result];
}

static void PRINTF_LIKE(2, 3) reason(struct evaluation *e, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	e->out->reason = str_of(arena_vprintf(e->arena, fmt, ap));
	va_end(ap);
}

static struct str
normal(struct arena *a, struct str domain)
{
	struct buf name = BUF_INIT(FACT_NAME_MAX);
	struct str out = domain;
	if (idna_domain(domain, &name))
		out = arena_str(a, buf_str(&name));
	buf_clear(&name);
	return out;
}

bool
dmarc_is_aligned(struct str a, struct str a_organization, struct str b,
    struct str b_organization, bool strict)
{
	if (a.len == 0 || b.len == 0)
		return false;
	return str_eq_nocase(a, b) ||
	       (!strict && str_eq_nocase(a_organization, b_organization));
}

static struct str
psl_organization(struct evaluation *e, struct str domain)
{
	struct buf name = BUF_INIT(FACT_NAME_MAX);
	struct str out = domain; /* a public suffix stands for itself */
	if (e->request->psl != NULL &&
	    e->request->psl->organization(domain, &name))
		out = arena_str(e->arena, buf_str(&name));
	buf_clear(&name);
	return out;
}

static struct str
organization_of(struct evaluation *e, struct str domain)
{
	struct dmarc_walk w;
	if (e->request->view == DMARC_RFC7489)
		return psl_organization(e, domain);
	dmarc_walk_run(e->facts, domain, &w);
	e->waiting = e->waiting || w.waiting;
	e->uncertain = e->uncertain || w.failed != NULL;
	return w.organization;
}

/* RFC 9989 knows a domain without A, AAAA and MX as one that is not there. */
static bool
exists(struct evaluation *e)
{
	static const uint16_t types[] = { DNS_A, DNS_AAAA, DNS_MX };
	bool found = false;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		const struct fact *f = facts_ask(e->facts, e->from, types[i]);
		if (f != NULL && f->answer == NULL)
			e->waiting = true;
		else if (f != NULL && !fact_is_void(f))
			found = true; /* found, or could not be asked */
	}
	return found;
}

static void
found(struct evaluation *e, struct str record, struct str where)
{
	e->out->record = record;
	e->out->where = where;
}

static void
discover_by_tree(struct evaluation *e, const struct fact **failed)
{
	struct dmarc_walk w;
	dmarc_walk_run(e->facts, e->from, &w);
	e->waiting = w.waiting;
	e->out->organization = w.organization;
	e->out->questions = (unsigned)w.n;
	/* its own, else that of the organization, else of the suffix */
	size_t at = 0;
	for (size_t i = 1; i < w.n && w.steps[0].record.len == 0; i++)
		if (w.steps[i].record.len > 0 &&
		    (at == 0 ||
			str_eq_nocase(w.steps[i].domain, w.organization)))
			at = i;
	found(e, w.steps[at].record, w.steps[at].domain);
	/* what lies above the record found only blurs the organization */
	if (e->out->record.len == 0 || w.failed_at <= at)
		*failed = w.failed;
	e->blurred = w.failed != NULL;
}

/* DMARC records, and texts that were meant to be one. */
static unsigned
count_records(const struct fact *fact, unsigned *slips)
{
	unsigned records = 0;
	*slips = 0;
	for (size_t i = 0;
	     fact->answer->status == DNS_OK && i < fact->answer->n; i++) {
		struct str text = fact->answer->records[i].as.txt.text;
		bool is_record = dmarc_record_is(text);
		records += is_record;
		*slips += !is_record &&
			  str_starts_nocase(str_trim(text), STR("v=dmarc"));
	}
	return records;
}

static void
discover_by_list(struct evaluation *e, const struct fact **failed)
{
	struct str names[] = { e->from, psl_organization(e, e->from) };
	size_t n = str_eq_nocase(names[0], names[1]) ? 1 : 2;
	const struct fact *facts[2] = { NULL, NULL };
	e->out->organization = names[1];
	e->out->questions = (unsigned)n;
	for (size_t i = 0; i < n; i++) {
		facts[i] = dmarc_fact(e->facts, names[i]);
		if (facts[i] != NULL && facts[i]->answer == NULL)
			e->waiting = true;
	}
	for (size_t i = 0; i < n && !e->waiting; i++) {
		if (facts[i] == NULL || e->out->record.len > 0)
			continue;
		if (fact_is_failed(facts[i])) {
			*failed = facts[i];
			return;
		}
		unsigned slips;
		found(e, dmarc_record_select(facts[i]), names[i]);
		/* several end it (RFC 7489 6.6.3); RFC 9989 goes on above */
		if (count_records(facts[i], &slips) > 1)
			return;
	}
}

/* Which of its policies is meant for this From. */
static void
choose_policy(struct evaluation *e)
{
	struct dmarc_outcome *o = e->out;
	if (str_eq_nocase(o->where, e->from)) {
		o->policy = o->parsed.p;
		o->tag = "p";
		return;
	}
	bool by_np = e->request->view == DMARC_RFC9989 &&
		     o->parsed.np != DMARC_UNSET && !exists(e);
	o->policy = dmarc_policy_below(&o->parsed, !by_np);
	o->tag = by_np ? "np" : o->parsed.sp != DMARC_UNSET ? "sp" : "p";
}

/* Told apart from nothing: several records, or one with a slip in front. */
static bool
lack_explain(struct evaluation *e, struct str domain)
{
	const struct fact *fact = dmarc_fact(e->facts, domain);
	unsigned records, slips;
	if (fact == NULL || fact->answer == NULL)
		return false;
	records = count_records(fact, &slips);
	if (records > 1)
		reason(e,
		    _("'%.*s' has %u DMARC records: receivers follow none of "
		      "them"),
		    STR_ARG(domain), records);
	else if (slips > 0)
		reason(e,
		    _("the text at '%s' is no DMARC record: it has to begin "
		      "with 'v=DMARC1;'"),
		    fact->name.ptr);
	return records > 1 || slips > 0;
}

/* False: no policy can be told; result and reason are set. */
static bool
discover(struct evaluation *e)
{
	const struct fact *failed = NULL;
	if (e->request->view == DMARC_RFC9989)
		discover_by_tree(e, &failed);
	else
		discover_by_list(e, &failed);
	if (e->waiting)
		return false;
	if (failed != NULL) {
		e->out->result = DMARC_TEMPERROR;
		/* one above it may not be the one that counts */
		found(e, (struct str)STR_EMPTY, (struct str)STR_EMPTY);
		reason(e, _("no answer for '%s': %.*s"), failed->name.ptr,
		    STR_ARG(failed->answer->reason));
		return false;
	}
	if (e->out->record.len == 0) {
		if (!lack_explain(e, e->from) &&
		    !lack_explain(e, e->out->organization))
			reason(e, _("'%.*s' has no DMARC record"),
			    STR_ARG(e->from));
		return false;
	}
	if (!dmarc_record_parse(e->out->record, &e->out->parsed)) {
		reason(e, _("the DMARC record of '%.*s' has no valid policy"),
		    STR_ARG(e->out->where));
		return false;
	}
	choose_policy(e);
	return !e->waiting;
}

/* Is this name, if it was authenticated, the one of From? */
static bool
is_aligned(struct evaluation *e, struct str written, bool strict)
{
	struct str domain = normal(e->arena, written);
	if (domain.len == 0)
		return false;
	if (str_eq_nocase(domain, e->from))
		return true;
	/* its organization is a part of it: most need no walk */
	if (strict || !mail_domain_is_within(domain, e->out->organization)) {
		e->uncertain = e->uncertain || (e->blurred && !strict);
		return false;
	}
	return dmarc_is_aligned(e->from, e->out->organization, domain,
	    organization_of(e, domain), strict);
}

static void
judge_identifiers(struct evaluation *e)
{
	const struct dmarc_request *q = e->request;
	struct dmarc_outcome *o = e->out;
	if ((str_is_nocase(q->spf_result, "pass") ||
		str_is_nocase(q->spf_result, "temperror")) &&
	    is_aligned(e, q->spf_domain, o->parsed.strict_spf)) {
		o->spf_aligned = str_is_nocase(q->spf_result, "pass");
		e->uncertain = e->uncertain || !o->spf_aligned;
	}
	for (size_t i = 0; i < q->n_dkim; i++) {
		bool pass = str_is_nocase(q->dkim[i].result, "pass");
		if (!pass && !str_is_nocase(q->dkim[i].result, "temperror"))
			continue;
		if (!is_aligned(e, q->dkim[i].domain, o->parsed.strict_dkim))
			continue;
		if (pass && o->dkim_aligned < 0)
			o->dkim_aligned = (int)i;
		e->uncertain = e->uncertain || !pass;
	}
}

/* t=y, and pct=0 of RFC 7489, ask for one step less. */
static enum dmarc_policy
disposition(const struct evaluation *e)
{
	const struct dmarc_outcome *o = e->out;
	bool less = e->request->view == DMARC_RFC9989 ? o->parsed.testing
						      : o->parsed.pct == 0;
	if (!less || o->policy == DMARC_POLICY_NONE)
		return o->policy;
	return o->policy == DMARC_REJECT ? DMARC_QUARANTINE : DMARC_POLICY_NONE;
}

static void
judge(struct evaluation *e)
{
	struct dmarc_outcome *o = e->out;
	judge_identifiers(e);
	if (e->waiting)
		return;
	if (o->spf_aligned || o->dkim_aligned >= 0) {
		o->result = DMARC_PASS;
		reason(e, _("%s is aligned with '%.*s'"),
		    !o->spf_aligned        ? "DKIM"
		    : o->dkim_aligned >= 0 ? _("SPF and DKIM")
					   : "SPF",
		    STR_ARG(e->from));
	} else if (e->uncertain) {
		o->result = DMARC_TEMPERROR;
		reason(e, _("nothing aligned passed, and a check could not be "
			    "done"));
	} else {
		o->result = DMARC_FAIL;
		o->disposition = disposition(e);
		reason(e,
		    _("neither SPF nor DKIM passed for a name aligned "
		      "with '%.*s'"),
		    STR_ARG(e->from));
	}
}

bool
dmarc_check(const struct dmarc_request *request, struct facts *facts,
    struct arena *a, struct dmarc_outcome *out)
{
	struct evaluation e = { .request = request,
		.facts = facts,
		.arena = a,
		.out = out,
		.from = normal(a, request->from) };
	*out = (struct dmarc_outcome){ .result = DMARC_NONE,
		.policy = DMARC_POLICY_NONE,
		.disposition = DMARC_POLICY_NONE,
		.dkim_aligned = -1 };
	if (!fact_name_is_valid(e.from)) {
		reason(&e, _("'%.*s' is no domain"), STR_ARG(request->from));
		return true;
	}
	if (discover(&e))
		judge(&e);
	return !e.waiting;
}

void
dmarc_check_wait(const struct dmarc_request *request, struct facts *facts,
    struct arena *a, struct dns *d, const struct dns_how *how,
    struct dmarc_outcome *out)
{
	while (!dmarc_check(request, facts, a, out)) {
		facts_fetch(facts, d, how);
		if (facts->wanted == 0)
			continue;
		out->result = DMARC_TEMPERROR; /* out of memory */
		return;
	}
}
