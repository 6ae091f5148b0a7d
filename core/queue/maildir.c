/*
 * Maildir: each message is written to tmp, all of a batch are synced, then
 * renamed to new, then each new is synced (of many of either: the whole file
 * system, once). Files first and folders last, so
 * that a crash never leaves an empty file in new.
 */
#include "core/queue/maildir_int.h"

#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ENVELOPE_MAX = 8 * 1024 * 1024,
	OPEN_FILES_MAX = 256, /* staged files kept open for a common sync */
};

static struct staged *
staged_at(struct maildir *m, size_t i)
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
static void
settle(struct maildir *m)
{
	bool together = m->n_files > ALONE_MAX;
	for (size_t i = 0; together && i < m->staged.len; i++) {
		const struct staged *s = staged_at(m, i);
		if (s->fd >= 0)
			maildir_box(m, s->box)->has_files = true;
	}
	/* what failed as a whole may hold for some: ask for each */
	if (together && !maildir_sync_devices(m))
		together = false;
	for (size_t i = 0; i < m->staged.len; i++) {
		struct staged *s = staged_at(m, i);
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

/*
 * One file in tmp for 'n_rcpts' recipients from number 'first' on. One that a
 * daemon before this delivered already is left where it is.
 */
static bool
stage_file(struct maildir *m, const struct queue_message *msg, size_t first,
    size_t n_rcpts, const char *path, struct err *e)
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
			settle(m);
		return true;
	}
	err_context(e, "mailbox '%s'", path);
	file_close(m, &s);
	unlinkat(maildir_box(m, box)->tmp_fd, s.name, 0);
	return false;
}

static void
discard(struct maildir *m, const struct staged *s)
{
	struct box *b = maildir_box(m, s->box);
	if (maildir_box_ensure(m, b, NULL))
		unlinkat(s->renamed ? b->new_fd : b->tmp_fd, s->name, 0);
}

/* Remove the files from number 'from' on. */
static void
unstage(struct maildir *m, size_t from)
{
	for (size_t i = from; i < m->staged.len; i++) {
		struct staged *s = staged_at(m, i);
		file_close(m, s);
		discard(m, s);
	}
	m->staged.len = from;
}

static bool
stage_each(struct maildir *m, const struct queue_message *msg, struct err *e)
{
	bool ok = true;
	for (size_t i = 0; ok && i < msg->n_rcpts; i++) {
		struct buf path;
		buf_init(&path, BOX_PATH_MAX);
		ok = maildir_add_path(m, msg, i, &path, e) &&
		     stage_file(m, msg, i, 1, path.data, e);
		buf_clear(&path);
	}
	return ok;
}

/* Folders that nothing was put into yet last too. */
static void
forget_boxes(struct maildir *m)
{
	struct err e = ERR_INIT;
	(void)!maildir_boxes_sync(m, &e);
	maildir_boxes_clear(m);
}

/* Boxes are named by number while messages are staged. */
static void
trim_boxes(struct maildir *m)
{
	if (m->staged.len == 0 && m->boxes.len >= BOXES_MAX)
		forget_boxes(m);
}

/* 'look' at the path of each mailbox, as long as it says true. */
static bool
for_each_path(struct maildir *m, const struct queue_message *msg,
    bool (*look)(struct maildir *m, const char *path, struct err *e),
    struct err *e)
{
	bool ok = true;
	if (m->subdir == NULL)
		return look(m, m->dir, e);
	for (size_t i = 0; ok && i < msg->n_rcpts; i++) {
		struct buf path;
		buf_init(&path, BOX_PATH_MAX);
		ok = maildir_add_path(m, msg, i, &path, e) &&
		     look(m, path.data, e);
		buf_clear(&path);
	}
	return ok;
}

static bool
ready(struct queue *q, const struct queue_message *msg, struct err *e)
{
	struct maildir *m = (struct maildir *)(void *)q;
	trim_boxes(m);
	bool ok = for_each_path(m, msg, maildir_box_is_ready, e);
	if (!ok || maildir_boxes_sync(m, e))
		return ok;
	/* one was removed behind our back: the next message finds it anew */
	if (m->staged.len == 0)
		maildir_boxes_clear(m);
	return false;
}

bool
queue_maildir_lacks(struct queue *q, const struct queue_message *m)
{
	struct err e = ERR_INIT;
	/* a path that there is none of is told of when it is staged */
	return !for_each_path(
	    (struct maildir *)(void *)q, m, maildir_box_is_there, &e);
}

static bool
stage(struct queue *q, const struct queue_message *msg, size_t *ticket,
    struct err *e)
{
	struct maildir *m = (struct maildir *)(void *)q;
	size_t before = m->staged.len;
	trim_boxes(m);
	bool ok = m->subdir != NULL
		      ? stage_each(m, msg, e)
		      : stage_file(m, msg, 0, msg->n_rcpts, m->dir, e);
	if (!ok) {
		unstage(m, before);
		return false;
	}
	*ticket = m->tickets++;
	return true;
}

static void
fail(struct queue_result *r, int sys_errno, const char *what,
    const struct box *b)
{
	if (r->outcome != QUEUE_TAKEN)
		return;
	r->outcome = QUEUE_DECLINED;
	err_set_errno(&r->err, sys_errno, "cannot %s in '%s'", what, b->path);
}

static void
sync_files(struct maildir *m, struct queue_result *results)
{
	settle(m);
	for (size_t i = 0; i < m->staged.len; i++) {
		const struct staged *s = staged_at(m, i);
		if (s->error == 0)
			continue;
		fail(&results[s->ticket], s->error, "sync a file",
		    maildir_box(m, s->box));
	}
}

/* The folders that were made for them. */
static void
sync_fresh(struct maildir *m, struct queue_result *results)
{
	struct err e = ERR_INIT;
	if (maildir_boxes_sync(m, &e))
		return;
	for (size_t i = 0; i < m->staged.len; i++) {
		const struct staged *s = staged_at(m, i);
		struct queue_result *r = &results[s->ticket];
		if (!maildir_box(m, s->box)->fresh || r->outcome != QUEUE_TAKEN)
			continue;
		r->outcome = QUEUE_DECLINED;
		r->err = e;
	}
}

static void
rename_files(struct maildir *m, struct queue_result *results)
{
	for (size_t i = 0; i < m->staged.len; i++) {
		struct staged *s = staged_at(m, i);
		struct box *b = maildir_box(m, s->box);
		struct queue_result *r = &results[s->ticket];
		if (r->outcome != QUEUE_TAKEN)
			continue;
		if (!maildir_box_ensure(m, b, &r->err)) {
			r->outcome = QUEUE_DECLINED;
			continue;
		}
		if (renameat(b->tmp_fd, s->name, b->new_fd, s->name) != 0) {
			fail(r, errno, "rename a file", b);
			continue;
		}
		s->renamed = true;
		b->has_names = true;
	}
}

/* The names of many boxes, as the content of many files; false: not done. */
static bool
sync_names_together(struct maildir *m)
{
	size_t n = 0;
	for (size_t i = 0; i < m->boxes.len; i++)
		n += maildir_box(m, i)->has_names;
	if (n <= ALONE_MAX)
		return false;
	for (size_t i = 0; i < m->boxes.len; i++)
		maildir_box(m, i)->has_files = maildir_box(m, i)->has_names;
	return maildir_sync_devices(m);
}

static void
sync_boxes(struct maildir *m, struct queue_result *results)
{
	bool together = sync_names_together(m);
	for (size_t i = 0; i < m->boxes.len; i++) {
		struct box *b = maildir_box(m, i);
		if (!b->has_names)
			continue;
		b->has_names = false;
		if (together ||
		    (maildir_box_ensure(m, b, NULL) && fsync(b->new_fd) == 0))
			continue;
		int error = errno;
		for (size_t k = 0; k < m->staged.len; k++) {
			struct staged *s = staged_at(m, k);
			if (s->box == i)
				fail(&results[s->ticket], error,
				    "sync the folder", b);
		}
	}
}

/* A message of several files is taken whole or not at all. */
static void
remove_failed(struct maildir *m, const struct queue_result *results)
{
	for (size_t i = 0; i < m->staged.len; i++) {
		struct staged *s = staged_at(m, i);
		if (results[s->ticket].outcome != QUEUE_TAKEN)
			discard(m, s);
	}
	m->staged.len = 0;
}

static void
commit(struct queue *q, struct queue_result *results)
{
	struct maildir *m = (struct maildir *)(void *)q;
	for (size_t i = 0; i < m->tickets; i++)
		results[i] = (struct queue_result){ .outcome = QUEUE_TAKEN };
	sync_files(m, results);
	sync_fresh(m, results);
	rename_files(m, results);
	sync_boxes(m, results);
	remove_failed(m, results);
	bool failed = false;
	for (size_t i = 0; i < m->tickets; i++)
		failed = failed || results[i].outcome != QUEUE_TAKEN;
	/* a folder may have been removed behind our back: open all anew */
	if (failed) {
		forget_boxes(m);
		maildir_seen_clear(m);
	}
	maildir_seen_rest(m);
	m->tickets = 0;
}

static void
maildir_free(struct queue *q)
{
	struct maildir *m = (struct maildir *)(void *)q;
	unstage(m, 0);
	vec_clear(&m->staged);
	maildir_boxes_clear(m);
	maildir_seen_clear(m);
	free(m->dir);
	free(m->subdir);
	free(m);
}

static bool
apart(const struct queue *q)
{
	return ((const struct maildir *)(const void *)q)->subdir != NULL;
}

static const struct queue_ops ops = { ready, stage, commit, maildir_free,
	apart };

/* Maildir names may hold neither slash nor colon. */
static void
set_host(char to[HOST_MAX], const char *host)
{
	size_t n = 0;
	for (; host[n] != '\0' && n + 1 < HOST_MAX; n++)
		to[n] = maildir_is_safe(host[n]) ? host[n] : '_';
	to[n] = '\0';
}

struct queue *
queue_maildir_new(const struct queue_maildir_spec *spec)
{
	struct maildir *m = calloc(1, sizeof(*m));
	if (m == NULL)
		return NULL;
	m->queue.ops = &ops;
	m->dir = strdup(spec->dir);
	m->subdir = spec->subdir != NULL ? strdup(spec->subdir) : NULL;
	m->mode = spec->mode;
	m->boxes = (struct vec)VEC_INIT(struct box);
	m->staged = (struct vec)VEC_INIT(struct staged);
	m->seen = (struct vec)VEC_INIT(struct seen);
	m->seen_max = SEEN_MAX;
	set_host(m->host, spec->host);
	if (m->dir == NULL || (spec->subdir != NULL && m->subdir == NULL)) {
		maildir_free(&m->queue);
		return NULL;
	}
	return &m->queue;
}
