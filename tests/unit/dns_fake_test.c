/* Names, typed answers and the front, over a resolver that has a table. */
#include "tests/support/dns_fake.h"
#include "core/dns/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
	MEMORY = 1 << 20
};

struct fixture {
	struct dns *dns;
	struct arena *arena;
};

static int
setup(void **state)
{
	static struct fixture f;
	f.dns = dns_fake_new(&clock_system);
	f.arena = arena_new(MEMORY, NULL, NULL);
	*state = &f;
	return f.dns == NULL || f.arena == NULL;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	dns_free(f->dns);
	arena_free(f->arena);
	return 0;
}

static void
assert_str(struct str s, const char *expected)
{
	assert_int_equal(s.len, strlen(expected));
	assert_memory_equal(s.ptr, expected, s.len);
}

static void
test_name_from_text(void **state)
{
	static const char label63[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				      "aaaaaaaaaaaaaaaaaaaaaaa";
	struct dns_name n;
	char text[DNS_NAME_TEXT_SIZE];
	(void)state;
	assert_true(dns_name_from_text(STR("Example.COM."), &n));
	assert_int_equal(n.len, 13);
	assert_memory_equal(n.wire, "\7Example\3COM", 13);
	assert_true(dns_name_from_text(STR("."), &n));
	assert_int_equal(n.len, 1);
	assert_false(dns_name_from_text(STR("a..b"), &n));
	assert_false(dns_name_from_text(STR(".a"), &n));
	assert_false(dns_name_from_text(STR("a.."), &n));
	assert_true(dns_name_from_text(str_of(label63), &n));
	snprintf(text, sizeof(text), "a%s", label63);
	assert_false(dns_name_from_text(str_of(text), &n));
	/* 3 * 64 + 62 + 1 = 255 octets, and one more */
	snprintf(text, sizeof(text), "%s.%s.%s.%.61s", label63, label63,
	    label63, label63);
	assert_true(dns_name_from_text(str_of(text), &n));
	assert_int_equal(n.len, DNS_NAME_MAX);
	snprintf(text, sizeof(text), "%s.%s.%s.%.62s", label63, label63,
	    label63, label63);
	assert_false(dns_name_from_text(str_of(text), &n));
}

static void
test_name_text_escapes(void **state)
{
	struct fixture *f = *state;
	assert_str(
	    dns_name_text(f->arena, str_n("\4a.B\x1b\0", 6)), "a\\046b\\027");
	assert_str(dns_name_text(f->arena, str_n("\0", 1)), ".");
}

static void
test_typed_records(void **state)
{
	struct fixture *f = *state;
	struct dns *d = f->dns;
	assert_true(dns_fake_add(d, "m.example", DNS_A, STR("192.0.2.1")));
	assert_true(dns_fake_add(d, "m.example", DNS_AAAA, STR("2001:db8::1")));
	assert_true(dns_fake_add(d, "m.example", DNS_MX, STR("10 MX.example")));
	assert_true(dns_fake_add(d, "m.example", DNS_MX, STR("0 .")));
	assert_true(dns_fake_add(d, "m.example", DNS_TXT, STR("a b\n\nc")));
	assert_true(dns_fake_add_raw(d, "m.example", DNS_TLSA, STR("\3\1\1x")));
	assert_true(
	    dns_fake_add_raw(d, "m.example", DNS_CAA, STR("\200\5issueca")));
	assert_false(dns_fake_add(d, "m.example", DNS_A, STR("2001:db8::1")));
	const struct dns_answer *a =
	    dns_ask(d, f->arena, STR("M.example."), DNS_A, NULL);
	assert_int_equal(a->status, DNS_OK);
	assert_int_equal(a->n, 1);
	assert_int_equal(a->records[0].as.addr.bytes[3], 1);
	a = dns_ask(d, f->arena, STR("m.example"), DNS_MX, NULL);
	assert_int_equal(a->n, 2);
	assert_int_equal(a->records[0].as.mx.preference, 10);
	assert_str(a->records[0].as.mx.host, "mx.example");
	assert_str(a->records[1].as.mx.host, ".");
	a = dns_ask(d, f->arena, STR("m.example"), DNS_TXT, NULL);
	assert_int_equal(a->records[0].as.txt.n, 3);
	assert_str(a->records[0].as.txt.text, "a bc");
	assert_str(a->records[0].as.txt.strings[2], "c");
	a = dns_ask(d, f->arena, STR("m.example"), DNS_TLSA, NULL);
	assert_int_equal(a->records[0].as.tlsa.usage, 3);
	assert_str(a->records[0].as.tlsa.data, "x");
	a = dns_ask(d, f->arena, STR("m.example"), DNS_CAA, NULL);
	assert_int_equal(a->records[0].as.caa.flags, 128);
	assert_str(a->records[0].as.caa.tag, "issue");
	assert_str(a->records[0].as.caa.value, "ca");
	assert_int_equal(dns_asked(d), 5);
}

/* T-43: data that is not of its type makes the reply unusable. */
static void
test_malformed_data(void **state)
{
	static const struct {
		uint16_t type;
		struct str data;
	} cases[] = {
		{ DNS_A, { "", 0 } },
		{ DNS_A, { "\1\2\3\4\5", 5 } },
		{ DNS_AAAA, { "\1\2\3\4", 4 } },
		{ DNS_TXT, { "", 0 } },
		{ DNS_TXT, { "\5abc", 4 } },
		{ DNS_MX, { "\0\1", 2 } },
		{ DNS_MX, { "\0\1\1a", 4 } },
		{ DNS_NS, { "\1a\0x", 4 } },
		{ DNS_SOA, { "\0\0\0\0", 4 } },
		{ DNS_CAA, { "\0\11iss", 5 } },
		{ DNS_TLSA, { "\3\1\1", 3 } },
		{ DNS_SRV, { "\0\1\0\1\0\1", 6 } },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char name[32];
		snprintf(name, sizeof(name), "n%zu.example", i);
		assert_true(dns_fake_add_raw(
		    f->dns, name, cases[i].type, cases[i].data));
		const struct dns_answer *a = dns_ask(
		    f->dns, f->arena, str_of(name), cases[i].type, NULL);
		assert_int_equal(a->status, DNS_BAD);
		assert_int_equal(a->n, 0);
		assert_true(a->reason.len > 0);
	}
}

static void
test_no_and_not_asked_differ(void **state)
{
	struct fixture *f = *state;
	assert_true(
	    dns_fake_add(f->dns, "a.b.example", DNS_A, STR("192.0.2.1")));
	assert_true(dns_fake_fail(f->dns, "t.example", 0, DNS_TIMEOUT));
	static const struct {
		const char *name;
		uint16_t type;
		enum dns_status status;
	} cases[] = {
		{ "a.b.example", DNS_A, DNS_OK },
		{ "a.b.example", DNS_MX, DNS_NODATA },
		{ "b.example", DNS_A, DNS_NODATA },
		{ "c.example", DNS_A, DNS_NXDOMAIN },
		{ "t.example", DNS_A, DNS_TIMEOUT },
		{ "a..example", DNS_A, DNS_NOT_A_NAME },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct dns_answer *a = dns_ask(f->dns, f->arena,
		    str_of(cases[i].name), cases[i].type, NULL);
		assert_int_equal(a->status, cases[i].status);
		assert_int_equal(dns_is_answer(a->status), i < 4);
		assert_int_equal(a->reason.len > 0, i >= 4);
		assert_str(a->name, cases[i].name);
	}
}

static void
test_cnames_and_wildcards(void **state)
{
	struct fixture *f = *state;
	struct dns *d = f->dns;
	assert_true(dns_fake_add(d, "w.example", DNS_CNAME, STR("x.example")));
	assert_true(dns_fake_add(d, "x.example", DNS_CNAME, STR("y.example")));
	assert_true(dns_fake_add(d, "y.example", DNS_A, STR("192.0.2.9")));
	assert_true(dns_fake_add(d, "l.example", DNS_CNAME, STR("l.example")));
	assert_true(dns_fake_add(d, "g.example", DNS_CNAME, STR("no.example")));
	assert_true(dns_fake_add(d, "*.z.example", DNS_A, STR("192.0.2.7")));
	const struct dns_answer *a =
	    dns_ask(d, f->arena, STR("w.example"), DNS_A, NULL);
	assert_int_equal(a->status, DNS_OK);
	assert_int_equal(a->n_chain, 2);
	assert_str(a->canonical, "y.example");
	a = dns_ask(d, f->arena, STR("w.example"), DNS_CNAME, NULL);
	assert_int_equal(a->n, 1);
	assert_str(a->records[0].as.host, "x.example");
	a = dns_ask(d, f->arena, STR("l.example"), DNS_A, NULL);
	assert_int_equal(a->status, DNS_BAD);
	a = dns_ask(d, f->arena, STR("g.example"), DNS_A, NULL);
	assert_int_equal(a->status, DNS_NXDOMAIN);
	a = dns_ask(d, f->arena, STR("p.q.z.example"), DNS_A, NULL);
	assert_int_equal(a->status, DNS_OK);
	a = dns_ask(d, f->arena, STR("z.example"), DNS_A, NULL);
	assert_int_equal(a->status, DNS_NODATA);
}

struct seen {
	struct dns *dns;
	struct dns_query *other;
	unsigned calls, aborted;
};

static void
seen_done(void *ctx, const struct dns_answer *answer)
{
	struct seen *s = ctx;
	s->calls++;
	s->aborted += answer->status == DNS_ABORTED;
	if (s->other != NULL)
		dns_cancel(s->other);
	s->other = NULL;
}

/* Never from within submit; a callback may cancel; the end calls back. */
static void
test_callbacks(void **state)
{
	struct fixture *f = *state;
	struct seen s = { .dns = f->dns };
	assert_int_equal(dns_next_ms(f->dns), -1);
	assert_false(dns_wait(f->dns, -1, NULL));
	dns_submit(f->dns, STR("a.example"), DNS_A, NULL, seen_done, &s);
	s.other =
	    dns_submit(f->dns, STR("b.example"), DNS_A, NULL, seen_done, &s);
	assert_int_equal(s.calls, 0);
	assert_true(dns_next_ms(f->dns) >= 0);
	assert_true(dns_wait(f->dns, -1, NULL));
	assert_int_equal(s.calls, 1);
	assert_false(dns_wait(f->dns, -1, NULL));
}

static void
test_addresses_reversed(void **state)
{
	struct fixture *f = *state;
	struct net_addr a;
	assert_true(net_addr_parse(STR("192.0.2.25"), &a));
	assert_str(dns_reversed(f->arena, &a), "25.2.0.192");
	assert_str(dns_reverse_name(f->arena, &a), "25.2.0.192.in-addr.arpa");
	assert_true(net_addr_parse(STR("2001:db8::25"), &a));
	assert_str(dns_reverse_name(f->arena, &a),
	    "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	    "ip6.arpa");
}

static void
test_types_have_words(void **state)
{
	char text[DNS_TYPE_TEXT_SIZE];
	(void)state;
	assert_string_equal(dns_type_text(DNS_TXT, text), "TXT");
	assert_string_equal(dns_type_text(65280, text), "TYPE65280");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_from_text),
		cmocka_unit_test_setup_teardown(
		    test_name_text_escapes, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_typed_records, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_malformed_data, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_no_and_not_asked_differ, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_cnames_and_wildcards, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_callbacks, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_addresses_reversed, setup, teardown),
		cmocka_unit_test(test_types_have_words),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("dns_fake", tests, NULL, NULL);
}
