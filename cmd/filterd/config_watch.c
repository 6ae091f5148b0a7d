/*
 * Each folder that names were looked for in is watched, for those names, and
 * each file by itself, for what comes by another of its names. Where these lie
 * is asked for now and then: that a folder above them, a link on the way to
 * them or a mount has changed is told to nobody. What is written to a file by
 * memory that it is mapped into is told of when that ends.
 */
#include "cmd/filterd/config_watch.h"

#include "core/base/arena.h"
#include "core/base/map.h"
#include "core/base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
	ARENA_MAX = 16 << 20,
	NONE = -1,
	HOST_SIZE = 256,
	EVENTS = IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE |
		 IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF |
		 IN_MOVE_SELF,
	XFS_MAGIC = 0x58465342,
	ZFS_MAGIC = 0x2fc12fc1
};

/* A path, and what was there when it was read. */
struct anchor {
	const char *path;
	bool is_there;
	dev_t device;
	ino_t inode;
};

struct config_watch {
	int fd;        /* inotify, borrowed, or NONE */
	int mounts_fd; /* tells that something was mounted, or NONE */
	bool blind;    /* nobody tells of some of it */
	char host[HOST_SIZE];
	struct vec anchors;
	struct vec watched; /* int: descriptors of watches */
	struct vec before;  /* those of the look before */
	struct map folders; /* by path; their int in 'arena' */
	struct map names;   /* of a watch: see put_name */
	bool has_device;
	dev_t device; /* of a file system that tells, seen last */
	struct arena *arena;
};

struct config_watch *
config_watch_new(void)
{
	struct config_watch *w = calloc(1, sizeof(*w));
	if (w == NULL)
		return NULL;
	w->anchors = (struct vec)VEC_INIT(struct anchor);
	w->watched = w->before = (struct vec)VEC_INIT(int);
	w->fd = w->mounts_fd = NONE;
	w->arena = arena_new(ARENA_MAX, NULL, NULL);
	if (w->arena != NULL)
		return w;
	free(w);
	return NULL;
}

void
config_watch_free(struct config_watch *w)
{
	if (w == NULL)
		return;
	if (w->mounts_fd >= 0)
		close(w->mounts_fd);
	vec_clear(&w->anchors);
	vec_clear(&w->watched);
	vec_clear(&w->before);
	map_clear(&w->folders);
	map_clear(&w->names);
	arena_free(w->arena);
	free(w);
}

/* ---- what is read ---- */

/*
 * Disks of this machine. On those of others (NFS) it changes unheard, and so it
 * may on what a program makes up (FUSE, /proc) or lays over another (overlay).
 */
static bool
tells(const char *path)
{
	static const unsigned long kinds[] = { EXT4_SUPER_MAGIC, XFS_MAGIC,
		BTRFS_SUPER_MAGIC, TMPFS_MAGIC, RAMFS_MAGIC, F2FS_SUPER_MAGIC,
		REISERFS_SUPER_MAGIC, ZFS_MAGIC };
	struct statfs fs;
	if (statfs(path, &fs) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if ((unsigned long)fs.f_type == kinds[i])
			return true;
	}
	return false;
}

/* Look at it; false, and 'blind' or not, when it is not there. */
static bool
find(struct config_watch *w, const char *path,
    int (*look)(const char *path, struct stat *st), struct stat *st)
{
	if (look(path, st) == 0)
		return true;
	w->blind = w->blind || (errno != ENOENT && errno != ENOTDIR);
	return false;
}

/* Where this path leads to is asked for. */
static bool
anchor(struct config_watch *w, const char *path, struct stat *st)
{
	struct anchor a = { .path = path, .is_there = find(w, path, stat, st) };
	if (a.is_there) {
		a.device = st->st_dev;
		a.inode = st->st_ino;
	}
	if (!vec_push(&w->anchors, &a))
		w->blind = true;
	return a.is_there;
}

/* The watch tells of this name; "": of itself, "/": of all in it. */
static void
put_name(struct config_watch *w, int watch, const char *name)
{
	char *key = arena_printf(w->arena, "%d/%s", watch, name);
	if (key == NULL || !map_put(&w->names, str_of(key), w))
		w->blind = true;
}

static bool
has_name(const struct config_watch *w, int watch, const char *name)
{
	char key[NAME_MAX + 32];
	int n = snprintf(key, sizeof(key), "%d/%s", watch, name);
	return n < 0 || (size_t)n >= sizeof(key) ||
	       map_has(&w->names, str_n(key, (size_t)n));
}

/* The descriptor of a watch at what 'st' tells of, or NONE. */
static int
watch(struct config_watch *w, const char *path, const struct stat *st)
{
	if (!w->has_device || w->device != st->st_dev) {
		w->has_device = tells(path);
		w->device = st->st_dev;
		w->blind = w->blind || !w->has_device;
	}
	int watch = inotify_add_watch(w->fd, path, EVENTS);
	if (watch < 0) {
		/* gone meanwhile: whoever was asked where it is tells that */
		w->blind = w->blind || (errno != ENOENT && errno != ENOTDIR);
		return NONE;
	}
	if (has_name(w, watch, ""))
		return watch;
	put_name(w, watch, "");
	if (!vec_push(&w->watched, &watch))
		w->blind = true;
	return watch;
}

/* The watch of a folder, or NONE. */
static int
watch_folder(struct config_watch *w, struct str path)
{
	struct stat st;
	int *known = map_get(&w->folders, path);
	if (known != NULL)
		return *known;
	known = ARENA_NEW(w->arena, int);
	path = arena_str(w->arena, path);
	if (known == NULL || path.ptr == NULL ||
	    !map_put(&w->folders, path, known)) {
		w->blind = true;
		return NONE;
	}
	*known = NONE;
	if (anchor(w, path.ptr, &st))
		*known = watch(w, path.ptr, &st);
	return *known;
}

/* Its folder first: from then on it is told of. */
static void
see_file(void *ctx, const char *path)
{
	struct config_watch *w = ctx;
	struct stat st;
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	struct str folder = slash == NULL ? STR(".")
			    : slash == path
				? STR("/")
				: str_n(path, (size_t)(slash - path));
	int in = watch_folder(w, folder);
	if (in >= 0)
		put_name(w, in, name);
	if (!find(w, path, lstat, &st))
		return;
	const char *kept = arena_cstr(w->arena, str_of(path));
	if (kept == NULL)
		w->blind = true;
	else if (!S_ISLNK(st.st_mode) || anchor(w, kept, &st))
		(void)watch(w, kept, &st);
}

/* It may be missing as a file may. */
static void
see_folder(void *ctx, const char *path)
{
	struct config_watch *w = ctx;
	see_file(w, path);
	int watch = watch_folder(w, str_of(path));
	if (watch >= 0)
		put_name(w, watch, "/");
}

static void
ask_host(char host[HOST_SIZE])
{
	memset(host, 0, HOST_SIZE);
	(void)!gethostname(host, HOST_SIZE - 1);
}

/* True once after something was mounted, or is so no more. */
static bool
was_mounted(const struct config_watch *w)
{
	struct pollfd p = { .fd = w->mounts_fd, .events = POLLPRI };
	return poll(&p, 1, 0) > 0;
}

struct filter_onlooker
config_watch_begin(struct config_watch *w, int fd)
{
	struct vec old = w->before;
	w->before = w->watched;
	w->watched = old;
	w->watched.len = 0;
	w->anchors.len = 0;
	map_clear(&w->folders);
	map_clear(&w->names);
	arena_reset(w->arena);
	w->has_device = false;
	w->fd = fd;
	if (w->mounts_fd < 0)
		w->mounts_fd =
		    open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	w->blind = w->fd < 0 || w->mounts_fd < 0;
	(void)was_mounted(w);
	ask_host(w->host);
	return (struct filter_onlooker){ see_file, see_folder, w };
}

void
config_watch_end(struct config_watch *w, bool whole)
{
	w->blind = w->blind || !whole;
	for (size_t i = 0; i < w->before.len; i++) {
		int watch = *VEC_AT(&w->before, int, i);
		if (!has_name(w, watch, ""))
			(void)inotify_rm_watch(w->fd, watch);
	}
	w->before.len = 0;
}

/* ---- what is told ---- */

static bool
concerns(const struct config_watch *w, const struct inotify_event *ev)
{
	const char *name = ev->len > 0 ? ev->name : "";
	if (ev->mask & IN_Q_OVERFLOW)
		return true;
	/* that a watch was taken away; why, was told before */
	if (ev->mask & IN_IGNORED)
		return false;
	return has_name(w, ev->wd, name) ||
	       (name[0] != '\0' && has_name(w, ev->wd, "/"));
}

bool
config_watch_was_told(struct config_watch *w)
{
	union {
		struct inotify_event first; /* for its alignment */
		char bytes[4096];
	} in;
	bool told = false;
	ssize_t n;
	if (w->fd < 0)
		return false;
	while ((n = read(w->fd, in.bytes, sizeof(in.bytes))) > 0) {
		const char *at = in.bytes, *end = at + n;
		while (!told && at < end) {
			const struct inotify_event *ev = (const void *)at;
			told = concerns(w, ev);
			at += sizeof(*ev) + ev->len;
		}
	}
	return told;
}

static bool
is_moved(const struct anchor *a)
{
	struct stat st;
	if (stat(a->path, &st) != 0)
		return a->is_there || (errno != ENOENT && errno != ENOTDIR);
	return !a->is_there || st.st_dev != a->device || st.st_ino != a->inode;
}

bool
config_watch_may_differ(const struct config_watch *w)
{
	char host[HOST_SIZE];
	ask_host(host);
	if (w->blind || was_mounted(w) || strcmp(host, w->host) != 0)
		return true;
	for (size_t i = 0; i < w->anchors.len; i++) {
		if (is_moved(VEC_AT(&w->anchors, struct anchor, i)))
			return true;
	}
	return false;
}
