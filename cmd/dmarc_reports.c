/* dmarc reports: what the filter stored, and what others sent us. */
#include "cmd/dmarc_reports.h"

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/model/ctx.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_MAX = 12 << 20,
	FILES_MAX = 20000 /* of one folder */
};

static bool
is_wanted(const struct dmarc_reports_view *v, const struct dmarc_report *r)
{
	return v->domain == NULL || str_is_nocase(r->domain, v->domain);
}

static bool
file_take(struct dmarc_reports_view *v, const char *path, struct err *e)
{
	struct app *app = v->app;
	struct buf bytes = BUF_INIT(FILE_MAX);
	struct dmarc_report *reports;
	size_t n = 0;
	bool ok = file_read_named(path, &bytes, e);
	if (ok && !dmarc_report_read(
		      app->arena, app->clock, buf_str(&bytes), &reports, &n, e))
		ok = err_context(e, "'%s'", path);
	for (size_t i = 0; ok && i < n; i++) {
		struct dmarc_report_shown s = { .report = reports[i],
			.file = arena_cstr(app->arena, str_of(path)) };
		if (is_wanted(v, &s.report))
			ok = vec_push(&v->reports, &s);
	}
	buf_clear(&bytes);
	return ok;
}

/* One that is no report is named and passed over: a folder holds all mail. */
static bool
file_try(struct dmarc_reports_view *v, const char *path, struct err *e)
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

static bool folder_take(
    struct dmarc_reports_view *v, const char *path, bool deeper, struct err *e);

static bool
entry_take(struct dmarc_reports_view *v, const char *path, const char *name,
    bool deeper, struct err *e)
{
	const char *full = arena_printf(v->app->arena, "%s/%s", path, name);
	struct stat st;
	if (stat(full, &st) == 0 && !S_ISREG(st.st_mode) &&
	    !S_ISDIR(st.st_mode)) {
		/* a pipe in it would be waited for without end */
		v->refused++;
		render_note(v->app, _("'%s' is no file"), full);
		return true;
	}
	if (!file_is_dir(full))
		return file_try(v, full, e);
	/* the two folders of a Maildir with messages in them */
	bool mail = strcmp(name, "new") == 0 || strcmp(name, "cur") == 0;
	return !deeper || !mail || folder_take(v, full, false, e);
}

static bool
folder_take(
    struct dmarc_reports_view *v, const char *path, bool deeper, struct err *e)
{
	DIR *d = opendir(path);
	struct vec names = VEC_INIT(const char *);
	const struct dirent *entry;
	bool more = false;
	if (d == NULL)
		return err_set_errno(e, errno, _("cannot open '%s'"), path);
	while (!more && (entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		more = names.len == FILES_MAX;
		const char *name =
		    arena_cstr(v->app->arena, str_of(entry->d_name));
		if (!more && (name == NULL || !vec_push(&names, &name))) {
			closedir(d);
			vec_clear(&names);
			return err_no_memory(e);
		}
	}
	closedir(d);
	if (more)
		render_note(v->app,
		    _("'%s' has more than %d files: the others are left out"),
		    path, FILES_MAX);
	vec_sort(&names, str_cstr_order);
	bool ok = true;
	for (size_t i = 0; ok && i < names.len; i++)
		ok = entry_take(
		    v, path, *VEC_AT(&names, const char *, i), deeper, e);
	vec_clear(&names);
	return ok;
}

static bool
received_take(
    struct dmarc_reports_view *v, const struct call *call, struct err *e)
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
sent_state(struct dmarc_reports_view *v, struct dmarc_store *store,
    const struct stored_report *r, struct dmarc_sending *out, struct err *e)
{
	struct str rest, uri = str_trim(str_cut(r->rua, ',', &rest));
	struct str unused;
	uri = str_cut(uri, '!', &unused);
	return dmarc_sent_get(store, v->app->arena, r, uri, out, e);
}

static bool
stored_take(struct dmarc_reports_view *v, struct err *e)
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
		struct dmarc_report_shown s = { .rua = all[i].rua };
		ok = dmarc_store_records(store, app->arena, &all[i], e) &&
		     sent_state(v, store, &all[i], &s.sent, e);
		s.report = all[i].report;
		ok = ok && vec_push(&v->reports, &s);
	}
	dmarc_store_close(store);
	return ok;
}

static int
dmarc_reports_command(struct app *app, const struct call *call, struct err *e)
{
	struct dmarc_reports_view v = { .app = app,
		.domain = call_option(call, "domain"),
		.reports = VEC_INIT(struct dmarc_report_shown) };
	bool ok =
	    call->n_args > 0 ? received_take(&v, call, e) : stored_take(&v, e);
	if (ok && (app->json || app->jsonl))
		dmarc_reports_json(&v);
	else if (ok)
		dmarc_reports_show(&v);
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
		    .kind = ARG_DOMAIN,
		    .help = N_("only this domain, with each client") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = dmarc_reports_command,
};
