/* Records of the log: messages as bytes with a checksum. */
#include "core/queue/log_int.h"

#include <stdlib.h>
#include <string.h>

enum {
	HEAD_MAGIC = 0x4c51534d,
	CRC_POLYNOMIAL = (int)0x82f63b78, /* CRC-32C, bits reversed */
	LENGTH = sizeof(uint32_t)
};

void
log_crc_init(struct log_file *f)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;
		for (int k = 0; k < 8; k++)
			c = (c >> 1) ^
			    ((c & 1) != 0 ? (uint32_t)CRC_POLYNOMIAL : 0);
		f->crc[0][i] = c;
	}
	for (uint32_t i = 0; i < 256; i++) {
		for (int k = 1; k < 8; k++)
			f->crc[k][i] = (f->crc[k - 1][i] >> 8) ^
				       f->crc[0][f->crc[k - 1][i] & 255];
	}
}

/* Eight bytes a step: it stands in the way of every message. */
uint32_t
log_crc(const struct log_file *f, struct str bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.ptr;
	size_t n = bytes.len;
	uint32_t c = UINT32_MAX;
	for (; n >= 8; n -= 8, p += 8) {
		uint32_t low =
		    c ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 |
			    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
		c = f->crc[7][low & 255] ^ f->crc[6][low >> 8 & 255] ^
		    f->crc[5][low >> 16 & 255] ^ f->crc[4][low >> 24] ^
		    f->crc[3][p[4]] ^ f->crc[2][p[5]] ^ f->crc[1][p[6]] ^
		    f->crc[0][p[7]];
	}
	for (; n > 0; n--, p++)
		c = (c >> 8) ^ f->crc[0][(c ^ *p) & 255];
	return ~c;
}

uint64_t
log_padded(uint64_t length)
{
	uint64_t whole = sizeof(struct log_head) + length;
	return (whole + LOG_ALIGN - 1) / LOG_ALIGN * LOG_ALIGN;
}

static uint64_t
path_size(const struct mail_path *p)
{
	return 2 * LENGTH + p->local.len + p->domain.len;
}

static struct str
box_of(const struct queue_message *m, size_t i)
{
	return m->boxes != NULL ? m->boxes[i] : (struct str)STR_EMPTY;
}

static uint64_t
body_size(const struct queue_message *m)
{
	return m->body_fd >= 0 ? (uint64_t)m->body_length : m->body.len;
}

static uint64_t
content_size(const struct queue_message *m)
{
	uint64_t n = sizeof(m->stamp) + 4 * LENGTH + m->target.len +
		     path_size(&m->sender) + m->head.len + body_size(m);
	for (size_t i = 0; i < m->n_rcpts; i++)
		n += path_size(&m->rcpts[i]) + LENGTH + box_of(m, i).len;
	return n;
}

uint64_t
log_record_size(const struct queue_message *m)
{
	uint64_t n = content_size(m);
	return n <= QUEUE_LOG_MESSAGE_MAX ? log_padded(n) : 0;
}

static void
put_u32(struct buf *out, uint64_t v)
{
	uint32_t n = (uint32_t)v;
	buf_add(out, &n, sizeof(n));
}

static void
put_str(struct buf *out, struct str s)
{
	put_u32(out, s.len);
	buf_add_str(out, s);
}

static void
put_path(struct buf *out, const struct mail_path *p)
{
	put_str(out, p->local);
	put_str(out, p->domain);
}

static bool
put_body(struct buf *out, const struct queue_message *m, struct err *e)
{
	put_u32(out, body_size(m));
	if (m->body_fd < 0) {
		buf_add_str(out, m->body);
		return true;
	}
	size_t size = (size_t)m->body_length;
	char *to = buf_reserve(out, size);
	if (to == NULL) /* noted in the buffer */
		return true;
	if (!queue_body_read(m, 0, to, size, e))
		return false;
	buf_used(out, size);
	return true;
}

static void
fill(struct buf *out, size_t to)
{
	static const char zeros[LOG_ALIGN];
	if (to > out->len)
		buf_add(out, zeros, to - out->len);
}

/* The head of the record that begins at 'start', over what was left free. */
static void
set_head(
    const struct log_file *f, struct buf *out, size_t start, struct log_head h)
{
	if (out->failed)
		return;
	struct str content =
	    str_n(out->data + start + sizeof(h), (size_t)h.length);
	h.magic = HEAD_MAGIC;
	h.id = f->id;
	h.body_crc = h.kind == LOG_MESSAGE ? log_crc(f, content) : 0;
	h.head_crc = log_crc(
	    f, str_n((const char *)&h, offsetof(struct log_head, head_crc)));
	memcpy(out->data + start, &h, sizeof(h));
}

bool
log_record_put(const struct log_file *f, struct buf *out,
    const struct queue_message *m, uint64_t seq, uint64_t batch, struct err *e)
{
	size_t start = out->len;
	struct log_head h = {
		.kind = LOG_MESSAGE,
		.seq = seq,
		.batch = batch,
		.length = content_size(m),
	};
	buf_add(out, &h, sizeof(h));
	buf_add(out, &m->stamp, sizeof(m->stamp));
	put_str(out, m->target);
	put_path(out, &m->sender);
	put_u32(out, m->n_rcpts);
	for (size_t i = 0; i < m->n_rcpts; i++) {
		put_path(out, &m->rcpts[i]);
		put_str(out, box_of(m, i));
	}
	put_str(out, m->head);
	bool ok = put_body(out, m, e);
	fill(out, start + (size_t)log_padded(h.length));
	if (ok && out->failed)
		ok = err_set(e, ERR_TEMPORARY, "out of memory");
	set_head(f, out, start, h);
	if (ok)
		return true;
	out->failed = false;
	buf_truncate(out, start);
	return false;
}

/* What it covers is not written: only its head says where to go on. */
void
log_pad_put(const struct log_file *f, struct buf *out, uint64_t size,
    uint64_t seq, uint64_t batch)
{
	size_t start = out->len;
	struct log_head h = {
		.kind = LOG_PAD,
		.seq = seq,
		.batch = batch,
		.length = size - sizeof(h),
	};
	buf_add(out, &h, sizeof(h));
	set_head(f, out, start, h);
}

bool
log_head_is_good(const struct log_file *f, const struct log_head *h)
{
	if (h->magic != HEAD_MAGIC || h->id != f->id)
		return false;
	uint32_t crc = log_crc(
	    f, str_n((const char *)h, offsetof(struct log_head, head_crc)));
	return crc == h->head_crc &&
	       (h->kind == LOG_PAD || h->length <= QUEUE_LOG_MESSAGE_MAX);
}

/* One of before 1970 would look as if none waited. */
int64_t
log_start_s(const struct log_start *s)
{
	int64_t at = s->stamp.wall_ns / NS_PER_S;
	return at > 0 ? at : 1;
}

/* Content being read; anything that does not fit sets 'bad'. */
struct reading {
	struct str rest;
	bool bad;
};

static struct str
get_bytes(struct reading *r, size_t n)
{
	if (r->bad || n > r->rest.len) {
		r->bad = true;
		return (struct str)STR_EMPTY;
	}
	struct str s = str_n(r->rest.ptr, n);
	r->rest = str_sub(r->rest, n, r->rest.len);
	return s;
}

static uint32_t
get_u32(struct reading *r)
{
	uint32_t v = 0;
	struct str s = get_bytes(r, sizeof(v));
	if (!r->bad)
		memcpy(&v, s.ptr, sizeof(v));
	return v;
}

static struct str
get_str(struct reading *r)
{
	uint32_t n = get_u32(r);
	return get_bytes(r, n);
}

static struct mail_path
get_path(struct reading *r)
{
	struct mail_path p;
	p.local = get_str(r);
	p.domain = get_str(r);
	return p;
}

/* The recipients and their boxes, behind each other in one block. */
static struct mail_path *
get_rcpts(struct reading *r, struct queue_message *m)
{
	struct mail_path *rcpts = NULL;
	m->n_rcpts = get_u32(r);
	/* each needs three lengths at least */
	if (!r->bad && m->n_rcpts > 0 &&
	    m->n_rcpts <= r->rest.len / (3 * LENGTH))
		rcpts = calloc(
		    m->n_rcpts, sizeof(struct mail_path) + sizeof(struct str));
	if (rcpts == NULL)
		return NULL;
	struct str *boxes = (struct str *)(rcpts + m->n_rcpts);
	for (size_t i = 0; i < m->n_rcpts; i++) {
		rcpts[i] = get_path(r);
		boxes[i] = get_str(r);
	}
	m->rcpts = rcpts;
	m->boxes = boxes;
	return rcpts;
}

bool
log_record_get(
    struct str content, struct queue_message *m, struct mail_path **rcpts)
{
	struct reading r = { content, false };
	struct str stamp = get_bytes(&r, sizeof(m->stamp));
	*m = (struct queue_message){ .body_fd = -1 };
	*rcpts = NULL;
	if (r.bad)
		return false;
	memcpy(&m->stamp, stamp.ptr, sizeof(m->stamp));
	m->target = get_str(&r);
	m->sender = get_path(&r);
	*rcpts = get_rcpts(&r, m);
	if (*rcpts == NULL)
		return false;
	m->head = get_str(&r);
	m->body = get_str(&r);
	if (!r.bad && r.rest.len == 0)
		return true;
	free(*rcpts);
	*rcpts = NULL;
	return false;
}
