/* Inside of the Maildir back end: boxes and staged files. */
#ifndef CORE_QUEUE_MAILDIR_INT_H
#define CORE_QUEUE_MAILDIR_INT_H

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/vec.h"
#include "core/queue/maildir.h"

#include <sys/types.h>

enum {
	NAME_SIZE = 256,
	BOXES_MAX = 256,      /* known from one batch to the next */
	BOXES_OPEN_MAX = 128, /* two descriptors each, of two queues */
	HOST_MAX = 128,
	BOX_PATH_MAX = 4096,
	ALONE_MAX = 3,      /* so few are synced one by one */
	SEEN_MAX = 1 << 16, /* names of one mailbox, 24 bytes each */
};

/* A name as queue_stamp fixes it, without the host. */
struct maildir_name {
	int64_t s;
	uint64_t serial;
	uint32_t pid, usec;
};

/* One Maildir, kept open between messages. */
struct box {
	char *path;
	int tmp_fd;
	int new_fd;
	dev_t device; /* the file system it is on */
	bool fresh;   /* it was made, and its folders are not synced */
	/* during one commit */
	bool has_files; /* still to be synced */
	bool has_names; /* renamed into new, not synced */
};

/*
 * Names of ours that were in a mailbox when it was looked through, as many as
 * fit: those of from_s <= s < to_s, in order.
 */
struct seen {
	char *path;
	int64_t from_s, to_s;
	struct vec names; /* struct maildir_name */
};

/* One file of a staged message. */
struct staged {
	size_t ticket;
	size_t box;
	int fd;    /* -1: synced and closed already */
	int error; /* of that, an errno */
	bool renamed;
	char name[NAME_SIZE];
};

struct maildir {
	struct queue queue;
	char *dir;
	char *subdir;
	mode_t mode;
	char host[HOST_MAX];
	struct vec boxes;  /* struct box */
	size_t n_open;     /* of them, at most BOXES_OPEN_MAX */
	size_t found;      /* the one asked for last */
	size_t next_shut;  /* where to look for one to close */
	size_t n_fresh;    /* boxes */
	struct vec staged; /* struct staged */
	size_t n_files;    /* of them open */
	size_t tickets;    /* messages staged */
	struct vec seen;   /* struct seen: mailboxes looked through */
	size_t seen_names; /* in all of them */
	size_t seen_max;   /* in one: SEEN_MAX, less only in tests */
	bool seen_asked;   /* since the last commit */
};

/* maildir_stage.c */
struct staged *maildir_staged(struct maildir *m, size_t i);
/*
 * One file in tmp for 'n_rcpts' recipients from number 'first' on. One that a
 * daemon before this delivered already is left where it is. False: nothing of
 * it is left.
 */
MUST_USE bool maildir_stage_file(struct maildir *m,
    const struct queue_message *msg, size_t first, size_t n_rcpts,
    const char *path, struct err *e);
/*
 * The content of the open files to the disk, and close them; what went wrong
 * stands in each.
 */
void maildir_settle(struct maildir *m);
/* Remove the file, in tmp or in new. */
void maildir_discard(struct maildir *m, const struct staged *s);
/* The same for those from number 'from' on, and forget them. */
void maildir_unstage(struct maildir *m, size_t from);

/* maildir_commit.c */
/*
 * All that is staged into new and onto the disk; a message of several files is
 * taken whole or not at all. None is staged afterwards.
 */
void maildir_commit(struct maildir *m, struct queue_result *results);

/* maildir_box.c */
/* Append the path of the box for recipient number 'i'. */
MUST_USE bool maildir_add_path(const struct maildir *m,
    const struct queue_message *msg, size_t i, struct buf *path, struct err *e);
struct box *maildir_box(struct maildir *m, size_t i);
/* The open box at 'path', made when it is not there; or SIZE_MAX. */
size_t maildir_box_find(struct maildir *m, const char *path, struct err *e);
/*
 * Could maildir_box_find have it? One that is not there is not made for that:
 * the folders of a thousand take seconds.
 */
MUST_USE bool maildir_box_is_ready(
    struct maildir *m, const char *path, struct err *e);
/* It was there when it was looked for last; 'e' stays as it is. */
MUST_USE bool maildir_box_is_there(
    struct maildir *m, const char *path, struct err *e);
/* Close and open (or make) it again: it was removed behind our back. */
MUST_USE bool maildir_box_reopen(
    struct maildir *m, struct box *b, struct err *e);
/* One that was closed to make room is opened again. */
MUST_USE bool maildir_box_ensure(
    struct maildir *m, struct box *b, struct err *e);
/* Forget them. */
void maildir_boxes_clear(struct maildir *m);
/* Sync the file system of each box that has files, each once; all worked. */
MUST_USE bool maildir_sync_devices(struct maildir *m);
/* New folders to the disk; false: those of boxes that are fresh still. */
MUST_USE bool maildir_boxes_sync(struct maildir *m, struct err *e);
/* A character that may stand in names of folders and files. */
bool maildir_is_safe(char c);

/* maildir_look.c */
/* One of its three folders is not there, and nothing else is in its place. */
bool maildir_is_missing(const char *path);
/* The nearest folder above what is missing lets us make it. */
MUST_USE bool maildir_may_be_made(const char *path, struct err *e);

/* maildir_name.c */
struct maildir_name maildir_name_of(
    const struct queue_stamp *stamp, size_t nth);
/* SECONDS.P{pid}M{usec}Q{n}.HOST */
void maildir_name_format(
    const struct maildir *m, const struct maildir_name *n, char out[NAME_SIZE]);
/* The name of a file of ours, flags behind a colon or not. */
MUST_USE bool maildir_name_parse(
    const struct maildir *m, const char *file, struct maildir_name *out);
/* As qsort wants it. */
int maildir_name_cmp(const void *a, const void *b);

/* maildir_seen.c */
/*
 * Is the file in new, or was it moved to cur by a reader? Both mean that it
 * was delivered whole: nothing is renamed before it is synced.
 */
bool maildir_seen_has(
    struct maildir *m, const struct box *b, const struct maildir_name *n);
/* Nobody asked since the last commit: what was read is not needed any more. */
void maildir_seen_rest(struct maildir *m);
/* Forget it: files may have come and gone that it does not know of. */
void maildir_seen_clear(struct maildir *m);

#endif
