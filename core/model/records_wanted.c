/* What a domain should publish. */
#include "core/auth/crypto.h"
#include "core/auth/facts.h"
#include "core/base/i18n.h"
#include "core/mail/path.h"
#include "core/model/dkim.h"
#include "core/model/records.h"

#include <string.h>

enum {
	SPF_TEXT_MAX = 4096,
	MX_PREFERENCE = 10
};

const char *
record_kind_word(enum record_kind k)
{
	static const char *const words[] = { "mx", "spf", "dkim", "dmarc",
		"tls-rpt", "mta-sts" };
	return words[k];
}

static void
row_add(struct records *r, enum record_kind kind, bool offered,
    const char *name, uint16_t type, struct str value)
{
	if (r->n < RECORDS_MAX)
		r->rows[r->n++] = (struct record_wanted){ kind, offered,
			str_of(name), type, value };
}

static void
note_add(struct records *r, const char *note)
{
	if (r->n_notes < RECORDS_MAX)
		r->notes[r->n_notes++] = note;
}

static void
key_add(const struct model_ctx *m, const struct crypto *crypto,
    enum crypto_kind kind, struct records *r)
{
	struct dkim_own own;
	struct str text;
	struct err why = ERR_INIT;
	const char *domain = arena_cstr(m->arena, r->domain);
	if (!dkim_own_find(
		m, crypto, DKIM_KEYS_DIR, domain, kind, &own, &why)) {
		if (kind == CRYPTO_RSA)
			note_add(r, arena_printf(m->arena, "DKIM: %s; %s",
					why.text, why.next));
		return;
	}
	if (dkim_own_record(m, crypto, &own, false, &text, &why))
		row_add(r, RECORD_DKIM, false,
		    arena_printf(
			m->arena, "%s._domainkey.%s", own.selector, own.domain),
		    DNS_TXT, text);
	else
		note_add(r, arena_cstr(m->arena, str_of(why.text)));
	dkim_own_clear(crypto, &own);
}

static void
keys_add(const struct model_ctx *m, struct records *r)
{
	struct err why = ERR_INIT;
	const struct crypto *crypto = crypto_load(&why);
	if (crypto == NULL) {
		note_add(r, arena_cstr(m->arena, str_of(why.text)));
		return;
	}
	key_add(m, crypto, CRYPTO_RSA, r);
	key_add(m, crypto, CRYPTO_ED25519, r);
}

/*
 * mx and a as the tool of the server has it, then the addresses mail really
 * leaves from, and the smarthost.
 */
static void
spf_add(const struct model_ctx *m, struct records *r)
{
	char addr[NET_ADDR_TEXT_SIZE];
	struct buf text = BUF_INIT(SPF_TEXT_MAX);
	struct net_addr literal;
	(void)buf_add_cstr(&text, "v=spf1 mx a");
	for (size_t i = 0; i < r->own.n; i++) {
		const struct own_address *o = &r->own.addresses[i];
		if (o->source == OWN_SMARTHOST)
			continue;
		(void)buf_addf(&text, " %s:%s", o->addr.is_ipv6 ? "ip6" : "ip4",
		    net_addr_format(&o->addr, addr));
	}
	struct str relay = r->own.names.smarthost;
	if (net_addr_parse(relay, &literal))
		(void)buf_addf(&text, " %s:%.*s",
		    literal.is_ipv6 ? "ip6" : "ip4", STR_ARG(relay));
	else if (relay.len > 0)
		(void)buf_addf(&text, " a:%.*s", STR_ARG(relay));
	(void)buf_add_cstr(&text, " -all");
	row_add(r, RECORD_SPF, false, arena_cstr(m->arena, r->domain), DNS_TXT,
	    arena_str(m->arena, buf_str(&text)));
	buf_clear(&text);
	if (relay.len > 0)
		note_add(r, arena_printf(m->arena,
				_("SPF: mail leaves by the smarthost %.*s; if "
				  "its operator names a record to include, "
				  "write include:THAT in place of "
				  "a:%.*s"),
				STR_ARG(relay), STR_ARG(relay)));
	if (r->own.unknown.len > 0)
		note_add(r, arena_printf(m->arena,
				_("SPF: own addresses could not all be asked "
				  "for: %.*s"),
				STR_ARG(r->own.unknown)));
	if (r->own.n == 0 || r->own.behind_nat)
		note_add(r, _("SPF: the public address is not known for sure "
			      "(address translation): set the record "
			      "ExternalIP if it is missing"));
}

static void
policies_add(const struct model_ctx *m, struct records *r)
{
	struct arena *a = m->arena;
	const char *d = arena_cstr(a, r->domain);
	row_add(r, RECORD_DMARC, false, arena_printf(a, "_dmarc.%s", d),
	    DNS_TXT,
	    str_of(arena_printf(a,
		"v=DMARC1; p=none; adkim=s; aspf=r; "
		"rua=mailto:dmarc-feedback@%s; pct=100",
		d)));
	note_add(r, arena_printf(a,
			_("DMARC: dmarc-feedback@%s must exist, as a "
			  "pseudonym or a user, or be changed"),
			d));
	if (r->own.names.helo.len > 0)
		row_add(r, RECORD_MX, true, d, DNS_MX,
		    str_of(arena_printf(a, "%d %.*s", MX_PREFERENCE,
			STR_ARG(r->own.names.helo))));
	row_add(r, RECORD_TLS_RPT, true, arena_printf(a, "_smtp._tls.%s", d),
	    DNS_TXT,
	    str_of(arena_printf(a, "v=TLSRPTv1; rua=mailto:postmaster@%s", d)));
	/* RFC 8461 3.1: the id changes with the policy; the day is enough */
	char today[CLOCK_RFC3339_SIZE];
	clock_rfc3339(clock_wall_s(m->clock), today);
	row_add(r, RECORD_MTA_STS, true, arena_printf(a, "_mta-sts.%s", d),
	    DNS_TXT,
	    str_of(arena_printf(
		a, "v=STSv1; id=%.4s%.2s%.2s01", today, today + 5, today + 8)));
	note_add(r, arena_printf(a,
			_("MTA-STS needs a web site as well: "
			  "https://mta-sts.%s/.well-known/mta-sts.txt with "
			  "the lines version: STSv1, mode: testing, mx: %.*s, "
			  "max_age: 604800"),
			d, STR_ARG(r->own.names.host)));
}

bool
records_wanted(const struct model_ctx *m, struct dns *dns, const char *domain,
    struct records *out, struct err *e)
{
	*out = (struct records){ .n = 0 };
	if (!own_read(m, dns, &out->own, e))
		return false;
	out->domain = out->own.names.domain;
	if (domain == NULL && out->domain.len == 0) {
		err_set(e, ERR_USAGE, "%s",
		    _("this server has no primary domain; name one"));
		return err_next(e, "smemail dns print DOMAIN");
	}
	/* folders of keys have the name of the domain: it must be a plain one
	 */
	if (domain != NULL &&
	    (!fact_domain_parse(m->arena, domain, &out->domain, NULL) ||
		!mail_domain_is_valid(out->domain)))
		return err_set(
		    e, ERR_USAGE, _("'%s' is no domain name"), domain);
	keys_add(m, out);
	spf_add(m, out);
	policies_add(m, out);
	return true;
}

struct str
record_value_quoted(struct arena *a, const struct record_wanted *r)
{
	if (r->type != DNS_TXT)
		return str_of(arena_printf(a, "%.*s.", STR_ARG(r->value)));
	return dkim_record_quoted(a, r->value, " ");
}
