/* tls probe: versions, chain, DANE. */
#include "core/base/i18n.h"
#include "core/model/probe_int.h"

#include <errno.h>
#include <string.h>

enum {
	LINE_MAX_BYTES = 4096,
	LINES_MAX = 32,
	TLSA_MAX = 16
};

static const struct {
	uint16_t port;
	const char *protocol;
} usual[] = {
	{ 25, "smtp" },
	{ 587, "smtp" },
	{ 143, "imap" },
	{ 110, "pop3" },
};

static const char *
protocol_of(uint16_t port)
{
	for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
		if (usual[i].port == port)
			return usual[i].protocol;
	}
	return "tls";
}

/* Lines until one begins with a word of the list; false at any other end. */
static bool
read_until(struct probe *p, const char *good, const char *wrong, struct err *e)
{
	for (int i = 0; i < LINES_MAX; i++) {
		struct str line = STR_EMPTY;
		if (!stream_read_line(&p->stream, LINE_MAX_BYTES, &line, e))
			return false;
		if (str_starts_nocase(line, str_of(good)))
			return true;
		if (str_starts_nocase(line, str_of(wrong)))
			return err_set(e, ERR_NO, "%.*s",
			    (int)(line.len < 200 ? line.len : 200), line.ptr);
	}
	return err_set(e, ERR_PERMANENT,
	    _("the peer does not speak the protocol that was expected"));
}

/* STARTTLS of the mail protocols, without findings. */
static bool
begin_clear(struct probe *p, const char *protocol, struct err *e)
{
	struct smtp_answer a;
	if (strcmp(protocol, "imap") == 0)
		return read_until(p, "* OK", "* BYE", e) &&
		       stream_write(&p->stream, STR("a STARTTLS\r\n"), e) &&
		       read_until(p, "a OK", "a ", e);
	if (strcmp(protocol, "pop3") == 0)
		return read_until(p, "+OK", "-ERR", e) &&
		       stream_write(&p->stream, STR("STLS\r\n"), e) &&
		       read_until(p, "+OK", "-ERR", e);
	if (strcmp(protocol, "smtp") != 0)
		return true;
	const char *hello = arena_printf(p->m->arena, "EHLO %s", p->own_name);
	bool ok = smtp_client_answer(&p->stream, p->m->arena, &a, e) &&
		  (a.code == 220 || err_set(e, ERR_NO, "%u %.*s", a.code,
					STR_ARG(a.lines[0]))) &&
		  smtp_client_ask(&p->stream, p->m->arena, hello, &a, e) &&
		  smtp_client_ask(&p->stream, p->m->arena, "STARTTLS", &a, e);
	if (ok && a.code != 220)
		return err_set(e, ERR_NO,
		    _("the peer refuses STARTTLS: %u %.*s"), a.code,
		    STR_ARG(a.lines[0]));
	return ok;
}

/*
 * What a client without SNI is shown: older mail servers send none (RFC 6066
 * 3, RFC 7672 8.1).
 */
static void
without_sni(struct probe *p, const char *protocol)
{
	static const char *const label = "SNI";
	struct err e = ERR_INIT;
	struct net_addr addr;
	struct probe one = *p;
	struct tls_facts facts = { 0 };
	const struct tls_calls *calls = tls_load(&e);
	struct tls_wish wish = { .name = p->host, .no_sni = true };
	if (calls == NULL || p->tls.n_chain == 0 ||
	    net_addr_parse(str_of(p->host), &addr))
		return;
	stream_init(&one.stream, p->m->clock, p->deadline_ms);
	bool reached = stream_connect(&one.stream, &p->addr, p->port, &e) &&
		       begin_clear(&one, protocol, &e);
	bool ok = reached && stream_tls(&one.stream, calls, &wish, &e) &&
		  calls->facts(one.stream.tls, p->m->arena, &facts, &e) &&
		  facts.n_chain > 0;
	stream_close(&one.stream);
	if (!ok && (!reached || e.sys_errno == ETIMEDOUT))
		findings_add(p->f, FINDING_UNKNOWN, "sni", label,
		    _("could not be tested: %s"), e.text);
	else if (!ok)
		findings_add(p->f, FINDING_WARN, "sni", label,
		    _("clients that name no host get no TLS: %s"), e.text);
	else if (memcmp(facts.chain[0].sha256, p->tls.chain[0].sha256,
		     TLS_SHA256_BYTES) == 0)
		findings_add(p->f, FINDING_OK, "sni", label,
		    _("the same certificate without it"));
	else
		findings_add(p->f,
		    facts.name_matches ? FINDING_OK : FINDING_WARN, "sni",
		    label, _("another certificate without it: %.*s"),
		    STR_ARG(facts.chain[0].subject));
}

/*
 * One more connection that allows only this version. False when it is not
 * taken; *e is set to ERR_TEMPORARY when nothing can be told.
 */
static bool
takes_version(
    struct probe *p, const char *protocol, uint16_t version, struct err *e)
{
	struct probe one = *p;
	const struct tls_calls *calls = tls_load(e);
	struct tls_wish wish = {
		.name = p->host, .min_version = version, .max_version = version
	};
	stream_init(&one.stream, p->m->clock, p->deadline_ms);
	bool reached = calls != NULL &&
		       stream_connect(&one.stream, &p->addr, p->port, e) &&
		       begin_clear(&one, protocol, e);
	bool ok = reached && stream_tls(&one.stream, calls, &wish, e);
	stream_close(&one.stream);
	/* to break off is how many refuse a version; silence is none */
	if (!ok)
		e->code = reached && e->sys_errno != ETIMEDOUT ? ERR_NO
							       : ERR_TEMPORARY;
	return ok;
}

static void
versions(struct probe *p, const char *protocol)
{
	static const char *const label = N_("versions");
	static const struct {
		uint16_t version;
		const char *name;
		bool old;
	} all[] = {
		{ TLS_1_3, "TLSv1.3", false },
		{ TLS_1_2, "TLSv1.2", false },
		{ TLS_1_1, "TLSv1.1", true },
		{ TLS_1_0, "TLSv1", true },
	};
	struct buf text = BUF_INIT(256);
	bool old = false;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct err e = ERR_INIT;
		if (takes_version(p, protocol, all[i].version, &e)) {
			buf_addf(&text, "%s%s", text.len > 0 ? ", " : "",
			    all[i].name);
			old = old || all[i].old;
		} else if (e.code == ERR_TEMPORARY) {
			findings_add(p->f, FINDING_UNKNOWN, "versions", label,
			    _("%s: could not be tested: %s"), all[i].name,
			    e.text);
		}
	}
	if (text.len > 0)
		findings_add(p->f, old ? FINDING_WARN : FINDING_OK, "versions",
		    label,
		    old ? _("%s: the old ones are broken, mail servers still "
			    "keep them")
			: "%s",
		    buf_cstr(&text));
	buf_clear(&text);
}

/* TLSA records of the port, if any (RFC 7672). */
static size_t
tlsa_records(struct probe *p, struct tls_tlsa out[TLSA_MAX], bool *validated)
{
	struct net_addr addr;
	size_t n = 0;
	if (net_addr_parse(str_of(p->host), &addr))
		return 0;
	struct str name =
	    str_of(arena_printf(p->m->arena, "_%u._tcp.%s", p->port, p->host));
	const struct dns_answer *a =
	    dns_ask(p->dns, p->m->arena, name, DNS_TLSA, NULL);
	if (a == NULL || (!dns_is_answer(a->status))) {
		findings_add(p->f, FINDING_UNKNOWN, "dane", "DANE",
		    _("TLSA could not be asked for: %s"),
		    a == NULL ? _("out of memory")
			      : dns_status_text(a->status));
		return 0;
	}
	*validated = a->validated;
	for (size_t i = 0; a->status == DNS_OK && i < a->n && n < TLSA_MAX; i++)
		out[n++] = (struct tls_tlsa){ a->records[i].as.tlsa.usage,
			a->records[i].as.tlsa.selector,
			a->records[i].as.tlsa.matching,
			a->records[i].as.tlsa.data };
	if (n == 0)
		findings_add(
		    p->f, FINDING_INFO, "dane", "DANE", _("no TLSA record"));
	return n;
}

/* Mail looks at usages 2 and 3 alone (RFC 7672 3.1.3). */
static size_t
keep_those_of_mail(struct tls_tlsa *records, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (records[i].usage == 2 || records[i].usage == 3)
			records[kept++] = records[i];
	return kept;
}

static void
dane(struct probe *p, const char *protocol)
{
	struct tls_tlsa records[TLSA_MAX];
	struct err e = ERR_INIT;
	struct tls_facts facts = { 0 };
	bool validated = false;
	size_t n = tlsa_records(p, records, &validated);
	const struct tls_calls *calls = tls_load(&e);
	if (n > 0 && strcmp(protocol, "smtp") == 0) {
		n = keep_those_of_mail(records, n);
		if (n == 0)
			findings_add(p->f, FINDING_WARN, "dane", "DANE",
			    _("TLSA records of usage 0 or 1 only: mail "
			      "servers do not look at them"));
	}
	if (n == 0 || calls == NULL)
		return;
	struct probe one = *p;
	struct tls_wish wish = {
		.name = p->host, .tlsa = records, .n_tlsa = n
	};
	stream_init(&one.stream, p->m->clock, p->deadline_ms);
	bool ok = stream_connect(&one.stream, &p->addr, p->port, &e) &&
		  begin_clear(&one, protocol, &e) &&
		  stream_tls(&one.stream, calls, &wish, &e) &&
		  calls->facts(one.stream.tls, p->m->arena, &facts, &e);
	stream_close(&one.stream);
	if (!ok)
		findings_add(
		    p->f, FINDING_UNKNOWN, "dane", "DANE", "%s", e.text);
	else if (!facts.by_dane)
		findings_add(p->f, FINDING_FAIL, "dane", "DANE",
		    _("no TLSA record fits the certificate: senders that "
		      "check DANE refuse to deliver"));
	else
		findings_add(p->f, validated ? FINDING_OK : FINDING_WARN,
		    "dane", "DANE",
		    validated
			? _("a TLSA record (usage %d) fits")
			: _("a TLSA record (usage %d) fits, but the resolver "
			    "does not tell that DNSSEC vouches for it"),
		    facts.dane_usage);
}

void
probe_tls(struct probe *p, const char *protocol)
{
	struct err e = ERR_INIT;
	struct tls_wish wish = {
		.name = p->host, .verify = true, .trusted = p->trusted
	};
	if (protocol == NULL)
		protocol = protocol_of(p->port);
	bool ok = probe_connect(p, &e);
	if (ok && !begin_clear(p, protocol, &e)) {
		findings_add(p->f, probe_state_of(&e), "starttls", "STARTTLS",
		    _("%s: %s"), protocol, e.text);
		ok = false;
	}
	ok = ok && probe_tls_begin(p, &wish, &e);
	probe_close(p);
	if (!ok)
		return;
	probe_tls_findings(p);
	versions(p, protocol);
	without_sni(p, protocol);
	dane(p, protocol);
	if (strcmp(protocol, "smtp") == 0)
		probe_sts(p);
}
