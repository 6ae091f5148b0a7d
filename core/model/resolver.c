/*
 * Is each name server fit for a mail server? It must answer, tell the truth
 * about names that do not exist, and be one that the lists serve.
 */
#include "core/model/resolver.h"

#include "core/base/i18n.h"
#include "core/base/random.h"
#include "core/dns/lists.h"
#include "core/model/rbl_int.h"

#include <string.h>

enum {
	/* "." NS, and two names that do not exist */
	FIXED_TESTS = 3,
	SLOW_MS = 500
};

/* Servers that everybody asks: the lists refuse them. */
static const char *const public_servers[] = { "8.8.8.8", "8.8.4.4", "1.1.1.1",
	"1.0.0.1", "9.9.9.9", "149.112.112.112", "208.67.222.222",
	"208.67.220.220", "2001:4860:4860::8888", "2001:4860:4860::8844",
	"2606:4700:4700::1111", "2606:4700:4700::1001", "2620:fe::fe" };

struct checking {
	const struct model_ctx *m;
	const struct rbl_view *lists; /* its zones */
	struct resolver_view *out;
	const struct dns_server *server;
	const char *name; /* of the server */
};

static void
row_add(struct checking *c, enum finding_state state, const char *what,
    const char *text, const char *cure, int64_t ms)
{
	struct resolver_view *v = c->out;
	v->rows[v->n_rows++] = (struct resolver_row){ .state = state,
		.what = what,
		.server = c->name,
		.subject = "",
		.text = text,
		.cure = cure,
		.elapsed_ms = ms };
	v->worst = finding_worse(v->worst, state);
}

static bool
is_public(const struct dns_server *s)
{
	struct net_addr a;
	for (size_t i = 0; i < ARRAY_LEN(public_servers); i++) {
		if (net_addr_parse(str_of(public_servers[i]), &a) &&
		    net_addr_eq(&a, &s->addr))
			return true;
	}
	return false;
}

/* One question of each kind; the same places for every server. */
static size_t
questions_put(struct checking *c, struct dns_question *q, int64_t deadline_ms)
{
	struct arena *a = c->m->arena;
	size_t n = 0;
	q[n++] = (struct dns_question){ .name = STR("."), .type = DNS_NS };
	for (size_t i = 0; i < 2; i++)
		q[n++] = (struct dns_question){
			.name = str_of(arena_printf(a, "q%08x%08x.%s",
			    (unsigned)random_u32(), (unsigned)random_u32(),
			    i == 0 ? "com" : "invalid")),
			.type = DNS_A
		};
	for (size_t i = 0; i < c->lists->n_zones; i++) {
		const struct rbl_zone *z = &c->lists->zones[i];
		const char *test = z->known != NULL ? z->known->test : NULL;
		bool domains = (z->kinds & DNS_LIST_DOMAIN) != 0;
		q[n++] = (struct dns_question){ .name = str_of(
						    arena_printf(a, "%s.%.*s",
							!domains ? "2.0.0.127"
							: test != NULL ? test
								       : "test",
							STR_ARG(z->zone))),
			.type = DNS_A };
	}
	for (size_t i = 0; i < n; i++) {
		q[i].how.server = c->server;
		q[i].how.deadline_ms = deadline_ms;
	}
	return n;
}

static bool
answers_judge(struct checking *c, const struct dns_answer *root)
{
	struct arena *a = c->m->arena;
	if (!dns_is_answer(root->status)) {
		bool silent = root->status == DNS_TIMEOUT ||
			      root->status == DNS_NO_SERVER ||
			      root->status == DNS_ABORTED;
		row_add(c, silent ? FINDING_UNKNOWN : FINDING_FAIL, "answers",
		    arena_printf(
			a, _("gives no answer: %.*s"), STR_ARG(root->reason)),
		    NULL, root->elapsed_ms);
		return false;
	}
	bool slow = root->elapsed_ms > SLOW_MS;
	row_add(c, slow ? FINDING_WARN : FINDING_OK, "answers",
	    slow              ? _("answers, but slowly")
	    : root->validated ? _("answers, and checks signatures (DNSSEC)")
			      : _("answers"),
	    NULL, root->elapsed_ms);
	return true;
}

static void
truth_judge(struct checking *c, const struct dns_question *q)
{
	for (size_t i = 0; i < 2; i++) {
		const struct dns_answer *answer = q[i].answer;
		if (answer->status == DNS_OK) {
			row_add(c, FINDING_FAIL, "truth",
			    _("gives an address to names that do not exist: "
			      "every list would seem to list everybody"),
			    NULL, answer->elapsed_ms);
			return;
		}
	}
	if (!dns_is_answer(q[0].answer->status))
		row_add(c, FINDING_UNKNOWN, "truth",
		    arena_cstr(c->m->arena, q[0].answer->reason), NULL,
		    q[0].answer->elapsed_ms);
	else
		row_add(c, FINDING_OK, "truth",
		    _("says so when a name does not exist"), NULL,
		    q[0].answer->elapsed_ms);
}

static const char *
forwarder_cure(const struct checking *c)
{
	return c->lists->forwarder.len > 0 ? "smemail unset rbl.dns-forwarder"
					   : NULL;
}

static void
list_judge(struct checking *c, const struct rbl_zone *z,
    const struct dns_answer *answer)
{
	enum finding_state state = FINDING_UNKNOWN;
	const char *text = NULL, *cure = NULL, *meaning;
	if (!dns_is_answer(answer->status)) {
		text = arena_cstr(c->m->arena, answer->reason);
	} else if (answer->n == 0) {
		text = _("does not list its test point; see: smemail rbl "
			 "health");
	} else {
		switch (dns_list_judge(
		    z->known, &answer->records[0].as.addr, &meaning)) {
		case DNS_LIST_LISTED:
			state = FINDING_OK;
			text = _("serves this resolver");
			break;
		case DNS_LIST_REFUSES:
			state = FINDING_FAIL;
			text = arena_printf(c->m->arena,
			    _("refuses this resolver: %s"), meaning);
			cure = forwarder_cure(c);
			break;
		case DNS_LIST_NO_CODE:
			state = FINDING_WARN;
			text = _("answers with an address of no list");
			break;
		}
	}
	row_add(c, state, "list", text, cure, answer->elapsed_ms);
	c->out->rows[c->out->n_rows - 1].subject =
	    arena_cstr(c->m->arena, z->zone);
}

static void
server_judge(struct checking *c, const struct dns_question *q)
{
	if (!answers_judge(c, q[0].answer))
		return;
	truth_judge(c, q + 1);
	if (is_public(c->server))
		row_add(c, FINDING_WARN, "public",
		    _("is a public server: many lists refuse it; a mail server "
		      "should resolve by itself"),
		    forwarder_cure(c), 0);
	for (size_t i = 0; i < c->lists->n_zones; i++)
		list_judge(c, &c->lists->zones[i], q[FIXED_TESTS + i].answer);
}

bool
resolver_check(const struct model_ctx *m, struct dns *dns,
    const struct dns_config *config, const char *source, int64_t deadline_ms,
    struct resolver_view *out, struct err *e)
{
	struct rbl_view lists = { .n_zones = 0 };
	struct rbl_wish wish = { .item = NULL };
	if (!rbl_zones_read(m, &wish, false, &lists, e))
		return false;
	size_t each = FIXED_TESTS + lists.n_zones;
	struct dns_question *q = ARENA_ARRAY(
	    m->arena, each * config->n_servers, struct dns_question);
	*out = (struct resolver_view){ .source = source };
	/* one row more: the server is a public one */
	out->rows = ARENA_ARRAY(
	    m->arena, (each + 1) * config->n_servers, struct resolver_row);
	struct checking c = { .m = m, .lists = &lists, .out = out };
	for (size_t i = 0; i < config->n_servers; i++) {
		c.server = &config->servers[i];
		questions_put(&c, q + i * each, deadline_ms);
	}
	dns_ask_all(dns, m->arena, q, each * config->n_servers);
	for (size_t i = 0; i < config->n_servers; i++) {
		char text[DNS_SERVER_TEXT_MAX];
		c.server = &config->servers[i];
		c.name = arena_cstr(
		    m->arena, str_of(dns_server_format(c.server, text)));
		server_judge(&c, q + i * each);
	}
	return true;
}
