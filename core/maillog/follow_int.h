/* Private to the follower: the state that reading and turning share. */
#ifndef CORE_MAILLOG_FOLLOW_INT_H
#define CORE_MAILLOG_FOLLOW_INT_H

#include "core/base/buf.h"
#include "core/base/vec.h"
#include "core/maillog/follow.h"
#include "core/maillog/logdir.h"
#include "core/sys/root.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	FOLLOW_HEAD = FOLLOW_HEAD_SIZE,
};

/* An open file; kept open its inode number cannot be used again (LG-18). */
struct follow_file {
	int fd; /* -1: none */
	struct logdir_file id;
};

/* How the bytes behind 'joint' continue those before it. */
enum follow_joint {
	JOINT_NONE,
	JOINT_ASK, /* LG-14: a label begins a line of its own */
	JOINT_CUT, /* what stands before is all there will ever be */
};

struct follow {
	char path[SYS_PATH_MAX]; /* directory, or the plain file */
	char shown[SYS_PATH_MAX];
	char dir[SYS_PATH_MAX];     /* to be watched */
	char current[SYS_PATH_MAX]; /* the file that grows */
	bool plain;
	size_t lines;
	const struct clock *clock;

	struct follow_file file;
	off_t offset;           /* of the next read */
	char head[FOLLOW_HEAD]; /* first bytes, as seen at the last end */
	size_t head_len;
	bool at_end;
	struct vec pending; /* of struct follow_file: to be read after 'file' */
	size_t pending_at;

	struct buf in;
	size_t at;      /* in 'in': first byte not delivered */
	size_t scanned; /* from 'at' on without newline */
	enum follow_joint joint_kind;
	size_t joint; /* in 'in' */
	bool in_long; /* a piece was delivered, its line goes on */

	/* the line delivered last (LG-18) */
	bool has_last;
	struct tai64n last; /* its stamp, or that of the line it belongs to */
	size_t last_count;  /* lines delivered with that stamp */
	uint64_t last_hash; /* of its bytes */
	bool resumed;       /* begin where another follower stood */
	struct follow_place resume;
	int64_t read_ns; /* wall clock at the last end of file */
	bool skipping;
	size_t skip_seen;

	struct buf note;
	bool note_taken;
};

enum follow_step {
	STEP_MORE, /* bytes may be there: read again */
	STEP_NOTHING,
	STEP_FAILED
};

/* --- follow_back.c --- */
/*
 * Look for the newline before which '*left' - 1 others follow, from the end
 * of the file back. True: *offset is behind it. False: *left are still to be
 * found in the file before.
 */
bool follow_scan_back(int fd, off_t size, size_t *left, off_t *offset);
/* Is it the file, and the place in it, where the follower stood (LG-20)? */
bool follow_is_place(const struct follow_place *p, int fd);

/* --- follow_files.c --- */
/* Open the file where following begins. */
enum follow_step follow_start(struct follow *f, struct err *e);
/* The open file is read to its end for good: go on to the next. */
enum follow_step follow_advance(struct follow *f, struct err *e);

/* --- follow_plain.c --- */
/*
 * Open the plain file, 'lines' lines before its end, or where another follower
 * stood.
 */
enum follow_step follow_start_plain(
    struct follow *f, size_t lines, struct err *e);

/* --- follow.c --- */
/* To add to what the reader must be told: without what was told already. */
struct buf *follow_notes(struct follow *f);
/* Of the bytes of a line. */
uint64_t follow_hash(struct str line);
/* Make 'file' the one that is read, from 'offset'. */
void follow_take_file(struct follow *f, struct follow_file file, off_t offset);

#endif
