/* Canonical header fields and their selection (RFC 6376 3.4, 5.4.2). */
#include "core/auth/dkim_int.h"

#include "core/base/find.h"

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

/* A line without blanks at its ends; each run of them becomes one space. */
static char *
reduce(char *to, const char *p, const char *end)
{
	if (dkim_is_reduced(p, (size_t)(end - p))) {
		memcpy(to, p, (size_t)(end - p));
		return to + (end - p);
	}
	for (; p < end; p++) {
		if (!dkim_is_blank(*p))
			*to++ = *p;
		else if (!dkim_is_blank(p[1]))
			*to++ = ' ';
	}
	return to;
}

/* Unfolded, runs of blanks made one, blanks at both ends cut. */
static void
relax(struct relaxing *r, const char *p, const char *end)
{
	while (p < end) {
		const char *lf = find_near(p, end, '\n');
		const char *behind = lf != NULL ? lf : end, *stop = behind;
		for (; p < stop && dkim_is_blank(*p); p++)
			r->blank = true;
		while (p < stop && dkim_is_blank(stop[-1]))
			stop--;
		if (p < stop) {
			if (r->blank && r->begun)
				*r->at++ = ' ';
			r->at = reduce(r->at, p, stop);
			r->begun = true;
			r->blank = stop < behind;
		}
		p = behind + (lf != NULL);
	}
}

static void
add_relaxed(struct buf *out, const struct filter_field *f, const char *end,
    struct str cut, bool crlf)
{
	const char *p = f->body.ptr;
	/* never longer than what it is made of */
	char *to = buf_reserve(
	    out, f->name.len + 1 + (size_t)(end - p) + 1 + sizeof("\r\n") - 1);
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
	if (crlf) {
		*r.at++ = '\r';
		*r.at++ = '\n';
	}
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
	if (canon == DKIM_RELAXED) {
		add_relaxed(out, f, stop, cut, end);
		return;
	}
	add_simple(out, whole.ptr, stop, cut);
	if (end)
		buf_add(out, "\r\n", 2);
}

/* The field of this name with 'below' others of it under it, or NULL. */
static const struct filter_field *
from_below(const struct mail_header *h, struct str name, size_t below,
    const struct filter_field *self)
{
	for (size_t i = h->n_fields; i-- > 0;) {
		const struct filter_field *f = &h->fields[i];
		if (f == self || !dkim_name_is(f->name, name))
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
			before += dkim_name_is(names[k], names[i]);
		const struct filter_field *f =
		    from_below(h, names[i], before, self);
		/* a name without a field stands for nothing: oversigned */
		if (f == NULL)
			continue;
		dkim_header_add(out, canon, f, (struct str)STR_EMPTY, true);
		from_taken += dkim_name_is(names[i], STR("from"));
	}
	if (from_left != NULL)
		*from_left = mail_fields_count(h->fields, h->n_fields, "from") -
			     from_taken;
}
