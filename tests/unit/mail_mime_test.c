/* The parts of a message and their codings (FL-107, FL-193). */
#include "core/mail/mime.h"

#include "core/base/buf.h"
#include "core/mail/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
	ROOM = 1 << 20
};

/* "[TYPE ENDING]" before each part's decoded bytes. */
static void
flatten(struct str text, struct buf *out)
{
	static struct mime_reader r;
	struct mime_decoder d;
	struct mime_piece piece;
	char decoded[MIME_LINE_MAX + 2];
	mime_init(&r, text);
	mime_decoder_init(&d, MIME_AS_IT_IS);
	while (mime_next(&r, &piece)) {
		if (piece.begins) {
			buf_addf(out, "[%s %s]", r.part.type, r.part.ending);
			mime_decoder_init(&d, r.part.coding);
		}
		buf_add(out, decoded, mime_decode(&d, piece.bytes, decoded));
	}
}

static void
check(const char *text, const char *wanted)
{
	struct buf out = BUF_INIT(ROOM);
	flatten(str_of(text), &out);
	assert_string_equal(buf_cstr(&out), wanted);
	buf_clear(&out);
}

static void
test_plain_messages(void **state)
{
	(void)state;
	check("Subject: x\n\nhello\n", "[text/plain ]hello\n");
	check("Subject: x\n", "");
	check("\nbody alone\n", "[text/plain ]body alone\n");
	check("", "");
	check("Content-Type: TEXT/HTML; charset=utf-8\n"
	      "Content-Transfer-Encoding: BASE64\n\naGVs\nbG8=\n",
	    "[text/html ]hello");
	check("content-transfer-encoding:\n quoted-printable\n\n"
	      "a=3Db=\nc =  \nd=e=\n",
	    "[text/plain ]a=bc d=e");
	/* the end of one base64 text, and another */
	check("Content-Transfer-Encoding: base64\n\nYQ==\nYg==\n!?\n",
	    "[text/plain ]ab");
}

static void
test_multiparts(void **state)
{
	(void)state;
	check("Content-Type: multipart/mixed;\n boundary=\"=_a;b\"\n\n"
	      "preamble\n"
	      "--=_a;b\n\none\n"
	      "--=_a;b  \nContent-Type: application/pdf; name=\"A.b.PDF\"\n\n"
	      "two\n"
	      "--=_a;bc\n"
	      "--=_a;b--\nepilogue\n",
	    "[text/plain ]preamble\n"
	    "[text/plain ]one\n"
	    "[application/pdf pdf]two\n--=_a;bc\n"
	    "[text/plain ]epilogue\n");
	/* an outer boundary ends what is within */
	check("Content-Type: multipart/mixed; boundary=o\n\n"
	      "--o\nContent-Type: multipart/alternative; boundary=i\n\n"
	      "--i\nContent-Type: text/html\n\nin\n"
	      "--o\nContent-Disposition: attachment; filename*0=\"x.\";\n"
	      " filename*1=\"page.HTML\"\n\nout\n--o--\n",
	    "[text/html ]in\n[text/plain html]out\n");
	/* no boundary: what it is made of is text */
	check("Content-Type: multipart/mixed\n\n--x\nhello\n",
	    "[multipart/mixed ]--x\nhello\n");
	/* a header that a boundary cuts */
	check("Content-Type: multipart/mixed; boundary=b\n\n"
	      "--b\nContent-Type: text/html\n--b\n\nx\n",
	    "[text/plain ]x\n");
	check("Content-Type: message/rfc822\n\nContent-Type: text/html\n\nx\n",
	    "[text/html ]x\n");
}

/* FL-193: beyond the limits there is text, and no more structure. */
static void
test_limits(void **state)
{
	struct buf text = BUF_INIT(ROOM);
	struct buf out = BUF_INIT(ROOM);
	(void)state;
	for (unsigned i = 0; i < 3 * MIME_DEPTH_MAX; i++)
		buf_addf(&text,
		    "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i,
		    i);
	buf_add_cstr(&text, "\nend\n");
	flatten(buf_str(&text), &out);
	assert_true(str_ends(buf_str(&out), STR("\n\nend\n")));
	buf_reset(&text);
	buf_reset(&out);
	buf_add_cstr(&text, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (unsigned i = 0; i < 2 * MIME_PARTS_MAX; i++)
		buf_add_cstr(&text, "--b\n\nx\n");
	flatten(buf_str(&text), &out);
	assert_true(str_ends(buf_str(&out), STR("\n--b\n\nx\n")));
	buf_clear(&text);
	buf_clear(&out);
}

/* A line longer than a piece, and a decoder that is fed byte by byte. */
static void
test_pieces(void **state)
{
	static const struct str coded = { "a=3=3D=\n=4", 10 };
	struct buf text = BUF_INIT(ROOM);
	struct buf out = BUF_INIT(ROOM);
	struct mime_decoder d;
	char decoded[3];
	(void)state;
	buf_add_cstr(&text, "X: y\n\n");
	for (unsigned i = 0; i < 2 * MIME_LINE_MAX; i++)
		buf_add_char(&text, 'x');
	buf_add_cstr(&text, "\n--b\n");
	flatten(buf_str(&text), &out);
	assert_int_equal(
	    out.len, strlen("[text/plain ]") + 2 * MIME_LINE_MAX + 5);
	buf_reset(&out);
	mime_decoder_init(&d, MIME_QUOTED_PRINTABLE);
	for (size_t i = 0; i < coded.len; i++)
		buf_add(&out, decoded,
		    mime_decode(&d, str_sub(coded, i, i + 1), decoded));
	assert_string_equal(buf_cstr(&out), "a=3=");
	buf_clear(&text);
	buf_clear(&out);
}

static void
test_encoded_words(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "plain", "plain" },
		{ "=?utf-8?Q?a_b=2Ec?= d", "a b.c d" },
		{ "x =?a?B?aGVs?= =?a?b?bG8=?= y", "x hello y" },
		{ "x =?a?B?aGVs?= z =?a?b?bG8=?=", "x hel z lo" },
		{ "=?a?X?b?= =?broken", "=?a?X?b?= =?broken" },
		{ "=?a?Q?b?=  =?broken", "b  =?broken" },
		{ "=?", "=?" },
		{ "", "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(ROOM);
		assert_true(mail_words_decode(&out, str_of(cases[i].text)));
		assert_string_equal(buf_cstr(&out), cases[i].wanted);
		buf_clear(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_messages),
		cmocka_unit_test(test_multiparts),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_encoded_words),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mail_mime", tests, NULL, NULL);
}
