/* Mailboxes of the Maildir back end: their names, and opening and making them.
 */
#include "core/queue/maildir_int.h"

#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct box *
maildir_box(struct maildir *m, size_t i)
{
	return VEC_AT(&m->boxes, struct box, i);
}

bool
maildir_is_safe(char c)
{
	return ascii_is_alnum(c) || (c != '\0' && strchr("-+_.,@=", c) != NULL);
}

static void
add_safe(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_add_char(out, maildir_is_safe(s.ptr[i]) ? s.ptr[i] : '_');
}

static void
expand(struct buf *out, struct str pattern, const struct mail_path *rcpt)
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
    struct buf *out, const char *pattern, const struct mail_path *rcpt)
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

bool
maildir_add_path(const struct maildir *m, const struct queue_message *msg,
    size_t i, struct buf *path, struct err *e)
{
	struct mail_path p = msg->rcpts[i];
	struct str box =
	    msg->boxes != NULL ? msg->boxes[i] : (struct str)STR_EMPTY;
	bool junk = box.len > 1 && box.ptr[box.len - 1] == '/';
	if (box.len > 0)
		p.local = str_sub(box, 0, box.len - junk);
	buf_addf(path, "%s/", m->dir);
	bool ok = queue_maildir_subdir(path, m->subdir, &p);
	return (ok && (!junk || buf_add_cstr(path, "/.junkmail"))) ||
	       err_set(e, ERR_PERMANENT, "path of a mailbox is too long");
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
shut(struct maildir *m, struct box *b)
{
	if (b->tmp_fd >= 0)
		m->n_open--;
	box_close(b);
}

/* A message for thousands of boxes may not take thousands of descriptors. */
static void
make_room(struct maildir *m)
{
	while (m->n_open >= BOXES_OPEN_MAX) {
		m->next_shut = (m->next_shut + 1) % m->boxes.len;
		shut(m, maildir_box(m, m->next_shut));
	}
}

void
maildir_boxes_clear(struct maildir *m)
{
	for (size_t i = 0; i < m->boxes.len; i++) {
		shut(m, maildir_box(m, i));
		free(maildir_box(m, i)->path);
	}
	vec_clear(&m->boxes);
	m->found = m->next_shut = m->n_fresh = 0;
}

/* The box's folder 'name', made when it is not there: then *fresh is set. */
static int
open_folder(
    const char *box, const char *name, mode_t mode, bool *fresh, struct err *e)
{
	struct buf path;
	buf_init(&path, BOX_PATH_MAX);
	if (!buf_addf(&path, "%s/%s", box, name)) {
		buf_clear(&path);
		err_set(e, ERR_PERMANENT, "path of a mailbox is too long");
		return -1;
	}
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int fd = open(path.data, flags);
	bool made = fd < 0 && errno == ENOENT;
	bool ok = !made || file_mkdirs(path.data, mode, NULL, e);
	if (made && ok)
		fd = open(path.data, flags);
	if (ok && fd < 0)
		err_set_errno(e, errno, "cannot open '%s'", path.data);
	/* one that could not be made has nothing to be synced */
	*fresh = *fresh || (made && ok);
	buf_clear(&path);
	return fd;
}

/* Open the box, and make what it lacks of its three folders. */
static bool
box_open(struct maildir *m, struct box *b, struct err *e)
{
	bool fresh = false;
	struct stat st;
	b->tmp_fd = open_folder(b->path, "tmp", m->mode, &fresh, e);
	b->new_fd = b->tmp_fd >= 0
			? open_folder(b->path, "new", m->mode, &fresh, e)
			: -1;
	int cur = b->new_fd >= 0
		      ? open_folder(b->path, "cur", m->mode, &fresh, e)
		      : -1;
	if (fresh && !b->fresh) {
		b->fresh = true;
		m->n_fresh++;
	}
	if (cur < 0) {
		box_close(b);
		return false;
	}
	close(cur);
	if (fstat(b->tmp_fd, &st) == 0)
		b->device = st.st_dev;
	return true;
}

static void
is_synced(struct maildir *m, struct box *b)
{
	if (b->fresh)
		m->n_fresh--;
	b->fresh = false;
}

static bool
sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

/*
 * A new folder lasts once the one that holds it is synced: up to the one that
 * holds the folder of the whole queue.
 */
static bool
sync_folders(const struct maildir *m, const struct box *b, struct err *e)
{
	char path[BOX_PATH_MAX];
	size_t top = strlen(m->dir);
	while (top > 1 && m->dir[top - 1] == '/')
		top--;
	snprintf(path, sizeof(path), "%s", b->path);
	for (;;) {
		if (!sync_dir(path[0] != '\0' ? path : "/"))
			return err_set_errno(e, errno,
			    "cannot sync the folder '%s' of a mailbox", path);
		char *slash = strrchr(path, '/');
		if (slash == NULL || strlen(path) < top)
			return true;
		*slash = '\0';
	}
}

bool
maildir_sync_devices(struct maildir *m)
{
	bool all = true;
	for (size_t i = 0; i < m->boxes.len; i++) {
		struct box *b = maildir_box(m, i);
		if (!b->has_files)
			continue;
		bool ok =
		    maildir_box_ensure(m, b, NULL) && syncfs(b->tmp_fd) == 0;
		dev_t device = b->device;
		for (size_t k = 0; k < m->boxes.len; k++) {
			struct box *other = maildir_box(m, k);
			if (other->device != device)
				continue;
			other->has_files = false;
			if (ok)
				is_synced(m, other);
		}
		b->has_files = false;
		all = all && ok;
	}
	return all;
}

/* What we may pass through and not read is synced with all of its disk. */
static bool
sync_box(struct maildir *m, struct box *b, struct err *e)
{
	return sync_folders(m, b, e) ||
	       (e->sys_errno == EACCES && maildir_box_ensure(m, b, NULL) &&
		   syncfs(b->tmp_fd) == 0);
}

bool
maildir_boxes_sync(struct maildir *m, struct err *e)
{
	bool together = m->n_fresh > ALONE_MAX;
	if (m->n_fresh == 0)
		return true;
	for (size_t i = 0; together && i < m->boxes.len; i++)
		maildir_box(m, i)->has_files = maildir_box(m, i)->fresh;
	if (together && maildir_sync_devices(m))
		return true;
	for (size_t i = 0; i < m->boxes.len; i++) {
		struct box *b = maildir_box(m, i);
		if (b->fresh && !sync_box(m, b, e))
			return false;
		is_synced(m, b);
	}
	return true;
}

bool
maildir_box_ensure(struct maildir *m, struct box *b, struct err *e)
{
	if (b->tmp_fd >= 0)
		return true;
	make_room(m);
	if (!box_open(m, b, e))
		return false;
	m->n_open++;
	return true;
}

/* Its number where it is known from before, or SIZE_MAX. */
static size_t
find_known(struct maildir *m, const char *path)
{
	/* many recipients come in the same order again */
	for (size_t k = 0; k < m->boxes.len; k++) {
		size_t i = (m->found + 1 + k) % m->boxes.len;
		if (strcmp(maildir_box(m, i)->path, path) != 0)
			continue;
		m->found = i;
		return i;
	}
	return SIZE_MAX;
}

size_t
maildir_box_find(struct maildir *m, const char *path, struct err *e)
{
	size_t known = find_known(m, path);
	if (known != SIZE_MAX)
		return maildir_box_ensure(m, maildir_box(m, known), e)
			   ? known
			   : SIZE_MAX;
	struct box b = { .path = strdup(path), .tmp_fd = -1, .new_fd = -1 };
	if (b.path == NULL || !vec_push(&m->boxes, &b)) {
		free(b.path);
		err_set(e, ERR_TEMPORARY, "out of memory");
		return SIZE_MAX;
	}
	size_t last = m->boxes.len - 1;
	return maildir_box_ensure(m, maildir_box(m, last), e) ? last : SIZE_MAX;
}

bool
maildir_box_is_there(struct maildir *m, const char *path, struct err *e)
{
	(void)e;
	return find_known(m, path) != SIZE_MAX || !maildir_is_missing(path);
}

bool
maildir_box_is_ready(struct maildir *m, const char *path, struct err *e)
{
	if (find_known(m, path) == SIZE_MAX && maildir_is_missing(path))
		return maildir_may_be_made(path, e);
	return maildir_box_find(m, path, e) != SIZE_MAX;
}

bool
maildir_box_reopen(struct maildir *m, struct box *b, struct err *e)
{
	shut(m, b);
	return maildir_box_ensure(m, b, e);
}
