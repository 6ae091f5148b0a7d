/* sender_permitted_from: FL-110 to FL-112. */
#include "tests/unit/filter_fixture.h"

#include "core/dns/dns.h"
#include "core/filter/session.h"

static void
start(struct fixture *f, const char *plugins, const char *name,
    const char *content)
{
	fixture_start(f, plugins, name, content);
	fixture_dns(f);
}

static void
spf_records(struct fixture *f)
{
	fixture_record(f, "pass.test", DNS_TXT, "v=spf1 ip4:192.0.2.9 -all");
	fixture_record(f, "fail.test", DNS_TXT, "v=spf1 -all");
	fixture_record(f, "soft.test", DNS_TXT, "v=spf1 ~all");
	fixture_record(f, "neutral.test", DNS_TXT, "v=spf1 ?all");
	fixture_record(f, "broken.test", DNS_TXT, "v=spf1 nonsense");
	fixture_record(f, "none.test", DNS_A, "203.0.113.1");
	assert_true(dns_fake_fail(f->dns, "dead.test", 0, DNS_TIMEOUT));
	assert_true(dns_fake_fail(f->dns, "_dmarc.dead.test", 0, DNS_TIMEOUT));
	fixture_record(f, "_dmarc.strict.test", DNS_TXT, "v=DMARC1; p=none");
}

/* The table of FL-110, a row a result: "-" passes, 4 is 450, 5 is 550. */
static void
test_spf_levels(void **state)
{
	static const struct {
		const char *sender, *results;
		int karma;
	} rows[] = {
		{ "a@pass.test", "-------", 1 },
		{ "a@fail.test", "--45555", -1 },
		{ "a@soft.test", "---4555", -1 },
		{ "a@neutral.test", "-----55", 0 },
		{ "a@none.test", "------5", 0 },
		{ "a@broken.test", "----445", 0 },
		{ "a@dead.test", "--44444", 0 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int level = 0; level <= 6; level++) {
			struct fixture f;
			char line[100];
			enum filter_result wanted = FILTER_DECLINED;
			if (rows[i].results[level] == '4')
				wanted = FILTER_DENYSOFT;
			if (rows[i].results[level] == '5')
				wanted = FILTER_DENY;
			snprintf(line, sizeof(line),
			    "sender_permitted_from reject %d\n"
			    "queue/maildir /m\n",
			    level);
			start(&f, line, "IP", "0\n");
			spf_records(&f);
			assert_int_equal(
			    fixture_mail(&f, rows[i].sender), wanted);
			assert_int_equal(f.session.karma, rows[i].karma);
			fixture_free(&f);
		}
	}
}

static void
test_spf_texts_and_old_ways(void **state)
{
	static const struct {
		const char *line, *file;
		const char *sender;
		enum filter_result result;
		const char *text;
	} cases[] = {
		{ "", NULL, "a@fail.test", FILTER_DECLINED, "" },
		{ "spf_deny 1", NULL, "a@fail.test", FILTER_DENY,
		    "SPF - forgery: " },
		{ "spf_deny 1", NULL, "a@soft.test", FILTER_DENYSOFT,
		    "SPF - softfail: " },
		{ "spf_deny 2", NULL, "a@soft.test", FILTER_DENY,
		    "SPF - softfail: " },
		{ "reject 2", NULL, "a@fail.test", FILTER_DENYSOFT,
		    "SPF - fail: " },
		{ "", "3\n", "a@fail.test", FILTER_DENY, "SPF - forgery: " },
		{ "reject 1", "3\n", "a@fail.test", FILTER_DECLINED, "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		char line[100];
		snprintf(line, sizeof(line),
		    "sender_permitted_from %s\nqueue/maildir /m\n",
		    cases[i].line);
		start(&f, line, cases[i].file != NULL ? "spfbehavior" : "IP",
		    cases[i].file != NULL ? cases[i].file : "0\n");
		spf_records(&f);
		assert_int_equal(
		    fixture_mail(&f, cases[i].sender), cases[i].result);
		assert_true(
		    str_starts(str_of(f.verdict.text), str_of(cases[i].text)));
		fixture_free(&f);
	}
}

/* FL-110: the null sender is judged by the HELO name. */
static void
test_spf_of_null_sender(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "sender_permitted_from reject 3\nqueue/maildir /m\n", "IP",
	    "0\n");
	spf_records(&f);
	f.session.helo = STR("fail.test");
	assert_int_equal(fixture_mail(&f, ""), FILTER_DENY);
	assert_true(str_is(f.session.spf_domain, "fail.test"));
	f.session.helo = STR("pass.test");
	assert_int_equal(fixture_mail(&f, ""), FILTER_DECLINED);
	assert_string_equal(f.session.spf_result, "pass");
	f.session.relay_client = true;
	f.session.helo = STR("fail.test");
	assert_int_equal(fixture_mail(&f, ""), FILTER_DECLINED);
	fixture_free(&f);
}

static enum filter_result
data_post(struct fixture *f, struct str from)
{
	struct filter_field field = { .name = STR("From"), .body = from };
	struct filter_message message = { .fields = &field, .n_fields = 1 };
	struct filter_input input = { .message = &message };
	return fixture_ask(f, HOOK_DATA_POST, &input);
}

/* FL-112: results by level where the From domain has no policy at all. */
static void
test_spf_without_dmarc(void **state)
{
	static const struct {
		const char *sender;
		int from; /* level, 5: never */
	} rows[] = {
		{ "a@pass.test", 5 },
		{ "a@fail.test", 1 },
		{ "a@soft.test", 2 },
		{ "a@neutral.test", 3 },
		{ "a@broken.test", 4 },
		{ "a@none.test", 4 },
		{ "a@dead.test", 5 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int level = 0; level <= 4; level++) {
			struct fixture f;
			char line[100];
			snprintf(line, sizeof(line),
			    "sender_permitted_from reject 1 no_dmarc_policy "
			    "%d\nqueue/maildir /m\n",
			    level);
			start(&f, line, "IP", "0\n");
			spf_records(&f);
			assert_int_equal(
			    fixture_mail(&f, rows[i].sender), FILTER_DECLINED);
			assert_int_equal(data_post(&f, STR(" a@lax.test\n")),
			    level >= rows[i].from ? FILTER_DENY
						  : FILTER_DECLINED);
			/* p=none is a policy */
			assert_int_equal(data_post(&f, STR(" a@strict.test\n")),
			    FILTER_DECLINED);
			/* what cannot be asked is not known to be absent */
			assert_int_equal(data_post(&f, STR(" a@dead.test\n")),
			    FILTER_DECLINED);
			fixture_free(&f);
		}
	}
}

/* FL-35, FL-56, FL-111: how the header tells it. */
static void
test_what_the_header_tells(void **state)
{
	struct fixture f;
	struct buf room = BUF_INIT(4096);
	struct smtp_additions more;
	(void)state;
	start(&f,
	    "fcrdns\nhelo policy lenient\nsender_permitted_from\n"
	    "queue/maildir /m\n",
	    "IP", "0\n");
	spf_records(&f);
	fixture_ask(&f, HOOK_CONNECT, NULL);
	f.session.helo = STR("a\"b;(c)\r\nX: y");
	fixture_mail(&f, "a@pass.test");
	fixture_ask(&f, HOOK_DATA_POST, NULL);
	filter_session_additions(f.policy, &f.session, &room, &more);
	assert_true(str_is(more.results,
	    "spf=pass smtp.mailfrom=pass.test; iprev=permerror "
	    "policy.iprev=192.0.2.9"));
	assert_true(str_is(more.fields,
	    "X-HELO: a?b??c???X:?y\n"
	    "Received-SPF: pass (mail.test.example: domain of pass.test)\n"
	    "  client-ip=192.0.2.9; envelope-from=\"a@pass.test\"; "
	    "helo=a?b??c???X:?y;\n"));
	assert_int_equal(more.n_drop, 1);
	assert_string_equal(more.drop[0], "X-HELO");
	/* an immune client is asked nothing, and told nothing of */
	f.session.relay_client = true;
	fixture_mail(&f, "a@pass.test");
	fixture_ask(&f, HOOK_DATA_POST, NULL);
	f.session.iprev = NULL;
	filter_session_additions(f.policy, &f.session, &room, &more);
	assert_int_equal(more.results.len, 0);
	assert_int_equal(more.fields.len, 0);
	assert_int_equal(more.n_drop, 0);
	buf_clear(&room);
	fixture_free(&f);
}

/*
 * However many transactions a session has, what is kept of them takes no more
 * of its memory: naughty marks and copies come from the same.
 */
static void
test_long_session_uses_no_memory(void **state)
{
	enum {
		SESSION_MEMORY = 64 * 1024,
		TRANSACTIONS = 2000
	};
	static const char domain[] =
	    "a-name-that-is-rather-long-but-that-nobody-minds-at-all."
	    "another-label-of-a-name-that-is-rather-long.pass.test";
	char sender[sizeof(domain) + 2];
	struct fixture f;
	(void)state;
	snprintf(sender, sizeof(sender), "a@%s", domain);
	start(&f,
	    "sender_permitted_from\nbadmailfrom reject naughty\n"
	    "queue/maildir /m\n",
	    "badmailfrom", "@pass.test\n");
	spf_records(&f);
	fixture_record(&f, domain, DNS_TXT, "v=spf1 ip4:192.0.2.9 -all");
	arena_free(f.session.arena);
	f.session.arena = arena_new(SESSION_MEMORY, NULL, NULL);
	for (size_t i = 0; i < TRANSACTIONS; i++) {
		fixture_mail(&f, sender);
		assert_string_equal(f.session.spf_result, "pass");
		if (!str_is(f.session.spf_domain, domain))
			fail_msg("no domain in transaction %zu", i);
		buf_reset(&f.logged);
	}
	fixture_mail(&f, "a@pass.test");
	assert_true(f.session.naughty.len > 0);
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spf_levels),
		cmocka_unit_test(test_spf_texts_and_old_ways),
		cmocka_unit_test(test_spf_of_null_sender),
		cmocka_unit_test(test_spf_without_dmarc),
		cmocka_unit_test(test_what_the_header_tells),
		cmocka_unit_test(test_long_session_uses_no_memory),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_spf", tests, NULL, NULL);
}
