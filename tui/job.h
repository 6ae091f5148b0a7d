/*
 * An apply under way. It runs in a process of its own session, so that it
 * goes on when the line breaks or the screen is left; its steps come through
 * a pipe.
 */
#ifndef TUI_JOB_H
#define TUI_JOB_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tui;

enum {
	JOB_TEXT_MAX = 256
};

struct job_step {
	char state[16], name[32], detail[JOB_TEXT_MAX];
	double seconds;
};

enum job_kind {
	JOB_APPLY, /* the draft */
	JOB_UNDO,  /* a change, or UNDO_STORED */
};

struct job {
	enum job_kind kind;
	bool stopping; /* asked to stop after the step it is in */
	pid_t pid;
	int fd; /* -1 when its end was read */
	struct buf in;
	struct vec steps; /* struct job_step */
	size_t settings;  /* of the draft */
	int64_t began_ms, ended_ms;
	bool done, ok;
	long change;
	struct err err; /* when it is done and not ok */
};

/*
 * Start to apply the draft, or to take 'change' back; NULL (and a message)
 * when it cannot.
 */
MUST_USE struct job *job_start(struct tui *ui, enum job_kind kind, long change);
/* It ends after the step it is in. */
void job_stop(struct job *j);
/*
 * Read what has come. True when there is something new; when the end is
 * reached the draft is emptied (if it was applied) and everything read again.
 */
bool job_tick(struct tui *ui);
/* Forget it; a process still at work goes on. NULL allowed. */
void job_free(struct job *j);

#endif
