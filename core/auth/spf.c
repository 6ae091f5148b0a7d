/* check_host() of RFC 7208: limits, order of terms, identities, exp. */
#include "core/auth/spf.h"

#include "core/auth/spf_int.h"
#include "core/base/i18n.h"

#include <stdarg.h>

static const char *const result_words[] = {
	[SPF_NONE] = "none",
	[SPF_NEUTRAL] = "neutral",
	[SPF_PASS] = "pass",
	[SPF_FAIL] = "fail",
	[SPF_SOFTFAIL] = "softfail",
	[SPF_TEMPERROR] = "temperror",
	[SPF_PERMERROR] = "permerror",
};

const char *
spf_result_word(enum spf_result result)
{
	return result_words[result];
}

bool
spf_result_parse(struct str word, enum spf_result *out)
{
	for (size_t i = 0; i < ARRAY_LEN(result_words); i++) {
		if (!str_is_nocase(word, result_words[i]))
			continue;
		*out = (enum spf_result)i;
		return true;
	}
	return false;
}

void
spf_reason(struct spf_run *run, const char *fmt, ...)
{
	va_list ap;
	if (run->out->reason.len > 0)
		return;
	va_start(ap, fmt);
	run->out->reason = str_of(arena_vprintf(run->arena, fmt, ap));
	va_end(ap);
}

bool
spf_void_add(struct spf_run *run, const struct spf_term *t)
{
	if (++run->out->voids <= SPF_VOIDS_MAX)
		return true;
	spf_reason(run,
	    _("more than %d lookups without an answer, the last "
	      "by '%.*s'"),
	    SPF_VOIDS_MAX, STR_ARG(t->text));
	return false;
}

static enum spf_result
qualified(char qualifier)
{
	switch (qualifier) {
	case '-':
		return SPF_FAIL;
	case '~':
		return SPF_SOFTFAIL;
	case '?':
		return SPF_NEUTRAL;
	default:
		return SPF_PASS;
	}
}

unsigned
spf_lookups_max(const struct spf_run *run)
{
	return run->request->lookups_max > 0 ? run->request->lookups_max
					     : (unsigned)SPF_LOOKUPS_MAX;
}

/* One of the ten lookups is used up; false beyond them. */
static bool
lookup_count(struct spf_run *run, const struct spf_term *t)
{
	if (!spf_term_is_lookup(t->kind))
		return true;
	if (++run->out->lookups <= spf_lookups_max(run))
		return true;
	spf_reason(run,
	    _("more than %u lookups: the next would be '%.*s' of "
	      "'%.*s'"),
	    spf_lookups_max(run), STR_ARG(t->text),
	    STR_ARG(run->macros.domain));
	return false;
}

/* The text of exp=, or nothing: whatever goes wrong gives no explanation. */
static void
explain(struct spf_run *run, const struct spf_record *r)
{
	enum {
		EXPLANATION_MAX = 4096
	};
	struct buf text = BUF_INIT(EXPLANATION_MAX);
	if (!run->request->explain || r->exp == NULL || run->depth > 1)
		return;
	struct str name = spf_term_name(run, r->exp->spec);
	const struct fact *fact =
	    run->waiting ? NULL : facts_ask(run->facts, name, DNS_TXT);
	if (fact == NULL)
		return;
	if (fact->answer == NULL) {
		run->waiting = true;
		return;
	}
	if (fact->answer->status != DNS_OK || fact->answer->n != 1)
		return;
	struct str written = fact->answer->records[0].as.txt.text;
	if (spf_macro_uses(written, "p") &&
	    spf_ptr_match(run, run->macros.domain, &run->macros.ptr_name) ==
		SPF_MATCH_WAIT) {
		run->waiting = true;
		return;
	}
	if (spf_macro_expand(written, &run->macros, true, &text))
		run->out->explanation = arena_str(run->arena, buf_str(&text));
	buf_clear(&text);
}

static void
decided(struct spf_run *run, const struct spf_term *t)
{
	/* the outermost record decides: it is written last */
	run->out->mechanism = t->text;
	run->out->where = run->macros.domain;
}

static bool run_local(struct spf_run *run, enum spf_result *result);

/*
 * Terms from left to right (4.6.2): true when one of them gave the result.
 */
static bool
run_terms(
    struct spf_run *run, const struct spf_record *r, enum spf_result *result)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct spf_term *t = &r->terms[i];
		*result = SPF_PERMERROR;
		if (t->kind >= SPF_REDIRECT)
			continue;
		if (t->kind == SPF_ALL && run_local(run, result))
			return true;
		if (!lookup_count(run, t)) {
			decided(run, t);
			return true;
		}
		enum spf_match m = spf_term_match(run, t);
		if (m == SPF_NO_MATCH)
			continue;
		if (m == SPF_MATCH_WAIT) {
			run->waiting = true;
			if (run->request->ahead)
				spf_ahead(run, r, i);
			return true;
		}
		*result = m == SPF_MATCH             ? qualified(t->qualifier)
			  : m == SPF_MATCH_TEMPERROR ? SPF_TEMPERROR
						     : SPF_PERMERROR;
		decided(run, t);
		return true;
	}
	return false;
}

/*
 * What the caller holds true beside the outermost record; its lookups are no
 * fault of the domain's owner, and do not count.
 */
static bool
run_local(struct spf_run *run, enum spf_result *result)
{
	struct spf_record r;
	struct spf_syntax bad;
	const unsigned lookups = run->out->lookups, voids = run->out->voids;
	if (run->request->local.len == 0 || run->is_local || run->depth > 1)
		return false;
	if (!spf_record_parse(run->request->local, run->arena, &r, &bad))
		return false; /* the caller has seen that it is right */
	run->is_local = true;
	run->out->lookups = run->out->voids = 0;
	bool decides = run_terms(run, &r, result);
	run->out->lookups = lookups;
	run->out->voids = voids;
	run->is_local = false;
	run->out->is_local = decides;
	return decides;
}

static enum spf_result
follow_redirect(struct spf_run *run, const struct spf_term *t)
{
	if (!lookup_count(run, t)) {
		decided(run, t);
		return SPF_PERMERROR;
	}
	struct str name = spf_term_name(run, t->spec);
	if (run->waiting)
		return SPF_NONE;
	/* its exp counts, not ours (6.2) */
	run->depth--;
	enum spf_result result = spf_domain_check(run, name);
	run->depth++;
	if (result != SPF_NONE || run->waiting)
		return result;
	spf_reason(run,
	    _("'%.*s' redirects to '%.*s', which has no SPF record"),
	    STR_ARG(run->macros.domain), STR_ARG(name));
	decided(run, t);
	return SPF_PERMERROR;
}

static enum spf_result
record_run(struct spf_run *run, struct str text)
{
	struct spf_record r;
	struct spf_syntax bad;
	enum spf_result result;
	if (!spf_record_parse(text, run->arena, &r, &bad)) {
		spf_reason(run,
		    _("the record of '%.*s' is wrong at '%.*s': "
		      "%s"),
		    STR_ARG(run->macros.domain), STR_ARG(bad.term),
		    _(bad.reason));
		return SPF_PERMERROR;
	}
	if (run_terms(run, &r, &result)) {
		if (result == SPF_FAIL && !run->waiting)
			explain(run, &r);
		return result;
	}
	if (r.redirect != NULL)
		return follow_redirect(run, r.redirect);
	if (run_local(run, &result))
		return result;
	run->out->mechanism = STR("default");
	run->out->where = run->macros.domain;
	return SPF_NEUTRAL;
}

enum spf_result
spf_domain_check(struct spf_run *run, struct str domain)
{
	struct str text;
	struct str outer = run->macros.domain;
	enum spf_result result = spf_record_find(run, domain, &text);
	if (result != SPF_PASS || run->waiting)
		return result;
	if (run->out->record.len == 0)
		run->out->record = text;
	run->macros.domain = domain;
	run->depth++;
	result = record_run(run, text);
	run->depth--;
	run->macros.domain = outer;
	return result;
}

/* Names below which nothing can be published are no domains (4.3). The final
   dot is gone, so one that still stands there ends an empty label. */
static bool
is_checkable(struct str domain)
{
	return fact_name_is_valid(domain) &&
	       str_find(domain, '.', 0) < domain.len - 1 &&
	       domain.ptr[domain.len - 1] != '.' && domain.ptr[0] != '[';
}

/* Identity and macros of a request (4.1, 2.4). */
static struct str
identity(struct spf_run *run)
{
	struct str sender = run->request->sender;
	size_t at = sender.len;
	struct str domain;
	run->out->is_helo = sender.len == 0;
	if (sender.len == 0)
		sender = run->request->helo;
	while (at > 0 && sender.ptr[at - 1] != '@')
		at--;
	if (run->out->is_helo || at == 0) {
		domain = sender;
		at = 0;
	} else {
		domain = str_sub(sender, at, sender.len);
	}
	if (domain.len > 0 && domain.ptr[domain.len - 1] == '.')
		domain.len--;
	run->macros = (struct spf_macros){
		.local =
		    at > 1 ? str_sub(sender, 0, at - 1) : STR("postmaster"),
		.sender_domain = domain,
		.domain = domain,
		.helo = run->request->helo,
		.ip = &run->request->ip,
		.receiver = run->request->receiver,
		.now_s = run->request->now_s,
	};
	return domain;
}

/* Who said so, for results that a term of a record gave. */
static void
reason_complete(struct spf_run *run)
{
	struct spf_outcome *out = run->out;
	const struct str domain = out->domain, term = out->mechanism;
	const bool decided_here =
	    out->result >= SPF_NEUTRAL && out->result <= SPF_SOFTFAIL;
	if (decided_here) /* what was noted on the way does not count */
		out->reason = (struct str)STR_EMPTY;
	if (out->result == SPF_NONE)
		spf_reason(run, _("'%.*s' has no SPF record"), STR_ARG(domain));
	else if (decided_here && out->is_local)
		spf_reason(run, _("'%.*s' of the local policy decides"),
		    STR_ARG(term));
	else if (str_is(term, "default"))
		spf_reason(run, _("no term of '%.*s' matches the client"),
		    STR_ARG(out->where));
	else if (out->result == SPF_PASS)
		spf_reason(run, _("'%.*s' of '%.*s' allows the client"),
		    STR_ARG(term), STR_ARG(out->where));
	else if (out->result == SPF_NEUTRAL)
		spf_reason(run, _("'%.*s' of '%.*s' leaves the client open"),
		    STR_ARG(term), STR_ARG(out->where));
	else if (decided_here)
		spf_reason(run, _("'%.*s' of '%.*s' does not allow the client"),
		    STR_ARG(term), STR_ARG(out->where));
}

bool
spf_check(const struct spf_request *request, struct facts *facts,
    struct arena *a, struct spf_outcome *out)
{
	struct spf_run run = {
		.request = request, .facts = facts, .arena = a, .out = out
	};
	*out = (struct spf_outcome){ .result = SPF_NONE };
	out->domain = identity(&run);
	if (!is_checkable(out->domain)) {
		spf_reason(&run,
		    _("'%.*s' is no domain that could have an SPF "
		      "record"),
		    STR_ARG(out->domain));
		return true;
	}
	out->result = spf_domain_check(&run, out->domain);
	if (run.waiting)
		return false;
	reason_complete(&run);
	return true;
}

void
spf_check_wait(const struct spf_request *request, struct facts *facts,
    struct arena *a, struct dns *d, const struct dns_how *how,
    struct spf_outcome *out)
{
	while (!spf_check(request, facts, a, out)) {
		facts_fetch(facts, d, how);
		if (facts->wanted == 0)
			continue;
		out->result = SPF_TEMPERROR; /* out of memory */
		return;
	}
}
