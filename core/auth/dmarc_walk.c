/* The tree walk of RFC 9989, 4.10, and who may get reports. */
#include "core/auth/dmarc.h"

#include "core/auth/dmarc_int.h"
#include "core/base/i18n.h"
#include "core/mail/path.h"

#include <stdio.h>

const struct fact *
dmarc_fact(struct facts *facts, struct str domain)
{
	char name[FACT_NAME_MAX + 1];
	int n = snprintf(name, sizeof(name), "_dmarc.%.*s", STR_ARG(domain));
	if (n <= 0 || (size_t)n >= sizeof(name))
		return NULL;
	return facts_ask(facts, str_n(name, (size_t)n), DNS_TXT);
}

struct str
dmarc_record_select(const struct fact *fact)
{
	struct str found = STR_EMPTY;
	const struct dns_answer *a = fact->answer;
	for (size_t i = 0; a->status == DNS_OK && i < a->n; i++) {
		if (!dmarc_record_is(a->records[i].as.txt.text))
			continue;
		if (found.len > 0)
			return (struct str)STR_EMPTY;
		found = a->records[i].as.txt.text;
	}
	return found;
}

static size_t
count_labels(struct str domain)
{
	size_t n = domain.len > 0;
	for (size_t i = 0; i < domain.len; i++)
		n += domain.ptr[i] == '.';
	return n;
}

static struct str
parent(struct str domain)
{
	size_t dot = str_find(domain, '.', 0);
	return str_sub(domain, dot + 1, domain.len);
}

/* From more than eight labels the walk jumps to seven. */
static struct str
next_up(struct str domain)
{
	if (count_labels(domain) <= DMARC_WALK_MAX)
		return parent(domain);
	while (count_labels(domain) > DMARC_WALK_MAX - 1)
		domain = parent(domain);
	return domain;
}

/* The domain of 'start' one label below 'upper'. */
static struct str
one_below(struct str start, struct str upper)
{
	while (count_labels(start) > count_labels(upper) + 1)
		start = parent(start);
	return start;
}

static char
psd_of(struct str record)
{
	struct dmarc_record r;
	/* a record without a policy still tells where it stands */
	bool usable = dmarc_record_parse(record, &r);
	(void)usable;
	return r.psd;
}

static void
find_organization(struct dmarc_walk *w, struct str start)
{
	w->organization = start;
	for (size_t i = 0; i < w->n; i++) {
		if (w->steps[i].record.len == 0)
			continue;
		char psd = psd_of(w->steps[i].record);
		w->organization = w->steps[i].domain; /* fewest labels so far */
		if (psd == 'y' && i > 0)
			w->organization = one_below(start, w->steps[i].domain);
		if (psd == 'u')
			continue;
		w->n = i + 1; /* here the walk ends */
		return;
	}
}

void
dmarc_walk_run(struct facts *facts, struct str domain, struct dmarc_walk *out)
{
	*out = (struct dmarc_walk){ .organization = domain };
	struct str at = domain;
	for (; at.len > 0 && out->n < DMARC_WALK_MAX; at = next_up(at)) {
		const struct fact *fact = dmarc_fact(facts, at);
		struct dmarc_step *step = &out->steps[out->n++];
		step->domain = at;
		if (fact == NULL)
			continue;
		if (fact->answer == NULL)
			out->waiting = true;
		else if (!fact_is_failed(fact))
			step->record = dmarc_record_select(fact);
		else if (out->failed == NULL) {
			out->failed = fact;
			out->failed_at = out->n - 1;
		}
	}
	if (!out->waiting)
		find_organization(out, domain);
}

bool
dmarc_tree_organization(struct facts *facts, struct str domain, struct str *out)
{
	struct dmarc_walk w;
	dmarc_walk_run(facts, domain, &w);
	*out = w.organization;
	return !w.waiting;
}

static const char *const destination_words[] = {
	[DMARC_DESTINATION_OWN] = N_("own"),
	[DMARC_DESTINATION_VERIFIED] = N_("verified"),
	[DMARC_DESTINATION_REFUSED] = N_("not verified"),
	[DMARC_DESTINATION_UNTESTED] = N_("could not test"),
	[DMARC_DESTINATION_NO_MAIL] = N_("no mail address"),
};

const char *
dmarc_destination_word(enum dmarc_destination d)
{
	return destination_words[d];
}

/* DOMAIN._report._dmarc.HOST must hold a DMARC record, whatever is in it. */
static bool
ask_permission(struct facts *facts, struct str domain, struct str host,
    enum dmarc_destination *out)
{
	char name[FACT_NAME_MAX + 1];
	int n = snprintf(name, sizeof(name), "%.*s._report._dmarc.%.*s",
	    STR_ARG(domain), STR_ARG(host));
	*out = DMARC_DESTINATION_REFUSED;
	if (n <= 0 || (size_t)n >= sizeof(name))
		return true;
	const struct fact *fact =
	    facts_ask(facts, str_n(name, (size_t)n), DNS_TXT);
	if (fact == NULL)
		return true;
	if (fact->answer == NULL)
		return false;
	if (fact_is_failed(fact))
		*out = DMARC_DESTINATION_UNTESTED;
	for (size_t i = 0; i < fact->answer->n; i++)
		if (dmarc_record_is(fact->answer->records[i].as.txt.text))
			*out = DMARC_DESTINATION_VERIFIED;
	return true;
}

bool
dmarc_destination_check(struct facts *facts, struct arena *a, struct str domain,
    struct str organization, struct str uri, enum dmarc_destination *out)
{
	enum {
		ADDRESS_MAX = 1024
	};
	struct buf address = BUF_INIT(ADDRESS_MAX);
	struct str host = STR_EMPTY, theirs;
	*out = DMARC_DESTINATION_NO_MAIL;
	if (dmarc_uri_address(uri, &address))
		(void)str_cut(arena_str(a, buf_str(&address)), '@', &host);
	buf_clear(&address);
	if (!fact_name_is_valid(host))
		return true;
	if (mail_domain_is_within(host, organization)) {
		if (!dmarc_tree_organization(facts, host, &theirs))
			return false;
		if (str_eq_nocase(theirs, organization)) {
			*out = DMARC_DESTINATION_OWN;
			return true;
		}
	}
	return ask_permission(facts, domain, host, out);
}
