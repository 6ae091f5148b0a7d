/*
 * A message some of whose copies go to other servers (smtproutes): each server
 * gets its share, side by side, and what is ours is kept last, when all
 * have theirs. The sender has one answer (RFC 5321 knows no other); one that is
 * not 250 leaves it with the whole message. Shares that were taken are then
 * remembered, so that a sender who comes again has them sent once only.
 *
 * A share that is refused for good refuses the message only where nobody else
 * has or gets it. Else the others keep theirs, and the sender is told by a
 * report of failure (RFC 5321 6.1), which goes the way of any message and must
 * be taken, or on disk, before there is a 250: there are no tries later on.
 * Where it has no way to go, is not taken, or are too many of them (a spammer
 * with a forged sender would have us write to others), the message is refused
 * as a whole, and to report that is then the work of the server it came from.
 */
#include "cmd/filterd/job.h"
#include "cmd/filterd/keeper_split_int.h"
#include "cmd/filterd/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	AT_ONCE = 8 /* shares of one message: others' messages go on too */
};

static bool
same_route(const struct filter_route *a, const struct filter_route *b)
{
	return a->port == b->port && str_eq(a->host, b->host);
}

static void
split_free(struct split *s)
{
	list_remove(&s->node);
	if (s->fd >= 0)
		close(s->fd);
	free(s->shares);
	free(s);
}

void
keeper_splits_clear(struct keeper *k)
{
	while (!list_is_empty(&k->splits))
		split_free(
		    LIST_ITEM(list_first(&k->splits), struct split, node));
}

/* ---- who gets what ---- */

/* The server of each share, and for each copy that goes away its share. */
struct plan {
	const struct filter_deliveries *d;
	const struct filter_path *sender;
	struct filter_route *routes;
	size_t n;
	size_t *whose;
};

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

static bool
is_of_share(const struct plan *p, size_t i, size_t share)
{
	return p->d->items[i].away && p->whose[i] == share;
}

/* The envelope of one share, behind all else in the file. */
static bool
write_envelope(const struct split *s, const struct plan *p, size_t share,
    uint64_t *at, uint64_t *length)
{
	struct stat st;
	struct buf b = BUF_INIT(FILTERD_JOB_META_MAX);
	uint32_t n = 0;
	for (size_t i = 0; i < p->d->n; i++)
		n += is_of_share(p, i, share);
	wire_put_path(&b, p->sender);
	wire_put_u32(&b, n);
	for (size_t i = 0; i < p->d->n; i++) {
		if (!is_of_share(p, i, share))
			continue;
		wire_put_path(&b, &p->d->items[i].rcpt);
	}
	bool ok = !b.failed && fstat(s->fd, &st) == 0;
	uint64_t end = ok ? (uint64_t)st.st_size : 0;
	*at = end;
	*length = b.len;
	ok = ok && job_append(s->fd, buf_str(&b), &end);
	buf_clear(&b);
	return ok;
}

static bool
make_share(const struct split *s, const struct plan *p, size_t i, struct err *e)
{
	struct share *share = &s->shares[i];
	struct str host = p->routes[i].host;
	if (host.len >= sizeof(share->host))
		return err_set(
		    e, ERR_TEMPORARY, "the name of a server is too long");
	memcpy(share->host, host.ptr, host.len);
	share->port = p->routes[i].port;
	return write_envelope(s, p, i, &share->at, &share->length) ||
	       err_set(e, ERR_TEMPORARY, "no room to hand the message on");
}

static bool
make_shares(struct keeper *k, struct split *s, struct plan *p, struct err *e)
{
	if (!make_plan(k, p))
		return err_set(e, ERR_TEMPORARY, "out of memory");
	s->shares = calloc(p->n, sizeof(*s->shares));
	if (s->shares == NULL)
		return err_set(e, ERR_TEMPORARY, "out of memory");
	s->n = p->n;
	for (size_t i = 0; i < p->n; i++) {
		if (!make_share(s, p, i, e))
			return false;
	}
	return true;
}

/* ---- on their way ---- */

static bool
hand_on(struct keeper *k, const struct split *s, uint32_t number, struct err *e)
{
	const struct share *share = &s->shares[number];
	struct filter_queue q = { .kind = FILTER_QUEUE_SMTP,
		.place = share->host,
		.port = share->port };
	struct queue_client nobody = { .esmtp = true };
	struct job_parts parts = { .fd = s->fd, .share = number };
	memcpy(parts.at, s->at, sizeof(parts.at));
	parts.at[0] = share->at;
	parts.at[1] = share->length;
	return keeper_carry(k, &q, &s->asker, &nobody, &parts, e);
}

/* All have their shares: what is ours is staged, or that is all. */
static bool
keep_ours(struct keeper *k, const struct split *s, struct err *e)
{
	struct queue_message m = { .body_fd = s->fd,
		.body_offset = (off_t)s->at[4],
		.body_length = (off_t)s->at[5] };
	struct str envelope;
	struct filter_deliveries d;
	if (!s->any_is_ours) {
		keeper_answer(k, &s->asker, QUEUE_TAKEN, (struct str)STR_EMPTY,
		    (struct str)STR_EMPTY);
		return true;
	}
	/* the line that says where to is gone with its policy */
	if (s->generation != k->generation)
		return err_set(e, ERR_TEMPORARY,
		    "the configuration changed while a message was handed on");
	arena_reset(k->arena);
	struct wire w = { STR_EMPTY, false };
	bool ok = job_read_part(k->arena, s->fd, s->at[0], s->at[1],
		      FILTERD_JOB_META_MAX, &envelope) &&
		  job_read_part(k->arena, s->fd, s->at[2], s->at[3],
		      JOB_HEAD_MAX, &m.head);
	if (ok)
		w.rest = envelope;
	if (!ok || !job_read_envelope(k->arena, &w, &m) || !wire_end(&w))
		return err_set(
		    e, ERR_TEMPORARY, "the job cannot be understood");
	return keeper_deliveries(k, s->queue, &m, &d, e) &&
	       keeper_stage(k, s->queue, &m, &d, &s->asker, e);
}

/* Do the others get theirs still? */
static bool
goes_on(struct keeper *k, struct split *s)
{
	return s->worst.outcome == QUEUE_TAKEN ||
	       (s->worst.outcome == QUEUE_REFUSED && split_may_report(k, s));
}

/* As many shares as may be under way. */
static void
hand_out(struct keeper *k, struct split *s)
{
	while (s->begun < s->n && s->waits < AT_ONCE && goes_on(k, s)) {
		bool taken = s->shares[s->begun].taken;
		if (taken || hand_on(k, s, (uint32_t)s->begun, &s->worst.err)) {
			s->begun++;
			s->waits += !taken;
		} else {
			s->worst.outcome = QUEUE_DECLINED;
		}
	}
}

/* One share is refused for good, and others have theirs or will. */
static bool
wants_report(struct keeper *k, struct split *s)
{
	bool others = s->any_is_ours;
	for (size_t i = 0; i < s->n; i++)
		others = others || s->shares[i].taken;
	return s->worst.outcome == QUEUE_REFUSED && others &&
	       split_may_report(k, s);
}

static void
report(struct keeper *k, struct split *s)
{
	struct err e = ERR_INIT;
	s->report = REPORT_UNDER_WAY;
	if (split_report(k, s, &e))
		return;
	log_error(&e);
	s->report = REPORT_FAILED;
}

/* The sender knows of what was refused: that is done with. */
static void
take_reported(struct split *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->shares[i].taken = true;
	s->worst.outcome = QUEUE_TAKEN;
}

/* Hand out, and end it once nothing is waited for. */
static void
go_on(struct keeper *k, struct split *s)
{
	hand_out(k, s);
	if (s->waits > 0)
		return;
	if (s->report == REPORT_NONE && wants_report(k, s))
		report(k, s);
	if (s->report == REPORT_UNDER_WAY)
		return;
	if (s->report == REPORT_TAKEN)
		take_reported(s);
	if (s->worst.outcome == QUEUE_TAKEN && !keep_ours(k, s, &s->worst.err))
		s->worst.outcome = QUEUE_DECLINED;
	split_remember(k, s);
	if (s->worst.outcome != QUEUE_TAKEN)
		keeper_answer(k, &s->asker, s->worst.outcome,
		    str_of(s->worst.text), str_of(s->worst.err.text));
	split_free(s);
}

bool
keeper_split(struct keeper *k, const struct filter_queue *q,
    const struct filter_deliveries *d, const struct asker *asker,
    const struct job_parts *parts, struct err *e)
{
	struct plan p = { .d = d, .sender = &parts->message->sender };
	struct split *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return err_set(e, ERR_TEMPORARY, "out of memory");
	list_append(&k->splits, &s->node);
	s->asker = *asker;
	s->generation = k->generation;
	s->queue = q;
	s->any_is_ours = d->n > d->n_away;
	memcpy(s->at, parts->at, sizeof(s->at));
	s->fd = parts->fd >= 0 ? fcntl(parts->fd, F_DUPFD_CLOEXEC, 3)
			       : keeper_parts_file(parts, s->at, e);
	if (s->fd < 0 || !make_shares(k, s, &p, e)) {
		split_free(s);
		return false;
	}
	split_recall(k, s);
	go_on(k, s);
	return true;
}

/* A 4xx outweighs a 5xx: the sender may try again, and learns more then. */
static void
note_answer(struct split *s, enum queue_outcome outcome, struct str text,
    struct str why)
{
	bool first = s->worst.outcome == QUEUE_TAKEN;
	bool worse =
	    s->worst.outcome == QUEUE_REFUSED && outcome == QUEUE_DECLINED;
	if (outcome == QUEUE_TAKEN || (!first && !worse))
		return;
	s->worst.outcome = outcome;
	snprintf(s->worst.text, sizeof(s->worst.text), "%.*s", STR_ARG(text));
	err_clear(&s->worst.err);
	err_set(&s->worst.err, ERR_TEMPORARY, "%.*s", STR_ARG(why));
}

static void
note_share(struct share *share, enum queue_outcome outcome, struct str text)
{
	share->taken = outcome == QUEUE_TAKEN;
	share->refused = outcome == QUEUE_REFUSED;
	snprintf(share->text, sizeof(share->text), "%.*s", STR_ARG(text));
}

void
keeper_split_reported(
    struct keeper *k, uint32_t serial, enum queue_outcome outcome)
{
	LIST_FOREACH(node, &k->splits)
	{
		struct split *s = LIST_ITEM(node, struct split, node);
		if (s->report == REPORT_UNDER_WAY && s->report_serial == serial)
			s->report = outcome == QUEUE_TAKEN ? REPORT_TAKEN
							   : REPORT_FAILED;
	}
}

/* The next one whose report is answered, NULL: none. */
static struct split *
find_reported(struct keeper *k)
{
	LIST_FOREACH(node, &k->splits)
	{
		struct split *s = LIST_ITEM(node, struct split, node);
		if (s->waits == 0 &&
		    (s->report == REPORT_TAKEN || s->report == REPORT_FAILED))
			return s;
	}
	return NULL;
}

bool
keeper_splits_resume(struct keeper *k)
{
	struct split *s;
	bool any = false;
	while (k->n_batch < FILTERD_BATCH && (s = find_reported(k)) != NULL) {
		go_on(k, s);
		any = true;
	}
	return any;
}

bool
keeper_split_go_on(struct keeper *k, const struct asker *asker, uint32_t share,
    enum queue_outcome outcome, struct str text, struct str why)
{
	struct split *s = NULL;
	LIST_FOREACH(node, &k->splits)
	{
		struct split *each = LIST_ITEM(node, struct split, node);
		if (asker_eq(&each->asker, asker))
			s = each;
	}
	if (s == NULL)
		return false;
	if (share >= s->begun)
		return true; /* about none of its shares */
	s->waits--;
	note_share(&s->shares[share], outcome, text);
	note_answer(s, outcome, text, why);
	go_on(k, s);
	keeper_commit(k);
	return true;
}
