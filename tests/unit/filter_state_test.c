/*
 * What is remembered: records, karma (FL-165 to FL-169, FL-44, FL-45, FL-98),
 * and trouble with it (FL-194).
 */
#include "tests/unit/filter_state_fixture.h"

/* ---- records ---- */

static void
test_records_as_text(void **state)
{
	static const char *const broken[] = { "", "1", "1:2:3", "1:2:3:4:5",
		"1:2:3:", ":1:2:3", "a:1:2:3", "-1:0:0:0", "1:2:3:4 ",
		"9223372036854775807:0:0:0", "1:2:3:4\n" };
	struct state_record r;
	char text[STATE_VALUE_SIZE];
	(void)state;
	assert_true(state_record_parse(STR("1700000000:4:5:6"), &r));
	assert_int_equal(r.n[KARMA_START], NOW);
	assert_int_equal(karma_history(&r), 1);
	assert_string_equal(state_record_format(&r, text), "1700000000:4:5:6");
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		if (state_record_parse(str_of(broken[i]), &r))
			fail_msg("'%s' is taken", broken[i]);
	}
}

static void
test_keys_of_addresses(void **state)
{
	static const char *const cases[][2] = {
		{ "192.0.2.9", ADDRESS },
		{ "0.0.0.0", "0" },
		{ "255.255.255.255", "4294967295" },
		{ "::ffff:192.0.2.9", ADDRESS },
		{ "2001:DB8:0::1", "2001:db8::1" },
	};
	char text[NET_ADDR_TEXT_SIZE];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf key = BUF_INIT(STATE_KEY_MAX);
		assert_true(state_key_address(&key, str_of(cases[i][0])));
		assert_string_equal(buf_cstr(&key), cases[i][1]);
		buf_clear(&key);
	}
	assert_true(str_is(state_key_show(STR(ADDRESS), text), "192.0.2.9"));
	assert_true(str_is(state_key_show(STR("::1"), text), "::1"));
	assert_true(
	    str_is(state_key_show(STR("4294967296"), text), "4294967296"));
}

/* ---- karma: connect (FL-165, FL-166) ---- */

static void
test_karma_shuts_out(void **state)
{
	static const struct {
		const char *line;
		int64_t start, naughty, nice;
		enum filter_result result;
		const char *text, *logged;
		int karma;
	} cases[] = {
		{ "karma reject 1", 0, 1, 5, FILTER_DECLINED, "",
		    "pass, no penalty (1 naughty, 5 nice, 7 connects)", 0 },
		{ "karma reject 1", 0, 0, 10, FILTER_DECLINED, "", "pass", 0 },
		{ "karma reject 1", 0, 1, 12, FILTER_DECLINED, "", "pass", 1 },
		{ "karma reject 1", NOW - DAY, 9, 0, FILTER_DECLINED, "",
		    "pass, penalty expired", 0 },
		{ "karma reject 1", NOW - DAY / 4, 2, 0, FILTER_DENY_DISCONNECT,
		    "You were naughty. You cannot connect for 0.75 more days.",
		    "fail", 0 },
		{ "karma reject 1 reject_type temp penalty_days 2.5",
		    NOW - 2 * DAY, 2, 0, FILTER_DENYSOFT,
		    "You were naughty. You cannot connect for 0.50 more days.",
		    "fail", 0 },
		{ "karma reject 1", NOW + 6 * DAY, 7, 0, FILTER_DENY_DISCONNECT,
		    "You were naughty. You cannot connect for 7.00 more days.",
		    "fail", 0 },
		{ "karma reject 0", NOW, 2, 0, FILTER_DECLINED, "",
		    "fail, tolerated", 0 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct state_fake s;
		char lines[200];
		snprintf(lines, sizeof(lines), "%s\n" QUEUE, cases[i].line);
		begin(&f, &s, lines, "IP", "0\n");
		set(&s, cases[i].start, cases[i].naughty, cases[i].nice, 7);
		f.session.karma = -2; /* of plugins before: it begins at 0 */
		assert_int_equal(
		    fixture_ask(&f, HOOK_CONNECT, NULL), cases[i].result);
		assert_string_equal(f.verdict.text, cases[i].text);
		assert_int_equal(f.session.karma, cases[i].karma);
		assert_true(fixture_logged(&f, cases[i].logged));
		/* FL-166: a connection in the penalty is counted */
		bool shut_out = !fixture_logged(&f, "pass");
		assert_int_equal(state_fake_record(&s, STATE_KARMA, ADDRESS)
				     ->n[KARMA_CONNECTS],
		    shut_out ? 8 : 7);
		fixture_free(&f);
	}
}

/* FL-41, FL-98: by default the naughty plugin says it, at RCPT */
static void
test_karma_by_naughty(void **state)
{
	struct fixture f;
	struct state_fake s;
	(void)state;
	begin(&f, &s, "karma\nnaughty\n" QUEUE, "IP", "0\n");
	set(&s, NOW, 2, 0, 3);
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "karma: fail, NAUGHTY"));
	assert_int_equal(fixture_mail(&f, "a@b.example"), FILTER_DECLINED);
	assert_int_equal(
	    fixture_rcpt(&f, "b@test.example"), FILTER_DENY_DISCONNECT);
	assert_string_equal(f.verdict.plugin, "naughty");
	assert_string_equal(f.verdict.text,
	    "(karma) You were naughty. You cannot connect for 1.00 more days.");
	fixture_free(&f);
}

static void
test_karma_spares_the_immune(void **state)
{
	struct fixture f;
	struct state_fake s;
	(void)state;
	begin(&f, &s, "karma reject 1\n" QUEUE, "IP", "0\n");
	set(&s, NOW, 2, 0, 3);
	f.session.relay_client = true;
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	assert_int_equal(s.asked, 0);
	assert_int_equal(fixture_mail(&f, "a@b.example"), FILTER_DECLINED);
	f.session.karma = -9;
	f.session.n_rcpts = 3;
	assert_int_equal(fixture_rcpt(&f, "b@test.example"), FILTER_OK);
	assert_int_equal(fixture_ask(&f, HOOK_DATA, NULL), FILTER_DECLINED);
	fixture_free(&f);
}

/* ---- karma: mail, rcpt, data (FL-167, FL-168) ---- */

static void
test_karma_of_senders(void **state)
{
	struct fixture f;
	struct state_fake s;
	(void)state;
	begin(&f, &s, "karma\n" QUEUE, "karma_tlds",
	    "info:-2\n# no\n.Biz: -3\nbroken\nx:y\norg:1\n");
	assert_true(
	    fixture_logged(&f, "line 4: 'broken' is no TLD with a number"));
	fixture_mail(&f, "a@b.example");
	assert_int_equal(f.session.karma, 0);
	fixture_mail(&f, "a@b.INFO");
	assert_int_equal(f.session.karma, -2);
	fixture_mail(&f, "a@b.c.biz");
	assert_int_equal(f.session.karma, -5);
	fixture_mail(&f, "a@b.org");
	assert_int_equal(f.session.karma, -4);
	fixture_mail(&f, "");
	assert_int_equal(f.session.karma, -4);
	f.session.loose_path = true;
	fixture_mail(&f, "a@b.example");
	assert_int_equal(f.session.karma, -6);
	assert_true(fixture_logged(&f, "does not follow FROM:<"));
	f.session.karma = 1;
	fixture_rcpt(&f, "b@test.example");
	assert_int_equal(f.session.karma, -1);
	fixture_free(&f);
}

static void
test_karma_of_recipients(void **state)
{
	static const struct {
		size_t n_rcpts;
		int64_t naughty, nice;
		int karma;
		enum filter_result result;
		const char *text;
	} cases[] = {
		{ 0, 3, 0, -3, FILTER_OK, "" }, /* the first one */
		{ 1, 0, 0, 0, FILTER_OK, "" },  /* unknown is not bad */
		{ 1, 1, 0, 0, FILTER_DENY,
		    "too many recipients for karma 0 (h: -1)" },
		{ 1, 0, 0, -1, FILTER_DENY,
		    "too many recipients for karma -1 (h: 0)" },
		{ 1, 0, 1, -1, FILTER_OK, "" },
		{ 1, 1, 0, 1, FILTER_OK, "" },
		{ 5, 4, 1, -2, FILTER_DENY,
		    "too many recipients for karma -2 (h: -3)" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct state_fake s;
		begin(&f, &s, "karma negative 9\n" QUEUE, "IP", "0\n");
		set(&s, 0, cases[i].naughty, cases[i].nice, 1);
		fixture_ask(&f, HOOK_CONNECT, NULL);
		fixture_mail(&f, "a@b.example");
		f.session.karma = cases[i].karma;
		f.session.n_rcpts = cases[i].n_rcpts;
		assert_int_equal(
		    fixture_rcpt(&f, "b@test.example"), cases[i].result);
		assert_string_equal(f.verdict.text, cases[i].text);
		fixture_free(&f);
	}
}

static void
test_karma_at_data(void **state)
{
	struct fixture f;
	struct state_fake s;
	(void)state;
	begin(&f, &s, "karma reject 1\n" QUEUE, "IP", "0\n");
	f.session.karma = -4;
	assert_int_equal(fixture_ask(&f, HOOK_DATA, NULL), FILTER_DECLINED);
	f.session.karma = -5;
	assert_int_equal(
	    fixture_ask(&f, HOOK_DATA, NULL), FILTER_DENY_DISCONNECT);
	assert_string_equal(f.verdict.text, "very bad karma: -5");
	assert_int_equal(
	    fixture_ask(&f, HOOK_DATA_POST, NULL), FILTER_DENY_DISCONNECT);
	fixture_free(&f);
}

/* FL-167: however often a bad TLD is charged, bad never becomes good. */
static void
test_karma_has_a_bound(void **state)
{
	enum {
		MAILS = 3000 /* of a million each: more than an int holds */
	};
	struct fixture f;
	struct state_fake s;
	(void)state;
	begin(&f, &s, "karma reject 1\n" QUEUE, "karma_tlds", "bad:-1000000\n");
	for (int i = 0; i < MAILS; i++) {
		fixture_mail(&f, "a@b.bad");
		assert_true(f.session.karma <= -1000000);
	}
	assert_int_equal(
	    fixture_ask(&f, HOOK_DATA, NULL), FILTER_DENY_DISCONNECT);
	fixture_free(&f);
}

/* ---- karma: disconnect (FL-169) ---- */

static void
test_karma_counts(void **state)
{
	static const struct {
		const char *line;
		int64_t naughty, nice;
		int karma;
		const char *record, *logged;
	} cases[] = {
		{ "karma", 0, 5, 0, "0:0:5:1", "neutral, (msg: 0, his: 5)" },
		{ "karma", 0, 5, -2, "0:0:5:2", "neutral, (msg: -2, his: 5)" },
		{ "karma", 0, 5, -3, "0:1:5:2", "negative, (msg: -3, his: 4)" },
		{ "karma", 0, 5, 3, "0:0:6:2", "positive, (msg: 3, his: 6)" },
		{ "karma", 0, 0, -3, "1700000000:1:0:2",
		    "negative, sent to penalty box, (msg: -3, his: -1)" },
		{ "karma negative 2", 0, 0, -3, "0:1:0:2",
		    "negative, (msg: -3, his: -1)" },
		{ "karma negative 2", 1, 0, -3, "1700000000:2:0:2",
		    "negative, sent to penalty box" },
		{ "karma negative 2 strikes 4", 1, 0, -3, "0:1:0:2",
		    "neutral" },
		{ "karma negative 2", 9, 8, -7, "1700000000:10:8:2",
		    "negative, sent to penalty box, (msg: -7, his: -2)" },
		{ "karma negative 0", 0, 1, -3, "1700000000:1:1:2",
		    "negative, sent to penalty box, (msg: -3, his: 0)" },
		/* never good and hopeless: for as many days, in the future */
		{ "karma negative 2", 5, 0, -3, "1700518400:6:0:2",
		    "negative, sent to penalty box, (msg: -3, his: -6)" },
		{ "karma negative 100", 5, 0, -3, "1700518400:6:0:2",
		    "negative, sent to penalty box" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct state_fake s;
		char lines[200];
		snprintf(lines, sizeof(lines), "%s\n" QUEUE, cases[i].line);
		begin(&f, &s, lines, "IP", "0\n");
		set(&s, 0, cases[i].naughty, cases[i].nice, 1);
		fixture_ask(&f, HOOK_CONNECT, NULL);
		f.session.karma = cases[i].karma;
		fixture_ask(&f, HOOK_DISCONNECT, NULL);
		is_record(&s, STATE_KARMA, ADDRESS, cases[i].record);
		if (!fixture_logged(&f, cases[i].logged))
			fail_msg("%zu: %s", i, buf_cstr(&f.logged));
		fixture_free(&f);
	}
}

/* One after the other, as a spammer comes: KarmaNegative 2 punishes him. */
static void
test_karma_over_sessions(void **state)
{
	struct fixture f;
	struct state_fake s;
	(void)state;
	begin(&f, &s,
	    "karma penalty_days 1 negative 2 strikes 3 reject naughty\n"
	    "naughty reject connect\n" QUEUE,
	    "IP", "0\n");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
		f.session.karma -= 3;
		fixture_ask(&f, HOOK_DISCONNECT, NULL);
		again(&f);
	}
	is_record(&s, STATE_KARMA, ADDRESS, "1700000000:2:0:2");
	assert_int_equal(
	    fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DENY_DISCONNECT);
	again(&f);
	s.now += DAY;
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "penalty expired"));
	fixture_free(&f);
}

/* ---- others that look at the history ---- */

/* FL-44, with karma in the peers' list as on SME */
static void
test_hosts_allow_by_history(void **state)
{
	static const struct {
		int64_t naughty, nice;
		unsigned sessions;
		enum filter_result result;
	} cases[] = {
		{ 0, 0, 5, FILTER_DECLINED },
		{ 0, 0, 6, FILTER_DENYSOFT },
		{ 0, 5, 6, FILTER_DENYSOFT },
		{ 0, 6, 8, FILTER_DECLINED },
		{ 0, 6, 9, FILTER_DENYSOFT },
		{ 1, 0, 1, FILTER_DECLINED },
		{ 1, 0, 2, FILTER_DENYSOFT },
		{ 3, 3, 5, FILTER_DECLINED },
	};
	static const struct fixture_file files[] = {
		{ "me", "mail.test.example\n" },
		{ "loglevel", "6\n" },
		{ "plugins", "hosts_allow\npeers\n" },
		{ "peers/0", "karma\nrcpt_ok\nqueue/maildir /m\n" },
		{ NULL, NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct state_fake s;
		assert_true(fixture_load(&f, files));
		state_fake_init(&s, NOW);
		f.session.state = &s.state;
		set(&s, 0, cases[i].naughty, cases[i].nice, 1);
		f.session.max_per_ip = 5;
		f.session.sessions_of_ip = cases[i].sessions;
		assert_int_equal(fixture_ask(&f, HOOK_PRE_CONNECTION, NULL),
		    cases[i].result);
		assert_int_equal(s.asked, cases[i].sessions > 1);
		fixture_free(&f);
	}
}

/* FL-45 */
static void
test_earlytalker_by_history(void **state)
{
	for (int nice = 5; nice <= 6; nice++) {
		struct fixture f;
		struct state_fake s;
		(void)state;
		begin(&f, &s, "karma\nearlytalker\n" QUEUE, "IP", "0\n");
		set(&s, 0, 0, nice, 1);
		fixture_ask(&f, HOOK_CONNECT, NULL);
		assert_int_equal(f.listened_ms, nice == 5 ? 1000 : 0);
		assert_int_equal(
		    fixture_logged(&f, "skip, karma history 6"), nice == 6);
		fixture_free(&f);
	}
}

/* ---- FL-194 ---- */

static void
test_trouble_lets_pass(void **state)
{
	for (int i = 0; i < 4; i++) {
		struct fixture f;
		struct state_fake s;
		(void)state;
		begin(
		    &f, &s, "karma reject 1\ngreylisting\n" QUEUE, "IP", "0\n");
		set(&s, NOW, 2, 0, 3);
		s.away = i == 0;
		s.fails = i == 1;
		s.full = i == 2;
		if (i == 3)
			f.session.state = NULL;
		/* what is known is used, also where nothing can be written */
		assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL),
		    i == 2 ? FILTER_DENY_DISCONNECT : FILTER_DECLINED);
		assert_true(fixture_logged(&f, "2 connect karma: error, "));
		assert_int_equal(
		    fixture_mail(&f, "a@b.example"), FILTER_DECLINED);
		assert_true(fixture_logged(
		    &f, "2 mail greylisting: error, not asked to come back: "));
		f.session.karma = -5;
		assert_int_equal(
		    fixture_ask(&f, HOOK_DISCONNECT, NULL), FILTER_DECLINED);
		fixture_free(&f);
	}
}

static void
settled(void *ctx)
{
	++*(int *)ctx;
}

/* An answer that comes later resumes the run; one to nobody harms nobody. */
static void
test_late_answers(void **state)
{
	struct fixture f;
	struct state_fake s;
	struct filter_verdict v;
	int times = 0;
	(void)state;
	begin(&f, &s, "karma reject 1\n" QUEUE, "IP", "0\n");
	set(&s, NOW, 2, 0, 3);
	s.late = true;
	assert_int_equal(filter_run(f.policy, &f.session, HOOK_CONNECT, NULL,
			     &v, fixture_log, &f),
	    FILTER_RUN_WAITS);
	assert_true(
	    filter_fetch(&f.session, NULL, &clock_system, settled, &times));
	assert_int_equal(times, 0);
	assert_true(state_fake_deliver(&s));
	assert_int_equal(times, 1);
	assert_int_equal(filter_run(f.policy, &f.session, HOOK_CONNECT, NULL,
			     &v, fixture_log, &f),
	    FILTER_RUN_OVER);
	assert_int_equal(v.result, FILTER_DENY_DISCONNECT);
	/* counted once, though the plugin was asked twice */
	is_record(&s, STATE_KARMA, ADDRESS, "1700000000:2:0:4");
	again(&f);
	assert_int_equal(filter_run(f.policy, &f.session, HOOK_CONNECT, NULL,
			     &v, fixture_log, &f),
	    FILTER_RUN_WAITS);
	assert_true(
	    filter_fetch(&f.session, NULL, &clock_system, settled, &times));
	filter_session_clear(&f.session);
	assert_true(state_fake_deliver(&s));
	assert_int_equal(times, 1);
	fixture_free(&f);
}

/* ---- where it is kept ---- */

static void
test_places(void **state)
{
	struct fixture f;
	struct filter_state_place places[STATE_PLACES_MAX];
	static const struct fixture_file files[] = {
		{ "plugins", "peers\n" },
		{ "peers/0",
		    "karma db_dir /a penalty_days 2\nkarma:1 db_dir /b\n"
		    "greylisting white_timeout 50\nrcpt_ok\n"
		    "queue/maildir /m\n" },
		{ "peers/192.0.2",
		    "greylisting white_timeout 70\nkarma db_dir /a\n"
		    "queue/maildir /m\n" },
		{ NULL, NULL },
	};
	(void)state;
	assert_true(fixture_load(&f, files));
	assert_int_equal(filter_policy_states(f.policy, places), 3);
	assert_string_equal(places[0].dir, "/a");
	assert_int_equal(places[0].kind, STATE_KARMA);
	assert_int_equal(places[0].keep_s, 92 * DAY);
	assert_string_equal(places[1].dir, "/b");
	assert_string_equal(places[2].dir, "/var/lib/qpsmtpd/greylisting");
	assert_int_equal(places[2].keep_s, 70);
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_as_text),
		cmocka_unit_test(test_keys_of_addresses),
		cmocka_unit_test(test_karma_shuts_out),
		cmocka_unit_test(test_karma_by_naughty),
		cmocka_unit_test(test_karma_spares_the_immune),
		cmocka_unit_test(test_karma_of_senders),
		cmocka_unit_test(test_karma_of_recipients),
		cmocka_unit_test(test_karma_at_data),
		cmocka_unit_test(test_karma_has_a_bound),
		cmocka_unit_test(test_karma_counts),
		cmocka_unit_test(test_karma_over_sessions),
		cmocka_unit_test(test_hosts_allow_by_history),
		cmocka_unit_test(test_earlytalker_by_history),
		cmocka_unit_test(test_trouble_lets_pass),
		cmocka_unit_test(test_late_answers),
		cmocka_unit_test(test_places),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_state", tests, NULL, NULL);
}
