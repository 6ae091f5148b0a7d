/*
 * A message that several others answer for: some of its copies go to servers
 * of their own (smtproutes), or one server answers for each recipient. Each
 * server gets its share, side by side, and what is ours is kept last, when all
 * have theirs. The sender has one answer (RFC 5321 knows no other); one that is
 * not 250 leaves it with the whole message. Recipients that have it are then
 * remembered, so that a sender who comes again has it sent to others only.
 *
 * A recipient who is refused for good refuses the message only where nobody
 * else has or gets it. Else the others keep theirs, and the sender is told by a
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

static void
split_free(struct split *s)
{
	list_remove(&s->node);
	if (s->fd >= 0)
		close(s->fd);
	split_shares_free(s);
	free(s);
}

void
keeper_splits_clear(struct keeper *k)
{
	while (!list_is_empty(&k->splits))
		split_free(
		    LIST_ITEM(list_first(&k->splits), struct split, node));
}

static bool
hand_on(struct keeper *k, struct split *s, uint32_t number,
    const struct queue_client *client, struct err *e)
{
	const struct share *share = &s->shares[number];
	struct filter_queue route = { .kind = FILTER_QUEUE_SMTP,
		.place = share->host,
		.port = share->port };
	struct job_parts parts = { .fd = s->fd, .share = number };
	if (share->n > 1)
		parts.apart =
		    (struct queue_apart){ split_may_report(k, s), s->is_known };
	memcpy(parts.at, s->at, sizeof(parts.at));
	parts.at[0] = share->at;
	parts.at[1] = share->length;
	return keeper_carry(
	    k, s->is_whole ? s->queue : &route, &s->asker, client, &parts, e);
}

/* All have their shares: what is ours is staged, and answered by that. */
static bool
keep_ours(struct keeper *k, const struct split *s, struct err *e)
{
	struct queue_message m = { .body_fd = s->fd,
		.body_offset = (off_t)s->at[4],
		.body_length = (off_t)s->at[5] };
	struct str envelope;
	struct filter_deliveries d;
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
	       keeper_stage(k, s->queue, &m, &d, &s->asker, s->until_ms, e);
}

/* Do the others get theirs still? */
static bool
goes_on(struct keeper *k, struct split *s)
{
	return s->worst.outcome == QUEUE_TAKEN ||
	       (s->worst.outcome == QUEUE_REFUSED && split_may_report(k, s));
}

/* As many shares as may be under way; 'client' is whose message it is. */
static void
hand_out(struct keeper *k, struct split *s, const struct queue_client *client)
{
	while (s->begun < s->n && s->waits < AT_ONCE && goes_on(k, s)) {
		bool all_have = s->shares[s->begun].n == 0;
		if (all_have ||
		    hand_on(k, s, (uint32_t)s->begun, client, &s->worst.err)) {
			s->begun++;
			s->waits += !all_have;
		} else {
			s->worst.outcome = QUEUE_DECLINED;
		}
	}
}

/* Some are refused for good, and others have theirs or will. */
static bool
wants_report(struct keeper *k, struct split *s)
{
	bool others = s->any_is_ours || s->had.len > 0 || split_any_has_it(s);
	/* shares that wait for a report to be possible are not reported:
	   between two looks at the clock it may have become so */
	return s->worst.outcome == QUEUE_REFUSED && others &&
	       s->begun == s->n && split_may_report(k, s);
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
	for (size_t i = 0; i < s->n; i++) {
		for (size_t j = 0; j < s->shares[i].n; j++)
			s->shares[i].rcpts[j].outcome = QUEUE_TAKEN;
	}
	s->worst = (struct queue_result){ .outcome = QUEUE_TAKEN };
	memcpy(s->worst.text, s->queued_as, sizeof(s->queued_as));
	s->asker.reported = true;
}

/* Hand out, and end it once nothing is waited for. */
static void
go_on(struct keeper *k, struct split *s)
{
	struct queue_client nobody = { .esmtp = true };
	hand_out(k, s, &nobody);
	if (s->waits > 0)
		return;
	if (s->report == REPORT_NONE && wants_report(k, s))
		report(k, s);
	if (s->report == REPORT_UNDER_WAY)
		return;
	if (s->report == REPORT_TAKEN)
		take_reported(s);
	if (s->worst.outcome == QUEUE_TAKEN && s->any_is_ours) {
		s->is_staged = keep_ours(k, s, &s->worst.err);
		if (s->is_staged)
			return;
		s->worst.outcome = QUEUE_DECLINED;
	}
	split_remember(k, s, s->worst.outcome == QUEUE_DECLINED);
	keeper_answer(k, &s->asker, s->worst.outcome, str_of(s->worst.text),
	    str_of(s->worst.err.text));
	split_free(s);
}

/* The last: of a session that did not wait for the one before. */
static struct split *
find_split(struct keeper *k, const struct asker *asker)
{
	struct split *found = NULL;
	LIST_FOREACH(node, &k->splits)
	{
		struct split *s = LIST_ITEM(node, struct split, node);
		if (asker_eq(&s->asker, asker))
			found = s;
	}
	return found;
}

void
keeper_split_stored(
    struct keeper *k, const struct asker *asker, enum queue_outcome outcome)
{
	struct split *s = find_split(k, asker);
	if (s == NULL || !s->is_staged)
		return;
	split_remember(k, s, outcome == QUEUE_DECLINED);
	split_free(s);
}

bool
keeper_split(struct keeper *k, const struct filter_queue *q,
    const struct filter_deliveries *d, const struct asker *asker,
    const struct queue_client *client, const struct job_parts *parts,
    struct err *e)
{
	struct split *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return err_set(e, ERR_TEMPORARY, "out of memory");
	list_append(&k->splits, &s->node);
	s->asker = *asker;
	s->generation = k->generation;
	s->queue = q;
	s->until_ms = parts->until_ms;
	s->is_whole = d == NULL;
	s->any_is_ours = d != NULL && d->n > d->n_away;
	s->is_known = keeper_shares_know(parts->message->head);
	s->had = (struct vec)VEC_INIT(struct siphash_sum);
	memcpy(s->at, parts->at, sizeof(s->at));
	s->fd = parts->fd >= 0 ? fcntl(parts->fd, F_DUPFD_CLOEXEC, 3)
			       : keeper_parts_file(parts, s->at, e);
	if (s->fd < 0 || !split_plan(k, s, parts->message, d, e)) {
		split_free(s);
		return false;
	}
	split_recall(k, s);
	/* a server that is told whose message it is has the only share: what
	   of 'client' is not ours is not needed later */
	if (s->is_whole)
		hand_out(k, s, client);
	go_on(k, s);
	return true;
}

/* A 4xx outweighs a 5xx: the sender may try again, and learns more then. */
static void
note_answer(struct split *s, const struct carried *c)
{
	bool first = s->worst.outcome == QUEUE_TAKEN;
	bool worse =
	    s->worst.outcome == QUEUE_REFUSED && c->outcome == QUEUE_DECLINED;
	/* "queued as ID" is for the sender where one server has it all */
	bool has_all = s->n == 1 && !s->any_is_ours;
	if (has_all && c->queued_as.len > 0)
		snprintf(s->queued_as, sizeof(s->queued_as), "%.*s",
		    STR_ARG(c->queued_as));
	if (c->outcome == QUEUE_TAKEN ? !has_all : !first && !worse)
		return;
	s->worst.outcome = c->outcome;
	snprintf(
	    s->worst.text, sizeof(s->worst.text), "%.*s", STR_ARG(c->text));
	err_clear(&s->worst.err);
	err_set(&s->worst.err, ERR_TEMPORARY, "%.*s", STR_ARG(c->why));
}

/* A text that there is no memory for is not told. */
static void
note_share(struct share *share, struct carried *c)
{
	for (size_t i = 0; i < share->n; i++) {
		struct queue_answer a = carried_next(c, i, share->n);
		struct str text = a.text.len > 0 ? a.text : c->text;
		struct share_rcpt *r = &share->rcpts[i];
		r->outcome = a.outcome;
		free(r->text);
		r->text = NULL;
		if (a.outcome == QUEUE_REFUSED)
			r->text = str_dup(text);
	}
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
		if (s->waits == 0 && !s->is_staged &&
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
keeper_split_go_on(struct keeper *k, struct carried *c)
{
	struct split *s = find_split(k, &c->asker);
	if (s == NULL)
		return false;
	if (c->share >= s->begun || s->waits == 0)
		return true; /* about none of its shares */
	s->waits--;
	note_share(&s->shares[c->share], c);
	split_note(k, s, &s->shares[c->share]);
	note_answer(s, c);
	go_on(k, s);
	keeper_commit(k);
	return true;
}
