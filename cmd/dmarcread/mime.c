/* Reports come as attachments: the parts of a message, decoded. */
#include "cmd/dmarcread/read.h"

#include "core/mail/header.h"
#include "core/mail/mime.h"

enum {
	FIELD_MAX = 8192
};

/* Lines end in LF from here on. */
static struct str
without_cr(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.len + 1);
	size_t n = 0;
	for (size_t i = 0; out != NULL && i < s.len; i++)
		if (s.ptr[i] != '\r' || i + 1 == s.len || s.ptr[i + 1] != '\n')
			out[n++] = s.ptr[i];
	return str_n(out, n);
}

static struct str
decoded(struct arena *a, enum mime_coding coding, struct str s)
{
	struct mime_decoder d;
	struct str none = STR_EMPTY;
	char *out = arena_alloc(a, s.len + 2);
	if (out == NULL)
		return none;
	mime_decoder_init(&d, coding);
	return str_n(out, mime_decode(&d, s, out));
}

static struct str
field(struct arena *a, const struct mail_header *h, const char *name)
{
	struct buf value = BUF_INIT(FIELD_MAX);
	const struct filter_field *f =
	    mail_fields_find(h->fields, h->n_fields, name);
	struct str out = STR_EMPTY;
	if (f != NULL && mail_field_unfold(&value, f))
		out = arena_str(a, buf_str(&value));
	buf_clear(&value);
	return out;
}

/* The boundary of a multipart type, empty: it is none. */
static struct str
boundary(struct arena *a, struct str type)
{
	char room[MIME_BOUNDARY_MAX];
	struct str none = STR_EMPTY, name, value, rest;
	if (!str_starts_nocase(type, STR("multipart/")))
		return none;
	(void)str_cut(type, ';', &rest);
	while (mime_next_param(&rest, &name, room, sizeof(room), &value)) {
		if (str_is_nocase(name, "boundary"))
			return arena_str(a, value);
	}
	return none;
}

static void
read_parts(
    struct reading *r, struct str body, struct str mark, unsigned nesting)
{
	struct str line, rest = body, part = STR_EMPTY;
	bool inside = false;
	for (unsigned n = 0; n < READ_PARTS_MAX;) {
		const char *at = rest.ptr;
		bool more = str_next_line(&rest, &line);
		bool is_mark = more && str_starts(line, STR("--")) &&
			       str_starts(str_sub(line, 2, line.len), mark);
		if (more && !is_mark)
			continue;
		if (inside) {
			part.len =
			    more ? (size_t)(at - part.ptr)
				 : (size_t)(body.ptr + body.len - part.ptr);
			read_message(r, part, nesting + 1);
			n++;
		}
		if (!more)
			return;
		inside = true;
		part =
		    str_n(rest.ptr != NULL ? rest.ptr : body.ptr + body.len, 0);
	}
}

void
read_message(struct reading *r, struct str bytes, unsigned nesting)
{
	struct mail_header h;
	struct str text = without_cr(r->arena, bytes);
	if (nesting > READ_NESTING_MAX || text.ptr == NULL ||
	    mail_header_parse(text, r->arena, &h) != MAIL_HEADER_OK)
		return;
	struct str type = field(r->arena, &h, "Content-Type");
	struct str how = field(r->arena, &h, "Content-Transfer-Encoding");
	struct str mark = boundary(r->arena, type);
	if (mark.len > 0) {
		read_parts(r, h.body, mark, nesting);
		return;
	}
	struct str body = h.body;
	if (str_is_nocase(how, "base64"))
		body = decoded(r->arena, MIME_BASE64, body);
	else if (str_is_nocase(how, "quoted-printable"))
		body = decoded(r->arena, MIME_QUOTED_PRINTABLE, body);
	read_any(r, body, nesting + 1);
}
