/* Random numbers from the kernel. */
#ifndef CORE_BASE_RANDOM_H
#define CORE_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fill with unpredictable bytes; never fails short of a broken kernel. */
void random_bytes(void *to, size_t n);
uint32_t random_u32(void);
/* One number chosen at the first call, for seeding hash tables. */
uint64_t random_process_seed(void);

#endif
