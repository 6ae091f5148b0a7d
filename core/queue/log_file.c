/*
 * The log's file. Two heads at its beginning tell in turn from where on the
 * space is in use, so that one that is written half leaves the other.
 */
#include "core/queue/log_int.h"

#include "core/base/i18n.h"
#include "core/base/random.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BYTE_ORDER_MARK = 0x01020304,
	ZEROS = 1 << 20,
};

static const char file_magic[8] = "SMEMQLOG";

struct file_head {
	char magic[8];
	uint32_t version;
	uint32_t byte_order;
	uint64_t id;
	uint64_t size;
	uint64_t generation;
	uint64_t tail;
	uint64_t seq;
	uint32_t unused;
	uint32_t crc; /* of all before */
};

static uint64_t
place(const struct log_file *f, uint64_t at)
{
	return LOG_DATA + at % f->room;
}

uint64_t
log_file_to_end(const struct log_file *f, uint64_t at)
{
	return f->room - at % f->room;
}

static bool
read_at(int fd, uint64_t at, void *to, size_t n)
{
	size_t got = 0;
	while (got < n) {
		ssize_t k =
		    pread(fd, (char *)to + got, n - got, (off_t)(at + got));
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		got += (size_t)k;
	}
	return true;
}

bool
log_write_at(int fd, uint64_t at, const void *from, size_t n)
{
	size_t done = 0;
	while (done < n) {
		ssize_t k = pwrite(fd, (const char *)from + done, n - done,
		    (off_t)(at + done));
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		done += (size_t)k;
	}
	return true;
}

bool
log_file_read(const struct log_file *f, uint64_t at, void *to, size_t n)
{
	return n <= log_file_to_end(f, at) &&
	       read_at(f->fd, place(f, at), to, n);
}

bool
log_file_write(const struct log_file *f, uint64_t at, struct str bytes)
{
	return log_write_at(f->fd, place(f, at), bytes.ptr, bytes.len);
}

static uint32_t
head_crc(const struct log_file *f, const struct file_head *h)
{
	return log_crc(
	    f, str_n((const char *)h, offsetof(struct file_head, crc)));
}

bool
log_file_set_tail(
    struct log_file *f, uint64_t tail, uint64_t seq, struct err *e)
{
	struct file_head h = {
		.version = LOG_VERSION,
		.byte_order = BYTE_ORDER_MARK,
		.id = f->id,
		.size = f->room + LOG_DATA,
		.generation = ++f->generation,
		.tail = tail,
		.seq = seq,
	};
	memcpy(h.magic, file_magic, sizeof(h.magic));
	h.crc = head_crc(f, &h);
	uint64_t at = f->generation % 2 * LOG_SLOT;
	if (log_write_at(f->fd, at, &h, sizeof(h)) && fdatasync(f->fd) == 0)
		return true;
	return err_set_errno(
	    e, errno, "cannot write the queue log '%s'", f->path);
}

/* Its blocks are written once, so that later writes change no more than them.
 */
static bool
write_full(const struct log_file *f, uint64_t size)
{
	char *zeros = calloc(1, ZEROS);
	bool ok = zeros != NULL && ftruncate(f->fd, 0) == 0;
	for (uint64_t at = 0; ok && at < size; at += ZEROS) {
		size_t n = size - at < ZEROS ? (size_t)(size - at) : ZEROS;
		ok = log_write_at(f->fd, at, zeros, n);
	}
	int error = errno;
	free(zeros);
	errno = error;
	return ok && fsync(f->fd) == 0;
}

bool
log_file_remake(struct log_file *f, uint64_t size, struct err *e)
{
	random_bytes(&f->id, sizeof(f->id));
	f->room = (size - LOG_DATA) / LOG_ALIGN * LOG_ALIGN;
	f->generation = 0;
	if (!write_full(f, f->room + LOG_DATA)) {
		int error = errno;
		/* half of it would only take the room from others */
		if (ftruncate(f->fd, 0) != 0)
			error = errno;
		return err_set_errno(
		    e, error, "cannot make the queue log '%s'", f->path);
	}
	if (!log_file_set_tail(f, 0, 1, e))
		return false;
	if (!file_sync_parent(f->path))
		return err_set_errno(
		    e, errno, "cannot sync the folder of '%s'", f->path);
	return true;
}

enum heads {
	HEADS_NONE, /* it was never made whole */
	HEADS_GOOD,
	HEADS_DAMAGED,
	HEADS_VERSION, /* of another program */
	HEADS_FOREIGN
};

static enum heads
judge(const struct log_file *f, const struct file_head *h, uint64_t *version)
{
	static const struct file_head empty;
	if (memcmp(h, &empty, sizeof(*h)) == 0)
		return HEADS_NONE;
	if (memcmp(h->magic, file_magic, sizeof(h->magic)) != 0)
		return HEADS_FOREIGN;
	*version = h->version;
	if (h->version != LOG_VERSION || h->byte_order != BYTE_ORDER_MARK)
		return HEADS_VERSION;
	bool good = h->crc == head_crc(f, h) && h->size >= QUEUE_LOG_SIZE_MIN &&
		    h->size <= QUEUE_LOG_SIZE_MAX;
	return good ? HEADS_GOOD : HEADS_DAMAGED;
}

static enum heads
read_heads(struct log_file *f, uint64_t *tail, uint64_t *seq, uint64_t *version)
{
	enum heads worst = HEADS_NONE;
	bool found = false;
	for (uint64_t i = 0; i < 2; i++) {
		struct file_head h;
		memset(&h, 0, sizeof(h));
		/* a file of a few bytes is read as far as it goes */
		if (pread(f->fd, &h, sizeof(h), (off_t)(i * LOG_SLOT)) < 0)
			return HEADS_FOREIGN;
		enum heads how = judge(f, &h, version);
		if (how != HEADS_GOOD && how > worst)
			worst = how;
		if (how != HEADS_GOOD ||
		    (found && h.generation < f->generation))
			continue;
		found = true;
		f->id = h.id;
		f->generation = h.generation;
		f->room = h.size - LOG_DATA;
		*tail = h.tail;
		*seq = h.seq;
	}
	/* one that was being written when all stopped: the other holds */
	return found && worst <= HEADS_DAMAGED ? HEADS_GOOD : worst;
}

/* Take hold of the file: ours alone, and a file. */
static bool
take(struct log_file *f, struct err *e)
{
	int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	struct stat st;
	f->fd = open(f->path, flags, LOG_FILE_MODE);
	if (f->fd < 0 || fstat(f->fd, &st) != 0)
		return err_set_errno(
		    e, errno, "cannot open the queue log '%s'", f->path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_PERMANENT,
		    "the queue log '%s' is no regular file", f->path);
	if (flock(f->fd, LOCK_EX | LOCK_NB) != 0)
		return err_set(e, ERR_TEMPORARY,
		    "the queue log '%s' is in use by another daemon", f->path);
	log_file_identify(f);
	/* removed by the one that had it before us */
	if (!log_file_is_named(f))
		return err_set(e, ERR_TEMPORARY,
		    "the queue log '%s' was removed meanwhile", f->path);
	return true;
}

static bool
refuse(
    const struct log_file *f, enum heads how, uint64_t version, struct err *e)
{
	if (how == HEADS_VERSION)
		err_set(e, ERR_PERMANENT,
		    _("the queue log '%s' has version %llu of another program "
		      "and is left alone"),
		    f->path, (unsigned long long)version);
	else
		err_set(e, ERR_PERMANENT,
		    how == HEADS_DAMAGED
			? _("the head of the queue log '%s' is damaged, it is "
			    "left alone")
			: _("'%s' is no queue log and is left alone"),
		    f->path);
	return err_next(e, "mv '%s' '%s.other'", f->path, f->path);
}

bool
log_file_open(struct log_file *f, const char *path, uint64_t size,
    uint64_t *tail, uint64_t *seq, struct err *e)
{
	uint64_t version = 0;
	bool ok = false;
	f->fd = -1;
	f->path = strdup(path);
	if (f->path == NULL)
		return err_set(e, ERR_TEMPORARY, "out of memory");
	log_crc_init(f);
	*tail = 0;
	*seq = 1;
	if (!take(f, e))
		goto out;
	enum heads how = read_heads(f, tail, seq, &version);
	if (how == HEADS_NONE)
		ok = log_file_remake(f, size, e);
	else if (how == HEADS_GOOD)
		ok = true;
	else
		refuse(f, how, version, e);
out:
	if (!ok)
		log_file_close(f);
	return ok;
}

bool
log_file_peek(struct log_file *f, const char *path, uint64_t *tail,
    uint64_t *seq, struct err *e)
{
	uint64_t version = 0;
	*f = (struct log_file){ .path = strdup(path) };
	*tail = 0;
	*seq = 1;
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (f->path == NULL || f->fd < 0) {
		err_set_errno(
		    e, errno, _("cannot read the queue log '%s'"), path);
		if (e != NULL && e->sys_errno == ENOENT)
			e->code = ERR_NO;
		log_file_close(f);
		return false;
	}
	log_crc_init(f);
	enum heads how = read_heads(f, tail, seq, &version);
	/* one that was never made whole has room for nothing */
	if (how == HEADS_GOOD || how == HEADS_NONE)
		return true;
	refuse(f, how, version, e);
	log_file_close(f);
	return false;
}

void
log_file_close(struct log_file *f)
{
	file_close_fd(&f->fd);
	free(f->path);
	f->path = NULL;
}
