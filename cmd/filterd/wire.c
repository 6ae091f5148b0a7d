/* Fields of messages between the parts. */
#include "cmd/filterd/wire.h"

#include <string.h>

void
wire_put_u32(struct buf *out, uint32_t v)
{
	buf_add(out, &v, sizeof(v));
}

void
wire_put_u64(struct buf *out, uint64_t v)
{
	buf_add(out, &v, sizeof(v));
}

void
wire_put_str(struct buf *out, struct str s)
{
	wire_put_u32(out, (uint32_t)s.len);
	buf_add_str(out, s);
}

void
wire_put_path(struct buf *out, const struct mail_path *p)
{
	wire_put_str(out, p->local);
	wire_put_str(out, p->domain);
}

struct str
wire_get_bytes(struct wire *w, size_t n)
{
	if (w->bad || n > w->rest.len) {
		w->bad = true;
		return (struct str)STR_EMPTY;
	}
	struct str taken = str_sub(w->rest, 0, n);
	w->rest = str_sub(w->rest, n, w->rest.len);
	return taken;
}

uint32_t
wire_get_u32(struct wire *w)
{
	uint32_t v = 0;
	struct str s = wire_get_bytes(w, sizeof(v));
	if (s.len == sizeof(v))
		memcpy(&v, s.ptr, sizeof(v));
	return v;
}

uint64_t
wire_get_u64(struct wire *w)
{
	uint64_t v = 0;
	struct str s = wire_get_bytes(w, sizeof(v));
	if (s.len == sizeof(v))
		memcpy(&v, s.ptr, sizeof(v));
	return v;
}

struct str
wire_get_str(struct wire *w)
{
	return wire_get_bytes(w, wire_get_u32(w));
}

struct mail_path
wire_get_path(struct wire *w)
{
	struct mail_path p;
	p.local = wire_get_str(w);
	p.domain = wire_get_str(w);
	return p;
}

bool
wire_end(const struct wire *w)
{
	return !w->bad && w->rest.len == 0;
}
