/* The mail report for people: head, hours, leagues. */
#include "cmd/report_int.h"

#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"

enum {
	LABEL = 10, /* columns of the words in front, at least */
	GAP = 2,    /* blanks between columns, as render_table has them */
};

static void
facts_show(struct app *app, const struct report_fact *facts, size_t n)
{
	size_t most = LABEL;
	for (size_t i = 0; i < n; i++) {
		size_t width = utf8_columns(str_of(facts[i].label));
		most = width > most ? width : most;
	}
	for (size_t i = 0; i < n; i++) {
		size_t width = utf8_columns(str_of(facts[i].label));
		render_prose(app, most + 1, "%s%*s %s", facts[i].label,
		    (int)(most - width), "", facts[i].text);
	}
}

/* Of the widest cell of a column, and the gap behind it. */
static size_t
column_width(const struct report_table *t, size_t column)
{
	const char *head = t->columns[column].head;
	size_t most = head[0] != '\0' ? utf8_columns(str_of(_(head))) : 0;
	for (size_t i = 0; i < t->rows; i++) {
		size_t n = utf8_columns(t->cells[i * t->width + column]);
		most = n > most ? n : most;
	}
	return most + GAP;
}

/* The first column, which names the rows, and those of from <= i < to. */
static void
columns_show(
    struct app *app, const struct report_table *t, size_t from, size_t to)
{
	size_t n = 1 + to - from;
	struct render_column *columns =
	    ARENA_ARRAY(app->arena, n, struct render_column);
	struct str *cells = ARENA_ARRAY(app->arena, n * t->rows, struct str);
	for (size_t i = 0; i < n; i++) {
		size_t at = i == 0 ? 0 : from + i - 1;
		columns[i] = (struct render_column){ t->columns[at].head,
			t->columns[at].right };
		for (size_t k = 0; k < t->rows; k++)
			cells[k * n + i] = t->cells[k * t->width + at];
	}
	render_line(app, "%s", "");
	render_table(app, columns, n, cells, t->rows);
}

/* What is wider than the terminal is shown in parts, one below the other. */
static void
table_show(struct app *app, const struct report_table *t)
{
	size_t room = app->columns > 0 ? (size_t)app->columns : SIZE_MAX;
	size_t from = 1, first = column_width(t, 0), used = first;
	for (size_t i = 1; i < t->width; i++) {
		size_t width = column_width(t, i);
		/* nothing stands behind the gap of the last one */
		if (i > from && used + width - GAP > room) {
			columns_show(app, t, from, i);
			from = i;
			used = first;
		}
		used += width;
	}
	columns_show(app, t, from, t->width);
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
