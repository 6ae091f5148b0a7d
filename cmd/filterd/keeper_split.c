/*
 * A message some of whose recipients are on other servers (smtproutes): each
 * server gets it with its recipients, one after the other, and what is ours is
 * kept last. The sender has one answer; one that is not 250 leaves it with the
 * whole message, so a server that took it before gets it again.
 */
#include "cmd/filterd/job.h"
#include "cmd/filterd/keeper_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	HOST_TEXT_MAX = 256
};

struct split {
	struct list_node node;
	uint32_t slot, serial;
	int fd; /* of the file with its parts */
	uint64_t at[6];
	size_t step;         /* servers that have it */
	uint32_t generation; /* of the policy that it began under */
	const struct filter_queue *queue; /* of that policy */
};

static bool
same_route(const struct filter_route *a, const struct filter_route *b)
{
	return a->port == b->port && str_eq(a->host, b->host);
}

bool
keeper_has_routes(const struct keeper *k, const struct queue_message *m)
{
	struct filter_route r;
	for (size_t i = 0; i < m->n_rcpts; i++) {
		if (filter_policy_route(k->policy, m->rcpts[i].domain, &r))
			return true;
	}
	return false;
}

static void
split_free(struct split *s)
{
	list_remove(&s->node);
	close(s->fd);
	free(s);
}

void
keeper_splits_clear(struct keeper *k)
{
	while (!list_is_empty(&k->splits))
		split_free(
		    LIST_ITEM(list_first(&k->splits), struct split, node));
}

/* The recipients of one route, or with 'wanted' NULL those that are ours. */
static bool
choose(struct keeper *k, struct queue_message *m,
    const struct filter_route *wanted)
{
	struct filter_path *some =
	    ARENA_ARRAY(k->arena, m->n_rcpts, struct filter_path);
	size_t n = 0;
	if (some == NULL)
		return false;
	for (size_t i = 0; i < m->n_rcpts; i++) {
		struct filter_route r;
		bool routed =
		    filter_policy_route(k->policy, m->rcpts[i].domain, &r);
		if (wanted == NULL ? !routed : routed && same_route(&r, wanted))
			some[n++] = m->rcpts[i];
	}
	m->rcpts = some;
	m->n_rcpts = n;
	return true;
}

/* The route number 'nth' in the order of the recipients; false: no more. */
static bool
find_route(const struct keeper *k, const struct queue_message *m, size_t nth,
    struct filter_route *out)
{
	for (size_t i = 0; i < m->n_rcpts; i++) {
		struct filter_route r;
		bool seen = false;
		if (!filter_policy_route(k->policy, m->rcpts[i].domain, out))
			continue;
		for (size_t j = 0; j < i && !seen; j++)
			seen = filter_policy_route(
				   k->policy, m->rcpts[j].domain, &r) &&
			       same_route(&r, out);
		if (!seen && nth-- == 0)
			return true;
	}
	return false;
}

static bool
read_back(struct keeper *k, const struct split *s, struct queue_message *m)
{
	struct str envelope;
	*m = (struct queue_message){ .body_fd = s->fd,
		.body_offset = (off_t)s->at[4],
		.body_length = (off_t)s->at[5] };
	if (!job_read_part(k->arena, s->fd, s->at[0], s->at[1],
		FILTERD_JOB_META_MAX, &envelope) ||
	    !job_read_part(
		k->arena, s->fd, s->at[2], s->at[3], JOB_HEAD_MAX, &m->head))
		return false;
	struct wire w = { envelope, false };
	return job_read_envelope(k->arena, &w, m) && wire_end(&w);
}

/* An envelope with these recipients only, behind all else in the file. */
static bool
write_envelope(const struct split *s, const struct queue_message *m,
    uint64_t *at, uint64_t *length)
{
	struct stat st;
	struct buf b;
	buf_init(&b, FILTERD_JOB_META_MAX);
	wire_put_str(&b, m->sender.local);
	wire_put_str(&b, m->sender.domain);
	wire_put_u32(&b, (uint32_t)m->n_rcpts);
	for (size_t i = 0; i < m->n_rcpts; i++) {
		wire_put_str(&b, m->rcpts[i].local);
		wire_put_str(&b, m->rcpts[i].domain);
	}
	bool ok = !b.failed && fstat(s->fd, &st) == 0;
	uint64_t end = ok ? (uint64_t)st.st_size : 0;
	ok = ok && keeper_append(s->fd, buf_str(&b), at, length, &end);
	buf_clear(&b);
	return ok;
}

static bool
hand_on(struct keeper *k, const struct split *s, struct queue_message *m,
    const struct filter_route *route, struct err *e)
{
	char host[HOST_TEXT_MAX];
	struct filter_queue q = {
		.kind = FILTER_QUEUE_SMTP, .place = host, .port = route->port
	};
	struct queue_client nobody = { .esmtp = true };
	struct job_parts parts = { .fd = s->fd };
	memcpy(parts.at, s->at, sizeof(parts.at));
	if (route->host.len >= sizeof(host))
		return err_set(
		    e, ERR_TEMPORARY, "the name of a server is too long");
	memcpy(host, route->host.ptr, route->host.len);
	host[route->host.len] = '\0';
	if (!choose(k, m, route) ||
	    !write_envelope(s, m, &parts.at[0], &parts.at[1]))
		return err_set(
		    e, ERR_TEMPORARY, "no room to hand the message on");
	return keeper_carry(k, &q, s->slot, s->serial, &nobody, &parts, e);
}

/* The next server, or what is ours. *over: nothing is to be waited for. */
static bool
go_on(struct keeper *k, const struct split *s, bool *over, struct err *e)
{
	struct queue_message m;
	struct filter_route route;
	*over = false;
	if (s->generation != k->generation)
		return err_set(e, ERR_TEMPORARY,
		    "the configuration changed while a message was handed on");
	if (!read_back(k, s, &m))
		return err_set(
		    e, ERR_TEMPORARY, "the job cannot be understood");
	if (find_route(k, &m, s->step, &route))
		return hand_on(k, s, &m, &route, e);
	if (!choose(k, &m, NULL))
		return err_set(e, ERR_TEMPORARY, "out of memory");
	*over = true;
	if (m.n_rcpts > 0)
		return keeper_stage(k, s->queue, &m, s->slot, s->serial, e);
	keeper_answer(k, s->slot, s->serial, QUEUE_TAKEN, (struct str)STR_EMPTY,
	    (struct str)STR_EMPTY);
	return true;
}

bool
keeper_split(struct keeper *k, const struct filter_queue *q, uint32_t slot,
    uint32_t serial, const struct job_parts *parts, struct err *e)
{
	struct split *s = calloc(1, sizeof(*s));
	bool over;
	if (s == NULL)
		return err_set(e, ERR_TEMPORARY, "out of memory");
	list_append(&k->splits, &s->node);
	s->slot = slot;
	s->serial = serial;
	s->generation = k->generation;
	s->queue = q;
	memcpy(s->at, parts->at, sizeof(s->at));
	s->fd = parts->fd >= 0 ? fcntl(parts->fd, F_DUPFD_CLOEXEC, 3)
			       : keeper_parts_file(parts, s->at, e);
	bool ok = s->fd >= 0 && go_on(k, s, &over, e);
	if (!ok)
		split_free(s);
	return ok;
}

bool
keeper_split_go_on(struct keeper *k, uint32_t slot, uint32_t serial,
    enum queue_outcome outcome)
{
	struct err e = ERR_INIT;
	struct split *s = NULL;
	LIST_FOREACH(node, &k->splits)
	{
		struct split *each = LIST_ITEM(node, struct split, node);
		if (each->slot == slot && each->serial == serial)
			s = each;
	}
	if (s == NULL)
		return false;
	bool over = true;
	if (outcome != QUEUE_TAKEN) {
		/* the server's own words are the answer */
		split_free(s);
		return false;
	}
	s->step++;
	arena_reset(k->arena);
	bool ok = go_on(k, s, &over, &e);
	if (!ok)
		keeper_answer(k, slot, serial, QUEUE_DECLINED,
		    (struct str)STR_EMPTY, str_of(e.text));
	if (!ok || over)
		split_free(s);
	keeper_commit(k);
	return true;
}
