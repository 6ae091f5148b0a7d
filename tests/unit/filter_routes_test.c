/* smtproutes: which server mail for a domain goes to (FL-75's file). */
#include "tests/unit/filter_fixture.h"

#define QUEUE "queue/maildir /tmp/m\n"

static void
test_route_is_found(void **state)
{
	static const struct {
		const char *domain, *host;
		uint16_t port; /* 0: kept here */
	} cases[] = {
		{ "a.example", "mx.a.example", 25 },
		{ "A.Example", "mx.a.example", 25 },
		{ "b.example", "192.0.2.1", 2525 },
		{ "six.example", "2001:db8::1", 26 },
		{ "sixbare.example", "2001:db8::2", 25 },
		{ "x.below.example", "below.host", 25 },
		{ "below.example", "", 0 },
		{ "x.deep.below.example", "deep.host", 25 },
		{ "direct.example", "", 0 },
		{ "bad.example", "", 0 },
		{ "twice.example", "second", 25 },
		{ "ours.example", "", 0 },
		{ "mx.example", "", 0 },
		{ "elsewhere.example", "smart", 587 },
		{ "", "", 0 },
	};
	struct fixture f;
	struct fixture_file files[] = {
		{ "plugins", QUEUE },
		{ "me", "mx.example\n" },
		{ "rcpthosts", "ours.example\na.example\nbelow.example\n" },
		{ "smtproutes",
		    "a.example:mx.a.example\nb.example:192.0.2.1:2525\n"
		    "six.example:[2001:db8::1]:26\n"
		    "sixbare.example:[2001:db8::2]\n"
		    ".below.example:below.host\n"
		    ".deep.below.example: deep.host\n"
		    "direct.example:\nbad.example:host:99999\n"
		    "twice.example:first\ntwice.example:second\n"
		    ":smart:587\n" },
		{ NULL, NULL },
	};
	(void)state;
	assert_true(fixture_load(&f, files));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct filter_route r = { .port = 0 };
		bool found =
		    filter_policy_route(f.policy, str_of(cases[i].domain), &r);
		if (found != (cases[i].port != 0) ||
		    (found && (r.port != cases[i].port ||
				  !str_is(r.host, cases[i].host))))
			fail_msg("'%s'", cases[i].domain);
	}
	fixture_free(&f);
}

/* As in qmail (FL-75): the rest is what it does not deliver here itself. */
static void
test_hop(void **state)
{
	static const struct {
		const char *domain;
		bool found;
	} cases[] = {
		{ "a.example", true },
		{ "mx.example", false },
		{ "", false },
		{ "local.example", false },
		{ "Virtual.example", false },
		{ "x.below.example", false },
		{ "backup.example", true },
		{ "far.example", true },
	};
	struct fixture f;
	struct fixture_file files[] = {
		{ "plugins", QUEUE },
		{ "me", "mx.example\n" },
		{ "rcpthosts", "local.example\nbackup.example\n" },
		{ "locals", "local.example\n" },
		{ "virtualdomains", "virtual.example:u\n.below.example:v\n" },
		{ "smtproutes", "a.example:mx.a.example\n:smart:587\n" },
		{ NULL, NULL },
	};
	(void)state;
	assert_true(fixture_load(&f, files));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct filter_route r;
		if (filter_policy_hop(f.policy, str_of(cases[i].domain), &r) !=
		    cases[i].found)
			fail_msg("'%s'", cases[i].domain);
	}
	fixture_free(&f);
}

static void
test_no_routes_is_no_route(void **state)
{
	struct fixture f;
	struct filter_route r;
	struct fixture_file files[] = { { "plugins", QUEUE }, { NULL, NULL } };
	(void)state;
	assert_true(fixture_load(&f, files));
	assert_false(filter_policy_route(f.policy, STR("a.example"), &r));
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_route_is_found),
		cmocka_unit_test(test_hop),
		cmocka_unit_test(test_no_routes_is_no_route),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
