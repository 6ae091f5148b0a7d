/*
 * Conversations with the session machine: a table of what is sent and which
 * codes come back, each played in one piece and byte by byte.
 */
#include "smtp_play.h"

struct conversation {
	const char *rule;
	const char *in;
	const char *codes;
};

/* All pass, all is queued. */
static const struct conversation conversations[] = {
	{ "FL-1 a message", ENVELOPE "DATA\r\n" MESSAGE "QUIT\r\n",
	    "220 250 250 250 354 250 221 close " },
	{ "FL-5 case and spaces",
	    "ehlo   x\r\nmail   FROM:<a@b.example>\r\nrSeT\r\n",
	    "220 250 250 250 " },
	{ "FL-6 empty line", "\r\n", "220 500 " },
	{ "FL-6 control character", "NOOP \x01\r\nNOOP a\tb\r\n",
	    "220 501 250 " },
	{ "FL-6 trailing CRs", "NOOP\r\r\r\n", "220 250 " },
	{ "FL-7 HELO without name", "HELO\r\nEHLO  \r\nHELO x\r\n",
	    "220 501 501 250 " },
	{ "FL-7 second EHLO resets", ENVELOPE HELLO "DATA\r\n",
	    "220 250 250 250 250 503 " },
	{ "FL-10 order",
	    "MAIL FROM:<a@b.example>\r\nRCPT "
	    "TO:<b@local.example>\r\nDATA\r\n" HELLO
	    "RCPT TO:<b@local.example>\r\nDATA\r\n"
	    "MAIL FROM:<a@b.example>\r\nDATA\r\n",
	    "220 503 503 503 250 503 503 250 503 " },
	{ "FL-10 second MAIL starts over",
	    ENVELOPE "MAIL FROM:<c@d.example>\r\nDATA\r\n",
	    "220 250 250 250 250 503 " },
	{ "FL-10 after the dot it is over",
	    ENVELOPE "DATA\r\n" MESSAGE "DATA\r\n",
	    "220 250 250 250 354 250 503 " },
	{ "FL-10 RSET keeps HELO",
	    ENVELOPE "RSET\r\nDATA\r\n"
		     "MAIL FROM:<a@b.example>\r\n",
	    "220 250 250 250 250 503 250 " },
	{ "FL-10 RSET before HELO", "RSET\r\nMAIL FROM:<a@b.example>\r\n",
	    "220 250 503 " },
	{ "FL-11 keywords",
	    HELLO "MAIL <a@b.example>\r\nMAIL\r\n"
		  "MAIL TO:<a@b.example>\r\nMAIL FROM: <a@b.example>\r\n"
		  "RCPT <b@local.example>\r\nRCPT TO:  <b@local.example>\r\n",
	    "220 250 501 501 501 250 501 250 " },
	{ "FL-11 null sender", HELLO "MAIL FROM:\r\nMAIL FROM:<>\r\n",
	    "220 250 250 250 " },
	{ "FL-12 recipients",
	    HELLO "MAIL FROM:<>\r\nRCPT TO:<>\r\n"
		  "RCPT TO:<postmaster>\r\nRCPT TO:<b>\r\nRCPT TO:\r\n",
	    "220 250 250 501 550 501 501 " },
	{ "FL-13 parameters",
	    HELLO "MAIL FROM:<a@b.example> SIZE=9 BODY=8BITMIME\r\n"
		  "MAIL FROM:<a@b.example> FOO=1\r\n"
		  "MAIL FROM:<a@b.example> BODY=BINARYMIME\r\n"
		  "MAIL FROM:<a@b.example> SIZE=x\r\n"
		  "MAIL FROM:<a@b.example> SIZE=\r\n"
		  "MAIL FROM:<a@b.example> SIZE\r\n"
		  "MAIL FROM:<a@b.example> SIZE=-1\r\n"
		  "MAIL FROM:<a@b.example> AUTH=<>\r\n"
		  "MAIL FROM:<a@b.example>SIZE=1\r\n"
		  "MAIL FROM:<a@b.example> body=7bit size=1\r\n"
		  "RCPT TO:<b@local.example> NOTIFY=NEVER\r\n",
	    "220 250 250 555 555 555 555 555 555 555 501 250 555 " },
	{ "FL-10 a MAIL that is refused starts over too",
	    ENVELOPE "MAIL FROM:<a@b..example>\r\nDATA\r\n"
		     "RCPT TO:<b@local.example>\r\n" ENVELOPE
		     "MAIL FROM:<a@b.example> FOO=1\r\nDATA\r\n",
	    "220 250 250 250 501 503 503 250 250 250 555 503 " },
	{ "FL-15", "NOOP\r\nNOOP x y\r\nVRFY root\r\nHELP\r\n",
	    "220 250 250 252 214 " },
	{ "FL-16 other verbs",
	    "EXPN x\r\nTURN\r\nBDAT 1\r\nSTARTTLS\r\n"
	    "AUTH PLAIN x\r\n",
	    "220 500 500 500 500 500 " },
	{ "FL-17 pipelining",
	    ENVELOPE "RCPT TO:<c@elsewhere.example>\r\nDATA\r\n" MESSAGE
		     "MAIL FROM:<>\r\nQUIT\r\nNOOP\r\n",
	    "220 250 250 250 550 354 250 250 221 close " },
	{ "FL-24 bare LF in commands", "EHLO x\nNOOP\nQUIT\n",
	    "220 250 250 221 close " },
	{ "FL-25 smuggling",
	    ENVELOPE "DATA\r\n"
		     "a\n.\r\nMAIL FROM:<evil@local.example>\r\n.\r\nNOOP\r\n",
	    "220 250 250 250 354 550 250 " },
	{ "FL-26 bare CR", ENVELOPE "DATA\r\na\rb\r\n.\r\nNOOP\r\n",
	    "220 250 250 250 354 550 250 " },
};

/* One phase or the queue answers otherwise. */
static const struct {
	struct conversation c;
	struct answers answers;
} denials[] = {
	{ { "FL-23 denied DATA reads nothing", ENVELOPE "DATA\r\nNOOP\r\n",
	      "220 250 250 250 554 250 " },
	    { HOOK_DATA, FILTER_DENY, "", 0, 0 } },
	{ { "FL-33 queue declines", ENVELOPE "DATA\r\n" MESSAGE "NOOP\r\n",
	      "220 250 250 250 354 451 250 " },
	    { HOOK_COUNT, 0, 0, SMTP_QUEUE_DECLINED, 0 } },
	{ { "FL-156 queue refuses", ENVELOPE "DATA\r\n" MESSAGE,
	      "220 250 250 250 354 554 " },
	    { HOOK_COUNT, 0, 0, SMTP_QUEUE_REFUSED, 0 } },
	{ { "FL-60 nobody decides",
	      HELLO "MAIL FROM:<>\r\nRCPT TO:<b@local.example>\r\nDATA\r\n",
	      "220 250 250 450 503 " },
	    { HOOK_RCPT, FILTER_DECLINED, "", 0, 0 } },
	{ { "FL-2 pre-connection", "", "550 close " },
	    { HOOK_PRE_CONNECTION, FILTER_DENY, "go away", 0, 0 } },
	{ { "FL-2 connect, soft", "NOOP\r\n", "421 close " },
	    { HOOK_CONNECT, FILTER_DENYSOFT, "", 0, 0 } },
	{ { "FL-2 helo", HELLO "MAIL FROM:<>\r\n", "220 550 503 " },
	    { HOOK_HELO, FILTER_DENY, "", 0, 0 } },
	{ { "FL-2 helo, disconnect", HELLO, "220 550 close " },
	    { HOOK_HELO, FILTER_DENY_DISCONNECT, "", 0, 0 } },
	{ { "FL-2 mail",
	      HELLO "MAIL FROM:<a@b.example>\r\n"
		    "RCPT TO:<b@local.example>\r\n",
	      "220 250 450 503 " },
	    { HOOK_MAIL, FILTER_DENYSOFT, "", 0, 0 } },
	{ { "FL-2 rcpt, soft disconnect", ENVELOPE, "220 250 250 421 close " },
	    { HOOK_RCPT, FILTER_DENYSOFT_DISCONNECT, "", 0, 0 } },
	{ { "FL-2 headers end, not honoured", ENVELOPE "DATA\r\n" MESSAGE,
	      "220 250 250 250 354 250 " },
	    { HOOK_DATA_HEADERS_END, FILTER_DENY, "", 0, 0 } },
	{ { "FL-2 headers end, disconnect", ENVELOPE "DATA\r\n" MESSAGE,
	      "220 250 250 250 354 554 close " },
	    { HOOK_DATA_HEADERS_END, FILTER_DENY_DISCONNECT, "", 0, 0 } },
	{ { "FL-2 data_post", ENVELOPE "DATA\r\n" MESSAGE "DATA\r\n",
	      "220 250 250 250 354 552 503 " },
	    { HOOK_DATA_POST, FILTER_DENY, "", 0, 0 } },
	{ { "FL-2 data_post, soft disconnect", ENVELOPE "DATA\r\n" MESSAGE,
	      "220 250 250 250 354 421 close " },
	    { HOOK_DATA_POST, FILTER_DENYSOFT_DISCONNECT, "", 0, 0 } },
	{ { "FL-2 vrfy resets", ENVELOPE "VRFY x\r\nDATA\r\n",
	      "220 250 250 250 554 503 " },
	    { HOOK_VRFY, FILTER_DENY, "", 0, 0 } },
	{ { "FL-95 too many unknown", "X\r\n", "220 521 close " },
	    { HOOK_UNRECOGNIZED, FILTER_DENY_DISCONNECT, "", 0, 0 } },
};

static void
check_conversation(const struct conversation *c, const struct answers *answers)
{
	static const size_t steps[] = { SIZE_MAX, 1 };
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct play p;
		struct buf codes = BUF_INIT(4096);
		begin(&p, answers);
		say(&p, str_of(c->in), steps[i]);
		codes_of(&p, &codes);
		if (strcmp(buf_cstr(&codes), c->codes) != 0)
			fail_msg("%s: '%s' instead of '%s'", c->rule,
			    buf_cstr(&codes), c->codes);
		buf_clear(&codes);
		end(&p);
	}
}

static void
test_conversations(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(conversations); i++)
		check_conversation(&conversations[i], NULL);
	for (size_t i = 0; i < ARRAY_LEN(denials); i++)
		check_conversation(&denials[i].c, &denials[i].answers);
}

/* The replies are the same whatever the packets. */
/* RFC 2034: a denial's own status, unless its text has one; 4 of a soft one. */
static void
test_status_of_a_denial(void **state)
{
	static const struct {
		enum filter_result result;
		const char *status, *text, *reply;
	} cases[] = {
		{ FILTER_DENY, "5.1.1", "no", "550 5.1.1 no\r\n" },
		{ FILTER_DENYSOFT, "5.1.1", "no", "450 4.1.1 no\r\n" },
		{ FILTER_DENY, "5.1.1", "no (#5.7.1)",
		    "550 5.7.1 no (#5.7.1)\r\n" },
		{ FILTER_DENY, NULL, "no", "550 5.7.1 no\r\n" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct play p;
		struct str in = STR("RCPT TO:<b@local.example>\r\n");
		begin(&p, NULL);
		say(&p, STR(HELLO "MAIL FROM:<a@b.example>\r\n"), SIZE_MAX);
		assert_int_equal(smtp_session_feed(p.s, in, 0), in.len);
		smtp_session_set_status(p.s, cases[i].status);
		smtp_session_answer(
		    p.s, cases[i].result, str_of(cases[i].text));
		assert_string_equal(
		    buf_cstr(smtp_session_output(p.s)), cases[i].reply);
		end(&p);
	}
}

/* Text behind a DATA that was refused is no command to be shown. */
static void
test_text_that_was_not_asked_for(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	p.config.log_level = 7;
	say(&p,
	    STR(HELLO "MAIL FROM:<a@b.example>\r\nDATA\r\n"
		      "Subject: dear me\r\n\r\nwords of love\r\n.\r\n"
		      "RSET\r\nXYZZY 1\r\n"),
	    SIZE_MAX);
	say(&p, STR(ENVELOPE "DATA\r\n" MESSAGE "XYZZY 2\r\n"), SIZE_MAX);
	assert_null(strstr(buf_cstr(&p.log), "dear me"));
	assert_null(strstr(buf_cstr(&p.log), "love"));
	assert_non_null(strstr(buf_cstr(&p.log),
	    "dispatching DATA\n503 5.5.1 say RCPT first\n"
	    "dispatching a line behind DATA, not shown\n500 "));
	assert_non_null(strstr(buf_cstr(&p.log), "dispatching XYZZY 1\n"));
	assert_non_null(strstr(buf_cstr(&p.log), "dispatching XYZZY 2\n"));
	end(&p);
}

static void
test_replies_are_the_same_at_every_split(void **state)
{
	(void)state;
	struct str in = STR(ENVELOPE "DATA\r\n" MESSAGE "X\r\nQUIT\r\n");
	struct play whole, parts;
	begin(&whole, NULL);
	say(&whole, in, in.len);
	for (size_t at = 1; at < in.len; at++) {
		begin(&parts, NULL);
		say(&parts, str_sub(in, 0, at), at);
		say(&parts, str_sub(in, at, in.len), in.len);
		assert_string_equal(buf_cstr(&parts.out), buf_cstr(&whole.out));
		assert_string_equal(buf_cstr(&parts.log), buf_cstr(&whole.log));
		end(&parts);
	}
	end(&whole);
}

static void
test_reject_all_runs_nothing_behind_a_bare_lf(void **state)
{
	(void)state;
	static const char in[] =
	    "NOOP\nQUIT\n\r\nNOOP\r\nVRFY <a\nQUIT\r\nNOOP\r\n";
	for (size_t step = 1; step < sizeof(in); step++) {
		struct play p;
		struct buf codes = BUF_INIT(256);
		begin(&p, NULL);
		p.config.bare_lf = SMTP_BARE_REJECT_ALL;
		say(&p, str_of(in), step);
		codes_of(&p, &codes);
		assert_string_equal(buf_cstr(&codes), "220 500 250 500 250 ");
		buf_clear(&codes);
		end(&p);
	}
}

static void
test_bare_lf_modes(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		bool relay;
		const char *codes;
	} modes[] = {
		{ "", false, "220 250 250 250 354 550 " },
		{ "reject", true, "220 250 250 250 354 550 " },
		{ "relay", false, "220 250 250 250 354 550 " },
		{ "relay", true, "220 250 250 250 354 250 " },
		{ "normalize", false, "220 250 250 250 354 250 " },
		{ "nonsense", true, "220 250 250 250 354 550 " },
	};
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		struct play p;
		struct buf codes = BUF_INIT(256);
		begin(&p, NULL);
		p.config.bare_lf = smtp_bare_lf_of(str_of(modes[i].word));
		smtp_session_set_relay(p.s, modes[i].relay);
		say(&p, STR(ENVELOPE "DATA\r\nX: y\n\na\n.\nb\r\n.\r\n"), 1);
		codes_of(&p, &codes);
		assert_string_equal(buf_cstr(&codes), modes[i].codes);
		if (p.jobs > 0)
			assert_string_equal(buf_cstr(&p.body), "a\n.\nb\n");
		buf_clear(&codes);
		end(&p);
	}
}

/* FL-4 */
static void
test_greeting(void **state)
{
	(void)state;
	static const struct {
		const char *greeting;
		const char *is;
	} cases[] = {
		{ "", "mx.example ESMTP ready" },
		{ "x hello", "x hello ESMTP" },
		{ "x ESMTP hello", "x ESMTP hello" },
		{ "x esmtp", "x esmtp ESMTP" },
		{ "x NOESMTP", "x NOESMTP ESMTP" },
		{ "x ESMTP2", "x ESMTP2 ESMTP" },
		{ "x ESMTP_y", "x ESMTP_y ESMTP" },
		{ "x (ESMTP) y", "x (ESMTP) y" },
		{ "x ESMTP, y", "x ESMTP, y" },
		{ "ESMTP", "ESMTP" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(256);
		assert_true(smtp_greeting(
		    &b, str_of(cases[i].greeting), STR("mx.example")));
		assert_string_equal(buf_cstr(&b), cases[i].is);
		buf_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversations),
		cmocka_unit_test(test_status_of_a_denial),
		cmocka_unit_test(test_text_that_was_not_asked_for),
		cmocka_unit_test(test_replies_are_the_same_at_every_split),
		cmocka_unit_test(test_reject_all_runs_nothing_behind_a_bare_lf),
		cmocka_unit_test(test_bare_lf_modes),
		cmocka_unit_test(test_greeting),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
