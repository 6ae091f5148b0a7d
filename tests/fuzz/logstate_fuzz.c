/*
 * Fuzzes the reader of qplogsumm's state (LG-65): names are views into the
 * text, never empty, and what is read comes back when it is written again.
 * Exercises core/maillog/logstate.c.
 */
#include "core/maillog/logstate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
read_again(const struct logstate_line *line)
{
	char label[TAI64N_SIZE + 1], *text = NULL;
	size_t n = 0;
	struct logstate_line again;
	FILE *f = open_memstream(&text, &n);
	require(f != NULL);
	fwrite(line->name.ptr, 1, line->name.len, f);
	fprintf(f, " %s %llu\n", tai64n_format(line->since, label),
	    (unsigned long long)line->total);
	fclose(f);
	struct str rest = str_n(text, n);
	require(logstate_next(&rest, &again));
	require(str_eq(again.name, line->name));
	require(again.total == line->total &&
		tai64n_cmp(again.since, line->since) == 0);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size), rest = text;
	struct logstate_line line;
	while (logstate_next(&rest, &line)) {
		require(line.name.len > 0);
		require(line.name.ptr >= text.ptr &&
			line.name.ptr + line.name.len <= text.ptr + text.len);
		read_again(&line);
	}
	return 0;
}
