/* Lines of qpsmtpd: connections, verdicts, countries, approvals. */
#include "core/maillog/stats_int.h"

#include <limits.h>

static void
connection_begins(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	struct open_entry *e = opens_at(&p->ends.connections, ev->pid);
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	q->connections++;
	if (line->key_ns > p->sums.last_connection_ns)
		p->sums.last_connection_ns = line->key_ns;
	if (e == NULL)
		return;
	if (!e->used)
		e->began_first = true;
	else
		q->without_verdict += e->is_open;
	e->used = true;
	e->is_open = true;
	if (p->ends.authenticated.len > 0) {
		struct open_entry *in =
		    opens_at(&p->ends.authenticated, ev->pid);
		if (in != NULL) {
			in->used = true;
			in->is_open = false;
		}
	}
}

/* A second verdict of the same connection finds it closed. */
static void
connection_judged(struct stats_part *p, const struct maillog_event *ev)
{
	struct open_entry *e = opens_at(&p->ends.connections, ev->pid);
	if (e == NULL)
		return;
	e->used = true;
	e->is_open = false;
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
		p->sums.qpsmtpd.dmarc_ok += ev->result == MAILLOG_PASS;
	} else if (ev->result == MAILLOG_PASS &&
		   str_starts(name, STR("auth"))) {
		struct open_entry *in =
		    opens_at(&p->ends.authenticated, ev->pid);
		if (in != NULL) {
			in->used = true;
			in->is_open = true;
		}
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
		if (line->key_ns > p->sums.last_connection_ns)
			p->sums.last_connection_ns = line->key_ns;
		break;
	case MAILLOG_LOGTERSE:
	case MAILLOG_LOGTERSE_SHORT:
		connection_judged(p, ev);
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
	struct open_entry *later;
	for (size_t at = 0;
	     (later = opens_next(&from->connections, &at)) != NULL;) {
		struct open_entry *e = opens_at(&to->connections, later->key);
		if (e == NULL)
			continue;
		if (e->used && e->is_open && later->began_first)
			out->qpsmtpd.without_verdict++;
		if (!e->used)
			e->began_first = later->began_first;
		e->used = true;
		e->is_open = later->is_open;
	}
}

void
stats_qpsmtpd_finish(struct stats *out, const struct stats_ends *ends)
{
	struct open_entry *e;
	for (size_t at = 0; (e = opens_next(&ends->connections, &at)) != NULL;)
		out->qpsmtpd.without_verdict += e->is_open;
}
