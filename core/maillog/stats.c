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
	s->qpsmtpd.hours = (struct vec)VEC_INIT(struct stats_hour);
	s->clamd.finds = (struct vec)VEC_INIT(struct stats_find);
	s->clamd.checked_ns = INT64_MIN;
	s->first_ns = INT64_MAX;
	s->last_ns = s->last_connection_ns = INT64_MIN;
}

void
stats_clear(struct stats *s)
{
	stats_sums_clear(s);
	vec_clear(&s->qpsmtpd.hours);
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

struct stats_hour *
stats_hour_at(struct vec *hours, int64_t hour)
{
	/* lines come in order of time: the row is at or near the end */
	for (size_t i = hours->len; i-- > 0;) {
		struct stats_hour *h = VEC_AT(hours, struct stats_hour, i);
		if (h->hour == hour)
			return h;
	}
	struct stats_hour fresh = { .hour = hour };
	if (!vec_push(hours, &fresh))
		return NULL;
	return VEC_AT(hours, struct stats_hour, hours->len - 1);
}

uint64_t
stats_hour_total(const struct stats_hour *h)
{
	uint64_t sum = 0;
	for (size_t i = STATS_SOURCES; i < STATS_COLUMNS; i++)
		sum += h->n[i];
	return sum;
}

static void
merge_hours(struct vec *to, const struct vec *from)
{
	for (size_t i = 0; i < from->len; i++) {
		const struct stats_hour *h =
		    VEC_AT(from, const struct stats_hour, i);
		struct stats_hour *mine = stats_hour_at(to, h->hour);
		for (size_t k = 0; mine != NULL && k < STATS_COLUMNS; k++)
			mine->n[k] += h->n[k];
		if (mine != NULL)
			mine->deferred += h->deferred;
	}
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
	       ends->deliveries.failed || ends->sessions.failed ||
	       ends->by_user.failed || ends->authenticated.failed ||
	       ends->order.failed;
}

void
stats_part_merge(struct stats *out, struct stats_part *p)
{
	struct stats_ends *ends = ends_of(out, p->service);
	if (ends != NULL)
		stats_qpsmtpd_settle(p, &ends->authenticated);
	stats_verdict_sum(p);
	stats_sums_add(out, &p->sums);
	merge_hours(&out->qpsmtpd.hours, &p->sums.qpsmtpd.hours);
	tally_merge(&out->junk, &p->junk);
	merge_clamd(&out->clamd, &p->sums.clamd);
	out->first_ns = smaller(out->first_ns, p->sums.first_ns);
	out->last_ns = larger(out->last_ns, p->sums.last_ns);
	out->last_connection_ns =
	    larger(out->last_connection_ns, p->sums.last_connection_ns);
	if (ends == NULL || ends_failed(&p->ends))
		out->failed = true;
	if (ends != NULL) {
		stats_qpsmtpd_join(out, ends, &p->ends);
		stats_qmail_join(out, ends, &p->ends);
		stats_session_join(out, ends, &p->ends);
	}
	for (size_t i = 0; i < out->n_logs; i++)
		if (strcmp(out->logs[i].service, p->service) == 0) {
			tally_merge(&out->logs[i].unparsed, &p->junk);
			out->logs[i].other += p->other;
		}
	stats_clear(&p->sums);
	tally_clear(&p->junk);
	stats_ends_clear(&p->ends);
	buf_clear(&p->waiting);
	free(p);
}

static int
by_hour(const void *a, const void *b)
{
	const struct stats_hour *x = a, *y = b;
	return x->hour < y->hour ? -1 : x->hour > y->hour;
}

void
stats_end(struct stats *out)
{
	for (size_t i = 0; out->state != NULL && i < out->state->n; i++) {
		stats_qpsmtpd_finish(out, &out->state->logs[i].ends);
		stats_qmail_finish(out, &out->state->logs[i].ends);
		stats_ends_clear(&out->state->logs[i].ends);
	}
	vec_sort(&out->qpsmtpd.hours, by_hour);
	out->failed = out->failed || stats_sums_failed(out);
}
