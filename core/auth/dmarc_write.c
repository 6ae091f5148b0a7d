/* Aggregate reports as XML: RFC 9990, and RFC 7489 on request. */
#include "core/auth/dmarc_report.h"

#include "core/base/utf8.h"
#include "core/net/addr.h"

/* Words that a schema knows; the first stands for all others. */
static const char *const dispositions[] = { "none", "quarantine", "reject",
	NULL };
static const char *const verdicts[] = { "fail", "pass", NULL };
static const char *const dkim_results[] = { "none", "pass", "fail", "policy",
	"neutral", "temperror", "permerror", NULL };
static const char *const spf_results[] = { "none", "neutral", "pass", "fail",
	"softfail", "temperror", "permerror", NULL };
static const char *const scopes[] = { "mfrom", "helo", NULL };
static const char *const modes[] = { "r", "s", NULL };
static const char *const reasons_9990[] = { "other", "trusted_forwarder",
	"mailing_list", "local_policy", "policy_test_mode", NULL };
static const char *const reasons_7489[] = { "other", "forwarded", "sampled_out",
	"trusted_forwarder", "mailing_list", "local_policy", NULL };

static const char *
known(struct str word, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		if (str_is_nocase(word, words[i]))
			return words[i];
	return words[0];
}

/* Characters that XML 1.0 has, markup escaped; other bytes become '?'. */
static void
add_text(struct buf *out, struct str s)
{
	while (s.len > 0) {
		uint32_t c = 0;
		size_t n = utf8_decode(s, &c);
		bool fits = n > 0 && (c >= 0x20 || c == '\t' || c == '\n') &&
			    c != 0xfffe && c != 0xffff;
		if (!fits)
			buf_add_char(out, '?');
		else if (c == '<')
			buf_add_cstr(out, "&lt;");
		else if (c == '>')
			buf_add_cstr(out, "&gt;");
		else if (c == '&')
			buf_add_cstr(out, "&amp;");
		else
			buf_add(out, s.ptr, n);
		s = str_sub(s, n > 0 ? n : 1, s.len);
	}
}

static void
element(struct buf *out, const char *name, struct str value)
{
	buf_addf(out, "<%s>", name);
	add_text(out, value);
	buf_addf(out, "</%s>\n", name);
}

static void
element_word(struct buf *out, const char *name, const char *word)
{
	buf_addf(out, "<%s>%s</%s>\n", name, word, name);
}

static void
element_opt(struct buf *out, const char *name, struct str value)
{
	if (value.len > 0)
		element(out, name, value);
}

/* The schemas want all eight groups of an IPv6 address. */
static void
source_ip(struct buf *out, struct str text)
{
	struct net_addr a;
	if (!net_addr_parse(text, &a) || !a.is_ipv6) {
		element(out, "source_ip", text);
		return;
	}
	buf_add_cstr(out, "<source_ip>");
	for (size_t i = 0; i < 16; i += 2)
		buf_addf(out, "%s%x", i > 0 ? ":" : "",
		    (unsigned)a.bytes[i] << 8 | a.bytes[i + 1]);
	buf_add_cstr(out, "</source_ip>\n");
}

static void
metadata(struct buf *out, const struct dmarc_report *r)
{
	buf_add_cstr(out, "<report_metadata>\n");
	element(out, "org_name", r->org_name);
	element(out, "email", r->email);
	element_opt(out, "extra_contact_info", r->extra);
	element(out, "report_id", r->id);
	buf_addf(out,
	    "<date_range>\n<begin>%lld</begin>\n<end>%lld</end>\n"
	    "</date_range>\n</report_metadata>\n",
	    (long long)r->begin, (long long)r->end);
}

static void
policy(struct buf *out, const struct dmarc_report *r, enum report_form form)
{
	bool old = form == REPORT_RFC7489;
	buf_add_cstr(out, "<policy_published>\n");
	element(out, "domain", r->domain);
	element_word(out, "adkim", known(r->adkim, modes));
	element_word(out, "aspf", known(r->aspf, modes));
	element_word(out, "p", known(r->p, dispositions));
	if (old || r->sp.len > 0)
		element_word(out, "sp",
		    known(r->sp.len > 0 ? r->sp : r->p, dispositions));
	if (!old && r->np.len > 0)
		element_word(out, "np", known(r->np, dispositions));
	if (!old) {
		element_opt(out, "t", r->t);
		element_opt(out, "psd", r->psd);
		element_opt(out, "fo", r->fo);
		element_word(out, "discovery_method", "treewalk");
	} else {
		element(out, "pct", r->pct.len > 0 ? r->pct : STR("100"));
		element(out, "fo", r->fo.len > 0 ? r->fo : STR("0"));
	}
	buf_add_cstr(out, "</policy_published>\n");
}

static void
row(struct buf *out, const struct report_record *r, enum report_form form)
{
	buf_add_cstr(out, "<row>\n");
	source_ip(out, r->source_ip);
	buf_addf(out, "<count>%lld</count>\n<policy_evaluated>\n",
	    (long long)r->count);
	element_word(out, "disposition", known(r->disposition, dispositions));
	element_word(out, "dkim", known(r->dkim, verdicts));
	element_word(out, "spf", known(r->spf, verdicts));
	for (size_t i = 0; i < r->n_reasons; i++) {
		buf_add_cstr(out, "<reason>\n");
		element_word(out, "type",
		    known(r->reasons[i].domain,
			form == REPORT_RFC7489 ? reasons_7489 : reasons_9990));
		element_opt(out, "comment", r->reasons[i].selector);
		buf_add_cstr(out, "</reason>\n");
	}
	buf_add_cstr(out, "</policy_evaluated>\n</row>\n");
}

static void
results(struct buf *out, const struct report_record *r)
{
	buf_add_cstr(out, "<auth_results>\n");
	for (size_t i = 0; i < r->n_dkims; i++) {
		const struct report_result *k = &r->dkims[i];
		buf_add_cstr(out, "<dkim>\n");
		element(out, "domain", k->domain);
		element(out, "selector", k->selector);
		element_word(out, "result", known(k->result, dkim_results));
		element_opt(out, "human_result", k->human_result);
		buf_add_cstr(out, "</dkim>\n");
	}
	/* there is always one, and only one of RFC 9990 */
	const struct report_result none = { .domain = r->envelope_from };
	const struct report_result *k = r->n_spfs > 0 ? &r->spfs[0] : &none;
	buf_add_cstr(out, "<spf>\n");
	element(out, "domain", k->domain);
	element_word(out, "scope", known(k->selector, scopes));
	element_word(out, "result", known(k->result, spf_results));
	buf_add_cstr(out, "</spf>\n</auth_results>\n");
}

static void
record(struct buf *out, const struct report_record *r, enum report_form form)
{
	buf_add_cstr(out, "<record>\n");
	row(out, r, form);
	buf_add_cstr(out, "<identifiers>\n");
	element_opt(out, "envelope_to", r->envelope_to);
	element(out, "envelope_from", r->envelope_from);
	element(out, "header_from", r->header_from);
	buf_add_cstr(out, "</identifiers>\n");
	results(out, r);
	buf_add_cstr(out, "</record>\n");
}

bool
dmarc_report_write(
    struct buf *out, const struct dmarc_report *r, enum report_form form)
{
	buf_add_cstr(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	if (form == REPORT_RFC7489)
		buf_add_cstr(out, "<feedback>\n<version>1.0</version>\n");
	else
		buf_add_cstr(out,
		    "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n");
	metadata(out, r);
	policy(out, r, form);
	for (size_t i = 0; i < r->n_records; i++)
		record(out, &r->records[i], form);
	buf_add_cstr(out, "</feedback>\n");
	return !out->failed;
}
