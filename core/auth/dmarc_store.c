/* The database of DMARC results, by SQLite. */
#include "core/auth/dmarc_store.h"

#include "core/auth/dmarc.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/net/addr.h"
#include "core/sys/file.h"
#include "core/sys/sqlite.h"

#include <stdlib.h>

enum {
	BUSY_MS = 5000, /* the filter writes one row at a time */
	REPORTS_MAX = 100000,
	ADDRESS_MAX = 320 /* RFC 5321 4.5.3.1 and the @ */
};

struct dmarc_store {
	const struct sqlite *sql;
	sqlite3 *db;
	const char *shown;
};

static const char *const state_words[] = {
	[DMARC_SENT_NEVER] = N_("not sent"),
	[DMARC_SENT_RETRY] = N_("retry"),
	[DMARC_SENT_SENDING] = N_("sending"),
	[DMARC_SENT_DONE] = N_("sent"),
	[DMARC_SENT_REFUSED] = N_("refused"),
};

const char *
dmarc_sent_word(enum dmarc_sent state)
{
	return state_words[state];
}

static bool
fail(struct dmarc_store *s, int status, struct err *e)
{
	bool later = status == SQLITE_BUSY || status == SQLITE_LOCKED ||
		     status == SQLITE_FULL || status == SQLITE_IOERR;
	return err_set(e, later ? ERR_TEMPORARY : ERR_PERMANENT, "'%s': %s",
	    s->shown, s->sql->errmsg(s->db));
}

static bool
run(struct dmarc_store *s, const char *text, struct err *e)
{
	int status = s->sql->exec(s->db, text, NULL, NULL, NULL);
	return status == SQLITE_OK || fail(s, status, e);
}

/* Ours in a database of others: one table, with its own name. */
static const char own_table[] =
    "CREATE TABLE IF NOT EXISTS smemail_report_sent ("
    "domain TEXT NOT NULL, day INTEGER NOT NULL, uri TEXT NOT NULL, "
    "state INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, "
    "next_at INTEGER NOT NULL DEFAULT 0, error TEXT, "
    "PRIMARY KEY (domain, day, uri))";

bool
dmarc_store_open(const char *path, const char *shown, bool write,
    struct dmarc_store **out, struct err *e)
{
	*out = NULL;
	if (!file_exists(path)) {
		err_set(e, ERR_NO, _("there is no '%s'"), shown);
		return err_next(e, "smemail get dmarc.reporting");
	}
	struct dmarc_store *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return err_set(e, ERR_TEMPORARY, _("out of memory"));
	s->shown = shown;
	s->sql = sqlite_load(e);
	if (s->sql == NULL) {
		free(s);
		return false;
	}
	int status = s->sql->open_v2(path, &s->db,
	    write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, NULL);
	bool ok = status == SQLITE_OK || fail(s, status, e);
	if (ok)
		s->sql->busy_timeout(s->db, BUSY_MS);
	if (ok && write)
		ok = run(s, own_table, e);
	if (ok) {
		*out = s;
		return true;
	}
	dmarc_store_close(s);
	return false;
}

void
dmarc_store_close(struct dmarc_store *s)
{
	if (s == NULL)
		return;
	s->sql->close_v2(s->db);
	free(s);
}

static struct str
column(struct dmarc_store *s, struct arena *a, sqlite3_stmt *q, int i)
{
	const unsigned char *text = s->sql->column_text(q, i);
	if (text == NULL)
		return (struct str)STR_EMPTY;
	return arena_str(
	    a, str_n((const char *)text, (size_t)s->sql->column_bytes(q, i)));
}

/* Domains and values stand in tables of their own. */
#define DOMAIN_OF(column) "(SELECT domain FROM domain WHERE id = " column ")"

static const char reports_query[] = "SELECT r.id, r.begin, r.end, " DOMAIN_OF(
    "r.from_domain_id") ", "
			"r.uuid, a.org_name, a.email, a.extra_contact, "
			"p.adkim, p.aspf, p.p, "
			"p.sp, p.pct, p.rua, "
			"(SELECT SUM(count) FROM report_record WHERE report_id "
			"= r.id), "
			"(SELECT SUM(count) FROM report_record WHERE report_id "
			"= r.id "
			"AND dkim <> 'pass' AND spf <> 'pass') "
			"FROM report r LEFT JOIN author a ON a.id = "
			"r.author_id "
			"LEFT JOIN report_policy_published p ON p.report_id = "
			"r.id "
			"ORDER BY r.begin, 4, r.id";

static void
report_take(struct dmarc_store *s, struct arena *a, sqlite3_stmt *q,
    struct stored_report *out)
{
	struct dmarc_report *r = &out->report;
	*out = (struct stored_report){ .id = s->sql->column_int64(q, 0) };
	r->begin = s->sql->column_int64(q, 1);
	r->end = s->sql->column_int64(q, 2);
	r->domain = column(s, a, q, 3);
	r->id = column(s, a, q, 4);
	r->org_name = column(s, a, q, 5);
	r->email = column(s, a, q, 6);
	r->extra = column(s, a, q, 7);
	r->adkim = column(s, a, q, 8);
	r->aspf = column(s, a, q, 9);
	r->p = column(s, a, q, 10);
	r->sp = column(s, a, q, 11);
	r->pct = column(s, a, q, 12);
	out->rua = column(s, a, q, 13);
	out->messages = s->sql->column_int64(q, 14);
	out->failed = s->sql->column_int64(q, 15);
	r->well_formed = true;
}

static sqlite3_stmt *
prepare(struct dmarc_store *s, const char *text, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int status = s->sql->prepare_v2(s->db, text, -1, &q, NULL);
	if (status == SQLITE_OK)
		return q;
	fail(s, status, e);
	return NULL;
}

/* Rows of a finished or failed walk: false with the error. */
static bool
finish(struct dmarc_store *s, sqlite3_stmt *q, int status, struct err *e)
{
	bool ok =
	    status == SQLITE_DONE || status == SQLITE_ROW || fail(s, status, e);
	s->sql->finalize(q);
	return ok;
}

bool
dmarc_store_reports(struct dmarc_store *s, struct arena *a,
    struct stored_report **out, size_t *n, struct err *e)
{
	struct vec rows = VEC_INIT(struct stored_report);
	int status;
	*n = 0;
	sqlite3_stmt *q = prepare(s, reports_query, e);
	if (q == NULL)
		return false;
	while ((status = s->sql->step(q)) == SQLITE_ROW &&
	       rows.len < REPORTS_MAX) {
		struct stored_report r;
		report_take(s, a, q, &r);
		if (!vec_push(&rows, &r))
			break;
	}
	bool ok = finish(s, q, status, e);
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
	struct dmarc_record policy;
	const char *text =
	    arena_printf(a, "v=DMARC1; p=none; rua=%.*s", STR_ARG(rua));
	if (text == NULL || !dmarc_record_parse(str_of(text), &policy))
		return text != NULL;
	for (size_t i = 0; i < policy.n_rua; i++) {
		struct buf b = BUF_INIT(ADDRESS_MAX);
		struct str one;
		bool ok = dmarc_uri_address(policy.rua[i].uri, &b);
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
	sqlite3_stmt *q = prepare(s,
	    "SELECT DISTINCT rua FROM report_policy_published "
	    "WHERE rua IS NOT NULL",
	    e);
	if (q == NULL)
		return false;
	while (room && all.len < REPORTS_MAX &&
	       (status = s->sql->step(q)) == SQLITE_ROW)
		room = add_addresses(&all, a, column(s, a, q, 0));
	bool ok = finish(s, q, status, e);
	vec_sort(&all, by_text);
	room = room && take_each(&all, a, out, n);
	vec_clear(&all);
	return ok && (room || err_set(e, ERR_TEMPORARY, _("out of memory")));
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
		return column(s, a, q, i);
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
	sqlite3_stmt *q = prepare(s, text, e);
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
		r->domain = column(s, a, q, 0);
		r->selector = column(s, a, q, 1);
		r->result = column(s, a, q, 2);
		r->human_result = column(s, a, q, 3);
	}
	return finish(s, q, status, e);
}

static bool
record_results(struct dmarc_store *s, struct arena *a, int64_t id,
    struct report_record *r, struct err *e)
{
	return results(s, a,
		   "SELECT " DOMAIN_OF(
		       "domain_id") ", selector, result, "
				    "human_result FROM report_record_dkim "
				    "WHERE report_record_id = ? ORDER BY id",
		   id, &r->dkims, &r->n_dkims, e) &&
	       results(s, a,
		   "SELECT " DOMAIN_OF(
		       "domain_id") ", scope, result, NULL "
				    "FROM report_record_spf WHERE "
				    "report_record_id = ? "
				    "ORDER BY id",
		   id, &r->spfs, &r->n_spfs, e) &&
	       results(s, a,
		   "SELECT type, comment, NULL, NULL FROM "
		   "report_record_reason WHERE report_record_id = ? "
		   "ORDER BY id",
		   id, &r->reasons, &r->n_reasons, e);
}

bool
dmarc_store_records(struct dmarc_store *s, struct arena *a,
    struct stored_report *report, struct err *e)
{
	struct vec rows = VEC_INIT(struct report_record);
	int status;
	bool ok = true;
	sqlite3_stmt *q = prepare(s,
	    "SELECT id, source_ip, count, disposition, dkim, "
	    "spf, " DOMAIN_OF("envelope_to_did") ", " DOMAIN_OF(
		"envelope_from_did") ", " DOMAIN_OF("header_from_"
						    "did") " FROM "
							   "report_"
							   "record "
							   "WHERE "
							   "report_"
							   "id = ? "
							   "ORDER "
							   "BY "
							   "count "
							   "DESC, "
							   "id",
	    e);
	if (q == NULL)
		return false;
	s->sql->bind_int64(q, 1, report->id);
	while (ok && (status = s->sql->step(q)) == SQLITE_ROW) {
		struct report_record r = { .count =
					       s->sql->column_int64(q, 2) };
		r.source_ip = address(s, a, q, 1);
		r.disposition = column(s, a, q, 3);
		r.dkim = column(s, a, q, 4);
		r.spf = column(s, a, q, 5);
		r.envelope_to = column(s, a, q, 6);
		r.envelope_from = column(s, a, q, 7);
		r.header_from = column(s, a, q, 8);
		ok = record_results(s, a, s->sql->column_int64(q, 0), &r, e) &&
		     rows.len < REPORT_RECORDS_MAX && vec_push(&rows, &r);
	}
	ok = finish(s, q, ok ? status : SQLITE_DONE, e) && ok;
	report->report.n_records = rows.len;
	report->report.records =
	    ARENA_ARRAY(a, rows.len + 1, struct report_record);
	if (rows.len > 0)
		memcpy(report->report.records, rows.data,
		    rows.len * sizeof(struct report_record));
	vec_clear(&rows);
	return ok;
}

static sqlite3_stmt *
sent_prepare(struct dmarc_store *s, const char *text,
    const struct stored_report *r, struct str uri, struct err *e)
{
	sqlite3_stmt *q = prepare(s, text, e);
	if (q == NULL)
		return NULL;
	s->sql->bind_text(q, 1, r->report.domain.ptr, (int)r->report.domain.len,
	    SQLITE_STATIC);
	s->sql->bind_int64(q, 2, r->report.begin);
	s->sql->bind_text(q, 3, uri.ptr, (int)uri.len, SQLITE_STATIC);
	return q;
}

bool
dmarc_sent_get(struct dmarc_store *s, struct arena *a,
    const struct stored_report *r, struct str uri, struct dmarc_sending *out,
    struct err *e)
{
	struct err missing = ERR_INIT;
	*out = (struct dmarc_sending){ .state = DMARC_SENT_NEVER };
	sqlite3_stmt *q = sent_prepare(s,
	    "SELECT state, attempts, next_at, error FROM smemail_report_sent "
	    "WHERE domain = ?1 AND day = ?2 AND uri = ?3",
	    r, uri, &missing);
	if (q == NULL)
		return true; /* no table: nothing was ever sent */
	int status = s->sql->step(q);
	if (status == SQLITE_ROW) {
		out->state = (enum dmarc_sent)s->sql->column_int64(q, 0);
		out->attempts = s->sql->column_int64(q, 1);
		out->next_s = s->sql->column_int64(q, 2);
		out->error = column(s, a, q, 3);
		if (out->state > DMARC_SENT_REFUSED)
			out->state = DMARC_SENT_SENDING;
	}
	return finish(s, q, status, e);
}

bool
dmarc_sent_claim(struct dmarc_store *s, const struct stored_report *r,
    struct str uri, int64_t now_s, bool *claimed, struct err *e)
{
	/* one statement: of two callers only one changes the row */
	sqlite3_stmt *q = sent_prepare(s,
	    "INSERT INTO smemail_report_sent (domain, day, uri, state, "
	    "attempts) VALUES (?1, ?2, ?3, 2, 1) "
	    "ON CONFLICT (domain, day, uri) DO UPDATE SET state = 2, "
	    "attempts = attempts + 1 WHERE state = 1 AND next_at <= ?4",
	    r, uri, e);
	*claimed = false;
	if (q == NULL)
		return false;
	s->sql->bind_int64(q, 4, now_s);
	int status = s->sql->step(q);
	*claimed = status == SQLITE_DONE && s->sql->changes(s->db) == 1;
	return finish(s, q, status, e);
}

bool
dmarc_sent_settle(struct dmarc_store *s, const struct stored_report *r,
    struct str uri, enum dmarc_sent state, int64_t next_s, struct str error,
    struct err *e)
{
	sqlite3_stmt *q = sent_prepare(s,
	    "UPDATE smemail_report_sent SET state = ?4, next_at = ?5, "
	    "error = ?6 WHERE domain = ?1 AND day = ?2 AND uri = ?3",
	    r, uri, e);
	if (q == NULL)
		return false;
	s->sql->bind_int64(q, 4, state);
	s->sql->bind_int64(q, 5, next_s);
	s->sql->bind_text(q, 6, error.ptr, (int)error.len, SQLITE_STATIC);
	return finish(s, q, s->sql->step(q), e);
}
