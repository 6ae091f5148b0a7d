/* Messages between the two sides of a remote resolver. */
#include "core/dns/flat.h"
#include "core/dns/remote_int.h"

#include <string.h>

enum {
	TEXT_MAX = 255,
	DEADLINE_MAX_MS = 120 * 1000
};

struct str
remote_question_put(
    const struct remote_question *q, char out[REMOTE_QUESTION_MAX])
{
	struct buf b = BUF_INIT(REMOTE_QUESTION_MAX);
	dns_put32(&b, q->index);
	dns_put32(&b, q->serial);
	dns_put16(&b, q->type);
	buf_add_char(&b, (char)q->fresh);
	dns_put32(&b, q->deadline_ms);
	buf_add(&b, q->name.wire, q->name.len);
	size_t n = b.len;
	memcpy(out, b.data, n);
	buf_clear(&b);
	return str_n(out, n);
}

bool
remote_question_get(struct str in, struct remote_question *q)
{
	if (in.len <= REMOTE_QUESTION_HEAD)
		return false;
	q->index = dns_get32(&in);
	q->serial = dns_get32(&in);
	q->type = dns_get16(&in);
	q->fresh = in.ptr[0] != 0;
	in = str_sub(in, 1, in.len);
	q->deadline_ms = dns_get32(&in);
	q->name.len = dns_name_length(in);
	if (q->name.len != in.len || in.len > DNS_NAME_MAX)
		return false;
	memcpy(q->name.wire, in.ptr, in.len);
	return q->deadline_ms > 0 && q->deadline_ms <= DEADLINE_MAX_MS;
}

static void
put_text(struct buf *out, struct str text)
{
	text = str_sub(text, 0, TEXT_MAX);
	buf_add_char(out, (char)text.len);
	buf_add_str(out, text);
}

bool
remote_reply_put(const struct remote_reply *p, struct buf *out)
{
	dns_put32(out, p->index);
	dns_put32(out, p->serial);
	buf_add_char(out, (char)p->status);
	buf_add_char(out, (char)p->cached);
	dns_put32(out, p->age_s);
	put_text(out, p->server);
	put_text(out, p->reason);
	return buf_add_str(out, p->flat) && !out->failed;
}

static bool
get_text(struct str *in, struct str *out)
{
	if (in->len == 0)
		return false;
	size_t n = (unsigned char)in->ptr[0];
	*out = str_sub(*in, 1, 1 + n);
	*in = str_sub(*in, 1 + n, in->len);
	return out->len == n;
}

bool
remote_reply_get(struct str in, struct remote_reply *p)
{
	if (in.len < REMOTE_REPLY_HEAD)
		return false;
	p->index = dns_get32(&in);
	p->serial = dns_get32(&in);
	unsigned char status = (unsigned char)in.ptr[0];
	p->status = (enum dns_status)status;
	p->cached = in.ptr[1] != 0;
	in = str_sub(in, 2, in.len);
	p->age_s = dns_get32(&in);
	if (status > DNS_NOT_A_NAME || !get_text(&in, &p->server) ||
	    !get_text(&in, &p->reason))
		return false;
	p->flat = in;
	return true;
}
