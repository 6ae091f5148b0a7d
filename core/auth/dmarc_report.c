/*
 * Received reports. The helper prints one item a line: "+feedback" and
 * "+record/row/" when a container begins, "=record/row/count<TAB>2" for a
 * value, "!problem", "-feedback" at the end of a report.
 */
#include "core/auth/dmarc_report.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/base/vec.h"
#include "core/sys/libexec.h"
#include "core/sys/spawn.h"

#include <stddef.h>
#include <sys/wait.h>

enum {
	OUTPUT_MAX = 40 << 20
};

/* Texts of the report and of a record, by their path. */
static const struct place {
	const char *path;
	size_t offset;
} report_places[] = {
	{ "report_metadata/org_name", offsetof(struct dmarc_report, org_name) },
	{ "report_metadata/email", offsetof(struct dmarc_report, email) },
	{ "report_metadata/extra_contact_info",
	    offsetof(struct dmarc_report, extra) },
	{ "report_metadata/report_id", offsetof(struct dmarc_report, id) },
	{ "policy_published/domain", offsetof(struct dmarc_report, domain) },
	{ "policy_published/adkim", offsetof(struct dmarc_report, adkim) },
	{ "policy_published/aspf", offsetof(struct dmarc_report, aspf) },
	{ "policy_published/p", offsetof(struct dmarc_report, p) },
	{ "policy_published/sp", offsetof(struct dmarc_report, sp) },
	{ "policy_published/np", offsetof(struct dmarc_report, np) },
	{ "policy_published/pct", offsetof(struct dmarc_report, pct) },
	{ "policy_published/t", offsetof(struct dmarc_report, t) },
	{ "policy_published/psd", offsetof(struct dmarc_report, psd) },
	{ "policy_published/fo", offsetof(struct dmarc_report, fo) },
}, record_places[] = {
	{ "record/row/source_ip", offsetof(struct report_record, source_ip) },
	{ "record/row/policy_evaluated/disposition",
	    offsetof(struct report_record, disposition) },
	{ "record/row/policy_evaluated/dkim",
	    offsetof(struct report_record, dkim) },
	{ "record/row/policy_evaluated/spf",
	    offsetof(struct report_record, spf) },
	{ "record/identifiers/header_from",
	    offsetof(struct report_record, header_from) },
	{ "record/identifiers/envelope_from",
	    offsetof(struct report_record, envelope_from) },
	{ "record/identifiers/envelope_to",
	    offsetof(struct report_record, envelope_to) },
}, result_places[] = {
	{ "domain", offsetof(struct report_result, domain) },
	{ "type", offsetof(struct report_result, domain) },
	{ "selector", offsetof(struct report_result, selector) },
	{ "scope", offsetof(struct report_result, selector) },
	{ "comment", offsetof(struct report_result, selector) },
	{ "result", offsetof(struct report_result, result) },
	{ "human_result", offsetof(struct report_result, human_result) },
};

struct lines {
	struct arena *arena;
	struct vec reports; /* struct dmarc_report */
	struct vec records; /* struct report_record, of the last report */
	struct report_result *open; /* the result that is being filled */
};

static bool
place_fill(void *to, const struct place *places, size_t n, struct str path,
    struct str value)
{
	for (size_t i = 0; i < n; i++) {
		if (!str_is(path, places[i].path))
			continue;
		struct str *s =
		    (struct str *)(void *)((char *)to + places[i].offset);
		if (s->len == 0) /* the first one counts */
			*s = value;
		return true;
	}
	return false;
}

/* "1337270400.0" and " 12 " are numbers too; what is none is 0. */
static int64_t
number(struct str s)
{
	uint64_t n;
	struct str unused;
	s = str_cut(str_trim(s), '.', &unused);
	return num_parse_u64(s, INT64_MAX, &n) ? (int64_t)n : 0;
}

static struct dmarc_report *
last_report(struct lines *l)
{
	return l->reports.len == 0 ? NULL
				   : VEC_AT(&l->reports, struct dmarc_report,
					 l->reports.len - 1);
}

static struct report_record *
last_record(struct lines *l)
{
	return l->records.len == 0 ? NULL
				   : VEC_AT(&l->records, struct report_record,
					 l->records.len - 1);
}

static void
result_begin(struct lines *l, struct report_result **list, size_t *n)
{
	if (*list == NULL)
		*list = ARENA_ARRAY(
		    l->arena, REPORT_RESULTS_MAX, struct report_result);
	l->open =
	    *list != NULL && *n < REPORT_RESULTS_MAX ? &(*list)[(*n)++] : NULL;
}

static bool
container_begin(struct lines *l, struct str path)
{
	struct report_record *r = last_record(l);
	l->open = NULL;
	if (str_is(path, "feedback")) {
		struct dmarc_report empty = { .begin = 0 };
		l->records.len = 0;
		return vec_push(&l->reports, &empty);
	}
	if (str_is(path, "record/")) {
		struct report_record empty = { .count = 0 };
		return l->records.len >= REPORT_RECORDS_MAX ||
		       vec_push(&l->records, &empty);
	}
	if (r == NULL)
		return true;
	if (str_is(path, "record/auth_results/dkim/"))
		result_begin(l, &r->dkims, &r->n_dkims);
	else if (str_is(path, "record/auth_results/spf/"))
		result_begin(l, &r->spfs, &r->n_spfs);
	else if (str_is(path, "record/row/policy_evaluated/reason/"))
		result_begin(l, &r->reasons, &r->n_reasons);
	return true;
}

static void
value_take(struct lines *l, struct str path, struct str value)
{
	struct dmarc_report *report = last_report(l);
	struct report_record *record = last_record(l);
	size_t slash = path.len;
	if (report == NULL)
		return;
	while (slash > 0 && path.ptr[slash - 1] != '/')
		slash--;
	if (l->open != NULL &&
	    place_fill(l->open, result_places, ARRAY_LEN(result_places),
		str_sub(path, slash, path.len), value))
		return;
	if (place_fill(
		report, report_places, ARRAY_LEN(report_places), path, value))
		return;
	if (record != NULL && place_fill(record, record_places,
				  ARRAY_LEN(record_places), path, value))
		return;
	if (record != NULL && str_is(path, "record/row/count"))
		record->count = number(value);
	else if (str_is(path, "report_metadata/date_range/begin"))
		report->begin = number(value);
	else if (str_is(path, "report_metadata/date_range/end"))
		report->end = number(value);
	else if (str_is(path, "well_formed"))
		report->well_formed = str_is(value, "yes");
}

static bool
report_end(struct lines *l)
{
	struct dmarc_report *r = last_report(l);
	if (r == NULL || l->records.len == 0)
		return true;
	r->records =
	    ARENA_ARRAY(l->arena, l->records.len, struct report_record);
	if (r->records == NULL)
		return false;
	memcpy(r->records, l->records.data,
	    l->records.len * sizeof(struct report_record));
	r->n_records = l->records.len;
	return true;
}

static bool
line_take(struct lines *l, struct str line, struct str *problem)
{
	struct str value, rest = str_sub(line, 1, line.len);
	if (line.len == 0)
		return true;
	switch (line.ptr[0]) {
	case '+':
		return container_begin(l, rest);
	case '=':
		rest = str_cut(rest, '\t', &value);
		value_take(l, rest, value);
		return true;
	case '-':
		return report_end(l);
	case '!':
		*problem = rest;
		return true;
	default:
		return true;
	}
}

/* The lines that the helper prints. */
static bool
dmarc_report_lines(struct arena *a, struct str text, struct dmarc_report **out,
    size_t *n, struct str *problem)
{
	struct lines l = { .arena = a,
		.reports = VEC_INIT(struct dmarc_report),
		.records = VEC_INIT(struct report_record) };
	struct str line;
	bool ok = true;
	*problem = (struct str)STR_EMPTY;
	while (ok && str_next_line(&text, &line))
		ok = line_take(&l, line, problem);
	*n = l.reports.len;
	*out = ARENA_ARRAY(a, *n + 1, struct dmarc_report);
	ok = ok && *out != NULL;
	if (ok && *n > 0)
		memcpy(*out, l.reports.data, *n * sizeof(**out));
	vec_clear(&l.reports);
	vec_clear(&l.records);
	return ok;
}

bool
dmarc_report_read(struct arena *a, const struct clock *clock, struct str bytes,
    struct dmarc_report **out, size_t *n, struct err *e)
{
	char path[SYS_PATH_MAX];
	struct buf lines = BUF_INIT(OUTPUT_MAX);
	struct str problem = STR_EMPTY;
	int status = 0;
	libexec_find("dmarc-read", path);
	const char *const argv[] = { path, NULL };
	const struct spawn s = { .argv = argv,
		.path = path,
		.input = bytes,
		.input_set = true,
		.output = &lines,
		.limit_ms = REPORT_LIMIT_MS };
	*n = 0;
	bool ok = spawn_run(&s, clock, &status, e);
	if (ok && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		ok = err_set(e, ERR_PERMANENT,
		    _("the reader of reports died of this one"));
	if (ok && !dmarc_report_lines(
		      a, arena_str(a, buf_str(&lines)), out, n, &problem))
		ok = err_no_memory(e);
	buf_clear(&lines);
	if (!ok || *n > 0)
		return ok;
	if (problem.len > 0)
		return err_set(e, ERR_NO,
		    _("no DMARC aggregate report in it: %.*s"),
		    STR_ARG(problem));
	return err_set(e, ERR_NO, _("no DMARC aggregate report in it"));
}
