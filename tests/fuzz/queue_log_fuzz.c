/*
 * Fuzzes the queue's write-ahead log: with NUL in front the content of one
 * record, else records as a disk may give them back. Each byte of the input
 * chooses a good record, or spoils one that is there. Whatever is found must be
 * readable and lie within the file.
 * Exercises core/queue/log_record.c and log_scan.c.
 */
#include "core/queue/log_int.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	ROOM = 16 * 1024,
	BODY_MAX = 600,
	ID = 0x51,
	FEW = 8 /* kinds of a step */
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
read_content(struct str content)
{
	struct queue_message m;
	struct mail_path *rcpts = NULL;
	if (log_record_get(content, &m, &rcpts)) {
		require(m.head.len <= content.len && m.body.len <= content.len);
		for (size_t i = 0; i < m.n_rcpts; i++)
			require(m.rcpts[i].local.len <= content.len &&
				m.rcpts[i].domain.len <= content.len &&
				m.boxes[i].len <= content.len);
		free(rcpts);
	}
}

/* Where the next record goes; none crosses the end. */
static void
put_one(struct log_file *f, uint64_t *at, uint64_t *seq, unsigned n)
{
	static const char text[BODY_MAX] = "body";
	struct mail_path rcpt = { STR("b"), STR("local.example") };
	struct str box = STR("c");
	struct queue_message m = {
		.rcpts = &rcpt,
		.boxes = &box,
		.n_rcpts = 1,
		.head = STR("From: a\n\n"),
		.body = str_n(text, n % BODY_MAX),
		.body_fd = -1,
	};
	struct buf out = BUF_INIT(ROOM);
	struct err e = ERR_INIT;
	uint64_t need = log_record_size(&m);
	uint64_t left = log_file_to_end(f, *at);
	if (left < need) {
		log_pad_put(f, &out, left, *seq, *seq);
		require(log_file_write(f, *at, buf_str(&out)));
		*at += left;
		++*seq;
		buf_reset(&out);
	}
	require(log_record_put(f, &out, &m, *seq, *seq - n % 2, &e));
	require(log_file_write(f, *at, buf_str(&out)));
	*at += need;
	++*seq;
	buf_clear(&out);
}

static void
check_scan(struct log_file *f, uint64_t tail, uint64_t seq)
{
	struct log_scan found;
	static char content[ROOM];
	require(log_scan(f, tail, seq, &found));
	uint64_t last = seq;
	for (size_t i = 0; i < found.found.len; i++) {
		const struct log_span *s =
		    VEC_AT(&found.found, struct log_span, i);
		require(s->seq >= last && s->length <= ROOM);
		last = s->seq + 1;
		require(log_file_read(f, s->at + sizeof(struct log_head),
		    content, (size_t)s->length));
		read_content(str_n(content, (size_t)s->length));
	}
	require(found.seq >= last);
	vec_clear(&found.found);
}

static void
play(const uint8_t *data, size_t size)
{
	struct log_file f = {
		.fd = memfd_create("log", MFD_CLOEXEC), .id = ID, .room = ROOM
	};
	uint64_t at = (uint64_t)data[0] * LOG_ALIGN, seq = 1;
	require(f.fd >= 0 && ftruncate(f.fd, LOG_DATA + ROOM) == 0);
	log_crc_init(&f);
	uint64_t first = at;
	for (size_t i = 1; i + 2 < size; i += 3) {
		unsigned n = data[i + 1] * 256U + data[i + 2];
		char byte = (char)data[i];
		if (data[i] % FEW != 0)
			put_one(&f, &at, &seq, n);
		else
			require(
			    pwrite(f.fd, &byte, 1, LOG_DATA + n % ROOM) == 1);
	}
	check_scan(&f, first, 1);
	close(f.fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > ROOM)
		return 0;
	if (data[0] == 0)
		read_content(str_n((const char *)data + 1, size - 1));
	else
		play(data, size);
	return 0;
}
