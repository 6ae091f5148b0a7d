/* The record of a domain: published (RFC 7208, 4.4 and 4.5), or given. */
#include "core/auth/spf_int.h"

#include "core/base/i18n.h"

bool
spf_record_select(const struct fact *txt, const struct str **record)
{
	const struct dns_answer *answer = txt->answer;
	*record = NULL;
	for (size_t i = 0; answer->status == DNS_OK && i < answer->n; i++) {
		const struct str *text = &answer->records[i].as.txt.text;
		if (!spf_record_is(*text))
			continue;
		if (*record != NULL)
			return false;
		*record = text;
	}
	return true;
}

/* Is the record given for this domain? */
static bool
is_given_for(
    const struct spf_run *run, const struct spf_given *g, struct str domain)
{
	if (g->domain.len == 0)
		return str_eq_nocase(domain, run->out->domain);
	if (!str_starts(g->domain, STR("*.")))
		return str_eq_nocase(domain, g->domain);
	struct str below = str_sub(g->domain, 1, g->domain.len);
	return domain.len > below.len &&
	       str_eq_nocase(
		   str_sub(domain, domain.len - below.len, domain.len), below);
}

static bool
find_given(const struct spf_run *run, struct str domain, bool fallback,
    struct str *text)
{
	const struct spf_request *q = run->request;
	for (size_t i = 0; i < q->n_given; i++) {
		if (q->given[i].fallback != fallback ||
		    !is_given_for(run, &q->given[i], domain))
			continue;
		*text = q->given[i].record;
		return true;
	}
	return false;
}

static enum spf_result
find_published(struct spf_run *run, struct str domain, struct str *text)
{
	const struct str *record;
	const struct fact *fact = facts_ask(run->facts, domain, DNS_TXT);
	if (fact == NULL)
		return SPF_NONE; /* no name that could have one (4.3) */
	if (fact->answer == NULL) {
		run->waiting = true;
		return SPF_NONE;
	}
	if (fact_is_failed(fact)) {
		spf_reason(run, _("no answer for the SPF record of '%s': %.*s"),
		    fact->name.ptr, STR_ARG(fact->answer->reason));
		return SPF_TEMPERROR;
	}
	if (!spf_record_select(fact, &record)) {
		spf_reason(run, _("'%s' has more than one SPF record"),
		    fact->name.ptr);
		return SPF_PERMERROR;
	}
	if (record == NULL)
		return SPF_NONE;
	*text = *record;
	return SPF_PASS;
}

enum spf_result
spf_record_find(struct spf_run *run, struct str domain, struct str *text)
{
	if (find_given(run, domain, false, text))
		return SPF_PASS;
	enum spf_result result = find_published(run, domain, text);
	if (result != SPF_NONE || run->waiting)
		return result;
	return find_given(run, domain, true, text) ? SPF_PASS : SPF_NONE;
}
