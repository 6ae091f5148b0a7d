/* The heap, as far as the C library lets it be told (glibc). */
#include "core/sys/memory.h"

#include <features.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

enum {
	LARGE = 128 * 1024
};

void
memory_prepare(void)
{
#if defined(__GLIBC__)
	/*
	 * Left alone the bound rises to the largest piece ever freed, and from
	 * then on such pieces stay in the heap.
	 */
	mallopt(M_MMAP_THRESHOLD, LARGE);
	mallopt(M_TRIM_THRESHOLD, LARGE);
	mallopt(M_ARENA_MAX, 1);
#endif
}

void
memory_give_back(void)
{
#if defined(__GLIBC__)
	malloc_trim(0);
#endif
}
