/* Answers of a server that is not trusted, and lines of a stream (RFC 5321). */
#include "core/smtp/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LIMIT_MS = 20000
};

struct fixture {
	struct arena *arena;
	struct stream stream;
	struct smtp_answer answer;
	struct err e;
};

/* A peer that says so much at once, and ends. */
static void
hear(struct fixture *f, struct str said)
{
	int pair[2];
	*f = (struct fixture){ .arena = arena_new(1 << 20, NULL, NULL),
		.e = ERR_INIT };
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	stream_init(
	    &f->stream, &clock_system, clock_mono_ms(&clock_system) + LIMIT_MS);
	f->stream.fd = pair[0];
	assert_int_equal(write(pair[1], said.ptr, said.len), said.len);
	close(pair[1]);
}

static void
done(struct fixture *f)
{
	stream_close(&f->stream);
	arena_free(f->arena);
}

static bool
answers(struct fixture *f, struct str said)
{
	hear(f, said);
	return smtp_client_answer(&f->stream, f->arena, &f->answer, &f->e);
}

static void
test_answers(void **state)
{
	struct fixture f;
	(void)state;
	assert_true(
	    answers(&f, STR("250-mx hello\r\n250-SIZE 9\n250 8BITMIME\n")));
	assert_int_equal(f.answer.code, 250);
	assert_int_equal(f.answer.n, 3);
	assert_true(str_is(f.answer.lines[0], "mx hello"));
	assert_true(str_is(f.answer.lines[2], "8BITMIME"));
	done(&f);
	assert_true(answers(&f, STR("354\r\n")));
	assert_int_equal(f.answer.code, 354);
	assert_int_equal(f.answer.lines[0].len, 0);
	done(&f);
}

static void
test_what_is_no_answer(void **state)
{
	const struct str said[] = { STR("hello\r\n"), STR("25\r\n"),
		STR("250_x\r\n"), STR("199 x\r\n"), STR("600 x\r\n"),
		STR("-50 x\r\n"), STR("250-a\r\n550 b\r\n"), STR("\n"),
		STR("250-a\r\n"), STR("250 cut off"), STR("") };
	struct fixture f;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		if (answers(&f, said[i]))
			fail_msg("'%.*s' is taken", STR_ARG(said[i]));
		assert_int_not_equal(f.e.code, ERR_NONE);
		done(&f);
	}
}

/* As many lines as are allowed, and one more. */
static void
test_lines_are_counted(void **state)
{
	(void)state;
	for (int n = SMTP_CLIENT_LINES_MAX; n < SMTP_CLIENT_LINES_MAX + 2;
	     n++) {
		struct fixture f;
		struct buf text = BUF_INIT(8192);
		for (int i = 1; i < n; i++)
			buf_add_cstr(&text, "250-x\r\n");
		buf_add_cstr(&text, "250 y\r\n");
		bool ok = answers(&f, buf_str(&text));
		assert_int_equal(ok, n == SMTP_CLIENT_LINES_MAX);
		assert_int_equal(f.answer.n, SMTP_CLIENT_LINES_MAX);
		done(&f);
		buf_clear(&text);
	}
}

/* The bound holds for a line that is read in one piece, too. */
static void
test_lines_have_a_length(void **state)
{
	(void)state;
	for (size_t k = 0; k < 8; k++) {
		size_t n = 98 + k / 2;
		struct fixture f;
		struct buf text = BUF_INIT(8192);
		struct str line;
		for (size_t i = 0; i < n; i++)
			buf_add_char(&text, 'x');
		buf_add_cstr(&text, k % 2 == 0 ? "\nnext\r\n" : "\r\nnext\n");
		hear(&f, buf_str(&text));
		bool ok = stream_read_line(&f.stream, 100, &line, &f.e);
		assert_int_equal(ok, n <= 100);
		if (ok) {
			assert_int_equal(line.len, n);
			assert_true(
			    stream_read_line(&f.stream, 100, &line, &f.e));
			assert_true(str_is(line, "next"));
		} else {
			assert_non_null(strstr(f.e.text, "longer than 100"));
		}
		done(&f);
		buf_clear(&text);
	}
}

/* Of a line without an end no more is given back than came. */
static void
test_a_line_without_end(void **state)
{
	struct fixture f;
	struct str line;
	struct buf text = BUF_INIT(8192);
	(void)state;
	for (size_t i = 0; i < 4000; i++)
		buf_add_char(&text, 'x');
	hear(&f, buf_str(&text));
	assert_false(stream_read_line(&f.stream, 100, &line, &f.e));
	assert_non_null(strstr(f.e.text, "longer than 100"));
	assert_int_equal(stream_waiting(&f.stream), 0);
	assert_false(stream_read_line(&f.stream, 100, &line, &f.e));
	assert_non_null(strstr(f.e.text, "closed the connection"));
	done(&f);
	buf_clear(&text);
}

/* The address is quoted, whoever says no. */
static void
test_no_connection(void **state)
{
	struct stream s;
	struct net_addr addr;
	struct err e = ERR_INIT;
	(void)state;
	assert_true(net_addr_parse(STR("127.0.0.1"), &addr));
	stream_init(&s, &clock_system, clock_mono_ms(&clock_system) + LIMIT_MS);
	/* nobody can listen there */
	assert_false(stream_connect(&s, &addr, 0, &e));
	assert_true(str_starts(
	    str_of(e.text), STR("cannot connect to '127.0.0.1' port 0: ")));
	stream_close(&s);
}

static void
test_offers(void **state)
{
	struct fixture f;
	struct smtp_extensions o;
	(void)state;
	assert_true(
	    answers(&f, STR("250-mx.example hello STARTTLS\n250-size 10240\n"
			    "250-Auth PLAIN login\n250-\n250 PIPELINING\n")));
	smtp_client_extensions(&f.answer, &o);
	assert_true(str_is(o.name, "mx.example"));
	assert_true(o.has_size && o.size == 10240 && o.pipelining);
	assert_false(o.starttls || o.utf8);
	assert_true(smtp_client_has_auth(&o, "LOGIN"));
	assert_false(smtp_client_has_auth(&o, "CRAM-MD5"));
	done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_what_is_no_answer),
		cmocka_unit_test(test_lines_are_counted),
		cmocka_unit_test(test_lines_have_a_length),
		cmocka_unit_test(test_a_line_without_end),
		cmocka_unit_test(test_no_connection),
		cmocka_unit_test(test_offers),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
