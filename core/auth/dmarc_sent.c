/* What was sent of the DMARC reports, in a table of ours among the others. */
#include "core/auth/dmarc_store_int.h"

#include "core/base/i18n.h"

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

static sqlite3_stmt *
sent_prepare(struct dmarc_store *s, const char *text,
    const struct stored_report *r, struct str uri, struct err *e)
{
	sqlite3_stmt *q = dmarc_store_prepare(s, text, e);
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
		out->error = dmarc_store_column(s, a, q, 3);
		if (out->state > DMARC_SENT_REFUSED)
			out->state = DMARC_SENT_SENDING;
	}
	return dmarc_store_finish(s, q, status, e);
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
	return dmarc_store_finish(s, q, status, e);
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
	return dmarc_store_finish(s, q, s->sql->step(q), e);
}
