/* F008: reverse names, their way back, and the HELO name. */
#include "core/auth/facts.h"
#include "core/base/i18n.h"
#include "core/model/records.h"

/* One address and what the names say of it. */
struct reverse {
	const struct model_ctx *m;
	struct dns *dns;
	struct findings *f;
	const struct net_addr *addr;
	const char *shown;
	struct str helo;
	bool helo_is_own; /* that of this server's settings */
};

static void
tell(const struct reverse *r, enum finding_state state, const char *id,
    const char *text)
{
	findings_add(r->f, state, id, id, _("%s: %s"), r->shown, text);
}

static bool
has_address(const struct dns_answer *answer, const struct net_addr *addr)
{
	for (size_t i = 0; i < answer->n; i++) {
		if (net_addr_eq(&answer->records[i].as.addr, addr))
			return true;
	}
	return false;
}

/* Names that providers make of the address itself: receivers distrust them. */
static bool
looks_generic(const struct reverse *r, struct str name)
{
	static const char *const words[] = { "dyn", "dsl", "dhcp", "pool",
		"ppp", "cable", "dial", "customer", "broadband" };
	const uint8_t *b = r->addr->bytes;
	struct str first, rest = name;
	first = str_cut(rest, '.', &rest);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_find_str(first, str_of(words[i])) < first.len)
			return true;
	}
	if (r->addr->is_ipv6)
		return false;
	const char *last = arena_printf(r->m->arena, "%u-%u", b[2], b[3]);
	const char *turned = arena_printf(r->m->arena, "%u-%u", b[1], b[0]);
	return str_find_str(name, str_of(last)) < name.len ||
	       str_find_str(name, str_of(turned)) < name.len;
}

static void
check_name(const struct reverse *r, const struct dns_record *ptr,
    const struct dns_answer *forward)
{
	struct str name = ptr->as.host;
	struct arena *a = r->m->arena;
	if (!dns_is_answer(forward->status))
		tell(r, FINDING_UNKNOWN, "forward",
		    arena_printf(a, _("%.*s could not be asked: %.*s"),
			STR_ARG(name), STR_ARG(forward->reason)));
	else if (!has_address(forward, r->addr))
		tell(r, FINDING_FAIL, "forward",
		    arena_printf(a,
			_("%.*s does not lead back to the address: receivers "
			  "do not believe the name"),
			STR_ARG(name)));
	else
		tell(r, FINDING_OK, "forward",
		    arena_printf(a, _("%.*s leads back to it"), STR_ARG(name)));
	if (looks_generic(r, name))
		tell(r, FINDING_WARN, "generic",
		    arena_printf(a,
			_("%.*s looks like a name of a provider's pool: some "
			  "receivers refuse it"),
			STR_ARG(name)));
}

/* Is the HELO name one of the reverse names, and does it lead here? */
static void
check_helo(const struct reverse *r, const struct dns_answer *ptr,
    const struct dns_answer *forward)
{
	struct arena *a = r->m->arena;
	bool same = false;
	for (size_t i = 0; i < ptr->n; i++)
		same = same || str_eq_nocase(ptr->records[i].as.host, r->helo);
	if (!dns_is_answer(forward->status))
		tell(r, FINDING_UNKNOWN, "helo",
		    arena_printf(a, _("%.*s could not be asked: %.*s"),
			STR_ARG(r->helo), STR_ARG(forward->reason)));
	else if (!has_address(forward, r->addr))
		tell(r, FINDING_FAIL, "helo",
		    arena_printf(a,
			_("the HELO name %.*s does not lead to the address"),
			STR_ARG(r->helo)));
	else if (same)
		tell(r, FINDING_OK, "helo",
		    arena_printf(a, _("the HELO name %.*s is its reverse name"),
			STR_ARG(r->helo)));
	else if (ptr->n > 0)
		tell(r, FINDING_WARN, "helo",
		    arena_printf(a,
			_("the HELO name %.*s is not its reverse name"),
			STR_ARG(r->helo)));
	if (ptr->n > 0 && !same && r->helo_is_own &&
	    dns_is_answer(forward->status))
		findings_next(r->f, "smemail set smtp.helo-host %.*s",
		    STR_ARG(ptr->records[0].as.host));
}

static void
check_address(const struct reverse *r)
{
	struct arena *a = r->m->arena;
	uint16_t type = r->addr->is_ipv6 ? DNS_AAAA : DNS_A;
	enum {
		NAMES_MAX = 8
	};
	const struct dns_answer *ptr =
	    dns_ask(r->dns, a, dns_reverse_name(a, r->addr), DNS_PTR, NULL);
	struct dns_question q[NAMES_MAX + 1] = { { .type = 0 } };
	size_t n = ptr->n < NAMES_MAX ? ptr->n : NAMES_MAX, asked = n;
	for (size_t i = 0; i < n; i++) {
		q[i].name = ptr->records[i].as.host;
		q[i].type = type;
	}
	if (r->helo.len > 0) {
		q[asked].name = r->helo;
		q[asked++].type = type;
	}
	dns_ask_all(r->dns, a, q, asked);
	if (!dns_is_answer(ptr->status)) {
		tell(r, FINDING_UNKNOWN, "ptr",
		    arena_printf(a, _("could not be asked: %.*s"),
			STR_ARG(ptr->reason)));
	} else if (ptr->n == 0) {
		tell(r, FINDING_FAIL, "ptr",
		    _("has no reverse name: many receivers refuse its mail"));
		findings_next(r->f,
		    _("ask the provider of the address to set the reverse name "
		      "%.*s"),
		    STR_ARG(r->helo));
	} else if (ptr->n > 1) {
		tell(r, FINDING_WARN, "ptr",
		    _("has several reverse names; one is enough"));
	}
	for (size_t i = 0; i < n; i++)
		check_name(r, &ptr->records[i], q[i].answer);
	if (r->helo.len > 0)
		check_helo(r, ptr, q[n].answer);
}

/* An address, or those of a name. */
static bool
addresses_read(const struct model_ctx *m, struct dns *dns, const char *typed,
    struct own *out, struct err *e)
{
	struct str name;
	if (net_addr_parse(str_of(typed), &out->addresses[0].addr)) {
		out->n = 1;
		return true;
	}
	if (!fact_domain_parse(m->arena, typed, &name, NULL))
		return err_set(e, ERR_USAGE,
		    _("'%s' is no address and no host name"), typed);
	struct dns_question q[] = {
		{ .name = name, .type = DNS_A },
		{ .name = name, .type = DNS_AAAA },
	};
	/* a mail server's own name is what it should greet with */
	out->names.helo = name;
	dns_ask_all(dns, m->arena, q, ARRAY_LEN(q));
	for (size_t k = 0; k < ARRAY_LEN(q); k++) {
		const struct dns_answer *a = q[k].answer;
		if (a == NULL || !dns_is_answer(a->status))
			out->unknown =
			    a != NULL ? a->reason : str_of(_("out of memory"));
		else
			for (size_t i = 0;
			     i < a->n && out->n < OWN_ADDRESSES_MAX; i++)
				out->addresses[out->n++].addr =
				    a->records[i].as.addr;
	}
	if (out->n > 0 || out->unknown.len > 0)
		return true;
	err_set(e, ERR_NO, _("'%s' has no address"), typed);
	return err_next(e, "smemail dns ptr ADDRESS");
}

bool
records_reverse(const struct model_ctx *m, struct dns *dns, const char *address,
    const char *helo, struct findings *f, struct err *e)
{
	struct own own = { .n = 0 };
	struct net_addr addr;
	bool helo_is_own =
	    helo == NULL &&
	    (address == NULL || net_addr_parse(str_of(address), &addr));
	if (address == NULL) {
		if (!own_read(m, dns, &own, e))
			return false;
	} else if (!own_names_read(m, &own.names, e) ||
		   !addresses_read(m, dns, address, &own, e)) {
		return false;
	}
	if (helo != NULL)
		own.names.helo = str_of(helo);
	size_t done = 0;
	for (size_t i = 0; i < own.n; i++) {
		char text[NET_ADDR_TEXT_SIZE];
		struct reverse r = { m, dns, f, &own.addresses[i].addr,
			arena_cstr(m->arena,
			    str_of(
				net_addr_format(&own.addresses[i].addr, text))),
			own.names.helo, helo_is_own };
		/* others care for the smarthost's names */
		if (own.addresses[i].source == OWN_SMARTHOST)
			continue;
		check_address(&r);
		done++;
	}
	if (done > 0)
		return true;
	if (own.unknown.len > 0)
		findings_add(f, FINDING_UNKNOWN, "address", N_("address"),
		    _("could not be asked: %.*s"), STR_ARG(own.unknown));
	else
		findings_add(f, FINDING_UNKNOWN, "address", N_("address"),
		    _("the public address of this server is not known"));
	findings_next(f, "smemail dns ptr ADDRESS");
	return true;
}
