/*
 * Maildir: each message is written to tmp, all of a batch are synced, then
 * renamed to new, then each new is synced (of many of either: the whole file
 * system, once). Files first and folders last, so that a crash never leaves an
 * empty file in new.
 */
#include "core/queue/maildir_int.h"

#include <stdlib.h>
#include <string.h>

static struct maildir *
maildir_of(struct queue *q)
{
	return (struct maildir *)(void *)q;
}

static bool
stage_each(struct maildir *m, const struct queue_message *msg, struct err *e)
{
	bool ok = true;
	for (size_t i = 0; ok && i < msg->n_rcpts; i++) {
		struct buf path;
		buf_init(&path, BOX_PATH_MAX);
		ok = maildir_add_path(m, msg, i, &path, e) &&
		     maildir_stage_file(m, msg, i, 1, path.data, e);
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
	struct maildir *m = maildir_of(q);
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
	return !for_each_path(maildir_of(q), m, maildir_box_is_there, &e);
}

static bool
stage(struct queue *q, const struct queue_message *msg, size_t *ticket,
    struct err *e)
{
	struct maildir *m = maildir_of(q);
	size_t before = m->staged.len;
	trim_boxes(m);
	bool ok = m->subdir != NULL
		      ? stage_each(m, msg, e)
		      : maildir_stage_file(m, msg, 0, msg->n_rcpts, m->dir, e);
	if (!ok) {
		maildir_unstage(m, before);
		return false;
	}
	*ticket = m->tickets++;
	return true;
}

static void
commit(struct queue *q, struct queue_result *results)
{
	struct maildir *m = maildir_of(q);
	bool failed = false;
	maildir_commit(m, results);
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
	struct maildir *m = maildir_of(q);
	maildir_unstage(m, 0);
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
