/* Private to the index of logs: its keys, filters, and the form of its file. */
#ifndef CORE_MAILLOG_LOGINDEX_INT_H
#define CORE_MAILLOG_LOGINDEX_INT_H

#include "core/maillog/logindex.h"
#include "core/maillog/logread_int.h"

/*
 * Keys are windows of bytes, letter case aside: around each '@' so and so many
 * bytes on either side, around a dot of a name and a colon of an IPv6 address,
 * behind "q-", and dotted quads with the first and last number cut short or
 * not. Whatever keys a text has, every line in which it stands has
 * them too, so that a text in the middle of a word is found as well.
 */
enum {
	LOGINDEX_RIGHT = 16,  /* bytes behind an '@', at most */
	LOGINDEX_NUMBER = 24, /* longer ones have no key */
};
/* Call 'key' for those with their '@' or last dot in [from, to) of 'text'. */
void logindex_keys(struct str text, size_t from, size_t to,
    void (*key)(void *ctx, uint64_t hash), void *ctx);

/*
 * Keys of whole numbers, and ids, by which lines name a message, a delivery or
 * a process: those with their word, or the ']' behind them, in [from, to). One
 * stands for all that was put into mailboxes.
 */
#define LOGINDEX_DELIVERED STR("lda")
void logindex_numbers(struct str text, size_t from, size_t to,
    void (*key)(void *ctx, uint64_t hash), void *ctx);
/* Of one that a line begins with behind its stamp. */
void logindex_head_keys(
    struct str text, void (*key)(void *ctx, uint64_t hash), void *ctx);
/* Those of a number; none where it is too long, or no word. */
void logindex_number_keys(
    struct str number, void (*key)(void *ctx, uint64_t hash), void *ctx);

/*
 * Bloom filters of one size, each a column of bits. A stretch has as many as
 * its keys fill; all keys of one '@', dot or number are in the same one.
 */
enum {
	LOGCOLUMN_BITS = 8192,
	LOGCOLUMN_BYTES = LOGCOLUMN_BITS / 8,
	LOGCOLUMN_HASHES = 4, /* bits that a key sets */
};
struct logcolumns {
	struct buf bytes; /* of all of them */
	size_t set;       /* bits of the last one */
};
/* One more, which keys are added to from now on. False: no room. */
MUST_USE bool logcolumns_begin(struct logcolumns *c);
/* One more if the last one is full: between the keys of two things. */
MUST_USE bool logcolumns_go_on(struct logcolumns *c);
void logcolumns_add(void *c, uint64_t hash);
size_t logcolumns_n(const struct logcolumns *c);
/* The i-th of the bits that a key sets. */
uint32_t logcolumns_bit(uint64_t hash, unsigned i);

/*
 * They are written row by row: bit 0 of all of them, a checksum, bit 1 ...
 */
enum {
	LOGROW_CHECK = 4 /* bytes of the checksum */
};
static inline size_t
logrow_bytes(size_t columns)
{
	return (columns + 7) / 8;
}
uint32_t logrow_checksum(uint32_t row, const void *bits, size_t n);
MUST_USE bool logcolumns_write(const struct logcolumns *c, struct buf *out);
/* All of an index. False: damaged, or out of memory. */
MUST_USE bool logcolumns_read(const struct logindex *x, struct logcolumns *c);

/* A hash of bytes, by words; 'h' is that of what stands before. */
uint64_t logindex_hash(uint64_t h, const void *bytes, size_t n);

/*
 * The file: header, files, chunks, marks, rows; numbers as the machine has
 * them, as the index is made anew on another.
 */
enum {
	LOGINDEX_VERSION = 4,
	LOGINDEX_FILES_MAX = 16384,
	LOGINDEX_CHUNKS_MAX = 65536,
	LOGINDEX_COLUMNS_MAX = LOGINDEX_MAX / LOGCOLUMN_BYTES,
	LOGINDEX_MARKS_MAX = 1 << 18,
	LOGINDEX_MARK_STEP = 16 * 1024, /* bytes from one to the next */
	LOGINDEX_ENDS = 64, /* bytes at either end that tell a file */
	LOGINDEX_KEYS = 64, /* that are looked for; more tell nothing new */
};
#define LOGINDEX_MAGIC "smlogidx" /* not NUL-terminated in the file */

struct logindex_header {
	char magic[8];
	uint32_t version;
	uint32_t order; /* 0x01020304 */
	uint32_t n_files, n_chunks, n_marks, n_columns;
	uint64_t checksum; /* of files, chunks and marks */
};

/* A log file as it was read. */
struct logindex_file {
	uint64_t ino, size;
	int64_t mtime_ns;
	uint64_t head, tail; /* its first bytes; those before its last chunk's
				end */
	uint32_t first, n;   /* its chunks, from the start of the file on */
};

enum {
	LOGINDEX_TIMED = 1,  /* it begins with a time, and all are known */
	LOGINDEX_RISING = 2, /* none is older than the one before */
};

struct logindex_chunk {
	uint64_t from, to; /* whole lines of the log file; the first has a time
			    */
	int64_t first_ns, last_ns; /* times of its lines, if it is timed */
	uint32_t column, n_columns;
	uint32_t mark;
	uint16_t n_marks;
	uint16_t flags; /* LOGINDEX_TIMED ... */
};

/* Where a line begins, and its time. */
struct logindex_mark {
	uint64_t at;
	int64_t ns;
};

/* The stretches that have some keys; kept, as a search asks window by window */
struct logindex_asked {
	bool is_set;
	size_t n;
	uint64_t keys[LOGINDEX_KEYS];
	unsigned char may[LOGINDEX_CHUNKS_MAX / 8];
};

/* One thread at a time. */
struct logindex {
	int fd;
	struct logindex_header header;
	struct logindex_file *files;
	struct logindex_chunk *chunks;
	struct logindex_mark *marks;
	struct logindex_asked *asked;
};

/* Of the tables of so many. */
uint64_t logindex_checksum(const struct logindex_header *h, const void *files,
    const void *chunks, const void *marks);

/* Read a row of bits (logrow_bytes). False where it is damaged. */
MUST_USE bool logindex_row(
    const struct logindex *x, uint32_t row, unsigned char *bits);
/* Where it is in the file, with its checksum. */
uint64_t logindex_row_at(const struct logindex *x, uint32_t row);

/* What the index knows of the file of a part, if it is still so; or NULL. */
const struct logindex_file *logindex_find(
    const struct logindex *x, const struct logpart *part);
/* The first time of the file; false if the index does not have it. */
bool logindex_first_key(
    const struct logindex *x, const struct logindex_file *f, int64_t *key_ns);
/*
 * Cut [from, to) of a part, all of its file, down to what has the lines of the
 * range of 'p'. False, and nothing is cut, if the times are not known.
 */
bool logindex_range(const struct logindex *x, const struct logindex_file *f,
    const struct logplan *p, struct logpart *part);
/* Hash of the 'n' bytes before 'to' in a file; false if they cannot be read. */
bool logindex_ends(int fd, uint64_t to, uint64_t *hash);
/* Does a line begin here that has a time? */
bool logindex_starts(struct str text, int64_t now_s);

#endif
