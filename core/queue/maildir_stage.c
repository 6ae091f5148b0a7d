/* Files of messages in tmp: written one by one, synced together. */
#include "core/queue/maildir_int.h"

#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ENVELOPE_MAX = 8 * 1024 * 1024,
	OPEN_FILES_MAX = 256 /* staged files kept open for a common sync */
};

struct staged *
maildir_staged(struct maildir *m, size_t i)
{
	return VEC_AT(&m->staged, struct staged, i);
}

static bool
write_envelope(int fd, const struct queue_message *msg,
    const struct mail_path *rcpts, size_t n_rcpts, struct err *e)
{
	struct buf text;
	buf_init(&text, ENVELOPE_MAX);
	buf_add_cstr(&text, "Return-Path: <");
	mail_path_format(&text, &msg->sender);
	buf_add_cstr(&text, ">\n");
	for (size_t i = 0; i < n_rcpts; i++) {
		buf_add_cstr(&text, "Delivered-To: ");
		mail_path_format(&text, &rcpts[i]);
		buf_add_char(&text, '\n');
	}
	/* together with the head: most messages then take two writes */
	buf_add_str(&text, msg->head);
	struct queue_message rest = *msg;
	rest.head = buf_str(&text);
	bool ok = !text.failed && queue_write_message(fd, &rest, e);
	if (text.failed)
		err_set(e, ERR_TEMPORARY, "envelope is too large");
	buf_clear(&text);
	return ok;
}

static int
create_in(struct maildir *m, struct box *b, const char *name, struct err *e)
{
	mode_t mode = m->mode & 0666;
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
	int fd = openat(b->tmp_fd, name, flags, mode);
	if (fd < 0 && errno == ENOENT) {
		/* the box was removed behind our back: make it again */
		if (!maildir_box_reopen(m, b, e))
			return -1;
		fd = openat(b->tmp_fd, name, flags, mode);
	}
	if (fd < 0)
		err_set_errno(
		    e, errno, "cannot create a file in '%s/tmp'", b->path);
	return fd;
}

static void
file_close(struct maildir *m, struct staged *s)
{
	if (s->fd >= 0) {
		close(s->fd);
		m->n_files--;
	}
	s->fd = -1;
}

/*
 * The content of the open files to the disk. For many of them one syncfs costs
 * a fraction of an fsync each, most of all while others write to the same disk:
 * it commits the file system's journal once. What went wrong with a file is
 * then asked for without another wait.
 */
void
maildir_settle(struct maildir *m)
{
	bool together = m->n_files > ALONE_MAX;
	for (size_t i = 0; together && i < m->staged.len; i++) {
		const struct staged *s = maildir_staged(m, i);
		if (s->fd >= 0)
			maildir_box(m, s->box)->has_files = true;
	}
	/* what failed as a whole may hold for some: ask for each */
	if (together && !maildir_sync_devices(m))
		together = false;
	for (size_t i = 0; i < m->staged.len; i++) {
		struct staged *s = maildir_staged(m, i);
		if (s->fd < 0)
			continue;
		int failed = together ? sync_file_range(s->fd, 0, 0,
					    SYNC_FILE_RANGE_WAIT_BEFORE)
				      : fsync(s->fd);
		if (failed)
			s->error = errno;
		file_close(m, s);
	}
}

bool
maildir_stage_file(struct maildir *m, const struct queue_message *msg,
    size_t first, size_t n_rcpts, const char *path, struct err *e)
{
	size_t box = maildir_box_find(m, path, e);
	if (box == SIZE_MAX)
		return false;
	struct staged s = { .ticket = m->tickets, .box = box, .fd = -1 };
	struct maildir_name name = maildir_name_of(&msg->stamp, first);
	maildir_name_format(m, &name, s.name);
	if (msg->again) {
		if (maildir_seen_has(m, maildir_box(m, box), &name))
			return true;
		unlinkat(maildir_box(m, box)->tmp_fd, s.name, 0);
	}
	s.fd = create_in(m, maildir_box(m, box), s.name, e);
	if (s.fd < 0)
		return false;
	m->n_files++;
	bool ok = write_envelope(s.fd, msg, msg->rcpts + first, n_rcpts, e);
	if (ok && !vec_push(&m->staged, &s))
		ok = err_set(e, ERR_TEMPORARY, "out of memory");
	if (ok) {
		/* the wait for the disk is left to the batch, unless very many
		 * files are open already */
		if (m->n_files >= OPEN_FILES_MAX)
			maildir_settle(m);
		return true;
	}
	err_context(e, "mailbox '%s'", path);
	file_close(m, &s);
	unlinkat(maildir_box(m, box)->tmp_fd, s.name, 0);
	return false;
}

void
maildir_discard(struct maildir *m, const struct staged *s)
{
	struct box *b = maildir_box(m, s->box);
	if (maildir_box_ensure(m, b, NULL))
		unlinkat(s->renamed ? b->new_fd : b->tmp_fd, s->name, 0);
}

void
maildir_unstage(struct maildir *m, size_t from)
{
	for (size_t i = from; i < m->staged.len; i++) {
		struct staged *s = maildir_staged(m, i);
		file_close(m, s);
		maildir_discard(m, s);
	}
	m->staged.len = from;
}
