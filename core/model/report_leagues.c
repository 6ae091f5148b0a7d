/* Leagues of the mail report: names by count (LG-55 to LG-59, LG-62). */
#include "core/model/report_int.h"

#include "core/base/i18n.h"

enum {
	LEAGUE_COLUMNS = 4
};

/* A league: names with a count. */
struct league {
	enum report_table_kind kind;
	const char *title;
	const struct tally *tally;
	uint64_t of; /* what 100 % is */
	double cut;  /* rows below so many percent are left out */
	bool totals;
	const char *last; /* head of the last column */
	bool (*skip)(const struct report *r, struct str name);
	const char *(*mark)(
	    struct report_maker *m, const struct tally_row *row);
};

/* Largest first. */
static void
league_table(struct report_maker *m, const struct league *l)
{
	const struct tally *t = l->tally;
	struct arena *a = m->a;
	struct report_column columns[LEAGUE_COLUMNS] = { { l->title, false },
		{ N_("COUNT"), true }, { "%", true },
		{ l->last, l->last[0] != '\0' } };
	struct tally sorted;
	if (t->len == 0)
		return;
	tally_init(&sorted);
	tally_merge(&sorted, t);
	tally_sort(&sorted, 0);
	struct str *cells =
	    ARENA_ARRAY(a, (sorted.len + 1) * LEAGUE_COLUMNS, struct str);
	size_t n = 0;
	for (size_t i = 0; i < sorted.len; i++) {
		const struct tally_row *row = &sorted.rows[i];
		struct str *c = &cells[n * LEAGUE_COLUMNS];
		if (report_percent(row->n[0], l->of) < l->cut ||
		    (l->skip != NULL && l->skip(m->r, row->key)))
			continue;
		c[0] = arena_str(a, row->key);
		c[1] = str_of(report_count_text(a, row->n[0]));
		c[2] = str_of(report_percent_text(a, row->n[0], l->of));
		c[3] = str_of(l->mark != NULL ? l->mark(m, row) : "");
		n++;
	}
	if (l->totals) {
		struct str *c = &cells[n++ * LEAGUE_COLUMNS];
		c[0] = str_of(_("All"));
		c[1] = str_of(report_count_text(a, tally_sum(t, 0)));
		c[2] = str_of(report_percent_text(a, tally_sum(t, 0), l->of));
		c[3] = str_of("");
	}
	tally_clear(&sorted);
	if (n > 0)
		report_table_add(
		    m, l->kind, columns, LEAGUE_COLUMNS, cells, n, l->totals);
}

/* LG-65 */
static const char *
rate(struct report_maker *m, const struct tally_row *row)
{
	return report_a_day_text(m->a, row->n[0], m->r->to_s - m->r->from_s);
}

static const char *
bad_country(struct report_maker *m, const struct tally_row *row)
{
	const struct report *r = m->r;
	for (size_t i = 0; i < r->n_bad_countries; i++)
		if (str_is_nocase(row->key, r->bad_countries[i]))
			return "*";
	return "";
}

/* LG-55: a plugin that we know is no news; it was to the old report. */
static bool
is_known_plugin(const struct report *r, struct str name)
{
	const struct str naughty = STR("naughty-(");
	struct str rest;
	if (r->config.compat)
		return false;
	if (str_starts(name, naughty)) /* it names whoever found it so */
		name =
		    str_cut(str_sub(name, naughty.len, name.len), ')', &rest);
	return maillog_plugin_find(name) != NULL;
}

void
report_league_tables(struct report_maker *m)
{
	const struct report *r = m->r;
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	const struct report_choice *c = &r->choice;
	const struct tally *rules = &r->stats.spamd.rules;
	const struct league leagues[] = {
		{ .kind = REPORT_UNKNOWN,
		    .title = N_("UNKNOWN"),
		    .tally = &q->unknown,
		    .of = q->verdicts,
		    .last = "",
		    .skip = is_known_plugin },
		{ .kind = REPORT_CODES,
		    .title = N_("CODE"),
		    .tally = &q->codes,
		    .of = q->verdicts,
		    .totals = c->totals,
		    .last = N_("A DAY"),
		    .mark = rate },
		{ .kind = REPORT_VIRUSES,
		    .title = N_("VIRUS"),
		    .tally = &q->viruses,
		    .of = tally_sum(&q->viruses, 0),
		    .totals = c->totals,
		    .last = "" },
		{ .kind = REPORT_BLACKLISTS,
		    .title = N_("BLACKLIST"),
		    .tally = &q->blacklists,
		    .of = tally_sum(&q->blacklists, 0),
		    .totals = c->totals,
		    .last = "" },
		{ .kind = REPORT_COUNTRIES,
		    .title = N_("COUNTRY"),
		    .tally = &q->countries,
		    .of = tally_sum(&q->countries, 0),
		    .cut = c->geoip_cut,
		    .totals = c->totals,
		    .last = "",
		    .mark = bad_country },
		{ .kind = REPORT_RULES,
		    .title = N_("SPAM RULE"),
		    .tally = rules,
		    .of = r->stats.spamd.spam + r->stats.spamd.ham,
		    .cut = c->rules_cut,
		    .last = "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(leagues); i++) {
		enum report_table_kind kind = leagues[i].kind;
		if ((kind == REPORT_CODES && !c->codes) ||
		    (kind == REPORT_COUNTRIES && !c->geoip) ||
		    (kind == REPORT_RULES && !c->rules))
			continue;
		league_table(m, &leagues[i]);
		if (kind == REPORT_CODES)
			report_state_table(m);
	}
}
