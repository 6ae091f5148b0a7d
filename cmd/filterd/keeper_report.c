/* Reports of failure, for messages that some have and others never get. */
#include "cmd/filterd/job.h"
#include "cmd/filterd/keeper_split_int.h"
#include "cmd/filterd/log.h"
#include "core/base/random.h"
#include "core/queue/report.h"

#include <string.h>

enum {
	BODY_MAX = 4 << 20
};

/* One more within this time? */
static bool
is_within_limit(struct keeper *k)
{
	struct keeper_reports *r = &k->reports;
	int64_t now = clock_mono_ms(k->clock);
	if (r->n == 0 || now - r->began_ms >= FILTERD_REPORTS_MS) {
		r->began_ms = now;
		r->n = 0;
	}
	return r->n < FILTERD_REPORTS;
}

/* The sender; of a message that has none, who looks after mail here. */
static bool
find_reader(struct keeper *k, const struct split *s, struct mail_path *to)
{
	struct queue_message m;
	if (!split_read_envelope(k, s, s->at[0], s->at[1], &m))
		return false;
	*to = m.sender;
	if (mail_path_is_null(to))
		*to =
		    (struct mail_path){ STR("postmaster"), keeper_our_name(k) };
	return true;
}

bool
keeper_reaches(
    struct keeper *k, const struct filter_queue *q, const struct mail_path *to)
{
	struct filter_deliveries d;
	struct err e = ERR_INIT;
	struct queue_message m = { .rcpts = to, .n_rcpts = 1 };
	/* a server that has all mail has reports too, wherever they go */
	return q->kind != FILTER_QUEUE_MAILDIR ||
	       (filter_policy_reaches(k->policy, to->domain) &&
		   keeper_deliveries(k, q, &m, &d, &e) && d.n > 0);
}

/* What a report's own report would be is left to whoever reads the log. */
bool
split_may_report(struct keeper *k, struct split *s)
{
	struct mail_path to;
	if (s->asker.worker == KEEPER_ITSELF ||
	    s->generation != k->generation || !is_within_limit(k))
		return false;
	arena_reset(k->arena);
	return find_reader(k, s, &to) && keeper_reaches(k, s->queue, &to);
}

/* Of one share, behind the others; false without memory. */
static bool
add_failures(struct keeper *k, const struct split *s, const struct share *share,
    struct queue_failure *list, size_t *n)
{
	struct queue_message m;
	bool read = false;
	for (size_t i = 0; i < share->n; i++) {
		const struct share_rcpt *r = &share->rcpts[i];
		if (r->outcome != QUEUE_REFUSED)
			continue;
		if (!read &&
		    !split_read_envelope(k, s, share->at, share->length, &m))
			return false;
		read = true;
		list[(*n)++] =
		    (struct queue_failure){ m.rcpts[i], str_of(share->host),
			    str_of(r->text != NULL ? r->text : "") };
	}
	return true;
}

static bool
list_failures(
    struct keeper *k, const struct split *s, struct queue_report *report)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		n += s->shares[i].n;
	struct queue_failure *list =
	    ARENA_ARRAY(k->arena, n, struct queue_failure);
	if (list == NULL)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		if (!add_failures(k, s, &s->shares[i], list, &report->n))
			return false;
	}
	report->failures = list;
	return true;
}

bool
keeper_send_report(struct keeper *k, const struct filter_queue *q,
    const struct mail_path *to, uint32_t serial, int64_t until_ms,
    struct queue_message *m, struct err *e)
{
	struct asker asker = { KEEPER_ITSELF, 0, serial, false };
	struct queue_client nobody = { .esmtp = true };
	struct buf envelope = BUF_INIT(2048);
	m->rcpts = to;
	m->n_rcpts = 1;
	m->body_fd = -1;
	wire_put_path(&envelope, &m->sender);
	wire_put_u32(&envelope, 1);
	wire_put_path(&envelope, to);
	struct job_parts parts = { .fd = -1,
		.envelope = buf_str(&envelope),
		.message = m,
		.until_ms = until_ms };
	bool ok = keeper_send(k, q, m, &asker, &nobody, &parts, e);
	buf_clear(&envelope);
	return ok;
}

bool
split_report(struct keeper *k, struct split *s, struct err *e)
{
	struct mail_path to;
	struct queue_message m = { .n_rcpts = 0 };
	struct buf head = BUF_INIT(QUEUE_REPORT_HEAD_MAX);
	struct buf body = BUF_INIT(BODY_MAX);
	struct queue_report report = { .me = keeper_our_name(k),
		.to = &to,
		.now_s = clock_wall_s(k->clock) };
	random_bytes(&report.token, sizeof(report.token));
	arena_reset(k->arena);
	bool ok = find_reader(k, s, &to) && list_failures(k, s, &report) &&
		  job_read_part(k->arena, s->fd, s->at[2], s->at[3],
		      JOB_HEAD_MAX, &report.head) &&
		  queue_report_format(&report, &head, &body);
	m.head = buf_str(&head);
	m.body = buf_str(&body);
	k->reports.n++;
	s->report_serial = ++k->reports.serial;
	ok = ok ? keeper_send_report(
		      k, s->queue, &to, s->report_serial, s->until_ms, &m, e)
		: err_set(e, ERR_TEMPORARY, "no room for a report of failure");
	if (ok)
		log_own("recipients of a message that others have are refused, "
			"which its sender is told: %s",
		    s->worst.err.text);
	buf_clear(&head);
	buf_clear(&body);
	return ok;
}
