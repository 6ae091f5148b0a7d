/* Servers that fail again and again. */
#include "cmd/filterd/breaker.h"

#include <string.h>

static const struct breaker_place *
find(const struct breaker *b, struct str host, uint32_t port)
{
	for (size_t i = 0; i < BREAKER_PLACES; i++) {
		const struct breaker_place *p = &b->places[i];
		if (p->host[0] != '\0' && p->port == port &&
		    str_is(host, p->host))
			return p;
	}
	return NULL;
}

/* Its entry, a new one if need be: the one not used for longest goes. */
static struct breaker_place *
place_of(struct breaker *b, struct str host, uint32_t port)
{
	const struct breaker_place *known = find(b, host, port);
	if (known != NULL)
		return &b->places[known - b->places];
	if (host.len == 0 || host.len >= BREAKER_HOST_SIZE)
		return NULL;
	struct breaker_place *oldest = &b->places[0];
	for (size_t i = 0; i < BREAKER_PLACES; i++) {
		struct breaker_place *p = &b->places[i];
		if (p->host[0] == '\0') {
			oldest = p;
			break;
		}
		if (p->used < oldest->used)
			oldest = p;
	}
	*oldest = (struct breaker_place){ .port = port };
	memcpy(oldest->host, host.ptr, host.len);
	return oldest;
}

static bool
is_broken(const struct breaker_place *p, const struct breaker_limit *limit)
{
	return limit->failures > 0 && p->failures >= limit->failures;
}

bool
breaker_lets(const struct breaker *b, struct str host, uint32_t port,
    const struct breaker_limit *limit, int64_t now)
{
	const struct breaker_place *p = find(b, host, port);
	return p == NULL || !is_broken(p, limit) ||
	       (!p->probing && now >= p->open_until);
}

void
breaker_begin(struct breaker *b, struct str host, uint32_t port,
    const struct breaker_limit *limit, int64_t now)
{
	struct breaker_place *p = place_of(b, host, port);
	if (p == NULL)
		return;
	p->used = now;
	p->probing = is_broken(p, limit);
}

void
breaker_note(struct breaker *b, struct str host, uint32_t port,
    const struct breaker_limit *limit, bool answered, int64_t now)
{
	struct breaker_place *p = place_of(b, host, port);
	if (p == NULL)
		return;
	p->used = now;
	p->probing = false;
	if (answered) {
		p->failures = 0;
		return;
	}
	p->failures++;
	if (is_broken(p, limit))
		p->open_until = now + limit->pause_ms;
}
