/* Splitting a header into fields, without copying. */
#include "core/mail/header.h"

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

/* Set name and body when the line is a field. */
static void
field_split(struct filter_field *f)
{
	struct str line = f->whole;
	if (line.len > 0 && line.ptr[line.len - 1] == '\n')
		line.len--;
	size_t n = 0;
	while (n < line.len && is_name_char(line.ptr[n]))
		n++;
	size_t colon = n;
	/* obsolete syntax has blanks before the colon (RFC 5322 4.5) */
	while (colon < line.len && is_blank(line.ptr[colon]))
		colon++;
	if (n == 0 || colon == line.len || line.ptr[colon] != ':')
		return;
	f->name = str_sub(line, 0, n);
	f->body = str_sub(line, colon + 1, line.len);
}

/*
 * The next field with its continuation lines, not yet split; false at the end
 * of the header. *text is left behind it.
 */
static bool
take_field(struct str *text, struct str *whole)
{
	if (text->len == 0 || text->ptr[0] == '\n')
		return false;
	size_t end = 0;
	do {
		end = str_find(*text, '\n', end);
		if (end < text->len)
			end++;
	} while (end < text->len && is_blank(text->ptr[end]));
	*whole = str_sub(*text, 0, end);
	*text = str_sub(*text, end, text->len);
	return true;
}

enum mail_header_status
mail_header_parse(struct str text, struct arena *a, struct mail_header *out)
{
	*out = (struct mail_header){ 0 };
	struct str rest = text, whole;
	size_t count = 0;
	while (take_field(&rest, &whole)) {
		if (text.len - rest.len > MAIL_HEADER_MAX)
			return MAIL_HEADER_TOO_BIG;
		if (++count > MAIL_FIELDS_MAX)
			return MAIL_HEADER_TOO_MANY;
	}
	out->text = str_sub(text, 0, text.len - rest.len);
	out->body = str_sub(rest, 1, rest.len);
	out->fields = ARENA_ARRAY(a, count, struct filter_field);
	if (count > 0 && out->fields == NULL)
		return MAIL_HEADER_OUT_OF_MEMORY;
	rest = out->text;
	while (out->n_fields < count && take_field(&rest, &whole)) {
		struct filter_field *f = &out->fields[out->n_fields++];
		*f = (struct filter_field){ .whole = whole };
		field_split(f);
	}
	return MAIL_HEADER_OK;
}

size_t
mail_fields_count(const struct filter_field *fields, size_t n, const char *name)
{
	struct str wanted = str_of(name);
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += str_eq_nocase(fields[i].name, wanted);
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
mail_field_unfold(struct buf *out, const struct filter_field *f)
{
	struct str body = str_trim(f->body);
	for (size_t i = 0; i < body.len; i++) {
		if (body.ptr[i] != '\n')
			buf_add_char(out, body.ptr[i]);
	}
	return !out->failed;
}
