/*
 * Fuzzes messages as uribl reads them: parts and codings, disguised links,
 * encoded words, and the names to ask for. Exercises core/mail/mime.c,
 * links.c, links_host.c, links_undo.c, words.c and core/filter/links.c.
 */
#include "core/filter/links_int.h"
#include "core/mail/header.h"
#include "core/mail/words.h"

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
check_name(const struct linked_name *n)
{
	require(fact_name_is_valid(n->name));
	require(n->registered.len > 0 && str_ends(n->name, n->registered));
	require(n->shown.len <= LINK_HOST_MAX);
	for (size_t i = 0; i < n->name.len; i++)
		require(n->name.ptr[i] > ' ' && n->name.ptr[i] <= '~' &&
			n->name.ptr[i] == ascii_lower(n->name.ptr[i]));
}

static void
check_words(struct str text)
{
	struct buf out = BUF_INIT(text.len);
	require(mail_words_decode(&out, text));
	buf_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct linked l;
	struct arena *a = arena_new((size_t)1 << 30, NULL, NULL);
	struct str text = str_n((const char *)data, size);
	struct mail_header h;
	require(a != NULL);
	if (mail_header_parse(text, a, &h) == MAIL_HEADER_OK) {
		struct filter_message m = { text, h.body, h.fields, h.n_fields,
			0 };
		l = (struct linked){ .with_addresses = true };
		linked_init(&l, a, NULL);
		linked_read_header(&l, &m);
		while (!linked_read(&l, &m))
			;
		require(l.n <= LINKED_MAX);
		for (size_t i = 0; i < l.n; i++)
			check_name(&l.names[i]);
		linked_clear(&l);
	}
	check_words(text);
	arena_free(a);
	return 0;
}
