/* STARTTLS and AUTH in a session, and the words of AUTH (FL-76 to FL-82). */
#include "smtp_play.h"

#include "core/smtp/auth.h"

/* user@test.example, secret: as PLAIN and as words of LOGIN */
#define PLAIN    "AHVzZXJAdGVzdC5leGFtcGxlAHNlY3JldA=="
#define USER     "dXNlckB0ZXN0LmV4YW1wbGU="
#define PASSWORD "c2VjcmV0"

enum {
	NOTHING = 0,
	STARTTLS = 1,
	AUTH = 2,
	AUTH_BY_TLS = 4,
	SUBMISSION = 8,
	AUTH_LOCAL = 16,
};

static const struct {
	const char *rule;
	unsigned offers;
	enum smtp_logged_in login;
	const char *in;
	const char *codes;
} cases[] = {
	{ "FL-9 nothing offered", NOTHING, SMTP_LOGIN_OK,
	    HELLO "STARTTLS\r\nAUTH PLAIN " PLAIN "\r\n", "220 250 500 500 " },
	{ "FL-76 argument", STARTTLS, SMTP_LOGIN_OK, HELLO "STARTTLS x\r\n",
	    "220 250 501 " },
	{ "FL-76 before EHLO, after HELO", STARTTLS, SMTP_LOGIN_OK,
	    "STARTTLS\r\nHELO x\r\nSTARTTLS\r\n", "220 503 250 503 " },
	{ "FL-79 login first", SUBMISSION | AUTH, SMTP_LOGIN_OK,
	    HELLO "MAIL FROM:<a@b.example>\r\nAUTH PLAIN " PLAIN
		  "\r\nMAIL FROM:<a@b.example>\r\n",
	    "220 250 530 235 250 " },
	{ "FL-79 nobody may log in", SUBMISSION, SMTP_LOGIN_OK,
	    HELLO "MAIL FROM:<a@b.example>\r\nAUTH PLAIN " PLAIN "\r\n",
	    "220 250 530 500 " },
	{ "FL-79 others may log in", SUBMISSION | AUTH_LOCAL, SMTP_LOGIN_OK,
	    HELLO "AUTH PLAIN " PLAIN "\r\nMAIL FROM:<a@b.example>\r\n",
	    "220 250 500 530 " },
	{ "FL-80 not in clear", AUTH_BY_TLS, SMTP_LOGIN_OK,
	    HELLO "AUTH PLAIN " PLAIN "\r\nAUTH LOGIN\r\n",
	    "220 250 538 538 " },
	{ "FL-80 before EHLO, after HELO", AUTH, SMTP_LOGIN_OK,
	    "AUTH PLAIN " PLAIN "\r\nHELO x\r\nAUTH PLAIN " PLAIN "\r\n",
	    "220 503 250 503 " },
	{ "FL-80 twice", AUTH, SMTP_LOGIN_OK,
	    HELLO "AUTH PLAIN " PLAIN "\r\nAUTH PLAIN " PLAIN "\r\n",
	    "220 250 235 503 " },
	{ "FL-80 mechanisms", AUTH, SMTP_LOGIN_OK,
	    HELLO "AUTH CRAM-MD5\r\nAUTH\r\nAUTH XOAUTH2 x\r\n",
	    "220 250 504 504 504 " },
	{ "FL-80 in a transaction", AUTH, SMTP_LOGIN_OK,
	    ENVELOPE "AUTH PLAIN " PLAIN "\r\n", "220 250 250 250 503 " },
	{ "FL-81 PLAIN asked for", AUTH, SMTP_LOGIN_OK,
	    HELLO "auth plain\r\n" PLAIN "\r\n", "220 250 334 235 " },
	{ "FL-81 LOGIN", AUTH, SMTP_LOGIN_OK,
	    HELLO "AUTH LOGIN\r\n" USER "\r\n" PASSWORD "\r\n",
	    "220 250 334 334 235 " },
	{ "FL-81 LOGIN with the name at once", AUTH, SMTP_LOGIN_OK,
	    HELLO "AUTH LOGIN " USER "\r\n" PASSWORD "\r\n",
	    "220 250 334 235 " },
	{ "FL-81 cancelled", AUTH, SMTP_LOGIN_OK,
	    HELLO "AUTH LOGIN\r\n*\r\nAUTH LOGIN\r\n" USER "\r\n*\r\n"
		  "AUTH PLAIN\r\n*\r\nNOOP\r\n",
	    "220 250 334 501 334 334 501 334 501 250 " },
	{ "FL-81 no base64", AUTH, SMTP_LOGIN_OK,
	    HELLO "AUTH PLAIN !!!!====\r\nAUTH PLAIN\r\nAA\r\n"
		  "AUTH LOGIN\r\n= \r\nAUTH PLAIN =\r\n",
	    "220 250 501 334 501 334 501 501 " },
	{ "FL-81 another's identity", AUTH, SMTP_LOGIN_OK,
	    HELLO "AUTH PLAIN cm9vdAB1c2VyQHRlc3QuZXhhbXBsZQBzZWNyZXQ=\r\n",
	    "220 250 535 " },
	{ "FL-81 its own identity", AUTH, SMTP_LOGIN_OK,
	    HELLO "AUTH PLAIN dQB1AHA=\r\n", "220 250 235 " },
	{ "FL-83 NUL in the name or the password", AUTH, SMTP_LOGIN_OK,
	    HELLO "AUTH PLAIN dXNlcgB1c2VyAABwYXNz\r\n"
		  "AUTH LOGIN dQB1\r\n" PASSWORD "\r\nAUTH LOGIN " USER
		  "\r\ndQB1\r\n",
	    "220 250 501 334 535 334 535 " },
	{ "FL-81 nothing for a password", AUTH, SMTP_LOGIN_OK,
	    HELLO "AUTH PLAIN AHUA\r\nAUTH LOGIN\r\n\r\n\r\n",
	    "220 250 535 334 334 535 " },
	{ "FL-81 the fifth ends it", AUTH, SMTP_LOGIN_DENIED,
	    HELLO "AUTH PLAIN " PLAIN "\r\nAUTH PLAIN " PLAIN
		  "\r\nAUTH PLAIN " PLAIN "\r\nAUTH PLAIN " PLAIN
		  "\r\nAUTH PLAIN " PLAIN "\r\nNOOP\r\n",
	    "220 250 535 535 535 535 421 close " },
	{ "FL-81 nobody can tell", AUTH, SMTP_LOGIN_LATER,
	    HELLO "AUTH PLAIN " PLAIN "\r\nNOOP\r\n", "220 250 454 250 " },
	{ "FL-82 relaying after a login", AUTH, SMTP_LOGIN_OK,
	    HELLO "AUTH PLAIN " PLAIN "\r\nMAIL FROM:<a@b.example>\r\n",
	    "220 250 235 250 " },
	{ "FL-13 AUTH= where AUTH is offered", AUTH, SMTP_LOGIN_OK,
	    HELLO "MAIL FROM:<a@b.example> AUTH=<>\r\n", "220 250 250 " },
	{ "FL-13 AUTH= elsewhere", NOTHING, SMTP_LOGIN_OK,
	    HELLO "MAIL FROM:<a@b.example> AUTH=<>\r\n", "220 250 555 " },
	{ "FL-42 AUTH that is none, with a secret", AUTH, SMTP_LOGIN_OK,
	    HELLO " AUTH PLAIN " PLAIN "\r\nAUTH\tPLAIN " PLAIN
		  "\r\nauth\tplain\t" PLAIN "\r\n" PLAIN "\r\nAUTH:PLAIN " PLAIN
		  "\r\nAUTH PLAIN\t" PLAIN "\r\n",
	    "220 250 500 500 500 500 500 504 " },
	{ "FL-5 white space before the line end", AUTH, SMTP_LOGIN_OK,
	    HELLO "NOOP\t\r\nRSET \t \r\nAUTH PLAIN " PLAIN " \t\r\nAUTH\t\r\n",
	    "220 250 250 250 235 503 " },
	{ "FL-17 what follows AUTH is its answer", AUTH, SMTP_LOGIN_OK,
	    HELLO "AUTH PLAIN\r\nNOOP\r\nNOOP\r\n", "220 250 334 501 250 " },
};

static void
offer(struct play *p, unsigned offers)
{
	p->offers.starttls = (offers & STARTTLS) != 0;
	p->offers.login_first = (offers & SUBMISSION) != 0;
	if (offers & AUTH_LOCAL)
		p->offers.auth = SMTP_AUTH_LOCAL;
	if (offers & AUTH_BY_TLS)
		p->offers.auth = SMTP_AUTH_NEEDS_TLS;
	if (offers & AUTH)
		p->offers.auth = SMTP_AUTH_OFFERED;
}

/* FL-42: none of these may be read in the log, whole or in part. */
static void
check_log(const char *rule, const struct play *p)
{
	static const char *const secrets[] = { PLAIN, PASSWORD, "secret",
		"AHVzZXJA", "dXNlcgB1" };
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		if (strstr(buf_cstr(&p->log), secrets[i]) != NULL)
			fail_msg("%s: '%s' is in the log:\n%s", rule,
			    secrets[i], buf_cstr(&p->log));
	}
}

static void
test_conversations(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
		struct play p;
		struct buf codes = BUF_INIT(4096);
		size_t at = i / 2;
		begin(&p, NULL);
		p.config.log_level = 7;
		p.login = cases[at].login;
		offer(&p, cases[at].offers);
		say(&p, str_of(cases[at].in), i % 2 ? 1 : SIZE_MAX);
		codes_of(&p, &codes);
		if (strcmp(buf_cstr(&codes), cases[at].codes) != 0)
			fail_msg("%s: '%s' instead of '%s'", cases[at].rule,
			    buf_cstr(&codes), cases[at].codes);
		check_log(cases[at].rule, &p);
		buf_clear(&codes);
		end(&p);
	}
}

/* FL-6, FL-42: behind an AUTH that is too long its answer may come alone. */
static void
test_long_auth_line(void **state)
{
	(void)state;
	static const struct {
		const char *start;
		const char *shown; /* of the line behind it */
	} lines[] = {
		{ "AUTH PLAIN ", "dispatching a line behind AUTH, not shown" },
		{ "NOOP ", "dispatching XYZZY" },
		{ "XAUTH PLAIN ", "dispatching XYZZY" },
	};
	for (size_t i = 0; i < 2 * ARRAY_LEN(lines); i++) {
		struct play p;
		struct buf in = BUF_INIT(2 * SMTP_AUTH_LINE_MAX);
		begin(&p, NULL);
		p.config.log_level = 7;
		offer(&p, AUTH);
		buf_add_cstr(&in, HELLO);
		buf_add_cstr(&in, lines[i / 2].start);
		while (in.len < SMTP_AUTH_LINE_MAX + 100)
			buf_add_char(&in, 'x');
		buf_add_cstr(&in, "\r\nXYZZY\r\nNOOP\r\nXYZZY 2\r\n");
		say(&p, buf_str(&in), i % 2 ? 1000 : SIZE_MAX);
		assert_non_null(strstr(buf_cstr(&p.log), lines[i / 2].shown));
		/* a command that is one ends it */
		assert_non_null(
		    strstr(buf_cstr(&p.log), "dispatching XYZZY 2"));
		buf_clear(&in);
		end(&p);
	}
}

/* What it says once more after the handshake is in clear or not at all. */
static void
test_starttls(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	offer(&p, STARTTLS);
	say(&p, STR(ENVELOPE), 7);
	assert_non_null(strstr(buf_cstr(&p.out), "250-STARTTLS\r\n"));
	/* FL-78: what stands behind it is thrown away */
	say(&p, STR("STARTTLS\r\nMAIL FROM:<x@evil.example>\r\n"), SIZE_MAX);
	assert_int_equal(p.handshakes, 1);
	assert_non_null(strstr(buf_cstr(&p.out), "220 2.0.0 ready"));
	buf_reset(&p.out);
	/* FL-77 */
	say(&p, STR("DATA\r\nMAIL FROM:<a@out.example>\r\n"), SIZE_MAX);
	assert_string_equal(buf_cstr(&p.out),
	    "503 5.5.1 say MAIL first\r\n503 5.5.1 say HELO first\r\n");
	buf_reset(&p.out);
	say(&p, STR(ENVELOPE "STARTTLS\r\nDATA\r\n" MESSAGE), SIZE_MAX);
	assert_null(strstr(buf_cstr(&p.out), "250-STARTTLS"));
	assert_non_null(strstr(buf_cstr(&p.out), "503 5.5.1 TLS is in use"));
	/* FL-34 */
	assert_non_null(
	    strstr(buf_cstr(&p.head), "with ESMTPS (TLS_TEST encrypted); "));
	end(&p);
}

/* FL-78: a failed handshake closes, and says nothing in clear. */
static void
test_failed_handshake(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	offer(&p, STARTTLS);
	p.tls_fails = true;
	say(&p, STR(HELLO), SIZE_MAX);
	buf_reset(&p.out);
	say(&p, STR("STARTTLS\r\n"), SIZE_MAX);
	assert_string_equal(buf_cstr(&p.out), "220 2.0.0 ready for TLS\r\n");
	assert_true(p.closed);
	end(&p);
}

/* What the plugins wait for before the handshake is not the peer's time. */
static void
test_handshake_after_a_long_look(void **state)
{
	(void)state;
	struct play p;
	begin_as(&p, NULL, true);
	p.config.tls_ms = 5000;
	for (int64_t now = 0; now <= 50000; now += 1000)
		smtp_session_tick(p.s, now);
	smtp_session_answer(p.s, FILTER_DECLINED, (struct str)STR_EMPTY);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_TLS);
	smtp_session_tick(p.s, 55000);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_TLS);
	smtp_session_tick(p.s, 55001);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_CLOSE);
	end(&p);
}

/* The handshake has a time limit. */
static void
test_handshake_never_comes(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	offer(&p, STARTTLS);
	say(&p, STR(HELLO), SIZE_MAX);
	struct str in = STR("STARTTLS\r\n");
	assert_int_equal(smtp_session_feed(p.s, in, 0), in.len);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_TLS);
	smtp_session_tick(p.s, SMTP_TLS_S * 1000);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_TLS);
	smtp_session_tick(p.s, SMTP_TLS_S * 1000 + 1);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_CLOSE);
	assert_null(strstr(buf_cstr(smtp_session_output(p.s)), "421"));
	end(&p);
}

/* FL-77: port 465; a denial before the handshake is not told in clear. */
static void
test_tls_first(void **state)
{
	(void)state;
	static const struct answers denied = {
		.hook = HOOK_PRE_CONNECTION, .result = FILTER_DENY, .text = ""
	};
	struct play p;
	begin_as(&p, NULL, true);
	say(&p, STR(HELLO), SIZE_MAX);
	assert_int_equal(p.handshakes, 1);
	assert_true(str_starts(buf_str(&p.out), STR("220 mx.local.example")));
	end(&p);
	begin_as(&p, &denied, true);
	run(&p);
	assert_true(p.closed);
	assert_int_equal(p.out.len, 0);
	end(&p);
}

/* A late answer about a login is the session's own 454 by then. */
static void
test_login_is_never_judged(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	offer(&p, AUTH);
	say(&p, STR(HELLO), SIZE_MAX);
	struct str in = STR("AUTH PLAIN " PLAIN "\r\n");
	assert_int_equal(smtp_session_feed(p.s, in, 0), in.len);
	assert_true(smtp_session_took_secret(p.s));
	assert_false(smtp_session_took_secret(p.s));
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_LOGIN);
	smtp_session_tick(p.s, SMTP_LOGIN_S * 1000 + 1);
	assert_int_equal(smtp_session_want(p.s), SMTP_WANT_INPUT);
	assert_non_null(strstr(buf_cstr(smtp_session_output(p.s)), "454"));
	smtp_session_logged_in(p.s, SMTP_LOGIN_OK);
	assert_null(strstr(buf_cstr(smtp_session_output(p.s)), "235"));
	end(&p);
}

/*
 * FL-42: a secret comes in pieces, or in a line that nothing is made of; what
 * was fed is to be wiped each time.
 */
static void
test_parts_of_secrets_are_wiped(void **state)
{
	static char much[SMTP_AUTH_LINE_MAX + 2];
	static const struct {
		const char *parts[5];
		size_t secret_from; /* this part is the first that is */
	} lines[] = {
		{ { "AUTH PLAIN\r\n", "AHVz", "ZXIAcGFzcw==", "\r\n" }, 0 },
		{ { "AU", "TH PLAIN AHVzZXIAc", "GFzcw==\r\n" }, 1 },
		{ { "AUTH LOGIN\r\n", much, much, "\r\n" }, 0 },
		{ { "NO", "OP\r\nAUTH PL", much, much, "\r\n" }, 1 },
		{ { "NOOP\r\n", "AUT", "X x\r\n" }, 3 },
	};
	(void)state;
	memset(much, 'A', sizeof(much) - 1);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct play p;
		begin(&p, NULL);
		offer(&p, AUTH);
		say(&p, STR(HELLO), SIZE_MAX);
		for (size_t k = 0; k < 5 && lines[i].parts[k] != NULL; k++) {
			(void)smtp_session_took_secret(p.s);
			say(&p, str_of(lines[i].parts[k]), SIZE_MAX);
			if (smtp_session_took_secret(p.s) !=
			    (k >= lines[i].secret_from))
				fail_msg("case %zu, part %zu", i, k);
		}
		end(&p);
	}
}

/* FL-81: fail2ban reads one address, the peer's, whatever is in the name. */
static void
test_names_that_would_mislead_a_reader(void **state)
{
	static const struct {
		const char *user; /* in base64 */
		unsigned times;
		const char *shown;
	} names[] = {
		/* "u address=9.9.9.9 mechanism=PLAIN\n\t" */
		{ "dSBhZGRyZXNzPTkuOS45LjkgbWVjaGFuaXNtPVBMQUlOCgk=", 1,
		    "login failed: user=u\\x20address=9.9.9.9\\x20mechanism="
		    "PLAIN\\x0a\\x09 address=192.0.2.9 mechanism=LOGIN\n" },
		{ "dXNlcmlk", 1365,
		    "useriduser... address=192.0.2.9 mechanism=LOGIN\n" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct play p;
		struct buf in = BUF_INIT(SMTP_AUTH_LINE_MAX);
		begin(&p, NULL);
		offer(&p, AUTH);
		p.login = SMTP_LOGIN_DENIED;
		buf_add_cstr(&in, HELLO "AUTH LOGIN ");
		for (unsigned n = 0; n < names[i].times; n++)
			buf_add_cstr(&in, names[i].user);
		buf_add_cstr(&in, "\r\n" PASSWORD "\r\n");
		say(&p, buf_str(&in), SIZE_MAX);
		say(&p,
		    STR("MAIL FROM:<a@out.example>\r\n"
			"RCPT TO:<b@local.example>\r\nDATA\r\n" MESSAGE),
		    SIZE_MAX);
		if (strstr(buf_cstr(&p.log), names[i].shown) == NULL)
			fail_msg("%zu: %s", i, buf_cstr(&p.log));
		assert_non_null(strstr(buf_cstr(&p.head), "auth=fail (LOGIN)"));
		/* RFC 5322 2.1.1 */
		struct str head = buf_str(&p.head), line;
		while (str_next_line(&head, &line))
			assert_true(line.len <= 998);
		buf_clear(&in);
		end(&p);
	}
}

/* FL-81: who fails waits; FL-34, FL-35: what the message tells of a login. */
static void
test_login_is_stamped(void **state)
{
	(void)state;
	static const struct {
		enum smtp_logged_in login;
		const char *received, *results;
	} ways[] = {
		{ SMTP_LOGIN_OK, "with ESMTPA; ",
		    "auth=pass (PLAIN) smtp.auth=user@test.example\n" },
		{ SMTP_LOGIN_DENIED, "with ESMTP; ",
		    "auth=fail (PLAIN) smtp.auth=user@test.example\n" },
		{ SMTP_LOGIN_LATER, "with ESMTP; ", "auth=none\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct play p;
		begin(&p, NULL);
		offer(&p, AUTH);
		p.login = ways[i].login;
		say(&p, STR(HELLO "AUTH PLAIN " PLAIN "\r\n"), SIZE_MAX);
		assert_string_equal(
		    buf_cstr(&p.told), "PLAIN user@test.example secret");
		assert_int_equal(p.now, ways[i].login == SMTP_LOGIN_DENIED
					    ? SMTP_LOGIN_DELAY_MS
					    : 0);
		say(&p,
		    STR("MAIL FROM:<a@out.example>\r\n"
			"RCPT TO:<b@local.example>\r\nDATA\r\n" MESSAGE),
		    SIZE_MAX);
		assert_int_equal(p.jobs, 1);
		assert_non_null(strstr(buf_cstr(&p.head), ways[i].received));
		assert_non_null(strstr(buf_cstr(&p.head), ways[i].results));
		if (ways[i].login == SMTP_LOGIN_DENIED)
			assert_non_null(strstr(buf_cstr(&p.log),
			    "login failed: user=user@test.example "
			    "address=192.0.2.9 mechanism=PLAIN\n"));
		end(&p);
	}
}

/* FL-6: lines within AUTH, and no others, may be so long. */
static void
test_long_lines(void **state)
{
	(void)state;
	static const struct {
		const char *before;
		size_t length;
		const char *codes;
	} lines[] = {
		{ "AUTH PLAIN ", SMTP_AUTH_LINE_MAX, "220 250 501 " },
		{ "AUTH PLAIN ", SMTP_AUTH_LINE_MAX + 1, "220 250 500 " },
		{ "AUTH LOGIN\r\n", SMTP_AUTH_LINE_MAX, "220 250 334 501 " },
		{ "AUTH LOGIN\r\n", SMTP_AUTH_LINE_MAX + 1,
		    "220 250 334 500 " },
	};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct play p;
		struct buf in = BUF_INIT(1 << 20), codes = BUF_INIT(256);
		begin(&p, NULL);
		offer(&p, AUTH);
		buf_add_cstr(&in, HELLO);
		buf_add_cstr(&in, lines[i].before);
		size_t start = strchr(lines[i].before, '\n') != NULL
				   ? in.len
				   : sizeof(HELLO) - 1;
		while (in.len - start < lines[i].length - 2)
			buf_add_char(&in, '!');
		buf_add_cstr(&in, "\r\n");
		say(&p, buf_str(&in), 1000);
		codes_of(&p, &codes);
		assert_string_equal(buf_cstr(&codes), lines[i].codes);
		buf_clear(&in);
		buf_clear(&codes);
		end(&p);
	}
}

static void
test_base64(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		const char *out; /* NULL: refused */
	} words[] = {
		{ "", "" },
		{ "YQ==", "a" },
		{ "YWI=", "ab" },
		{ "YWJj", "abc" },
		{ "YWJjZA==", "abcd" },
		{ "Pz8/", "???" },
		{ "YQ", NULL },
		{ "YQ=", NULL },
		{ "YR==", NULL }, /* bits behind the end */
		{ "YWJ=", NULL },
		{ "Y===", NULL },
		{ "====", NULL },
		{ "YQ==YQ==", NULL },
		{ "YW Jj", NULL },
		{ "YWJ\xe9", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct buf out = BUF_INIT(64);
		bool good = smtp_base64_decode(str_of(words[i].in), &out);
		if (good != (words[i].out != NULL) ||
		    (good && strcmp(buf_cstr(&out), words[i].out) != 0))
			fail_msg("'%s': '%s'", words[i].in, buf_cstr(&out));
		buf_clear(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversations),
		cmocka_unit_test(test_long_auth_line),
		cmocka_unit_test(test_starttls),
		cmocka_unit_test(test_failed_handshake),
		cmocka_unit_test(test_handshake_after_a_long_look),
		cmocka_unit_test(test_handshake_never_comes),
		cmocka_unit_test(test_tls_first),
		cmocka_unit_test(test_login_is_never_judged),
		cmocka_unit_test(test_parts_of_secrets_are_wiped),
		cmocka_unit_test(test_names_that_would_mislead_a_reader),
		cmocka_unit_test(test_login_is_stamped),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_base64),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
