/*
 * Fuzzes SPF records and macros: the first line is the record, the second the
 * local part of the sender. What parses is evaluated against a world where no
 * name exists. Exercises core/auth/spf_record.c, spf_macro.c, spf.c.
 */
#include "core/auth/spf.h"
#include "core/auth/spf_record.h"
#include "core/auth/spf_tree.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* Every question is answered with "no such name". */
static void
settle_all(struct facts *facts)
{
	static const struct dns_answer none = { .status = DNS_NXDOMAIN };
	for (struct fact *f; (f = facts_next_wanted(facts)) != NULL;) {
		require(fact_name_is_valid(f->name));
		facts_settle(f, &none);
	}
}

static void
evaluate(struct arena *a, struct str record, struct str local)
{
	struct facts facts;
	struct spf_outcome out;
	char *sender = arena_printf(a, "%.*s@x.example", STR_ARG(local));
	const struct spf_request request = { .sender = str_of(sender),
		.helo = STR("helo.example"),
		.record = record,
		.record_domain = STR("x.example"),
		.explain = true };
	facts_init(&facts, a);
	unsigned rounds = 0;
	while (!spf_check(&request, &facts, a, &out)) {
		settle_all(&facts);
		require(++rounds < 100);
	}
	require(out.lookups <= SPF_LOOKUPS_MAX + 1);
	require(out.voids <= SPF_VOIDS_MAX + 1);
	facts_clear(&facts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)1 << 26, NULL, NULL);
	struct str rest, text = str_n((const char *)data, size);
	struct str record = str_cut(text, '\n', &rest);
	struct spf_record r;
	struct spf_syntax bad;
	require(a != NULL);
	if (size < 8192 && spf_record_is(record)) {
		if (spf_record_parse(record, a, &r, &bad))
			for (size_t i = 0; i < r.n; i++)
				require(r.terms[i].text.len <= record.len);
		evaluate(a, record, rest);
	}
	arena_free(a);
	return 0;
}
