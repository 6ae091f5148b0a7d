/* The command report: what came, from where, and what became of it. */
#include "cmd/report_int.h"

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/progress.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/maillog/when.h"
#include "core/sys/file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>

enum {
	PAGE_MAX = 64 << 20,
	DAY_S = 24 * 3600,
};

/* One of --from, --to, --since, --day in Unix seconds; 0: not given. */
static bool
time_option(struct app *app, const struct call *call, const char *name,
    int64_t *unix_s, struct err *e)
{
	const char *text = call_option(call, name);
	int64_t ns;
	if (text == NULL)
		return true;
	if (!when_parse(str_of(text), clock_wall_ns(app->clock), name, &ns, e))
		return false;
	*unix_s = ns / NS_PER_S;
	return true;
}

/* The midnights around a moment, by the local clock (days of 23 hours too). */
static void
day_around(int64_t *from_s, int64_t *to_s)
{
	time_t at = (time_t)*from_s;
	struct tm tm;
	if (localtime_r(&at, &tm) == NULL)
		return;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	*from_s = (int64_t)mktime(&tm);
	tm.tm_mday++;
	/* where summer time leaves midnight out, the day began at one */
	tm.tm_hour = tm.tm_min = 0;
	tm.tm_isdst = -1;
	*to_s = (int64_t)mktime(&tm);
}

static bool
read_period(struct app *app, const struct call *call, struct report_request *q,
    struct err *e)
{
	int64_t day = 0;
	if (!time_option(app, call, "from", &q->from_s, e) ||
	    !time_option(app, call, "since", &q->from_s, e) ||
	    !time_option(app, call, "to", &q->to_s, e) ||
	    !time_option(app, call, "day", &day, e))
		return false;
	if (day != 0 && (q->from_s != 0 || q->to_s != 0))
		return err_set(e, ERR_USAGE,
		    _("--day is the whole period: without --from and --to"));
	if (day != 0) {
		q->from_s = day;
		day_around(&q->from_s, &q->to_s);
	}
	if (q->from_s != 0 && q->to_s == 0)
		q->to_s = clock_wall_s(app->clock);
	if (q->to_s != 0 && q->from_s >= q->to_s)
		return err_set(
		    e, ERR_USAGE, _("the period ends before it begins"));
	return true;
}

/* A folder that is not there must not give a report of nothing. */
static bool
read_folder(struct app *app, const struct call *call, struct report_request *q,
    struct err *e)
{
	const char *dir = call_option(call, "logs");
	char *real;
	if (dir == NULL)
		return true;
	if ((real = realpath(dir, NULL)) == NULL)
		return err_set_errno(e, errno, _("cannot read '%s'"), dir);
	q->logs = arena_cstr(app->arena, str_of(real));
	free(real);
	return file_is_dir(q->logs) ||
	       err_set_errno(e, ENOTDIR, _("cannot read '%s'"), dir);
}

static bool
put(struct app *app, const struct call *call, const struct report *r,
    struct err *e)
{
	if (app->json)
		report_json(app, r,
		    call->command == &command_log_stats ? "smemail.log.stats/1"
							: "smemail.report/1");
	else if (call_has(call, "html")) {
		struct buf page = BUF_INIT(PAGE_MAX);
		bool ok = report_html(app, r, &page);
		if (ok)
			render_raw(app, buf_str(&page));
		buf_clear(&page);
		return ok || err_no_memory(e);
	} else
		report_text(app, r);
	return true;
}

/* Only the report itself has these options. */
static bool
by_mail(const struct call *call)
{
	return call->command == &command_report &&
	       (call_has(call, "mail") || call_has(call, "daily"));
}

static int
report_run(struct app *app, const struct call *call, struct err *e)
{
	struct report r = { .config = { .domain = NULL } };
	struct progress bar;
	struct report_request q = { .compat = call_has(call, "compat") };
	const char *to = by_mail(call) ? call_option(call, "mail") : NULL;
	bool ok = read_period(app, call, &q, e) &&
		  read_folder(app, call, &q, e) &&
		  (to == NULL || report_mail_check(to, e));
	if (!ok)
		return err_exit_status(e->code);
	progress_begin(&bar, app, _("reading logs"));
	q.progress = progress_show;
	q.progress_ctx = &bar;
	ok = report_make(&app->model, &q, &r, e);
	progress_end(&bar);
	if (ok && by_mail(call) && call_has(call, "daily") && r.choice.disabled)
		render_note(app, _("the report is switched off: '%s' is '%s'"),
		    "mailstats.status", "disabled");
	else if (ok && by_mail(call))
		ok = report_mail(app, &r, to, e);
	else if (ok)
		ok = put(app, call, &r, e);
	report_clear(&r);
	return ok ? 0 : err_exit_status(e->code);
}

/* clang-format off */
#define PERIOD_OPTIONS                                                         \
	{ .name = "day",                                                       \
	    .value = "WHEN",                                                   \
	    .help = N_("the day of that time: yesterday, 2026-03-16") },       \
	{ .name = "from",                                                      \
	    .value = "WHEN",                                                   \
	    .help = N_("begin: 2026-03-16 08:00, monday, 2 hours ago") },      \
	{ .name = "to",                                                        \
	    .value = "WHEN",                                                   \
	    .help = N_("end; now if not given") },                             \
	{ .name = "since",                                                     \
	    .value = "WHEN",                                                   \
	    .help = N_("the same as --from") },                                \
	{ .name = "logs",                                                      \
	    .value = "DIR",                                                    \
	    .kind = ARG_DIR,                                                   \
	    .help = N_("read the logs of DIR, one folder a service") },        \
	{ .name = "html",                                                      \
	    .help = N_("one page with charts that needs nothing else") },      \
	{ .name = "compat",                                                    \
	    .help = N_("count as the old report did, with its known faults") }
/* clang-format on */

const struct command command_report = {
	.words = "report",
	.summary = N_("count what came and what became of it"),
	.text = N_("The mail report of a period: connections by hour, by what "
		   "became of them and by what decided; viruses, blacklists, "
		   "countries, domains, addresses, rules of SpamAssassin, the "
		   "queue, mailboxes, junk folders. Without a period it is "
		   "that of the mailstats settings: the day before the last "
		   "midnight. With --logs all of DIR is counted. Columns are "
		   "shown as mailstats.column says, auto where there is "
		   "something in them."),
	.options = {
		PERIOD_OPTIONS,
		{ .name = "mail",
		    .value = "ADDRESS",
		    .help = N_("send it to ADDRESS instead of showing it") },
		{ .name = "daily",
		    .help = N_("for cron: send it as the mailstats settings "
			       "say") },
	},
	.run = report_run,
};

const struct command command_log_stats = {
	.words = "log stats",
	.summary = N_("count the lines of all logs by what they tell"),
	.text = N_("The figures of the report, of a period or of all the logs "
		   "of a folder: connections and verdicts of qpsmtpd, "
		   "deliveries of qmail, scans of spamd and clamd, logins of "
		   "dovecot, and the lines that no service wrote."),
	.options = {
		PERIOD_OPTIONS,
	},
	.run = report_run,
};
