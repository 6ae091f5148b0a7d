/*
 * Every case of tests/data/dkim: signatures (RFC 6376, 8301, 8463) and ARC
 * chains (RFC 8617), each with its own zone in the fake resolver. "cases" are
 * those of other suites, "rules" ours, one or more for each rule.
 */
#include "core/auth/arc.h"
#include "core/auth/dkim.h"
#include "core/base/num.h"
#include "core/mail/lines.h"
#include "core/sys/file.h"
#include "tests/support/dns_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
	FILE_MAX = 4 << 20,
	ARENA_MAX = 16 << 20,
	DKIM_CASES = 119,
	ARC_CASES = 114,
	DKIM_RULES = 326,
	ARC_RULES = 66
};

struct one {
	struct str name, expect;
	bool arc;
	struct str signatures[16]; /* accepted words of each */
	size_t n_signatures;
	struct dns *dns;
};

static const struct crypto *crypto;

/* The rest of a line's words: a number of bytes that follow it. */
static struct str
take_bytes(struct str *text, struct str count)
{
	uint64_t n = 0;
	assert_true(num_parse_u64(count, text->len, &n));
	struct str bytes = str_sub(*text, 0, (size_t)n);
	*text = str_sub(*text, (size_t)n + 1, text->len);
	return bytes;
}

static bool
has_word(struct str list, const char *word)
{
	struct str w;
	while (str_next_word(&list, &w)) {
		if (str_is(w, word))
			return true;
	}
	return false;
}

static bool
signatures_fit(const struct one *c, const struct dkim_message *m,
    const struct dkim_verdict *v)
{
	bool fit = c->n_signatures == 0 || c->n_signatures == m->n_signatures;
	for (size_t i = 0; i < c->n_signatures && i < m->n_signatures; i++)
		fit = fit &&
		      has_word(c->signatures[i], dkim_result_word(v[i].result));
	return fit;
}

static bool
judge_case(const struct one *c, struct str bytes, struct arena *a)
{
	enum {
		NOW = 1774000000 /* in 2026: what had expired has */
	};
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT(FILE_MAX);
	struct dkim_message m;
	struct dkim_verdict *v = NULL;
	struct arc_chain chain = { 0 };
	const char *said, *why = "";
	buf_add_str(&text, bytes);
	mail_lines_to_lf(&text);
	struct dkim_judge *j = dkim_judge_new(crypto);
	assert_non_null(j);
	assert_true(dkim_message_parse(buf_str(&text), a, &m, &e));
	bool fit = true;
	if (c->arc) {
		arc_verify(j, &m, c->dns, a, NOW, &chain);
		said = arc_result_word(chain.result);
		why = arc_reason_word(chain.reason);
	} else {
		said = dkim_result_word(dkim_verify(j, &m, c->dns, a, NOW, &v));
		if (m.n_signatures > 0)
			why = dkim_reason_word(v[0].reason);
		fit = signatures_fit(c, &m, v);
	}
	fit = fit && has_word(c->expect, said);
	if (!fit)
		print_message("# %.*s: %s (%s), wanted %.*s\n",
		    STR_ARG(c->name), said, why, STR_ARG(c->expect));
	dkim_judge_free(j);
	buf_clear(&text);
	return fit;
}

static void
zone_line(struct one *c, struct str word, struct str rest, struct str *text,
    struct arena *a)
{
	struct str value = STR_EMPTY;
	struct str name = str_cut(rest, ' ', &value);
	const char *owner = arena_cstr(a, name);
	if (str_is(word, "text"))
		assert_true(dns_fake_add(
		    c->dns, owner, DNS_TXT, take_bytes(text, value)));
	else if (str_is(word, "alias"))
		assert_true(dns_fake_add(c->dns, owner, DNS_CNAME, value));
	else if (str_is(word, "address"))
		assert_true(dns_fake_add(c->dns, owner, DNS_A, value));
	else if (str_is(word, "fail"))
		assert_true(dns_fake_fail(c->dns, owner, 0,
		    str_is(value, "timeout") ? DNS_TIMEOUT : DNS_SERVFAIL));
	else
		fail_msg("unknown line '%.*s'", STR_ARG(word));
}

/* Read one case and judge it; false when it does not fit. */
static bool
run_case(struct str first, struct str *text, struct arena *a, bool *arc)
{
	struct one c = { .name = str_sub(first, 5, first.len),
		.dns = dns_fake_new(&clock_system) };
	struct str line;
	bool fit = false;
	assert_non_null(c.dns);
	while (str_next_line(text, &line)) {
		struct str rest, word = str_cut(line, ' ', &rest);
		if (str_is(word, "kind"))
			c.arc = str_is(rest, "arc");
		else if (str_is(word, "expect"))
			c.expect = rest;
		else if (str_is(word, "signature"))
			c.signatures[c.n_signatures++] = rest;
		else if (!str_is(word, "message"))
			zone_line(&c, word, rest, text, a);
		else {
			fit = judge_case(&c, take_bytes(text, rest), a);
			break;
		}
	}
	*arc = c.arc;
	dns_free(c.dns);
	return fit;
}

static void
judge_file(const char *name, size_t dkim, size_t arcs)
{
	struct err e = ERR_INIT;
	struct buf file = BUF_INIT(FILE_MAX);
	struct arena *a = arena_new(ARENA_MAX, NULL, NULL);
	size_t n[2] = { 0, 0 }, fits[2] = { 0, 0 };
	struct str line;
	bool arc;
	crypto = crypto_load(&e);
	assert_non_null(crypto);
	assert_true(file_read(name, NULL, &file, &e));
	struct str text = buf_str(&file);
	while (str_next_line(&text, &line)) {
		assert_true(str_starts(line, STR("case ")));
		bool fit = run_case(line, &text, a, &arc);
		n[arc]++;
		fits[arc] += fit;
		arena_reset(a);
	}
	print_message("# DKIM %zu of %zu, ARC %zu of %zu\n", fits[0], n[0],
	    fits[1], n[1]);
	assert_int_equal(n[0], dkim);
	assert_int_equal(n[1], arcs);
	assert_int_equal(fits[0], n[0]);
	assert_int_equal(fits[1], n[1]);
	buf_clear(&file);
	arena_free(a);
}

static void
test_every_case_has_the_expected_verdict(void **state)
{
	(void)state;
	judge_file("tests/data/dkim/cases", DKIM_CASES, ARC_CASES);
}

static void
test_every_rule_has_the_expected_verdict(void **state)
{
	(void)state;
	judge_file("tests/data/dkim/rules", DKIM_RULES, ARC_RULES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_case_has_the_expected_verdict),
		cmocka_unit_test(test_every_rule_has_the_expected_verdict),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
