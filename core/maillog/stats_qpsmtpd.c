/* Lines of qpsmtpd: connections, verdicts, countries, approvals. */
#include "core/maillog/stats_int.h"

#include <string.h>

/* Something was said of the process: what it is now. */
static void
set_open(struct pids *pids, uint32_t pid, bool open)
{
	struct pid_row *row = pids_row(pids, pid);
	uint32_t bit = pids_bit(pid);
	if (row == NULL)
		return;
	row->seen |= bit;
	row->open = open ? row->open | bit : row->open & ~bit;
}

/* "Accepted connection", written first, and "Connection from" are one. */
static void
connection_at(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev, bool announced)
{
	if (order_begin(&p->ends.order, ev->pid, announced) &&
	    line->key_ns > p->sums.last_connection_ns)
		p->sums.last_connection_ns = line->key_ns;
}

static void
connection_begins(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	struct pid_row *row = pids_row(&p->ends.connections, ev->pid);
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	uint32_t bit = pids_bit(ev->pid);
	q->connections++;
	connection_at(p, line, ev, false);
	if (row == NULL)
		return;
	if ((row->seen & bit) == 0)
		row->began |= bit;
	else
		q->without_verdict += (row->open & bit) != 0;
	row->seen |= bit;
	row->open |= bit;
	set_open(&p->ends.authenticated, ev->pid, false);
}

void
stats_approval_anywhere(struct stats_part *p, struct str text)
{
	p->sums.qpsmtpd.dmarc_ok += stats_has(text, STR("dmarc: pass"));
}

static void
plugin_speaks(struct stats_part *p, const struct maillog_event *ev)
{
	static const struct str country = { "GeoIP Country: ", 15 };
	struct str name = ev->plugin.name;
	if (str_is(name, "check_badcountries")) {
		if (str_starts(ev->text, country) && ev->text.len > country.len)
			tally_add(&p->sums.qpsmtpd.countries,
			    str_trim(
				str_sub(ev->text, country.len, ev->text.len)),
			    0, 1);
	} else if (str_is(name, "dmarc")) {
		p->sums.qpsmtpd.dmarc_ok +=
		    !p->config->compat && ev->result == MAILLOG_PASS;
	} else if (ev->result == MAILLOG_PASS &&
		   str_starts(name, STR("auth"))) {
		set_open(&p->ends.authenticated, ev->pid, true);
	}
}

/*
 * Whether the client of a message had logged in stands in an earlier part when
 * his connection began there: the verdict waits until the parts are joined.
 */
static bool
must_wait(struct stats_part *p, const struct maillog_event *ev)
{
	if (p->config->compat || ev->verdict != MAILLOG_QUEUED)
		return false;
	const struct pid_row *row = pids_row(&p->ends.authenticated, ev->pid);
	return row != NULL && (row->seen & pids_bit(ev->pid)) == 0;
}

/*
 * False when too many wait: logs of a level that knows no connections know no
 * logins either.
 */
static bool
wait_for_it(struct stats_part *p, const struct logline *line)
{
	struct stats_waiting w = { .unix_s = line->stamp.time.unix_s,
		.len = line->text.len,
		.stamp = line->stamp.kind };
	size_t before = p->waiting.len;
	if (buf_add(&p->waiting, &w, sizeof(w)) &&
	    buf_add(&p->waiting, line->text.ptr, line->text.len))
		return true;
	buf_truncate(&p->waiting, before);
	return false;
}

void
stats_qpsmtpd_settle(struct stats_part *p, const struct pids *logged_in)
{
	struct str rest = buf_str(&p->waiting);
	struct stats_waiting w;
	p->logged_in = logged_in;
	while (rest.len > sizeof(w)) {
		struct logline line = { .continued = false };
		struct maillog_event ev;
		memcpy(&w, rest.ptr, sizeof(w));
		line.stamp.time.unix_s = w.unix_s;
		line.text = str_sub(rest, sizeof(w), sizeof(w) + w.len);
		rest = str_sub(rest, sizeof(w) + w.len, rest.len);
		maillog_parse_stamped(p->form, w.stamp, line.text, &ev);
		stats_verdict_count(p, &line, &ev);
	}
}

void
stats_qpsmtpd_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	switch (ev->kind) {
	case MAILLOG_CONNECT:
		connection_begins(p, line, ev);
		break;
	case MAILLOG_ACCEPTED:
		connection_at(p, line, ev, true);
		break;
	case MAILLOG_LOGTERSE:
	case MAILLOG_LOGTERSE_SHORT:
		/* a second verdict of the same connection finds it closed */
		set_open(&p->ends.connections, ev->pid, false);
		if (!must_wait(p, ev) || !wait_for_it(p, line))
			stats_verdict_count(p, line, ev);
		break;
	case MAILLOG_PLUGIN:
		plugin_speaks(p, ev);
		break;
	default:
		break;
	}
}

void
stats_qpsmtpd_join(
    struct stats *out, struct stats_ends *to, const struct stats_ends *from)
{
	out->qpsmtpd.without_verdict +=
	    pids_join(&to->connections, &from->connections);
	(void)pids_join(&to->authenticated, &from->authenticated);
	order_join(&to->order, &from->order);
}

void
stats_qpsmtpd_finish(struct stats *out, struct stats_ends *ends)
{
	struct stats_qpsmtpd *q = &out->qpsmtpd;
	order_end(&ends->order);
	q->ham_score += ends->order.sums[STATS_SUM_HAM];
	q->spam_score += ends->order.sums[STATS_SUM_QUEUED];
	q->refused_score += ends->order.sums[STATS_SUM_REFUSED];
	q->without_verdict += pids_open(&ends->connections);
}
