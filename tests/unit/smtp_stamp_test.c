/* Our own header fields, and results of others (FL-34, FL-35). */
#include "core/smtp/stamp.h"

#include "core/mail/date.h"

#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

enum {
	NOW_S = 1773755289, /* Tue, 17 Mar 2026 13:48:09 UTC */
	ARENA_MAX = 1 << 20
};

static void
stamp_text(struct buf *out, const char *text, const char *id,
    const struct smtp_stamp *with)
{
	struct arena *a = arena_new(ARENA_MAX, NULL, NULL);
	struct mail_header header;
	struct smtp_stamp s = *with;
	assert_non_null(a);
	assert_int_equal(
	    mail_header_parse(str_of(text), a, &header), MAIL_HEADER_OK);
	s.auth_id = str_of(id);
	s.now_s = NOW_S;
	bool has_empty_line = header.text.len < strlen(text);
	assert_true(smtp_stamp_header(out, &s, &header, has_empty_line));
	arena_free(a);
}

static const struct smtp_stamp usual = {
	.me = { "mx.example", 10 },
	.peer_name = { "Unknown", 7 },
	.peer_ip = { "192.0.2.9", 9 },
	.helo = { "client.example", 14 },
	.esmtp = true,
};

#define RECEIVED                                                               \
	"Received: from Unknown (EHLO client.example) (192.0.2.9)\n"           \
	"  by mx.example (smemail) with ESMTP; "                               \
	"Tue, 17 Mar 2026 13:48:09 +0000\n"
#define MARK     "Authentication-Results: mx.example; auth=none\n"
#define ORIGINAL "Original-Authentication-Results"

static const struct {
	const char *name;
	const char *in;
	const char *id;
	const char *out;
} cases[] = {
	{ "usual", "From: a\n\nx\n", "mx.example",
	    RECEIVED MARK "From: a\n\n" },
	{ "no id, nothing touched",
	    "Authentication-Results: mx.example; spf=pass\n\nx\n", "",
	    RECEIVED "Authentication-Results: mx.example; spf=pass\n\n" },
	{ "ours removed",
	    "A: 1\nAuthentication-Results: mx.example; spf=pass\nB: 2\n\n",
	    "mx.example", RECEIVED MARK "A: 1\nB: 2\n\n" },
	{ "ours in other letters, folded, with version and comment",
	    "AUTHENTICATION-RESULTS:\n\t(x(y)) MX.Example 1 ;\n dmarc=pass\n\n",
	    "mx.example", RECEIVED MARK "\n" },
	{ "ours quoted", "Authentication-Results: \"mx.exa\\mple\"; a=b\n\n",
	    "mx.example", RECEIVED MARK "\n" },
	{ "others renamed",
	    "Authentication-Results: mx.example.evil; spf=pass\n\n",
	    "mx.example",
	    RECEIVED MARK ORIGINAL ": mx.example.evil; spf=pass\n\n" },
	{ "others kept when a signature covers them",
	    "DKIM-Signature: v=1; h=From: authentication-Results ;b=x\n"
	    "Authentication-Results: other.example; spf=pass\n\n",
	    "mx.example",
	    RECEIVED MARK
	    "DKIM-Signature: v=1; h=From: authentication-Results ;b=x\n"
	    "Authentication-Results: other.example; spf=pass\n\n" },
	{ "ours removed even so",
	    "DKIM-Signature: h=authentication-results\n"
	    "Authentication-Results: mx.example; spf=pass\n\n",
	    "mx.example",
	    RECEIVED MARK "DKIM-Signature: h=authentication-results\n\n" },
	{ "a first line that would continue our field",
	    " ; dmarc=pass\nFrom: a\n\nx\n", "mx.example",
	    RECEIVED MARK "\n ; dmarc=pass\nFrom: a\n\n" },
	{ "no empty line", "From: a\n", "mx.example",
	    RECEIVED MARK "From: a\n" },
	{ "empty", "", "mx.example", RECEIVED MARK },
	{ "no header", "\nx\n", "mx.example", RECEIVED MARK "\n" },
};

static void
test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(ARENA_MAX);
		stamp_text(&out, cases[i].in, cases[i].id, &usual);
		assert_string_equal(buf_cstr(&out), cases[i].out);
		buf_clear(&out);
	}
}

/* FL-34: HELO gives SMTP; nothing of the peer breaks out of its comment. */
static void
test_received(void **state)
{
	(void)state;
	struct smtp_stamp s = usual;
	struct buf out = BUF_INIT(ARENA_MAX);
	s.esmtp = false;
	s.helo = STR("x) \\(y\x80 z\n");
	stamp_text(&out, "\n", "", &s);
	assert_string_equal(buf_cstr(&out),
	    "Received: from Unknown (HELO x? ??y? z?) (192.0.2.9)\n"
	    "  by mx.example (smemail) with SMTP; "
	    "Tue, 17 Mar 2026 13:48:09 +0000\n\n");
	buf_clear(&out);
}

static void
test_dates(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		int64_t time;
		const char *is;
	} dates[] = {
		{ "UTC", 0, "Thu, 01 Jan 1970 00:00:00 +0000" },
		{ "AAA-05:30", 1773755289, "Tue, 17 Mar 2026 19:18:09 +0530" },
		{ "AAA03:30", 1773755289, "Tue, 17 Mar 2026 10:18:09 -0330" },
	};
	for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
		char out[MAIL_DATE_SIZE];
		setenv("TZ", dates[i].zone, 1);
		tzset();
		assert_string_equal(
		    mail_date_format(dates[i].time, out), dates[i].is);
	}
	setenv("TZ", "UTC", 1);
	tzset();
}

/* FL-35, FL-46, FL-56, FL-111: what the policy adds, and where. */
static void
test_additions(void **state)
{
	struct smtp_stamp with = usual;
	struct buf out = BUF_INIT(4096);
	(void)state;
	with.more = (struct smtp_additions){
		.results = STR("spf=pass smtp.mailfrom=a.example; iprev=fail"),
		.fields = STR("X-HELO: client.example\n"),
		.drop = { "X-HELO" },
		.n_drop = 1,
	};
	stamp_text(&out, "X-Helo: forged\n folded\nFrom: a\nx-helo: b\n\nx\n",
	    "mx.example", &with);
	assert_string_equal(buf_cstr(&out),
	    RECEIVED "Authentication-Results: mx.example; auth=none;\n"
		     "  spf=pass smtp.mailfrom=a.example; iprev=fail\n"
		     "X-HELO: client.example\nFrom: a\n\n");
	/* without our id no results are told, and none are touched */
	buf_reset(&out);
	stamp_text(&out,
	    "Authentication-Results: mx.example; spf=pass\nX-Helo: b\n\n", "",
	    &with);
	assert_string_equal(buf_cstr(&out),
	    RECEIVED "X-HELO: client.example\n"
		     "Authentication-Results: mx.example; spf=pass\n\n");
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_additions),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_received),
		cmocka_unit_test(test_dates),
	};
	setenv("TZ", "UTC", 1);
	tzset();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
