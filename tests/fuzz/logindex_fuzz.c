/*
 * Fuzzes the reader of the index of logs: half of the inputs get a right
 * checksum, so that what stands behind it is reached. And the keys of texts,
 * which are the same wherever these are cut. Exercises core/maillog/logindex.c,
 * logindex_pick.c, logcolumn.c and logindex_keys.c.
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

/* Make the checksum of the tables right; few columns. */
static void
mend(uint8_t *data, size_t size, struct logindex_header *h)
{
	memcpy(h, data, sizeof(*h));
	size_t files = h->n_files * sizeof(struct logindex_file);
	size_t chunks = h->n_chunks * sizeof(struct logindex_chunk);
	size_t marks = h->n_marks * sizeof(struct logindex_mark);
	const uint8_t *tables = data + sizeof(*h);
	memcpy(h->magic, LOGINDEX_MAGIC, sizeof(h->magic));
	h->version = LOGINDEX_VERSION;
	h->order = 0x01020304;
	h->n_columns %= 24;
	if (files + chunks + marks <= size - sizeof(*h))
		h->checksum = logindex_checksum(
		    h, tables, tables + files, tables + files + chunks);
	memcpy(data, h, sizeof(*h));
}

/* Rows behind the tables, all but some with a right checksum. */
static void
add_rows(struct buf *b, const uint8_t *data, size_t size,
    const struct logindex_header *h)
{
	unsigned char row[LOGROW_CHECK];
	size_t n = logrow_bytes(h->n_columns);
	for (uint32_t r = 0; r < LOGCOLUMN_BITS; r++) {
		uint32_t sum;
		for (size_t i = 0; i < n; i++)
			row[i] = (unsigned char)(data[(r + i) % size] | r % 3);
		sum = logrow_checksum(r, row, n) ^ (r % 64 == data[0]);
		buf_add(b, row, n);
		buf_add(b, &sum, sizeof(sum));
	}
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
	if (head.n > 6)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char log[64], path[80];
	struct err e = ERR_INIT;
	struct buf copy = BUF_INIT(1 << 20);
	struct logindex_header h;
	struct str needles[2] = { STR("anna@example.org"),
		str_n((const char *)data, size < 64 ? size : 64) };
	snprintf(log, sizeof(log), "/tmp/logindex_fuzz.%ld", (long)getpid());
	snprintf(path, sizeof(path), "%s.index", log);
	if (!buf_add(&copy, data, size))
		return 0;
	check_keys(str_n((const char *)data, size));
	if (size >= sizeof(h) && data[size - 1] % 2 == 0) {
		mend((uint8_t *)copy.data, size, &h);
		add_rows(&copy, data, size, &h);
	}
	write_file(path, copy.data, copy.len);
	write_file(log, data, size);
	struct logplan_options o = { .path = log,
		.shown = log,
		.range = LOGRANGE_ALL,
		.clock = &clock_system };
	struct logindex *x = logindex_open(path);
	o.index = x;
	struct logplan *p = logplan_open(&o, &e);
	for (size_t n = 1; x != NULL && p != NULL && n <= 2; n++)
		logplan_free(logindex_pick(x, p, needles, n, needles[1], &e));
	/* whatever the file: its filters can be read, or are not */
	struct logcolumns columns = { BUF_INIT(LOGINDEX_MAX), 0 };
	if (x != NULL)
		(void)!logcolumns_read(x, &columns);
	buf_clear(&columns.bytes);
	logindex_close(x);
	logplan_free(p);
	buf_clear(&copy);
	unlink(path);
	unlink(log);
	return 0;
}
