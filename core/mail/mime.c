/* The parts of a message, line by line. */
#include "core/mail/mime.h"

#include "core/base/compiler.h"
#include "core/base/num.h"

/* ---- fields of a part ---- */

/* Lower case into 'out', cut to fit. */
static void
fold(char *out, size_t size, struct str s)
{
	size_t n = s.len < size - 1 ? s.len : size - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = ascii_lower(s.ptr[i]);
	out[n] = '\0';
}

/* Where a parameter ends: at a semicolon outside of quotes. */
static size_t
param_end(struct str s)
{
	bool quoted = false;
	size_t i = 0;
	for (; i < s.len; i++) {
		if (s.ptr[i] == '\\' && quoted)
			i++;
		else if (s.ptr[i] == '"')
			quoted = !quoted;
		else if (s.ptr[i] == ';' && !quoted)
			break;
	}
	return i < s.len ? i : s.len;
}

bool
mime_next_param(struct str *rest, struct str *name, char *out, size_t size,
    struct str *value)
{
	if (rest->len == 0)
		return false;
	size_t end = param_end(*rest), n = 0;
	struct str given, one = str_sub(*rest, 0, end);
	*rest = str_sub(*rest, end + 1, rest->len);
	*name = str_trim(str_cut(one, '=', &given));
	given = str_trim(given);
	for (size_t i = 0; i < given.len && n < size; i++) {
		if (given.ptr[i] == '\\' && i + 1 < given.len)
			i++;
		else if (given.ptr[i] == '"')
			continue;
		out[n++] = given.ptr[i];
	}
	*value = str_n(out, n);
	return true;
}

/* "name", and "filename*1" of RFC 2231. */
static bool
is_param(struct str name, const char *wanted)
{
	struct str number;
	return str_is_nocase(str_cut(name, '*', &number), wanted);
}

/* What follows the last dot. */
static void
take_ending(struct mime_part *part, struct str file)
{
	size_t dot = file.len;
	while (dot > 0 && file.ptr[dot - 1] != '.')
		dot--;
	if (dot > 0)
		fold(part->ending, sizeof(part->ending),
		    str_trim(str_sub(file, dot, file.len)));
}

static void
take_params(struct mime_reader *r, struct str rest)
{
	char room[MIME_FIELD_MAX];
	struct str name, value;
	while (mime_next_param(&rest, &name, room, sizeof(room), &value)) {
		if (is_param(name, "name") || is_param(name, "filename"))
			take_ending(&r->part, value);
		if (!str_is_nocase(name, "boundary") || value.len == 0 ||
		    value.len > sizeof(r->boundary))
			continue;
		memcpy(r->boundary, value.ptr, value.len);
		r->boundary_len = value.len;
	}
}

static void
take_type(struct mime_reader *r, struct str value)
{
	struct str rest;
	struct str type = str_trim(str_cut(value, ';', &rest));
	if (type.len > 0)
		fold(r->part.type, sizeof(r->part.type), type);
	take_params(r, rest);
}

static void
take_coding(struct mime_reader *r, struct str value)
{
	r->part.coding = MIME_AS_IT_IS;
	if (str_is_nocase(value, "base64"))
		r->part.coding = MIME_BASE64;
	else if (str_is_nocase(value, "quoted-printable"))
		r->part.coding = MIME_QUOTED_PRINTABLE;
}

static void
take_disposition(struct mime_reader *r, struct str value)
{
	struct str rest;
	(void)str_cut(value, ';', &rest);
	take_params(r, rest);
}

/* The field that is complete now. */
static void
end_field(struct mime_reader *r)
{
	static const struct {
		const char *name;
		void (*take)(struct mime_reader *r, struct str value);
	} fields[] = {
		{ "Content-Type", take_type },
		{ "Content-Transfer-Encoding", take_coding },
		{ "Content-Disposition", take_disposition },
	};
	struct str value;
	struct str name = str_cut(str_n(r->field, r->field_len), ':', &value);
	r->field_len = 0;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (str_is_nocase(str_trim(name), fields[i].name))
			fields[i].take(r, str_trim(value));
	}
}

/* ---- structure ---- */

static void
begin_header(struct mime_reader *r)
{
	r->in_header = true;
	r->told = false;
	r->boundary_len = 0;
	r->field_len = 0;
	r->part = (struct mime_part){ .type = "text/plain" };
}

/* Text that belongs to no part: before the first, or behind the last. */
static void
begin_text(struct mime_reader *r)
{
	begin_header(r);
	r->in_header = false;
}

/* One part more; beyond the limit the rest is text. */
static void
begin_part(struct mime_reader *r)
{
	if (++r->n_parts <= MIME_PARTS_MAX) {
		begin_header(r);
		return;
	}
	r->n_levels = 0;
	begin_text(r);
}

static void
end_header(struct mime_reader *r)
{
	end_field(r);
	r->in_header = false;
	struct str type = str_of(r->part.type);
	if (str_is(type, "message/rfc822") && r->part.coding == MIME_AS_IT_IS) {
		begin_part(r);
	} else if (str_starts(type, STR("multipart/")) && r->boundary_len > 0 &&
		   r->n_levels < MIME_DEPTH_MAX) {
		struct mime_level *level = &r->levels[r->n_levels++];
		memcpy(level->boundary, r->boundary, r->boundary_len);
		level->len = r->boundary_len;
		begin_text(r);
	}
}

static void
header_line(struct mime_reader *r, struct str line, bool continues)
{
	struct str text = str_trim(line);
	if (text.len == 0 && !continues &&
	    (line.ptr[0] == '\n' || line.ptr[0] == '\r')) {
		end_header(r);
		return;
	}
	if (!continues && line.ptr[0] != ' ' && line.ptr[0] != '\t')
		end_field(r);
	size_t room = sizeof(r->field) - r->field_len;
	size_t n = text.len < room ? text.len : room;
	if (n > 0)
		memcpy(r->field + r->field_len, text.ptr, n);
	r->field_len += n;
}

/* A boundary of any level that is open; those within it end too. */
static bool
boundary_line(struct mime_reader *r, struct str line)
{
	if (!str_starts(line, STR("--")))
		return false;
	line = str_trim(str_sub(line, 2, line.len));
	for (unsigned i = r->n_levels; i-- > 0;) {
		struct str mark =
		    str_n(r->levels[i].boundary, r->levels[i].len);
		if (!str_starts(line, mark))
			continue;
		struct str after = str_sub(line, mark.len, line.len);
		if (after.len > 0 && !str_is(after, "--"))
			continue;
		r->n_levels = after.len > 0 ? i : i + 1;
		if (after.len > 0)
			begin_text(r);
		else
			begin_part(r);
		return true;
	}
	return false;
}

void
mime_init(struct mime_reader *r, struct str text)
{
	r->rest = text;
	r->n_levels = r->n_parts = 0;
	r->in_line = false;
	begin_header(r);
}

static struct str
take_line(struct mime_reader *r)
{
	size_t most = r->rest.len < MIME_LINE_MAX ? r->rest.len : MIME_LINE_MAX;
	const char *end = memchr(r->rest.ptr, '\n', most);
	size_t n = end != NULL ? (size_t)(end - r->rest.ptr) + 1 : most;
	struct str line = str_sub(r->rest, 0, n);
	r->rest = str_sub(r->rest, n, r->rest.len);
	r->in_line = end == NULL;
	return line;
}

bool
mime_next(struct mime_reader *r, struct mime_piece *out)
{
	*out = (struct mime_piece){ STR_EMPTY, false };
	if (r->rest.len == 0)
		return false;
	bool continues = r->in_line;
	struct str line = take_line(r);
	if (!continues && boundary_line(r, line))
		return true;
	if (r->in_header) {
		header_line(r, line, continues);
		return true;
	}
	out->bytes = line;
	out->begins = !r->told;
	r->told = true;
	return true;
}

/* ---- codings ---- */

void
mime_decoder_init(struct mime_decoder *d, enum mime_coding coding)
{
	*d = (struct mime_decoder){ .coding = coding };
}

static size_t
decode_base64(struct mime_decoder *d, struct str in, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < in.len; i++) {
		int six = num_base64_digit(in.ptr[i]);
		/* the end of one text; another may follow */
		if (in.ptr[i] == '=')
			d->n_bits = 0;
		if (six < 0)
			continue;
		d->bits = (d->bits << 6 | (uint32_t)six) & 0xffffff;
		d->n_bits += 6;
		if (d->n_bits < 8)
			continue;
		d->n_bits -= 8;
		out[n++] = (char)(d->bits >> d->n_bits & 0xff);
	}
	return n;
}

enum {
	QUOTED_NOTHING,
	QUOTED_SIGN, /* "=" was read */
	QUOTED_DIGIT /* "=X" was read; X is held */
};

static size_t
decode_quoted(struct mime_decoder *d, struct str in, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i];
		int digit = num_hex_digit(c);
		if (d->state == QUOTED_DIGIT && digit >= 0) {
			out[n++] = (char)(num_hex_digit(d->held) * 16 + digit);
			d->state = QUOTED_NOTHING;
			continue;
		}
		if (d->state == QUOTED_SIGN && digit >= 0) {
			d->held = c;
			d->state = QUOTED_DIGIT;
			continue;
		}
		if (d->state == QUOTED_SIGN && ascii_is_space(c)) {
			/* a soft line end, blanks before it are of no account
			 */
			d->state = c == '\n' ? QUOTED_NOTHING : QUOTED_SIGN;
			continue;
		}
		if (d->state != QUOTED_NOTHING)
			out[n++] = '=';
		if (d->state == QUOTED_DIGIT)
			out[n++] = d->held;
		d->state = c == '=' ? QUOTED_SIGN : QUOTED_NOTHING;
		if (c != '=')
			out[n++] = c;
	}
	return n;
}

size_t
mime_decode(struct mime_decoder *d, struct str in, char *out)
{
	switch (d->coding) {
	case MIME_BASE64:
		return decode_base64(d, in, out);
	case MIME_QUOTED_PRINTABLE:
		return decode_quoted(d, in, out);
	case MIME_AS_IT_IS:
		break;
	}
	if (in.len > 0)
		memcpy(out, in.ptr, in.len);
	return in.len;
}
