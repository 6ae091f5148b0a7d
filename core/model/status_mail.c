/* What the filter decided in the last 24 hours, counted from its logs. */
#include "core/model/status.h"

#include "core/base/i18n.h"
#include "core/model/report.h"

#include <stdlib.h>
#include <string.h>

enum {
	HOUR_S = 3600
};

static void
hours_take(struct status_mail *out, const struct report *r)
{
	struct stats_hour empty;
	for (size_t i = 0; i < STATUS_HOURS && i < report_hours(r); i++) {
		const struct stats_hour *h = report_hour(r, i, &empty);
		struct status_hour *mine = &out->hours[i];
		uint64_t all = stats_hour_total(h);
		mine->accepted = h->n[STATS_HAM] + h->n[STATS_SPAM_QUEUED];
		mine->deferred = h->deferred;
		uint64_t known = mine->accepted + mine->deferred;
		mine->refused = all > known ? all - known : 0;
		out->sum.accepted += mine->accepted;
		out->sum.refused += mine->refused;
		out->sum.deferred += mine->deferred;
	}
}

static uint64_t
deferred_by(const struct stats_qpsmtpd *q, struct str rule)
{
	for (size_t i = 0; i < q->deferred.len; i++)
		if (str_eq(q->deferred.rows[i].key, rule))
			return q->deferred.rows[i].n[0];
	return 0;
}

static struct top_count *
rule_of(const struct model_ctx *m, struct status_mail *out, struct str name)
{
	for (size_t i = 0; i < out->n_rules; i++)
		if (str_is(name, out->rules[i].name))
			return &out->rules[i];
	if (out->n_rules == STATUS_RULES)
		return NULL;
	struct top_count *made = &out->rules[out->n_rules++];
	*made = (struct top_count){ arena_cstr(m->arena, name), 0 };
	return made;
}

static int
by_count(const void *a, const void *b)
{
	const struct top_count *x = a, *y = b;
	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return strcmp(x->name, y->name);
}

/*
 * By what was refused: a verdict put off to a later phase ("naughty:dnsbl") is
 * that of the rule which found it.
 */
static void
rules_take(const struct model_ctx *m, struct status_mail *out, struct report *r)
{
	struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	const struct str naughty = STR("naughty:");
	tally_sort(&q->rules_raw, 0);
	for (size_t i = 0; i < q->rules_raw.len; i++) {
		struct str name = q->rules_raw.rows[i].key;
		uint64_t n = q->rules_raw.rows[i].n[0];
		uint64_t put_off = deferred_by(q, name);
		if (str_is(name, "queued") || n <= put_off)
			continue;
		if (str_starts(name, naughty))
			name = str_sub(name, naughty.len, name.len);
		struct top_count *rule = rule_of(m, out, name);
		if (rule != NULL)
			rule->n += n - put_off;
	}
	qsort(out->rules, out->n_rules, sizeof(*out->rules), by_count);
}

void
status_mail_read(const struct model_ctx *m, struct status_mail *out)
{
	struct report r;
	int64_t now = clock_wall_s(m->clock);
	memset(out, 0, sizeof(*out));
	out->first_hour = now / HOUR_S - (STATUS_HOURS - 1);
	const struct report_request q = { .smtp_only = true,
		.from_s = out->first_hour * HOUR_S,
		.to_s = now + 1 };
	if (!report_make(m, &q, &r, &out->why)) {
		report_clear(&r);
		return;
	}
	out->known = true;
	hours_take(out, &r);
	rules_take(m, out, &r);
	if (r.stats.last_ns != INT64_MIN)
		out->until_s = r.stats.last_ns / NS_PER_S;
	report_clear(&r);
}

const char *
status_rules_words(const struct model_ctx *m, const struct status_mail *mail)
{
	const char *text = "";
	for (size_t i = 0; i < mail->n_rules; i++)
		text = arena_printf(m->arena, "%s%s%s %llu", text,
		    i > 0 ? ", " : "", mail->rules[i].name,
		    (unsigned long long)mail->rules[i].n);
	return text;
}
