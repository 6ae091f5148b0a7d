/* Text for a terminal: a code set without the character, cells of a line. */
#include "tui/term_int.h"

#include "core/base/utf8.h"

#include <stdint.h>
#include <string.h>

void
term_text_fold(struct buf *text)
{
	struct buf out = BUF_INIT(TERM_TEXT_MAX);
	struct str s = buf_str(text);
	while (s.len > 0) {
		uint32_t cp;
		size_t n = utf8_decode(s, &cp);
		mbstate_t state;
		char bytes[16];
		if (n == 0)
			n = 1;
		memset(&state, 0, sizeof(state));
		if (n == 1 || wcrtomb(bytes, (wchar_t)cp, &state) != (size_t)-1)
			buf_add(&out, s.ptr, n);
		else
			buf_add_cstr(&out, utf8_ascii_form(cp));
		s = str_sub(s, n, s.len);
	}
	buf_reset(text);
	buf_add_str(text, buf_str(&out));
	buf_clear(&out);
}

size_t
term_text_cell(struct str s, wchar_t cell[TERM_CELL_CHARS + 1], int *width)
{
	size_t used = 0, n = 0;
	*width = 0;
	while (used < s.len && n < TERM_CELL_CHARS) {
		uint32_t cp;
		size_t bytes = utf8_decode(str_sub(s, used, s.len), &cp);
		if (bytes == 0) {
			bytes = 1;
			cp = '?';
		}
		int w = utf8_width(cp);
		if (n > 0 && w > 0)
			break;
		if (n == 0) {
			if (w <= 0 || wcwidth((wchar_t)cp) != w) {
				cp = '?'; /* libc would draw it otherwise */
				w = 1;
			}
			*width = w;
		}
		cell[n++] = (wchar_t)cp;
		used += bytes;
	}
	cell[n] = L'\0';
	return used;
}
