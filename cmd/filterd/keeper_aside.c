/*
 * Messages that are too long for the log, or have mailboxes to be made and no
 * log to wait in: a thread stores them, and all others go on meanwhile. It has
 * queues of its own; both sides share only the two lists.
 */
#include "cmd/filterd/keeper_int.h"
#include "cmd/filterd/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	ASIDE_MAX = 64, /* more wait where they were before: in the channels */
	ASIDE_BATCH = 8,
	ASIDE_MEMORY = 8 << 20, /* of one: header and recipients */
	TARGET_NAME_MAX = 8192
};

struct aside_job {
	struct list_node node;
	struct asker asker;
	int64_t until_ms;
	struct arena *arena; /* of what 'm' points to */
	struct queue_message m;
	struct queue *queue; /* NULL: not staged */
	size_t ticket;
	struct queue_result result;
};

struct aside_target {
	struct buf name;
	struct queue *queue;
};

struct keeper_aside {
	const struct clock *clock;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct list waiting, done; /* struct aside_job; under the lock */
	bool stop;                 /* too */
	size_t n;                  /* the keeper's: not answered yet */
	int told;                  /* eventfd: something is done */
	struct vec targets;        /* the thread's: struct aside_target */
};

static void
job_free(struct aside_job *j)
{
	if (j == NULL)
		return;
	if (j->m.body_fd >= 0)
		close(j->m.body_fd);
	arena_free(j->arena);
	free(j);
}

/* ---- the thread ---- */

static struct queue *
find_queue(struct keeper_aside *a, struct str name, struct err *e)
{
	for (size_t i = 0; i < a->targets.len; i++) {
		struct aside_target *t =
		    VEC_AT(&a->targets, struct aside_target, i);
		if (str_eq(buf_str(&t->name), name))
			return t->queue;
	}
	struct aside_target t = { .name = BUF_INIT(TARGET_NAME_MAX) };
	buf_add_str(&t.name, name);
	t.queue = keeper_log_target(name, e);
	if (t.queue != NULL && !t.name.failed && vec_push(&a->targets, &t))
		return t.queue;
	if (t.queue != NULL)
		err_set(e, ERR_TEMPORARY, "out of memory");
	queue_free(t.queue);
	buf_clear(&t.name);
	return NULL;
}

static void
stage_job(struct keeper_aside *a, struct aside_job *j)
{
	struct err *e = &j->result.err;
	j->result.outcome = QUEUE_DECLINED;
	if (clock_mono_ms(a->clock) >= j->until_ms) {
		err_set(e, ERR_TEMPORARY, "nobody waits for it any more");
		return;
	}
	struct queue *q = find_queue(a, j->m.target, e);
	if (q != NULL && queue_stage(q, &j->m, &j->ticket, e))
		j->queue = q;
}

static void
commit_target(struct queue *q, struct aside_job *const *jobs, size_t n)
{
	struct queue_result results[ASIDE_BATCH];
	bool any = false;
	for (size_t i = 0; i < n; i++)
		any = any || jobs[i]->queue == q;
	if (!any)
		return;
	queue_commit(q, results);
	for (size_t i = 0; i < n; i++) {
		if (jobs[i]->queue == q)
			jobs[i]->result = results[jobs[i]->ticket];
	}
}

static size_t
take_waiting(struct keeper_aside *a, struct aside_job *jobs[ASIDE_BATCH])
{
	size_t n = 0;
	pthread_mutex_lock(&a->lock);
	while (list_is_empty(&a->waiting) && !a->stop)
		pthread_cond_wait(&a->more, &a->lock);
	while (!a->stop && n < ASIDE_BATCH && !list_is_empty(&a->waiting)) {
		struct list_node *node = list_first(&a->waiting);
		list_remove(node);
		jobs[n++] = LIST_ITEM(node, struct aside_job, node);
	}
	pthread_mutex_unlock(&a->lock);
	return n;
}

static void
give_done(struct keeper_aside *a, struct aside_job *const *jobs, size_t n)
{
	uint64_t one = 1;
	pthread_mutex_lock(&a->lock);
	for (size_t i = 0; i < n; i++)
		list_append(&a->done, &jobs[i]->node);
	pthread_mutex_unlock(&a->lock);
	/* a counter that is full tells as well */
	(void)!write(a->told, &one, sizeof(one));
}

static void *
run(void *arg)
{
	struct keeper_aside *a = arg;
	struct aside_job *jobs[ASIDE_BATCH];
	size_t n;
	while ((n = take_waiting(a, jobs)) > 0) {
		for (size_t i = 0; i < n; i++)
			stage_job(a, jobs[i]);
		for (size_t i = 0; i < a->targets.len; i++)
			commit_target(
			    VEC_AT(&a->targets, struct aside_target, i)->queue,
			    jobs, n);
		give_done(a, jobs, n);
	}
	return NULL;
}

/* ---- the keeper ---- */

static struct keeper_aside *
aside_new(const struct clock *clock)
{
	struct keeper_aside *a = calloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	a->clock = clock;
	list_init(&a->waiting);
	list_init(&a->done);
	a->targets = (struct vec)VEC_INIT(struct aside_target);
	a->told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->more, NULL);
	if (a->told >= 0 && pthread_create(&a->thread, NULL, run, a) == 0)
		return a;
	if (a->told >= 0)
		close(a->told);
	pthread_cond_destroy(&a->more);
	pthread_mutex_destroy(&a->lock);
	free(a);
	return NULL;
}

/* False without memory. */
static bool
copy_text(struct arena *a, struct str *s)
{
	const struct str from = *s;
	if (from.len == 0)
		return true;
	char *to = arena_array(a, from.len, 1);
	if (to == NULL)
		return false;
	memcpy(to, from.ptr, from.len);
	*s = str_n(to, from.len);
	return true;
}

static bool
copy_rcpts(struct arena *a, struct queue_message *m)
{
	struct mail_path *rcpts = ARENA_ARRAY(a, m->n_rcpts, struct mail_path);
	struct str *boxes = ARENA_ARRAY(a, m->n_rcpts, struct str);
	bool ok = rcpts != NULL && boxes != NULL;
	for (size_t i = 0; ok && i < m->n_rcpts; i++) {
		rcpts[i] = m->rcpts[i];
		boxes[i] = m->boxes[i];
		ok = copy_text(a, &rcpts[i].local) &&
		     copy_text(a, &rcpts[i].domain) && copy_text(a, &boxes[i]);
	}
	m->rcpts = rcpts;
	m->boxes = boxes;
	return ok;
}

/* Of all that it points to; a text in a file stays there. */
static bool
copy_message(struct aside_job *j, const struct queue_message *m)
{
	struct queue_message *to = &j->m;
	*to = *m;
	to->body_fd = -1;
	if (m->body_fd >= 0) {
		to->body_fd = fcntl(m->body_fd, F_DUPFD_CLOEXEC, 3);
		if (to->body_fd < 0)
			return false;
	}
	return copy_text(j->arena, &to->sender.local) &&
	       copy_text(j->arena, &to->sender.domain) &&
	       copy_text(j->arena, &to->head) &&
	       copy_text(j->arena, &to->body) &&
	       copy_text(j->arena, &to->target) && copy_rcpts(j->arena, to);
}

static struct aside_job *
job_new(const struct queue_message *m)
{
	struct aside_job *j = calloc(1, sizeof(*j));
	if (j == NULL)
		return NULL;
	j->m.body_fd = -1;
	j->arena = arena_new(ASIDE_MEMORY, NULL, NULL);
	if (j->arena != NULL && copy_message(j, m))
		return j;
	job_free(j);
	return NULL;
}

bool
keeper_put_aside(struct keeper *k, const struct queue_message *m,
    const struct asker *asker, int64_t until_ms)
{
	if (k->aside == NULL)
		k->aside = aside_new(k->clock);
	struct keeper_aside *a = k->aside;
	if (a == NULL || a->n >= ASIDE_MAX)
		return false;
	struct aside_job *j = job_new(m);
	if (j == NULL)
		return false;
	j->asker = *asker;
	j->until_ms = until_ms;
	a->n++;
	pthread_mutex_lock(&a->lock);
	list_append(&a->waiting, &j->node);
	pthread_cond_signal(&a->more);
	pthread_mutex_unlock(&a->lock);
	return true;
}

int
keeper_aside_fd(const struct keeper *k)
{
	return k->aside != NULL ? k->aside->told : -1;
}

static struct aside_job *
take_done(struct keeper_aside *a)
{
	struct aside_job *j = NULL;
	pthread_mutex_lock(&a->lock);
	if (!list_is_empty(&a->done)) {
		j = LIST_ITEM(list_first(&a->done), struct aside_job, node);
		list_remove(&j->node);
	}
	pthread_mutex_unlock(&a->lock);
	return j;
}

void
keeper_hear_aside(struct keeper *k)
{
	struct aside_job *j;
	uint64_t n;
	if (read(k->aside->told, &n, sizeof(n)) < 0)
		return;
	while ((j = take_done(k->aside)) != NULL) {
		k->aside->n--;
		keeper_answer(k, &j->asker, j->result.outcome,
		    str_of(j->result.text), str_of(j->result.err.text));
		job_free(j);
	}
	/* one may have been a report that its message waits for */
	keeper_commit(k);
}

static void
free_list(struct list *l)
{
	while (!list_is_empty(l)) {
		struct list_node *node = list_first(l);
		list_remove(node);
		job_free(LIST_ITEM(node, struct aside_job, node));
	}
}

/* What it is at is finished; nobody waits for the rest. */
void
keeper_aside_free(struct keeper *k)
{
	struct keeper_aside *a = k->aside;
	if (a == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->more);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	free_list(&a->waiting);
	free_list(&a->done);
	for (size_t i = 0; i < a->targets.len; i++) {
		struct aside_target *t =
		    VEC_AT(&a->targets, struct aside_target, i);
		queue_free(t->queue);
		buf_clear(&t->name);
	}
	vec_clear(&a->targets);
	close(a->told);
	pthread_cond_destroy(&a->more);
	pthread_mutex_destroy(&a->lock);
	free(a);
	k->aside = NULL;
}
