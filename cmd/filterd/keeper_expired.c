/*
 * Messages that waited in the log for longer than the queue's life time: their
 * senders are told by a report of failure (RFC 3464), and when that is taken,
 * or on disk, they are gone. One after the other: a mailbox that cannot be
 * written has many of them.
 */
#include "cmd/filterd/keeper_int.h"
#include "cmd/filterd/log.h"
#include "core/base/num.h"
#include "core/base/random.h"
#include "core/queue/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
	LIFETIME_S = 7 * 24 * 3600, /* as qmail without queuelifetime */
	REPORT_MS = 60000,          /* for a report to be taken */
	CONTENT_MAX = QUEUE_LOG_MESSAGE_MAX + 4096,
	BODY_MAX = 4 << 20
};

/* The same as that of the server's queue. */
static int64_t
lifetime(const struct keeper *k)
{
	uint64_t n = LIFETIME_S;
	struct str text = filter_policy_setting(k->policy, "queuelifetime");
	if (!num_parse_u64(text, INT64_MAX, &n))
		n = LIFETIME_S;
	return n > 0 ? (int64_t)n : 1;
}

static const char *
duration(struct keeper *k, int64_t s)
{
	static const struct {
		int64_t unit;
		const char *name;
	} units[] = { { 24 * 3600, "days" }, { 3600, "hours" },
		{ 60, "minutes" }, { 1, "seconds" } };
	size_t i = 0;
	while (i + 1 < ARRAY_LEN(units) && s < 2 * units[i].unit)
		i++;
	return arena_printf(
	    k->arena, "%" PRId64 " %s", s / units[i].unit, units[i].name);
}

/* Nothing of our disks is for others but what is wrong with the mailbox. */
static struct str
words_for_sender(struct keeper *k, const struct queue_log_expired *x)
{
	bool full = x->why.sys_errno == EDQUOT || x->why.sys_errno == ENOSPC;
	const char *time = duration(k, x->waited_s);
	const char *text = arena_printf(k->arena, "554 %s, tried for %s",
	    full ? "5.2.2 the mailbox is full"
		 : "5.4.7 the mailbox cannot be written",
	    time != NULL ? time : "long");
	return str_of(text != NULL ? text : "554 5.4.7 not delivered");
}

static bool
list_failures(struct keeper *k, const struct queue_log_expired *x,
    struct queue_report *report)
{
	struct str text = words_for_sender(k, x);
	struct queue_failure *list =
	    ARENA_ARRAY(k->arena, x->m.n_rcpts, struct queue_failure);
	for (size_t i = 0; list != NULL && i < x->m.n_rcpts; i++)
		list[i] = (struct queue_failure){ .rcpt = x->m.rcpts[i],
			.text = text };
	report->failures = list;
	report->n = x->m.n_rcpts;
	report->head = x->m.head;
	return list != NULL;
}

/* Nobody is told that what he was told cannot be delivered to him. */
static bool
is_for_postmaster(const struct queue_log_expired *x)
{
	return mail_path_is_null(&x->m.sender) && x->m.n_rcpts == 1 &&
	       str_is_nocase(x->m.rcpts[0].local, "postmaster");
}

/* Its sender, else who looks after mail here; false: neither can be told. */
static bool
find_reader(struct keeper *k, const struct filter_queue *q,
    const struct queue_log_expired *x, struct mail_path *to)
{
	const struct mail_path readers[] = { x->m.sender,
		{ STR("postmaster"), keeper_our_name(k) } };
	for (size_t i = 0; i < ARRAY_LEN(readers) && !is_for_postmaster(x);
	     i++) {
		*to = readers[i];
		if (!mail_path_is_null(to) && keeper_reaches(k, q, to))
			return true;
	}
	return false;
}

static bool
send(struct keeper *k, const struct filter_queue *q, uint32_t serial,
    const struct queue_report *report, struct err *e)
{
	struct buf head = BUF_INIT(QUEUE_REPORT_HEAD_MAX);
	struct buf body = BUF_INIT(BODY_MAX);
	struct queue_message m = { .n_rcpts = 0 };
	bool ok = queue_report_format(report, &head, &body) ||
		  err_set(e, ERR_TEMPORARY, "no room for a report of failure");
	m.head = buf_str(&head);
	m.body = buf_str(&body);
	ok = ok && keeper_send_report(k, q, report->to, serial,
		       clock_mono_ms(k->clock) + REPORT_MS, &m, e);
	buf_clear(&head);
	buf_clear(&body);
	return ok;
}

static bool
tell_sender(struct keeper *k, const struct queue_log_expired *x, struct err *e)
{
	struct mail_path to;
	struct queue_report report = { .me = keeper_our_name(k),
		.to = &to,
		.now_s = clock_wall_s(k->clock) };
	const struct filter_queue *q =
	    keeper_queue_for(k, STR("127.0.0.1"), false, e);
	random_bytes(&report.token, sizeof(report.token));
	arena_reset(k->arena);
	if (q == NULL)
		return false;
	if (!find_reader(k, q, x, &to))
		return err_set(e, ERR_TEMPORARY,
		    "a report of failure has no way, neither to the sender "
		    "nor to the postmaster here");
	if (!list_failures(k, x, &report))
		return err_set(e, ERR_TEMPORARY, "out of memory");
	k->expired.serial = ++k->reports.serial;
	k->expired.seq = x->seq;
	return send(k, q, k->expired.serial, &report, e);
}

void
keeper_expire(struct keeper *k)
{
	struct queue_log_expired x;
	struct buf content = BUF_INIT(CONTENT_MAX);
	struct err e = ERR_INIT;
	if (k->log.log == NULL || k->policy == NULL || k->expired.serial != 0)
		return;
	queue_log_set_lifetime(k->log.log, lifetime(k));
	if (queue_log_take_expired(k->log.log, &content, &x)) {
		if (tell_sender(k, &x, &e)) {
			log_own("a message is given up after %" PRId64
				" s, which its sender is told: %s",
			    x.waited_s, x.why.text);
		} else {
			log_error(&e);
			k->expired.serial = 0;
			queue_log_end_expired(k->log.log, x.seq, false);
		}
		free(x.rcpts);
	}
	buf_clear(&content);
}

void
keeper_expired_reported(
    struct keeper *k, uint32_t serial, enum queue_outcome outcome)
{
	if (k->expired.serial == 0 || k->expired.serial != serial)
		return;
	k->expired.serial = 0;
	if (k->log.log != NULL)
		queue_log_end_expired(
		    k->log.log, k->expired.seq, outcome == QUEUE_TAKEN);
}
