/*
 * Fuzzes received reports: mail, gzip, zip, XML. Exercises cmd/dmarcread/,
 * which runs in a process of its own behind walls.
 */
#include "cmd/dmarcread/read.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT(READ_OUTPUT_MAX);
	struct reading r = { .out = &out };
	r.arena = arena_new((size_t)1 << 28, NULL, NULL);
	if (r.arena == NULL)
		abort();
	read_any(&r, str_n((const char *)data, size), 0);
	/* every line is one of those the reader knows */
	struct str rest = buf_str(&out), line;
	while (str_next_line(&rest, &line))
		if (line.len == 0 || strchr("+-=!", line.ptr[0]) == NULL)
			abort();
	buf_clear(&out);
	arena_free(r.arena);
	return 0;
}
