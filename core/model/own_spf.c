/* SPF of the mail that this server sends. */
#include "core/model/own_spf.h"

#include "core/auth/spf_second.h"
#include "core/base/i18n.h"
#include "core/db/db.h"

/* The primary domain, or one of the database. */
static bool
is_ours(const struct model_ctx *m, struct str domain)
{
	char path[SYS_PATH_MAX];
	struct own_names names;
	struct db *db = NULL;
	if (!own_names_read(m, &names, NULL))
		return false;
	if (str_eq_nocase(names.domain, domain))
		return true;
	if (!db_path(m->root, "domains", path, NULL, NULL) ||
	    !db_load(path, root_shown(m->root, path), &db, NULL))
		return false;
	bool found = db_find(db, domain) != NULL;
	db_free(db);
	return found;
}

static bool
uses_smarthost(const struct own *own)
{
	for (size_t i = 0; i < own->n; i++)
		if (own->addresses[i].source == OWN_SMARTHOST)
			return true;
	return false;
}

/* One client at s->from, with what it calls itself. */
static void
judge(const struct model_ctx *m, struct dns *dns, struct str domain,
    struct str record, struct str helo, struct str receiver, struct own_spf *s)
{
	struct facts facts;
	struct err e = ERR_INIT;
	const struct spf_given given = { .record = record };
	struct spf_request q = {
		.ip = s->from.addr,
		.sender = str_of(
		    arena_printf(m->arena, "postmaster@%.*s", STR_ARG(domain))),
		.helo = helo,
		.receiver = receiver,
		.now_s = clock_wall_s(m->clock),
		.ahead = true,
		.given = &given,
		.n_given = record.len > 0,
	};
	facts_init(&facts, m->arena);
	spf_check_wait(&q, &facts, m->arena, dns, NULL, &s->out);
	s->second_done = record.len == 0 && spf_second_check(&q, &facts, dns,
						NULL, m->clock, &s->second, &e);
	s->second_why = arena_cstr(m->arena, str_of(e.text));
	facts_clear(&facts);
}

/* Where mail of the domain leaves from; 0 when it is none of ours. */
static size_t
leaves_from(const struct model_ctx *m, struct dns *dns, struct str domain,
    struct own *own, struct own_address out[OWN_ADDRESSES_MAX])
{
	size_t n = 0;
	if (!model_root_check(m->root, NULL) || !is_ours(m, domain) ||
	    !own_read(m, dns, own, NULL))
		return 0;
	const bool smarthost = uses_smarthost(own);
	for (size_t i = 0; i < own->n; i++)
		if (smarthost == (own->addresses[i].source == OWN_SMARTHOST))
			out[n++] = own->addresses[i];
	return n;
}

size_t
own_spf_judge(const struct model_ctx *m, struct dns *dns, struct str domain,
    struct str record, struct own_spf out[OWN_ADDRESSES_MAX])
{
	struct own own;
	struct own_address from[OWN_ADDRESSES_MAX];
	size_t n = leaves_from(m, dns, domain, &own, from);
	for (size_t i = 0; i < n; i++) {
		out[i].from = from[i];
		judge(m, dns, domain, record, own.names.helo, own.names.host,
		    &out[i]);
	}
	return n;
}

size_t
own_spf_egress(const struct model_ctx *m, struct dns *dns, struct str domain,
    struct spf_egress out[OWN_ADDRESSES_MAX], const char **source)
{
	struct own own;
	struct own_address from[OWN_ADDRESSES_MAX];
	size_t n = leaves_from(m, dns, domain, &own, from);
	for (size_t i = 0; i < n; i++) {
		const char *host = NULL;
		if (from[i].source == OWN_SMARTHOST &&
		    fact_name_is_valid(own.names.smarthost))
			host = arena_cstr(m->arena, own.names.smarthost);
		out[i] = (struct spf_egress){ from[i].addr, host };
		*source = own_source_text(from[i].source);
	}
	return n;
}

void
own_spf_repair(const struct model_ctx *m, struct dns *dns, struct str domain,
    const struct spf_egress *egress, size_t n, struct spf_repair *out)
{
	struct facts facts;
	facts_init(&facts, m->arena);
	while (!spf_repair(domain, egress, n, &facts, m->arena, out)) {
		facts_fetch(&facts, dns, NULL);
		if (facts.wanted > 0)
			break; /* out of memory */
	}
	facts_clear(&facts);
}

void
own_spf_judge_others(const struct model_ctx *m, struct dns *dns,
    struct str domain, struct str record, struct own_spf *out)
{
	/* of the net for tests between networks (RFC 2544): never a client */
	bool is_addr = net_addr_parse(STR("198.18.255.254"), &out->from.addr);
	(void)is_addr;
	judge(m, dns, domain, record, STR("elsewhere.invalid"),
	    STR("localhost"), out);
}

const char *
own_spf_text(struct arena *arena, const struct own_spf *s)
{
	char addr[NET_ADDR_TEXT_SIZE];
	return arena_printf(arena,
	    P_("%s (%s): %s after %u lookup", "%s (%s): %s after %u lookups",
		s->out.lookups),
	    net_addr_format(&s->from.addr, addr),
	    own_source_text(s->from.source), spf_result_word(s->out.result),
	    s->out.lookups);
}
