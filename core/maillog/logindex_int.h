/* Private to the index of logs: its keys, filters, and the file's form. */
#ifndef CORE_MAILLOG_LOGINDEX_INT_H
#define CORE_MAILLOG_LOGINDEX_INT_H

#include "core/maillog/logindex.h"
#include "core/maillog/logread_int.h"

/*
 * Keys are windows of bytes, letter case aside: around each '@' so and so many
 * bytes on either side, and dotted quads with the first and last number cut
 * short or not. Whatever keys a text has, every line in which it stands has
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
 * a process: those with their word, or the ']' behind them, in [from, to).
 */
void logindex_numbers(struct str text, size_t from, size_t to,
    void (*key)(void *ctx, uint64_t hash), void *ctx);
/* Of one that a line begins with behind its stamp. */
void logindex_head_keys(
    struct str text, void (*key)(void *ctx, uint64_t hash), void *ctx);
/* Those of a number; none where it is too long, or no word. */
void logindex_number_keys(
    struct str number, void (*key)(void *ctx, uint64_t hash), void *ctx);

/* A Bloom filter of 2^bits_log2 bits. */
enum {
	LOGFILTER_MIN = 9, /* log2 of the bits of the smallest */
	LOGFILTER_MAX = 26,
};
struct logfilter {
	unsigned bits_log2;
	uint64_t *words;
};
/* Empty, for the keys of 'bytes' of a log. False: out of memory. */
MUST_USE bool logfilter_init(struct logfilter *f, uint64_t bytes);
void logfilter_clear(struct logfilter *f);
void logfilter_add(void *f, uint64_t hash); /* a logfilter */
bool logfilter_has(const struct logfilter *f, uint64_t hash);
/* As small as it gets while no more than half of its bits are set. */
void logfilter_fold(struct logfilter *f);
static inline size_t
logfilter_words(unsigned bits_log2)
{
	return (size_t)1 << (bits_log2 - 6);
}

/* A hash of bytes, by words; 'h' is that of what stands before. */
uint64_t logindex_hash(uint64_t h, const void *bytes, size_t n);

/*
 * The file: header, files, chunks, filters; numbers as the machine has them,
 * as the index is made anew on another.
 */
enum {
	LOGINDEX_VERSION = 3,
	LOGINDEX_FILES_MAX = 16384,
	LOGINDEX_CHUNKS_MAX = 65536,
	LOGINDEX_MARK = 64, /* bytes at either end that tell a file */
};
#define LOGINDEX_MAGIC "smlogidx" /* not NUL-terminated in the file */

struct logindex_header {
	char magic[8];
	uint32_t version;
	uint32_t order; /* 0x01020304 */
	uint32_t n_files, n_chunks;
	uint64_t checksum; /* of files and chunks */
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
	uint64_t offset;   /* of the filter */
	uint32_t bits_log2;
	uint32_t flags;            /* LOGINDEX_TIMED ... */
	uint64_t checksum;         /* of the filter */
	int64_t first_ns, last_ns; /* times of its lines, if it is timed */
};

struct logindex {
	int fd;
	struct logindex_header header;
	struct logindex_file *files;
	struct logindex_chunk *chunks;
};

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
/* Read a filter; words of *f are the caller's, room for the largest. */
bool logindex_filter(const struct logindex *x, const struct logindex_chunk *c,
    struct logfilter *f);
/* Hash of the 'n' bytes before 'to' in a file; false if they cannot be read. */
bool logindex_mark(int fd, uint64_t to, uint64_t *mark);
/* Does a line begin here that has a time? */
bool logindex_starts(struct str text, int64_t now_s);

#endif
