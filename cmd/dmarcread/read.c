/* What is it: XML, packed, or a message? By its bytes, not by its name. */
#include "cmd/dmarcread/read.h"

static struct str
skip_blank(struct str s)
{
	if (str_starts(s, STR("\xef\xbb\xbf")))
		s = str_sub(s, 3, s.len);
	while (s.len > 0 && ascii_is_space(s.ptr[0]))
		s = str_sub(s, 1, s.len);
	return s;
}

/* "Name: ..." at the start, or mbox's "From " line. */
static bool
is_message(struct str s)
{
	size_t i = 0;
	if (str_starts(s, STR("From ")))
		return true;
	while (i < s.len && (ascii_is_alnum(s.ptr[i]) || s.ptr[i] == '-'))
		i++;
	return i > 0 && i < s.len && s.ptr[i] == ':';
}

void
read_any(struct reading *r, struct str bytes, unsigned nesting)
{
	struct str text = skip_blank(bytes);
	if (nesting > READ_NESTING_MAX) {
		r->problem = "packed too often";
		return;
	}
	if (str_starts(bytes, STR("\x1f\x8b")))
		read_gzip(r, bytes, nesting);
	else if (str_starts(bytes, STR("PK\3\4")))
		read_zip(r, bytes, nesting);
	else if (text.len > 0 && text.ptr[0] == '<')
		(void)read_xml(r, text);
	else if (nesting == 0 && is_message(text))
		read_message(r, text, nesting);
}
