/* Growable byte buffer with a maximum and sticky failure. */
#include "core/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf)BUF_INIT(max);
}

void
buf_clear(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

void
buf_wipe(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->cap);
	buf_clear(b);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_settle(struct buf *b, size_t keep)
{
	if (b->cap > keep)
		buf_clear(b);
	else
		buf_reset(b);
}

void
buf_truncate(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->data[len] = '\0';
}

static bool
buf_fail(struct buf *b)
{
	b->failed = true;
	return false;
}

char *
buf_reserve(struct buf *b, size_t n)
{
	if (b->failed || n > b->max || b->len > b->max - n) {
		buf_fail(b);
		return NULL;
	}
	size_t need = b->len + n + 1;
	if (need > b->cap) {
		size_t cap = b->cap < 64 ? 64 : b->cap;
		while (cap < need)
			cap = cap > SIZE_MAX / 2 ? need : cap * 2;
		if (cap > b->max + 1 && b->max < SIZE_MAX)
			cap = b->max + 1;
		char *data = realloc(b->data, cap);
		if (data == NULL) {
			buf_fail(b);
			return NULL;
		}
		b->data = data;
		b->cap = cap;
	}
	return b->data + b->len;
}

void
buf_used(struct buf *b, size_t n)
{
	b->len += n;
	b->data[b->len] = '\0';
}

bool
buf_add(struct buf *b, const void *bytes, size_t n)
{
	char *to = buf_reserve(b, n);
	if (to == NULL)
		return false;
	if (n > 0)
		memcpy(to, bytes, n);
	buf_used(b, n);
	return true;
}

bool
buf_add_str(struct buf *b, struct str s)
{
	return buf_add(b, s.ptr, s.len);
}

bool
buf_add_cstr(struct buf *b, const char *c)
{
	return buf_add(b, c, strlen(c));
}

bool
buf_add_char(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#endif

bool
buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	char small[256];
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	bool ok = false;
	if (n < 0) {
		buf_fail(b);
	} else if ((size_t)n < sizeof(small)) {
		ok = buf_add(b, small, (size_t)n);
	} else {
		char *to = buf_reserve(b, (size_t)n);
		if (to != NULL) {
			vsnprintf(to, (size_t)n + 1, fmt, again);
			buf_used(b, (size_t)n);
			ok = true;
		}
	}
	va_end(again);
	return ok;
}

bool
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	bool ok = buf_vaddf(b, fmt, ap);
	va_end(ap);
	return ok;
}

void
buf_consume(struct buf *b, size_t n)
{
	if (n >= b->len) {
		buf_truncate(b, 0);
		return;
	}
	memmove(b->data, b->data + n, b->len - n);
	buf_truncate(b, b->len - n);
}

struct str
buf_str(const struct buf *b)
{
	return str_n(b->data, b->len);
}

const char *
buf_cstr(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}
