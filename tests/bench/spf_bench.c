/*
 * SPF checks a second against a name server on loopback. Asks the server of
 * SMEMAIL_DNS for names nNNN.bench.example, each once, 40 checks under way;
 * tests/bench/spf.sh starts a server for it.
 */
#include "core/auth/spf.h"
#include "core/dns/resolver.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	CHECKS = 3000,
	AT_ONCE = 40,
	MEMORY = 1 << 20
};

struct check {
	struct arena *arena;
	struct facts facts;
	struct spf_request request;
	struct spf_outcome out;
	bool busy;
};

static bool
check_start(struct check *c, size_t number, struct dns *d)
{
	arena_reset(c->arena);
	facts_init(&c->facts, c->arena);
	c->request.sender =
	    str_of(arena_printf(c->arena, "user@n%zu.bench.example", number));
	c->request.helo = STR("client.example");
	c->request.ahead = true;
	c->busy = true;
	if (spf_check(&c->request, &c->facts, c->arena, &c->out))
		return false;
	facts_submit(&c->facts, d, NULL);
	return true;
}

/* Go on with those whose facts are there; counts what passed. */
static size_t
go_on(struct check *all, struct dns *d, size_t *passed)
{
	size_t done = 0;
	for (size_t i = 0; i < AT_ONCE; i++) {
		struct check *c = &all[i];
		if (!c->busy || c->facts.wanted > 0)
			continue;
		if (!spf_check(&c->request, &c->facts, c->arena, &c->out)) {
			facts_submit(&c->facts, d, NULL);
			continue;
		}
		*passed += c->out.result == SPF_PASS;
		facts_clear(&c->facts);
		c->busy = false;
		done++;
	}
	return done;
}

static double
seconds(void)
{
	return (double)clock_mono_ns(&clock_system) / NS_PER_S;
}

static int
run(struct dns *d, const char *what)
{
	static struct check all[AT_ONCE];
	size_t next = 0, done = 0, passed = 0;
	double start = seconds();
	for (size_t i = 0; i < AT_ONCE; i++) {
		all[i].arena = arena_new(MEMORY, NULL, NULL);
		if (all[i].arena == NULL ||
		    !net_addr_parse(STR("192.0.2.1"), &all[i].request.ip))
			return 1;
	}
	while (done < CHECKS) {
		for (size_t i = 0; i < AT_ONCE && next < CHECKS; i++)
			if (!all[i].busy && !check_start(&all[i], next++, d))
				return 1;
		if (!dns_wait(d, -1, NULL))
			return 1;
		done += go_on(all, d, &passed);
	}
	double took = seconds() - start;
	printf("%-10s %d checks, %zu passed, %.2f s, %.0f checks/s\n", what,
	    CHECKS, passed, took, CHECKS / took);
	for (size_t i = 0; i < AT_ONCE; i++)
		arena_free(all[i].arena);
	return passed == CHECKS ? 0 : 1;
}

int
main(void)
{
	struct err e = ERR_INIT;
	struct dns_config config = { .n_servers = 0 };
	const char *server = getenv("SMEMAIL_DNS");
	if (server == NULL) {
		puts("no SMEMAIL_DNS: tests/bench/spf.sh runs it");
		return 0;
	}
	if (!dns_config_parse(&config, server, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	struct dns *d = dns_resolver_new(&config, &clock_system, &e);
	if (d == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	int status = run(d, "loopback");
	dns_free(d);
	return status;
}
