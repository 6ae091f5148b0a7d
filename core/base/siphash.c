/* SipHash-2-4-128, fed piece by piece. */
#include "core/base/siphash.h"

enum {
	ROUNDS = 2,
	LAST_ROUNDS = 4,
	WORD = 8
};

static uint64_t
rotated(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void
mix(uint64_t v[4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[1] = rotated(v[1], 13) ^ v[0];
		v[0] = rotated(v[0], 32);
		v[2] += v[3];
		v[3] = rotated(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotated(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotated(v[1], 17) ^ v[2];
		v[2] = rotated(v[2], 32);
	}
}

static void
add_word(struct siphash *h)
{
	h->v[3] ^= h->word;
	mix(h->v, ROUNDS);
	h->v[0] ^= h->word;
	h->word = 0;
}

void
siphash_init(struct siphash *h, const uint64_t key[2])
{
	*h = (struct siphash){ .v = { key[0] ^ 0x736f6d6570736575u,
				   key[1] ^ 0x646f72616e646f6du ^ 0xee,
				   key[0] ^ 0x6c7967656e657261u,
				   key[1] ^ 0x7465646279746573u } };
}

/* Bytes make words with the first one lowest, on any machine. */
void
siphash_add(struct siphash *h, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		h->word |= (uint64_t)(unsigned char)bytes.ptr[i]
			   << 8 * (h->length % WORD);
		if (++h->length % WORD == 0)
			add_word(h);
	}
}

void
siphash_add_text(struct siphash *h, struct str text)
{
	uint64_t n = text.len;
	char length[WORD];
	for (size_t i = 0; i < WORD; i++)
		length[i] = (char)(n >> 8 * i & 0xff);
	siphash_add(h, str_n(length, WORD));
	siphash_add(h, text);
}

struct siphash_sum
siphash_end(struct siphash *h)
{
	struct siphash_sum sum;
	uint64_t *v = h->v;
	h->word |= h->length << 56;
	add_word(h);
	v[2] ^= 0xee;
	mix(v, LAST_ROUNDS);
	sum.half[0] = v[0] ^ v[1] ^ v[2] ^ v[3];
	v[1] ^= 0xdd;
	mix(v, LAST_ROUNDS);
	sum.half[1] = v[0] ^ v[1] ^ v[2] ^ v[3];
	return sum;
}

bool
siphash_same(const struct siphash_sum *a, const struct siphash_sum *b)
{
	return a->half[0] == b->half[0] && a->half[1] == b->half[1];
}
