/* Lines of qmail-send: messages, deliveries, reasons (LG-37). */
#include "core/maillog/stats_int.h"

#include "core/base/num.h"

enum {
	REASON_MAX = 512,
	NS_PER_US = 1000,
};

/* Nothing of qmail's lasts a year: a clock was set, or no clock wrote this. */
#define SPAN_MAX_NS ((uint64_t)366 * 24 * 3600 * NS_PER_S)

/* Nanoseconds from one time to another, which may be any; -1: not to be told.
 */
static int64_t
span_ns(int64_t from_ns, int64_t to_ns)
{
	return to_ns >= from_ns &&
		       (uint64_t)to_ns - (uint64_t)from_ns <= SPAN_MAX_NS
		   ? to_ns - from_ns
		   : -1;
}

/* success, failure, deferral; -1: another result */
static int
result_index(uint8_t result)
{
	switch (result) {
	case MAILLOG_SUCCESS:
		return 0;
	case MAILLOG_FAILURE:
		return 1;
	case MAILLOG_DEFERRAL:
	case MAILLOG_MANGLED:
		return 2;
	default:
		return -1;
	}
}

static void
message_begins(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	struct open_entry *e = opens_at(&p->ends.messages, ev->qmail.msg);
	struct stats_qmail *q = &p->sums.qmail;
	q->new ++;
	if (e == NULL)
		return;
	if (!e->used)
		e->began_first = true;
	else {
		q->reused++;
		q->unfinished += e->is_open;
	}
	e->used = true;
	e->is_open = true;
	e->ns = line->key_ns;
}

static void
time_in_queue(struct stats_qmail *q, int64_t ns)
{
	if (ns >= 0)
		spread_add(&q->queue_us, (uint64_t)ns / NS_PER_US);
}

static void
message_ends(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	struct open_entry *e = opens_at(&p->ends.messages, ev->qmail.msg);
	p->sums.qmail.end++;
	if (e == NULL)
		return;
	if (!e->used) /* it began in an earlier part, if anywhere */
		e->end_ns = line->key_ns;
	else if (e->is_open)
		time_in_queue(&p->sums.qmail, span_ns(e->ns, line->key_ns));
	e->used = true;
	e->is_open = false;
}

static void
delivery_begins(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	struct stats_qmail *q = &p->sums.qmail;
	struct str address = ev->qmail.address;
	size_t from = 0;
	struct open_entry *e =
	    opens_at(&p->ends.deliveries, ev->qmail.delivery);
	q->starting[ev->qmail.remote]++;
	for (size_t i = 0; i < address.len; i++)
		if (address.ptr[i] == '@')
			from = i + 1;
	tally_add(
	    &q->recipient_domains, str_sub(address, from, address.len), 0, 1);
	if (e == NULL)
		return;
	if (!e->used)
		e->began_first = true;
	e->used = true;
	e->is_open = true;
	e->remote = ev->qmail.remote;
	e->ns = line->key_ns;
}

/* Four groups of digits with dots between them; 0: none at 'at'. */
static size_t
address_at(struct str s, size_t at)
{
	size_t i = at;
	for (int group = 0; group < 4; group++) {
		size_t digits = 0;
		for (; i < s.len && ascii_is_digit(s.ptr[i]); i++)
			digits++;
		if (digits == 0 || digits > 3)
			return 0;
		if (group < 3 && (i == s.len || s.ptr[i++] != '.'))
			return 0;
	}
	return i - at;
}

/* So many digits in a row are the number of a message or a process. */
static size_t
number_at(struct str s, size_t at)
{
	enum {
		LEAST = 5
	};
	size_t n = 0;
	while (at + n < s.len && ascii_is_digit(s.ptr[at + n]))
		n++;
	return n >= LEAST ? n : 0;
}

/*
 * What was said up to the first slash, with every address as IP and every long
 * number as #, so that one trouble with many hosts or messages is one reason.
 */
static struct str
reason_of(struct str text, char out[REASON_MAX])
{
	size_t n = 0;
	text = str_sub(text, 0, str_find(text, '/', 0));
	for (size_t i = 0; i < text.len && n + 2 < REASON_MAX;) {
		bool start = i == 0 || (!ascii_is_digit(text.ptr[i - 1]) &&
					   text.ptr[i - 1] != '.');
		size_t len = start ? address_at(text, i) : 0;
		if (len > 0) {
			out[n++] = 'I';
			out[n++] = 'P';
		} else if ((len = number_at(text, i)) > 0) {
			out[n++] = '#';
		} else {
			out[n++] = text.ptr[i];
			len = 1;
		}
		i += len;
	}
	return str_n(out, n);
}

static void
delivery_counted(
    struct stats_qmail *q, bool remote, int result, int64_t took_ns)
{
	q->result[remote][result]++;
	if (took_ns < 0)
		return;
	q->delivery_ns[remote] = num_sum(q->delivery_ns[remote], took_ns);
	spread_add(&q->delivery_us[remote], (uint64_t)took_ns / NS_PER_US);
}

static void
delivery_ends(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	char reason[REASON_MAX];
	struct stats_qmail *q = &p->sums.qmail;
	int result = result_index(ev->result);
	struct open_entry *e =
	    opens_at(&p->ends.deliveries, ev->qmail.delivery);
	if (result < 0)
		return;
	q->result_all[result]++;
	if (result > 0)
		tally_add(result == 2 ? &q->deferrals : &q->failures,
		    reason_of(ev->text, reason), 0, 1);
	if (e == NULL)
		return;
	if (!e->used) { /* it began in an earlier part, if anywhere */
		e->result = ev->result;
		e->end_ns = line->key_ns;
	} else if (e->is_open)
		delivery_counted(
		    q, e->remote, result, span_ns(e->ns, line->key_ns));
	e->used = true;
	e->is_open = false;
}

static void
message_known(struct stats_qmail *q, const struct maillog_event *ev)
{
	char uid[16];
	size_t n = sizeof(uid);
	uint32_t number = ev->qmail.uid;
	struct str sender = ev->qmail.address;
	q->info++;
	q->bytes = num_sum_u64(q->bytes, ev->qmail.bytes);
	q->double_bounce += str_is(sender, "#@[]");
	do
		uid[--n] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	tally_add(&q->uids, str_n(uid + n, sizeof(uid) - n), 0, 1);
	struct tally_row *row =
	    tally_row(&q->senders, sender.len > 0 ? sender : STR("<>"));
	if (row == NULL)
		return;
	row->n[STATS_MESSAGES]++;
	row->n[STATS_BYTES] = num_sum_u64(row->n[STATS_BYTES], ev->qmail.bytes);
}

/* The time up to a line of status was spent as the one before says. */
static void
status_lasted(
    struct stats_qmail *q, const struct queue_status *before, int64_t to_ns)
{
	int64_t ns = span_ns(before->last_ns, to_ns);
	if (!before->seen || ns <= 0)
		return;
	q->status_ns = num_sum(q->status_ns, ns);
	for (size_t i = 0; i < STATS_CHANNELS; i++)
		if (before->full[i])
			q->full_ns[i] = num_sum(q->full_ns[i], ns);
}

static void
status_line(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	struct stats_qmail *q = &p->sums.qmail;
	struct queue_status *s = &p->ends.status;
	status_lasted(q, s, line->key_ns);
	if (!s->seen)
		s->first_ns = line->key_ns;
	s->seen = true;
	s->last_ns = line->key_ns;
	s->full[STATS_TO_LOCAL] =
	    ev->status.local > 0 && ev->status.local >= ev->status.local_max;
	s->full[STATS_TO_REMOTE] =
	    ev->status.remote > 0 && ev->status.remote >= ev->status.remote_max;
	if (ev->status.local > q->max_local)
		q->max_local = ev->status.local;
	if (ev->status.remote > q->max_remote)
		q->max_remote = ev->status.remote;
}

static void
join_status(struct stats *out, struct queue_status *to,
    const struct queue_status *later)
{
	if (!later->seen)
		return;
	status_lasted(&out->qmail, to, later->first_ns);
	int64_t first = to->seen ? to->first_ns : later->first_ns;
	*to = *later;
	to->first_ns = first;
}

void
stats_qmail_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	struct stats_qmail *q = &p->sums.qmail;
	switch (ev->kind) {
	case MAILLOG_QMAIL_NEW:
		message_begins(p, line, ev);
		break;
	case MAILLOG_QMAIL_INFO:
		message_known(q, ev);
		break;
	case MAILLOG_QMAIL_START:
		delivery_begins(p, line, ev);
		break;
	case MAILLOG_QMAIL_DELIVERY:
		delivery_ends(p, line, ev);
		break;
	case MAILLOG_QMAIL_STATUS:
		q->status_lines++;
		status_line(p, line, ev);
		break;
	case MAILLOG_QMAIL_EXITING:
		q->restarts++;
		break;
	case MAILLOG_QMAIL_BOUNCE:
		q->bounce++;
		break;
	case MAILLOG_QMAIL_TRIPLE:
		q->triple_bounce++;
		break;
	case MAILLOG_QMAIL_END:
		message_ends(p, line, ev);
		break;
	default:
		break;
	}
}

static void
join_messages(struct stats *out, struct opens *to, const struct opens *from)
{
	struct open_entry *later;
	for (size_t at = 0; (later = opens_next(from, &at)) != NULL;) {
		struct open_entry *e = opens_at(to, later->key);
		if (e == NULL)
			continue;
		if (e->used && later->began_first) {
			out->qmail.reused++;
			out->qmail.unfinished += e->is_open;
		} else if (e->used && e->is_open)
			time_in_queue(
			    &out->qmail, span_ns(e->ns, later->end_ns));
		bool first = e->used ? e->began_first : later->began_first;
		*e = *later;
		e->began_first = first;
	}
}

static void
join_deliveries(struct stats *out, struct opens *to, const struct opens *from)
{
	struct open_entry *later;
	for (size_t at = 0; (later = opens_next(from, &at)) != NULL;) {
		struct open_entry *e = opens_at(to, later->key);
		int result = result_index(later->result);
		if (e == NULL)
			continue;
		if (e->used && e->is_open && !later->began_first && result >= 0)
			delivery_counted(&out->qmail, e->remote, result,
			    span_ns(e->ns, later->end_ns));
		bool first = e->used ? e->began_first : later->began_first;
		*e = *later;
		e->began_first = first;
	}
}

void
stats_qmail_join(
    struct stats *out, struct stats_ends *to, const struct stats_ends *from)
{
	join_messages(out, &to->messages, &from->messages);
	join_deliveries(out, &to->deliveries, &from->deliveries);
	opens_forget(&to->deliveries);
	join_status(out, &to->status, &from->status);
}

void
stats_qmail_finish(struct stats *out, const struct stats_ends *ends)
{
	struct open_entry *e;
	for (size_t at = 0; (e = opens_next(&ends->messages, &at)) != NULL;)
		out->qmail.unfinished += e->is_open;
}
