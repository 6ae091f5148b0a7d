/* What all probes share: the target, the connection, TLS. */
#include "core/model/probe_int.h"

#include "core/base/i18n.h"
#include "core/model/moment.h"
#include "core/base/num.h"
#include "core/mail/path.h"

#include <errno.h>
#include <string.h>

enum {
	DAY_S = 86400,
	EXPIRES_SOON_DAYS = 14,
	RSA_BITS_MIN = 2048
};

bool
probe_target(struct probe *p, const char *text, uint16_t port, struct err *e)
{
	struct str host = str_of(text), rest = STR_EMPTY;
	struct net_addr addr;
	uint64_t n = port;
	if (host.len > 0 && host.ptr[0] == '[') {
		host = str_cut(str_sub(host, 1, host.len), ']', &rest);
		if (rest.len > 0 && rest.ptr[0] == ':')
			rest = str_sub(rest, 1, rest.len);
	} else if (!net_addr_parse(host, &addr)) {
		host = str_cut(host, ':', &rest);
	}
	if (rest.len > 0 && (!num_parse_u64(rest, UINT16_MAX, &n) || n == 0))
		return err_set(
		    e, ERR_USAGE, _("'%s' has no port from 1 to 65535"), text);
	if (!net_addr_parse(host, &addr) && !mail_domain_is_valid(host))
		return err_set(e, ERR_USAGE,
		    _("'%s' is no host name and no address"), text);
	p->host = arena_cstr(p->m->arena, host);
	p->port = (uint16_t)n;
	return true;
}

enum finding_state
probe_state_of(const struct err *e)
{
	return e->code == ERR_TEMPORARY ? FINDING_UNKNOWN : FINDING_FAIL;
}

enum finding_state
probe_state_of_code(unsigned code)
{
	return code / 100 == 4 ? FINDING_UNKNOWN : FINDING_FAIL;
}

static size_t
addresses(
    struct probe *p, struct net_addr out[PROBE_ADDRESSES_MAX], struct err *e)
{
	struct dns_question q[2] = {
		{ str_of(p->host), DNS_A, { 0 }, NULL },
		{ str_of(p->host), DNS_AAAA, { 0 }, NULL },
	};
	size_t n = 0;
	if (net_addr_parse(str_of(p->host), &out[0]))
		return 1;
	dns_ask_all(p->dns, p->m->arena, q, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct dns_answer *a = q[i].answer;
		for (size_t k = 0; a != NULL && a->status == DNS_OK &&
				   k < a->n && n < PROBE_ADDRESSES_MAX;
		     k++)
			out[n++] = a->records[k].as.addr;
	}
	if (n > 0)
		return n;
	const struct dns_answer *a = q[0].answer;
	bool known = a != NULL && dns_is_answer(a->status);
	err_set(e, known ? ERR_NO : ERR_TEMPORARY,
	    known ? _("%s has no address: %s") : _("%s: not resolved: %s"),
	    p->host,
	    a == NULL ? _("out of memory") : dns_status_text(a->status));
	findings_add(
	    p->f, probe_state_of(e), "address", N_("address"), "%s", e->text);
	return 0;
}

bool
probe_connect(struct probe *p, struct err *e)
{
	struct net_addr addr[PROBE_ADDRESSES_MAX];
	size_t n = addresses(p, addr, e);
	char shown[NET_ADDR_TEXT_SIZE];
	for (size_t i = 0; i < n; i++) {
		int64_t began = clock_mono_ms(p->m->clock);
		/* what is left is shared by the addresses that are left */
		int64_t share = (p->deadline_ms - began) / (int64_t)(n - i);
		stream_init(&p->stream, p->m->clock, began + share);
		if (stream_connect(&p->stream, &addr[i], p->port, e)) {
			p->stream.deadline_ms = p->deadline_ms;
			p->addr = addr[i];
			findings_add(p->f, FINDING_OK, "connect", N_("connect"),
			    _("%s port %u in %lld ms"),
			    net_addr_format(&addr[i], shown), p->port,
			    (long long)(clock_mono_ms(p->m->clock) - began));
			return true;
		}
		stream_close(&p->stream);
		findings_add(p->f, i + 1 == n ? FINDING_UNKNOWN : FINDING_WARN,
		    "connect", N_("connect"), "%s", e->text);
	}
	return false;
}

void
probe_close(struct probe *p)
{
	stream_close(&p->stream);
}

bool
probe_tls_begin(struct probe *p, const struct tls_wish *wish, struct err *e)
{
	const struct tls_calls *calls = tls_load(e);
	int64_t began = clock_mono_ms(p->m->clock);
	if (calls == NULL || !stream_tls(&p->stream, calls, wish, e)) {
		/* to break off is how many refuse TLS */
		findings_add(p->f,
		    calls == NULL || e->sys_errno == ETIMEDOUT ? FINDING_UNKNOWN
							       : FINDING_FAIL,
		    "tls", N_("TLS"), "%s", e->text);
		return false;
	}
	p->secure = true;
	if (!calls->facts(p->stream.tls, p->m->arena, &p->tls, e))
		return false;
	findings_add(p->f,
	    p->tls.version >= TLS_1_2 ? FINDING_OK : FINDING_WARN, "tls",
	    N_("TLS"), _("%.*s, %.*s, in %lld ms"),
	    STR_ARG(p->tls.version_name), STR_ARG(p->tls.cipher),
	    (long long)(clock_mono_ms(p->m->clock) - began));
	return true;
}

static void
expiry(struct probe *p, const struct tls_certificate *c)
{
	static const char *const label = N_("expiry");
	int64_t now = clock_wall_s(p->m->clock);
	long long days = (long long)((c->not_after - now) / DAY_S);
	const char *text = moment_shown(p->m->arena, c->not_after, now);
	if (now >= c->not_after)
		findings_add(
		    p->f, FINDING_FAIL, "expiry", label, _("expired %s"), text);
	else if (now < c->not_before)
		findings_add(
		    p->f, FINDING_FAIL, "expiry", label, _("not valid yet"));
	else
		findings_add(p->f,
		    days < EXPIRES_SOON_DAYS ? FINDING_WARN : FINDING_OK,
		    "expiry", label, _("%s, in %lld days"), text, days);
}

static void
certificate_names(struct probe *p, const struct tls_certificate *c)
{
	struct buf names = BUF_INIT(2048);
	for (size_t i = 0; i < c->n_names && i < 6; i++)
		buf_addf(
		    &names, "%s%.*s", i > 0 ? ", " : "", STR_ARG(c->names[i]));
	if (c->n_names > 6)
		buf_addf(&names, ", ... (%zu)", c->n_names);
	findings_add(p->f, p->tls.name_matches ? FINDING_OK : FINDING_WARN,
	    "name", N_("name"),
	    p->tls.name_matches ? _("%s is named: %s")
				: _("%s is not named; the certificate is for: "
				    "%s"),
	    p->host, names.len > 0 ? buf_cstr(&names) : _("nobody"));
	buf_clear(&names);
}

void
probe_tls_findings(struct probe *p)
{
	const struct tls_facts *t = &p->tls;
	if (t->n_chain == 0) {
		findings_add(p->f, FINDING_FAIL, "chain", N_("chain"),
		    _("the peer shows no certificate"));
		return;
	}
	for (size_t i = 0; i < t->n_chain; i++)
		findings_add(p->f, FINDING_INFO, "certificate",
		    N_("certificate"), _("%zu: %.*s, by %.*s"), i + 1,
		    STR_ARG(t->chain[i].subject), STR_ARG(t->chain[i].issuer));
	const struct tls_certificate *own = &t->chain[0];
	certificate_names(p, own);
	expiry(p, own);
	bool weak =
	    str_starts(own->key, STR("RSA")) && own->key_bits < RSA_BITS_MIN;
	findings_add(p->f, weak ? FINDING_WARN : FINDING_OK, "key", N_("key"),
	    _("%.*s, signed with %.*s"), STR_ARG(own->key),
	    STR_ARG(own->signed_with));
	if (t->verified)
		findings_add(p->f, FINDING_OK, "chain", N_("chain"),
		    _("verified by trusted certificates"));
	else
		findings_add(p->f, FINDING_WARN, "chain", N_("chain"),
		    _("not verified: %.*s"), STR_ARG(t->reason));
}
