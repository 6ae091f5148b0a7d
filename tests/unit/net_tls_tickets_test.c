/*
 * Tickets that servers of several processes share (RFC 5077): here two servers
 * with the same keys, and a client that comes back to the other one.
 */
#include "core/net/tls_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	PEM_MAX = 16 * 1024,
	STEPS_MAX = 100
};

struct site {
	const struct tls_calls *tls;
	const struct tls_server_calls *calls;
	struct buf pem;
	SSL_CTX *client;
};

static int
setup(void **state)
{
	static struct site s;
	struct err e = ERR_INIT;
	s.tls = tls_load(&e);
	s.calls = tls_server_load(&e);
	buf_init(&s.pem, PEM_MAX);
	s.client = SSL_CTX_new(TLS_client_method());
	*state = &s;
	return s.tls == NULL || s.calls == NULL || s.client == NULL ||
	       !s.calls->self_signed("mx.example", &s.pem, &e);
}

static int
teardown(void **state)
{
	struct site *s = *state;
	buf_clear(&s->pem);
	SSL_CTX_free(s->client);
	return 0;
}

static struct tls_server *
server_new(const struct site *s, const struct tls_ticket_keys *keys)
{
	struct err e = ERR_INIT;
	const struct tls_server_wish wish = {
		.certificate = buf_str(&s->pem),
		.key = buf_str(&s->pem),
		.ciphers = "HIGH",
		.min_version = TLS_1_2,
	};
	struct tls_server *server = s->calls->open(&wish, &e);
	assert_non_null(server);
	if (keys != NULL)
		s->calls->set_ticket_keys(server, keys);
	return server;
}

/* Two ends of a connection, by TCP. */
static void
connect_pair(int pair[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t size = sizeof(a);
	int listens = socket(AF_INET, SOCK_STREAM, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(
	    bind(listens, (struct sockaddr *)(void *)&a, sizeof(a)), 0);
	assert_int_equal(listen(listens, 1), 0);
	getsockname(listens, (struct sockaddr *)(void *)&a, &size);
	pair[1] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(
	    connect(pair[1], (struct sockaddr *)(void *)&a, sizeof(a)), 0);
	pair[0] = accept(listens, NULL, NULL);
	assert_true(pair[0] >= 0);
	close(listens);
}

/* Segments with data that left so far. */
static unsigned
segments(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);
	memset(&info, 0, sizeof(info));
	assert_int_equal(
	    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
	return info.tcpi_data_segs_out;
}

/*
 * A handshake and a word; was it a session that is resumed? *session: to come
 * back with. *sent, if wanted: the server's segments, its farewell among them.
 */
static bool
visit(const struct site *s, struct tls_server *server, int version,
    SSL_SESSION **session, unsigned *sent)
{
	int pair[2];
	char byte = 'x';
	size_t n;
	struct err e = ERR_INIT;
	connect_pair(pair);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	fcntl(pair[1], F_SETFL, O_NONBLOCK);
	struct tls *t = s->calls->accept(server, pair[0], &e);
	SSL *ssl = SSL_new(s->client);
	SSL_set_max_proto_version(ssl, version);
	SSL_set_fd(ssl, pair[1]);
	if (*session != NULL)
		SSL_set_session(ssl, *session);
	bool done = false;
	for (int i = 0; i < STEPS_MAX && !done; i++) {
		bool there = SSL_connect(ssl) == 1;
		done = s->tls->handshake(t, &e) == TLS_DONE && there;
	}
	assert_true(done);
	/* the ticket of TLS 1.3 comes behind the handshake */
	assert_int_equal(s->tls->write(t, &byte, 1, &n, &e), TLS_DONE);
	fcntl(pair[1], F_SETFL, 0);
	assert_int_equal(SSL_read(ssl, &byte, 1), 1);
	bool resumed = SSL_session_reused(ssl) == 1;
	SSL_SESSION_free(*session);
	*session = SSL_get1_session(ssl);
	/* else the session counts as broken off */
	SSL_shutdown(ssl);
	SSL_free(ssl);
	s->calls->will_close(t);
	assert_int_equal(s->tls->write(t, &byte, 1, &n, &e), TLS_DONE);
	s->tls->close(t);
	shutdown(pair[0], SHUT_WR);
	if (sent != NULL)
		*sent = segments(pair[0]);
	close(pair[0]);
	close(pair[1]);
	return resumed;
}

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

static struct tls_ticket_keys
keys_of(unsigned char first, unsigned char second)
{
	struct tls_ticket_keys keys = { .n = second != 0 ? 2 : 1 };
	memset(keys.keys[0], first, sizeof(keys.keys[0]));
	memset(keys.keys[1], second, sizeof(keys.keys[1]));
	return keys;
}

static void
test_ticket_is_good_at_another_server(void **state)
{
	const struct site *s = *state;
	const struct tls_ticket_keys keys = keys_of(1, 0);
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		SSL_SESSION *session = NULL;
		struct tls_server *one = server_new(s, &keys);
		struct tls_server *other = server_new(s, &keys);
		struct tls_server *alone = server_new(s, NULL);
		assert_false(visit(s, one, versions[i], &session, NULL));
		assert_true(visit(s, other, versions[i], &session, NULL));
		assert_false(visit(s, alone, versions[i], &session, NULL));
		SSL_SESSION_free(session);
		s->calls->close(one);
		s->calls->close(other);
		s->calls->close(alone);
	}
}

/* The key before opens, and what it opened is sealed anew by the first. */
static void
test_keys_change_under_the_client(void **state)
{
	const struct site *s = *state;
	const struct tls_ticket_keys now = keys_of(2, 1), later = keys_of(3, 2);
	struct tls_ticket_keys keys = keys_of(1, 0);
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		SSL_SESSION *session = NULL, *old;
		struct tls_server *server = server_new(s, &keys);
		assert_false(visit(s, server, versions[i], &session, NULL));
		SSL_SESSION_up_ref(session);
		old = session;
		s->calls->set_ticket_keys(server, &now);
		assert_true(visit(s, server, versions[i], &session, NULL));
		s->calls->set_ticket_keys(server, &later);
		assert_true(visit(s, server, versions[i], &session, NULL));
		assert_false(visit(s, server, versions[i], &old, NULL));
		SSL_SESSION_free(session);
		SSL_SESSION_free(old);
		s->calls->close(server);
	}
}

/*
 * The ticket of TLS 1.3 goes with the first word, the last one with the
 * farewell and the connection's end. What waits so is sent by itself once time
 * has passed, which a machine under load may need several tries for.
 */
static void
test_nothing_is_sent_by_itself(void **state)
{
	enum {
		TRIES = 20,
		FLIGHT = 1, /* of the server, with its certificate */
		TALK = 2    /* ticket and first word; last word and farewell */
	};
	const struct site *s = *state;
	const struct tls_ticket_keys keys = keys_of(1, 0);
	struct tls_server *server = server_new(s, &keys);
	unsigned sent = 0;
	for (int i = 0; i < TRIES && sent != FLIGHT + TALK; i++) {
		SSL_SESSION *session = NULL;
		visit(s, server, TLS1_3_VERSION, &session, &sent);
		SSL_SESSION_free(session);
	}
	assert_int_equal(sent, FLIGHT + TALK);
	s->calls->close(server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ticket_is_good_at_another_server),
		cmocka_unit_test(test_keys_change_under_the_client),
		cmocka_unit_test(test_nothing_is_sent_by_itself),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
