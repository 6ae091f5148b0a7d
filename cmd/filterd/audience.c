/* Who is told something and may be slow to read it. */
#include "cmd/filterd/audience.h"

#include "core/sys/file.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

void
audience_init(struct audience *a)
{
	*a = (struct audience){ .dropped = 0 };
	for (size_t i = 0; i < AUDIENCE_MAX; i++)
		a->seats[i].fd = -1;
}

static void
leave(struct audience_seat *s)
{
	file_close_fd(&s->fd);
	buf_clear(&s->rest);
}

void
audience_clear(struct audience *a)
{
	for (size_t i = 0; i < AUDIENCE_MAX; i++)
		leave(&a->seats[i]);
}

/* A free one, AUDIENCE_MAX: there is none. */
static size_t
find_seat(const struct audience *a)
{
	size_t i = 0;
	while (i < AUDIENCE_MAX && a->seats[i].fd >= 0)
		i++;
	return i;
}

bool
audience_has_seat(const struct audience *a)
{
	return find_seat(a) < AUDIENCE_MAX;
}

/* As much as there is room for; who has all of it, or is gone, is left. */
static void
tell(struct audience_seat *s)
{
	while (s->rest.len > 0) {
		ssize_t n = send(s->fd, s->rest.data, s->rest.len,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break;
		buf_consume(&s->rest, (size_t)n);
	}
	leave(s);
}

void
audience_tell_take(struct audience *a, int fd, struct buf *text, int64_t now_ms)
{
	struct audience_seat *s = &a->seats[find_seat(a)];
	s->fd = fd;
	s->rest = *text;
	s->until = now_ms + AUDIENCE_MS;
	buf_init(text, text->max);
	tell(s);
}

void
audience_watch(const struct audience *a, struct pollfd *p)
{
	for (size_t i = 0; i < AUDIENCE_MAX; i++)
		p[i] =
		    (struct pollfd){ .fd = a->seats[i].fd, .events = POLLOUT };
}

void
audience_serve(struct audience *a, const struct pollfd *p)
{
	for (size_t i = 0; i < AUDIENCE_MAX; i++) {
		if (p[i].fd >= 0 && p[i].revents != 0)
			tell(&a->seats[i]);
	}
}

int
audience_wait(struct audience *a, int64_t now_ms)
{
	int64_t next = -1;
	for (size_t i = 0; i < AUDIENCE_MAX; i++) {
		struct audience_seat *s = &a->seats[i];
		if (s->fd < 0)
			continue;
		if (s->until <= now_ms) {
			a->dropped++;
			leave(s);
		} else if (next < 0 || s->until - now_ms < next) {
			next = s->until - now_ms;
		}
	}
	return (int)next;
}
