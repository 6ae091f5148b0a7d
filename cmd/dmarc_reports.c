/* dmarc reports: what the filter stored, and what others sent us. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/spf.h"
#include "cmd/when.h"
#include "core/auth/dmarc_report.h"
#include "core/auth/dmarc_store.h"
#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/model/ctx.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	JSON_MAX = 64 << 20,
	FILE_MAX = 12 << 20,
	FILES_MAX = 20000, /* of one folder */
	COLUMNS = 7
};

/* All that one call shows. */
struct view {
	struct app *app;
	const char *domain; /* only this one, or NULL */
	struct vec reports; /* struct shown */
	size_t refused;     /* files without a report in them */
};

struct shown {
	struct dmarc_report report;
	const char *file; /* NULL: stored here */
	struct dmarc_sending sent;
	struct str rua;
};

static bool
is_wanted(const struct view *v, const struct dmarc_report *r)
{
	return v->domain == NULL || str_is_nocase(r->domain, v->domain);
}

static bool
file_take(struct view *v, const char *path, struct err *e)
{
	struct app *app = v->app;
	struct buf bytes = BUF_INIT(FILE_MAX);
	struct dmarc_report *reports;
	size_t n = 0;
	bool ok = file_read(path, NULL, &bytes, e) &&
		  dmarc_report_read(
		      app->arena, app->clock, buf_str(&bytes), &reports, &n, e);
	for (size_t i = 0; ok && i < n; i++) {
		struct shown s = { .report = reports[i],
			.file = arena_cstr(app->arena, str_of(path)) };
		if (is_wanted(v, &s.report))
			ok = vec_push(&v->reports, &s);
	}
	buf_clear(&bytes);
	return ok || err_context(e, "'%s'", path);
}

/* One that is no report is named and passed over: a folder holds all mail. */
static bool
file_try(struct view *v, const char *path, struct err *e)
{
	struct err why = ERR_INIT;
	if (file_take(v, path, &why))
		return true;
	v->refused++;
	if (why.code == ERR_TEMPORARY) {
		*e = why;
		return false;
	}
	render_note(v->app, "%s", why.text);
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool folder_take(
    struct view *v, const char *path, bool deeper, struct err *e);

static bool
entry_take(struct view *v, const char *path, const char *name, bool deeper,
    struct err *e)
{
	const char *full = arena_printf(v->app->arena, "%s/%s", path, name);
	if (!file_is_dir(full))
		return file_try(v, full, e);
	/* the two folders of a Maildir with messages in them */
	bool mail = strcmp(name, "new") == 0 || strcmp(name, "cur") == 0;
	return !deeper || !mail || folder_take(v, full, false, e);
}

static bool
folder_take(struct view *v, const char *path, bool deeper, struct err *e)
{
	DIR *d = opendir(path);
	struct vec names = VEC_INIT(const char *);
	const struct dirent *entry;
	if (d == NULL)
		return err_set_errno(e, errno, _("cannot open '%s'"), path);
	while ((entry = readdir(d)) != NULL && names.len < FILES_MAX) {
		const char *name =
		    arena_cstr(v->app->arena, str_of(entry->d_name));
		if (name[0] != '.' && !vec_push(&names, &name))
			break;
	}
	closedir(d);
	vec_sort(&names, by_name);
	bool ok = true;
	for (size_t i = 0; ok && i < names.len; i++)
		ok = entry_take(
		    v, path, *VEC_AT(&names, const char *, i), deeper, e);
	vec_clear(&names);
	return ok;
}

static bool
received_take(struct view *v, const struct call *call, struct err *e)
{
	for (size_t i = 0; i < call->n_args; i++) {
		const char *path = call->args[i];
		bool folder = file_is_dir(path);
		bool many = folder || call->n_args > 1;
		if (folder ? !folder_take(v, path, true, e)
		    : many ? !file_try(v, path, e)
			   : !file_take(v, path, e))
			return false;
	}
	return true;
}

/* The first address tells how the sending went. */
static bool
sent_state(struct view *v, struct dmarc_store *store,
    const struct stored_report *r, struct dmarc_sending *out, struct err *e)
{
	struct str rest, uri = str_trim(str_cut(r->rua, ',', &rest));
	struct str unused;
	uri = str_cut(uri, '!', &unused);
	return dmarc_sent_get(store, v->app->arena, r, uri, out, e);
}

static bool
stored_take(struct view *v, struct err *e)
{
	struct app *app = v->app;
	struct dmarc_store *store;
	struct stored_report *all;
	char path[SYS_PATH_MAX];
	size_t n = 0;
	if (!model_root_check(&app->root, e) ||
	    !root_path(&app->root, DMARC_STORE_PATH, path, e) ||
	    !dmarc_store_open(path, DMARC_STORE_PATH, false, &store, e))
		return false;
	bool ok = dmarc_store_reports(store, app->arena, &all, &n, e);
	for (size_t i = 0; ok && i < n; i++) {
		if (!is_wanted(v, &all[i].report))
			continue;
		struct shown s = { .rua = all[i].rua };
		ok = dmarc_store_records(store, app->arena, &all[i], e) &&
		     sent_state(v, store, &all[i], &s.sent, e);
		s.report = all[i].report;
		ok = ok && vec_push(&v->reports, &s);
	}
	dmarc_store_close(store);
	return ok;
}

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

static struct str
or_dash(struct str s)
{
	return s.len > 0 ? s : STR("-");
}

static struct str
number_cell(struct app *app, int64_t n)
{
	return str_of(arena_printf(app->arena, "%lld", (long long)n));
}

/* Who reported it, or how the sending of ours went. */
static struct str
origin(struct app *app, const struct shown *s)
{
	if (s->file != NULL)
		return or_dash(s->report.org_name);
	if (s->sent.state == DMARC_SENT_RETRY && s->sent.error.len > 0)
		return str_of(arena_printf(app->arena, _("%s: %.*s"),
		    _(dmarc_sent_word(s->sent.state)), STR_ARG(s->sent.error)));
	return str_of(_(dmarc_sent_word(s->sent.state)));
}

static void
summary_show(struct view *v)
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
		const struct shown *s = VEC_AT(&v->reports, struct shown, i);
		struct str *row = &cells[i * WIDTH];
		int64_t messages, failed;
		totals(&s->report, &messages, &failed);
		row[0] = str_of(when_day(app, s->report.begin));
		row[1] = or_dash(s->report.domain);
		row[2] = number_cell(app, messages);
		row[3] = number_cell(app, failed);
		row[4] = or_dash(s->report.p);
		row[5] = origin(app, s);
	}
	render_table(app, columns, WIDTH, cells, v->reports.len);
}

static void
records_show(struct view *v, const struct shown *s)
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
		row[0] = or_dash(k->source_ip);
		row[1] = number_cell(app, k->count);
		row[2] = or_dash(k->dkim);
		row[3] = or_dash(k->spf);
		row[4] = or_dash(k->disposition);
		row[5] = or_dash(k->header_from);
		row[6] = or_dash(k->envelope_from);
	}
	render_table(app, columns, COLUMNS, cells, r->n_records);
}

static void
view_show(struct view *v)
{
	bool single = v->reports.len == 1;
	if (v->reports.len > 0)
		summary_show(v);
	else
		render_note(v->app, "%s", _("no reports"));
	for (size_t i = 0; i < v->reports.len; i++) {
		const struct shown *s = VEC_AT(&v->reports, struct shown, i);
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
		spf_json_str(j, "domain", r[i].domain);
		spf_json_str(j, selector, r[i].selector);
		spf_json_str(j, "result", r[i].result);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
record_json(struct json *j, const struct report_record *r)
{
	json_object_begin(j);
	spf_json_str(j, "source_ip", r->source_ip);
	json_key(j, "count");
	json_int(j, r->count);
	spf_json_str(j, "disposition", r->disposition);
	spf_json_str(j, "dkim", r->dkim);
	spf_json_str(j, "spf", r->spf);
	spf_json_str(j, "header_from", r->header_from);
	spf_json_str(j, "envelope_from", r->envelope_from);
	results_json(j, "dkim_results", r->dkims, r->n_dkims, "selector");
	results_json(j, "spf_results", r->spfs, r->n_spfs, "scope");
	json_object_end(j);
}

static void
report_json(struct json *j, const struct shown *s)
{
	const struct dmarc_report *r = &s->report;
	int64_t messages, failed;
	totals(r, &messages, &failed);
	json_object_begin(j);
	json_key(j, "file");
	json_cstr(j, s->file);
	spf_json_str(j, "org_name", r->org_name);
	spf_json_str(j, "email", r->email);
	spf_json_str(j, "report_id", r->id);
	json_key(j, "begin");
	json_int(j, r->begin);
	json_key(j, "end");
	json_int(j, r->end);
	spf_json_str(j, "domain", r->domain);
	spf_json_str(j, "p", r->p);
	spf_json_str(j, "sp", r->sp);
	spf_json_str(j, "pct", r->pct);
	json_key(j, "messages");
	json_int(j, messages);
	json_key(j, "failed");
	json_int(j, failed);
	json_key(j, "well_formed");
	json_bool(j, r->well_formed);
	if (s->file == NULL) {
		spf_json_str(j, "rua", s->rua);
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

static void
view_json(struct view *v)
{
	struct buf buf = BUF_INIT(JSON_MAX);
	struct json j;
	render_json_begin(v->app, &j, &buf, "smemail.dmarc.reports/1");
	json_key(&j, "reports");
	json_array_begin(&j);
	for (size_t i = 0; i < v->reports.len; i++)
		report_json(&j, VEC_AT(&v->reports, struct shown, i));
	json_array_end(&j);
	json_key(&j, "refused");
	json_int(&j, (int64_t)v->refused);
	render_json_end(v->app, &j, &buf);
}

static int
dmarc_reports_command(struct app *app, const struct call *call, struct err *e)
{
	struct view v = { .app = app,
		.domain = call_option(call, "domain"),
		.reports = VEC_INIT(struct shown) };
	bool ok =
	    call->n_args > 0 ? received_take(&v, call, e) : stored_take(&v, e);
	if (ok && (app->json || app->jsonl))
		view_json(&v);
	else if (ok)
		view_show(&v);
	bool some = v.reports.len > 0 || call->n_args == 0;
	vec_clear(&v.reports);
	if (!ok)
		return err_exit_status(e->code);
	return some ? 0 : err_exit_status(ERR_NO);
}

const struct command command_dmarc_reports = {
	.words = "dmarc reports",
	.summary = N_("DMARC results stored here, or reports received"),
	.text = N_("Without FILE: the results that the filter stored, by day "
		   "and domain, and whether their reports were sent. With FILE: "
		   "aggregate reports that others sent about our domains, as "
		   "XML, gzip, zip or a whole message; a folder or Maildir is "
		   "read file by file. Reports that are not well-formed are "
		   "read as far as they go. FAILED counts messages for which "
		   "neither DKIM nor SPF passed aligned."),
	.args = {
		{ .name = "FILE", .kind = ARG_FILE, .count = ARG_ANY },
	},
	.options = {
		{ .name = "domain",
		    .value = "DOMAIN",
		    .kind = ARG_TEXT,
		    .help = N_("only this domain, with each client") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = dmarc_reports_command,
};
