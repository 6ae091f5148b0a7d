/* What is wrong with a server, by its overview; and the overview in words. */
#include "core/model/status.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"

#include <string.h>

enum {
	DAY_S = 24 * 60 * 60,
	WORDS_MAX = 1024,
	/* time to renew what no program renews by itself */
	CERTIFICATE_WARN_S = 21 * DAY_S,
	/* qmail tries again within minutes at first, then hours: mail that
	   waits for a day has a reason */
	QUEUE_WARN_S = DAY_S,
	/* delivery to a mailbox here is a matter of seconds */
	WAITING_WARN_S = 600,
};

static void
add_services(const struct status *st, struct findings *out)
{
	for (size_t i = 0; i < st->n_services; i++) {
		const struct service_row *r = &st->services[i];
		if (!r->enabled || strcmp(r->state, "ok") == 0)
			continue;
		findings_add(out, FINDING_FAIL, "service", r->name,
		    _("should run and does not: %s"), r->why);
		findings_next(out, "smemail service status %s", r->name);
	}
}

static void
add_programs(const struct status *st, struct findings *out)
{
	for (size_t i = 0; i < st->n_programs; i++) {
		if (st->programs[i].there)
			continue;
		findings_add(out, FINDING_FAIL, "engine", N_("engine"),
		    _("'%s' is missing"), st->programs[i].path);
		findings_next(
		    out, "%s", _("install the package e-smith-lib again"));
	}
}

static void
add_certificate(
    const struct model_ctx *m, const struct status *st, struct findings *out)
{
	const struct status_certificate *c = &st->certificate;
	int64_t now = clock_wall_s(m->clock);
	enum finding_state state = FINDING_OK;
	if (!c->known)
		state = FINDING_UNKNOWN;
	else if (c->not_after <= now || c->not_before > now)
		state = FINDING_FAIL;
	else if (c->not_after - now < CERTIFICATE_WARN_S)
		state = FINDING_WARN;
	if (state == FINDING_OK)
		return;
	if (c->known && c->not_before > now)
		findings_add(out, state, "certificate", N_("certificate"),
		    _("%s: not valid yet; is the clock right?"), c->name);
	else
		findings_add(out, state, "certificate", N_("certificate"), "%s",
		    c->known ? status_certificate_words(m, c) : c->why.text);
	if (c->why.next[0] != '\0')
		findings_next(out, "%s", c->why.next);
}

static void
add_queue(
    const struct model_ctx *m, const struct status *st, struct findings *out)
{
	const struct top_queue *q = &st->queue;
	if (q->absent)
		return;
	if (!q->known) {
		findings_add(out, FINDING_UNKNOWN, "queue", N_("queue"), "%s",
		    _("its folders cannot be read"));
		findings_next(out, "%s", _("run it as root"));
		return;
	}
	if (q->oldest_s == 0 ||
	    clock_wall_s(m->clock) - q->oldest_s < QUEUE_WARN_S)
		return;
	findings_add(out, FINDING_WARN, "queue", N_("queue"), "%s",
	    status_queue_words(m, st));
	findings_next(out, "smemail log show qmail --keep deferred");
}

/* Answered 250: nobody but us will deliver it, and its sender thinks it is. */
static void
add_waiting(
    const struct model_ctx *m, const struct status *st, struct findings *out)
{
	const struct waiting *w = &st->waiting;
	if (!w->known) {
		findings_add(out, FINDING_UNKNOWN, "queue-log", N_("queue log"),
		    "%s", w->why);
		return;
	}
	if (w->messages == 0 || w->oldest_s < WAITING_WARN_S)
		return;
	const char *why = w->why[0] != '\0' ? w->why
			  : w->from_disk    ? _("the filter does not run")
					    : _("its delivery is behind");
	findings_add(out, FINDING_WARN, "queue-log", N_("queue log"),
	    P_("%llu message taken and not delivered, for %s: %s",
		"%llu messages taken and not delivered, the oldest for %s: %s",
		w->messages),
	    (unsigned long long)w->messages,
	    top_duration(m->arena, w->oldest_s), why);
	if (w->from_disk)
		findings_next(out, "smemail service start qpsmtpd");
	else
		findings_next(out,
		    "smemail log show qpsmtpd --since 1h --keep 'queue log'");
}

static void
add_refusal(const struct status *st, struct findings *out)
{
	if (st->refused == NULL)
		return;
	findings_add(out, FINDING_WARN, "configuration", N_("configuration"),
	    _("the filter keeps the one before: %s"), st->refused);
	findings_next(out, "smemail service reload qpsmtpd");
}

static void
add_mail(const struct status *st, struct findings *out)
{
	const struct status_mail *mail = &st->mail;
	if (mail->known || mail->why.code == ERR_NO)
		return; /* ERR_NO: there are no logs yet */
	findings_add(
	    out, FINDING_UNKNOWN, "mail", N_("mail"), "%s", mail->why.text);
	if (mail->why.next[0] != '\0')
		findings_next(out, "%s", mail->why.next);
}

/* Stable: equal ones stay in the order in which they were found. */
static void
sort(struct findings *f)
{
	static const int rank[] = { [FINDING_FAIL] = 0,
		[FINDING_WARN] = 1,
		[FINDING_UNKNOWN] = 2,
		[FINDING_INFO] = 3,
		[FINDING_OK] = 4 };
	for (size_t i = 1; i < f->n; i++) {
		struct finding one = f->list[i];
		size_t k = i;
		while (k > 0 && rank[f->list[k - 1].state] > rank[one.state]) {
			f->list[k] = f->list[k - 1];
			k--;
		}
		f->list[k] = one;
	}
}

void
status_findings(
    const struct model_ctx *m, const struct status *st, struct findings *out)
{
	bool whole = st->damage.code == ERR_NONE;
	if (!whole) {
		findings_add(out, FINDING_FAIL, "databases", N_("databases"),
		    "%s", st->damage.text);
		findings_next(out, "%s", st->damage.next);
	}
	add_programs(st, out);
	add_services(st, out);
	if (st->measured) {
		add_certificate(m, st, out);
		add_queue(m, st, out);
		add_waiting(m, st, out);
		add_refusal(st, out);
		add_mail(st, out);
	}
	if (whole && st->settings_bad > 0) {
		findings_add(out, FINDING_WARN, "settings", N_("settings"),
		    P_("%zu value that is stored is not valid",
			"%zu values that are stored are not valid",
			st->settings_bad),
		    st->settings_bad);
		findings_next(out, "smemail list --changed");
	}
	sort(out);
}

const char *
status_counts_words(const struct model_ctx *m, const struct findings *f)
{
	size_t n[FINDING_UNKNOWN + 1] = { 0 };
	struct buf out = BUF_INIT(WORDS_MAX);
	for (size_t i = 0; i < f->n; i++)
		n[f->list[i].state]++;
	size_t bad = n[FINDING_FAIL], warned = n[FINDING_WARN],
	       unknown = n[FINDING_UNKNOWN];
	const char *const words[] = {
		bad == 0 ? NULL
			 : arena_printf(m->arena,
			       P_("%zu failure", "%zu failures", bad), bad),
		warned == 0
		    ? NULL
		    : arena_printf(m->arena,
			  P_("%zu warning", "%zu warnings", warned), warned),
		unknown == 0
		    ? NULL
		    : arena_printf(m->arena, _("%zu not tested"), unknown),
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i] != NULL)
			buf_addf(
			    &out, "%s%s", out.len > 0 ? ", " : "", words[i]);
	if (out.len == 0)
		buf_add_cstr(&out, _("nothing is wrong"));
	const char *text = arena_cstr(m->arena, buf_str(&out));
	buf_clear(&out);
	return text;
}

const char *
status_queue_words(const struct model_ctx *m, const struct status *st)
{
	struct buf out = BUF_INIT(WORDS_MAX);
	top_queue_words(&st->queue, clock_wall_s(m->clock), m->arena, &out);
	waiting_words(&st->waiting, m->arena, &out);
	const char *text = arena_cstr(m->arena, buf_str(&out));
	buf_clear(&out);
	return text;
}
