/* Writing a report of failure. */
#include "core/queue/report.h"

#include "core/mail/date.h"
#include "core/net/addr.h"

#include <inttypes.h>

/* "--TOKEN" on a line, or the last one. */
static void
add_border(const struct queue_report *r, const char *end, struct buf *out)
{
	buf_addf(out, "\n--%016" PRIx64 "%s\n", r->token, end);
}

/* Whole lines of the header, without its empty line. */
static struct str
part_of_head(const struct queue_report *r)
{
	struct str head = r->head, rest = head, line;
	size_t end = 0;
	while (str_next_line(&rest, &line) && line.len > 0) {
		size_t at = rest.ptr != NULL ? head.len - rest.len : head.len;
		if (at > QUEUE_REPORT_HEAD_MAX)
			break;
		end = at;
	}
	return str_sub(head, 0, end);
}

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] > 0x7e)
			return false;
	}
	return true;
}

/* "5.1.1" behind the code, else that it failed for good (RFC 3463). */
static struct str
status_of(struct str text)
{
	struct str rest = text, code = STR_EMPTY, word = STR_EMPTY;
	unsigned dots = 0;
	(void)str_next_word(&rest, &code);
	(void)str_next_word(&rest, &word);
	bool good = word.len >= 5 && word.ptr[0] == '5' && word.ptr[1] == '.';
	for (size_t i = 0; good && i < word.len; i++) {
		bool dot = word.ptr[i] == '.';
		dots += dot;
		good = (dot && i + 1 < word.len && word.ptr[i - 1] != '.') ||
		       (word.ptr[i] >= '0' && word.ptr[i] <= '9');
	}
	return good && dots == 2 ? word : STR("5.0.0");
}

static void
add_words(const struct queue_report *r, struct buf *out)
{
	buf_addf(out,
	    "This is the mail server %.*s.\n\n"
	    "The message whose header is below was not delivered to the "
	    "following\nrecipients, and will not be tried again. All others "
	    "have it.\n",
	    STR_ARG(r->me));
	for (size_t i = 0; i < r->n; i++) {
		const struct queue_failure *f = &r->failures[i];
		buf_add_char(out, '\n');
		mail_path_format_bracketed(out, &f->rcpt);
		buf_add_cstr(out, ":\n    ");
		if (f->host.len > 0)
			buf_addf(
			    out, "server %.*s answers: ", STR_ARG(f->host));
		buf_add_str(out, f->text);
		buf_add_char(out, '\n');
	}
}

/* An address in brackets, as RFC 5321 writes it where a name is expected. */
static void
add_host(struct buf *out, struct str host)
{
	struct net_addr a;
	if (net_addr_parse(host, &a))
		buf_addf(
		    out, "[%s%.*s]", a.is_ipv6 ? "IPv6:" : "", STR_ARG(host));
	else
		buf_add_str(out, host);
}

static void
add_status(const struct queue_report *r, struct buf *out)
{
	buf_addf(out, "Reporting-MTA: dns; %.*s\n", STR_ARG(r->me));
	for (size_t i = 0; i < r->n; i++) {
		const struct queue_failure *f = &r->failures[i];
		buf_add_cstr(out, "\nFinal-Recipient: rfc822; ");
		mail_path_format(out, &f->rcpt);
		buf_addf(out, "\nAction: failed\nStatus: %.*s",
		    STR_ARG(status_of(f->text)));
		if (f->host.len > 0) {
			buf_add_cstr(out, "\nRemote-MTA: dns; ");
			add_host(out, f->host);
		}
		buf_addf(
		    out, "\nDiagnostic-Code: smtp; %.*s\n", STR_ARG(f->text));
	}
}

static void
add_header(const struct queue_report *r, const char *encoding, struct buf *out)
{
	char date[MAIL_DATE_SIZE];
	buf_addf(out, "From: Mail Delivery System <MAILER-DAEMON@%.*s>\nTo: ",
	    STR_ARG(r->me));
	mail_path_format_bracketed(out, r->to);
	buf_addf(out,
	    "\nSubject: Not delivered to all recipients\nDate: %s\n"
	    "Message-Id: <%016" PRIx64 ".%" PRId64 "@%.*s>\n"
	    "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
	    "Content-Type: multipart/report; report-type=delivery-status;\n"
	    "\tboundary=\"%016" PRIx64 "\"\n%s\n",
	    mail_date_format(r->now_s, date), r->token, r->now_s,
	    STR_ARG(r->me), r->token, encoding);
}

bool
queue_report_format(
    const struct queue_report *r, struct buf *head, struct buf *body)
{
	struct str theirs = part_of_head(r);
	const char *encoding =
	    is_ascii(theirs) ? "" : "Content-Transfer-Encoding: 8bit\n";
	add_header(r, encoding, head);
	add_border(r, "", body);
	buf_add_cstr(body, "Content-Type: text/plain; charset=us-ascii\n\n");
	add_words(r, body);
	add_border(r, "", body);
	buf_add_cstr(body, "Content-Type: message/delivery-status\n\n");
	add_status(r, body);
	add_border(r, "", body);
	buf_addf(body, "Content-Type: text/rfc822-headers\n%s\n", encoding);
	buf_add_str(body, theirs);
	add_border(r, "--", body);
	return !head->failed && !body->failed;
}
