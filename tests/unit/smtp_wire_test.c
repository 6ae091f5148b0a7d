/* The text of a message as a server reads it (RFC 5321 4.5.2), in pieces. */
#include "core/smtp/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

/* 'text' in pieces of 'step' bytes, as it is read at the other end. */
static void
send_text(struct str text, size_t step, struct buf *got)
{
	int pair[2];
	struct stream s;
	struct smtp_wire w;
	struct err e = ERR_INIT;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	stream_init(&s, &clock_system, clock_mono_ms(&clock_system) + 20000);
	s.fd = pair[0];
	smtp_wire_init(&w, &s);
	for (size_t at = 0; at < text.len; at += step)
		assert_true(
		    smtp_wire_put(&w, str_sub(text, at, at + step), &e));
	assert_true(smtp_wire_end(&w, &e));
	smtp_wire_clear(&w);
	stream_close(&s);
	char *to = buf_reserve(got, 64 * 1024);
	assert_non_null(to);
	ssize_t n = recv(pair[1], to, 64 * 1024, 0);
	assert_true(n > 0);
	buf_used(got, (size_t)n);
	close(pair[1]);
}

static void
test_texts(void **state)
{
	static const struct {
		const char *text, *wire;
	} cases[] = {
		{ "", ".\r\n" },
		{ "a\n", "a\r\n.\r\n" },
		{ "a\n\nb", "a\r\n\r\nb\r\n.\r\n" },
		{ ".", "..\r\n.\r\n" },
		{ ".\n..\n.x\n", "..\r\n...\r\n..x\r\n.\r\n" },
		{ "a.\n.b", "a.\r\n..b\r\n.\r\n" },
		{ "\n", "\r\n.\r\n" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t step = 1; step < 4; step++) {
			struct buf got = BUF_INIT(64 * 1024);
			send_text(str_of(cases[i].text), step, &got);
			assert_string_equal(buf_cstr(&got), cases[i].wire);
			buf_clear(&got);
		}
	}
}

/* Each byte of a block becomes two, and the next one begins in a line. */
static void
test_blocks(void **state)
{
	struct buf text = BUF_INIT(64 * 1024), got = BUF_INIT(256 * 1024);
	(void)state;
	for (size_t i = 0; i < 16 * 1024; i++)
		buf_add_cstr(&text, ".\n");
	buf_add_cstr(&text, ".end");
	send_text(buf_str(&text), SIZE_MAX / 2, &got);
	assert_true(str_starts(buf_str(&got), STR("..\r\n..\r\n")));
	assert_int_equal(got.len, 64 * 1024);
	buf_clear(&text);
	buf_clear(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_blocks),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("smtp_wire", tests, NULL, NULL);
}
