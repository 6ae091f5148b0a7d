/*
 * SipHash-2-4 with 128 bits (Aumasson and Bernstein, 2012): with a key that is
 * secret nobody can choose bytes that hash alike, nor others that hash like
 * those of somebody else.
 */
#ifndef CORE_BASE_SIPHASH_H
#define CORE_BASE_SIPHASH_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct siphash {
	uint64_t v[4];
	uint64_t word;   /* bytes that make no whole one yet */
	uint64_t length; /* of all so far */
};

struct siphash_sum {
	uint64_t half[2];
};

/* 'key' is copied; bytes may come in any pieces. */
void siphash_init(struct siphash *h, const uint64_t key[2]);
void siphash_add(struct siphash *h, struct str bytes);
/* The same with its length, so that two texts in a row cannot be cut anew. */
void siphash_add_text(struct siphash *h, struct str text);
struct siphash_sum siphash_end(struct siphash *h);
bool siphash_same(const struct siphash_sum *a, const struct siphash_sum *b);

#endif
