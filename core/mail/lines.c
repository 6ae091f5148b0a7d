/* Line ends of messages. */
#include "core/mail/lines.h"

#include <string.h>

void
mail_lines_to_lf(struct buf *text)
{
	char *p = text->data, *end = p + text->len, *to;
	char *cr = text->len > 0 ? memchr(p, '\r', text->len) : NULL;
	if (cr == NULL)
		return;
	to = cr;
	for (p = cr; p < end; p = cr) {
		char *next;
		if (p + 1 < end && p[1] == '\n')
			p++;
		next = memchr(p + 1, '\r', (size_t)(end - p - 1));
		cr = next != NULL ? next : end;
		memmove(to, p, (size_t)(cr - p));
		to += cr - p;
	}
	buf_truncate(text, (size_t)(to - text->data));
}
