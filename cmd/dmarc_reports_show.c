/* dmarc reports: tables and JSON. */
#include "cmd/dmarc_reports.h"

#include "cmd/render.h"
#include "cmd/spf.h"
#include "cmd/when.h"
#include "core/base/i18n.h"

enum {
	JSON_MAX = 64 << 20,
	COLUMNS = 7
};

static bool
has_passed(const struct report_record *r)
{
	return str_is_nocase(r->dkim, "pass") || str_is_nocase(r->spf, "pass");
}

static void
totals(const struct dmarc_report *r, int64_t *messages, int64_t *failed)
{
	*messages = *failed = 0;
	for (size_t i = 0; i < r->n_records; i++) {
		int64_t count = r->records[i].count;
		if (count > INT64_MAX / 2 - *messages)
			count = 0; /* a number that cannot be true */
		*messages += count;
		*failed += has_passed(&r->records[i]) ? 0 : count;
	}
}

/* Who reported it, or how the sending of ours went. */
static struct str
origin(struct app *app, const struct dmarc_report_shown *s)
{
	if (s->file != NULL)
		return render_or_dash(s->report.org_name);
	if (s->sent.state == DMARC_SENT_RETRY && s->sent.error.len > 0)
		return str_of(arena_printf(app->arena, _("%s: %.*s"),
		    _(dmarc_sent_word(s->sent.state)), STR_ARG(s->sent.error)));
	return str_of(_(dmarc_sent_word(s->sent.state)));
}

static void
summary_show(const struct dmarc_reports_view *v)
{
	static const struct render_column columns[] = {
		{ N_("DAY"), false },
		{ N_("DOMAIN"), false },
		{ N_("MESSAGES"), true },
		{ N_("FAILED"), true },
		{ N_("POLICY"), false },
		{ N_("BY, OR SENT"), false },
	};
	enum {
		WIDTH = ARRAY_LEN(columns)
	};
	struct app *app = v->app;
	struct str *cells =
	    ARENA_ARRAY(app->arena, v->reports.len * WIDTH + 1, struct str);
	for (size_t i = 0; i < v->reports.len; i++) {
		const struct dmarc_report_shown *s =
		    VEC_AT(&v->reports, struct dmarc_report_shown, i);
		struct str *row = &cells[i * WIDTH];
		int64_t messages, failed;
		totals(&s->report, &messages, &failed);
		row[0] = str_of(when_day(app, s->report.begin));
		row[1] = render_or_dash(s->report.domain);
		row[2] = render_number(app, messages);
		row[3] = render_number(app, failed);
		row[4] = render_or_dash(s->report.p);
		row[5] = origin(app, s);
	}
	render_table(app, columns, WIDTH, cells, v->reports.len);
}

static void
records_show(
    const struct dmarc_reports_view *v, const struct dmarc_report_shown *s)
{
	static const struct render_column columns[COLUMNS] = {
		{ N_("CLIENT"), false },
		{ N_("COUNT"), true },
		{ "DKIM", false },
		{ "SPF", false },
		{ N_("DONE"), false },
		{ N_("FROM"), false },
		{ N_("ENVELOPE"), false },
	};
	struct app *app = v->app;
	const struct dmarc_report *r = &s->report;
	struct str *cells =
	    ARENA_ARRAY(app->arena, r->n_records * COLUMNS + 1, struct str);
	for (size_t i = 0; i < r->n_records; i++) {
		const struct report_record *k = &r->records[i];
		struct str *row = &cells[i * COLUMNS];
		row[0] = render_or_dash(k->source_ip);
		row[1] = render_number(app, k->count);
		row[2] = render_or_dash(k->dkim);
		row[3] = render_or_dash(k->spf);
		row[4] = render_or_dash(k->disposition);
		row[5] = render_or_dash(k->header_from);
		row[6] = render_or_dash(k->envelope_from);
	}
	render_table(app, columns, COLUMNS, cells, r->n_records);
}

void
dmarc_reports_show(const struct dmarc_reports_view *v)
{
	bool single = v->reports.len == 1;
	if (v->reports.len > 0)
		summary_show(v);
	else
		render_note(v->app, "%s", _("no reports"));
	for (size_t i = 0; i < v->reports.len; i++) {
		const struct dmarc_report_shown *s =
		    VEC_AT(&v->reports, struct dmarc_report_shown, i);
		if (single || v->domain != NULL)
			records_show(v, s);
		if (!s->report.well_formed)
			render_note(v->app,
			    _("'%s' is not well-formed XML: read as far as it "
			      "goes"),
			    s->file);
	}
}

static void
results_json(struct json *j, const char *key, const struct report_result *r,
    size_t n, const char *selector)
{
	json_key(j, key);
	json_array_begin(j);
	for (size_t i = 0; i < n; i++) {
		json_object_begin(j);
		json_text(j, "domain", r[i].domain);
		json_text(j, selector, r[i].selector);
		json_text(j, "result", r[i].result);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
record_json(struct json *j, const struct report_record *r)
{
	json_object_begin(j);
	json_text(j, "source_ip", r->source_ip);
	json_key(j, "count");
	json_int(j, r->count);
	json_text(j, "disposition", r->disposition);
	json_text(j, "dkim", r->dkim);
	json_text(j, "spf", r->spf);
	json_text(j, "header_from", r->header_from);
	json_text(j, "envelope_from", r->envelope_from);
	results_json(j, "dkim_results", r->dkims, r->n_dkims, "selector");
	results_json(j, "spf_results", r->spfs, r->n_spfs, "scope");
	json_object_end(j);
}

static void
report_json(struct json *j, const struct dmarc_report_shown *s)
{
	const struct dmarc_report *r = &s->report;
	int64_t messages, failed;
	totals(r, &messages, &failed);
	json_object_begin(j);
	json_key(j, "file");
	json_cstr(j, s->file);
	json_text(j, "org_name", r->org_name);
	json_text(j, "email", r->email);
	json_text(j, "report_id", r->id);
	json_key(j, "begin");
	json_int(j, r->begin);
	json_key(j, "end");
	json_int(j, r->end);
	json_text(j, "domain", r->domain);
	json_text(j, "p", r->p);
	json_text(j, "sp", r->sp);
	json_text(j, "pct", r->pct);
	json_key(j, "messages");
	json_int(j, messages);
	json_key(j, "failed");
	json_int(j, failed);
	json_key(j, "well_formed");
	json_bool(j, r->well_formed);
	if (s->file == NULL) {
		json_text(j, "rua", s->rua);
		json_key(j, "sent");
		json_cstr(j, dmarc_sent_word(s->sent.state));
	}
	json_key(j, "records");
	json_array_begin(j);
	for (size_t i = 0; i < r->n_records; i++)
		record_json(j, &r->records[i]);
	json_array_end(j);
	json_object_end(j);
}

void
dmarc_reports_json(const struct dmarc_reports_view *v)
{
	struct buf buf = BUF_INIT(JSON_MAX);
	struct json j;
	render_json_begin(v->app, &j, &buf, "smemail.dmarc.reports/1");
	json_key(&j, "reports");
	json_array_begin(&j);
	for (size_t i = 0; i < v->reports.len; i++)
		report_json(
		    &j, VEC_AT(&v->reports, struct dmarc_report_shown, i));
	json_array_end(&j);
	json_key(&j, "refused");
	json_int(&j, (int64_t)v->refused);
	render_json_end(v->app, &j, &buf);
}
