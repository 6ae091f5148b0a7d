/* The record of a key as every authoritative server has it. */
#include "core/auth/dkim_base64.h"
#include "core/base/i18n.h"
#include "core/model/dkim_check.h"

enum {
	SERVERS_MAX = 32,
	DEADLINE_MS = 5000,
	DNS_PORT = 53,
	DER_MAX = 4096
};

struct server {
	struct str name;
	struct dns_server at;
};

struct servers {
	struct server list[SERVERS_MAX];
	size_t n;
};

/* The name servers of the zone that the domain is in. */
static const struct dns_answer *
zone_servers(struct dns *dns, struct arena *a, struct str domain)
{
	struct str rest = domain;
	const struct dns_answer *answer = NULL;
	while (rest.len > 0) {
		answer = dns_ask(dns, a, rest, DNS_NS, NULL);
		if (answer == NULL || answer->status == DNS_OK ||
		    !dns_is_answer(answer->status))
			return answer;
		str_cut(rest, '.', &rest);
	}
	return answer;
}

static void
find_servers(
    struct dns *dns, struct arena *a, struct str domain, struct servers *out)
{
	const struct dns_answer *ns = zone_servers(dns, a, domain);
	struct dns_question q[2 * SERVERS_MAX];
	out->n = 0;
	size_t names = ns != NULL && ns->status == DNS_OK ? ns->n : 0;
	if (names > SERVERS_MAX)
		names = SERVERS_MAX;
	for (size_t i = 0; i < names; i++) {
		struct str host = ns->records[i].as.host;
		q[2 * i] = (struct dns_question){ host, DNS_A, { 0 }, NULL };
		q[2 * i + 1] =
		    (struct dns_question){ host, DNS_AAAA, { 0 }, NULL };
	}
	dns_ask_all(dns, a, q, 2 * names);
	for (size_t i = 0; i < 2 * names; i++) {
		const struct dns_answer *addr = q[i].answer;
		for (size_t k = 0; addr != NULL && k < addr->n; k++) {
			if (addr->status != DNS_OK || out->n == SERVERS_MAX)
				break;
			out->list[out->n++] = (struct server){ q[i].name,
				{ addr->records[k].as.addr, DNS_PORT } };
		}
	}
}

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
		if (keys == 0)
			*record = r;
		keys++;
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
		findings_next(
		    f, "smemail dkim show %s --form registrar", own->domain);
	} else if (r->testing) {
		findings_add(f, FINDING_WARN, "record", label,
		    _("t=y: receivers treat the mail as unsigned"));
		findings_next(f, _("publish without t=y: smemail dkim show %s"),
		    own->domain);
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
		findings_next(f, "smemail dkim show %s", own->domain);
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
	findings_next(f, "smemail dkim show %s", own->domain);
	return true;
}

void
dkim_check_published(const struct model_ctx *m, const struct crypto *c,
    struct dns *dns, const struct dkim_own *own, struct findings *f,
    struct dkim_published *out)
{
	struct servers *s = ARENA_NEW(m->arena, struct servers);
	struct dns_question q[SERVERS_MAX];
	struct dkim_record record = { 0 };
	const struct dns_answer *known = NULL;
	struct str name = str_of(arena_printf(
	    m->arena, "%s._domainkey.%s", own->selector, own->domain));
	*out = (struct dkim_published){ 0 };
	find_servers(dns, m->arena, str_of(own->domain), s);
	for (size_t i = 0; i < s->n; i++)
		q[i] = (struct dns_question){ name, DNS_TXT,
			{ .deadline_ms = DEADLINE_MS,
			    .server = &s->list[i].at,
			    .no_chase = true },
			NULL };
	if (s->n == 0)
		q[0] = (struct dns_question){ name, DNS_TXT, { .fresh = true },
			NULL };
	size_t n = s->n > 0 ? s->n : 1;
	dns_ask_all(dns, m->arena, q, n);
	for (size_t i = 0; i < n; i++) {
		char addr[NET_ADDR_TEXT_SIZE];
		const char *who =
		    s->n == 0 ? N_("resolver")
			      : arena_printf(m->arena, "%.*s %s",
				    STR_ARG(s->list[i].name),
				    net_addr_format(&s->list[i].at.addr, addr));
		if (tell_server(m, c, own, q[i].answer, who, f, out, &record))
			known = q[i].answer;
	}
	if (s->n == 0)
		findings_add(f, FINDING_UNKNOWN, "servers", N_("servers"),
		    _("the authoritative servers could not be found out; the "
		      "resolver was asked instead"));
	if (known != NULL)
		tell_record(f, own, known, &record);
}
