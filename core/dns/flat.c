/* Replies taken apart, as bytes. */
#include "core/dns/flat.h"

#include "core/dns/name.h"

enum {
	RECORD_HEAD = 8,
	COUNT_AT = 5,
	CUT_AT = 4,
	DATA_MAX = 0xffff
};

void
dns_put16(struct buf *b, unsigned v)
{
	buf_add_char(b, (char)(v >> 8 & 0xff));
	buf_add_char(b, (char)(v & 0xff));
}

void
dns_put32(struct buf *b, uint32_t v)
{
	dns_put16(b, v >> 16);
	dns_put16(b, v & 0xffff);
}

static uint8_t
get8(struct str *s)
{
	uint8_t v = (uint8_t)s->ptr[0];
	*s = str_sub(*s, 1, s->len);
	return v;
}

uint16_t
dns_get16(struct str *s)
{
	unsigned high = get8(s);
	return (uint16_t)(high << 8 | get8(s));
}

uint32_t
dns_get32(struct str *s)
{
	uint32_t high = dns_get16(s);
	return high << 16 | dns_get16(s);
}

bool
dns_flat_put_head(struct buf *b, const struct dns_flat_head *head)
{
	dns_put16(b, head->flags);
	dns_put16(b, head->rcode);
	buf_add_char(b, head->cut ? 1 : 0);
	dns_put16(b, head->count);
	return !b->failed;
}

bool
dns_flat_put(struct buf *b, const struct dns_flat_record *r)
{
	if (r->owner.len > DNS_NAME_MAX || r->data.len > DATA_MAX)
		return false;
	buf_add_char(b, (char)r->section);
	dns_put16(b, r->type);
	dns_put32(b, r->ttl);
	buf_add_char(b, (char)r->owner.len);
	buf_add_str(b, r->owner);
	dns_put16(b, (unsigned)r->data.len);
	buf_add_str(b, r->data);
	return !b->failed;
}

void
dns_flat_set_count(struct buf *b, uint16_t count, bool cut)
{
	b->data[CUT_AT] = cut ? 1 : 0;
	b->data[COUNT_AT] = (char)(count >> 8);
	b->data[COUNT_AT + 1] = (char)(count & 0xff);
}

bool
dns_flat_get_head(struct str *s, struct dns_flat_head *head)
{
	if (s->len < DNS_FLAT_HEAD)
		return false;
	head->flags = dns_get16(s);
	head->rcode = dns_get16(s);
	head->cut = get8(s) != 0;
	head->count = dns_get16(s);
	return true;
}

bool
dns_flat_get(struct str *s, struct dns_flat_record *r)
{
	if (s->len < RECORD_HEAD)
		return false;
	r->section = get8(s) == DNS_SECTION_ANSWER ? DNS_SECTION_ANSWER
						   : DNS_SECTION_AUTHORITY;
	r->type = dns_get16(s);
	r->ttl = dns_get32(s);
	size_t n = get8(s);
	if (s->len < n + 2)
		return false;
	r->owner = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->len);
	n = dns_get16(s);
	if (s->len < n)
		return false;
	r->data = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->len);
	return r->owner.len > 0 && dns_name_length(r->owner) == r->owner.len;
}
