/* Which server gets a message for whom. */
#include "cmd/filterd/job.h"
#include "cmd/filterd/keeper_split_int.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The server of each share, and for each copy that goes away its share. */
struct plan {
	const struct filter_deliveries *d;
	const struct mail_path *sender;
	struct filter_route *routes;
	size_t n;
	size_t *whose;
};

static bool
same_route(const struct filter_route *a, const struct filter_route *b)
{
	return a->port == b->port && str_eq(a->host, b->host);
}

static bool
make_plan(struct keeper *k, struct plan *p)
{
	const struct filter_deliveries *d = p->d;
	p->routes = ARENA_ARRAY(k->arena, d->n, struct filter_route);
	p->whose = ARENA_ARRAY(k->arena, d->n, size_t);
	if (p->routes == NULL || p->whose == NULL)
		return false;
	for (size_t i = 0; i < d->n; i++) {
		size_t j = 0;
		if (!d->items[i].away)
			continue;
		while (
		    j < p->n && !same_route(&p->routes[j], &d->items[i].route))
			j++;
		if (j == p->n)
			p->routes[p->n++] = d->items[i].route;
		p->whose[i] = j;
	}
	return true;
}

bool
split_read_envelope(struct keeper *k, const struct split *s, uint64_t at,
    uint64_t length, struct queue_message *m)
{
	struct str bytes;
	if (!job_read_part(
		k->arena, s->fd, at, length, FILTERD_JOB_META_MAX, &bytes))
		return false;
	struct wire w = { bytes, false };
	return job_read_envelope(k->arena, &w, m) && wire_end(&w);
}

bool
split_write_envelope(const struct split *s, struct share *share,
    const struct mail_path *sender, const struct mail_path *rcpts, size_t n)
{
	struct stat st;
	struct buf b = BUF_INIT(FILTERD_JOB_META_MAX);
	wire_put_path(&b, sender);
	wire_put_u32(&b, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		wire_put_path(&b, &rcpts[i]);
	bool ok = !b.failed && fstat(s->fd, &st) == 0;
	uint64_t end = ok ? (uint64_t)st.st_size : 0;
	uint64_t at = end;
	ok = ok && job_append(s->fd, buf_str(&b), &end);
	if (ok) {
		share->at = at;
		share->length = b.len;
	}
	buf_clear(&b);
	return ok;
}

/* Nobody has it before an answer says so. */
static bool
add_rcpts(struct share *share, size_t n)
{
	share->rcpts = calloc(n, sizeof(*share->rcpts));
	if (share->rcpts == NULL)
		return false;
	share->n = n;
	for (size_t i = 0; i < n; i++)
		share->rcpts[i].outcome = QUEUE_DECLINED;
	return true;
}

/* The recipients of one share, in the arena; *n of them. */
static struct mail_path *
list_rcpts(struct keeper *k, const struct plan *p, size_t share, size_t *n)
{
	struct mail_path *rcpts =
	    ARENA_ARRAY(k->arena, p->d->n, struct mail_path);
	*n = 0;
	for (size_t i = 0; rcpts != NULL && i < p->d->n; i++) {
		if (p->d->items[i].away && p->whose[i] == share)
			rcpts[(*n)++] = p->d->items[i].rcpt;
	}
	return rcpts;
}

static bool
make_share(struct keeper *k, const struct split *s, const struct plan *p,
    size_t i, struct err *e)
{
	size_t n;
	struct share *share = &s->shares[i];
	struct str host = p->routes[i].host;
	if (host.len >= sizeof(share->host))
		return err_set(
		    e, ERR_TEMPORARY, "the name of a server is too long");
	memcpy(share->host, host.ptr, host.len);
	share->port = p->routes[i].port;
	const struct mail_path *rcpts = list_rcpts(k, p, i, &n);
	return (rcpts != NULL && add_rcpts(share, n) &&
		   split_write_envelope(s, share, p->sender, rcpts, n)) ||
	       err_set(e, ERR_TEMPORARY, "no room to hand the message on");
}

static bool
add_shares(struct split *s, size_t n)
{
	s->shares = calloc(n, sizeof(*s->shares));
	if (s->shares != NULL)
		s->n = n;
	return s->shares != NULL;
}

/* All to the server of the policy's line, in the envelope that it came in. */
static bool
plan_whole(struct split *s, const struct queue_message *m)
{
	if (!add_shares(s, 1))
		return false;
	struct share *share = &s->shares[0];
	snprintf(share->host, sizeof(share->host), "%s", s->queue->place);
	share->port = s->queue->port;
	share->at = s->at[0];
	share->length = s->at[1];
	return add_rcpts(share, m->n_rcpts);
}

bool
split_plan(struct keeper *k, struct split *s, const struct queue_message *m,
    const struct filter_deliveries *d, struct err *e)
{
	struct plan p = { .d = d, .sender = &m->sender };
	if (d == NULL ? !plan_whole(s, m)
		      : !make_plan(k, &p) || !add_shares(s, p.n))
		return err_set(e, ERR_TEMPORARY, "out of memory");
	for (size_t i = 0; i < p.n; i++) {
		if (!make_share(k, s, &p, i, e))
			return false;
	}
	return true;
}

void
split_shares_free(struct split *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct share *share = &s->shares[i];
		for (size_t j = 0; j < share->n; j++)
			free(share->rcpts[j].text);
		free(share->rcpts);
	}
	free(s->shares);
	vec_clear(&s->had);
}
