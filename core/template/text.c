/* Text of fragments as the reference's template language reads it. */
#include "core/template/template.h"

/*
 * A run of backslashes at 'i': true with what it stands for when a brace
 * follows (ES-91): each pair is one backslash, an odd one takes the meaning
 * off the brace.
 */
static bool
before_brace(struct str text, size_t i, size_t *run, bool *escaped)
{
	size_t n = 0;
	while (i + n < text.len && text.ptr[i + n] == '\\')
		n++;
	*run = n;
	*escaped = n % 2 == 1;
	return i + n < text.len &&
	       (text.ptr[i + n] == '{' || text.ptr[i + n] == '}');
}

enum template_text
template_text_copy(struct str text, struct buf *out)
{
	size_t i = 0;
	while (i < text.len) {
		char c = text.ptr[i];
		size_t run;
		bool escaped;
		if (c == '{')
			return TEMPLATE_TEXT_CODE;
		if (c == '}')
			return TEMPLATE_TEXT_UNMATCHED;
		if (c != '\\') {
			buf_add_char(out, c);
			i++;
			continue;
		}
		bool brace = before_brace(text, i, &run, &escaped);
		for (size_t k = 0; k < (brace ? run / 2 : run); k++)
			buf_add_char(out, '\\');
		i += run;
		if (brace && escaped)
			buf_add_char(out, text.ptr[i++]);
	}
	return TEMPLATE_TEXT_OK;
}
