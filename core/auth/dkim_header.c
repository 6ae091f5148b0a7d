/* Canonical header fields and their selection (RFC 6376 3.4, 5.4.2). */
#include "core/auth/dkim_int.h"

#include "core/base/block.h"

/* The bytes of [p, end) but those of 'cut'; line ends become CRLF. */
static void
add_simple(struct buf *out, const char *p, const char *end, struct str cut)
{
	while (p < end) {
		if (cut.len > 0 && p == cut.ptr) {
			p += cut.len;
			continue;
		}
		if (*p == '\n')
			buf_add(out, "\r\n", 2);
		else
			buf_add_char(out, *p);
		p++;
	}
}

/*
 * Where a relaxed field's body is written: it begins at 'start' and goes on at
 * 'to', a block of room behind it.
 */
struct relaxing {
	const char *start;
	char *to;
};

/* Would a blank add nothing: at the start, or behind another? */
static bool
has_blank(const struct relaxing *r)
{
	return r->to == r->start || r->to[-1] == ' ';
}

/*
 * Bytes of the block that need care: control characters (a tab, a line end), a
 * space behind another. 'before': the byte before it is one.
 */
static inline uint64_t
odd_bytes(const char *p, uint64_t *before)
{
	uint64_t spaces = block_equal(p, ' ');
	uint64_t odd =
	    block_upto(p, ' ' - 1) | (spaces & (spaces << 1 | *before));
	*before = spaces >> (BLOCK_BYTES - 1);
	return odd;
}

/* Copy up to the first byte that needs care; returns where it is, or 'end'. */
static const char *
relax_plain(struct relaxing *r, const char *p, const char *end)
{
	uint64_t before = has_blank(r), odd;
	for (; end - p >= BLOCK_BYTES; p += BLOCK_BYTES, r->to += BLOCK_BYTES) {
		odd = odd_bytes(p, &before);
		memcpy(r->to, p, BLOCK_BYTES);
		if (odd != 0) {
			r->to += block_first(odd);
			return p + block_first(odd);
		}
	}
	/* the rest with a control character behind it */
	char rest[BLOCK_BYTES] = { 0 };
	memcpy(rest, p, (size_t)(end - p));
	odd = odd_bytes(rest, &before);
	memcpy(r->to, rest, BLOCK_BYTES);
	r->to += block_first(odd);
	return p + block_first(odd);
}

/* Unfolded, runs of blanks made one, those at the start cut. */
static void
relax(struct relaxing *r, const char *p, const char *end)
{
	while ((p = relax_plain(r, p, end)) < end) {
		const char *behind = p;
		bool blank = false;
		for (; behind < end &&
		       (dkim_is_blank(*behind) || *behind == '\n');
		     behind++)
			blank = blank || *behind != '\n';
		if (blank && !has_blank(r))
			*r->to++ = ' ';
		if (behind == p)
			*r->to++ = *behind++;
		p = behind;
	}
}

/* The name in lower case; 'end' is how far may be read. */
static char *
add_name(char *to, struct str name, const char *end)
{
	if (name.len <= BLOCK_BYTES && end - name.ptr >= BLOCK_BYTES) {
		block_lower(to, name.ptr);
		return to + name.len;
	}
	for (size_t i = 0; i < name.len; i++)
		*to++ = ascii_lower(name.ptr[i]);
	return to;
}

static void
add_relaxed(struct buf *out, const struct filter_field *f, const char *end,
    struct str cut, bool crlf)
{
	const char *p = f->body.ptr;
	/* never longer than what it is made of, and a block behind it */
	char *from = buf_reserve(out,
	    f->name.len + 1 + (size_t)(end - p) + sizeof("\r\n") + BLOCK_BYTES);
	if (from == NULL)
		return;
	char *body = add_name(from, f->name, end);
	*body++ = ':';
	struct relaxing r = { body, body };
	if (cut.len > 0) {
		relax(&r, p, cut.ptr);
		p = cut.ptr + cut.len;
	}
	relax(&r, p, end);
	if (r.to > body && r.to[-1] == ' ')
		r.to--;
	if (crlf) {
		*r.to++ = '\r';
		*r.to++ = '\n';
	}
	buf_used(out, (size_t)(r.to - from));
}

void
dkim_header_add(struct buf *out, enum dkim_canon canon,
    const struct filter_field *f, struct str cut, bool end)
{
	struct str whole = f->whole;
	if (whole.len > 0 && whole.ptr[whole.len - 1] == '\n')
		whole.len--;
	const char *stop = whole.ptr + whole.len;
	if (canon == DKIM_RELAXED) {
		add_relaxed(out, f, stop, cut, end);
		return;
	}
	add_simple(out, whole.ptr, stop, cut);
	if (end)
		buf_add(out, "\r\n", 2);
}

/* The lowest field of this name that is not taken yet, or n_fields. */
static size_t
lowest(const struct mail_header *h, struct str name, const bool *taken)
{
	for (size_t i = h->n_fields; i-- > 0;) {
		if (dkim_name_is(h->fields[i].name, name) && !taken[i])
			return i;
	}
	return h->n_fields;
}

void
dkim_header_select(struct buf *out, enum dkim_canon canon,
    const struct mail_header *h, const struct str *names, size_t n_names,
    const struct filter_field *self, size_t *from_left)
{
	bool taken[MAIL_FIELDS_MAX];
	size_t from = 0;
	for (size_t i = 0; i < h->n_fields; i++) {
		taken[i] = &h->fields[i] == self;
		from += dkim_name_is(h->fields[i].name, STR("From"));
	}
	for (size_t i = 0; i < n_names; i++) {
		size_t at = lowest(h, names[i], taken);
		/* a name without a field stands for nothing: oversigned */
		if (at == h->n_fields)
			continue;
		taken[at] = true;
		dkim_header_add(
		    out, canon, &h->fields[at], (struct str)STR_EMPTY, true);
		from -= dkim_name_is(names[i], STR("From"));
	}
	if (from_left != NULL)
		*from_left = from;
}
