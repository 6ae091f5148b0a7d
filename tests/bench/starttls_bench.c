/*
 * The client of starttls.sh: COUNT messages of 4 KiB, each in a session of its
 * own with a whole handshake, by SESSIONS processes:
 *
 *	starttls_bench PORT COUNT SESSIONS
 */
#include "core/base/num.h"
#include "core/base/str.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TEXT_BYTES = 4096,
	REPLY_MAX = 4096
};

struct session {
	int fd;
	SSL *tls; /* NULL: in clear */
	char in[REPLY_MAX];
	size_t n;
};

static bool
put(struct session *s, struct str bytes)
{
	while (bytes.len > 0) {
		int n = s->tls != NULL
			    ? SSL_write(s->tls, bytes.ptr, (int)bytes.len)
			    : (int)write(s->fd, bytes.ptr, bytes.len);
		if (n <= 0)
			return false;
		bytes = str_sub(bytes, (size_t)n, bytes.len);
	}
	return true;
}

static bool
get(struct session *s)
{
	size_t room = sizeof(s->in) - s->n;
	int n = s->tls != NULL ? SSL_read(s->tls, s->in + s->n, (int)room)
			       : (int)read(s->fd, s->in + s->n, room);
	if (n <= 0)
		return false;
	s->n += (size_t)n;
	return true;
}

/* The last line of a reply begins so. */
static bool
expect(struct session *s, const char *code)
{
	s->n = 0;
	while (get(s)) {
		size_t start = s->n;
		if (s->n < 5 || s->in[s->n - 1] != '\n')
			continue;
		for (start = s->n - 1; start > 0 && s->in[start - 1] != '\n';)
			start--;
		if (s->in[start + 3] == ' ')
			return memcmp(s->in + start, code, 3) == 0;
	}
	return false;
}

static bool
ask(struct session *s, const char *line, const char *code)
{
	return put(s, str_of(line)) && expect(s, code);
}

static bool
talk(struct session *s, SSL_CTX *ctx, struct str text)
{
	if (!expect(s, "220") || !ask(s, "EHLO client.test\r\n", "250") ||
	    !ask(s, "STARTTLS\r\n", "220"))
		return false;
	s->tls = SSL_new(ctx);
	if (s->tls == NULL || SSL_set_fd(s->tls, s->fd) != 1 ||
	    SSL_connect(s->tls) != 1)
		return false;
	return ask(s, "EHLO client.test\r\n", "250") &&
	       ask(s, "MAIL FROM:<a@sender.test>\r\n", "250") &&
	       ask(s, "RCPT TO:<u@example.test>\r\n", "250") &&
	       ask(s, "DATA\r\n", "354") && put(s, text) && expect(s, "250") &&
	       ask(s, "QUIT\r\n", "221");
}

static bool
one(SSL_CTX *ctx, uint16_t port, struct str text)
{
	int on = 1;
	struct session s = { .tls = NULL };
	struct sockaddr_in a = { .sin_family = AF_INET };
	a.sin_port = htons(port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s.fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	bool ok =
	    connect(s.fd, (struct sockaddr *)(void *)&a, sizeof(a)) == 0 &&
	    talk(&s, ctx, text);
	SSL_free(s.tls);
	close(s.fd);
	return ok;
}

static struct str
make_text(char *to, size_t size)
{
	int n = snprintf(to, size,
	    "From: <a@sender.test>\r\nTo: <u@example.test>\r\n"
	    "Date: Tue, 17 Mar 2026 13:48:09 +0000\r\nSubject: t\r\n\r\n");
	size_t at = (size_t)n;
	for (; at < TEXT_BYTES; at++)
		to[at] = at % 80 == 0 ? '\r' : at % 80 == 1 ? '\n' : 'x';
	snprintf(to + at, size - at, "\r\n.\r\n");
	return str_of(to);
}

static int
work(SSL_CTX *ctx, uint16_t port, int64_t count)
{
	char text[TEXT_BYTES + 64];
	struct str message = make_text(text, sizeof(text));
	for (int64_t i = 0; i < count; i++) {
		if (!one(ctx, port, message)) {
			fprintf(stderr, "starttls_bench: a session failed\n");
			return 1;
		}
	}
	return 0;
}

int
main(int argc, char **argv)
{
	int64_t port, count, sessions;
	if (argc != 4) {
		puts("run by starttls.sh");
		return 0;
	}
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	if (ctx == NULL || !num_parse_i64(str_of(argv[1]), 1, 65535, &port) ||
	    !num_parse_i64(str_of(argv[2]), 1, 1000000, &count) ||
	    !num_parse_i64(str_of(argv[3]), 1, 100, &sessions)) {
		fprintf(stderr, "starttls_bench: PORT COUNT SESSIONS\n");
		return 2;
	}
	/* a record is one read: the processors are for the servers */
	SSL_CTX_set_read_ahead(ctx, 1);
	signal(SIGPIPE, SIG_IGN);
	int status = 0, failed = 0;
	for (int64_t i = 0; i < sessions; i++) {
		int64_t share = count / sessions + (i < count % sessions);
		if (fork() == 0)
			_exit(work(ctx, (uint16_t)port, share));
	}
	while (wait(&status) > 0)
		failed += status != 0;
	return failed != 0;
}
