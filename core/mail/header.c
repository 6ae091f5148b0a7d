/* Splitting a header into fields, without copying. */
#include "core/mail/header.h"

#include "core/base/block.h"
#include "core/base/find.h"

/* RFC 5322 ftext; anything else makes the line no field. */
static bool
is_name_char(char c)
{
	return c > ' ' && c <= '~' && c != ':';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* How many bytes of the line may be its name. */
static size_t
name_length(struct str line)
{
	const char *p = line.ptr, *end = p + line.len;
	for (; end - p >= BLOCK_BYTES; p += BLOCK_BYTES) {
		uint64_t name = block_upto(p, '~') & ~block_upto(p, ' ') &
				~block_equal(p, ':');
		if (name != BLOCK_ALL)
			return (size_t)(p - line.ptr) + block_first(~name);
	}
	while (p < end && is_name_char(*p))
		p++;
	return (size_t)(p - line.ptr);
}

/* Set name and body when the line is a field. */
static void
field_split(struct filter_field *f)
{
	struct str line = f->whole;
	if (line.len > 0 && line.ptr[line.len - 1] == '\n')
		line.len--;
	size_t n = name_length(line), colon = n;
	/* obsolete syntax has blanks before the colon (RFC 5322 4.5) */
	while (colon < line.len && is_blank(line.ptr[colon]))
		colon++;
	if (n == 0 || colon == line.len || line.ptr[colon] != ':')
		return;
	f->name = str_sub(line, 0, n);
	f->body = str_sub(line, colon + 1, line.len);
}

/*
 * Where the field that begins at 'from' ends, with its continuation lines; 0 at
 * the end of the header.
 */
static size_t
field_end(struct str text, size_t from)
{
	if (from >= text.len || text.ptr[from] == '\n')
		return 0;
	const char *p = text.ptr + from, *end = text.ptr + text.len;
	do {
		const char *lf = find_near(p, end, '\n');
		p = lf != NULL ? lf + 1 : end;
	} while (p < end && is_blank(*p));
	return (size_t)(p - text.ptr);
}

enum mail_header_status
mail_header_parse(struct str text, struct arena *a, struct mail_header *out)
{
	size_t ends[MAIL_FIELDS_MAX], n = 0, at = 0, end;
	*out = (struct mail_header){ 0 };
	while ((end = field_end(text, at)) > 0) {
		if (end > MAIL_HEADER_MAX)
			return MAIL_HEADER_TOO_BIG;
		if (n == MAIL_FIELDS_MAX)
			return MAIL_HEADER_TOO_MANY;
		ends[n++] = at = end;
	}
	out->text = str_sub(text, 0, at);
	out->body = str_sub(text, at + 1, text.len);
	out->fields = ARENA_ARRAY(a, n, struct filter_field);
	if (n > 0 && out->fields == NULL)
		return MAIL_HEADER_OUT_OF_MEMORY;
	out->n_fields = n;
	for (size_t i = 0, from = 0; i < n; from = ends[i++]) {
		out->fields[i].whole = str_sub(text, from, ends[i]);
		field_split(&out->fields[i]);
	}
	return MAIL_HEADER_OK;
}

size_t
mail_fields_count(const struct filter_field *fields, size_t n, const char *name)
{
	struct str wanted = str_of(name);
	size_t count = 0;
	/* most names differ in length already: no call is made for them */
	for (size_t i = 0; i < n; i++)
		count += fields[i].name.len == wanted.len &&
			 str_eq_nocase(fields[i].name, wanted);
	return count;
}

const struct filter_field *
mail_fields_find(const struct filter_field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (str_is_nocase(fields[i].name, name))
			return &fields[i];
	}
	return NULL;
}

bool
mail_header_find(struct str text, const char *name, struct filter_field *out)
{
	size_t end;
	for (size_t at = 0; (end = field_end(text, at)) > 0; at = end) {
		*out = (struct filter_field){ .whole = str_sub(text, at, end) };
		field_split(out);
		if (str_is_nocase(out->name, name))
			return true;
	}
	return false;
}

bool
mail_field_unfold(struct buf *out, const struct filter_field *f)
{
	struct str body = str_trim(f->body);
	for (size_t i = 0; i < body.len; i++) {
		if (body.ptr[i] != '\n')
			buf_add_char(out, body.ptr[i]);
	}
	return !out->failed;
}
