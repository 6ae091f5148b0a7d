/* What stays here: whose mailboxes it is for, and the queue that has them. */
#include "cmd/filterd/keeper_int.h"

#include <stdlib.h>
#include <string.h>

enum {
	TARGET_NAME_MAX = 8192
};

static struct target *
target_at(struct keeper *k, size_t i)
{
	return VEC_AT(&k->targets, struct target, i);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static char *
copy_or_null(const char *s)
{
	return s != NULL ? strdup(s) : NULL;
}

static void
target_free(struct target *t)
{
	queue_free(t->queue);
	free(t->dir);
	free(t->subdir);
	buf_clear(&t->name);
}

/* The queue for this policy line; its index, or SIZE_MAX. */
static size_t
find_target(struct keeper *k, const struct filter_queue *q, struct err *e)
{
	for (size_t i = 0; i < k->targets.len; i++) {
		const struct target *t = target_at(k, i);
		if (same_text(t->dir, q->dir) &&
		    same_text(t->subdir, q->subdir) && t->mode == q->mode)
			return i;
	}
	struct queue_maildir_spec spec = { q->dir, q->subdir, q->mode,
		k->host };
	struct target t = {
		.dir = copy_or_null(q->dir),
		.subdir = copy_or_null(q->subdir),
		.mode = q->mode,
		.queue = queue_maildir_new(&spec),
		.name = BUF_INIT(TARGET_NAME_MAX),
	};
	keeper_log_name(&t.name, &spec);
	if (t.dir != NULL && (q->subdir == NULL || t.subdir != NULL) &&
	    t.queue != NULL && !t.name.failed && vec_push(&k->targets, &t))
		return k->targets.len - 1;
	target_free(&t);
	err_set(e, ERR_TEMPORARY, "out of memory");
	return SIZE_MAX;
}

bool
keeper_deliveries(struct keeper *k, const struct filter_queue *q,
    const struct queue_message *m, struct filter_deliveries *out, struct err *e)
{
	return filter_policy_deliver(k->policy, m->rcpts, m->n_rcpts,
	    q->subdir != NULL, k->arena, out, e);
}

/* The mailbox, or its folder for what is marked; empty without memory. */
static struct str
folder_of(struct keeper *k, const struct filter_delivery *d, struct str head,
    int *marked)
{
	if (!filter_policy_sorts(k->policy, d, head, marked))
		return d->box;
	const char *name = arena_printf(k->arena, "%.*s/", STR_ARG(d->box));
	return name != NULL ? str_of(name) : (struct str)STR_EMPTY;
}

/* The message for those who are here, each with a mailbox. */
static bool
address_ours(struct keeper *k, struct queue_message *m,
    const struct filter_deliveries *d)
{
	int marked = -1;
	size_t n = d->n - d->n_away;
	struct mail_path *rcpts = ARENA_ARRAY(k->arena, n, struct mail_path);
	struct str *boxes = ARENA_ARRAY(k->arena, n, struct str);
	if (rcpts == NULL || boxes == NULL)
		return false;
	m->rcpts = rcpts;
	m->boxes = boxes;
	m->n_rcpts = 0;
	for (size_t i = 0; i < d->n; i++) {
		if (d->items[i].away)
			continue;
		const struct filter_delivery *one = &d->items[i];
		rcpts[m->n_rcpts] = one->rcpt;
		boxes[m->n_rcpts] = folder_of(k, one, m->head, &marked);
		if (boxes[m->n_rcpts++].len < one->box.len)
			return false;
	}
	return true;
}

/* Others would wait for it: one of the log's size, or folders to be made. */
static bool
takes_long(const struct target *t, const struct queue_message *m)
{
	return (m->body_fd >= 0 && m->body_length >= QUEUE_LOG_MESSAGE_MAX) ||
	       queue_maildir_lacks(t->queue, m);
}

bool
keeper_stage(struct keeper *k, const struct filter_queue *q,
    struct queue_message *m, const struct filter_deliveries *d,
    const struct asker *asker, int64_t until_ms, struct err *e)
{
	struct pending p = { .asker = *asker };
	if (clock_mono_ms(k->clock) >= until_ms)
		return err_set(
		    e, ERR_TEMPORARY, "nobody waits for it any more");
	size_t target = find_target(k, q, e);
	if (target == SIZE_MAX)
		return false;
	if (!address_ours(k, m, d))
		return err_set(e, ERR_TEMPORARY, "out of memory");
	struct target *t = target_at(k, target);
	m->stamp = (struct queue_stamp){ clock_wall_ns(k->clock), k->pid,
		k->files + 1 };
	k->files += (uint32_t)m->n_rcpts;
	m->target = buf_str(&t->name);
	bool room = keeper_log_has_disk(k, t, m);
	/* it would take what is left from those that have their 250 */
	if (!room && keeper_log_is_busy(k))
		return err_set(e, ERR_TEMPORARY,
		    "the disk of '%s' has no room for more than waits for it: "
		    "make room there",
		    t->dir);
	bool logged = room && keeper_log_stage(k, t, m, &p.ticket);
	if (!logged && takes_long(t, m) &&
	    keeper_put_aside(k, m, asker, until_ms))
		return true;
	p.queue = logged ? k->log.queue : t->queue;
	if (!logged && !queue_stage(t->queue, m, &p.ticket, e))
		return false;
	k->batch[k->n_batch++] = p;
	return true;
}

void
keeper_targets_clear(struct keeper *k)
{
	for (size_t i = 0; i < k->targets.len; i++)
		target_free(target_at(k, i));
	vec_clear(&k->targets);
}
