/* Addresses, blocks, beginnings: FL-43, FL-44, FL-62, FL-97. */
#include "core/net/addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void
test_addr_parse_and_format(void **state)
{
	static const struct {
		const char *text, *shown; /* shown NULL: refused */
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
		{ "::", "::" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::FFFF:c000:0201", "192.0.2.1" },
		{ "", NULL },
		{ "192.0.2", NULL },
		{ "192.0.2.1.", NULL },
		{ "192.0.2.01", NULL },
		{ "192.0.2.256", NULL },
		{ " 192.0.2.1", NULL },
		{ "[192.0.2.1]", NULL },
		{ "0x7f.0.0.1", NULL },
		{ "2130706433", NULL },
		{ "fe80::1%lo", NULL },
		{ "1::2::3", NULL },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999", NULL },
		{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:00000", NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct net_addr a;
		char shown[NET_ADDR_TEXT_SIZE];
		bool ok = net_addr_parse(str_of(cases[i].text), &a);
		if (ok != (cases[i].shown != NULL))
			fail_msg("'%s'", cases[i].text);
		if (ok)
			assert_string_equal(
			    net_addr_format(&a, shown), cases[i].shown);
	}
	struct net_addr a;
	assert_false(net_addr_parse(STR("192.0.2.1\0"), &a));
}

struct match_case {
	const char *rule, *address;
	bool dotted, beginning; /* matches as NET_RULE_... */
};

static const struct match_case matches[] = {
	{ "192.0.2.1", "192.0.2.1", true, true },
	{ "192.0.2.1", "192.0.2.10", false, false },
	{ "192.0.2.", "192.0.2.10", true, true },
	{ "192.0.2.", "192.0.20.1", false, false },
	{ "192.0.2", "192.0.2.10", false, true },
	{ "192.0.2", "192.0.20.1", false, false },
	{ "10.", "10.255.0.1", true, true },
	{ "10", "10.255.0.1", false, true },
	{ "10", "100.0.0.1", false, false },
	{ "10.0.0.0/8", "10.0.0.0", true, true },
	{ "10.0.0.0/8", "10.255.255.255", true, true },
	{ "10.0.0.0/8", "11.0.0.0", false, false },
	{ "10.9.9.9/8", "10.1.1.1", true, true },
	{ "192.0.2.130/25", "192.0.2.129", true, true },
	{ "192.0.2.130/25", "192.0.2.127", false, false },
	{ "0.0.0.0/0", "203.0.113.9", true, true },
	{ "0.0.0.0/0", "2001:db8::1", false, false },
	{ "::/0", "203.0.113.9", false, false },
	{ "::/0", "2001:db8::1", true, true },
	{ "2001:db8::/33", "2001:db8:7fff::1", true, true },
	{ "2001:db8::/33", "2001:db8:8000::1", false, false },
	{ "2001:db8:", "2001:db8:8000::1", true, true },
	{ "2001:db8:", "2001:db80::1", false, false },
	{ "2001:db8", "2001:db8::1", false, true },
	{ "fe80:", "fe80::1", true, true },
	/* an address is an address, though it ends in a colon */
	{ "2001:db8::", "2001:db8::1", false, false },
	{ "192.0.2.1", "::ffff:192.0.2.1", true, true },
	/* broken rules match nothing */
	{ "", "192.0.2.1", false, false },
	{ ".", "192.0.2.1", false, false },
	{ "..", "192.0.2.1", false, false },
	{ "192.0.2.0/33", "192.0.2.1", false, false },
	{ "192.0.2.0/", "192.0.2.1", false, false },
	{ "192.0.2.0/-1", "192.0.2.1", false, false },
	{ "192.0.2./24", "192.0.2.1", false, false },
	{ "::ffff:192.0.2.0/120", "192.0.2.1", false, false },
	{ "192.0.2.1.", "192.0.2.1", true, true },
	{ "192.0.2.1.5.", "192.0.2.1", false, false },
	{ "2001:db8:.", "2001:db8::1", false, false },
	{ "0300.", "192.0.2.1", false, false },
};

static void
test_rule_matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(matches); i++) {
		const struct match_case *m = &matches[i];
		struct net_addr a;
		struct net_block b;
		assert_true(net_addr_parse(str_of(m->address), &a));
		bool dotted =
		    net_rule_parse(str_of(m->rule), NET_RULE_DOTTED, &b) &&
		    net_block_has(&b, &a);
		bool beginning =
		    net_rule_parse(str_of(m->rule), NET_RULE_BEGINNING, &b) &&
		    net_block_has(&b, &a);
		if (dotted != m->dotted || beginning != m->beginning)
			fail_msg("'%s' and '%s': %d %d", m->rule, m->address,
			    dotted, beginning);
	}
}

/* FL-44: host bits zero */
static void
test_block_is_canonical(void **state)
{
	static const struct {
		const char *text;
		bool canonical;
	} cases[] = {
		{ "192.0.2.0/24", true },
		{ "192.0.2.1/24", false },
		{ "192.0.2.128/25", true },
		{ "192.0.2.64/25", false },
		{ "192.0.2.1", true },
		{ "0.0.0.0/0", true },
		{ "2001:db8::/32", true },
		{ "2001:db8::1/32", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct net_block b;
		assert_true(net_block_parse(str_of(cases[i].text), &b));
		assert_int_equal(
		    net_block_is_canonical(&b), cases[i].canonical);
	}
}

static void
test_addr_is_loopback(void **state)
{
	static const struct {
		const char *text;
		bool loopback;
	} cases[] = {
		{ "127.0.0.1", true },
		{ "127.9.9.9", true },
		{ "::1", true },
		{ "::ffff:127.0.0.2", true },
		{ "128.0.0.1", false },
		{ "::2", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct net_addr a;
		assert_true(net_addr_parse(str_of(cases[i].text), &a));
		assert_int_equal(net_addr_is_loopback(&a), cases[i].loopback);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addr_parse_and_format),
		cmocka_unit_test(test_rule_matches),
		cmocka_unit_test(test_block_is_canonical),
		cmocka_unit_test(test_addr_is_loopback),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net_addr", tests, NULL, NULL);
}
