/*
 * Fuzzes message headers and their dates. The fields add up to the header,
 * and what follows is the body. Exercises core/mail/header.c, date.c.
 */
#include "core/mail/date.h"
#include "core/mail/header.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_field(const struct filter_field *f)
{
	struct buf value = BUF_INIT(MAIL_HEADER_MAX);
	int64_t date;
	require(f->whole.len > 0 && f->whole.ptr[0] != '\n');
	require(f->name.len + f->body.len <= f->whole.len);
	require(mail_field_unfold(&value, f));
	require(str_find(buf_str(&value), '\n', 0) == value.len);
	if (mail_date_parse(buf_str(&value), &date)) {
		char text[MAIL_DATE_SIZE];
		int64_t again;
		mail_date_format(date, text);
		require(mail_date_parse(str_of(text), &again));
		/* a leap second becomes the next one */
		require(again == date);
	}
	buf_clear(&value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)1 << 30, NULL, NULL);
	struct str text = str_n((const char *)data, size);
	struct mail_header h;
	require(a != NULL);
	if (mail_header_parse(text, a, &h) == MAIL_HEADER_OK) {
		size_t total = 0;
		for (size_t i = 0; i < h.n_fields; i++) {
			require(h.fields[i].whole.ptr == text.ptr + total);
			total += h.fields[i].whole.len;
			check_field(&h.fields[i]);
		}
		require(total == h.text.len);
		require(h.text.len + h.body.len <= size);
		require(h.text.len + h.body.len + 1 >= size);
	}
	arena_free(a);
	return 0;
}
