/*
 * One verdict line of qpsmtpd: how it ended, and whom it concerns (LG-54 to
 * LG-61).
 */
#include "core/maillog/stats_int.h"

void
stats_verdict_sum(struct stats_part *p)
{
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	struct stats_verdicts *v = &p->verdicts;
	stats_codes_sum(q);
	for (size_t i = 0; i < STATS_ORIGINS; i++)
		for (size_t k = 0; k < 2; k++)
			if (v->kinds[i][k] > 0)
				tally_add(&q->kinds,
				    str_of(
					stats_origin_facts((enum stats_origin)i)
					    ->kinds[k]),
				    0, v->kinds[i][k]);
	for (size_t i = 0; i < STATS_CODES; i++) {
		char code[4] = { '9', '0', (char)('1' + i), '\0' };
		if (v->deny_codes[i] > 0)
			tally_add(
			    &q->deny_codes, str_of(code), 0, v->deny_codes[i]);
	}
}

/* How a queued message ended: the score decides (LG-55). */
static int
count_queued(
    struct stats_part *p, const struct maillog_event *ev, uint8_t *column)
{
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	int64_t score = 0;
	bool scored = maillog_decimal(ev->terse.score, 3, &score);
	q->accepted++;
	if (!scored || score < p->config->tag_milli) {
		q->ham++;
		order_add(&p->ends.order, ev->pid, STATS_SUM_HAM, score);
		*column = STATS_HAM;
		return STATS_QUEUED;
	}
	q->spam_queued++;
	order_add(&p->ends.order, ev->pid, STATS_SUM_QUEUED, score);
	*column = STATS_SPAM_QUEUED;
	return STATS_SPAM;
}

static void
count_refused(
    struct stats_part *p, const struct maillog_event *ev, uint8_t *column)
{
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	int64_t score = 0;
	*column = stats_rule_column(q, ev->terse.rule, ev->terse.reason);
	if (*column == STATS_SPAM_REFUSED) {
		q->spam_refused++;
		if (maillog_decimal(ev->terse.score, 3, &score))
			order_add(
			    &p->ends.order, ev->pid, STATS_SUM_REFUSED, score);
	}
	if (*column == STATS_VIRUS)
		tally_add(
		    &q->viruses, stats_virus_name(ev->terse.reason), 0, 1);
	if (*column == STATS_RBL)
		tally_add(&q->blacklists,
		    stats_blacklist_name(ev->terse.reason), 0, 1);
}

void
stats_verdict_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	enum {
		SECONDS = 3600
	};
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	enum stats_origin from = stats_origin_of(p, ev);
	const struct stats_origin_facts *facts = stats_origin_facts(from);
	bool queued = ev->verdict == MAILLOG_QUEUED;
	bool deferred = ev->verdict == MAILLOG_DEFERRED;
	int result = STATS_REJECTED;
	uint8_t column;
	int64_t second = line->stamp.time.unix_s;
	int64_t hour = second / SECONDS - (second % SECONDS < 0);
	q->verdicts++;
	p->verdicts.kinds[from][queued]++;
	stats_codes_count(p, ev);
	if (queued)
		result = count_queued(p, ev, &column);
	else
		count_refused(p, ev, &column);
	if (deferred)
		tally_add(&q->deferred, ev->terse.rule, 0, 1);
	q->dmarc_sent += from == STATS_FROM_DMARC_REPORT;
	q->dmarc_sent_empty += from == STATS_FROM_DENIED_LOCALHOST &&
			       ev->terse.recipients.len == 0;
	if (p->hour == NULL || p->hour->hour != hour)
		p->hour = stats_hour_at(&q->hours, hour);
	if (p->hour != NULL) {
		p->hour->n[STATS_FETCHMAIL] += stats_is_fetched(ev);
		if (facts->column < STATS_COLUMNS)
			p->hour->n[facts->column]++;
		if (column < STATS_COLUMNS)
			p->hour->n[column]++;
		p->hour->deferred += deferred;
	}
	stats_recipients_count(p, ev, facts->local, result);
}
