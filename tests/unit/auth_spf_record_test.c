/* SPF terms and macros as RFC 7208, sections 5, 7 and 12, writes them. */
#include "core/auth/spf_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void
test_record_terms(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "all", true },
		{ "-ALL", true },
		{ "all.", false },
		{ "all:x.example", false },
		{ "all/8", false },
		{ "--all", false },
		{ "a", true },
		{ "a/24//64", true },
		{ "a//64", true },
		{ "a//", false },
		{ "a/", false },
		{ "a/33", false },
		{ "a/024", false },
		{ "a//129", false },
		{ "a/0//0", true },
		{ "a/24/64", false },
		{ "a:", false },
		{ "a:museum", false },
		{ "a:museum.", false },
		{ "a:x.museum.", true },
		{ "a:x.123", false },
		{ "a:x.1-3", true },
		{ "a:x.-3", false },
		{ "a:x.example:25", false },
		{ "a:foo:bar/baz.example.com", true },
		{ "a:%{d}", true },
		{ "a:x.%{d}/24", true },
		{ "a:%{d}x", false },
		{ "a:%{d0}.x.example", false },
		{ "a:%{a}.x.example", false },
		{ "a:%{c}.x.example", false },
		{ "a:%(d).x.example", false },
		{ "a:x\x01.example", false },
		{ "a:x\xc3\xa9.example", false },
		{ "ip4:192.0.2.0/24", true },
		{ "ip4:192.0.2.0/33", false },
		{ "ip4:192.0.2", false },
		{ "ip4:192.0.2.1:25", false },
		{ "ip4", false },
		{ "ip6:2001:db8::/32", true },
		{ "ip6:2001:db8::/129", false },
		{ "ip6:192.0.2.1", false },
		{ "ip6", false },
		{ "include:x.example", true },
		{ "include:x.example/24", false },
		{ "include", false },
		{ "exists:%{ir}.x.example", true },
		{ "exists", false },
		{ "ptr", true },
		{ "ptr/24", false },
		{ "ptr:x.example", true },
		{ "redirect=x.example", true },
		{ "redirect:x.example", false },
		{ "redirect=", false },
		{ "-redirect=x.example", false },
		{ "exp=x.example", true },
		{ "moo.cow-far_out=man:dog/cat", true },
		{ "=up", false },
		{ "9x=up", false },
		{ "foo=%abc", false },
		{ "foo", false },
		{ "", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct spf_term t;
		const char *reason;
		bool ok = spf_term_parse(str_of(cases[i].text), &t, &reason);
		if (ok != cases[i].good || ok != (reason == NULL))
			fail_msg("'%s'", cases[i].text);
	}
}

static void
test_record_whole(void **state)
{
	static const struct {
		const char *text;
		bool is_one, good;
		size_t terms;
	} cases[] = {
		{ "v=spf1", true, true, 0 },
		{ "V=SPF1 -all", true, true, 1 },
		{ "v=spf1  mx   -all ", true, true, 2 },
		{ "v=spf10 -all", false, false, 0 },
		{ "v=spf1-all", false, false, 0 },
		{ "v=spf1\t-all", false, false, 0 },
		{ "v=spf1 mx\t-all", true, false, 0 },
		{ "v=spf1 redirect=a.example redirect=b.example", true, false,
		    1 },
		{ "v=spf1 exp=a.example exp=b.example", true, false, 1 },
	};
	(void)state;
	struct arena *a = arena_new(1 << 20, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct spf_record r;
		struct spf_syntax bad;
		struct str text = str_of(cases[i].text);
		assert_int_equal(spf_record_is(text), cases[i].is_one);
		if (!cases[i].is_one)
			continue;
		if (spf_record_parse(text, a, &r, &bad) != cases[i].good ||
		    r.n != cases[i].terms)
			fail_msg("'%s'", cases[i].text);
	}
	arena_free(a);
}

static void
test_macro_expansion(void **state)
{
	/* the examples of RFC 7208, 7.4 */
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "%{s}", "strong-bad@email.example.com" },
		{ "%{o}", "email.example.com" },
		{ "%{d}", "email.example.com" },
		{ "%{d4}", "email.example.com" },
		{ "%{d3}", "email.example.com" },
		{ "%{d2}", "example.com" },
		{ "%{d1}", "com" },
		{ "%{dr}", "com.example.email" },
		{ "%{d2r}", "example.email" },
		{ "%{l}", "strong-bad" },
		{ "%{l-}", "strong.bad" },
		{ "%{lr}", "strong-bad" },
		{ "%{lr-}", "bad.strong" },
		{ "%{l1r-}", "strong" },
		{ "%{ir}.%{v}._spf.%{d2}",
		    "3.2.0.192.in-addr._spf.example.com" },
		{ "%{d2}.trusted-domains.example.net",
		    "example.com.trusted-domains.example.net" },
		{ "%%%_%-", "% %20" },
		{ "%{L}", "strong-bad" },
		{ "%{S}", "strong-bad%40email.example.com" },
		{ "%{p}", "unknown" },
		{ "%{d999999999999999999999999}", "email.example.com" },
		{ "%{d", NULL },
		{ "%", NULL },
		{ "%{}", NULL },
		{ "%{t}", NULL },
	};
	struct net_addr ip;
	(void)state;
	assert_true(net_addr_parse(STR("192.0.2.3"), &ip));
	const struct spf_macros m = { .local = STR("strong-bad"),
		.sender_domain = STR("email.example.com"),
		.domain = STR("email.example.com"),
		.ip = &ip };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(4096);
		bool ok =
		    spf_macro_expand(str_of(cases[i].text), &m, false, &out);
		if (ok != (cases[i].wanted != NULL))
			fail_msg("'%s'", cases[i].text);
		if (ok)
			assert_string_equal(buf_cstr(&out), cases[i].wanted);
		buf_clear(&out);
	}
}

/* 7.3: names beyond 253 octets lose labels from the left. */
static void
test_macro_truncation(void **state)
{
	struct buf out = BUF_INIT(8192);
	struct spf_macros m = { .domain =
				    STR("aaaaaaaaaa.bbbbbbbbbb.cccccccccc."
					"dddddddddd.eeeeeeeeee.ffffffffff") };
	(void)state;
	assert_true(spf_domain_expand(
	    STR("%{d}.%{d}.%{d}.%{d}.%{d}.example.com."), &m, &out));
	assert_true(out.len <= 253 && out.len > 240);
	assert_true(str_ends(buf_str(&out), STR(".ffffffffff.example.com")));
	assert_true(str_find(buf_str(&out), '.', 0) == 10);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_terms),
		cmocka_unit_test(test_record_whole),
		cmocka_unit_test(test_macro_expansion),
		cmocka_unit_test(test_macro_truncation),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("spf_record", tests, NULL, NULL);
}
