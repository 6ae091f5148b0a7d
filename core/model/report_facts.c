/* The mail report in single lines: its head, and a line a service. */
#include "core/model/report.h"

#include "core/base/i18n.h"

#include <time.h>

enum {
	HOUR_S = 3600,
};

struct facts {
	struct arena *a;
	struct report_fact *out;
	size_t n;
};

static void
fact_add(struct facts *f, const char *label, const char *text)
{
	f->out[f->n++] = (struct report_fact){ label, text };
}

static const char *
moment(struct arena *a, int64_t unix_s)
{
	char text[64] = "-";
	time_t at = (time_t)unix_s;
	struct tm tm;
	if (localtime_r(&at, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	return arena_cstr(a, str_of(text));
}

/* LG-56 */
static void
head_facts(struct facts *f, const struct report *r)
{
	struct arena *a = f->a;
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	double hours = (double)(r->to_s - r->from_s) / HOUR_S;
	fact_add(f, _("period"),
	    arena_printf(a, _("%s to %s, %.1f hours"), moment(a, r->from_s),
		moment(a, r->to_s), hours));
	fact_add(f, _("examined"),
	    arena_printf(a, _("%llu connections, %.1f an hour; accepted %llu"),
		(unsigned long long)q->verdicts,
		hours > 0 ? (double)q->verdicts / hours : 0,
		(unsigned long long)q->accepted));
	fact_add(f, _("levels"),
	    r->config.reject_milli > 0
		? arena_printf(a, _("tag %.1f, reject %.1f"),
		      (double)r->config.tag_milli / STATS_MILLI,
		      (double)r->config.reject_milli / STATS_MILLI)
		: arena_printf(a, _("tag %.1f, reject 0: no spam is refused"),
		      (double)r->config.tag_milli / STATS_MILLI));
	fact_add(f, _("mean score"),
	    arena_printf(a, _("ham %.1f, queued spam %.1f, refused spam %.1f"),
		stats_mean(q->ham_score, q->ham),
		stats_mean(q->spam_score, q->spam_queued),
		stats_mean(q->refused_score, q->spam_refused)));
	fact_add(f, "DMARC",
	    arena_printf(a,
		_("%llu approved (%.1f%% of ham), %llu reports sent"),
		(unsigned long long)q->dmarc_ok,
		report_percent(q->dmarc_ok, q->ham),
		(unsigned long long)q->dmarc_sent));
	if (r->blacklists[0] != '\0')
		fact_add(f, _("lists"), r->blacklists);
	if (r->config.compat)
		fact_add(f, _("counted"),
		    _("as the old report did, with its known faults"));
}

/* The queue, the scanners, the mailboxes: a line each. */
static void
service_facts(struct facts *f, const struct stats *s)
{
	struct arena *a = f->a;
	const struct stats_qmail *q = &s->qmail;
	if (q->new > 0)
		fact_add(f, "qmail",
		    arena_printf(a,
			_("%llu messages, %llu delivered, %llu deferred, %llu "
			  "failed, %llu bounces, %llu unfinished"),
			(unsigned long long)q->new,
			(unsigned long long)q->result_all[0],
			(unsigned long long)q->result_all[2],
			(unsigned long long)q->result_all[1],
			(unsigned long long)q->bounce,
			(unsigned long long)q->unfinished));
	if (s->spamd.connections > 0)
		fact_add(f, "spamd",
		    arena_printf(a,
			_("%llu scanned, %llu spam, %llu ham, %.1f s each"),
			(unsigned long long)s->spamd.processed,
			(unsigned long long)s->spamd.spam,
			(unsigned long long)s->spamd.ham,
			stats_mean((double)s->spamd.seconds_milli / STATS_MILLI,
			    s->spamd.spam + s->spamd.ham)));
	if (s->clamd.ok + s->clamd.reloads + s->clamd.found.len > 0)
		fact_add(f, "clamd",
		    arena_printf(a,
			_("%llu clean, %llu found, %llu errors, %llu reloads"),
			(unsigned long long)s->clamd.ok,
			(unsigned long long)tally_sum(&s->clamd.found, 0),
			(unsigned long long)s->clamd.errors,
			(unsigned long long)s->clamd.reloads));
	if (s->dovecot.logins.len > 0 || s->dovecot.auth_failed > 0)
		fact_add(f, "dovecot",
		    arena_printf(a,
			_("%llu logins of %zu users, %llu failed, limits "
			  "reached %llu times"),
			(unsigned long long)tally_sum(&s->dovecot.logins, 0),
			s->dovecot.users.len,
			(unsigned long long)s->dovecot.auth_failed,
			(unsigned long long)(s->dovecot.userip_limit +
					     s->dovecot.process_limit)));
}

size_t
report_facts(const struct report *r, struct arena *a,
    struct report_fact out[REPORT_FACTS])
{
	struct facts f = { a, out, 0 };
	head_facts(&f, r);
	return f.n;
}

size_t
report_service_facts(const struct report *r, struct arena *a,
    struct report_fact out[REPORT_FACTS])
{
	struct facts f = { a, out, 0 };
	service_facts(&f, &r->stats);
	return f.n;
}
