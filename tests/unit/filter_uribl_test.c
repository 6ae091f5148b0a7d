/* uribl: messages that link to what a list holds (FL-106, FL-107). */
#include "tests/unit/filter_fixture.h"

#include "core/filter/links_int.h"
#include "core/filter/session.h"
#include "core/mail/header.h"

enum {
	ROOM = 4 << 20,
	LONG = 4 << 20,
	BLOCK = 1 << 16
};

static const char plain[] = "Subject: x\n\n";

static void
start(struct fixture *f, const char *arguments, const char *zones)
{
	char lines[200];
	snprintf(
	    lines, sizeof(lines), "uribl %s\nqueue/maildir /m\n", arguments);
	fixture_start(f, lines, "uribl_zones", zones);
	fixture_dns(f);
	f->session.psl = psl_load(&f->err);
	assert_non_null(f->session.psl);
}

static enum filter_result
ask(struct fixture *f, struct str text)
{
	struct arena *a = arena_new((size_t)LONG * 2, NULL, NULL);
	struct mail_header h;
	assert_int_equal(mail_header_parse(text, a, &h), MAIL_HEADER_OK);
	struct filter_message m = { text, h.body, h.fields, h.n_fields, 0 };
	struct filter_input input = { .message = &m };
	enum filter_result r = fixture_ask(f, HOOK_DATA_POST, &input);
	arena_free(a);
	return r;
}

/* A message with this body. */
static enum filter_result
ask_body(struct fixture *f, const char *body)
{
	struct buf text = BUF_INIT(ROOM);
	buf_add_cstr(&text, plain);
	buf_add_cstr(&text, body);
	enum filter_result r = ask(f, buf_str(&text));
	buf_clear(&text);
	return r;
}

static void
listed(struct fixture *f, const char *name, const char *code, const char *txt)
{
	fixture_record(f, name, DNS_A, code);
	if (txt != NULL)
		fixture_record(f, name, DNS_TXT, txt);
}

/* ---- FL-106 ---- */

static void
test_masks(void **state)
{
	static const struct {
		const char *line, *code;
		bool hit;
	} cases[] = {
		{ "bl.example", "127.0.0.2", true },
		{ "bl.example -1", "127.0.0.2", true },
		{ "bl.example 8", "127.0.0.10", true },
		{ "bl.example 8", "127.0.0.2", false },
		{ "bl.example 4,8", "127.0.0.4", true },
		{ "bl.example 4-8", "127.0.0.8", true },
		{ "bl.example. 2", "127.0.0.2", true },
		/* FL-102: no listings */
		{ "bl.example", "127.255.255.254", false },
		{ "bl.example", "192.0.2.2", false },
		{ "bl.example", "127.0.0.0", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		start(&f, "action deny", cases[i].line);
		listed(&f, "evil.example.bl.example", cases[i].code, NULL);
		assert_int_equal(ask_body(&f, "http://evil.example/\n"),
		    cases[i].hit ? FILTER_DENY : FILTER_DECLINED);
		fixture_free(&f);
	}
}

/* A list that refuses to answer us lists nothing (S028). */
static void
test_refusals(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "action deny", "black.uribl.com\nmulti.surbl.org 8\n");
	listed(&f, "good.example.black.uribl.com", "127.0.0.1", NULL);
	assert_int_equal(
	    ask_body(&f, "http://good.example/\n"), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "uribl: pass, 1 names"));
	listed(&f, "evil.example.black.uribl.com", "127.0.0.2", NULL);
	assert_int_equal(ask_body(&f, "http://evil.example/\n"), FILTER_DENY);
	fixture_free(&f);
}

static void
test_actions(void **state)
{
	static const struct {
		const char *arguments, *zones;
		enum filter_result result;
		const char *text, *field, *log;
	} cases[] = {
		{ "", "bl.example", FILTER_DECLINED, "",
		    "X-URIBL-Match: evil.example in bl.example: see x\n",
		    "fail, tolerated, evil.example in bl.example: see x" },
		{ "action deny", "bl.example", FILTER_DENY,
		    "evil.example in bl.example: see x", "",
		    "fail, evil.example in bl.example: see x" },
		{ "action denysoft", "bl.example", FILTER_DENYSOFT,
		    "evil.example in bl.example: see x", "", "fail, evil" },
		{ "action log", "bl.example", FILTER_DECLINED, "", "",
		    "fail, tolerated, evil" },
		/* a line's own action, and the text of a list without one */
		{ "action deny", "bl.example 2 log", FILTER_DECLINED, "", "",
		    "fail, tolerated, evil" },
		{ "", "sl.example 2 denysoft\nbl.example 2 deny", FILTER_DENY,
		    "evil.example in bl.example: see x", "",
		    "fail, tolerated, evil.example in sl.example: 127.0.0.2" },
		{ "", "sl.example 2 denysoft\nbl.example", FILTER_DENYSOFT,
		    "evil.example in sl.example: 127.0.0.2",
		    "X-URIBL-Match: evil.example in bl.example: see x\n",
		    "fail, evil.example in sl.example: 127.0.0.2" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		start(&f, cases[i].arguments, cases[i].zones);
		listed(&f, "evil.example.bl.example", "127.0.0.2", "see x");
		listed(&f, "evil.example.sl.example", "127.0.0.2", NULL);
		assert_int_equal(
		    ask_body(&f, "http://evil.example/\n"), cases[i].result);
		assert_string_equal(f.verdict.text, cases[i].text);
		assert_string_equal(
		    buf_cstr(&f.session.fields), cases[i].field);
		assert_true(fixture_logged(&f, cases[i].log));
		assert_int_equal(f.session.karma, 0);
		fixture_free(&f);
	}
}

/* What a list says becomes one line of ASCII; the next message is clean. */
static void
test_fields(void **state)
{
	struct fixture f;
	struct buf room = BUF_INIT(ROOM);
	struct smtp_additions more;
	(void)state;
	start(&f, "", "bl.example");
	listed(&f, "evil.example.bl.example", "127.0.0.2",
	    "bad\rBcc: a@b.example\xff");
	ask_body(&f, "http://evil.example/\n");
	filter_session_additions(f.policy, &f.session, &room, &more);
	assert_string_equal(buf_cstr(&room),
	    "X-URIBL-Match: evil.example in bl.example: bad?Bcc: "
	    "a@b.example?\n");
	assert_int_equal(more.fields.len, room.len);
	fixture_mail(&f, "a@b.example");
	filter_session_additions(f.policy, &f.session, &room, &more);
	assert_int_equal(more.fields.len, 0);
	buf_clear(&room);
	fixture_free(&f);
}

static void
test_immune_and_empty(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "action deny", "bl.example");
	listed(&f, "evil.example.bl.example", "127.0.0.2", NULL);
	f.session.relay_client = true;
	assert_int_equal(
	    ask_body(&f, "http://evil.example/\n"), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "skip, relay client"));
	f.session.relay_client = false;
	assert_int_equal(ask_body(&f, "hello\n"), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "uribl: pass, no links"));
	fixture_free(&f);
	start(&f, "action deny", "# No UBLs are defined\n");
	assert_int_equal(
	    ask_body(&f, "http://evil.example/\n"), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "skip, no zones"));
	fixture_free(&f);
}

static void
test_bad_lines(void **state)
{
	struct fixture f;
	struct fixture_file files[] = { { "me", "m\n" },
		{ "plugins", "uribl action refuse\nqueue/maildir /m\n" },
		{ NULL, NULL } };
	(void)state;
	start(&f, "check-headers maybe",
	    "bad..zone\nbl.example x\nbl.example 2 refuse\nbl.example\n"
	    "bl.example:8-16\n");
	assert_true(fixture_logged(&f, "'bad..zone' is left out"));
	assert_true(fixture_logged(&f, "'bl.example x' is left out"));
	/* as SME's template of old wrote it (FL-106) */
	assert_true(fixture_logged(&f, "'bl.example:8-16' is left out"));
	assert_true(fixture_logged(&f, "'bl.example 2 refuse' is left out"));
	assert_true(fixture_logged(&f, "check-headers is yes or no"));
	fixture_free(&f);
	assert_false(fixture_load(&f, files));
	assert_non_null(strstr(f.err.text, "config/plugins"));
	assert_non_null(strstr(f.err.text, "not 'refuse'"));
	fixture_free(&f);
}

/* No answer is no listing, and costs the plugin's time at most. */
static void
test_cannot_ask(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "action deny", "bl.example");
	dns_fake_default(f.dns, DNS_TIMEOUT);
	assert_int_equal(
	    ask_body(&f, "http://evil.example/\n"), FILTER_DECLINED);
	fixture_free(&f);
}

/* ---- FL-107 ---- */

/* What is asked for, shortest first, and what is not. */
static void
test_names(void **state)
{
	static const struct {
		const char *body, *name;
		bool hit;
	} cases[] = {
		{ "http://a.b.evil.example/", "evil.example", true },
		{ "http://a.b.evil.example/", "b.evil.example", true },
		{ "http://a.b.evil.example/", "a.b.evil.example", true },
		{ "http://a.b.evil.example/", "example", false },
		/* not below a public suffix */
		{ "http://a.evil.co.uk/", "evil.co.uk", true },
		{ "http://a.evil.co.uk/", "co.uk", false },
		{ "http://evil.github.io/", "evil.github.io", true },
		{ "http://evil.github.io/", "github.io", false },
		/* bare names */
		{ "www.evil.com", "evil.com", true },
		{ "www.evil.zz", "evil.zz", true },
		{ "www.evil.nosuchtop", "evil.nosuchtop", false },
		{ "evil.com", "evil.com", false },
		/* addresses */
		{ "http://192.0.2.77/", "77.2.0.192", true },
		{ "http://0xc000024d/", "77.2.0.192", true },
		{ "http://[2001:db8::1]/",
		    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0."
		    "1.0.0.2",
		    true },
		{ "http://spared.example/", "spared.example", false },
		{ "http://www.spared.example/", "www.spared.example", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		char name[200];
		struct fixture_file files[] = { { "me", "m\n" },
			{ "loglevel", "6\n" },
			{ "plugins", "uribl action deny\nqueue/maildir /m\n" },
			{ "uribl_zones", "bl.example\n" },
			{ "uribl_whitelist_domains", "Spared.Example\n" },
			{ NULL, NULL } };
		assert_true(fixture_load(&f, files));
		assert_true(filter_session_start(f.policy, &f.session));
		fixture_dns(&f);
		f.session.psl = psl_load(&f.err);
		snprintf(name, sizeof(name), "%s.bl.example", cases[i].name);
		listed(&f, name, "127.0.0.2", NULL);
		assert_int_equal(ask_body(&f, cases[i].body),
		    cases[i].hit ? FILTER_DENY : FILTER_DECLINED);
		fixture_free(&f);
	}
}

/* An address is told as people know it. */
static void
test_address_text(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "action deny", "bl.example");
	listed(&f, "77.2.0.192.bl.example", "127.0.0.2", NULL);
	ask_body(&f, "http://0xc000024d/\n");
	assert_string_equal(
	    f.verdict.text, "192.0.2.77 in bl.example: 127.0.0.2");
	fixture_free(&f);
	start(&f, "action deny checkip no", "bl.example");
	listed(&f, "77.2.0.192.bl.example", "127.0.0.2", NULL);
	assert_int_equal(ask_body(&f, "http://192.0.2.77/\n"), FILTER_DECLINED);
	fixture_free(&f);
}

/* Without libpsl a table of the filter's own serves. */
static void
test_without_psl(void **state)
{
	static const struct {
		const char *name, *registered;
	} cases[] = {
		{ "a.b.evil.example", "evil.example" },
		{ "a.evil.co.uk", "evil.co.uk" },
		{ "a.evil.com.au", "evil.com.au" },
		{ "a.evil.de", "evil.de" },
		{ "co.uk", "co.uk" },
		{ "example", "example" },
	};
	struct err e = ERR_INIT;
	const struct psl *psl = psl_load(&e);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str name = str_of(cases[i].name);
		assert_true(
		    str_is(linked_registered(NULL, name), cases[i].registered));
		assert_true(
		    str_is(linked_registered(psl, name), cases[i].registered));
	}
}

static void
test_parts(void **state)
{
	static const struct {
		const char *text;
		bool hit;
	} cases[] = {
		/* base64 of "http://evil.example/\n" */
		{ "Content-Transfer-Encoding: base64\n\n"
		  "aHR0cDovL2V2aWwu\nZXhhbXBsZS8K\n",
		    true },
		{ "Content-Type: image/png\nContent-Transfer-Encoding: "
		  "base64\n\naHR0cDovL2V2aWwuZXhhbXBsZS8K\n",
		    false },
		{ "Content-Type: application/octet-stream; name=\"a.html\"\n"
		  "Content-Transfer-Encoding: base64\n\n"
		  "aHR0cDovL2V2aWwuZXhhbXBsZS8K\n",
		    true },
		{ "Content-Transfer-Encoding: quoted-printable\n\n"
		  "http://ev=\nil=2Eexample/\n",
		    true },
		{ "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n"
		  "hello\n--b\nContent-Type: text/html\n\n"
		  "<a href=\"http://evil&#46;example\">x</a>\n--b--\n",
		    true },
		{ "Content-Type: message/rfc822\n\nContent-Type: text/html\n"
		  "Content-Transfer-Encoding: base64\n\n"
		  "aHR0cDovL2V2aWwuZXhhbXBsZS8K\n",
		    true },
		{ "Subject: http://evil.example/\n\nx\n", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		start(&f, "action deny", "bl.example");
		listed(&f, "evil.example.bl.example", "127.0.0.2", NULL);
		assert_int_equal(ask(&f, str_of(cases[i].text)),
		    cases[i].hit ? FILTER_DENY : FILTER_DECLINED);
		fixture_free(&f);
	}
}

static void
test_headers_too(void **state)
{
	static const char *const arguments[] = {
		"action deny check-headers yes", "action deny scan-headers 1"
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(arguments); i++) {
		struct fixture f;
		start(&f, arguments[i], "bl.example");
		listed(&f, "evil.example.bl.example", "127.0.0.2", NULL);
		assert_int_equal(
		    ask(&f, STR("Subject: see\n http://evil.example/\n\nx\n")),
		    FILTER_DENY);
		assert_int_equal(
		    ask(&f, STR("Subject: =?utf-8?B?aHR0cDovL2V2aWwu?=\n"
				" =?utf-8?Q?example/?=\n\nx\n")),
		    FILTER_DENY);
		fixture_free(&f);
	}
}

/* [NEW] at most 100 names a message; each counts once. */
static void
test_hundred_names(void **state)
{
	struct fixture f;
	struct buf text = BUF_INIT(ROOM);
	(void)state;
	start(&f, "action deny", "bl.example");
	listed(&f, "h99.example.bl.example", "127.0.0.2", NULL);
	listed(&f, "h100.example.bl.example", "127.0.0.3", NULL);
	for (unsigned i = 0; i < 101; i++)
		buf_addf(
		    &text, "http://h%u.example/ http://h%u.example/x\n", i, i);
	assert_int_equal(ask_body(&f, buf_cstr(&text)), FILTER_DENY);
	assert_string_equal(
	    f.verdict.text, "h99.example in bl.example: 127.0.0.2");
	assert_false(fixture_logged(&f, "h100.example"));
	fixture_free(&f);
	buf_clear(&text);
}

/* FL-193: whatever some megabytes hold, it is read in turns, and to its end. */
static void
test_large_messages(void **state)
{
	static const char *const hostile[] = { "x", "http://", "=", "%", "&#4",
		"www.", "http://a@", "\n", "=\n", "--b\n",
		"http://same.example ", ";", "\xe2\x80\x8b",
		"http://1.2.3.4.5.6.7.8.9.0." };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		struct fixture f;
		struct buf text = BUF_INIT(LONG);
		struct buf block = BUF_INIT((size_t)2 * BLOCK);
		start(&f, "action deny", "bl.example");
		listed(&f, "evil.example.bl.example", "127.0.0.2", NULL);
		while (block.len < BLOCK)
			buf_add_cstr(&block, hostile[i]);
		buf_add_cstr(&text,
		    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n");
		while (text.len < LONG - 2 * BLOCK)
			buf_add_str(&text, buf_str(&block));
		buf_add_cstr(&text, "\n\nhttp://evil.example\n");
		assert_int_equal(ask(&f, buf_str(&text)), FILTER_DENY);
		fixture_free(&f);
		buf_clear(&text);
		buf_clear(&block);
	}
}

/* The session goes while the message is read: nothing is left behind. */
static void
test_left_in_the_middle(void **state)
{
	struct fixture f;
	struct buf text = BUF_INIT(ROOM);
	(void)state;
	start(&f, "action deny", "bl.example");
	buf_add_cstr(&text, plain);
	buf_add_cstr(&text, "http://a.example\n");
	while (text.len < ROOM - 100)
		buf_add_cstr(&text, "hello\n");
	struct filter_message m = { .text = buf_str(&text) };
	struct filter_input input = { .message = &m };
	assert_int_equal(filter_run(f.policy, &f.session, HOOK_DATA_POST,
			     &input, &f.verdict, fixture_log, &f),
	    FILTER_RUN_WAITS);
	assert_int_equal(filter_listen_ms(&f.session), 0);
	assert_false(filter_fetch(
	    &f.session, f.dns, &clock_system, fixture_settled, &f));
	fixture_free(&f);
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_immune_and_empty),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_cannot_ask),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_address_text),
		cmocka_unit_test(test_without_psl),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_headers_too),
		cmocka_unit_test(test_hundred_names),
		cmocka_unit_test(test_large_messages),
		cmocka_unit_test(test_left_in_the_middle),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_uribl", tests, NULL, NULL);
}
