/* What should be published against what is, at every name server. */
#include "core/auth/dkim.h"
#include "core/auth/dmarc.h"
#include "core/auth/spf.h"
#include "core/base/i18n.h"
#include "core/dns/authority.h"
#include "core/model/records.h"

/* One record at one server. */
struct seen {
	const struct model_ctx *m;
	const struct records *want;
	const struct record_wanted *row;
	const struct dns_answer *answer;
	const char *who; /* the server, as shown */
	struct findings *f;
};

/* Is this one of the texts that the record is about? */
static bool
is_of_kind(enum record_kind kind, struct str text)
{
	switch (kind) {
	case RECORD_SPF:
		return str_starts_nocase(text, STR("v=spf1")) &&
		       (text.len == 6 || text.ptr[6] == ' ');
	case RECORD_DMARC:
		return dmarc_record_is(text);
	case RECORD_TLS_RPT:
		return str_starts(text, STR("v=TLSRPTv1"));
	case RECORD_MTA_STS:
		return str_starts(text, STR("v=STSv1"));
	case RECORD_DKIM:
	case RECORD_MX:
		break;
	}
	return true;
}

/* The texts of the kind; how many, and the first. */
static size_t
texts_of(const struct seen *s, struct str *first)
{
	size_t n = 0;
	for (size_t i = 0; i < s->answer->n; i++) {
		struct str text = s->answer->records[i].as.txt.text;
		if (!is_of_kind(s->row->kind, text))
			continue;
		if (n++ == 0)
			*first = text;
	}
	return n;
}

static void
tell(const struct seen *s, enum finding_state state, const char *text)
{
	findings_add(s->f, state, record_kind_word(s->row->kind),
	    record_kind_word(s->row->kind), _("%s: %s"), s->who, text);
}

static void
tell_missing(const struct seen *s)
{
	tell(s, s->row->offered ? FINDING_INFO : FINDING_FAIL,
	    arena_printf(
		s->m->arena, _("nothing at %.*s"), STR_ARG(s->row->name)));
	findings_next(s->f, "smemail dns print %.*s", STR_ARG(s->want->domain));
}

/* Keys are compared as keys, whatever the blanks and tags around them. */
static void
check_key(const struct seen *s, struct str text)
{
	struct dkim_record have, want;
	dkim_record_parse(text, s->m->arena, &have);
	dkim_record_parse(s->row->value, s->m->arena, &want);
	if (have.problem != DKIM_OK)
		tell(s, FINDING_FAIL, dkim_reason_text(have.problem));
	else if (!str_eq(have.key, want.key))
		tell(s, FINDING_FAIL,
		    _("another key than that of the key file"));
	else if (have.testing)
		tell(s, FINDING_WARN,
		    _("the key is right, but t=y: receivers treat the mail as "
		      "unsigned"));
	else
		tell(s, FINDING_OK, _("the key of the key file"));
}

/*
 * Owners write their own record: it is right when it lets this server send.
 * Includes are asked of the resolver.
 */
static const char *
spf_forgets(const struct seen *s, struct dns *dns, struct str record)
{
	struct arena *a = s->m->arena;
	const struct spf_given given = { .record = record };
	for (size_t i = 0; i < s->want->own.n; i++) {
		struct facts facts;
		struct spf_outcome out;
		char addr[NET_ADDR_TEXT_SIZE];
		struct spf_request r = {
			.ip = s->want->own.addresses[i].addr,
			.sender = str_of(arena_printf(
			    a, "postmaster@%.*s", STR_ARG(s->want->domain))),
			.helo = s->want->own.names.helo,
			.receiver = s->want->own.names.host,
			.now_s = clock_wall_s(s->m->clock),
			.ahead = true,
			.given = &given,
			.n_given = 1,
		};
		/* a smarthost's address need not be the one it sends from */
		if (s->want->own.addresses[i].source == OWN_SMARTHOST)
			continue;
		facts_init(&facts, a);
		spf_check_wait(&r, &facts, a, dns, NULL, &out);
		facts_clear(&facts);
		if (out.result != SPF_PASS)
			return arena_printf(a, _("mail from %s gives %s"),
			    net_addr_format(&r.ip, addr),
			    spf_result_word(out.result));
	}
	return NULL;
}

static void
check_spf(const struct seen *s, struct dns *dns, struct str text)
{
	if (str_eq_nocase(text, s->row->value)) {
		tell(s, FINDING_OK, _("as proposed"));
		return;
	}
	const char *forgotten = spf_forgets(s, dns, text);
	if (forgotten == NULL && s->want->own.n == 0)
		tell(s, FINDING_UNKNOWN,
		    _("a record of its own; the address of this server is not "
		      "known, so whether it may send cannot be told"));
	else if (forgotten == NULL)
		tell(s, FINDING_OK,
		    _("a record of its own, it lets this server send"));
	else
		tell(s, FINDING_FAIL, forgotten);
	if (forgotten != NULL)
		findings_next(
		    s->f, "smemail spf tree %.*s", STR_ARG(s->want->domain));
}

static void
check_dmarc(const struct seen *s, struct str text)
{
	struct dmarc_record *r = ARENA_NEW(s->m->arena, struct dmarc_record);
	if (str_eq(text, s->row->value))
		tell(s, FINDING_OK, _("as proposed"));
	else if (r == NULL || !dmarc_record_parse(text, r))
		tell(s, FINDING_FAIL, _("a record that cannot be read"));
	else
		tell(s, FINDING_OK, _("a record of its own"));
}

static void
check_mx(const struct seen *s)
{
	struct str host = s->want->own.names.helo;
	for (size_t i = 0; i < s->answer->n; i++) {
		if (str_eq_nocase(s->answer->records[i].as.mx.host, host)) {
			tell(s, FINDING_OK, _("names this server"));
			return;
		}
	}
	tell(s, FINDING_INFO,
	    arena_printf(s->m->arena, _("mail goes to %.*s, not to %.*s"),
		STR_ARG(s->answer->records[0].as.mx.host), STR_ARG(host)));
}

static void
check_text(const struct seen *s, struct dns *dns)
{
	struct str text = STR_EMPTY;
	size_t n = texts_of(s, &text);
	if (n == 0) {
		tell_missing(s);
		return;
	}
	if (n > 1) {
		tell(s, FINDING_FAIL,
		    arena_printf(s->m->arena,
			_("%zu records where one belongs: receivers use none"),
			n));
		return;
	}
	switch (s->row->kind) {
	case RECORD_DKIM:
		check_key(s, text);
		break;
	case RECORD_SPF:
		check_spf(s, dns, text);
		break;
	case RECORD_DMARC:
		check_dmarc(s, text);
		break;
	case RECORD_TLS_RPT:
	case RECORD_MTA_STS:
		tell(s, FINDING_OK, _("published"));
		break;
	case RECORD_MX:
		break;
	}
}

static void
check_one(const struct seen *s, struct dns *dns)
{
	if (!dns_is_answer(s->answer->status))
		tell(s, FINDING_UNKNOWN,
		    arena_printf(s->m->arena, _("could not be asked: %.*s"),
			STR_ARG(s->answer->reason)));
	else if (s->answer->status != DNS_OK)
		tell_missing(s);
	else if (s->row->type == DNS_MX)
		check_mx(s);
	else
		check_text(s, dns);
}

/* Servers of one zone that differ: the last change has not reached all. */
static void
check_serials(const struct dns_authority *auth, const struct dns_question *soa,
    struct findings *f)
{
	uint32_t newest = 0;
	for (size_t i = 0; i < auth->n; i++) {
		const struct dns_answer *answer = soa[i].answer;
		/* serial numbers wrap, RFC 1982 */
		if (answer->status == DNS_OK &&
		    (int32_t)(answer->records[0].as.soa.serial - newest) > 0)
			newest = answer->records[0].as.soa.serial;
	}
	for (size_t i = 0; i < auth->n; i++) {
		const struct dns_answer *answer = soa[i].answer;
		if (answer->status != DNS_OK)
			continue;
		uint32_t serial = answer->records[0].as.soa.serial;
		if (!answer->authoritative)
			findings_add(f, FINDING_WARN, "server", N_("server"),
			    _("%s is not authoritative for %.*s"),
			    auth->servers[i].shown, STR_ARG(auth->zone));
		else if (serial != newest)
			findings_add(f, FINDING_WARN, "serial", N_("serial"),
			    _("%s has serial %lu, others %lu"),
			    auth->servers[i].shown, (unsigned long)serial,
			    (unsigned long)newest);
	}
}

/* Each record and the SOA of each server, all at once. */
static void
servers_check(const struct model_ctx *m, struct dns *dns,
    const struct records *want, const struct dns_authority *auth,
    int64_t deadline_ms, struct findings *f)
{
	size_t each = want->n + 1;
	struct dns_question *q =
	    ARENA_ARRAY(m->arena, each * auth->n, struct dns_question);
	for (size_t i = 0; i < each * auth->n; i++) {
		size_t row = i / auth->n;
		q[i].name = row < want->n ? want->rows[row].name : auth->zone;
		q[i].type = row < want->n ? want->rows[row].type : DNS_SOA;
		q[i].how = (struct dns_how){ .deadline_ms = deadline_ms,
			.server = &auth->servers[i % auth->n].at,
			.no_chase = true };
	}
	dns_authority_ask_all(dns, m->arena, q, each * auth->n);
	for (size_t i = 0; i < want->n * auth->n; i++) {
		struct seen s = { m, want, &want->rows[i / auth->n],
			q[i].answer, auth->servers[i % auth->n].shown, f };
		check_one(&s, dns);
	}
	check_serials(auth, q + want->n * auth->n, f);
}

/* Without the authoritative servers: what the resolver knows. */
static void
resolver_check_all(const struct model_ctx *m, struct dns *dns,
    const struct records *want, int64_t deadline_ms, struct findings *f)
{
	struct dns_question q[RECORDS_MAX] = { { .type = 0 } };
	for (size_t i = 0; i < want->n; i++) {
		q[i].name = want->rows[i].name;
		q[i].type = want->rows[i].type;
		q[i].how.deadline_ms = deadline_ms;
		q[i].how.fresh = true;
	}
	dns_ask_all(dns, m->arena, q, want->n);
	for (size_t i = 0; i < want->n; i++) {
		struct seen s = { m, want, &want->rows[i], q[i].answer,
			_("resolver"), f };
		check_one(&s, dns);
	}
}

bool
records_check(const struct model_ctx *m, struct dns *dns,
    const struct records *want, int64_t deadline_ms, struct findings *f,
    struct err *e)
{
	struct dns_authority *auth = ARENA_NEW(m->arena, struct dns_authority);
	if (auth == NULL)
		return err_no_memory(e);
	bool found = dns_authority_find(dns, m->arena, want->domain, auth);
	if (auth->no_domain)
		findings_add(f, FINDING_FAIL, "domain", N_("domain"),
		    _("%.*s does not exist: it is not registered, has run out, "
		      "or nothing is published for it"),
		    STR_ARG(want->domain));
	if (found) {
		servers_check(m, dns, want, auth, deadline_ms, f);
		return true;
	}
	findings_add(f, FINDING_UNKNOWN, "servers", N_("servers"),
	    _("the authoritative servers of %.*s are not known (%.*s); the "
	      "resolver was asked instead"),
	    STR_ARG(want->domain), STR_ARG(auth->reason));
	resolver_check_all(m, dns, want, deadline_ms, f);
	return true;
}
