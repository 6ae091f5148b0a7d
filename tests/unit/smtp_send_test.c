/* What sending one message comes to, by what a server says and does. */
#include "core/smtp/send.h"

#include "core/base/buf.h"
#include "core/net/endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LIMIT_MS = 20000,
	REPLIES_MAX = 7
};

/* Replies in their order: one when it is connected, one to each command. */
struct server {
	int listens;
	uint16_t port;
	const char *const *replies;
	struct buf heard; /* the last text, up to its end */
	pthread_t thread;
};

/* Read up to 'end', or to the end of the connection. */
static void
hear(int fd, const char *end, struct buf *in)
{
	char c;
	buf_reset(in);
	while (!str_ends(buf_str(in), str_of(end)) && recv(fd, &c, 1, 0) == 1)
		buf_add_char(in, c);
}

static void *
serve(void *arg)
{
	struct server *s = arg;
	struct buf line = BUF_INIT(4096);
	int fd = accept(s->listens, NULL, NULL);
	bool text = false;
	for (size_t i = 0; fd >= 0 && s->replies[i] != NULL; i++) {
		if (i > 0)
			hear(fd, text ? "\r\n.\r\n" : "\r\n",
			    text ? &s->heard : &line);
		if (send(fd, s->replies[i], strlen(s->replies[i]),
			MSG_NOSIGNAL) < 0)
			break;
		text = s->replies[i][0] == '3';
	}
	if (fd >= 0) {
		/* as it closes without a word, what it did not read is gone */
		hear(fd, text ? "\r\n.\r\n" : "\r\n", text ? &s->heard : &line);
		close(fd);
	}
	buf_clear(&line);
	return NULL;
}

static void
start(struct server *s, const char *const *replies)
{
	struct net_addr here;
	union net_endpoint at;
	socklen_t size = sizeof(at);
	assert_true(net_addr_parse(STR("127.0.0.1"), &here));
	*s = (struct server){ .replies = replies, .heard = BUF_INIT(4096) };
	s->listens = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = net_endpoint_make(&here, 0, &at);
	assert_int_equal(bind(s->listens, &at.any, len), 0);
	assert_int_equal(listen(s->listens, 1), 0);
	assert_int_equal(getsockname(s->listens, &at.any, &size), 0);
	assert_true(net_endpoint_read(&at.any, &here, &s->port));
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void
stop(struct server *s)
{
	pthread_join(s->thread, NULL);
	close(s->listens);
	buf_clear(&s->heard);
}

static enum smtp_sent
send_to(uint16_t port, struct str to, struct err *e)
{
	struct smtp_send s = { .port = port,
		.helo = "me.example",
		.from = STR(""),
		.to = to,
		.message = STR("Subject: t\n\n.dot\n"),
		.limit_ms = LIMIT_MS };
	assert_true(net_addr_parse(STR("127.0.0.1"), &s.addr));
	return smtp_send_message(&s, &clock_system, e);
}

#define UP_TO_TEXT                                                             \
	"220 hi\r\n", "250-me\r\n250 SIZE\r\n", "250 ok\r\n", "250 ok\r\n",    \
	    "354 go\r\n"

static void
test_what_servers_say(void **state)
{
	static const struct {
		const char *replies[REPLIES_MAX];
		enum smtp_sent sent;
		enum err_code code;
		const char *why;
	} cases[] = {
		{ { UP_TO_TEXT, "250 queued\r\n" }, SMTP_SENT, ERR_NONE, "" },
		{ { "554 go away\r\n" }, SMTP_SENT_REFUSED, ERR_PERMANENT,
		    "the server said '554 go away'" },
		{ { "220 hi\r\n", "250 me\r\n", "451 not now\r\n" },
		    SMTP_SENT_LATER, ERR_TEMPORARY,
		    "the server said '451 not now'" },
		{ { "220 hi\r\n", "250 me\r\n", "250 ok\r\n",
		      "550-no such\r\n550 user\r\n" },
		    SMTP_SENT_REFUSED, ERR_PERMANENT,
		    "the server said '550 no such user'" },
		{ { UP_TO_TEXT, "452 full\r\n" }, SMTP_SENT_LATER,
		    ERR_TEMPORARY, "the server said '452 full'" },
		{ { UP_TO_TEXT, "554 spam\r\n" }, SMTP_SENT_REFUSED,
		    ERR_PERMANENT, "the server said '554 spam'" },
		/* the connection ends: before the text is over, nothing came */
		{ { "220 hi\r\n", "250 me\r\n" }, SMTP_SENT_LATER,
		    ERR_TEMPORARY, "the peer closed the connection" },
		{ { "hello\r\n" }, SMTP_SENT_LATER, ERR_TEMPORARY,
		    "this is no answer of SMTP: 'hello'" },
		/* afterwards nobody knows */
		{ { UP_TO_TEXT }, SMTP_SENT_UNKNOWN, ERR_TEMPORARY,
		    "the peer closed the connection" },
		{ { UP_TO_TEXT, "what?\r\n" }, SMTP_SENT_UNKNOWN, ERR_TEMPORARY,
		    "this is no answer of SMTP: 'what?'" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct server s;
		struct err e = ERR_INIT;
		start(&s, cases[i].replies);
		enum smtp_sent sent = send_to(s.port, STR("b@c.example"), &e);
		if (sent != cases[i].sent || e.code != cases[i].code)
			fail_msg("case %zu: %d, %d, %s", i, (int)sent,
			    (int)e.code, e.text);
		assert_string_equal(e.text, cases[i].why);
		if (sent == SMTP_SENT)
			assert_true(str_is(buf_str(&s.heard),
			    "Subject: t\r\n\r\n..dot\r\n.\r\n"));
		stop(&s);
	}
}

static void
test_nobody_is_asked(void **state)
{
	struct err e = ERR_INIT;
	(void)state;
	/* an address that would be a command of its own */
	assert_int_equal(
	    send_to(1, STR("b@c.example>\r\nRSET"), &e), SMTP_SENT_REFUSED);
	assert_int_equal(e.code, ERR_PERMANENT);
	assert_non_null(strstr(e.text, "cannot stand in an SMTP command"));
	/* port 0: nobody can listen there */
	assert_int_equal(send_to(0, STR("b@c.example"), &e), SMTP_SENT_LATER);
	assert_int_equal(e.code, ERR_TEMPORARY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_servers_say),
		cmocka_unit_test(test_nobody_is_asked),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("smtp_send", tests, NULL, NULL);
}
