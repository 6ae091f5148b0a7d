/* Reports come as attachments: the parts of a message, decoded. */
#include "cmd/dmarcread/read.h"

#include "core/base/num.h"
#include "core/mail/header.h"

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

static int
sextet(char c)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c != '\0' ? strchr(alphabet, c) : NULL;
	return at != NULL ? (int)(at - alphabet) : -1;
}

/* What is no base64 is passed over (RFC 2045, 6.8). */
static struct str
base64(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.len / 4 * 3 + 4);
	size_t n = 0;
	unsigned long bits = 0;
	unsigned have = 0;
	for (size_t i = 0; out != NULL && i < s.len && s.ptr[i] != '='; i++) {
		int six = sextet(s.ptr[i]);
		if (six < 0)
			continue;
		bits = (bits << 6 | (unsigned long)six) & 0xffffff;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		out[n++] = (char)(bits >> have & 0xff);
	}
	return str_n(out, n);
}

static struct str
quoted_printable(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.len + 1);
	size_t n = 0;
	for (size_t i = 0; out != NULL && i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '=' && i + 1 < s.len && s.ptr[i + 1] == '\n') {
			i++;
			continue;
		}
		int hi = c == '=' && i + 2 < s.len ? num_hex_digit(s.ptr[i + 1])
						   : -1;
		int lo = hi >= 0 ? num_hex_digit(s.ptr[i + 2]) : -1;
		if (lo >= 0) {
			c = (char)(hi * 16 + lo);
			i += 2;
		}
		out[n++] = c;
	}
	return str_n(out, n);
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
	struct str none = STR_EMPTY;
	if (!str_starts_nocase(type, STR("multipart/")))
		return none;
	for (size_t i = 0; i + 9 < type.len; i++) {
		struct str rest = str_sub(type, i, type.len);
		if (!str_starts_nocase(rest, STR("boundary=")))
			continue;
		rest = str_sub(rest, strlen("boundary="), rest.len);
		char end = ';';
		if (rest.len > 0 && rest.ptr[0] == '"') {
			end = '"';
			rest = str_sub(rest, 1, rest.len);
		}
		struct str unused, value = str_cut(rest, end, &unused);
		return arena_str(a, str_trim(value));
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
		body = base64(r->arena, body);
	else if (str_is_nocase(how, "quoted-printable"))
		body = quoted_printable(r->arena, body);
	read_any(r, body, nesting + 1);
}
