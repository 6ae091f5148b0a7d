/* Daily DMARC reports: due, allowed, written, packed, handed over, recorded. */
#include "core/model/dmarc_send.h"

#include "core/auth/dkim_base64.h"
#include "core/base/i18n.h"
#include "core/base/random.h"
#include "core/base/vec.h"
#include "core/mail/date.h"
#include "core/smtp/send.h"
#include "core/sys/gzip.h"

enum {
	XML_MAX = 64 << 20,
	MESSAGE_MAX = 64 << 20,
	SEND_LIMIT_MS = 120000,
	RETRY_FIRST_S = 900, /* then twice as long each time */
	RETRY_LONGEST_S = 6 * 3600,
	ATTEMPTS_MAX = 12, /* some two days; older results help nobody */
	BASE64_LINE = 76
};

struct sending {
	const struct dmarc_send *s;
	struct dmarc_store *store;
	struct facts facts;
	struct vec rows; /* struct dmarc_send_row */
	int64_t now_s;
};

/* In lines of 76 characters (RFC 2045, 6.8). */
static bool
add_base64(struct buf *out, struct str bytes)
{
	struct buf text = BUF_INIT(MESSAGE_MAX);
	bool ok = dkim_base64_encode(&text, bytes);
	for (size_t at = 0; ok && at < text.len; at += BASE64_LINE)
		ok = buf_addf(out, "%.*s\n",
		    STR_ARG(str_sub(buf_str(&text), at, at + BASE64_LINE)));
	buf_clear(&text);
	return ok;
}

/* Letters, digits, dots and hyphens: fit for a header and a file name. */
static struct str
safe(struct arena *a, struct str s)
{
	char *out = arena_cstr(a, s);
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(out[i]) && out[i] != '.' && out[i] != '-')
			out[i] = '_';
	return str_n(out, s.len);
}

static struct str
sender_of(const struct dmarc_send *s, const struct dmarc_report *r)
{
	if (s->from.len > 0)
		return s->from;
	if (str_find(r->email, '@', 0) < r->email.len)
		return r->email;
	return str_of(arena_printf(s->model->arena, "postmaster@%s", s->helo));
}

/* RFC 7489 7.2.1.1: receiver!domain!begin!end.xml.gz, and the same subject. */
static void
message_write(struct buf *out, const struct dmarc_send *s,
    const struct dmarc_report *r, struct str to, struct str packed,
    int64_t now_s)
{
	struct arena *a = s->model->arena;
	char date[MAIL_DATE_SIZE];
	struct str domain = safe(a, r->domain);
	const char *us = safe(a, str_of(s->helo)).ptr;
	struct str id = safe(a, r->id);
	unsigned mark = (unsigned)random_u32();
	buf_addf(out,
	    "From: <%.*s>\nTo: <%.*s>\nDate: %s\n"
	    "Subject: Report Domain: %.*s Submitter: %s Report-ID: <%.*s>\n"
	    "Message-ID: <%.*s.%08x@%s>\nMIME-Version: 1.0\n"
	    "Auto-Submitted: auto-generated\nPrecedence: bulk\n"
	    "Content-Type: multipart/mixed; boundary=\"=_%08x\"\n\n",
	    STR_ARG(sender_of(s, r)), STR_ARG(to),
	    mail_date_format(now_s, date), STR_ARG(domain), us, STR_ARG(id),
	    STR_ARG(id), mark, us, mark);
	buf_addf(out,
	    "--=_%08x\nContent-Type: text/plain; charset=us-ascii\n\n"
	    "DMARC aggregate report about %.*s by %s.\n\n"
	    "--=_%08x\nContent-Type: application/gzip\n"
	    "Content-Transfer-Encoding: base64\n"
	    "Content-Disposition: attachment;\n"
	    " filename=\"%s!%.*s!%lld!%lld.xml.gz\"\n\n",
	    mark, STR_ARG(domain), us, mark, us, STR_ARG(domain),
	    (long long)r->begin, (long long)r->end);
	if (!add_base64(out, packed))
		out->failed = true;
	buf_addf(out, "\n--=_%08x--\n", mark);
}

/* The mail with a report in it, as it would be sent, LF line ends. */
static bool
dmarc_send_message(struct buf *out, const struct dmarc_send *s,
    const struct dmarc_report *r, struct str to, struct err *e)
{
	struct buf xml = BUF_INIT(XML_MAX), packed = BUF_INIT(XML_MAX);
	const struct gzip *gzip = gzip_load(e);
	bool ok = gzip != NULL;
	if (ok && (!dmarc_report_write(&xml, r, s->form) ||
		      !gzip->pack(buf_str(&xml), &packed)))
		ok = err_set(e, ERR_PERMANENT, _("the report is too large"));
	if (ok)
		message_write(out, s, r, to, buf_str(&packed),
		    clock_wall_s(s->model->clock));
	buf_clear(&xml);
	buf_clear(&packed);
	return ok && (!out->failed || err_set(e, ERR_PERMANENT,
					  _("the report is too large")));
}

static enum dmarc_destination
destination(struct sending *w, struct str domain, struct str uri)
{
	enum dmarc_destination d = DMARC_DESTINATION_UNTESTED;
	struct str organization;
	while (!dmarc_tree_organization(&w->facts, domain, &organization) ||
	       !dmarc_destination_check(&w->facts, w->s->model->arena, domain,
		   organization, uri, &d)) {
		facts_fetch(&w->facts, w->s->dns, NULL);
		if (w->facts.wanted > 0)
			return DMARC_DESTINATION_UNTESTED; /* no memory */
	}
	return d;
}

/* What a failed try leads to, and when the next one is due. */
static enum dmarc_sent
state_after(
    struct sending *w, enum smtp_sent r, int64_t attempts, int64_t *next)
{
	*next = 0;
	switch (r) {
	case SMTP_SENT:
		return DMARC_SENT_DONE;
	case SMTP_SENT_UNKNOWN:
		return DMARC_SENT_SENDING; /* rather not than twice */
	case SMTP_SENT_REFUSED:
		return DMARC_SENT_REFUSED;
	case SMTP_SENT_LATER:
	default:
		break;
	}
	if (attempts >= ATTEMPTS_MAX)
		return DMARC_SENT_REFUSED;
	int64_t wait = RETRY_FIRST_S;
	for (int64_t i = 1; i < attempts && wait < RETRY_LONGEST_S; i++)
		wait *= 2;
	*next = w->now_s + wait;
	return DMARC_SENT_RETRY;
}

static enum smtp_sent
hand_over(struct sending *w, const struct stored_report *r, struct str to,
    uint64_t limit, struct err *e)
{
	const struct dmarc_send *s = w->s;
	struct buf message = BUF_INIT(MESSAGE_MAX);
	enum smtp_sent sent = SMTP_SENT_REFUSED;
	if (dmarc_send_message(&message, s, &r->report, to, e)) {
		if (limit > 0 && message.len > limit) {
			err_set(e, ERR_PERMANENT,
			    _("larger than that address takes"));
		} else {
			const struct smtp_send mail = { .addr = s->server,
				.port = s->port,
				.helo = s->helo,
				.from = sender_of(s, &r->report),
				.to = to,
				.message = buf_str(&message),
				.limit_ms = SEND_LIMIT_MS };
			sent = smtp_send_message(&mail, s->model->clock, e);
		}
	} else if (e->code == ERR_TEMPORARY) {
		sent = SMTP_SENT_LATER;
	}
	buf_clear(&message);
	return sent;
}

/* Send one report to one address; false only when the store fails. */
static bool
send_one(struct sending *w, const struct stored_report *r,
    const struct dmarc_uri *uri, struct dmarc_send_row *row, struct err *e)
{
	struct arena *a = w->s->model->arena;
	struct buf to = BUF_INIT(1024);
	struct err why = ERR_INIT;
	struct dmarc_sending known;
	int64_t next;
	bool claimed, ok;
	if (!dmarc_sent_claim(w->store, r, uri->uri, w->now_s, &claimed, e) ||
	    !dmarc_sent_get(w->store, a, r, uri->uri, &known, e))
		return false;
	row->state = known.state;
	row->reason = known.error;
	if (!claimed)
		return true; /* done, not due, or another run has it */
	row->now = true;
	enum smtp_sent sent = SMTP_SENT_REFUSED;
	if (dmarc_uri_address(uri->uri, &to))
		sent = hand_over(w, r, buf_str(&to), uri->limit, &why);
	else
		err_set(&why, ERR_PERMANENT, _("no mail address"));
	row->state = state_after(w, sent, known.attempts, &next);
	row->reason = arena_str(a, str_of(why.text));
	ok = dmarc_sent_settle(
	    w->store, r, uri->uri, row->state, next, row->reason, e);
	buf_clear(&to);
	return ok;
}

static bool
send_to(struct sending *w, struct stored_report *r, const struct dmarc_uri *uri,
    struct err *e)
{
	struct arena *a = w->s->model->arena;
	struct dmarc_sending known;
	struct dmarc_send_row row = { .domain = r->report.domain,
		.begin = r->report.begin,
		.uri = uri->uri };
	if (!dmarc_sent_get(w->store, a, r, uri->uri, &known, e))
		return false;
	row.state = known.state;
	row.reason = known.error;
	bool due =
	    known.state == DMARC_SENT_NEVER ||
	    (known.state == DMARC_SENT_RETRY && known.next_s <= w->now_s);
	bool ok = true;
	if (due) {
		row.destination = destination(w, r->report.domain, uri->uri);
		bool allowed = row.destination == DMARC_DESTINATION_OWN ||
			       row.destination == DMARC_DESTINATION_VERIFIED;
		if (!allowed)
			row.reason =
			    str_of(_(dmarc_destination_word(row.destination)));
		else if (!w->s->dry_run)
			ok = send_one(w, r, uri, &row, e);
	}
	return vec_push(&w->rows, &row) && ok;
}

/* Is there an address to send it to, and is its day over? */
static bool
is_due(const struct sending *w, const struct stored_report *r)
{
	return r->rua.len > 0 && r->messages > 0 && r->report.end <= w->now_s &&
	       r->report.domain.len > 0 &&
	       (w->s->domain.len == 0 ||
		   str_eq_nocase(w->s->domain, r->report.domain));
}

static void
complete(const struct dmarc_send *s, struct dmarc_report *r, int64_t id)
{
	struct arena *a = s->model->arena;
	if (r->org_name.len == 0)
		r->org_name = str_of(s->helo);
	r->email = sender_of(s, r);
	if (r->id.len == 0)
		r->id = str_of(arena_printf(
		    a, "%lld.%lld", (long long)r->begin, (long long)id));
}

static bool
send_report(struct sending *w, struct stored_report *r, struct err *e)
{
	struct dmarc_uri uris[DMARC_URIS_MAX];
	size_t n = dmarc_uris_parse(r->rua, uris);
	if (n == 0 || !is_due(w, r))
		return true;
	if (!dmarc_store_records(w->store, w->s->model->arena, r, e))
		return false;
	complete(w->s, &r->report, r->id);
	for (size_t i = 0; i < n; i++)
		if (!send_to(w, r, &uris[i], e))
			return false;
	return true;
}

bool
dmarc_send_run(const struct dmarc_send *s, struct dmarc_send_row **rows,
    size_t *n, struct err *e)
{
	struct sending w = { .s = s,
		.rows = VEC_INIT(struct dmarc_send_row),
		.now_s = clock_wall_s(s->model->clock) };
	struct stored_report *reports;
	char path[SYS_PATH_MAX];
	size_t count = 0;
	*n = 0;
	if (!root_path(s->model->root, DMARC_STORE_PATH, path, e) ||
	    !dmarc_store_open(path, DMARC_STORE_PATH, !s->dry_run, &w.store, e))
		return false;
	facts_init(&w.facts, s->model->arena);
	bool ok =
	    dmarc_store_reports(w.store, s->model->arena, &reports, &count, e);
	for (size_t i = 0; ok && i < count; i++)
		ok = send_report(&w, &reports[i], e);
	facts_clear(&w.facts);
	dmarc_store_close(w.store);
	*n = w.rows.len;
	*rows =
	    ARENA_ARRAY(s->model->arena, w.rows.len + 1, struct dmarc_send_row);
	if (w.rows.len > 0)
		memcpy(*rows, w.rows.data, w.rows.len * sizeof(**rows));
	vec_clear(&w.rows);
	return ok;
}
