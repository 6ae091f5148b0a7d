/*
 * Sessions: peers, logins, what ends a phase, whitelists, and the plugins that
 * look at the connection.
 */
#include "tests/unit/filter_fixture.h"

#include <stdlib.h>

#define QUEUE "queue/maildir /tmp/m\n"

/* FL-43 */
static void
test_peers_choice(void **state)
{
	static const struct {
		const char *ip;
		const char *list; /* the limit its count plugin has */
	} cases[] = {
		{ "10.1.2.3", "11" },
		{ "10.1.2.4", "12" },
		{ "10.1.3.1", "13" },
		{ "10.2.0.1", "14" },
		{ "11.0.0.1", "15" },
		{ "0.0.0.1", "15" },
		{ "2001:db8::1", "16" },
		{ "2001:db8::2", "17" },
		{ "2001:db9::1", "18" },
		{ "2002::1", "15" },
		{ "::ffff:10.1.2.3", "11" },
		{ "nonsense", "15" },
	};
	struct fixture_file files[] = {
		{ "plugins", "peers peers/0\n" },
		{ "peers/0", "count_unrecognized_commands 15\n" QUEUE },
		{ "peers/10", "count_unrecognized_commands 14\n" QUEUE },
		{ "peers/10.1", "count_unrecognized_commands 13\n" QUEUE },
		{ "peers/10.1.2", "count_unrecognized_commands 12\n" QUEUE },
		{ "peers/10.1.2.3", "count_unrecognized_commands 11\n" QUEUE },
		{ "peers/2001", "count_unrecognized_commands 18\n" QUEUE },
		{ "peers/2001:db8", "count_unrecognized_commands 17\n" QUEUE },
		{ "peers/2001:db8::1",
		    "count_unrecognized_commands 16\n" QUEUE },
		{ "peers/local", "count_unrecognized_commands 19\n" QUEUE },
		{ "peers/README", "\n" },
		{ NULL, NULL },
	};
	(void)state;
	struct fixture f;
	assert_true(fixture_load(&f, files));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		f.session.client_ip = str_of(cases[i].ip);
		f.session.unrecognized =
		    (unsigned)(strtol(cases[i].list, NULL, 10) - 1);
		assert_true(filter_session_start(f.policy, &f.session));
		if (fixture_ask(&f, HOOK_UNRECOGNIZED, NULL) !=
			FILTER_DENY_DISCONNECT ||
		    strstr(f.verdict.text, cases[i].list) == NULL)
			fail_msg("'%s': %s", cases[i].ip, f.verdict.text);
		f.session.unrecognized--;
		f.session.unrecognized--;
		assert_int_equal(
		    fixture_ask(&f, HOOK_UNRECOGNIZED, NULL), FILTER_DECLINED);
	}
	/* FL-43, FL-82: after a login peers/local */
	filter_session_login(f.policy, &f.session);
	f.session.unrecognized = 17;
	assert_int_equal(
	    fixture_ask(&f, HOOK_UNRECOGNIZED, NULL), FILTER_DECLINED);
	assert_int_equal(
	    fixture_ask(&f, HOOK_UNRECOGNIZED, NULL), FILTER_DENY_DISCONNECT);
	assert_true(f.session.relay_client);
	fixture_free(&f);
}

/* FL-43: no list, no connection; plugins with a connect phase stay */
static void
test_peers_without_fallback(void **state)
{
	struct fixture_file files[] = {
		{ "plugins", "relay\npeers\n" },
		{ "relayclients", "10.\n" },
		{ "peers/10", "rcpt_ok\n" QUEUE },
		{ NULL, NULL },
	};
	(void)state;
	struct fixture f;
	assert_true(fixture_load(&f, files));
	f.session.client_ip = STR("11.0.0.1");
	assert_false(filter_session_start(f.policy, &f.session));
	f.session.client_ip = STR("10.0.0.1");
	assert_true(filter_session_start(f.policy, &f.session));
	fixture_ask(&f, HOOK_CONNECT, NULL);
	assert_true(f.session.relay_client);
	assert_int_equal(fixture_rcpt(&f, "x@elsewhere.example"), FILTER_OK);
	assert_non_null(filter_policy_queue(f.policy, &f.session));
	/* without peers/local a login keeps the list */
	filter_session_login(f.policy, &f.session);
	assert_int_equal(fixture_rcpt(&f, "x@elsewhere.example"), FILTER_OK);
	fixture_free(&f);
}

/* a list may be a folder of fragments; links to one file are read once */
static void
test_peers_folder_and_twins(void **state)
{
	struct fixture_file files[] = {
		{ "plugins", "peers\n" },
		{ "peers/0/40rcpt_ok", "rcpt_ok\n" },
		{ "peers/0/90queue", QUEUE },
		{ "peers/127", "relay only 1\n" QUEUE },
		{ "peers/local", "relay only 1\n" QUEUE },
		{ "rcpthosts", "test.example\n" },
		{ NULL, NULL },
	};
	(void)state;
	struct fixture f;
	assert_true(fixture_load(&f, files));
	assert_true(filter_session_start(f.policy, &f.session));
	assert_int_equal(fixture_rcpt(&f, "b@test.example"), FILTER_OK);
	assert_string_equal(f.verdict.plugin, "rcpt_ok");
	f.session.client_ip = STR("127.0.0.1");
	assert_true(filter_session_start(f.policy, &f.session));
	const void *list = f.session.list;
	filter_session_login(f.policy, &f.session);
	assert_ptr_equal(f.session.list, list);
	fixture_free(&f);
}

/* FL-44 */
static void
test_hosts_allow(void **state)
{
	static const struct {
		const char *ip;
		enum filter_result result;
		const char *text;
	} cases[] = {
		{ "127.0.0.9", FILTER_DECLINED, "" },
		{ "127.0.0.70", FILTER_DENYSOFT, "come later" },
		{ "127.0.0.60", FILTER_DENY, "please go away" },
		{ "127.0.0.130", FILTER_DECLINED, "" },
		{ "192.0.2.7", FILTER_DECLINED, "" },
		{ "2001:db8::7", FILTER_DENY_DISCONNECT, "no" },
		{ "127.0.0.140", FILTER_DENYSOFT_DISCONNECT, "not now" },
		{ "127.0.0.141", FILTER_OK, "welcome" },
	};
	(void)state;
	struct fixture f;
	fixture_start(&f, "hosts_allow\n" QUEUE, "hosts_allow",
	    "127.0.0.9 DECLINED\n127.0.0.70 DENYSOFT come later\n"
	    "127.0.0.0/25 DENY please go away\n192.0.2.1/24 DENY never\n"
	    "2001:db8::/32 DENY_DISCONNECT no\n127.0.0.130 NOTHING x\nx\n"
	    /* what is no result counts as DECLINED, the first match wins */
	    "127.0.0.130 DENY x\n127.0.0.140/32 DENYSOFT_DISCONNECT not now\n"
	    "127.0.0.141 OK welcome\n127.0.0.140/31 DENY x\n");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		f.session.client_ip = str_of(cases[i].ip);
		enum filter_result r =
		    fixture_ask(&f, HOOK_PRE_CONNECTION, NULL);
		if (r != cases[i].result)
			fail_msg("'%s': %d", cases[i].ip, (int)r);
		assert_string_equal(f.verdict.text, cases[i].text);
	}
	assert_true(fixture_logged(&f, "config/hosts_allow line 4: "));
	assert_true(fixture_logged(&f, "config/hosts_allow line 6: "));
	assert_true(fixture_logged(
	    &f, "config/hosts_allow line 7: 'x' is no address with a result"));
	/* the number of sessions comes first */
	f.session.client_ip = STR("127.0.0.9");
	f.session.max_per_ip = 5;
	f.session.sessions_of_ip = 5;
	assert_int_equal(
	    fixture_ask(&f, HOOK_PRE_CONNECTION, NULL), FILTER_DECLINED);
	f.session.sessions_of_ip = 6;
	assert_int_equal(
	    fixture_ask(&f, HOOK_PRE_CONNECTION, NULL), FILTER_DENYSOFT);
	assert_string_equal(f.verdict.text,
	    "too many connections from 127.0.0.9, try again later");
	fixture_free(&f);
}

/* FL-97, FL-3 */
static void
test_whitelist_host(void **state)
{
	struct fixture_file files[] = {
		{ "plugins", "whitelist\nrelay\nbadmailfrom\nbadrcptto\nrcpt_"
			     "ok\n" QUEUE },
		{ "loglevel", "6\n" },
		{ "rcpthosts", "test.example\n" },
		{ "relayclients", "10.\n" },
		{ "whitelisthosts", "10.1\n192.0.2.7\n" },
		{ "badmailfrom", "@bad.example\n" },
		{ "badrcptto", "gone@test.example\n" },
		{ NULL, NULL },
	};
	(void)state;
	struct fixture f;
	assert_true(fixture_load(&f, files));
	f.session.client_ip = STR("10.1.9.9");
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_OK);
	assert_true(f.session.host_whitelisted);
	assert_int_equal(f.session.karma, 5);
	/* the connect plugins after it are not asked */
	assert_false(f.session.relay_client);
	assert_int_equal(fixture_mail(&f, "x@bad.example"), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "badmailfrom: skip, whitelisted host"));
	assert_int_equal(fixture_rcpt(&f, "gone@test.example"), FILTER_OK);
	assert_int_equal(fixture_rcpt(&f, "x@elsewhere.example"), FILTER_DENY);
	fixture_free(&f);
}

static void
test_whitelist_sender(void **state)
{
	(void)state;
	struct fixture f;
	struct fixture_file files[] = {
		{ "plugins", "whitelist_soft\nhelo\nbadmailfrom\nbadrcptto\n"
			     "naughty\nrcpt_ok\n" QUEUE },
		{ "loglevel", "6\n" },
		{ "rcpthosts", "test.example\n" },
		{ "whitelistsenders", "Friend@bad.example\ngood.example\n" },
		{ "whitelisthelo", "192.0.2.1\nAOL.example\n" },
		{ "whitelistrcpt", "open@test.example\nopen@else.example\n" },
		{ "badmailfrom", "@bad.example\n@good.example\n" },
		{ "badrcptto", "gone@test.example\nopen@test.example\n" },
		{ NULL, NULL },
	};
	assert_true(fixture_load(&f, files));
	f.session.helo = STR("192.0.2.1");
	assert_int_equal(fixture_ask(&f, HOOK_HELO, NULL), FILTER_OK);
	f.session.helo = STR("aol.EXAMPLE");
	assert_int_equal(fixture_ask(&f, HOOK_HELO, NULL), FILTER_OK);
	f.session.helo = STR("mx.aol.example");
	assert_int_equal(fixture_ask(&f, HOOK_HELO, NULL), FILTER_DECLINED);
	f.session.helo = STR("192.0.2.2");
	assert_int_equal(
	    fixture_ask(&f, HOOK_HELO, NULL), FILTER_DENY_DISCONNECT);
	assert_int_equal(fixture_mail(&f, "friend@bad.example"), FILTER_OK);
	assert_int_equal(fixture_rcpt(&f, "gone@test.example"), FILTER_OK);
	assert_true(fixture_logged(&f, "badrcptto: skip, whitelisted sender"));
	/* forgotten at the next MAIL and at RSET */
	assert_int_equal(fixture_mail(&f, "foe@bad.example"), FILTER_DENY);
	assert_int_equal(fixture_rcpt(&f, "gone@test.example"), FILTER_DENY);
	assert_int_equal(fixture_mail(&f, "any@good.example"), FILTER_OK);
	fixture_ask(&f, HOOK_RESET, NULL);
	assert_false(f.session.sender_whitelisted);
	assert_int_equal(
	    fixture_mail(&f, "any@sub.good.example"), FILTER_DECLINED);
	/* a listed recipient passes the lists, but is not taken for that */
	assert_int_equal(fixture_rcpt(&f, "open@test.example"), FILTER_OK);
	assert_int_equal(fixture_rcpt(&f, "open@else.example"), FILTER_DENY);
	assert_string_equal(f.verdict.plugin, "rcpt_ok");
	fixture_free(&f);
}

/* FL-96 */
static void
test_noop_counter(void **state)
{
	(void)state;
	struct fixture f;
	fixture_start(&f, "noop_counter\n" QUEUE, "x", "");
	f.session.noops = 1;
	assert_int_equal(fixture_ask(&f, HOOK_NOOP, NULL), FILTER_DECLINED);
	f.session.noops = 2;
	assert_int_equal(
	    fixture_ask(&f, HOOK_NOOP, NULL), FILTER_DENY_DISCONNECT);
	fixture_free(&f);
}

/* FL-67 */
static void
test_badmailfromto(void **state)
{
	(void)state;
	struct fixture f;
	fixture_start(&f, "check_badmailfromto\nrcpt_ok\n" QUEUE,
	    "badmailfromto",
	    "pest@out.example\tMary@test.example\n"
	    "@pests.example   mary@test.example\nlonely\n");
	assert_true(fixture_logged(&f,
	    "config/badmailfromto line 3: 'lonely' is no pair of sender and "
	    "recipient"));
	assert_int_equal(fixture_mail(&f, "pest@out.example"), FILTER_DECLINED);
	fixture_path("pest@out.example", MAIL_PATH_SENDER, &f.session.sender);
	struct mail_path sender = { STR("Pest"), STR("OUT.example") };
	f.session.sender = sender;
	assert_int_equal(fixture_rcpt(&f, "mary@test.example"), FILTER_DENY);
	assert_string_equal(
	    f.verdict.text, "mail to mary@test.example not accepted here");
	assert_int_equal(fixture_rcpt(&f, "bob@test.example"), FILTER_OK);
	/* relay clients too */
	f.session.relay_client = true;
	assert_int_equal(fixture_rcpt(&f, "Mary@test.example"), FILTER_DENY);
	f.session.sender = (struct mail_path){ STR("x"), STR("pests.example") };
	assert_int_equal(fixture_rcpt(&f, "Mary@test.example"), FILTER_DENY);
	f.session.sender =
	    (struct mail_path){ STR("x"), STR("sub.pests.example") };
	assert_int_equal(fixture_rcpt(&f, "mary@test.example"), FILTER_OK);
	f.session.sender = (struct mail_path){ STR_EMPTY, STR_EMPTY };
	assert_int_equal(fixture_rcpt(&f, "mary@test.example"), FILTER_OK);
	assert_int_equal(f.session.karma, 0);
	fixture_free(&f);
}

/* FL-69 */
static void
test_check_goodrcptto(void **state)
{
	static const struct {
		const char *rcpt;
		bool good;
	} cases[] = {
		{ "joe@test.example", true },
		{ "JOE@TEST.example", true },
		{ "joe-list@test.example", true },
		{ "joe-a-b@test.example", true },
		{ "mary@test.example", true },
		{ "mary@x.sub.test.example", true },
		{ "mailer-daemon@test.example", true },
		{ "mailer@test.example", false },
		{ "any@all.sub.test.example", true },
		{ "nobody@test.example", false },
		{ "joe@x.sub.test.example", false },
		{ "-joe@test.example", false },
		{ "postmaster", true },
	};
	(void)state;
	struct fixture f;
	fixture_start(&f, "check_goodrcptto extn -\nrcpt_ok\n" QUEUE,
	    "goodrcptto",
	    "Joe@test.example\nmary\nmailer-daemon\n@all.sub.test.example\n");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum filter_result r = fixture_rcpt(&f, cases[i].rcpt);
		if (r != (cases[i].good ? FILTER_OK : FILTER_DENY))
			fail_msg("'%s'", cases[i].rcpt);
	}
	fixture_rcpt(&f, "Nobody@test.example");
	assert_string_equal(
	    f.verdict.text, "invalid recipient Nobody@test.example");
	assert_string_equal(f.verdict.status, "5.1.1"); /* RFC 3463 */
	/* relay clients are spared, no others */
	f.session.host_whitelisted = true;
	assert_int_equal(fixture_rcpt(&f, "nobody@test.example"), FILTER_DENY);
	f.session.relay_client = true;
	assert_int_equal(fixture_rcpt(&f, "nobody@test.example"), FILTER_OK);
	fixture_free(&f);
	fixture_start(&f,
	    "check_goodrcptto extn - deny_note why=unknown\n" QUEUE,
	    "goodrcptto", "joe\n");
	fixture_rcpt(&f, "mary@test.example");
	assert_true(fixture_logged(&f, "not in goodrcptto, why=unknown"));
	assert_int_equal(
	    fixture_rcpt(&f, "joe-x@test.example"), FILTER_DECLINED);
	fixture_free(&f);
}

/* FL-48 */
static void
test_connection_time(void **state)
{
	static const struct {
		const char *plugins, *logged;
	} cases[] = {
		{ "connection_time\n" QUEUE,
		    "6 post-connection connection_time: 12.034 s.\n" },
		{ "connection_time warn\n" QUEUE,
		    "4 post-connection connection_time: 12.034 s.\n" },
		{ "connection_time loglevel 5\n" QUEUE,
		    "5 post-connection connection_time: 12.034 s.\n" },
		{ "connection_time debug\n" QUEUE, "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		fixture_start(&f, cases[i].plugins, "x", "");
		f.session.age_ms = 12034;
		fixture_ask(&f, HOOK_POST_CONNECTION, NULL);
		assert_string_equal(buf_cstr(&f.logged), cases[i].logged);
		fixture_free(&f);
	}
}

/* FL-42: the level of a plugin's own lines */
static void
test_loglevel_argument(void **state)
{
	(void)state;
	struct fixture f;
	fixture_start(&f,
	    "relay loglevel +1\nbadmailfrom loglevel 2\n"
	    "badrcptto loglevel -2\nrcpt_ok loglevel warn\n" QUEUE,
	    "x", "");
	fixture_ask(&f, HOOK_CONNECT, NULL);
	fixture_mail(&f, "a@b.example");
	fixture_rcpt(&f, "b@test.example");
	assert_string_equal(buf_cstr(&f.logged),
	    "2 mail badmailfrom: pass\n4 rcpt badrcptto: pass\n"
	    "4 rcpt rcpt_ok: pass, test.example\n");
	fixture_free(&f);
}

/* FL-42: what a peer sent is escaped */
static void
test_log_is_escaped(void **state)
{
	(void)state;
	struct fixture f;
	const struct filter_input input = { .word = STR("A\x1b[2J\nB") };
	fixture_start(&f, "count_unrecognized_commands\n" QUEUE, "x", "");
	fixture_ask(&f, HOOK_UNRECOGNIZED, &input);
	assert_true(fixture_logged(&f, "'A\\x1b[2J\\x0aB'"));
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peers_choice),
		cmocka_unit_test(test_peers_without_fallback),
		cmocka_unit_test(test_peers_folder_and_twins),
		cmocka_unit_test(test_hosts_allow),
		cmocka_unit_test(test_whitelist_host),
		cmocka_unit_test(test_whitelist_sender),
		cmocka_unit_test(test_noop_counter),
		cmocka_unit_test(test_badmailfromto),
		cmocka_unit_test(test_check_goodrcptto),
		cmocka_unit_test(test_connection_time),
		cmocka_unit_test(test_loglevel_argument),
		cmocka_unit_test(test_log_is_escaped),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_session", tests, NULL, NULL);
}
