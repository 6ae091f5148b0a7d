/* Sums of figures, and joining what parts of a log leave open. */
#include "core/maillog/stats.h"

#include "core/maillog/stats_int.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct stats_state {
	struct {
		const char *service;
		struct stats_ends ends;
	} * logs;
	size_t n;
};

const char *
stats_column_name(enum stats_column c)
{
	static const char *const names[STATS_COLUMNS] = { "Fetchmail",
		"WebMail", "Mailman", "Local", "Relay", "DMARC-Rej.", "Virus",
		"RBL/DNS", "Execut.", "Geoip.", "Non.Conf.", "Rej.Load",
		"Karma", "Del.Spam", "Qued.Spam?", "Ham" };
	return names[c];
}

void
stats_init(struct stats *s)
{
	memset(s, 0, sizeof(*s));
	s->names_room = STATS_NAMES_ROOM;
	stats_sums_init(s);
	stats_hours_init(&s->qpsmtpd.hours);
	s->clamd.finds = (struct vec)VEC_INIT(struct stats_find);
	s->clamd.checked_ns = INT64_MIN;
	s->first_ns = INT64_MAX;
	s->last_ns = s->last_connection_ns = INT64_MIN;
}

void
stats_clear(struct stats *s)
{
	stats_sums_clear(s);
	stats_hours_clear(&s->qpsmtpd.hours);
	vec_clear(&s->clamd.finds);
	for (size_t i = 0; i < s->n_logs; i++) {
		tally_clear(&s->logs[i].unparsed);
		free(s->logs[i].files);
	}
	free(s->logs);
	for (size_t i = 0; s->state != NULL && i < s->state->n; i++)
		stats_ends_clear(&s->state->logs[i].ends);
	if (s->state != NULL)
		free(s->state->logs);
	free(s->state);
	stats_init(s);
}

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void
merge_clamd(struct stats_clamd *to, const struct stats_clamd *from)
{
	to->checked_ns = larger(to->checked_ns, from->checked_ns);
	if (from->signatures > 0 && from->signatures_ns >= to->signatures_ns) {
		to->signatures_ns = from->signatures_ns;
		to->signatures = from->signatures;
	}
	for (size_t i = 0;
	     i < from->finds.len && to->finds.len < STATS_FINDS_MAX; i++)
		if (!vec_push(&to->finds,
			VEC_AT(&from->finds, const struct stats_find, i)))
			return;
}

/* The open ends of one log, made at the first part of it. */
static struct stats_ends *
ends_of(struct stats *out, const char *service)
{
	struct stats_state *st = out->state;
	if (st == NULL && (st = out->state = calloc(1, sizeof(*st))) == NULL)
		return NULL;
	for (size_t i = 0; i < st->n; i++)
		if (strcmp(st->logs[i].service, service) == 0)
			return &st->logs[i].ends;
	void *more = realloc(st->logs, (st->n + 1) * sizeof(*st->logs));
	if (more == NULL)
		return NULL;
	st->logs = more;
	memset(&st->logs[st->n], 0, sizeof(*st->logs));
	order_init(&st->logs[st->n].ends.order);
	st->logs[st->n].service = service;
	return &st->logs[st->n++].ends;
}

static bool
ends_failed(const struct stats_ends *ends)
{
	return ends->connections.failed || ends->messages.failed ||
	       ends->deliveries.failed || ends->scans.failed ||
	       ends->sessions.failed || ends->by_user.failed ||
	       ends->authenticated.failed || ends->order.failed;
}

void
stats_part_merge(struct stats *out, struct stats_part *p)
{
	struct stats_ends *ends = ends_of(out, p->service);
	if (ends != NULL)
		stats_qpsmtpd_settle(p, &ends->authenticated);
	stats_verdict_sum(p);
	stats_sums_add(out, &p->sums);
	stats_hours_add(&out->qpsmtpd.hours, &p->sums.qpsmtpd.hours);
	/* most are alone: they are not counted twice before */
	tally_merge(&out->qpsmtpd.recipients, &p->verdicts.alone);
	tally_merge(&out->qpsmtpd.recipients_compat, &p->verdicts.alone);
	tally_merge(&out->junk, &p->junk);
	merge_clamd(&out->clamd, &p->sums.clamd);
	out->first_ns = smaller(out->first_ns, p->sums.first_ns);
	out->last_ns = larger(out->last_ns, p->sums.last_ns);
	out->last_connection_ns =
	    larger(out->last_connection_ns, p->sums.last_connection_ns);
	if (ends == NULL || ends_failed(&p->ends) || p->verdicts.alone.failed)
		out->failed = true;
	if (ends != NULL) {
		stats_qpsmtpd_join(out, ends, &p->ends);
		stats_qmail_join(out, ends, &p->ends);
		stats_scan_join(ends, &p->ends);
		stats_session_join(out, ends, &p->ends);
		stats_hanging_join(out, ends, &p->ends);
	}
	for (size_t i = 0; i < out->n_logs; i++)
		if (strcmp(out->logs[i].service, p->service) == 0) {
			tally_merge(&out->logs[i].unparsed, &p->junk);
			out->logs[i].other += p->other;
		}
	stats_clear(&p->sums);
	tally_clear(&p->junk);
	tally_clear(&p->verdicts.alone);
	tally_clear(&p->verdicts.domains);
	stats_ends_clear(&p->ends);
	buf_clear(&p->waiting);
	free(p);
}

void
stats_end(struct stats *out)
{
	for (size_t i = 0; out->state != NULL && i < out->state->n; i++) {
		stats_qpsmtpd_finish(out, &out->state->logs[i].ends);
		stats_qmail_finish(out, &out->state->logs[i].ends);
		stats_scan_finish(out, &out->state->logs[i].ends);
		stats_ends_clear(&out->state->logs[i].ends);
	}
	stats_hours_end(&out->qpsmtpd.hours);
	out->failed = out->failed || stats_sums_failed(out);
}
