/*
 * Fuzzes SPF records and macros: the first line is the record, the second the
 * local part of the sender. What parses is evaluated, also as terms of one's
 * own and as explanation, drawn as a tree and repaired: in a world where no
 * name exists, and in one where each has an address, a mail exchanger, a name
 * and this very record. Exercises core/auth/spf*.c.
 */
#include "core/auth/spf.h"
#include "core/auth/spf_record.h"
#include "core/auth/spf_repair.h"
#include "core/auth/spf_tree.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	ROUNDS_MAX = 200,
	RECORD_MAX = 8192
};

static const struct net_addr client = { .bytes = { 192, 0, 2, 1 } };

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* What the name has, or NXDOMAIN. */
static void
settle(struct fact *f, struct str record, bool full)
{
	struct dns_record r = { .type = f->type };
	struct dns_answer answer = { .status = DNS_NXDOMAIN };
	bool known = full;
	switch (f->type) {
	case DNS_A:
		r.as.addr = client;
		break;
	case DNS_MX:
		r.as.mx.host = STR("mx.x.example");
		break;
	case DNS_PTR:
		r.as.host = STR("host.x.example");
		break;
	case DNS_TXT:
		r.as.txt.text = record;
		break;
	default:
		known = false;
		break;
	}
	if (known)
		answer = (struct dns_answer){
			.status = DNS_OK, .records = &r, .n = 1
		};
	facts_settle(f, &answer);
}

static void
settle_all(struct facts *facts, struct str record, bool full, unsigned *rounds)
{
	for (struct fact *f; (f = facts_next_wanted(facts)) != NULL;) {
		require(fact_name_is_valid(f->name));
		settle(f, record, full);
	}
	require(++*rounds < ROUNDS_MAX);
}

static void
evaluate(struct arena *a, struct str record, struct str local, bool full)
{
	struct facts facts;
	struct spf_outcome out;
	struct spf_record r;
	struct spf_syntax bad;
	unsigned rounds = 0;
	char *sender = arena_printf(a, "%.*s@x.example", STR_ARG(local));
	const struct spf_given given = { .record = record };
	const struct spf_request request = { .ip = client,
		.sender = str_of(sender),
		.helo = STR("helo.example"),
		.given = &given,
		.n_given = 1,
		.local =
		    spf_record_parse(record, a, &r, &bad) ? record : STR(""),
		.ahead = full,
		.explain = true };
	facts_init(&facts, a);
	while (!spf_check(&request, &facts, a, &out))
		settle_all(&facts, record, full, &rounds);
	require(out.lookups <= SPF_LOOKUPS_MAX + 1);
	require(out.voids <= SPF_VOIDS_MAX + 1);
	facts_clear(&facts);
}

static void
show_and_repair(struct arena *a, struct str record, bool full)
{
	struct facts facts;
	struct spf_tree tree;
	struct spf_repair repair;
	const struct spf_egress egress = { .addr = client };
	unsigned rounds = 0;
	facts_init(&facts, a);
	while (!spf_tree(STR("x.example"), record, &facts, a, &tree))
		settle_all(&facts, record, full, &rounds);
	require(tree.n <= SPF_TREE_NODES_MAX);
	facts_clear(&facts);
	facts_init(&facts, a);
	rounds = 0;
	while (!spf_repair(STR("y.example"), &egress, 1, &facts, a, &repair))
		settle_all(&facts, record, full, &rounds);
	require(repair.proposal.len <= SPF_REPAIR_RECORD_MAX);
	facts_clear(&facts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)1 << 28, NULL, NULL);
	struct str rest, text = str_n((const char *)data, size);
	struct str record = str_cut(text, '\n', &rest);
	struct spf_record r;
	struct spf_syntax bad;
	require(a != NULL);
	if (size < RECORD_MAX && spf_record_is(record)) {
		if (spf_record_parse(record, a, &r, &bad))
			for (size_t i = 0; i < r.n; i++)
				require(r.terms[i].text.len <= record.len);
		for (int full = 0; full < 2; full++) {
			evaluate(a, record, rest, full != 0);
			show_and_repair(a, record, full != 0);
		}
	}
	arena_free(a);
	return 0;
}
