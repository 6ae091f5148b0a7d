/*
 * The filters of an index, each a column of bits, and the rows in which they
 * are written: whoever looks for a key needs four rows, however many filters
 * there are.
 */
#include "core/maillog/logindex_int.h"

enum {
	FULL = LOGCOLUMN_BITS * 7 / 10, /* one key in four seems to be there */
};

bool
logcolumns_begin(struct logcolumns *c)
{
	static const unsigned char none[LOGCOLUMN_BYTES];
	c->set = 0;
	return buf_add(&c->bytes, none, sizeof(none));
}

bool
logcolumns_go_on(struct logcolumns *c)
{
	return c->set < FULL || logcolumns_begin(c);
}

uint32_t
logcolumns_bit(uint64_t hash, unsigned i)
{
	return (uint32_t)(hash + i * (hash >> 32 | 1)) % LOGCOLUMN_BITS;
}

void
logcolumns_add(void *ctx, uint64_t hash)
{
	struct logcolumns *c = ctx;
	char *last = c->bytes.data + c->bytes.len - LOGCOLUMN_BYTES;
	for (unsigned i = 0; i < LOGCOLUMN_HASHES; i++) {
		uint32_t bit = logcolumns_bit(hash, i);
		unsigned char *byte = (unsigned char *)last + bit / 8;
		unsigned char mask = (unsigned char)(1u << bit % 8);
		c->set += (*byte & mask) == 0;
		*byte |= mask;
	}
}

size_t
logcolumns_n(const struct logcolumns *c)
{
	return c->bytes.len / LOGCOLUMN_BYTES;
}

/*
 * Eight bytes as rows of eight bits, turned: across the diagonal change places
 * single bits, then blocks of two by two, then of four by four.
 */
static uint64_t
turned(uint64_t x)
{
	uint64_t t = (x ^ x >> 7) & 0x00aa00aa00aa00aau;
	x ^= t ^ t << 7;
	t = (x ^ x >> 14) & 0x0000cccc0000ccccu;
	x ^= t ^ t << 14;
	t = (x ^ x >> 28) & 0x00000000f0f0f0f0u;
	return x ^ t ^ t << 28;
}

uint32_t
logrow_checksum(uint32_t row, const void *bits, size_t n)
{
	return (uint32_t)logindex_hash(row, bits, n);
}

/* Byte 'at' of eight columns at most, from the 'first' one on. */
static uint64_t
gather(const struct logcolumns *c, size_t first, size_t at)
{
	size_t n = logcolumns_n(c) - first;
	uint64_t x = 0;
	for (size_t i = 0; i < n && i < 8; i++) {
		size_t offset = (first + i) * LOGCOLUMN_BYTES + at;
		x |= (uint64_t)(unsigned char)c->bytes.data[offset] << (8 * i);
	}
	return x;
}

bool
logcolumns_write(const struct logcolumns *c, struct buf *out)
{
	size_t n = logrow_bytes(logcolumns_n(c)), stride = n + LOGROW_CHECK;
	size_t start = out->len;
	if (!buf_reserve(out, stride * LOGCOLUMN_BITS))
		return false;
	out->len += stride * LOGCOLUMN_BITS;
	unsigned char *rows = (unsigned char *)out->data + start;
	for (size_t at = 0; at < LOGCOLUMN_BYTES; at++) {
		unsigned char *eight = rows + at * 8 * stride;
		for (size_t g = 0; g < n; g++) {
			uint64_t x = turned(gather(c, g * 8, at));
			for (size_t i = 0; i < 8; i++)
				eight[i * stride + g] =
				    (unsigned char)(x >> (8 * i));
		}
		for (size_t i = 0; i < 8; i++) {
			unsigned char *row = eight + i * stride;
			uint32_t sum =
			    logrow_checksum((uint32_t)(at * 8 + i), row, n);
			memcpy(row + n, &sum, sizeof(sum));
		}
	}
	return true;
}

/* Byte 'at' of all columns, out of its eight rows. */
static void
scatter(
    struct logcolumns *c, const unsigned char *eight, size_t stride, size_t at)
{
	size_t n = logcolumns_n(c);
	for (size_t first = 0; first < n; first += 8) {
		uint64_t x = 0;
		for (size_t i = 0; i < 8; i++)
			x |= (uint64_t)eight[i * stride + first / 8] << (8 * i);
		x = turned(x);
		for (size_t i = 0; i < 8 && first + i < n; i++)
			c->bytes.data[(first + i) * LOGCOLUMN_BYTES + at] =
			    (char)(x >> (8 * i));
	}
}

bool
logcolumns_read(const struct logindex *x, struct logcolumns *c)
{
	size_t columns = x->header.n_columns;
	size_t n = logrow_bytes(columns), stride = n + LOGROW_CHECK;
	unsigned char *eight = malloc(8 * stride);
	bool ok =
	    eight != NULL && buf_reserve(&c->bytes, columns * LOGCOLUMN_BYTES);
	c->bytes.len = ok ? columns * LOGCOLUMN_BYTES : 0;
	for (uint32_t row = 0; ok && row < LOGCOLUMN_BITS; row += 8) {
		for (uint32_t i = 0; ok && i < 8; i++)
			ok = logindex_row(x, row + i, eight + i * stride);
		if (ok)
			scatter(c, eight, stride, row / 8);
	}
	free(eight);
	return ok;
}
