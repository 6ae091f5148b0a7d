/* Keys for tickets: made, changed, passed on. */
#include "cmd/filterd/tickets.h"

#include "core/base/random.h"

#include <string.h>

bool
tickets_turn(struct tickets *t, int64_t now)
{
	struct tls_ticket_keys *k = &t->keys;
	if (k->n > 0 && now - t->made_ms < TICKETS_MS)
		return false;
	memmove(
	    k->keys[1], k->keys[0], (TLS_TICKET_KEYS - 1) * sizeof(k->keys[0]));
	random_bytes(k->keys[0], sizeof(k->keys[0]));
	k->n += k->n < TLS_TICKET_KEYS;
	t->made_ms = now;
	return true;
}

int
tickets_wait(const struct tickets *t, int64_t now)
{
	int64_t left = t->made_ms + TICKETS_MS - now;
	return left > 0 ? (int)left : 0;
}

void
tickets_clear(struct tickets *t)
{
	explicit_bzero(t, sizeof(*t));
}

void
tickets_put(struct buf *out, const struct tls_ticket_keys *keys)
{
	wire_put_u32(out, keys->n);
	buf_add(out, (const char *)keys->keys, sizeof(keys->keys));
}

bool
tickets_get(struct wire *in, struct tls_ticket_keys *keys)
{
	keys->n = wire_get_u32(in);
	struct str bytes = wire_get_bytes(in, sizeof(keys->keys));
	if (!wire_end(in) || keys->n == 0 || keys->n > TLS_TICKET_KEYS)
		return false;
	memcpy(keys->keys, bytes.ptr, sizeof(keys->keys));
	return true;
}
