/* Canonical header fields and their selection (RFC 6376 3.4, 5.4.2). */
#include "core/auth/dkim_int.h"

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

/* Where a relaxed field is written, with what was seen before. */
struct relaxing {
	char *at;
	bool blank, begun;
};

static bool
is_fold(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Unfolded, runs of blanks made one, blanks at both ends cut. */
static void
relax(struct relaxing *r, const char *p, const char *end)
{
	char *at = r->at;
	while (p < end) {
		if (!is_fold(*p)) {
			if (r->blank && r->begun)
				*at++ = ' ';
			r->blank = false;
			r->begun = true;
		}
		/* most bytes need but the first test */
		while (p < end && ((unsigned char)*p > ' ' || !is_fold(*p)))
			*at++ = *p++;
		for (; p < end && is_fold(*p); p++)
			r->blank = r->blank || *p != '\n';
	}
	r->at = at;
}

static void
add_relaxed(struct buf *out, const struct filter_field *f, const char *end,
    struct str cut)
{
	const char *p = f->body.ptr;
	/* never longer than what it is made of */
	char *to = buf_reserve(out, f->name.len + 1 + (size_t)(end - p) + 1);
	struct relaxing r = { to, false, false };
	if (to == NULL)
		return;
	for (size_t i = 0; i < f->name.len; i++)
		*r.at++ = ascii_lower(f->name.ptr[i]);
	*r.at++ = ':';
	if (cut.len > 0) {
		relax(&r, p, cut.ptr);
		p = cut.ptr + cut.len;
	}
	relax(&r, p, end);
	buf_used(out, (size_t)(r.at - to));
}

void
dkim_header_add(struct buf *out, enum dkim_canon canon,
    const struct filter_field *f, struct str cut, bool end)
{
	struct str whole = f->whole;
	if (whole.len > 0 && whole.ptr[whole.len - 1] == '\n')
		whole.len--;
	const char *stop = whole.ptr + whole.len;
	if (canon == DKIM_SIMPLE)
		add_simple(out, whole.ptr, stop, cut);
	else
		add_relaxed(out, f, stop, cut);
	if (end)
		buf_add(out, "\r\n", 2);
}

/* Most names differ in length or in the first letter already. */
static bool
is_same_name(struct str a, struct str b)
{
	return a.len == b.len && a.len > 0 &&
	       ((a.ptr[0] ^ b.ptr[0]) & ~('a' ^ 'A')) == 0 &&
	       str_eq_nocase(a, b);
}

/* The field of this name with 'below' others of it under it, or NULL. */
static const struct filter_field *
from_below(const struct mail_header *h, struct str name, size_t below,
    const struct filter_field *self)
{
	for (size_t i = h->n_fields; i-- > 0;) {
		const struct filter_field *f = &h->fields[i];
		if (f == self || !is_same_name(f->name, name))
			continue;
		if (below-- == 0)
			return f;
	}
	return NULL;
}

void
dkim_header_select(struct buf *out, enum dkim_canon canon,
    const struct mail_header *h, const struct str *names, size_t n_names,
    const struct filter_field *self, size_t *from_left)
{
	size_t from_taken = 0;
	for (size_t i = 0; i < n_names; i++) {
		size_t before = 0;
		for (size_t k = 0; k < i; k++)
			before += is_same_name(names[k], names[i]);
		const struct filter_field *f =
		    from_below(h, names[i], before, self);
		/* a name without a field stands for nothing: oversigned */
		if (f == NULL)
			continue;
		dkim_header_add(out, canon, f, (struct str)STR_EMPTY, true);
		from_taken += is_same_name(names[i], STR("from"));
	}
	if (from_left != NULL)
		*from_left = mail_fields_count(h->fields, h->n_fields, "from") -
			     from_taken;
}
