/*
 * What makes staged files last, in this order: their content, the folders made
 * for them, their names in new, the folders with these names. What went wrong
 * with a file fails its message.
 */
#include "core/queue/maildir_int.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

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
	maildir_settle(m);
	for (size_t i = 0; i < m->staged.len; i++) {
		const struct staged *s = maildir_staged(m, i);
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
		const struct staged *s = maildir_staged(m, i);
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
		struct staged *s = maildir_staged(m, i);
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
			struct staged *s = maildir_staged(m, k);
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
		struct staged *s = maildir_staged(m, i);
		if (results[s->ticket].outcome != QUEUE_TAKEN)
			maildir_discard(m, s);
	}
	m->staged.len = 0;
}

void
maildir_commit(struct maildir *m, struct queue_result *results)
{
	for (size_t i = 0; i < m->tickets; i++)
		results[i] = (struct queue_result){ .outcome = QUEUE_TAKEN };
	sync_files(m, results);
	sync_fresh(m, results);
	rename_files(m, results);
	sync_boxes(m, results);
	remove_failed(m, results);
}
