/* DMARC cases of tests/data/dmarc, run whole. */
#include "core/auth/dmarc.h"
#include "core/auth/psl.h"
#include "core/base/num.h"
#include "core/mail/idna.h"
#include "core/sys/file.h"
#include "tests/support/dns_fake.h"
#include "tests/unit/auth_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
	FIELDS = 8,
	FILE_MAX = 1 << 20,
	MEMORY = 16 << 20
};

#define DATA "tests/data/dmarc/"

struct table {
	struct buf text, departures;
	struct str rest;
	struct arena *arena;
	const struct psl *psl;
	size_t passed, failed, departed;
};

static void
table_open(struct table *t, const char *file)
{
	struct err e = ERR_INIT;
	*t = (struct table){ .text = BUF_INIT(FILE_MAX),
		.departures = BUF_INIT(FILE_MAX) };
	t->arena = arena_new(MEMORY, NULL, NULL);
	assert_non_null(t->arena);
	if (!file_read(file, NULL, &t->text, &e))
		fail_msg("%s", e.text);
	t->rest = buf_str(&t->text);
	t->psl = psl_load(&e);
	if (t->psl == NULL)
		fail_msg("%s", e.text);
}

static void
table_close(struct table *t, size_t wanted)
{
	print_message("# %zu passed, %zu failed, %zu departures\n", t->passed,
	    t->failed, t->departed);
	assert_int_equal(t->failed, 0);
	assert_int_equal(t->passed + t->departed, wanted);
	buf_clear(&t->text);
	buf_clear(&t->departures);
	arena_free(t->arena);
}

static bool
next_row(struct table *t, struct str f[FIELDS])
{
	struct str line;
	if (!str_next_line(&t->rest, &line))
		return false;
	for (size_t i = 0; i < FIELDS; i++)
		f[i] = line.ptr != NULL
			   ? table_field(t->arena, str_cut(line, '\t', &line))
			   : (struct str)STR_EMPTY;
	return true;
}

static void
judged(struct table *t, struct str name, bool good, const char *what)
{
	struct str rest = buf_str(&t->departures), line, first;
	while (str_next_line(&rest, &line))
		if (str_next_word(&line, &first) && str_eq(first, name)) {
			t->departed++;
			return;
		}
	if (!good)
		print_error("%.*s: %s\n", STR_ARG(name), what);
	t->passed += good;
	t->failed += !good;
}

static bool
tag_is(const struct dmarc_record *r, struct str tag, struct str value)
{
	char psd[2] = { r->psd, '\0' };
	if (str_is(tag, "p"))
		return str_is(value, dmarc_policy_word(r->p));
	if (str_is(tag, "sp"))
		return str_is(
		    value, dmarc_policy_word(dmarc_policy_below(r, true)));
	if (str_is(tag, "np"))
		return str_is(value, dmarc_policy_word(r->np));
	if (str_is(tag, "pct")) {
		uint64_t n;
		return num_parse_u64(value, DMARC_PCT_ALL, &n) && r->pct == n;
	}
	if (str_is(tag, "adkim"))
		return str_is(value, r->strict_dkim ? "s" : "r");
	if (str_is(tag, "aspf"))
		return str_is(value, r->strict_spf ? "s" : "r");
	if (str_is(tag, "fo"))
		return str_eq(value, r->fo);
	if (str_is(tag, "psd"))
		return str_is(value, psd);
	if (str_is(tag, "t"))
		return str_is(value, r->testing ? "y" : "n");
	return false;
}

static bool
tags_are(const struct dmarc_record *r, struct str tags)
{
	bool good = true;
	while (tags.len > 0 && good) {
		struct str value, one = str_cut(tags, ';', &tags);
		struct str tag = str_cut(one, '=', &value);
		good = tag_is(r, tag, value);
	}
	return good;
}

static bool
uris_are(const struct dmarc_record *r, struct str wanted)
{
	size_t n = 0;
	while (wanted.len > 0) {
		struct str limit, one = str_cut(wanted, '|', &wanted);
		struct str uri = str_cut(one, ' ', &limit);
		uint64_t octets;
		if (!num_parse_u64(limit, UINT64_MAX, &octets) ||
		    n >= r->n_rua || !str_eq(r->rua[n].uri, uri) ||
		    r->rua[n].limit != octets)
			return false;
		n++;
	}
	return n == 0 || n == r->n_rua;
}

static bool
has_note(const struct dmarc_record *r, struct str tag)
{
	for (size_t i = 0; i < r->n_notes; i++)
		if (str_eq_nocase(r->notes[i].tag, tag))
			return true;
	return false;
}

static bool
suite_agrees(const struct dmarc_record *r, bool usable, const struct str *f)
{
	if (str_is(f[5], "ok"))
		return usable;
	if (str_starts(f[5], STR("error")))
		return !usable;
	if (str_is(f[5], "value_accepted"))
		return usable && !has_note(r, f[6]);
	if (str_is(f[5], "value_refused"))
		return has_note(r, f[6]);
	return true;
}

static void
test_dmarc_records(void **state)
{
	struct table t;
	struct str f[FIELDS];
	(void)state;
	table_open(&t, DATA "records.tsv");
	assert_true(
	    file_read(DATA "records.departures", NULL, &t.departures, NULL));
	while (next_row(&t, f)) {
		struct dmarc_record r;
		bool usable = dmarc_record_parse(f[1], &r);
		bool good = (!str_is(f[2], "yes") || usable) &&
			    (!str_is(f[2], "no") || !usable) &&
			    tags_are(&r, f[3]) && uris_are(&r, f[4]) &&
			    suite_agrees(&r, usable, f);
		judged(&t, f[0], good, usable ? "usable" : "not usable");
	}
	table_close(&t, 164);
}

static void
test_dmarc_uris(void **state)
{
	struct dmarc_uri uris[DMARC_URIS_MAX];
	struct buf many = BUF_INIT(4096);
	(void)state;
	assert_int_equal(dmarc_uris_parse((struct str)STR_EMPTY, uris), 0);
	assert_int_equal(
	    dmarc_uris_parse(STR(" mailto:a@b.example!10k , x, ftp://c.example,"
				 " mailto:d@e.example!1x, https://f.example"),
		uris),
	    2);
	assert_true(str_is(uris[0].uri, "mailto:a@b.example"));
	assert_int_equal(uris[0].limit, 10240);
	assert_true(str_is(uris[1].uri, "https://f.example"));
	assert_int_equal(uris[1].limit, 0);
	for (int i = 0; i <= DMARC_URIS_MAX; i++)
		buf_addf(&many, "mailto:a@b%d.example,", i);
	assert_int_equal(
	    dmarc_uris_parse(buf_str(&many), uris), DMARC_URIS_MAX);
	buf_clear(&many);
}

static struct str
organization(struct table *t, struct str domain, struct str *name)
{
	struct buf b = BUF_INIT(4096);
	assert_true(idna_domain(domain, &b));
	*name = arena_str(t->arena, buf_str(&b));
	buf_reset(&b);
	struct str out = *name;
	if (t->psl->organization(*name, &b))
		out = arena_str(t->arena, buf_str(&b));
	buf_clear(&b);
	return out;
}

static void
test_dmarc_alignment(void **state)
{
	struct table t;
	struct str f[FIELDS];
	(void)state;
	table_open(&t, DATA "alignment.tsv");
	while (next_row(&t, f)) {
		struct str a, b;
		struct str a_org = organization(&t, f[1], &a);
		struct str b_org = organization(&t, f[2], &b);
		bool aligned = dmarc_is_aligned(
		    a, a_org, b, b_org, str_is(f[3], "strict"));
		judged(&t, f[0], aligned == str_is(f[4], "yes"), "alignment");
	}
	table_close(&t, 28);
}

static void
test_dmarc_from_domain(void **state)
{
	struct table t;
	struct str f[FIELDS];
	(void)state;
	table_open(&t, DATA "from-domain.tsv");
	while (next_row(&t, f)) {
		struct buf b = BUF_INIT(4096);
		bool found = dmarc_from_domain(f[1], &b, NULL);
		judged(
		    &t, f[0], found && str_eq(buf_str(&b), f[2]), buf_cstr(&b));
		buf_clear(&b);
	}
	table_close(&t, 9);
}

static void
test_dmarc_from_hostile(void **state)
{
	static const struct {
		const char *field, *domain; /* NULL: none */
		bool others;
	} cases[] = {
		{ "", NULL, false },
		{ "undisclosed-recipients:;", NULL, false },
		{ "\"a@evil.example\" <a@good.example>", "good.example",
		    false },
		{ "a@evil.example <a@good.example>", "good.example", false },
		{ "(a@evil.example) a@good.example", "good.example", false },
		{ "((a@evil.example)) \"x\\\"@evil.example\" a@good.example",
		    "good.example", false },
		{ "\"a@b\"@Good.Example.", "good.example", false },
		{ "a@good.example, b@evil.example", "good.example", true },
		{ "group: a@good.example;", "good.example", false },
		{ "a@b\xc3\xbc"
		  "cher.example",
		    "xn--bcher-kva.example", false },
		{ "a@..", NULL, false },
		{ "a@[192.0.2.1]", "[192.0.2.1]", false },
		{ "\"unclosed a@evil.example", NULL, false },
		{ "<a@good.example", "good.example", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(4096);
		bool others = false;
		bool found =
		    dmarc_from_domain(str_of(cases[i].field), &b, &others);
		if (found != (cases[i].domain != NULL) ||
		    others != cases[i].others ||
		    (found && !str_is(buf_str(&b), cases[i].domain)))
			fail_msg("'%s': '%s'", cases[i].field, buf_cstr(&b));
		buf_clear(&b);
	}
}

static void
test_dmarc_public_suffixes(void **state)
{
	struct table t;
	struct str f[FIELDS];
	(void)state;
	table_open(&t, DATA "psl.tsv");
	while (next_row(&t, f)) {
		struct buf b = BUF_INIT(4096), name = BUF_INIT(4096);
		/* lower case only: the list holds A-labels and U-labels */
		for (size_t i = 0; i < f[1].len; i++)
			buf_add_char(&name, ascii_lower(f[1].ptr[i]));
		bool found = t.psl->organization(buf_str(&name), &b);
		judged(&t, f[0],
		    found ? str_eq(buf_str(&b), f[2]) : f[2].len == 0,
		    buf_cstr(&b));
		buf_clear(&b);
		buf_clear(&name);
	}
	table_close(&t, 52);
}

static size_t
signatures(struct str list, struct dmarc_signature *out)
{
	size_t n = 0;
	while (list.len > 0) {
		struct str one = str_cut(list, '|', &list);
		out[n].result = str_cut(one, ' ', &out[n].domain);
		n++;
	}
	return n;
}

static void
evaluate_row(
    struct table *t, struct dns *dns, const struct str *f, enum dmarc_view view)
{
	struct dmarc_signature dkim[8];
	struct facts facts;
	struct dmarc_outcome out;
	struct dmarc_request q = { .from = f[2],
		.view = view,
		.psl = t->psl,
		.spf_result = f[3],
		.spf_domain = f[4],
		.dkim = dkim,
		.n_dkim = signatures(f[5], dkim) };
	facts_init(&facts, t->arena);
	dmarc_check_wait(&q, &facts, t->arena, dns, NULL, &out);
	judged(t, f[1],
	    table_is_among(dmarc_result_word(out.result), f[6]) &&
		(str_is(f[7], "-") ||
		    str_is(f[7], dmarc_policy_word(out.disposition))),
	    out.reason.ptr);
	facts_clear(&facts);
}

static void
evaluate_all(const char *file, enum dmarc_view view, size_t wanted)
{
	struct table t;
	struct str f[FIELDS];
	table_open(&t, file);
	struct dns *dns = dns_fake_new(&clock_system);
	while (next_row(&t, f)) {
		if (str_is(f[0], "rr"))
			assert_true(dns_fake_add(
			    dns, f[1].ptr, dns_fake_type(f[2]), f[3]));
		else if (str_is(f[0], "fail"))
			assert_true(dns_fake_fail(
			    dns, f[1].ptr, dns_fake_type(f[2]), DNS_TIMEOUT));
		if (!str_is(f[0], "test"))
			continue;
		evaluate_row(&t, dns, f, view);
		dns_free(dns);
		dns = dns_fake_new(&clock_system);
	}
	dns_free(dns);
	table_close(&t, wanted);
}

static void
test_dmarc_evaluate(void **state)
{
	(void)state;
	evaluate_all(DATA "evaluate.tsv", DMARC_RFC9989, 14);
	evaluate_all(DATA "evaluate.tsv", DMARC_RFC7489, 14);
}

/* What the two standards decide differently: tests/data/dmarc/views-*.tsv. */
static void
test_dmarc_views(void **state)
{
	(void)state;
	evaluate_all(DATA "view-rfc9989.tsv", DMARC_RFC9989, 15);
	evaluate_all(DATA "view-rfc7489.tsv", DMARC_RFC7489, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dmarc_records),
		cmocka_unit_test(test_dmarc_uris),
		cmocka_unit_test(test_dmarc_alignment),
		cmocka_unit_test(test_dmarc_from_domain),
		cmocka_unit_test(test_dmarc_from_hostile),
		cmocka_unit_test(test_dmarc_public_suffixes),
		cmocka_unit_test(test_dmarc_evaluate),
		cmocka_unit_test(test_dmarc_views),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("dmarc_suite", tests, NULL, NULL);
}
