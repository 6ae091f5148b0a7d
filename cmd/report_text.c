/* The mail report for people: head, hours, leagues. */
#include "cmd/report_int.h"

#include "cmd/render.h"
#include "core/base/i18n.h"

static void
facts_show(struct app *app, const struct report_fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		render_line(app, "%-10s %s", facts[i].label, facts[i].text);
}

static void
table_show(struct app *app, const struct report_table *t)
{
	struct render_column *columns =
	    ARENA_ARRAY(app->arena, t->width, struct render_column);
	for (size_t i = 0; i < t->width; i++)
		columns[i] = (struct render_column){ t->columns[i].head,
			t->columns[i].right };
	render_line(app, "%s", "");
	render_table(app, columns, t->width, t->cells, t->rows);
}

/* What was read but not understood must not go by in silence. */
static void
unread_show(struct app *app, const struct stats *s)
{
	for (size_t i = 0; i < s->n_logs; i++) {
		const struct stats_log *log = &s->logs[i];
		uint64_t junk = tally_sum(&log->unparsed, 0);
		if (junk + log->other > 0)
			render_note(app,
			    _("%s: %llu lines of no known form, %llu that no "
			      "service wrote"),
			    log->service, (unsigned long long)log->other,
			    (unsigned long long)junk);
		if (log->killed > 0)
			render_note(app,
			    _("%s: %zu files were left by a writer that was "
			      "killed"),
			    log->service, log->killed);
	}
}

void
report_text(struct app *app, const struct report *r)
{
	struct report_table tables[REPORT_TABLES];
	struct report_fact facts[REPORT_FACTS];
	facts_show(app, facts, report_facts(r, app->arena, facts));
	if (r->stats.qpsmtpd.verdicts == 0)
		render_note(
		    app, _("no connection was examined in this period"));
	size_t n = report_tables(r, app->arena, tables);
	for (size_t i = 0; i < n; i++)
		table_show(app, &tables[i]);
	render_line(app, "%s", "");
	facts_show(app, facts, report_service_facts(r, app->arena, facts));
	unread_show(app, &r->stats);
}
