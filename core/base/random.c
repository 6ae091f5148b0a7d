/* Random numbers: getrandom, without a file descriptor. */
#include "core/base/random.h"

#include <stdlib.h>
#include <sys/random.h>

void
random_bytes(void *to, size_t n)
{
	unsigned char *p = to;
	while (n > 0) {
		size_t part = n < 256 ? n : 256;
		ssize_t got = getrandom(p, part, 0);
		if (got <= 0)
			abort(); /* a kernel without random numbers */
		p += got;
		n -= (size_t)got;
	}
}

uint32_t
random_u32(void)
{
	uint32_t v;
	random_bytes(&v, sizeof(v));
	return v;
}

uint64_t
random_process_seed(void)
{
	/* the one mutable value of this file: written once, only a seed */
	static uint64_t seed;
	if (seed == 0) {
		random_bytes(&seed, sizeof(seed));
		seed |= 1;
	}
	return seed;
}
