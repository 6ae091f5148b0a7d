/* The mail report in single lines: its head, and a line a service. */
#include "core/model/report_int.h"

#include "core/base/clock.h"
#include "core/base/i18n.h"

#include <time.h>

enum {
	MINUTE_S = 60,
	HOUR_S = 3600,
	MB = 1000000,
	KB = 1000,
	US = 1000000,
	MOST = 95, /* percent */
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

const char *
report_moment(struct arena *a, int64_t unix_s)
{
	char text[64] = "-";
	time_t at = (time_t)unix_s;
	struct tm tm;
	if (localtime_r(&at, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	return arena_cstr(a, str_of(text));
}

/* What of it is known. */
static const char *
program_text(struct arena *a, const char *name, struct report_program p)
{
	return p.version != NULL
		   ? arena_printf(a, "%s %s", name, p.version)
		   : arena_printf(a, _("%s of unknown version"), name);
}

static const char *
programs_text(struct arena *a, const struct report_programs *p)
{
	const char *text = arena_printf(a, "smemail %s, %s, %s",
	    SMEMAIL_VERSION, program_text(a, "SpamAssassin", p->spamassassin),
	    program_text(a, "ClamAV", p->clamav));
	if (p->signatures != NULL && p->signatures_of != NULL)
		return arena_printf(a, _("%s, signatures %s of %s"), text,
		    p->signatures, p->signatures_of);
	return text;
}

/* LG-56; of less than a minute a rate would tell nothing. */
static const char *
examined(struct arena *a, const struct stats_qpsmtpd *q, int64_t seconds)
{
	unsigned long long verdicts = q->verdicts, accepted = q->accepted;
	if (seconds < MINUTE_S)
		return arena_printf(a, _("%llu connections; accepted %llu"),
		    verdicts, accepted);
	return arena_printf(a,
	    _("%llu connections, %.1f an hour; accepted %llu"), verdicts,
	    (double)verdicts * HOUR_S / (double)seconds, accepted);
}

/* LG-56 */
static void
head_facts(struct facts *f, const struct report *r)
{
	struct arena *a = f->a;
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	double hours = (double)(r->to_s - r->from_s) / HOUR_S;
	if (r->whole && r->stats.first_ns > r->stats.last_ns)
		fact_add(f, _("period"),
		    _("none: no line of these logs has a time"));
	else
		fact_add(f, _("period"),
		    arena_printf(a, _("%s to %s, %.1f hours"),
			report_moment(a, r->from_s), report_moment(a, r->to_s),
			hours));
	fact_add(f, _("examined"), examined(a, q, r->to_s - r->from_s));
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
	fact_add(f, _("programs"), programs_text(a, &r->programs));
	if (r->blacklists[0] != '\0')
		fact_add(f, _("lists"), r->blacklists);
	if (r->config.compat)
		fact_add(f, _("counted"),
		    _("as the old report did, with its known faults"));
}

static double
units(int64_t milli)
{
	return (double)milli / STATS_MILLI;
}

/* LG-37: "0.3 s (median 0.2, 95 % 1.1, most 6.0)" */
static const char *
times_text(struct arena *a, const struct spread *s)
{
	return arena_printf(a, _("%.1f s (median %.1f, 95 %% %.1f, most %.1f)"),
	    stats_mean((double)s->sum / US, s->n),
	    (double)spread_percentile(s, 50) / US,
	    (double)spread_percentile(s, MOST) / US, (double)s->largest / US);
}

static void
qmail_facts(struct facts *f, const struct stats_qmail *q)
{
	const struct spread *local = &q->delivery_us[STATS_TO_LOCAL];
	const struct spread *remote = &q->delivery_us[STATS_TO_REMOTE];
	if (q->new == 0)
		return;
	fact_add(f, "qmail",
	    arena_printf(f->a,
		_("%llu messages, %llu delivered, %llu deferred, %llu "
		  "failed"),
		(unsigned long long)q->new,
		(unsigned long long)q->result_all[0],
		(unsigned long long)q->result_all[2],
		(unsigned long long)q->result_all[1]));
	fact_add(f, "",
	    arena_printf(f->a,
		_("%llu bounces, %llu unfinished; %.1f MB, %.1f kB each"),
		(unsigned long long)q->bounce,
		(unsigned long long)q->unfinished, (double)q->bytes / MB,
		stats_mean((double)q->bytes, q->info) / KB));
	if (local->n > 0)
		fact_add(f, "",
		    arena_printf(f->a, _("local deliveries %s"),
			times_text(f->a, local)));
	if (remote->n > 0)
		fact_add(f, "",
		    arena_printf(f->a, _("remote deliveries %s"),
			times_text(f->a, remote)));
	fact_add(f, "",
	    arena_printf(f->a,
		_("at most %llu local, %llu remote at once; full "
		  "%.1f %%, %.1f %% of the time"),
		(unsigned long long)q->max_local,
		(unsigned long long)q->max_remote,
		stats_full_percent(q, STATS_TO_LOCAL),
		stats_full_percent(q, STATS_TO_REMOTE)));
}

/* LG-39 */
static void
spamd_facts(struct facts *f, const struct stats_spamd *s)
{
	uint64_t scans = s->spam + s->ham;
	if (s->processed + scans == 0)
		return;
	fact_add(f, "spamd",
	    arena_printf(f->a,
		_("%llu scanned, %llu spam, %llu ham, %.1f MB; %llu time-outs"),
		(unsigned long long)s->processed, (unsigned long long)s->spam,
		(unsigned long long)s->ham, (double)s->bytes / MB,
		(unsigned long long)s->timeouts));
	fact_add(f, "",
	    arena_printf(f->a,
		_("score %.1f on average, 95 %% up to %.1f; %.1f s, 95 %% up "
		  "to %.1f s"),
		stats_mean(units(s->score_milli), scans),
		units(stats_percentile(&s->scores, MOST)),
		stats_mean(units(s->seconds_milli), scans),
		units(stats_percentile(&s->seconds, MOST))));
	if (s->aborted > 0) /* LG-38 */
		fact_add(f, "",
		    arena_printf(f->a, _("%llu scans gave no result"),
			(unsigned long long)s->aborted));
	if (s->states > 0)
		fact_add(f, "",
		    arena_printf(f->a,
			_("at most %llu of %llu children busy, none idle %llu "
			  "of %llu times"),
			(unsigned long long)s->busy_max,
			(unsigned long long)s->children_max,
			(unsigned long long)s->states_full,
			(unsigned long long)s->states));
}

static void
clamd_facts(struct facts *f, const struct stats_clamd *c)
{
	if (c->ok + c->reloads + c->found.len == 0)
		return;
	fact_add(f, "clamd",
	    arena_printf(f->a,
		_("%llu clean, %llu found, %llu errors, %llu reloads"),
		(unsigned long long)c->ok,
		(unsigned long long)tally_sum(&c->found, 0),
		(unsigned long long)c->errors, (unsigned long long)c->reloads));
	if (c->checked_ns != INT64_MIN)
		fact_add(f, "",
		    arena_printf(f->a, _("last good self check %s"),
			report_moment(f->a, c->checked_ns / NS_PER_S)));
}

/* Who hits a limit is told what raises it (LG-41, LG-42). */
static void
limit_fact(struct facts *f, const char *what, uint64_t n, const char *setting)
{
	if (n > 0)
		fact_add(f, "",
		    arena_printf(f->a, _("%s reached %llu times: raise '%s'"),
			what, (unsigned long long)n, setting));
}

static void
dovecot_facts(struct facts *f, const struct stats_dovecot *d)
{
	if (d->logins.len == 0 && d->auth_failed == 0)
		return;
	fact_add(f, "dovecot",
	    arena_printf(f->a,
		_("%llu logins of %zu users, %llu failed from %zu addresses"),
		(unsigned long long)tally_sum(&d->logins, 0), d->users.len,
		(unsigned long long)d->auth_failed, d->failed_ips.len));
	if (d->session_us.n > 0)
		fact_add(f, "",
		    arena_printf(f->a, _("sessions %s"),
			times_text(f->a, &d->session_us)));
	limit_fact(f, _("limit of an address"), d->userip_limit,
	    "imap.concurrency-per-ip");
	limit_fact(f, _("limit of all connections"), d->process_limit,
	    "imap.concurrency");
}

static void
tcpsvd_facts(struct facts *f, const struct stats_tcpsvd *t)
{
	if (t->accepted + t->denied_limit + t->denied_rule == 0)
		return;
	fact_add(f, "tcpsvd",
	    arena_printf(f->a,
		_("%llu accepted, %llu refused by rule; at most %llu of %llu "
		  "of an address"),
		(unsigned long long)t->accepted,
		(unsigned long long)t->denied_rule,
		(unsigned long long)t->highest,
		(unsigned long long)t->highest_max));
	limit_fact(f, _("limit of an address"), t->denied_limit,
	    "imap.concurrency-per-ip");
}

static void
fetchmail_facts(struct facts *f, const struct stats_fetchmail *m)
{
	if (m->mail.len + m->troubles.len == 0)
		return;
	fact_add(f, "fetchmail",
	    arena_printf(f->a,
		_("%llu fetched, %llu kept, %llu refused by SMTP, %llu failed "
		  "logins"),
		(unsigned long long)tally_sum(&m->mail, 1),
		(unsigned long long)tally_sum(&m->mail, 2),
		(unsigned long long)tally_sum(&m->troubles, 0),
		(unsigned long long)tally_sum(&m->troubles, 1)));
}

/* LG-72: who reads a table must know that not all names are in it. */
static void
bounds_facts(struct facts *f, const struct stats *s)
{
	const char *table, *all = "";
	uint64_t n;
	for (size_t i = 0; (table = stats_not_apart(s, &i, &n)) != NULL;)
		all = arena_printf(f->a, "%s%s%s %llu", all,
		    all[0] != '\0' ? ", " : "", table, (unsigned long long)n);
	if (all[0] != '\0')
		fact_add(f, _("names"),
		    arena_printf(f->a,
			_("more than are kept apart; further ones are counted "
			  "together: %s"),
			all));
}

/* Nor must he take a sum that a hostile line made too large for what it was. */
static void
sums_fact(struct facts *f, const struct stats *s)
{
	const char *name, *all = "";
	for (size_t i = 0; (name = stats_too_large(s, &i)) != NULL;)
		all = arena_printf(
		    f->a, "%s%s%s", all, all[0] != '\0' ? ", " : "", name);
	if (all[0] != '\0')
		fact_add(f, _("sums"),
		    arena_printf(f->a,
			_("too large to be counted, at the greatest number "
			  "there is: %s"),
			all));
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
	qmail_facts(&f, &r->stats.qmail);
	spamd_facts(&f, &r->stats.spamd);
	clamd_facts(&f, &r->stats.clamd);
	dovecot_facts(&f, &r->stats.dovecot);
	tcpsvd_facts(&f, &r->stats.tcpsvd);
	fetchmail_facts(&f, &r->stats.fetchmail);
	bounds_facts(&f, &r->stats);
	sums_fact(&f, &r->stats);
	return f.n;
}
