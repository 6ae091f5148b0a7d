/* Rows of the dashboard that are known without waiting, and where they lead. */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/model/journal.h"
#include "core/model/logs.h"
#include "core/model/service.h"
#include "tui/screens/dashboard_int.h"

#include <string.h>
#include <time.h>

static struct dash_fact *
fact_add(struct dashboard *d, const char *label, const char *text,
    struct screen *(*open)(struct tui *ui))
{
	if (d->n_facts == DASH_FACTS_MAX)
		d->n_facts--; /* there is room for all that are added */
	struct dash_fact *f = &d->facts[d->n_facts++];
	memset(f, 0, sizeof(*f));
	utf8_copy(f->label, sizeof(f->label), str_of(label));
	utf8_copy(f->text, sizeof(f->text), str_of(text));
	f->open = open;
	return f;
}

static struct screen *
queue_output(struct tui *ui)
{
	ui_command(ui, STR("log show qmail --since 24h --keep deferred"));
	return NULL;
}

static struct screen *
certificate_output(struct tui *ui)
{
	ui_command(ui, STR("status"));
	return NULL;
}

static void
add_settings(struct dashboard *d, struct tui *ui)
{
	struct catalog *c = ui_catalog(ui);
	size_t set = 0, bad = 0;
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++) {
		const struct catalog_row *r = &c->rows[i];
		set += catalog_state(r) == '+';
		bad += catalog_is_bad(r);
	}
	fact_add(d, _("Settings"),
	    ui_text(ui, _("%zu, of them %zu not at default, %zu not valid"),
		c->n, set, bad),
	    areas_new);
}

static void
add_logs(struct dashboard *d, struct tui *ui)
{
	struct buf out = BUF_INIT(DASH_TEXT);
	const char **names = log_services(&ui->model);
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		buf_addf(&out, "%s%s", i > 0 ? " " : "", names[i]);
	if (out.len == 0)
		buf_add_cstr(&out, _("no logs yet: smemail up starts the "
				     "services"));
	fact_add(d, _("Log"), buf_cstr(&out), log_new);
	buf_clear(&out);
}

static void
add_services(struct dashboard *d, struct tui *ui)
{
	struct buf out = BUF_INIT(DASH_TEXT);
	struct service_row *rows;
	struct err e = ERR_INIT;
	size_t n = 0;
	if (!service_rows(&ui->model, &rows, &n, &e)) {
		buf_addf(&out, "%s  %s", _("????"), e.text);
		n = 0;
	}
	for (size_t i = 0; i < n; i++)
		buf_addf(&out, "%s%s %s", i > 0 ? "  " : "", rows[i].name,
		    _(rows[i].state));
	fact_add(d, _("Services"), buf_cstr(&out), services_new);
	buf_clear(&out);
}

static void
add_changes(struct dashboard *d, struct tui *ui)
{
	struct journal j;
	struct journal_entry *pending;
	struct err e = ERR_INIT;
	struct tm tm;
	size_t n = 0;
	const struct journal_apply *last = NULL;
	if (journal_read(&ui->model, &j, &e)) {
		n = journal_pending(&j, &ui->model, &pending);
		last = journal_last_apply(&j);
	} else {
		ui_error(ui, &e);
	}
	size_t drafted = draft_count(ui->draft);
	struct dash_fact *f = fact_add(d, _("Changes"),
	    ui_text(ui, _("draft %zu; stored but not applied %zu"), drafted, n),
	    plan_new);
	utf8_copy(f->brief, sizeof(f->brief),
	    str_of(ui_text(ui, _("draft %zu; stored %zu"), drafted, n)));
	time_t at = last != NULL ? (time_t)last->time_s : 0;
	if (last == NULL || localtime_r(&at, &tm) == NULL)
		fact_add(d, _("Last apply"), _("none yet"), NULL);
	else
		fact_add(d, _("Last apply"),
		    ui_text(ui, _("change %ld, %04d-%02d-%02d %02d:%02d, %s"),
			last->change, tm.tm_year + 1900, tm.tm_mon + 1,
			tm.tm_mday, tm.tm_hour, tm.tm_min, last->who),
		    history_new);
}

const char *
dash_fact_text(
    const struct dashboard *d, const struct dash_fact *f, bool narrow)
{
	const struct dash_measure *m = dash_seen(d);
	const char *measured =
	    f->source == DASH_QUEUE ? m->queue : m->certificate;
	if (f->source == DASH_KNOWN)
		return narrow && f->brief[0] != '\0' ? f->brief : f->text;
	if (measured[0] != '\0')
		return measured;
	return m->at_s != 0 ? _("????") : _("being read");
}

void
dash_facts_read(struct dashboard *d, struct tui *ui)
{
	d->n_facts = 0;
	add_services(d, ui);
	fact_add(d, _("Queue"), "", queue_output)->source = DASH_QUEUE;
	fact_add(d, _("Certificate"), "", certificate_output)->source =
	    DASH_CERTIFICATE;
	add_changes(d, ui);
	add_settings(d, ui);
	add_logs(d, ui);
	if (ui->model.root->prefix[0] != '\0')
		fact_add(d, _("Root"), ui->model.root->prefix, NULL);
}
