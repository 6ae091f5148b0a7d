/* The reports and records that the database of DMARC results holds. */
#include "core/auth/dmarc_store_int.h"

#include "core/auth/dmarc.h"
#include "core/base/buf.h"
#include "core/base/vec.h"
#include "core/mail/path.h"
#include "core/net/addr.h"

enum {
	REPORTS_MAX = 100000
};

/*
 * Domains and values stand in tables of their own. Lines are laid out by hand,
 * so that a query can be read as one.
 */
/* clang-format off */
#define DOMAIN_OF(column) "(SELECT domain FROM domain WHERE id = " column ")"

static const char reports_query[] =
    "SELECT r.id, r.begin, r.end, " DOMAIN_OF("r.from_domain_id") ", "
    "r.uuid, a.org_name, a.email, a.extra_contact, "
    "p.adkim, p.aspf, p.p, p.sp, p.pct, p.rua, "
    "(SELECT SUM(count) FROM report_record WHERE report_id = r.id), "
    "(SELECT SUM(count) FROM report_record WHERE report_id = r.id "
    "AND dkim <> 'pass' AND spf <> 'pass') "
    "FROM report r LEFT JOIN author a ON a.id = r.author_id "
    "LEFT JOIN report_policy_published p ON p.report_id = r.id "
    "ORDER BY r.begin, 4, r.id";

static const char addresses_query[] =
    "SELECT DISTINCT rua FROM report_policy_published WHERE rua IS NOT NULL";

static const char records_query[] =
    "SELECT id, source_ip, count, disposition, dkim, spf, "
    DOMAIN_OF("envelope_to_did") ", " DOMAIN_OF("envelope_from_did") ", "
    DOMAIN_OF("header_from_did") " "
    "FROM report_record WHERE report_id = ? ORDER BY count DESC, id";

static const char dkims_query[] =
    "SELECT " DOMAIN_OF("domain_id") ", selector, result, human_result "
    "FROM report_record_dkim WHERE report_record_id = ? ORDER BY id";

static const char spfs_query[] =
    "SELECT " DOMAIN_OF("domain_id") ", scope, result, NULL "
    "FROM report_record_spf WHERE report_record_id = ? ORDER BY id";

static const char reasons_query[] =
    "SELECT type, comment, NULL, NULL "
    "FROM report_record_reason WHERE report_record_id = ? ORDER BY id";
/* clang-format on */

static void
report_take(struct dmarc_store *s, struct arena *a, sqlite3_stmt *q,
    struct stored_report *out)
{
	struct dmarc_report *r = &out->report;
	*out = (struct stored_report){ .id = s->sql->column_int64(q, 0) };
	r->begin = s->sql->column_int64(q, 1);
	r->end = s->sql->column_int64(q, 2);
	r->domain = dmarc_store_column(s, a, q, 3);
	r->id = dmarc_store_column(s, a, q, 4);
	r->org_name = dmarc_store_column(s, a, q, 5);
	r->email = dmarc_store_column(s, a, q, 6);
	r->extra = dmarc_store_column(s, a, q, 7);
	r->adkim = dmarc_store_column(s, a, q, 8);
	r->aspf = dmarc_store_column(s, a, q, 9);
	r->p = dmarc_store_column(s, a, q, 10);
	r->sp = dmarc_store_column(s, a, q, 11);
	r->pct = dmarc_store_column(s, a, q, 12);
	out->rua = dmarc_store_column(s, a, q, 13);
	out->messages = s->sql->column_int64(q, 14);
	out->failed = s->sql->column_int64(q, 15);
	r->well_formed = true;
}

bool
dmarc_store_reports(struct dmarc_store *s, struct arena *a,
    struct stored_report **out, size_t *n, struct err *e)
{
	struct vec rows = VEC_INIT(struct stored_report);
	int status;
	*n = 0;
	sqlite3_stmt *q = dmarc_store_prepare(s, reports_query, e);
	if (q == NULL)
		return false;
	while ((status = s->sql->step(q)) == SQLITE_ROW &&
	       rows.len < REPORTS_MAX) {
		struct stored_report r;
		report_take(s, a, q, &r);
		if (!vec_push(&rows, &r))
			break;
	}
	bool ok = dmarc_store_finish(s, q, status, e);
	*n = rows.len;
	*out = ARENA_ARRAY(a, rows.len + 1, struct stored_report);
	if (rows.len > 0)
		memcpy(*out, rows.data, rows.len * sizeof(**out));
	vec_clear(&rows);
	return ok;
}

/* Append those of one list of URIs as it was published. */
static bool
add_addresses(struct vec *all, struct arena *a, struct str rua)
{
	struct dmarc_uri uris[DMARC_URIS_MAX];
	size_t n = dmarc_uris_parse(rua, uris);
	for (size_t i = 0; i < n; i++) {
		struct buf b = BUF_INIT(MAIL_ADDRESS_MAX);
		struct str one;
		bool ok = dmarc_uri_address(uris[i].uri, &b);
		for (size_t k = 0; k < b.len; k++)
			b.data[k] = ascii_lower(b.data[k]);
		one = arena_str(a, buf_str(&b));
		buf_clear(&b);
		if (ok && (one.ptr == NULL || !vec_push(all, &one)))
			return false;
	}
	return true;
}

static int
by_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

/* The sorted ones, each once, in the arena. */
static bool
take_each(const struct vec *all, struct arena *a, struct str **out, size_t *n)
{
	*out = ARENA_ARRAY(a, all->len + 1, struct str);
	for (size_t i = 0; *out != NULL && i < all->len; i++) {
		struct str one = *VEC_AT(all, const struct str, i);
		if (*n == 0 || str_cmp((*out)[*n - 1], one) != 0)
			(*out)[(*n)++] = one;
	}
	return *out != NULL;
}

bool
dmarc_store_addresses(struct dmarc_store *s, struct arena *a, struct str **out,
    size_t *n, struct err *e)
{
	struct vec all = VEC_INIT(struct str);
	bool room = true;
	int status = SQLITE_DONE;
	*n = 0;
	sqlite3_stmt *q = dmarc_store_prepare(s, addresses_query, e);
	if (q == NULL)
		return false;
	while (room && all.len < REPORTS_MAX &&
	       (status = s->sql->step(q)) == SQLITE_ROW)
		room = add_addresses(&all, a, dmarc_store_column(s, a, q, 0));
	bool ok = dmarc_store_finish(s, q, status, e);
	vec_sort(&all, by_text);
	room = room && take_each(&all, a, out, n);
	vec_clear(&all);
	return ok && (room || err_no_memory(e));
}

/* 4 or 16 raw bytes, or text as some tools store it. */
static struct str
address(struct dmarc_store *s, struct arena *a, sqlite3_stmt *q, int i)
{
	char text[NET_ADDR_TEXT_SIZE];
	struct net_addr addr = { .is_ipv6 = false };
	const void *bytes = s->sql->column_blob(q, i);
	int n = s->sql->column_bytes(q, i);
	if (s->sql->column_type(q, i) == SQLITE_TEXT || bytes == NULL ||
	    (n != 4 && n != 16))
		return dmarc_store_column(s, a, q, i);
	addr.is_ipv6 = n == 16;
	memcpy(addr.bytes, bytes, (size_t)n);
	return arena_str(a, str_of(net_addr_format(&addr, text)));
}

/* The DKIM or SPF results, or the reasons, of a record. */
static bool
results(struct dmarc_store *s, struct arena *a, const char *text, int64_t id,
    struct report_result **out, size_t *n, struct err *e)
{
	int status;
	sqlite3_stmt *q = dmarc_store_prepare(s, text, e);
	if (q == NULL)
		return false;
	*n = 0;
	*out = NULL;
	s->sql->bind_int64(q, 1, id);
	while ((status = s->sql->step(q)) == SQLITE_ROW &&
	       *n < REPORT_RESULTS_MAX) {
		if (*out == NULL)
			*out = ARENA_ARRAY(
			    a, REPORT_RESULTS_MAX, struct report_result);
		struct report_result *r = &(*out)[(*n)++];
		r->domain = dmarc_store_column(s, a, q, 0);
		r->selector = dmarc_store_column(s, a, q, 1);
		r->result = dmarc_store_column(s, a, q, 2);
		r->human_result = dmarc_store_column(s, a, q, 3);
	}
	return dmarc_store_finish(s, q, status, e);
}

static bool
record_results(struct dmarc_store *s, struct arena *a, int64_t id,
    struct report_record *r, struct err *e)
{
	return results(s, a, dkims_query, id, &r->dkims, &r->n_dkims, e) &&
	       results(s, a, spfs_query, id, &r->spfs, &r->n_spfs, e) &&
	       results(s, a, reasons_query, id, &r->reasons, &r->n_reasons, e);
}

bool
dmarc_store_records(struct dmarc_store *s, struct arena *a,
    struct stored_report *report, struct err *e)
{
	struct vec rows = VEC_INIT(struct report_record);
	int status;
	bool ok = true;
	sqlite3_stmt *q = dmarc_store_prepare(s, records_query, e);
	if (q == NULL)
		return false;
	s->sql->bind_int64(q, 1, report->id);
	while (ok && (status = s->sql->step(q)) == SQLITE_ROW) {
		struct report_record r = { .count =
					       s->sql->column_int64(q, 2) };
		r.source_ip = address(s, a, q, 1);
		r.disposition = dmarc_store_column(s, a, q, 3);
		r.dkim = dmarc_store_column(s, a, q, 4);
		r.spf = dmarc_store_column(s, a, q, 5);
		r.envelope_to = dmarc_store_column(s, a, q, 6);
		r.envelope_from = dmarc_store_column(s, a, q, 7);
		r.header_from = dmarc_store_column(s, a, q, 8);
		ok = record_results(s, a, s->sql->column_int64(q, 0), &r, e) &&
		     rows.len < REPORT_RECORDS_MAX && vec_push(&rows, &r);
	}
	ok = dmarc_store_finish(s, q, ok ? status : SQLITE_DONE, e) && ok;
	report->report.n_records = rows.len;
	report->report.records =
	    ARENA_ARRAY(a, rows.len + 1, struct report_record);
	if (rows.len > 0)
		memcpy(report->report.records, rows.data,
		    rows.len * sizeof(struct report_record));
	vec_clear(&rows);
	return ok;
}
