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

/* Unfolded, runs of blanks made one, blanks at both ends cut. */
static void
add_relaxed(struct buf *out, const char *p, const char *end, struct str cut)
{
	bool blank = false, begun = false;
	/* never longer than what it is made of */
	char *to = buf_reserve(out, (size_t)(end - p) + 1), *at = to;
	if (to == NULL)
		return;
	while (p < end) {
		if (cut.len > 0 && p == cut.ptr) {
			p += cut.len;
			continue;
		}
		char c = *p++;
		if (c == '\n')
			continue;
		if (c == ' ' || c == '\t') {
			blank = true;
			continue;
		}
		if (blank && begun)
			*at++ = ' ';
		blank = false;
		begun = true;
		*at++ = c;
	}
	buf_used(out, (size_t)(at - to));
}

void
dkim_header_add(struct buf *out, enum dkim_canon canon,
    const struct filter_field *f, struct str cut, bool end)
{
	struct str whole = f->whole;
	if (whole.len > 0 && whole.ptr[whole.len - 1] == '\n')
		whole.len--;
	const char *stop = whole.ptr + whole.len;
	if (canon == DKIM_SIMPLE) {
		add_simple(out, whole.ptr, stop, cut);
	} else {
		for (size_t i = 0; i < f->name.len; i++)
			buf_add_char(out, ascii_lower(f->name.ptr[i]));
		buf_add_char(out, ':');
		add_relaxed(out, f->body.ptr, stop, cut);
	}
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
		if (f == self || f->name.len != name.len ||
		    !str_eq_nocase(f->name, name))
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
			before += names[k].len == names[i].len &&
				  str_eq_nocase(names[k], names[i]);
		const struct filter_field *f =
		    names[i].len > 0 ? from_below(h, names[i], before, self)
				     : NULL;
		/* a name without a field stands for nothing: oversigned */
		if (f == NULL)
			continue;
		dkim_header_add(out, canon, f, (struct str)STR_EMPTY, true);
		from_taken += str_is_nocase(names[i], "from");
	}
	if (from_left != NULL)
		*from_left = mail_fields_count(h->fields, h->n_fields, "from") -
			     from_taken;
}
