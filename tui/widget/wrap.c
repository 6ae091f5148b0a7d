/* Word wrap. */
#include "tui/widget/wrap.h"

#include "core/base/utf8.h"

bool
wrap_next(struct str *text, size_t columns, struct str *line)
{
	while (text->len > 0 && text->ptr[0] == ' ')
		*text = str_sub(*text, 1, text->len);
	if (text->len == 0 || columns == 0)
		return false;
	size_t newline = str_find(*text, '\n', 0);
	struct str part = str_sub(*text, 0, newline);
	struct str fit = utf8_prefix(part, columns);
	size_t end = fit.len, next;
	if (end < part.len) {
		while (end > 0 && part.ptr[end] != ' ')
			end--;
		if (end == 0)
			end = fit.len > 0 ? fit.len : 1;
		next = end;
	} else {
		next = newline < text->len ? newline + 1 : newline;
	}
	*line = str_sub(part, 0, end);
	while (line->len > 0 && line->ptr[line->len - 1] == ' ')
		line->len--;
	*text = str_sub(*text, next, text->len);
	return true;
}
