/* A resolver that answers from a table. */
#include "tests/support/dns_fake.h"

#include "core/base/num.h"
#include "core/base/vec.h"
#include "core/dns/dns_int.h"
#include "core/dns/flat.h"

#include <stdlib.h>

enum {
	FAKE_TTL = 300,
	STRING_MAX = 255
};

struct fake_row {
	struct dns_name name;
	uint16_t type; /* 0: of every type */
	bool fails;
	enum dns_status status; /* when it fails */
	struct buf data;
};

struct fake {
	struct dns dns;
	struct vec rows; /* of struct fake_row */
	enum dns_status otherwise;
};

static struct fake *
fake_of(const struct dns *d)
{
	return (struct fake *)(uintptr_t)d;
}

static struct fake_row *
row_at(const struct fake *f, size_t i)
{
	return VEC_AT(&f->rows, struct fake_row, i);
}

static struct str
row_name(const struct fake_row *r)
{
	return str_n(r->name.wire, r->name.len);
}

static bool
row_add(struct dns *d, const char *name, struct fake_row *row)
{
	if (dns_name_from_text(str_of(name), &row->name) && !row->data.failed &&
	    vec_push(&fake_of(d)->rows, row))
		return true;
	buf_clear(&row->data);
	return false;
}

static void
put_text(struct buf *b, struct str value)
{
	for (bool more = true; more;) {
		size_t end = str_find(value, '\n', 0);
		size_t n = end < STRING_MAX ? end : STRING_MAX;
		buf_add_char(b, (char)n);
		buf_add_str(b, str_sub(value, 0, n));
		more = n < value.len;
		value = str_sub(value, n == end ? n + 1 : n, value.len);
	}
}

static bool
put_name(struct buf *b, struct str value)
{
	struct dns_name name;
	if (!dns_name_from_text(value, &name))
		return false;
	return buf_add(b, name.wire, name.len);
}

static bool
put_value(struct buf *b, uint16_t type, struct str value)
{
	struct net_addr addr;
	uint64_t preference;
	struct str rest;
	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		return net_addr_parse(value, &addr) &&
		       addr.is_ipv6 == (type == DNS_AAAA) &&
		       buf_add(b, addr.bytes, net_addr_bits(&addr) / 8);
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
		return put_name(b, value);
	case DNS_MX:
		if (!num_parse_u64(
			str_cut(value, ' ', &rest), UINT16_MAX, &preference))
			return false;
		dns_put16(b, (unsigned)preference);
		return put_name(b, rest);
	case DNS_TXT:
	case DNS_SPF:
		put_text(b, value);
		return true;
	default:
		return false;
	}
}

bool
dns_fake_add(struct dns *d, const char *name, uint16_t type, struct str value)
{
	struct fake_row row = { .type = type };
	buf_init(&row.data, UINT16_MAX);
	if (put_value(&row.data, type, value))
		return row_add(d, name, &row);
	buf_clear(&row.data);
	return false;
}

bool
dns_fake_add_raw(
    struct dns *d, const char *name, uint16_t type, struct str rdata)
{
	struct fake_row row = { .type = type };
	buf_init(&row.data, UINT16_MAX);
	buf_add_str(&row.data, rdata);
	return row_add(d, name, &row);
}

bool
dns_fake_fail(
    struct dns *d, const char *name, uint16_t type, enum dns_status status)
{
	struct fake_row row = { .type = type, .fails = true, .status = status };
	buf_init(&row.data, 1);
	return row_add(d, name, &row);
}

uint16_t
dns_fake_type(struct str name)
{
	char text[DNS_TYPE_TEXT_SIZE];
	for (uint16_t type = 1; type <= DNS_CAA; type++)
		if (str_is_nocase(name, dns_type_text(type, text)))
			return type;
	return 0;
}

void
dns_fake_default(struct dns *d, enum dns_status status)
{
	fake_of(d)->otherwise = status;
}

/* Without its first label; the root stays. */
static struct str
parent_of(struct str wire)
{
	if (wire.len <= 1)
		return wire;
	return str_sub(wire, 1 + (size_t)(unsigned char)wire.ptr[0], wire.len);
}

/* 'owner' is in the table, or something below it is. */
static bool
name_exists(const struct fake *f, struct str owner)
{
	for (size_t i = 0; i < f->rows.len; i++) {
		struct str have = row_name(row_at(f, i));
		for (; have.len > owner.len; have = parent_of(have))
			continue;
		if (dns_name_eq(have, owner))
			return true;
	}
	return false;
}

/* RFC 4592: the "*" below the closest name that exists. */
static bool
wildcard_of(const struct fake *f, struct str owner, struct dns_name *out)
{
	while (owner.len > 1) {
		owner = parent_of(owner);
		if (owner.len + 2 > DNS_NAME_MAX)
			continue;
		out->wire[0] = 1;
		out->wire[1] = '*';
		memcpy(out->wire + 2, owner.ptr, owner.len);
		out->len = owner.len + 2;
		if (name_exists(f, str_n(out->wire, out->len)))
			return true;
		if (name_exists(f, owner))
			return false;
	}
	return false;
}

/* Records of 'source' written for 'owner'; how many. */
static unsigned
rows_put(struct fake *f, struct dns_query *q, struct str source,
    struct str owner, uint16_t type, const struct fake_row **cname)
{
	unsigned n = 0;
	*cname = NULL;
	for (size_t i = 0; i < f->rows.len; i++) {
		const struct fake_row *r = row_at(f, i);
		if (r->fails || !dns_name_eq(row_name(r), source))
			continue;
		if (r->type == DNS_CNAME)
			*cname = r;
		if (r->type != type && type != DNS_ANY)
			continue;
		struct dns_flat_record flat = { DNS_SECTION_ANSWER, r->type,
			FAKE_TTL, owner, buf_str(&r->data) };
		dns_flat_put(&q->result.flat, &flat);
		n++;
	}
	return n;
}

static const struct fake_row *
failure_of(const struct fake *f, struct str source, uint16_t type)
{
	for (size_t i = 0; i < f->rows.len; i++) {
		const struct fake_row *r = row_at(f, i);
		if (r->fails && (r->type == 0 || r->type == type) &&
		    dns_name_eq(row_name(r), source))
			return r;
	}
	return NULL;
}

/* Put what 'owner' has; the CNAME to go on with, or NULL. */
static const struct fake_row *
owner_answer(struct fake *f, struct dns_query *q, struct str owner,
    unsigned *count, enum dns_status *status)
{
	struct dns_name wild;
	const struct fake_row *cname = NULL;
	struct str source = owner;
	*status = f->otherwise;
	if (!name_exists(f, owner)) {
		if (!wildcard_of(f, owner, &wild))
			return NULL;
		source = str_n(wild.wire, wild.len);
	}
	const struct fake_row *failure = failure_of(f, source, q->type);
	if (failure != NULL) {
		*status = failure->status;
		return NULL;
	}
	unsigned n = rows_put(f, q, source, owner, q->type, &cname);
	*status = DNS_OK;
	*count += n;
	if (n > 0 || cname == NULL)
		return NULL;
	struct dns_flat_record flat = { DNS_SECTION_ANSWER, DNS_CNAME, FAKE_TTL,
		owner, buf_str(&cname->data) };
	dns_flat_put(&q->result.flat, &flat);
	(*count)++;
	return cname;
}

static void
fake_start(struct dns *d, struct dns_query *q)
{
	struct fake *f = fake_of(d);
	struct dns_flat_head head = { 0, 0, 0, false };
	struct str owner = str_n(q->wire.wire, q->wire.len);
	const struct fake_row *cname;
	enum dns_status status;
	unsigned n = 0, steps = 0;
	d->asked++;
	dns_flat_put_head(&q->result.flat, &head);
	do {
		cname = owner_answer(f, q, owner, &n, &status);
		if (cname != NULL)
			owner = buf_str(&cname->data);
	} while (cname != NULL && steps++ <= DNS_CHAIN_MAX);
	if (!dns_is_answer(status)) {
		buf_reset(&q->result.flat);
		dns_query_fail(q, status, "%s", dns_status_text(status));
		return;
	}
	dns_flat_set_count(&q->result.flat, (uint16_t)n, false);
	if (status == DNS_NXDOMAIN) /* behind the flags (flat.h) */
		q->result.flat.data[3] = DNS_RCODE_NXDOMAIN;
	dns_query_ready(q);
}

static void
fake_cancel(struct dns *d, struct dns_query *q)
{
	(void)d, (void)q; /* every question is ready at once */
}

static int
fake_fd(const struct dns *d)
{
	(void)d;
	return -1;
}

static int64_t
fake_next_ms(const struct dns *d)
{
	(void)d;
	return -1;
}

static void
fake_step(struct dns *d)
{
	(void)d;
}

static void
fake_free(struct dns *d)
{
	struct fake *f = fake_of(d);
	for (size_t i = 0; i < f->rows.len; i++)
		buf_clear(&row_at(f, i)->data);
	vec_clear(&f->rows);
	free(f);
}

static const struct dns_ops fake_ops = {
	.start = fake_start,
	.cancel = fake_cancel,
	.fd = fake_fd,
	.next_ms = fake_next_ms,
	.step = fake_step,
	.abort = fake_step,
	.free = fake_free,
};

struct dns *
dns_fake_new(const struct clock *clock)
{
	struct fake *f = calloc(1, sizeof(*f));
	if (f == NULL)
		return NULL;
	dns_init(&f->dns, &fake_ops, clock);
	f->rows = (struct vec)VEC_INIT(struct fake_row);
	f->otherwise = DNS_NXDOMAIN;
	return &f->dns;
}
