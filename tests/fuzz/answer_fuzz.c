/*
 * Fuzzes what a server answers an SMTP client: bytes through a socket
 * that ends. What is taken keeps its bounds. Exercises
 * core/smtp/client.c and the lines of core/net/stream.c.
 */
#include "core/smtp/client.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	INPUT_MAX = 60000, /* what a socket holds */
	LIMIT_MS = 60000
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check(const struct smtp_answer *a, struct arena *arena)
{
	struct smtp_extensions o;
	require(a->code >= 200 && a->code <= 599);
	require(a->n > 0 && a->n <= SMTP_CLIENT_LINES_MAX);
	for (size_t i = 0; i < a->n; i++)
		require(a->lines[i].len <= SMTP_CLIENT_LINE_MAX &&
			str_find(a->lines[i], '\n', 0) == a->lines[i].len);
	smtp_client_extensions(a, &o);
	if (smtp_client_has_auth(&o, "PLAIN"))
		require(o.auth.len >= 5);
	require(arena_str(arena, o.name).len == o.name.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int pair[2];
	struct stream s;
	struct smtp_answer a;
	struct err e = ERR_INIT;
	if (size > INPUT_MAX)
		return 0;
	struct arena *arena = arena_new(1 << 20, NULL, NULL);
	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	stream_init(&s, &clock_system, clock_mono_ms(&clock_system) + LIMIT_MS);
	s.fd = pair[0];
	require(write(pair[1], data, size) == (ssize_t)size);
	close(pair[1]);
	while (smtp_client_answer(&s, arena, &a, &e))
		check(&a, arena);
	require(e.code != ERR_NONE);
	stream_close(&s);
	arena_free(arena);
	return 0;
}
