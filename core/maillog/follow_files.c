/*
 * Which file comes next: where following begins, what was rotated meanwhile,
 * and what to do when the file just read is gone (LG-16 to LG-18).
 */
#include "core/maillog/follow_int.h"

#include "core/base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LIST_TRIES = 20,
	PENDING_MAX = 256, /* descriptors held for files to come */
	FIRST_SIZE = 4096,
};

enum open_result {
	OPEN_DONE,
	OPEN_CHANGED, /* it is not that file any more: list again */
	OPEN_FAILED
};

static enum open_result
open_listed(const struct follow *f, const struct logdir_file *id,
    struct follow_file *out, struct err *e)
{
	char path[SYS_PATH_MAX + LOGDIR_NAME_SIZE];
	struct stat st;
	snprintf(path, sizeof(path), "%s/%s", f->path, id->name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == EINTR))
		return OPEN_CHANGED;
	if (fd < 0) {
		err_set_errno(
		    e, errno, _("cannot read '%s/%s'"), f->shown, id->name);
		return OPEN_FAILED;
	}
	if (fstat(fd, &st) != 0 || st.st_dev != id->dev ||
	    st.st_ino != id->ino) {
		close(fd);
		return OPEN_CHANGED;
	}
	out->fd = fd;
	out->id = *id;
	return OPEN_DONE;
}

static void
pending_drop(struct follow *f)
{
	for (size_t i = f->pending_at; i < f->pending.len; i++)
		close(VEC_AT(&f->pending, struct follow_file, i)->fd);
	f->pending.len = f->pending_at = 0;
}

/*
 * Open listed files from 'first' on, so that none can be deleted before it
 * was read. Too many are opened later, when those are done.
 */
static enum open_result
pending_open(
    struct follow *f, const struct vec *files, size_t first, struct err *e)
{
	pending_drop(f);
	for (size_t i = first; i < files->len && i - first < PENDING_MAX; i++) {
		struct follow_file file;
		enum open_result r = open_listed(
		    f, VEC_AT(files, struct logdir_file, i), &file, e);
		if (r != OPEN_DONE) {
			pending_drop(f);
			return r;
		}
		if (!vec_push(&f->pending, &file)) {
			close(file.fd);
			pending_drop(f);
			err_no_memory(e);
			return OPEN_FAILED;
		}
	}
	return OPEN_DONE;
}

static struct follow_file
pending_take(struct follow *f)
{
	return *VEC_AT(&f->pending, struct follow_file, f->pending_at++);
}

/* The file and offset 'lines' lines before the end of all. */
static enum open_result
find_start(struct follow *f, const struct vec *files, size_t *index,
    off_t *offset, struct err *e)
{
	size_t left = f->lines + 1;
	*index = 0;
	*offset = 0;
	if (f->lines == FOLLOW_ALL_LINES)
		return OPEN_DONE;
	for (size_t i = files->len; i-- > 0;) {
		struct follow_file file;
		enum open_result r = open_listed(
		    f, VEC_AT(files, struct logdir_file, i), &file, e);
		if (r != OPEN_DONE)
			return r;
		struct stat st;
		off_t size = fstat(file.fd, &st) == 0 ? st.st_size : 0;
		bool found = follow_scan_back(file.fd, size, &left, offset);
		close(file.fd);
		if (found) {
			*index = i;
			break;
		}
	}
	return OPEN_DONE;
}

/* The files of the directory: none when it is missing or in a rush. */
static bool
list(const struct follow *f, struct vec *files, struct err *e)
{
	struct err why = ERR_INIT;
	bool ok = logdir_list(f->path, f->shown, files, &why);
	/* packed files end before anything that is followed */
	for (size_t i = files->len; i-- > 0;)
		if (VEC_AT(files, struct logdir_file, i)->is_packed)
			vec_remove(files, i);
	if (ok || why.sys_errno == ENOENT || why.sys_errno == EAGAIN)
		return true;
	if (e != NULL)
		*e = why;
	return false;
}

/* Stamp of the first line of a listed file that has one. */
static bool
first_stamp(
    const struct follow *f, const struct logdir_file *id, struct tai64n *out)
{
	char bytes[FIRST_SIZE];
	struct follow_file file;
	if (open_listed(f, id, &file, NULL) != OPEN_DONE)
		return false;
	ssize_t got = pread(file.fd, bytes, sizeof(bytes), 0);
	close(file.fd);
	struct str text = str_n(bytes, got > 0 ? (size_t)got : 0), line;
	while (str_next_line(&text, &line)) {
		struct stamp s = stamp_parse(line, clock_wall_s(f->clock));
		if (s.kind != STAMP_NONE) {
			*out = s.time;
			return true;
		}
	}
	return false;
}

/*
 * The file with what came after 'since' is not known: when no older file is
 * left and the first one begins later, lines may have been deleted.
 */
static void
note_gap(struct follow *f, const struct vec *files, struct tai64n since)
{
	struct tai64n_zone zone = { 0 };
	struct tai64n first;
	char a[TAI64N_TEXT_SIZE], b[TAI64N_TEXT_SIZE];
	if (files->len == 0 ||
	    !first_stamp(f, VEC_AT(files, struct logdir_file, 0), &first) ||
	    tai64n_cmp(first, since) <= 0)
		return;
	size_t a_len = tai64n_time_text(&zone, since, TAI64N_LOCAL, a);
	size_t b_len = tai64n_time_text(&zone, first, TAI64N_LOCAL, b);
	buf_reset(follow_notes(f));
	buf_addf(&f->note, _("lines between %.*s and %.*s are gone"),
	    (int)a_len, a, (int)b_len, b);
}

/* The first old file that ended at 't' or later, or the index after them. */
static size_t
first_ended_since(const struct vec *files, struct tai64n t)
{
	size_t i = 0;
	while (i < files->len) {
		struct logdir_file *id = VEC_AT(files, struct logdir_file, i);
		if (!id->has_label || tai64n_cmp(id->label, t) >= 0)
			break;
		i++;
	}
	return i;
}

/*
 * LG-18: the file just read is not there any more: deleted, or its text lives
 * in a new file written by a processor. Go on where lines newer than the last
 * one can be, and skip what was delivered.
 */
static size_t
recover(struct follow *f, const struct vec *files)
{
	struct tai64n since = { f->read_ns / NS_PER_S,
		(int32_t)(f->read_ns % NS_PER_S) };
	if (f->has_last)
		since = f->last;
	size_t i = first_ended_since(files, since);
	f->skipping = f->has_last;
	f->skip_seen = 0;
	f->file.id.was_killed = true; /* its last line may not go on */
	if (i == 0)
		note_gap(f, files, since);
	return i;
}

/* Where the file just read stands in the listing; files->len if nowhere. */
static size_t
find_read(const struct follow *f, const struct vec *files)
{
	for (size_t i = 0; i < files->len; i++) {
		struct logdir_file *id = VEC_AT(files, struct logdir_file, i);
		if (id->dev == f->file.id.dev && id->ino == f->file.id.ino)
			return i;
	}
	return files->len;
}

/* Index of the file to be read next. */
static size_t
find_next(struct follow *f, const struct vec *files)
{
	size_t i = find_read(f, files);
	if (i < files->len) {
		const struct logdir_file *id =
		    VEC_AT(files, struct logdir_file, i);
		f->file.id.was_killed = id->was_killed;
		return i + 1;
	}
	if (!f->file.id.has_label)
		return recover(f, files);
	i = first_ended_since(files, f->file.id.label);
	if (i == 0)
		note_gap(f, files, f->file.id.label);
	if (i < files->len) { /* worked over: the same name, a new inode */
		const struct logdir_file *id =
		    VEC_AT(files, struct logdir_file, i);
		if (id->has_label &&
		    tai64n_cmp(id->label, f->file.id.label) == 0)
			i++;
	}
	return i;
}

/*
 * The file where a follower of before stood. Where it is not known any more,
 * the first one that can hold newer lines; what was delivered is skipped.
 */
static enum open_result
find_resumed(struct follow *f, const struct vec *files, size_t *index,
    off_t *offset, struct err *e)
{
	const struct follow_place *p = &f->resume;
	for (size_t i = 0; p->has_file && i < files->len; i++) {
		const struct logdir_file *id =
		    VEC_AT(files, struct logdir_file, i);
		struct follow_file file;
		if ((uint64_t)id->ino != p->ino || (uint64_t)id->dev != p->dev)
			continue;
		enum open_result r = open_listed(f, id, &file, e);
		if (r != OPEN_DONE)
			return r;
		bool here = follow_is_place(p, file.fd);
		close(file.fd);
		if (!here)
			continue;
		*index = i;
		*offset = (off_t)p->offset;
		return OPEN_DONE;
	}
	*index = recover(f, files);
	if (*index == files->len)
		*index = files->len - 1;
	*offset = 0;
	return OPEN_DONE;
}

/* As follow_start, in a directory, with one listing. */
static enum open_result
start_listed(struct follow *f, struct vec *files, struct err *e)
{
	size_t index;
	off_t offset;
	if (!list(f, files, e))
		return OPEN_FAILED;
	if (files->len == 0)
		return OPEN_DONE;
	f->skipping = false;
	enum open_result r = f->resumed
				 ? find_resumed(f, files, &index, &offset, e)
				 : find_start(f, files, &index, &offset, e);
	bool skipping = f->skipping;
	if (r == OPEN_DONE)
		r = pending_open(f, files, index, e);
	if (r == OPEN_DONE) {
		follow_take_file(f, pending_take(f), offset);
		f->skipping = skipping;
	}
	return r;
}

enum follow_step
follow_start(struct follow *f, struct err *e)
{
	struct vec files = VEC_INIT(struct logdir_file);
	enum open_result r = OPEN_CHANGED;
	if (f->plain)
		return follow_start_plain(f, f->lines, e);
	for (int i = 0; i < LIST_TRIES && r == OPEN_CHANGED; i++)
		r = start_listed(f, &files, e);
	vec_clear(&files);
	if (r == OPEN_FAILED)
		return STEP_FAILED;
	return f->file.fd >= 0 ? STEP_MORE : STEP_NOTHING;
}

static enum follow_step
advance_listed(struct follow *f, struct err *e)
{
	struct vec files = VEC_INIT(struct logdir_file);
	enum open_result r = OPEN_CHANGED;
	for (int i = 0; i < LIST_TRIES && r == OPEN_CHANGED; i++) {
		if (!list(f, &files, e))
			r = OPEN_FAILED;
		else if (files.len == 0)
			break;
		else
			r = pending_open(f, &files, find_next(f, &files), e);
	}
	vec_clear(&files);
	return r == OPEN_FAILED ? STEP_FAILED : STEP_MORE;
}

enum follow_step
follow_advance(struct follow *f, struct err *e)
{
	if (f->plain)
		return follow_start_plain(f, FOLLOW_ALL_LINES, e);
	/* not met in this file: the line delivered last is in a later one */
	f->skipping = f->skipping && f->skip_seen < f->last_count;
	if (f->pending_at == f->pending.len &&
	    advance_listed(f, e) == STEP_FAILED)
		return STEP_FAILED;
	if (f->pending_at == f->pending.len)
		return STEP_NOTHING;
	bool skipping = f->skipping;
	follow_take_file(f, pending_take(f), 0);
	f->skipping = skipping;
	return STEP_MORE;
}
