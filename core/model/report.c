/* Making a report: period, logs, counts. */
#include "core/model/report.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/model/report_int.h"
#include "core/sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	HOUR_S = 3600,
	DAY_S = 24 * HOUR_S,
};

/* The logs that hold figures, those of mail first. */
static const char *const services[] = { "qmail", "qpsmtpd", "sqpsmtpd",
	"uqpsmtpd", "spamd", "clamd", "dovecot", "imap", "imaps", "pop3",
	"pop3s", "fetchmail" };

double
report_percent(uint64_t n, uint64_t of)
{
	return of > 0 ? 100.0 * (double)n / (double)of : 0;
}

void
report_totals(const struct report *r, uint64_t n[STATS_COLUMNS])
{
	const struct vec *hours = &r->stats.qpsmtpd.hours.rows;
	memcpy(n, r->stats.qpsmtpd.hours.rest.n, STATS_COLUMNS * sizeof(*n));
	for (size_t i = 0; i < hours->len; i++)
		for (size_t k = 0; k < STATS_COLUMNS; k++)
			n[k] += VEC_AT(hours, const struct stats_hour, i)->n[k];
}

/* Rounded down, before 1970 too (LG-50). */
static int64_t
hour_of(int64_t unix_s)
{
	return unix_s / HOUR_S - (unix_s % HOUR_S < 0);
}

/* How many hours there are from the first to the last, empty ones too. */
static int64_t
hours_span(const struct report *r, int64_t *first)
{
	const struct vec *hours = &r->stats.qpsmtpd.hours.rows;
	int64_t last = -1;
	*first = 0;
	if (hours->len > 0) {
		*first = VEC_AT(hours, const struct stats_hour, 0)->hour;
		last = VEC_AT(hours, const struct stats_hour, hours->len - 1)
			   ->hour;
	}
	if (!r->whole && r->to_s > r->from_s) {
		*first = hour_of(r->from_s);
		last = hour_of(r->to_s - 1);
	}
	return last - *first + 1;
}

size_t
report_hours(const struct report *r)
{
	int64_t first, n = hours_span(r, &first);
	if (n > REPORT_SPAN_MAX)
		return r->stats.qpsmtpd.hours.rows.len;
	return n > 0 ? (size_t)n : 0;
}

const struct stats_hour *
report_hour(const struct report *r, size_t i, struct stats_hour *empty)
{
	const struct vec *hours = &r->stats.qpsmtpd.hours.rows;
	size_t low = 0, high = hours->len;
	int64_t first;
	if (hours_span(r, &first) > REPORT_SPAN_MAX)
		return VEC_AT(hours, const struct stats_hour, i);
	int64_t hour = first + (int64_t)i;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct stats_hour *h =
		    VEC_AT(hours, const struct stats_hour, middle);
		if (h->hour == hour)
			return h;
		if (h->hour < hour)
			low = middle + 1;
		else
			high = middle;
	}
	*empty = (struct stats_hour){ .hour = hour };
	return empty;
}

bool
report_shows(const struct report *r, enum stats_column c)
{
	uint64_t n[STATS_COLUMNS];
	const char *how = r->choice.columns[c];
	if (strcmp(how, "yes") == 0)
		return true;
	if (strcmp(how, "no") == 0)
		return false;
	report_totals(r, n);
	return n[c] > 0;
}

static int64_t
interval_s(struct str word)
{
	static const struct {
		const char *word;
		int days;
	} known[] = {
		{ "daily", 1 },
		{ "weekly", 7 },
		{ "fortnightly", 14 },
		{ "monthly", 30 },
	};
	uint64_t hours;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_is_nocase(word, known[i].word))
			return (int64_t)known[i].days * DAY_S;
	if (num_parse_u64(word, INT32_MAX / HOUR_S, &hours) && hours > 0)
		return (int64_t)hours * HOUR_S;
	return DAY_S;
}

/* The last time the local clock showed that hour. */
static int64_t
last_hour(int hour, int64_t now_s)
{
	time_t now = (time_t)now_s;
	struct tm tm;
	if (localtime_r(&now, &tm) == NULL)
		return now_s;
	tm.tm_hour = hour;
	tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	time_t at = mktime(&tm);
	if (at > now) {
		/* an hour that a change of time leaves out came out as another
		   one, of half an hour in some places */
		localtime_r(&now, &tm);
		tm.tm_mday--;
		tm.tm_hour = hour;
		tm.tm_min = tm.tm_sec = 0;
		tm.tm_isdst = -1;
		at = mktime(&tm);
	}
	return (int64_t)at;
}

void
report_period(struct str interval, struct str base, int64_t now_s,
    int64_t *from_s, int64_t *to_s)
{
	enum {
		MIDDAY = 12,
		LAST_HOUR = 23
	};
	uint64_t hour = 0;
	if (str_is_nocase(base, "Midday"))
		hour = MIDDAY;
	else if (!num_parse_u64(base, LAST_HOUR, &hour))
		hour = 0;
	*to_s =
	    str_is_nocase(base, "Now") ? now_s : last_hour((int)hour, now_s);
	*from_s = *to_s - interval_s(interval);
}

struct opened {
	struct stats_source sources[ARRAY_LEN(services)];
	size_t n;
};

static void
close_logs(struct opened *logs)
{
	for (size_t i = 0; i < logs->n; i++)
		logplan_free(logs->sources[i].plan);
	logs->n = 0;
}

bool
report_log_path(const struct model_ctx *m, const struct report_request *q,
    const char *name, char path[SYS_PATH_MAX], struct err *e)
{
	if (q->logs == NULL)
		return root_pathf(m->root, path, e, "/var/log/%s", name);
	int n = snprintf(path, SYS_PATH_MAX, "%s/%s", q->logs, name);
	return (n > 0 && n < SYS_PATH_MAX) ||
	       err_set_errno(e, ENAMETOOLONG, _("cannot read '%s'"), q->logs);
}

static bool
is_smtp(const char *service)
{
	size_t n = strlen(service), tail = strlen("qpsmtpd");
	return n >= tail && strcmp(service + n - tail, "qpsmtpd") == 0;
}

static bool
open_logs(const struct model_ctx *m, const struct report_request *q,
    struct logrange range, struct opened *logs, struct err *e)
{
	char path[SYS_PATH_MAX];
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		if (q->smtp_only && !is_smtp(services[i]))
			continue;
		if (!report_log_path(m, q, services[i], path, e))
			return false;
		if (!file_is_dir(path))
			continue;
		const char *shown = q->logs != NULL
					? arena_cstr(m->arena, str_of(path))
					: root_shown(m->root, path);
		struct logplan_options o = { .kind = LOGPLAN_PATH,
			.path = path,
			.shown = arena_cstr(m->arena, str_of(shown)),
			.range = range,
			.clock = m->clock };
		struct logplan *plan = logplan_open(&o, e);
		if (plan == NULL)
			return false;
		logs->sources[logs->n++] =
		    (struct stats_source){ services[i], plan };
	}
	if (logs->n > 0)
		return true;
	err_set(e, ERR_NO, _("no mail logs in '%s'"),
	    q->logs != NULL ? q->logs : "/var/log");
	return err_next(e, "smemail report --logs DIR");
}

static size_t
processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (size_t)n : 1;
}

static int64_t
seconds_of(int64_t ns)
{
	return ns / NS_PER_S - (ns % NS_PER_S < 0);
}

/* Of whole logs: from the first line to the last connection. */
static void
whole_period(struct report *r)
{
	const struct stats *s = &r->stats;
	if (s->first_ns > s->last_ns)
		return;
	r->from_s = seconds_of(s->first_ns);
	r->to_s = seconds_of(s->last_connection_ns != INT64_MIN
				 ? s->last_connection_ns
				 : s->last_ns);
}

bool
report_make(const struct model_ctx *m, const struct report_request *request,
    struct report *out, struct err *e)
{
	struct opened logs = { .n = 0 };
	struct logrange range = LOGRANGE_ALL;
	memset(out, 0, sizeof(*out));
	stats_init(&out->stats);
	out->config.compat = request->compat;
	if (!report_config(m, out, e))
		return false;
	out->from_s = request->from_s;
	out->to_s = request->to_s;
	out->whole =
	    request->from_s == 0 && request->to_s == 0 && request->logs != NULL;
	if (request->from_s == 0 && request->to_s == 0 && !out->whole &&
	    !report_config_period(m, &out->from_s, &out->to_s, e))
		return false;
	if (!out->whole) {
		range.from_ns = clock_s_to_ns(out->from_s);
		range.to_ns = clock_s_to_ns(out->to_s);
		/* quirk 1: a line of the very end belonged to the old one */
		if (request->compat && range.to_ns < INT64_MAX)
			range.to_ns++;
	}
	bool ok = open_logs(m, request, range, &logs, e) &&
		  stats_run(&out->config, logs.sources, logs.n,
		      request->threads > 0 ? request->threads : processors(),
		      request->progress, request->progress_ctx, &out->stats, e);
	/* names of files outlive their plans */
	for (size_t i = 0; ok && i < out->stats.n_logs; i++)
		for (size_t k = 0; k < out->stats.logs[i].n_files; k++)
			out->stats.logs[i].files[k].name = arena_cstr(
			    m->arena, str_of(out->stats.logs[i].files[k].name));
	close_logs(&logs);
	if (!ok)
		return false;
	if (out->whole)
		whole_period(out);
	if (request->smtp_only)
		return true;
	report_count_junk(m, out);
	report_read_state(m, request, out);
	report_ask_programs(m, out);
	return true;
}

void
report_clear(struct report *r)
{
	stats_clear(&r->stats);
}
