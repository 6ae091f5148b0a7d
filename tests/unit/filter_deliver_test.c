/* Whose mailboxes a message is for (the setting 'aliases'; esmith.md ES-61). */
#include "core/filter/deliver.h"
#include "tests/unit/filter_fixture.h"

#define QUEUE "queue/maildir /tmp/m %l\n"
#define LISTS                                                                  \
	{ "plugins", QUEUE }, { "me", "mx.example\n" },                        \
	    { "rcpthosts", "home.example\nother.example\ninner.example\n" },   \
	{                                                                      \
		"smtproutes", "inner.example:10.0.0.5\nfar.example:relay:26\n" \
	}

static const char names[] = "admin: admin\n"
			    "anna: anna\n"
			    "bert: bert, Bert.B@far.example\n"
			    "carl: carl@far.example\n"
			    "dora: dora@nowhere.example\n"
			    "emil: anna@home.example\n"
			    "fred: fred@other.example\n"
			    "anna.smith: anna\n"
			    "info: sales\n"
			    "info@other.example: bert\n"
			    "sales: anna, bert, info, ghost\n"
			    "sales: carl\n"
			    "sales-team: admin\n"
			    "postmaster: admin\n"
			    "a: b\n"
			    "b: a\n"
			    "@catch.example: anna\n";

static struct mail_path
path_of(const char *address)
{
	struct str domain;
	struct mail_path p = { .local =
				   str_cut(str_of(address), '@', &domain) };
	p.domain = domain;
	return p;
}

/* "BOX<RCPT" of what stays, "RCPT>HOST:PORT" of what goes, or the error. */
static void
tell(const struct filter_policy *p, const char *const *to, size_t n, bool boxes,
    struct buf *out)
{
	struct mail_path rcpts[8];
	struct filter_deliveries d;
	struct err e = ERR_INIT;
	struct arena *a = arena_new(1 << 20, NULL, NULL);
	buf_reset(out);
	for (size_t i = 0; i < n; i++)
		rcpts[i] = path_of(to[i]);
	if (!filter_policy_deliver(p, rcpts, n, boxes, a, &d, &e))
		buf_addf(
		    out, "%s %s", e.code == ERR_NO ? "no:" : "error:", e.text);
	for (size_t i = 0; e.text[0] == '\0' && i < d.n; i++) {
		const struct filter_delivery *one = &d.items[i];
		buf_add_cstr(out, i > 0 ? " " : "");
		if (!one->away)
			buf_addf(out, "%.*s<", STR_ARG(one->box));
		mail_path_format(out, &one->rcpt);
		if (one->away)
			buf_addf(out, ">%.*s:%u", STR_ARG(one->route.host),
			    one->route.port);
	}
	arena_free(a);
}

static void
check(const struct filter_policy *p, const char *to, bool boxes,
    const char *wanted)
{
	struct buf got = BUF_INIT(4096);
	tell(p, &to, 1, boxes, &got);
	if (!str_is(buf_str(&got), wanted))
		fail_msg(
		    "%s: '%s' in place of '%s'", to, buf_cstr(&got), wanted);
	buf_clear(&got);
}

static void
test_names_are_followed(void **state)
{
	static const struct {
		const char *to, *wanted;
	} cases[] = {
		{ "anna@home.example", "anna<anna@home.example" },
		{ "ANNA@Home.Example", "anna<ANNA@Home.Example" },
		{ "\"anna\"@home.example", "anna<\"anna\"@home.example" },
		{ "anna.smith@home.example", "anna<anna.smith@home.example" },
		{ "anna-lists@home.example", "anna<anna-lists@home.example" },
		{ "anna-a-b@home.example", "anna<anna-a-b@home.example" },
		{ "sales-team-x@home.example",
		    "admin<sales-team-x@home.example" },
		{ "postmaster", "admin<postmaster" },
		{ "postmaster@mx.example", "admin<postmaster@mx.example" },
		/* EmailForward: both, forward, no server for it, to one here */
		{ "bert@home.example", "bert<bert@home.example "
				       "Bert.B@far.example>relay:26" },
		{ "carl@home.example", "carl@far.example>relay:26" },
		{ "dora@home.example", "dora<dora@home.example" },
		{ "emil@home.example", "anna<emil@home.example" },
		{ "fred@home.example", "fred<fred@home.example" },
		/* a chain to a group that names it again */
		{ "info@home.example",
		    "anna<info@home.example bert<info@home.example "
		    "Bert.B@far.example>relay:26 carl@far.example>relay:26" },
		{ "info@other.example", "bert<info@other.example "
					"Bert.B@far.example>relay:26" },
		/* domains with a server of their own, and for one account */
		{ "anna@inner.example", "anna@inner.example>10.0.0.5:25" },
		{ "x@catch.example", "no: no server is known for mail to "
				     "'catch.example'" },
		{ "a@home.example", "no: nobody here has the mailbox 'a'" },
		{ "nobody@home.example",
		    "no: nobody here has the mailbox 'nobody'" },
		{ "-anna@home.example",
		    "no: nobody here has the mailbox '-anna'" },
		{ "anna@gone.example", "no: no server is known for mail to "
				       "'gone.example'" },
	};
	struct fixture f;
	struct fixture_file files[] = { LISTS, { "aliases", names },
		{ NULL, NULL } };
	(void)state;
	assert_true(fixture_load(&f, files));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(f.policy, cases[i].to, true, cases[i].wanted);
	/* one box for all: no names */
	check(f.policy, "nobody@gone.example", false, "<nobody@gone.example");
	/* circles and names that lead nowhere are told, once */
	assert_non_null(strstr(f.logged.data, "'a' leads to no mailbox"));
	assert_non_null(strstr(f.logged.data, "'b' leads to no mailbox"));
	assert_null(strstr(f.logged.data, "'info' leads"));
	fixture_free(&f);
}

/* What is no address is sent to nobody; only a user has a mailbox. */
static void
test_lines_that_are_wrong(void **state)
{
	static const struct {
		const char *to, *wanted;
	} cases[] = {
		{ "odd@home.example", "good@far.example>relay:26" },
		{ "info@home.example",
		    "no: nobody here has the mailbox 'info'" },
		{ "x@home.example", "no: nobody here has the mailbox 'x'" },
	};
	static const char *const notes[] = { "'x@' is neither a name",
		"'@y.example' is neither", "'a@b@far.example' is neither",
		"'a@-.example' is neither",
		"'info@home.example' leads to no mailbox",
		"'*' leads to no mailbox" };
	struct fixture f;
	struct fixture_file files[] = { LISTS,
		{ "aliases",
		    "odd: x@, @y.example, a@b@far.example, a@-.example, "
		    "good@far.example\n"
		    "info@home.example: info@home.example\n"
		    "*: *\n" },
		{ NULL, NULL } };
	(void)state;
	assert_true(fixture_load(&f, files));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(f.policy, cases[i].to, true, cases[i].wanted);
	for (size_t i = 0; i < ARRAY_LEN(notes); i++)
		if (strstr(f.logged.data, notes[i]) == NULL)
			fail_msg("no note that %s", notes[i]);
	fixture_free(&f);
}

/* locals and virtualdomains tell what is delivered here, if they are there. */
static void
test_unknown_names_and_whole_domains(void **state)
{
	struct fixture f;
	struct fixture_file files[] = { LISTS,
		{ "virtualdomains", "home.example:x\ncatch.example:anna\n" },
		{ "locals", "[192.0.2.1]\n" },
		{ "aliases", "admin: admin\nanna: anna\n"
			     "@catch.example: anna\n*: admin\n" },
		{ NULL, NULL } };
	(void)state;
	assert_true(fixture_load(&f, files));
	check(
	    f.policy, "nobody@home.example", true, "admin<nobody@home.example");
	check(f.policy, "x@catch.example", true, "anna<x@catch.example");
	check(
	    f.policy, "admin@catch.example", true, "anna<admin@catch.example");
	check(f.policy, "x@[192.0.2.1]", true, "admin<x@[192.0.2.1]");
	/* a backup MX takes it, but it is nobody's here */
	check(f.policy, "x@other.example", true,
	    "no: no server is known for mail to 'other.example'");
	fixture_free(&f);
}

/* A mailbox, and an address elsewhere, get one copy of a message. */
static void
test_one_copy_for_each(void **state)
{
	static const char *const to[] = { "anna@home.example",
		"sales@home.example", "carl@home.example",
		"ANNA@other.example" };
	struct fixture f;
	struct buf got = BUF_INIT(4096);
	struct fixture_file files[] = { LISTS, { "aliases", names },
		{ NULL, NULL } };
	(void)state;
	assert_true(fixture_load(&f, files));
	tell(f.policy, to, ARRAY_LEN(to), true, &got);
	assert_string_equal(buf_cstr(&got),
	    "anna<anna@home.example bert<sales@home.example "
	    "Bert.B@far.example>relay:26 carl@far.example>relay:26");
	buf_clear(&got);
	fixture_free(&f);
}

static void
test_without_the_setting_each_name_has_a_box(void **state)
{
	struct fixture f;
	struct fixture_file files[] = { LISTS, { NULL, NULL } };
	struct fixture_file empty[] = { LISTS, { "aliases", "# none\n" },
		{ NULL, NULL } };
	(void)state;
	assert_true(fixture_load(&f, files));
	check(f.policy, "x@home.example", true, "<x@home.example");
	check(f.policy, "x@gone.example", true, "<x@gone.example");
	check(f.policy, "x@far.example", true, "x@far.example>relay:26");
	fixture_free(&f);
	assert_true(fixture_load(&f, empty));
	check(f.policy, "x@home.example", true,
	    "no: nobody here has the mailbox 'x'");
	fixture_free(&f);
}

static void
test_wrong_lines_are_noted(void **state)
{
	static const char *const notes[] = {
		"config/aliases line 1: 'no colon' is not NAME: TARGET",
		"config/aliases line 2: 'empty:' is not NAME: TARGET",
		"config/aliases line 3: ': anna' is not NAME: TARGET",
		"config/aliases line 4: '../x' is neither",
		"config/aliases line 5: 'ghost' leads to no mailbox",
	};
	struct fixture f;
	struct fixture_file files[] = { LISTS,
		{ "aliases", "no colon\nempty:\n: anna\nanna: ../x, anna\n"
			     "ghost: someone\n" },
		{ NULL, NULL } };
	(void)state;
	assert_true(fixture_load(&f, files));
	for (size_t i = 0; i < ARRAY_LEN(notes); i++)
		if (strstr(f.logged.data, notes[i]) == NULL)
			fail_msg("'%s' is not in %s", notes[i], f.logged.data);
	check(f.policy, "anna@home.example", true, "anna<anna@home.example");
	fixture_free(&f);
}

/* Thousands of members, and a chain that is longer than any may be. */
static void
test_bounds(void **state)
{
	enum {
		USERS = 3000,
		LINKS = FILTER_ALIAS_DEPTH + 3
	};
	struct fixture f;
	struct buf text = BUF_INIT(1 << 20);
	struct mail_path rcpt = path_of("all@home.example");
	struct filter_deliveries d;
	struct err e = ERR_INIT;
	(void)state;
	for (int i = 0; i < USERS; i++)
		buf_addf(&text, "u%d: u%d\nall: u%d\n", i, i, i);
	for (int i = 0; i < LINKS; i++)
		buf_addf(&text, "c%d: c%d\n", i, i + 1);
	buf_addf(&text, "c%d: u0\n", LINKS);
	struct fixture_file files[] = { LISTS, { "aliases", text.data },
		{ NULL, NULL } };
	assert_true(fixture_load(&f, files));
	assert_true(filter_policy_deliver(
	    f.policy, &rcpt, 1, true, f.session.arena, &d, &e));
	assert_int_equal(d.n, USERS);
	check(f.policy, "c0@home.example", true,
	    "no: nobody here has the mailbox 'c0'");
	check(f.policy, "c9@home.example", true, "u0<c9@home.example");
	fixture_free(&f);
	buf_clear(&text);
}

/* As many as may be, each of them twice: one copy for each. */
static void
test_many_go_away(void **state)
{
	enum {
		PEOPLE = FILTER_DELIVERIES_MAX
	};
	static char names_of[PEOPLE][16];
	static struct mail_path rcpts[2 * PEOPLE];
	struct fixture_file files[] = { LISTS, { NULL, NULL } };
	struct fixture f;
	struct filter_deliveries d;
	struct err e = ERR_INIT;
	struct arena *a = arena_new(64 << 20, NULL, NULL);
	(void)state;
	assert_true(fixture_load(&f, files));
	for (int i = 0; i < PEOPLE; i++) {
		snprintf(names_of[i], sizeof(names_of[i]), "u%d", i);
		rcpts[i] = (struct mail_path){ str_of(names_of[i]),
			STR("far.example") };
		rcpts[2 * PEOPLE - 1 - i] =
		    (struct mail_path){ str_of(names_of[i]),
			    STR("FAR.example") };
	}
	assert_true(filter_policy_deliver(
	    f.policy, rcpts, ARRAY_LEN(rcpts), true, a, &d, &e));
	assert_int_equal(d.n, PEOPLE);
	assert_int_equal(d.n_away, PEOPLE);
	for (size_t i = 0; i < d.n; i++)
		assert_true(str_is(d.items[i].rcpt.local, names_of[i]));
	arena_free(a);
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_followed),
		cmocka_unit_test(test_lines_that_are_wrong),
		cmocka_unit_test(test_unknown_names_and_whole_domains),
		cmocka_unit_test(test_one_copy_for_each),
		cmocka_unit_test(test_without_the_setting_each_name_has_a_box),
		cmocka_unit_test(test_wrong_lines_are_noted),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_many_go_away),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
