/*
 * Maildir: each message is written to tmp, all of a batch are synced, then
 * renamed to new, then each new is synced. Files first and folders last, so
 * that a crash never leaves an empty file in new.
 */
#include "core/queue/maildir.h"

#include "core/base/buf.h"
#include "core/base/vec.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NAME_SIZE = 256,
	BOXES_MAX = 256,      /* folders kept open */
	OPEN_MAX_FILES = 256, /* staged files kept open for a common sync */
	HOST_MAX = 128,
	ENVELOPE_MAX = 8 * 1024 * 1024,
};

/* One Maildir, kept open between messages. */
struct box {
	char *path;
	int tmp_fd;
	int new_fd;
	bool renamed_into; /* since its last sync */
};

/* One file of a staged message. */
struct staged {
	size_t ticket;
	size_t box;
	int fd; /* -1: synced and closed already */
	bool renamed;
	char name[NAME_SIZE];
};

struct maildir {
	struct queue queue;
	char *dir;
	char *subdir;
	mode_t mode;
	char host[HOST_MAX];
	const struct clock *clock;
	unsigned serial;
	struct vec boxes;  /* struct box */
	struct vec staged; /* struct staged */
	size_t tickets;    /* messages staged */
};

static struct box *
box_at(struct maildir *m, size_t i)
{
	return VEC_AT(&m->boxes, struct box, i);
}

static struct staged *
staged_at(struct maildir *m, size_t i)
{
	return VEC_AT(&m->staged, struct staged, i);
}

static bool
is_safe(char c)
{
	return ascii_is_alnum(c) || (c != '\0' && strchr("-+_.,@=", c) != NULL);
}

static void
add_safe(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_add_char(out, is_safe(s.ptr[i]) ? s.ptr[i] : '_');
}

static void
expand(struct buf *out, struct str pattern, const struct filter_path *rcpt)
{
	for (size_t i = 0; i < pattern.len; i++) {
		char c = pattern.ptr[i];
		char next = i + 1 < pattern.len ? pattern.ptr[i + 1] : '\0';
		if (c != '%' || (next != 'l' && next != 'd' && next != 'u')) {
			buf_add_char(out, c);
			continue;
		}
		if (next != 'd')
			add_safe(out, rcpt->local);
		if (next == 'u' && rcpt->domain.len > 0)
			buf_add_char(out, '@');
		if (next != 'l')
			add_safe(out, rcpt->domain);
		i++;
	}
}

bool
queue_maildir_subdir(
    struct buf *out, const char *pattern, const struct filter_path *rcpt)
{
	struct str rest = str_of(pattern);
	bool first = true;
	while (rest.ptr != NULL) {
		struct buf part;
		buf_init(&part, NAME_SIZE);
		expand(&part, str_cut(rest, '/', &rest), rcpt);
		if (!first)
			buf_add_char(out, '/');
		first = false;
		struct str s = buf_str(&part);
		if (part.failed)
			out->failed = true;
		else if (s.len == 0 || str_is(s, ".") || str_is(s, ".."))
			buf_add_char(out, '_');
		else
			buf_add_str(out, s);
		buf_clear(&part);
	}
	return !out->failed;
}

static void
box_close(struct box *b)
{
	if (b->tmp_fd >= 0)
		close(b->tmp_fd);
	if (b->new_fd >= 0)
		close(b->new_fd);
	b->tmp_fd = b->new_fd = -1;
}

static void
boxes_clear(struct maildir *m)
{
	for (size_t i = 0; i < m->boxes.len; i++) {
		box_close(box_at(m, i));
		free(box_at(m, i)->path);
	}
	vec_clear(&m->boxes);
}

/* A new folder lasts once the one that holds it is synced. */
static bool
sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Make the box with its three folders; *fd is of the folder 'want'. */
static int
open_folder(const char *box, const char *name, mode_t mode, struct err *e)
{
	struct buf path;
	int fd = -1;
	buf_init(&path, 4096);
	if (!buf_addf(&path, "%s/%s", box, name)) {
		err_set(e, ERR_PERMANENT, "path of a mailbox is too long");
		goto out;
	}
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	fd = open(path.data, flags);
	if (fd >= 0 || errno != ENOENT) {
		if (fd < 0)
			err_set_errno(e, errno, "cannot open '%s'", path.data);
		goto out;
	}
	if (!file_mkdirs(path.data, mode, NULL, e))
		goto out;
	if (!sync_dir(box)) {
		err_set_errno(e, errno, "cannot sync '%s'", box);
		goto out;
	}
	fd = open(path.data, flags);
	if (fd < 0)
		err_set_errno(e, errno, "cannot open '%s'", path.data);
out:
	buf_clear(&path);
	return fd;
}

static bool
box_open(struct box *b, mode_t mode, struct err *e)
{
	bool fresh = !file_is_dir(b->path);
	b->tmp_fd = open_folder(b->path, "tmp", mode, e);
	b->new_fd = b->tmp_fd >= 0 ? open_folder(b->path, "new", mode, e) : -1;
	int cur = b->new_fd >= 0 ? open_folder(b->path, "cur", mode, e) : -1;
	if (cur < 0) {
		box_close(b);
		return false;
	}
	close(cur);
	if (!fresh)
		return true;
	struct buf parent;
	buf_init(&parent, 4096);
	buf_addf(&parent, "%s/..", b->path);
	bool ok = !parent.failed && sync_dir(parent.data);
	if (!ok) {
		err_set_errno(
		    e, errno, "cannot sync the folder of '%s'", b->path);
		box_close(b);
	}
	buf_clear(&parent);
	return ok;
}

/* The open box at 'path'; its index, or SIZE_MAX. */
static size_t
box_find(struct maildir *m, const char *path, struct err *e)
{
	for (size_t i = 0; i < m->boxes.len; i++) {
		struct box *b = box_at(m, i);
		if (strcmp(b->path, path) != 0)
			continue;
		if (b->tmp_fd < 0 && !box_open(b, m->mode, e))
			return SIZE_MAX;
		return i;
	}
	struct box b = { strdup(path), -1, -1, false };
	if (b.path == NULL || !vec_push(&m->boxes, &b)) {
		free(b.path);
		err_set(e, ERR_TEMPORARY, "out of memory");
		return SIZE_MAX;
	}
	size_t last = m->boxes.len - 1;
	return box_open(box_at(m, last), m->mode, e) ? last : SIZE_MAX;
}

/* SECONDS.P{pid}M{usec}Q{n}.HOST */
static void
make_name(struct maildir *m, char name[NAME_SIZE])
{
	int64_t ns = clock_wall_ns(m->clock);
	snprintf(name, NAME_SIZE, "%lld.P%ldM%lldQ%u.%s",
	    (long long)(ns / NS_PER_S), (long)getpid(),
	    (long long)(ns % NS_PER_S / 1000), ++m->serial, m->host);
}

static bool
write_envelope(int fd, const struct queue_message *msg,
    const struct filter_path *rcpts, size_t n_rcpts, struct err *e)
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
		box_close(b);
		if (!box_open(b, m->mode, e))
			return -1;
		fd = openat(b->tmp_fd, name, flags, mode);
	}
	if (fd < 0)
		err_set_errno(
		    e, errno, "cannot create a file in '%s/tmp'", b->path);
	return fd;
}

static void
file_close(struct staged *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/*
 * The file is written: start its way to the disk and leave the wait to the
 * batch, or, when very many are open already, wait now.
 */
static bool
settle(const struct maildir *m, struct staged *s, struct err *e)
{
	if (m->staged.len < OPEN_MAX_FILES) {
		sync_file_range(s->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
		return true;
	}
	if (fsync(s->fd) != 0)
		return err_set_errno(e, errno, "cannot sync the message");
	file_close(s);
	return true;
}

/* One file in tmp for these recipients. */
static bool
stage_file(struct maildir *m, const struct queue_message *msg,
    const struct filter_path *rcpts, size_t n_rcpts, const char *path,
    struct err *e)
{
	size_t box = box_find(m, path, e);
	if (box == SIZE_MAX)
		return false;
	struct staged s = { .ticket = m->tickets, .box = box, .fd = -1 };
	make_name(m, s.name);
	s.fd = create_in(m, box_at(m, box), s.name, e);
	if (s.fd < 0)
		return false;
	bool ok = write_envelope(s.fd, msg, rcpts, n_rcpts, e);
	if (ok)
		ok = settle(m, &s, e);
	if (ok && !vec_push(&m->staged, &s))
		ok = err_set(e, ERR_TEMPORARY, "out of memory");
	if (ok)
		return true;
	err_context(e, "mailbox '%s'", path);
	file_close(&s);
	unlinkat(box_at(m, box)->tmp_fd, s.name, 0);
	return false;
}

/* Remove the files from number 'from' on. */
static void
unstage(struct maildir *m, size_t from)
{
	for (size_t i = from; i < m->staged.len; i++) {
		struct staged *s = staged_at(m, i);
		struct box *b = box_at(m, s->box);
		file_close(s);
		unlinkat(s->renamed ? b->new_fd : b->tmp_fd, s->name, 0);
	}
	m->staged.len = from;
}

static bool
stage_each(struct maildir *m, const struct queue_message *msg, struct err *e)
{
	bool ok = true;
	for (size_t i = 0; ok && i < msg->n_rcpts; i++) {
		struct buf path;
		buf_init(&path, 4096);
		buf_addf(&path, "%s/", m->dir);
		ok = queue_maildir_subdir(&path, m->subdir, &msg->rcpts[i]);
		if (ok)
			ok =
			    stage_file(m, msg, &msg->rcpts[i], 1, path.data, e);
		else
			err_set(
			    e, ERR_PERMANENT, "path of a mailbox is too long");
		buf_clear(&path);
	}
	return ok;
}

static bool
stage(struct queue *q, const struct queue_message *msg, size_t *ticket,
    struct err *e)
{
	struct maildir *m = (struct maildir *)(void *)q;
	size_t before = m->staged.len;
	/* boxes are named by number while messages are staged */
	if (before == 0 && m->boxes.len >= BOXES_MAX)
		boxes_clear(m);
	bool ok = m->subdir != NULL
		      ? stage_each(m, msg, e)
		      : stage_file(m, msg, msg->rcpts, msg->n_rcpts, m->dir, e);
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
	for (size_t i = 0; i < m->staged.len; i++) {
		struct staged *s = staged_at(m, i);
		if (s->fd >= 0 && fsync(s->fd) != 0)
			fail(&results[s->ticket], errno, "sync a file",
			    box_at(m, s->box));
	}
}

static void
rename_files(struct maildir *m, struct queue_result *results)
{
	for (size_t i = 0; i < m->staged.len; i++) {
		struct staged *s = staged_at(m, i);
		struct box *b = box_at(m, s->box);
		if (results[s->ticket].outcome != QUEUE_TAKEN)
			continue;
		if (renameat(b->tmp_fd, s->name, b->new_fd, s->name) != 0) {
			fail(&results[s->ticket], errno, "rename a file", b);
			continue;
		}
		s->renamed = true;
		b->renamed_into = true;
	}
}

static void
sync_boxes(struct maildir *m, struct queue_result *results)
{
	for (size_t i = 0; i < m->boxes.len; i++) {
		struct box *b = box_at(m, i);
		if (!b->renamed_into)
			continue;
		b->renamed_into = false;
		if (fsync(b->new_fd) == 0)
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
		struct box *b = box_at(m, s->box);
		file_close(s);
		if (results[s->ticket].outcome != QUEUE_TAKEN)
			unlinkat(
			    s->renamed ? b->new_fd : b->tmp_fd, s->name, 0);
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
	rename_files(m, results);
	sync_boxes(m, results);
	remove_failed(m, results);
	m->tickets = 0;
}

static void
maildir_free(struct queue *q)
{
	struct maildir *m = (struct maildir *)(void *)q;
	unstage(m, 0);
	vec_clear(&m->staged);
	boxes_clear(m);
	free(m->dir);
	free(m->subdir);
	free(m);
}

static const struct queue_ops ops = { stage, commit, maildir_free };

/* Maildir names may hold neither slash nor colon. */
static void
set_host(char to[HOST_MAX], const char *host)
{
	size_t n = 0;
	for (; host[n] != '\0' && n + 1 < HOST_MAX; n++)
		to[n] = is_safe(host[n]) ? host[n] : '_';
	to[n] = '\0';
}

struct queue *
queue_maildir_new(
    const struct queue_maildir_spec *spec, const struct clock *clock)
{
	struct maildir *m = calloc(1, sizeof(*m));
	if (m == NULL)
		return NULL;
	m->queue.ops = &ops;
	m->dir = strdup(spec->dir);
	m->subdir = spec->subdir != NULL ? strdup(spec->subdir) : NULL;
	m->mode = spec->mode;
	m->clock = clock;
	m->boxes = (struct vec)VEC_INIT(struct box);
	m->staged = (struct vec)VEC_INIT(struct staged);
	set_host(m->host, spec->host);
	if (m->dir == NULL || (spec->subdir != NULL && m->subdir == NULL)) {
		maildir_free(&m->queue);
		return NULL;
	}
	return &m->queue;
}
