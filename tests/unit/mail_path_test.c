/* Envelope paths: FL-11, FL-12 and the hostile forms of the abuse set. */
#include "core/mail/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct path_case {
	const char *text;
	const char *address; /* NULL: refused */
	const char *params;
};

static const struct path_case senders[] = {
	{ "<a@b.example>", "a@b.example", "" },
	{ " \t<a@b.example>", "a@b.example", "" }, /* FL-11 */
	{ "<a@b.example> SIZE=1000 BODY=8BITMIME", "a@b.example",
	    "SIZE=1000 BODY=8BITMIME" },
	{ "", "", "" }, /* FL-11: nothing is the null sender */
	{ "<>", "", "" },
	{ "<> SIZE=1", "", "SIZE=1" },
	{ "<#@[]>", "", "" },
	{ "<anonymous@[undefined]>", "", "" },
	{ "<@x.example,@y.example:a@out.example>", "a@out.example", "" },
	{ "<@[IPv6:::1]:a@out.example>", "a@out.example", "" },
	{ "<a@[192.0.2.1]>", "a@[192.0.2.1]", "" },
	{ "<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", "" },
	{ "<\"a b\"@sender.example>", "\"a b\"@sender.example", "" },
	{ "<\"a>b\"@sender.example>", "\"a>b\"@sender.example", "" },
	{ "<\"a\\\"b\"@sender.example>", "\"a\\\"b\"@sender.example", "" },
	{ "<\"\"@sender.example>", "\"\"@sender.example", "" },
	{ "<-oQ/x@sender.example>", "-oQ/x@sender.example", "" },
	{ "<host!user@sender.example>", "host!user@sender.example", "" },
	{ "<a@localhost>", "a@localhost", "" },
	{ "<a@3com.example>", "a@3com.example", "" },
	{ "a@b.example", NULL, NULL }, /* FL-11: brackets */
	{ "<a@b.example", NULL, NULL },
	{ "<a@b.example>x", NULL, NULL },
	{ "<joe>", NULL, NULL },
	{ "<postmaster>", NULL, NULL },
	{ "<a b@sender.example>", NULL, NULL },
	{ "< a@sender.example>", NULL, NULL },
	{ "<a@sender.example >", NULL, NULL },
	{ "<@sender.example>", NULL, NULL },
	{ "<a@>", NULL, NULL },
	{ "<a@[999.1.1.1]>", NULL, NULL },
	{ "<a@[01.2.3.4]>", NULL, NULL },
	{ "<a@[2001:db8::1]>", NULL, NULL },
	{ "<a@[IPv6:2001:db8::1%eth0]>", NULL, NULL },
	{ "<a@[]>", NULL, NULL },
	{ "<a@sender..example>", NULL, NULL },
	{ "<a@sender.example.>", NULL, NULL },
	{ "<a@.sender.example>", NULL, NULL },
	{ "<a@-sender.example>", NULL, NULL },
	{ "<a@sender-.example>", NULL, NULL },
	{ "<a@send_er.example>", NULL, NULL },
	{ "<.a@sender.example>", NULL, NULL },
	{ "<a.@sender.example>", NULL, NULL },
	{ "<a..b@sender.example>", NULL, NULL },
	{ "<a\x01\x1b[31mb@sender.example>", NULL, NULL },
	{ "<\"a\x01\"@sender.example>", NULL, NULL },
	{ "<gr\xfc\xdf"
	  "e@sender.example>",
	    NULL, NULL },
	{ "<gr\xc3\xbc\xc3\x9f"
	  "e@sender.example>",
	    NULL, NULL },
	{ "<a\xc0\xaf"
	  "b@sender.example>",
	    NULL, NULL },
	{ "<a@s\xc3\xbc.example>", NULL, NULL },
	{ "<\"\"\"\"@sender.example>", NULL, NULL },
	{ "<\"a@sender.example>", NULL, NULL },
	{ "<\"a\\\"@sender.example>", NULL, NULL },
	{ "<\"a\"b@sender.example>", NULL, NULL },
	{ "<@x.example,a@out.example>", NULL, NULL },
	{ "<@x.example:>", NULL, NULL },
	{ "<@:a@out.example>", NULL, NULL },
};

static const struct path_case recipients[] = {
	{ "<b@test.example>", "b@test.example", "" },
	{ "<B@LOCAL.EXAMPLE>", "B@LOCAL.EXAMPLE", "" },
	{ "<b%out.example@test.example>", "b%out.example@test.example", "" },
	{ "<b+ext@local.example>", "b+ext@local.example", "" },
	{ "<|/bin/sh@local.example>", "|/bin/sh@local.example", "" },
	{ "</var/spool/x@local.example>", "/var/spool/x@local.example", "" },
	{ "<@local.example:victim@remote.example>", "victim@remote.example",
	    "" },
	{ "<postmaster>", "postmaster", "" },
	{ "<PostMaster>", "PostMaster", "" },
	{ "", NULL, NULL },
	{ "<>", NULL, NULL },
	{ "<#@[]>", NULL, NULL },
	{ "<a@[undefined]>", NULL, NULL },
	{ "<abuse>", NULL, NULL },
	{ "<:include:/var/spool/x@local.example>", NULL, NULL },
	{ "<victim@remote.example@local.example>", NULL, NULL },
};

static void
check_cases(const struct path_case *cases, size_t n, enum mail_path_role role)
{
	for (size_t i = 0; i < n; i++) {
		const struct path_case *c = &cases[i];
		struct mail_path path;
		struct str params;
		const char *why;
		bool ok = mail_path_parse(
		    str_of(c->text), role, &path, &params, &why);
		if (ok != (c->address != NULL))
			fail_msg("'%s': %s", c->text, ok ? "taken" : why);
		assert_int_equal(ok, why == NULL);
		if (!ok)
			continue;
		struct buf b = BUF_INIT(1000);
		assert_true(mail_path_format(&b, &path));
		assert_string_equal(buf_cstr(&b), c->address);
		assert_true(str_is(params, c->params));
		buf_clear(&b);
	}
}

static void
test_path_parse_sender(void **state)
{
	(void)state;
	check_cases(senders, ARRAY_LEN(senders), MAIL_PATH_SENDER);
}

static void
test_path_parse_recipient(void **state)
{
	(void)state;
	check_cases(recipients, ARRAY_LEN(recipients), MAIL_PATH_RECIPIENT);
}

/* "<" n x 'l' "@" labels of 9 and a dot "example>" */
static bool
parse_sized(size_t local, size_t labels, size_t label)
{
	struct buf b = BUF_INIT(8192);
	buf_add_char(&b, '<');
	for (size_t i = 0; i < local; i++)
		buf_add_char(&b, 'l');
	buf_add_char(&b, '@');
	for (size_t i = 0; i < labels; i++) {
		for (size_t k = 0; k < label; k++)
			buf_add_char(&b, 'd');
		buf_add_char(&b, '.');
	}
	buf_add_cstr(&b, "example>");
	struct mail_path path;
	struct str params;
	bool ok = mail_path_parse(
	    buf_str(&b), MAIL_PATH_SENDER, &path, &params, NULL);
	buf_clear(&b);
	return ok;
}

/* FL-12: local part 64, path 256, and RFC 1035's label of 63 */
static void
test_path_parse_limits(void **state)
{
	(void)state;
	assert_true(parse_sized(64, 1, 5));
	assert_false(parse_sized(65, 1, 5));
	assert_true(parse_sized(1, 1, 63));
	assert_false(parse_sized(1, 1, 64));
	/* 2 brackets, "l@", 7 of "example", and 245 = 49 x 5 */
	assert_true(parse_sized(1, 49, 4));
	assert_false(parse_sized(2, 49, 4));
	assert_false(parse_sized(1, 64, 3));
	assert_false(parse_sized(1, 900, 5));
}

static void
test_path_parse_nul(void **state)
{
	(void)state;
	struct mail_path path;
	struct str params;
	assert_false(mail_path_parse(
	    STR("<a\0b@x.example>"), MAIL_PATH_SENDER, &path, &params, NULL));
	assert_false(mail_path_parse(
	    STR("<a@x\0y.example>"), MAIL_PATH_SENDER, &path, &params, NULL));
	assert_false(mail_path_parse(
	    STR("<a@[1.2.3.4\0]>"), MAIL_PATH_SENDER, &path, &params, NULL));
}

static void
test_path_fold(void **state)
{
	(void)state;
	static const char *const same[] = { "<joe@x.example>",
		"<JOE@X.Example>", "<\"Joe\"@x.example>",
		"<\"\\Jo\\e\"@x.example>" };
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		struct mail_path path;
		struct str params;
		assert_true(mail_path_parse(
		    str_of(same[i]), MAIL_PATH_SENDER, &path, &params, NULL));
		struct buf b = BUF_INIT(1000);
		assert_true(mail_path_fold(&b, &path));
		assert_string_equal(buf_cstr(&b), "joe@x.example");
		buf_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path_parse_sender),
		cmocka_unit_test(test_path_parse_recipient),
		cmocka_unit_test(test_path_parse_limits),
		cmocka_unit_test(test_path_parse_nul),
		cmocka_unit_test(test_path_fold),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mail_path", tests, NULL, NULL);
}
