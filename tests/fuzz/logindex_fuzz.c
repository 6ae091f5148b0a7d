/*
 * Fuzzes the reader of the index of logs: half of the inputs get a right
 * checksum, so that what stands behind it is reached. And the keys of texts,
 * which are the same wherever these are cut. Exercises core/maillog/logindex.c
 * and logindex_keys.c.
 */
#include "core/maillog/logindex_int.h"
#include "core/sys/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_file(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || !file_write_all(fd, str_n(bytes, n)))
		abort();
	close(fd);
}

/* Make the checksum of the tables right. */
static void
mend(uint8_t *data, size_t size)
{
	struct logindex_header h;
	memcpy(&h, data, sizeof(h));
	size_t files = h.n_files * sizeof(struct logindex_file);
	size_t chunks = h.n_chunks * sizeof(struct logindex_chunk);
	memcpy(h.magic, LOGINDEX_MAGIC, sizeof(h.magic));
	h.version = LOGINDEX_VERSION;
	h.order = 0x01020304;
	if (files <= size - sizeof(h) && chunks <= size - sizeof(h) - files)
		h.checksum =
		    logindex_hash(logindex_hash(0, data + sizeof(h), files),
			data + sizeof(h) + files, chunks);
	memcpy(data, &h, sizeof(h));
}

/* Keys in any order. */
struct keys {
	uint64_t sum;
	size_t n;
};

static void
note(void *ctx, uint64_t hash)
{
	struct keys *k = ctx;
	k->sum += hash;
	k->n++;
}

static void
check_keys(struct str text)
{
	struct keys whole = { 0, 0 }, parts = { 0, 0 }, head = { 0, 0 };
	size_t middle = text.len / 3;
	logindex_keys(text, 0, text.len, note, &whole);
	logindex_keys(text, 0, middle, note, &parts);
	logindex_keys(text, middle, text.len, note, &parts);
	logindex_numbers(text, 0, text.len, note, &whole);
	logindex_numbers(text, 0, middle, note, &parts);
	logindex_numbers(text, middle, text.len, note, &parts);
	if (whole.n != parts.n || whole.sum != parts.sum)
		abort();
	logindex_head_keys(text, note, &head);
	logindex_number_keys(text, note, &head);
	if (head.n > 4)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char log[64], path[80];
	struct err e = ERR_INIT;
	uint8_t *copy = malloc(size + 1);
	struct str needles[2] = { STR("anna@example.org"),
		str_n((const char *)data, size < 64 ? size : 64) };
	snprintf(log, sizeof(log), "/tmp/logindex_fuzz.%ld", (long)getpid());
	snprintf(path, sizeof(path), "%s.index", log);
	if (copy == NULL)
		return 0;
	check_keys(str_n((const char *)data, size));
	memcpy(copy, data, size);
	if (size >= sizeof(struct logindex_header) && data[size - 1] % 2 == 0)
		mend(copy, size);
	write_file(path, copy, size);
	write_file(log, data, size);
	struct logplan_options o = { .path = log,
		.shown = log,
		.range = LOGRANGE_ALL,
		.clock = &clock_system };
	struct logindex *x = logindex_open(path);
	struct logplan *p = logplan_open(&o, &e);
	for (size_t n = 1; x != NULL && p != NULL && n <= 2; n++)
		logplan_free(logindex_pick(x, p, needles, n, needles[1], &e));
	/* whatever the file: its filters can be read */
	for (uint32_t i = 0; x != NULL && i < x->header.n_chunks; i++) {
		struct logfilter f = { 0, NULL };
		const struct logindex_chunk *c = &x->chunks[i];
		if (c->bits_log2 < LOGFILTER_MIN || c->bits_log2 > 16)
			continue;
		f.words = malloc(logfilter_words(c->bits_log2) * 8);
		if (f.words != NULL && logindex_filter(x, c, &f))
			(void)logfilter_has(&f, size);
		logfilter_clear(&f);
	}
	logindex_close(x);
	logplan_free(p);
	free(copy);
	unlink(path);
	unlink(log);
	return 0;
}
