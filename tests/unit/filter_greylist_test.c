/* greylisting (FL-125 to FL-127). */
#include "tests/unit/filter_state_fixture.h"

static void
is_asked_back(struct fixture *f, const char *sender)
{
	assert_int_equal(fixture_mail(f, sender), FILTER_DENYSOFT);
	assert_string_equal(f->verdict.text, "This mail is temporarily denied");
}

/* FL-126 */
static void
test_greylisting_in_time(void **state)
{
	struct fixture f;
	struct state_fake s;
	(void)state;
	begin(&f, &s,
	    "greylisting black_timeout 100 white_timeout 1000\n" QUEUE, "IP",
	    "0\n");
	is_asked_back(&f, "a@b.example");
	is_record(&s, STATE_GREYLIST, ADDRESS, "1700000000:1:0:0");
	s.now += 99;
	is_asked_back(&f, "other@b.example");
	is_record(&s, STATE_GREYLIST, ADDRESS, "1700000000:1:1:0");
	s.now += 1;
	assert_int_equal(fixture_mail(&f, "a@b.example"), FILTER_DECLINED);
	is_record(&s, STATE_GREYLIST, ADDRESS, "1700000100:1:1:1");
	s.now += 999;
	assert_int_equal(fixture_mail(&f, "a@b.example"), FILTER_DECLINED);
	is_record(&s, STATE_GREYLIST, ADDRESS, "1700001099:1:1:2");
	s.now += 1000; /* white, but too long ago: anew */
	is_asked_back(&f, "a@b.example");
	is_record(&s, STATE_GREYLIST, ADDRESS, "1700002099:1:0:0");
	s.now -= 500; /* a clock that was put right */
	is_asked_back(&f, "a@b.example");
	is_record(&s, STATE_GREYLIST, ADDRESS, "1700001599:1:0:0");
	fixture_free(&f);
}

/* FL-125: what tells senders apart, and when they are asked */
static void
test_greylisting_keys(void **state)
{
	static const struct {
		const char *line, *key;
		bool at_rcpt;
	} cases[] = {
		{ "greylisting", ADDRESS, false },
		{ "greylisting sender 1", ADDRESS ":a@b.example", false },
		{ "greylisting remote_ip 0 sender 1", "a@b.example", false },
		{ "greylisting recipient 1", ADDRESS ":c@test.example", true },
		{ "greylisting per_recipient 1", ADDRESS, true },
		{ "greylisting remote_ip 0 sender 1 recipient 1",
		    "a@b.example:c@test.example", true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct state_fake s;
		char lines[200];
		snprintf(lines, sizeof(lines), "%s\n" QUEUE, cases[i].line);
		begin(&f, &s, lines, "IP", "0\n");
		assert_int_equal(fixture_mail(&f, "A@b.Example"),
		    cases[i].at_rcpt ? FILTER_DECLINED : FILTER_DENYSOFT);
		f.session.sender.local = STR("A");
		f.session.sender.domain = STR("b.Example");
		if (cases[i].at_rcpt)
			assert_int_equal(fixture_rcpt(&f, "c@test.example"),
			    FILTER_DENYSOFT);
		is_record(&s, STATE_GREYLIST, cases[i].key, "1700000000:1:0:0");
		assert_int_equal(s.n, 1);
		fixture_free(&f);
	}
}

/* FL-37, FL-125: the arguments may stand in a file; those of the line win */
static void
test_greylisting_file(void **state)
{
	static const struct {
		const char *line, *file, *key;
		enum filter_result result;
	} cases[] = {
		{ "greylisting", "sender  1\n# recipient 1\n",
		    ADDRESS ":a@b.example", FILTER_DENYSOFT },
		{ "greylisting sender 0", "sender 1\n", ADDRESS,
		    FILTER_DENYSOFT },
		{ "greylisting sender 1", "remote_ip 0\n", "a@b.example",
		    FILTER_DENYSOFT },
		{ "greylisting", "reject\t0\n", ADDRESS, FILTER_DECLINED },
		{ "greylisting", "reject_type perm\n", ADDRESS, FILTER_DENY },
		{ "greylisting reject 1", "reject 0\nnonsense\n", ADDRESS,
		    FILTER_DENYSOFT },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct state_fake s;
		char lines[200];
		snprintf(lines, sizeof(lines), "%s\n" QUEUE, cases[i].line);
		begin(&f, &s, lines, "denysoft_greylist", cases[i].file);
		assert_int_equal(
		    fixture_mail(&f, "a@b.example"), cases[i].result);
		is_record(&s, STATE_GREYLIST, cases[i].key, "1700000000:1:0:0");
		fixture_free(&f);
	}
}

/* FL-127 */
static void
test_greylisting_late(void **state)
{
	struct fixture f;
	struct state_fake s;
	(void)state;
	begin(&f, &s, "greylisting deny_late 1\nwhitelist\n" QUEUE,
	    "whitelistrcpt", "boss@test.example\n");
	assert_int_equal(fixture_mail(&f, "a@b.example"), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "fail, at DATA"));
	assert_int_equal(fixture_rcpt(&f, "boss@test.example"), FILTER_OK);
	f.session.n_rcpts = 1;
	/* all recipients are whitelisted */
	assert_int_equal(fixture_ask(&f, HOOK_DATA, NULL), FILTER_DECLINED);
	assert_int_equal(fixture_rcpt(&f, "b@test.example"), FILTER_OK);
	f.session.n_rcpts = 2;
	assert_int_equal(fixture_ask(&f, HOOK_DATA, NULL), FILTER_DENYSOFT);
	fixture_ask(&f, HOOK_RESET, NULL);
	assert_int_equal(fixture_ask(&f, HOOK_DATA, NULL), FILTER_DECLINED);
	fixture_free(&f);
}

/* FL-127: who asks whether a sender exists gets his answer */
static void
test_greylisting_lets_callouts(void **state)
{
	struct fixture f;
	struct state_fake s;
	(void)state;
	begin(&f, &s, "greylisting recipient 1\n" QUEUE, "IP", "0\n");
	assert_int_equal(fixture_mail(&f, ""), FILTER_DECLINED);
	assert_int_equal(fixture_rcpt(&f, "b@test.example"), FILTER_OK);
	f.session.n_rcpts = 1;
	assert_int_equal(fixture_ask(&f, HOOK_DATA, NULL), FILTER_DENYSOFT);
	fixture_free(&f);
	/* at MAIL it is denied like everybody */
	begin(&f, &s, "greylisting\n" QUEUE, "IP", "0\n");
	is_asked_back(&f, "");
	fixture_free(&f);
}

static void
test_greylisting_records_only(void **state)
{
	struct fixture f;
	struct state_fake s;
	(void)state;
	begin(&f, &s, "greylisting reject 0 deny_late 1\n" QUEUE, "IP", "0\n");
	assert_int_equal(fixture_mail(&f, "a@b.example"), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "fail, tolerated, unknown"));
	assert_int_equal(fixture_ask(&f, HOOK_DATA, NULL), FILTER_DECLINED);
	is_record(&s, STATE_GREYLIST, ADDRESS, "1700000000:1:0:0");
	fixture_free(&f);
}

/* FL-125: immune clients, files of excluded hosts, facts there are none of */
static void
test_greylisting_skips(void **state)
{
	static const struct {
		const char *ip, *name;
		bool skipped;
	} cases[] = {
		{ "192.0.2.9", "Unknown", true },
		{ "192.0.2.10", "Unknown", false },
		{ "198.51.100.77", "Unknown", true },
		{ "203.0.113.1", "Mail.Friend.example", true },
		{ "203.0.113.1", "mail.friend.example.net", false },
		{ "203.0.113.1", "out7.pool.test", true },
	};
	static const struct fixture_file files[] = {
		{ "plugins", "greylisting\nrcpt_ok\nqueue/maildir /m\n" },
		{ "loglevel", "6\n" },
		{ "greylist_exclude_files", "hosts\n/etc/more\nmissing\n" },
		{ "hosts", "# ours\n192.0.2.9\nmail.friend.example\n" },
		{ "/etc/more", "198.51.100.0/24\n/^out\\d+\\.pool\\.test$/\n" },
		{ NULL, NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct state_fake s;
		assert_true(fixture_load(&f, files));
		assert_true(fixture_logged(&f, "there is no file 'missing'"));
		state_fake_init(&s, NOW);
		f.session.state = &s.state;
		f.session.client_ip = str_of(cases[i].ip);
		f.session.client_name = str_of(cases[i].name);
		assert_int_equal(fixture_mail(&f, "a@b.example"),
		    cases[i].skipped ? FILTER_DECLINED : FILTER_DENYSOFT);
		assert_int_equal(s.asked, !cases[i].skipped);
		fixture_free(&f);
	}
}

static void
test_greylisting_skips_the_immune(void **state)
{
	struct fixture f;
	struct state_fake s;
	(void)state;
	begin(&f, &s, "greylisting p0f genre,windows\n" QUEUE, "IP", "0\n");
	assert_true(fixture_logged(&f, "p0f exempts everybody"));
	assert_int_equal(fixture_mail(&f, "a@b.example"), FILTER_DECLINED);
	fixture_free(&f);
	begin(&f, &s, "greylisting\n" QUEUE, "IP", "0\n");
	f.session.host_whitelisted = true;
	assert_int_equal(fixture_mail(&f, "a@b.example"), FILTER_DECLINED);
	assert_int_equal(s.asked, 0);
	fixture_free(&f);
}

/* FL-125: hosts of these countries are not asked to come back. */
static void
test_greylisting_by_country(void **state)
{
	static const struct {
		enum filter_place_state known;
		const char *country;
		bool skipped;
	} cases[] = {
		{ FILTER_PLACE_KNOWN, "CH", true },
		{ FILTER_PLACE_KNOWN, "DE", true },
		{ FILTER_PLACE_KNOWN, "FR", false },
		{ FILTER_PLACE_KNOWN, "", false },
		{ FILTER_PLACE_UNKNOWN, "", false },
		{ FILTER_PLACE_NO_DATABASE, "", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct state_fake s;
		struct filter_geo geo;
		struct filter_place place = { .state = cases[i].known };
		begin(&f, &s, "greylisting geoip de,CH,what\n" QUEUE, "IP",
		    "0\n");
		assert_true(
		    fixture_logged(&f, "'what' is no code of a country"));
		assert_true(filter_policy_geo(f.policy, &geo));
		snprintf(place.is.country, sizeof(place.is.country), "%s",
		    cases[i].country);
		f.session.place = &place;
		assert_int_equal(fixture_mail(&f, "a@b.example"),
		    cases[i].skipped ? FILTER_DECLINED : FILTER_DENYSOFT);
		assert_int_equal(s.asked, !cases[i].skipped);
		assert_int_equal(
		    fixture_logged(&f, "error, no database of places"),
		    cases[i].known == FILTER_PLACE_NO_DATABASE);
		fixture_free(&f);
	}
}

/* Without it nobody asks for places. */
static void
test_greylisting_without_countries(void **state)
{
	struct fixture f;
	struct state_fake s;
	struct filter_geo geo;
	(void)state;
	begin(&f, &s, "greylisting\n" QUEUE, "IP", "0\n");
	assert_false(filter_policy_geo(f.policy, &geo));
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_greylisting_in_time),
		cmocka_unit_test(test_greylisting_keys),
		cmocka_unit_test(test_greylisting_file),
		cmocka_unit_test(test_greylisting_late),
		cmocka_unit_test(test_greylisting_lets_callouts),
		cmocka_unit_test(test_greylisting_by_country),
		cmocka_unit_test(test_greylisting_without_countries),
		cmocka_unit_test(test_greylisting_records_only),
		cmocka_unit_test(test_greylisting_skips),
		cmocka_unit_test(test_greylisting_skips_the_immune),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name(
	    "filter_greylist", tests, NULL, NULL);
}
