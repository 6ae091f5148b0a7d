/* The record of a key as every authoritative server has it. */
#include "core/auth/dkim_base64.h"
#include "core/base/i18n.h"
#include "core/dns/authority.h"
#include "core/model/dkim_check.h"

enum {
	DEADLINE_MS = 5000,
	DER_MAX = 4096
};

/* What is wrong with the records of an answer, or DKIM_OK. */
static enum dkim_reason
compare(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_own *own, const struct dns_answer *answer,
    struct dkim_record *record)
{
	struct buf der = BUF_INIT(DER_MAX);
	size_t keys = 0;
	enum dkim_reason reason = DKIM_NO_KEY;
	bool written = c->key_write_der(own->key, &der, NULL);
	for (size_t i = 0; written && i < answer->n; i++) {
		struct dkim_record r;
		dkim_record_parse(answer->records[i].as.txt.text, m->arena, &r);
		bool is_key =
		    r.problem == DKIM_OK || r.problem == DKIM_KEY_REVOKED;
		/* receivers leave out what is none, a wildcard's text say */
		if (keys > 0 && !is_key)
			continue;
		*record = r;
		keys += is_key;
		if (r.problem != DKIM_OK)
			reason = r.problem;
		else if (str_eq(r.key, buf_str(&der)))
			reason = DKIM_OK;
		else
			reason = DKIM_HEADER_CHANGED; /* another key */
	}
	buf_clear(&der);
	return keys > 1 ? DKIM_KEY_SEVERAL : reason;
}

static void
tell_record(struct findings *f, const struct dkim_own *own,
    const struct dns_answer *answer, const struct dkim_record *r)
{
	static const char *const label = N_("record");
	size_t strings = answer->records[0].as.txt.n;
	if (r->p_tags > 1) {
		findings_add(f, FINDING_FAIL, "record", label,
		    _("p= is written %zu times: the form's \"p=\" and that of "
		      "the value pasted"),
		    r->p_tags);
		findings_next(f, "smemail dkim show %s%s --form registrar",
		    own->domain, dkim_own_option(own));
	} else if (r->testing) {
		findings_add(f, FINDING_WARN, "record", label,
		    _("t=y: receivers treat the mail as unsigned"));
		findings_next(f,
		    _("publish without t=y: smemail dkim show %s%s"),
		    own->domain, dkim_own_option(own));
	} else {
		findings_add(f, FINDING_OK, "record", label,
		    P_("%s, no t=y, one string", "%s, no t=y, %zu strings",
			strings),
		    r->version.len > 0 ? "v=DKIM1" : _("without v="), strings);
	}
	if (!r->for_mail)
		findings_add(f, FINDING_FAIL, "service", N_("service"),
		    _("s= does not allow mail"));
	if (!r->any_hash && !r->sha256)
		findings_add(f, FINDING_FAIL, "digest", N_("digest"),
		    _("h= does not allow sha256"));
}

/* One server's word; its finding. */
static bool
tell_server(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_own *own, const struct dns_answer *answer,
    const char *who, struct findings *f, struct dkim_published *p,
    struct dkim_record *record)
{
	p->servers++;
	if (answer == NULL || !dns_is_answer(answer->status)) {
		p->unreachable++;
		findings_add(f, FINDING_UNKNOWN, "server", who,
		    _("could not be asked: %s"),
		    answer == NULL ? _("out of memory")
		    : answer->reason.len > 0
			? arena_cstr(m->arena, answer->reason)
			: dns_status_text(answer->status));
		return false;
	}
	if (answer->status != DNS_OK) {
		findings_add(f, FINDING_FAIL, "server", who,
		    _("no key at %s._domainkey.%s: %s"), own->selector,
		    own->domain, dns_status_text(answer->status));
		return false;
	}
	enum dkim_reason reason = compare(m, c, own, answer, record);
	if (reason == DKIM_OK) {
		p->right++;
		findings_add(f, FINDING_OK, "server", who,
		    _("%s._domainkey: p= equals the key file"), own->selector);
		return true;
	}
	findings_add(f, FINDING_FAIL, "server", who, "%s",
	    reason == DKIM_HEADER_CHANGED
		? _("p= is another key than that of the key file")
		: dkim_reason_text(reason));
	return true;
}

void
dkim_check_published(const struct model_ctx *m, const struct crypto *c,
    struct dns *dns, const struct dkim_own *own, struct findings *f,
    struct dkim_published *out)
{
	struct dns_authority *s = ARENA_NEW(m->arena, struct dns_authority);
	struct dns_question q[DNS_AUTHORITY_MAX];
	struct dkim_record record = { 0 };
	const struct dns_answer *known = NULL;
	struct str name = str_of(arena_printf(
	    m->arena, "%s._domainkey.%s", own->selector, own->domain));
	*out = (struct dkim_published){ 0 };
	bool found = dns_authority_find(dns, m->arena, str_of(own->domain), s);
	for (size_t i = 0; i < s->n; i++)
		q[i] = (struct dns_question){ name, DNS_TXT,
			{ .deadline_ms = DEADLINE_MS,
			    .server = &s->servers[i].at,
			    .no_chase = true },
			NULL };
	if (!found)
		q[0] = (struct dns_question){ name, DNS_TXT, { .fresh = true },
			NULL };
	size_t n = found ? s->n : 1;
	dns_authority_ask_all(dns, m->arena, q, n);
	for (size_t i = 0; i < n; i++) {
		const char *who = found ? s->servers[i].shown : N_("resolver");
		if (tell_server(m, c, own, q[i].answer, who, f, out, &record))
			known = q[i].answer;
	}
	if (!found)
		findings_add(f, FINDING_UNKNOWN, "servers", N_("servers"),
		    _("the authoritative servers could not be found out; the "
		      "resolver was asked instead"));
	if (known != NULL)
		tell_record(f, own, known, &record);
}
