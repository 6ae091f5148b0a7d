/* TLS and logins in a policy: what a session is offered, by whom it is judged
 * (FL-9, FL-76, FL-79, FL-83, FL-84, FL-181). */
#include "tests/unit/filter_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#define QUEUE "queue/maildir /tmp/m\n"
#define TLS   "tls /c.pem /k.pem /a.pem\n"
#define CVM   "auth/auth_cvm_unix_local cvm_socket /s "

static const struct {
	const char *why;
	const char *plugins;
	const char *before_auth; /* NULL: no such file */
	enum smtp_role role;
	bool tls, can_tls;
	bool starttls;
	enum smtp_auth_offer auth;
} offers[] = {
	{ "FL-9 neither", "rcpt_ok\n" QUEUE, NULL, SMTP_ROLE_SMTP, false, true,
	    false, SMTP_AUTH_NONE },
	{ "FL-9 TLS", TLS QUEUE, NULL, SMTP_ROLE_SMTP, false, true, true,
	    SMTP_AUTH_NONE },
	{ "FL-9 no good certificate", TLS QUEUE, NULL, SMTP_ROLE_SMTP, false,
	    false, false, SMTP_AUTH_NONE },
	{ "FL-9 file absent", TLS "auth/auth_flat_file\n" QUEUE, NULL,
	    SMTP_ROLE_SMTP, false, true, true, SMTP_AUTH_NEEDS_TLS },
	{ "FL-9 no tls plugin", "auth/auth_flat_file\n" QUEUE, NULL,
	    SMTP_ROLE_SMTP, false, true, false, SMTP_AUTH_NEEDS_TLS },
	{ "FL-9 empty file", "auth/auth_flat_file\n" QUEUE, "# nothing\n",
	    SMTP_ROLE_SMTP, false, true, false, SMTP_AUTH_NEEDS_TLS },
	{ "FL-9 no number", "auth/auth_flat_file\n" QUEUE, "no\n",
	    SMTP_ROLE_SMTP, false, true, false, SMTP_AUTH_NEEDS_TLS },
	{ "FL-9 turned off", "auth/auth_flat_file\n" QUEUE, "0\n",
	    SMTP_ROLE_SMTP, false, true, false, SMTP_AUTH_OFFERED },
	{ "FL-9 under TLS", TLS "auth/auth_pam\n" QUEUE, "1\n", SMTP_ROLE_SMTP,
	    true, true, true, SMTP_AUTH_OFFERED },
	{ "FL-83 smtps by default", CVM "\n" QUEUE, NULL, SMTP_ROLE_SMTPS, true,
	    true, false, SMTP_AUTH_OFFERED },
	{ "FL-83 not smtp by default", CVM "\n" QUEUE, NULL, SMTP_ROLE_SMTP,
	    true, true, false, SMTP_AUTH_NONE },
	{ "FL-83 not submission by default", CVM "\n" QUEUE, NULL,
	    SMTP_ROLE_SUBMISSION, true, true, false, SMTP_AUTH_NONE },
	{ "FL-83 enabled", CVM "enable_smtp yes\n" QUEUE, NULL,
	    SMTP_ROLE_SUBMISSION, true, true, false, SMTP_AUTH_OFFERED },
	{ "FL-83 not on smtps", CVM "enable_ssmtp no\n" QUEUE, NULL,
	    SMTP_ROLE_SMTPS, true, true, false, SMTP_AUTH_NONE },
};

static void
test_offers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(offers); i++) {
		struct fixture f;
		struct smtp_offers got;
		fixture_start(&f, offers[i].plugins,
		    offers[i].before_auth != NULL ? "tls_before_auth" : NULL,
		    offers[i].before_auth);
		f.session.role = offers[i].role;
		f.session.tls = offers[i].tls;
		assert_true(filter_session_start(f.policy, &f.session));
		filter_session_offers(
		    f.policy, &f.session, offers[i].can_tls, &got);
		if (got.starttls != offers[i].starttls ||
		    got.auth != offers[i].auth ||
		    got.login_first != (offers[i].role == SMTP_ROLE_SUBMISSION))
			fail_msg("%s: %d %d %d", offers[i].why, got.starttls,
			    (int)got.auth, got.login_first);
		fixture_free(&f);
	}
}

/* SME's layout: tls in the main list, logins in the peers' (FL-180). */
static void
test_lists(void **state)
{
	(void)state;
	struct fixture_file files[] = {
		{ "plugins", "peers peers/0\n" TLS },
		{ "peers/0", "auth/auth_pam service x\nauth/auth_dovecot\n"
			     "auth/auth_flat_file\n" QUEUE },
		{ "peers/local", QUEUE },
		{ NULL, NULL },
	};
	const struct filter_login *logins[FILTER_LOGINS_MAX];
	struct fixture f;
	struct smtp_offers got;
	assert_true(fixture_load(&f, files));
	assert_true(filter_session_start(f.policy, &f.session));
	assert_int_equal(
	    filter_session_logins(f.policy, &f.session, logins), 3);
	assert_int_equal(logins[0]->kind, FILTER_LOGIN_PAM);
	assert_string_equal(logins[0]->place, "x");
	assert_string_equal(logins[0]->label, "auth::auth_pam");
	assert_string_equal(logins[1]->place, "/run/dovecot/auth-client");
	assert_int_equal(logins[2]->kind, FILTER_LOGIN_FLAT_FILE);
	assert_true(filter_policy_has_login(f.policy, FILTER_LOGIN_PAM));
	assert_false(filter_policy_has_login(f.policy, FILTER_LOGIN_CVM));
	/* FL-181: the local list from then on */
	filter_session_login(f.policy, &f.session);
	filter_session_offers(f.policy, &f.session, true, &got);
	assert_true(got.starttls);
	assert_int_equal(got.auth, SMTP_AUTH_NONE);
	fixture_free(&f);
}

/*
 * FL-83 as release 11 has it where only local networks may log in: strangers
 * are told so on the ports smtp and submission.
 */
static void
test_only_local(void **state)
{
	static const struct {
		enum smtp_role role;
		const char *ip;
		enum smtp_auth_offer auth;
	} cases[] = {
		{ SMTP_ROLE_SUBMISSION, "192.0.2.9", SMTP_AUTH_LOCAL },
		{ SMTP_ROLE_SMTP, "192.0.2.9", SMTP_AUTH_LOCAL },
		{ SMTP_ROLE_SMTPS, "192.0.2.9", SMTP_AUTH_OFFERED },
		{ SMTP_ROLE_SUBMISSION, "10.1.2.3", SMTP_AUTH_OFFERED },
	};
	struct fixture_file files[] = {
		{ "plugins", "peers peers/0\n" TLS },
		{ "peers/0", CVM "enable_smtp no\n" QUEUE },
		{ "peers/local", CVM "enable_smtp yes\n" QUEUE },
		{ "peers/10", CVM "enable_smtp yes\n" QUEUE },
		{ NULL, NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct smtp_offers got;
		assert_true(fixture_load(&f, files));
		f.session.role = cases[i].role;
		f.session.tls = true;
		f.session.client_ip = str_of(cases[i].ip);
		assert_true(filter_session_start(f.policy, &f.session));
		filter_session_offers(f.policy, &f.session, true, &got);
		if (got.auth != cases[i].auth)
			fail_msg("%zu: %d", i, (int)got.auth);
		fixture_free(&f);
	}
}

static const struct {
	const char *protocols;
	bool only_tls13;
	const char *noted;
} protocols[] = {
	{ "SSLv23:!SSLv2:!SSLv3", false, NULL },
	{ "TLSv1_2:TLSv1_3", false, NULL },
	{ "TLSv1_3", true, NULL },
	{ "SSLv23:!TLSv1_2", true, NULL },
	{ "TLSv1:TLSv1_1", false, "'TLSv1' is ignored" },
	{ "TLSv1.1 : TLSv1.3", true, "'TLSv1.1' is ignored" },
	{ "nonsense", false, "'nonsense' is no protocol" },
	{ ":", false, "'' is no protocol" },
};

/* FL-76 */
static void
test_protocols(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
		struct fixture f;
		struct filter_tls t;
		fixture_start(
		    &f, TLS QUEUE, "tls_protocols", protocols[i].protocols);
		assert_true(filter_policy_tls(f.policy, &t));
		assert_string_equal(t.ciphers, "HIGH");
		if (t.only_tls13 != protocols[i].only_tls13 ||
		    (protocols[i].noted != NULL) !=
			(f.logged.len > 0 && strstr(buf_cstr(&f.logged),
						 protocols[i].noted != NULL
						     ? protocols[i].noted
						     : "protocol") != NULL))
			fail_msg("'%s': %d, %s", protocols[i].protocols,
			    t.only_tls13, buf_cstr(&f.logged));
		fixture_free(&f);
	}
}

static void
write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* Certificate and key cross in a bundle; what is missing is told. */
static void
test_files(void **state)
{
	(void)state;
	char dir[] = "/tmp/filter-login.XXXXXX", path[64];
	struct fixture f;
	struct filter_tls t;
	struct filter_policy *with;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/c.pem", dir);
	write_text(path, "certificate");
	fixture_start(&f, "tls c.pem c.pem c.pem\n" QUEUE, NULL, NULL);
	assert_true(filter_tls_read(f.policy, dir, &f.bundle));
	assert_true(filter_policy_new(buf_str(&f.bundle), &with, &f.err));
	assert_true(filter_policy_tls(with, &t));
	assert_true(str_is(t.certificate, "certificate"));
	assert_true(str_is(t.key, "certificate"));
	assert_int_equal(t.problem.len, 0);
	filter_policy_free(with);
	fixture_free(&f);

	fixture_start(&f, "tls c.pem none.pem c.pem\n" QUEUE, NULL, NULL);
	assert_true(filter_tls_read(f.policy, dir, &f.bundle));
	assert_true(filter_policy_new(buf_str(&f.bundle), &with, &f.err));
	assert_true(filter_policy_tls(with, &t));
	assert_int_equal(t.key.len, 0);
	assert_true(str_starts(t.problem, STR("cannot open '/tmp/filter-")));
	filter_policy_free(with);
	fixture_free(&f);
	unlink(path);
	rmdir(dir);
}

static const struct {
	const char *line, *why;
} refused[] = {
	{ "tls\n", "certificate, key and authorities" },
	{ "tls /a /b\n", "certificate, key and authorities" },
	{ "tls /a /b /c /d /e\n", "certificate, key and authorities" },
	{ "auth/auth_cvm_unix_local\n", "cvm_socket is wanted" },
	{ CVM "enable_smtp perhaps\n", "yes or no, not 'perhaps'" },
};

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct fixture f;
		struct fixture_file files[] = {
			{ "plugins", refused[i].line },
			{ NULL, NULL },
		};
		assert_false(fixture_load(&f, files));
		if (strstr(f.err.text, refused[i].why) == NULL)
			fail_msg("'%s': %s", refused[i].line, f.err.text);
		fixture_free(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_only_local),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
