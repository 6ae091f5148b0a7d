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

static bool
read_envelope(struct keeper *k, const struct split *s, uint64_t at,
    uint64_t length, struct queue_message *m)
{
	struct str bytes;
	if (!job_read_part(
		k->arena, s->fd, at, length, FILTERD_JOB_META_MAX, &bytes))
		return false;
	struct wire w = { bytes, false };
	return job_read_envelope(k->arena, &w, m) && wire_end(&w);
}

/* The sender; of a message that has none, who looks after mail here. */
static bool
find_reader(struct keeper *k, const struct split *s, struct filter_path *to)
{
	struct queue_message m;
	if (!read_envelope(k, s, s->at[0], s->at[1], &m))
		return false;
	*to = m.sender;
	if (mail_path_is_null(to))
		*to = (struct filter_path){ STR("postmaster"),
			keeper_our_name(k) };
	return true;
}

/* What a report's own report would be is left to whoever reads the log. */
bool
split_may_report(struct keeper *k, struct split *s)
{
	struct filter_path to;
	struct filter_deliveries d;
	struct err e = ERR_INIT;
	struct queue_message m = { .rcpts = &to, .n_rcpts = 1 };
	if (s->asker.worker == KEEPER_ITSELF ||
	    s->generation != k->generation || !is_within_limit(k))
		return false;
	arena_reset(k->arena);
	return find_reader(k, s, &to) &&
	       filter_policy_reaches(k->policy, to.domain) &&
	       keeper_deliveries(k, s->queue, &m, &d, &e) && d.n > 0;
}

/* Of one share, behind the others; false without memory. */
static bool
add_failures(struct keeper *k, const struct share *share,
    const struct queue_message *m, struct queue_report *report)
{
	struct queue_failure *list =
	    ARENA_ARRAY(k->arena, report->n + m->n_rcpts, struct queue_failure);
	if (list == NULL)
		return false;
	if (report->n > 0)
		memcpy(list, report->failures, report->n * sizeof(*list));
	for (size_t i = 0; i < m->n_rcpts; i++)
		list[report->n++] = (struct queue_failure){ m->rcpts[i],
			str_of(share->host), str_of(share->text) };
	report->failures = list;
	return true;
}

static bool
list_failures(
    struct keeper *k, const struct split *s, struct queue_report *report)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct share *share = &s->shares[i];
		struct queue_message m;
		if (share->refused &&
		    (!read_envelope(k, s, share->at, share->length, &m) ||
			!add_failures(k, share, &m, report)))
			return false;
	}
	return true;
}

static bool
send(struct keeper *k, struct split *s, const struct filter_path *to,
    struct queue_message *m, struct err *e)
{
	struct asker asker = { KEEPER_ITSELF, 0, ++k->reports.serial };
	struct queue_client nobody = { .esmtp = true };
	struct buf envelope = BUF_INIT(2048);
	s->report_serial = asker.serial;
	m->rcpts = to;
	m->n_rcpts = 1;
	m->body_fd = -1;
	wire_put_path(&envelope, &m->sender);
	wire_put_u32(&envelope, 1);
	wire_put_path(&envelope, to);
	struct job_parts parts = {
		.fd = -1, .envelope = buf_str(&envelope), .message = m
	};
	bool ok = keeper_send(k, s->queue, m, &asker, &nobody, &parts, e);
	buf_clear(&envelope);
	return ok;
}

bool
split_report(struct keeper *k, struct split *s, struct err *e)
{
	struct filter_path to;
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
	ok = ok ? send(k, s, &to, &m, e)
		: err_set(e, ERR_TEMPORARY, "no room for a report of failure");
	if (ok)
		log_own("a server refuses its share of a message that others "
			"have, which its sender is told: %s",
		    s->worst.err.text);
	buf_clear(&head);
	buf_clear(&body);
	return ok;
}
