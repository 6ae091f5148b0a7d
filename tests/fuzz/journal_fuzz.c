/*
 * Fuzzes the reader of the journal's export format through a pipe, with small
 * reads. Exercises core/maillog/logjournal.c.
 */
#include "core/maillog/logread_int.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	INPUT_MAX = 60000 /* what a pipe holds */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int ends[2];
	char out[999];
	ssize_t got;
	if (size > INPUT_MAX || pipe(ends) != 0)
		return 0;
	if (write(ends[1], data, size) != (ssize_t)size)
		abort();
	close(ends[1]);
	struct logjournal *j = logjournal_new(ends[0]);
	size_t total = 0;
	while (j != NULL &&
	       (got = logjournal_read(j, out, 1 + total % sizeof(out))) > 0)
		total += (size_t)got;
	logjournal_free(j);
	close(ends[0]);
	return 0;
}
