/* Listing of log directories. */
#include "core/maillog/logdir.h"

#include "core/base/i18n.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LIST_TRIES = 50 /* a writer that turns its files all the time */
};

/* Is 'name' a file of lines? Fills what the name tells. */
static bool
classify(const char *name, struct logdir_file *f)
{
	struct str s = str_of(name);
	memset(f, 0, sizeof(*f));
	if (s.len >= LOGDIR_NAME_SIZE)
		return false;
	memcpy(f->name, name, s.len + 1);
	f->is_current = strcmp(name, "current") == 0;
	if (f->is_current || strcmp(name, "previous") == 0 ||
	    strcmp(name, "processed") == 0)
		return true;
	if (str_ends(s, STR(".s.gz")) || str_ends(s, STR(".s.xz"))) {
		f->is_packed = true; /* LG-11 */
		s.len -= 3;
	}
	if (s.len != TAI64N_SIZE + 2 || !tai64n_parse_digits(s, &f->label))
		return false;
	f->has_label = true;
	f->was_killed = str_ends(s, STR(".u"));
	return f->was_killed || str_ends(s, STR(".s")) ||
	       str_ends(s, STR(".t"));
}

/*
 * Old files by name, then 'previous', 'processed' and 'current': whatever the
 * order in which the file system tells them.
 */
static int
by_order(const void *a, const void *b)
{
	const struct logdir_file *x = a, *y = b;
	if (x->has_label && y->has_label)
		return strcmp(x->name, y->name);
	if (x->has_label != y->has_label)
		return x->has_label ? -1 : 1;
	if (x->is_current != y->is_current)
		return x->is_current ? 1 : -1;
	return strcmp(x->name, y->name);
}

static bool
same_file(const struct logdir_file *a, const struct logdir_file *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

static bool
is_named(const struct logdir_file *f, const char *ending)
{
	return str_ends(str_of(f->name), str_of(ending));
}

/* Is the text of 'f' that of 'other', which is listed too? */
static bool
is_double(const struct logdir_file *f, const struct logdir_file *other)
{
	bool same_label = f->has_label && other->has_label &&
			  tai64n_cmp(f->label, other->label) == 0;
	if (same_label && (f->is_packed || other->is_packed))
		return f->is_packed; /* while it is being packed */
	if (same_label) /* svlogd's processor: .u becomes .t becomes .s */
		return (is_named(f, ".t") && is_named(other, ".u")) ||
		       (is_named(f, ".u") && is_named(other, ".s"));
	if (f->has_label || f->is_current)
		return false;
	/* multilog's removes 'previous' before it names 'processed' */
	return (other->has_label && same_file(other, f)) ||
	       (is_named(f, "processed") && is_named(other, "previous"));
}

/*
 * Drop what is no file, and texts that are there twice; from the last to the
 * first, so that 'processed' is judged while 'previous' is listed.
 */
static void
drop_others(struct vec *files)
{
	for (size_t i = files->len; i-- > 0;) {
		struct logdir_file *f = VEC_AT(files, struct logdir_file, i);
		bool drop = !f->is_regular;
		/* doubles stand side by side but for the names without label */
		size_t from = f->has_label && i > 0 ? i - 1 : 0;
		size_t to = f->has_label ? i + 2 : files->len;
		for (size_t k = from; k < to && k < files->len && !drop; k++)
			drop =
			    k != i &&
			    is_double(f, VEC_AT(files, struct logdir_file, k));
		if (drop)
			vec_remove(files, i);
	}
}

/* What one look at the directory gave. */
enum look {
	LOOK_DONE,
	LOOK_CHANGED, /* a file went while it was looked at */
	LOOK_FAILED   /* errno says why */
};

/* Fill in what stat tells. */
static enum look
look_at(int dir_fd, struct logdir_file *f)
{
	struct stat st;
	if (fstatat(dir_fd, f->name, &st, 0) != 0)
		return errno == ENOENT ? LOOK_CHANGED : LOOK_FAILED;
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->is_regular = S_ISREG(st.st_mode);
	return LOOK_DONE;
}

/*
 * One listing. 'current' is looked at before the directory is read: then the
 * file turned before it has its old name or 'previous' all the while, and is
 * overlooked only when it changes names during the reading.
 */
static enum look
list_once(int dir_fd, struct vec *files)
{
	struct logdir_file f;
	struct dirent *entry;
	files->len = 0;
	(void)classify("current", &f);
	enum look look = look_at(dir_fd, &f);
	if (look == LOOK_FAILED || (look == LOOK_DONE && !vec_push(files, &f)))
		return LOOK_FAILED;
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return LOOK_FAILED;
	}
	look = LOOK_DONE;
	while (look == LOOK_DONE && (entry = readdir(dir)) != NULL) {
		if (!classify(entry->d_name, &f) || f.is_current)
			continue;
		look = look_at(dir_fd, &f);
		if (look == LOOK_DONE && !vec_push(files, &f))
			look = LOOK_FAILED;
	}
	closedir(dir);
	vec_sort(files, by_order);
	return look;
}

static bool
same_listing(const struct vec *a, const struct vec *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++) {
		const struct logdir_file *x =
		    VEC_AT(a, const struct logdir_file, i);
		const struct logdir_file *y =
		    VEC_AT(b, const struct logdir_file, i);
		if (strcmp(x->name, y->name) != 0 || !same_file(x, y))
			return false;
	}
	return true;
}

/* List until two listings in a row agree. */
static enum look
list_settled(int dir_fd, struct vec *files)
{
	struct vec before = VEC_INIT(struct logdir_file);
	bool has_before = false;
	enum look look = LOOK_CHANGED;
	for (int i = 0; i < LIST_TRIES && look != LOOK_FAILED; i++) {
		look = list_once(dir_fd, files);
		if (look == LOOK_DONE && has_before &&
		    same_listing(files, &before))
			break;
		has_before = look == LOOK_DONE;
		if (look == LOOK_DONE)
			look = LOOK_CHANGED;
		struct vec swap = before;
		before = *files;
		*files = swap;
	}
	vec_clear(&before);
	return look;
}

bool
logdir_list(
    const char *path, const char *shown, struct vec *files, struct err *e)
{
	files->len = 0;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum look look = fd < 0 ? LOOK_FAILED : list_settled(fd, files);
	int why = look == LOOK_CHANGED ? EAGAIN : errno;
	if (fd >= 0)
		close(fd);
	if (look != LOOK_DONE) {
		files->len = 0;
		return err_set_errno(e, why, _("cannot read '%s'"), shown);
	}
	drop_others(files);
	return true;
}

bool
logdir_is_one(const char *path)
{
	struct vec files = VEC_INIT(struct logdir_file);
	bool ok = logdir_list(path, path, &files, NULL) && files.len > 0;
	vec_clear(&files);
	return ok;
}
