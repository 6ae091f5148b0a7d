/* The queue interface's common part. */
#include "core/queue/queue.h"

#include "core/sys/file.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	COPY_BLOCK = 64 * 1024
};

bool
queue_ready(struct queue *q, const struct queue_message *m, struct err *e)
{
	return q->ops->ready(q, m, e);
}

bool
queue_stage(struct queue *q, const struct queue_message *m, size_t *ticket,
    struct err *e)
{
	return q->ops->stage(q, m, ticket, e);
}

void
queue_commit(struct queue *q, struct queue_result *results)
{
	q->ops->commit(q, results);
}

bool
queue_is_apart(const struct queue *q)
{
	return q->ops->apart != NULL && q->ops->apart(q);
}

void
queue_free(struct queue *q)
{
	if (q != NULL)
		q->ops->free(q);
}

bool
queue_body_read(const struct queue_message *m, off_t from, char *to,
    size_t size, struct err *e)
{
	for (size_t got = 0; got < size;) {
		ssize_t n = pread(m->body_fd, to + got, size - got,
		    m->body_offset + from + (off_t)got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(
			    e, errno, "cannot read the spooled message");
		if (n == 0)
			return err_set(e, ERR_TEMPORARY,
			    "the spooled message is shorter than told");
		got += (size_t)n;
	}
	return true;
}

static bool
copy_body(int fd, const struct queue_message *m, struct err *e)
{
	char block[COPY_BLOCK];
	size_t n;
	for (off_t at = 0; at < m->body_length; at += (off_t)n) {
		off_t left = m->body_length - at;
		n = left < COPY_BLOCK ? (size_t)left : (size_t)COPY_BLOCK;
		if (!queue_body_read(m, at, block, n, e))
			return false;
		if (!file_write_all(fd, str_n(block, n)))
			return err_set_errno(
			    e, errno, "cannot write the message");
	}
	return true;
}

/* Both in one call; what it left is written by the usual one. */
static bool
write_both(int fd, struct str head, struct str body)
{
	struct iovec parts[] = {
		{ (void *)(uintptr_t)head.ptr, head.len },
		{ (void *)(uintptr_t)body.ptr, body.len },
	};
	ssize_t n = writev(fd, parts, 2);
	if (n < 0 && errno != EINTR)
		return false;
	size_t done = n > 0 ? (size_t)n : 0;
	size_t in_body = done > head.len ? done - head.len : 0;
	return file_write_all(fd, str_sub(head, done, head.len)) &&
	       file_write_all(fd, str_sub(body, in_body, body.len));
}

bool
queue_write_message(int fd, const struct queue_message *m, struct err *e)
{
	if (m->body_fd < 0)
		return write_both(fd, m->head, m->body) ||
		       err_set_errno(e, errno, "cannot write the message");
	if (!file_write_all(fd, m->head))
		return err_set_errno(e, errno, "cannot write the message");
	return copy_body(fd, m, e);
}
