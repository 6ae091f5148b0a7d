/* The figures of top as lines of text. */
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/model/top.h"

enum {
	LINE_MAX_SIZE = 4096,
	NAMES_SHOWN = 6,
	MINUTE_S = 60,
	HOUR_S = 3600,
	DAY_S = 24 * HOUR_S,
	MS_PER_S = 1000,
	SECOND_SPAN = 10, /* seconds that a "per second" is the mean of */
};

const char *
top_duration(struct arena *a, int64_t s)
{
	if (s < MINUTE_S || (s < HOUR_S && s % MINUTE_S == 0))
		return top_duration_short(a, s);
	if (s < HOUR_S)
		return arena_printf(a, _("%lld min %lld s"),
		    (long long)(s / MINUTE_S), (long long)(s % MINUTE_S));
	if (s < DAY_S)
		return arena_printf(a, _("%lld h %lld min"),
		    (long long)(s / HOUR_S),
		    (long long)(s % HOUR_S / MINUTE_S));
	return arena_printf(a, _("%lld d %lld h"), (long long)(s / DAY_S),
	    (long long)(s % DAY_S / HOUR_S));
}

const char *
top_duration_short(struct arena *a, int64_t s)
{
	if (s < MINUTE_S)
		return arena_printf(a, _("%lld s"), (long long)(s < 0 ? 0 : s));
	if (s < HOUR_S)
		return arena_printf(
		    a, _("%lld min"), (long long)(s / MINUTE_S));
	if (s < DAY_S)
		return arena_printf(a, _("%lld h"), (long long)(s / HOUR_S));
	return arena_printf(a, _("%lld d"), (long long)(s / DAY_S));
}

const char *
top_waits(const struct top_session *s, struct arena *a)
{
	if (s->client)
		return _("client");
	if (s->last[0] == '\0')
		return _("filter");
	return arena_printf(a, _("after %s"), s->last);
}

int64_t
top_wait_s(const struct top_session *s, int64_t now_ns)
{
	return now_ns > s->last_ns ? (now_ns - s->last_ns) / NS_PER_S : 0;
}

static void
sessions(const struct top_view *v, struct arena *a, struct buf *out)
{
	(void)a;
	if (v->sessions_max > 0)
		buf_addf(out, _("%zu of %u"), v->n_sessions, v->sessions_max);
	else
		buf_addf(out, "%zu", v->n_sessions);
	if (v->busiest > 1)
		buf_addf(out, _("; busiest host %s with %u"), v->busiest_ip,
		    v->busiest);
	if (v->load >= 0)
		buf_addf(out, _("; load %.2f"), v->load);
}

/* "begun 14 (0.2/s)" of each of the four */
static void
mail(const struct top_view *v, struct arena *a, struct buf *out)
{
	static const char *const names[] = { N_("begun"), N_("queued"),
		N_("refused"), N_("deferred") };
	(void)a;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		buf_addf(out, "%s%s %llu (%.1f%s)", i > 0 ? ", " : "",
		    _(names[i]), (unsigned long long)v->minute[i],
		    (double)v->second[i] / SECOND_SPAN, i == 0 ? "/s" : "");
}

static void
rules(const struct top_view *v, struct arena *a, struct buf *out)
{
	(void)a;
	for (size_t i = 0; i < v->n_rules && i < NAMES_SHOWN; i++)
		buf_addf(out, "%s%s %llu", i > 0 ? ", " : "", v->rules[i].name,
		    (unsigned long long)v->rules[i].n);
	if (v->n_rules > NAMES_SHOWN)
		buf_addf(out, _(", %zu more"), v->n_rules - NAMES_SHOWN);
	if (v->n_rules == 0)
		buf_add_cstr(out, _("nothing was refused"));
}

static void
scores(const struct top_view *v, struct arena *a, struct buf *out)
{
	(void)a;
	if (v->scores == 0) {
		buf_add_cstr(out, _("no mail was scored"));
		return;
	}
	buf_addf(out,
	    P_("%llu message: mean %.1f, highest %.1f",
		"%llu messages: mean %.1f, highest %.1f", v->scores),
	    (unsigned long long)v->scores,
	    (double)v->score_sum_tenths / 10 / (double)v->scores,
	    (double)v->score_most_tenths / 10);
}

static void
plugins(const struct top_view *v, struct arena *a, struct buf *out)
{
	(void)a;
	for (size_t i = 0; i < v->n_plugins && i < NAMES_SHOWN; i++) {
		const struct top_plugin *p = &v->plugins[i];
		double ms = (double)p->total_ns / (double)p->calls / NS_PER_MS;
		if (ms < MS_PER_S)
			buf_addf(out, "%s%s %.1f ms", i > 0 ? ", " : "",
			    p->name, ms);
		else
			buf_addf(out, "%s%s %.1f s", i > 0 ? ", " : "", p->name,
			    ms / MS_PER_S);
	}
	if (v->n_plugins == 0)
		buf_add_cstr(out, _("none has run"));
}

void
top_queue_words(
    const struct top_queue *q, int64_t now_s, struct arena *a, struct buf *out)
{
	if (q->absent)
		buf_add_cstr(out, _("none of qmail here"));
	else if (!q->known)
		buf_addf(out, "%s", _("????  cannot be read"));
	else
		buf_addf(out,
		    P_("%llu message (local %llu, remote %llu)",
			"%llu messages (local %llu, remote %llu)", q->messages),
		    (unsigned long long)q->messages,
		    (unsigned long long)q->local,
		    (unsigned long long)q->remote);
	if (q->known && q->oldest_s > 0)
		buf_addf(out, _(", oldest %s"),
		    top_duration(a, now_s - q->oldest_s));
}

static void
queue(const struct top_view *v, struct arena *a, struct buf *out)
{
	top_queue_words(&v->queue, v->now_ns / NS_PER_S, a, out);
	waiting_words(&v->daemon.waiting, a, out);
	if (v->deliveries_known)
		buf_addf(out, _("; delivering local %u of %u, remote %u of %u"),
		    v->local, v->local_max, v->remote, v->remote_max);
}

static void
scanners(const struct top_view *v, struct arena *a, struct buf *out)
{
	(void)a;
	if (v->spamd_children > 0)
		buf_addf(out, _("spamd: %u of %u children busy"), v->spamd_busy,
		    v->spamd_children);
}

static void
daemon_itself(const struct top_view *v, struct arena *a, struct buf *out)
{
	const struct top_daemon *d = &v->daemon;
	if (d->down)
		buf_add_cstr(out,
		    _("qpsmtpd does not run; see: smemail service status"));
	if (d->known)
		buf_addf(out,
		    _("%llu of %llu sessions; queued %llu, refused %llu, "
		      "deferred %llu in %s"),
		    (unsigned long long)d->sessions,
		    (unsigned long long)d->sessions_max,
		    (unsigned long long)d->queued,
		    (unsigned long long)d->refused,
		    (unsigned long long)d->deferred,
		    top_duration(a, (int64_t)d->up_s));
}

size_t
top_facts(
    const struct top_view *v, struct arena *a, struct top_fact out[TOP_FACTS])
{
	static const struct {
		const char *label;
		void (*add)(
		    const struct top_view *v, struct arena *a, struct buf *out);
	} all[TOP_FACTS] = {
		{ N_("sessions"), sessions },
		{ N_("a minute"), mail },
		{ N_("refused"), rules },
		{ N_("scores"), scores },
		{ N_("slowest"), plugins },
		{ N_("queue"), queue },
		{ N_("scanners"), scanners },
		{ N_("filter"), daemon_itself },
	};
	size_t n = 0;
	for (size_t i = 0; i < TOP_FACTS; i++) {
		struct buf text = BUF_INIT(LINE_MAX_SIZE);
		all[i].add(v, a, &text);
		if (text.len > 0) {
			out[n].label = _(all[i].label);
			out[n++].text = arena_cstr(a, buf_str(&text));
		}
		buf_clear(&text);
	}
	return n;
}
