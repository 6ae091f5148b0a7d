/* Lines of qmail-send (LG-33). */
#include "core/maillog/parse_int.h"

#include "core/base/compiler.h"

static void
clear(struct maillog_event *out)
{
	memset(&out->qmail, 0, sizeof(out->qmail));
}

/* "new msg M", "end msg M": nothing follows the number. */
static void
only_msg(struct scan s, enum maillog_kind kind, struct maillog_event *out)
{
	clear(out);
	if (scan_u64(&s, &out->qmail.msg) && s.p == s.end)
		out->kind = (uint8_t)kind;
}

/*
 * "M: bytes B from <SENDER> qp Q uid U": the sender may hold anything but a
 * space, so the end is looked for from the end.
 */
static void
info(struct scan s, struct maillog_event *out)
{
	clear(out);
	if (!scan_u64(&s, &out->qmail.msg) || !TAKE(&s, ": bytes ") ||
	    !scan_u64(&s, &out->qmail.bytes) || !TAKE(&s, " from <"))
		return;
	const char *close = memrchr(s.p, '>', scan_left(&s));
	if (close == NULL)
		return;
	out->qmail.address = str_n(s.p, (size_t)(close - s.p));
	s.p = close;
	if (TAKE(&s, "> qp ") && scan_u32(&s, &out->qmail.qp) &&
	    TAKE(&s, " uid ") && scan_u32(&s, &out->qmail.uid) && s.p == s.end)
		out->kind = MAILLOG_QMAIL_INFO;
}

/* "D: msg M to local|remote ADDRESS" */
static void
starting(struct scan s, struct maillog_event *out)
{
	clear(out);
	if (!scan_u64(&s, &out->qmail.delivery) || !TAKE(&s, ": msg ") ||
	    !scan_u64(&s, &out->qmail.msg) || !TAKE(&s, " to "))
		return;
	out->kind = MAILLOG_QMAIL_START;
	if (TAKE(&s, "remote ")) {
		out->qmail.remote = true;
	} else if (!TAKE(&s, "local ")) {
		out->kind = MAILLOG_QMAIL_START_ODD;
		out->text = scan_rest(&s);
	}
	out->qmail.address = scan_rest(&s);
}

/* "D: success: TEXT" and so on. */
static void
delivery(struct scan s, struct maillog_event *out)
{
	clear(out);
	if (!scan_u64(&s, &out->qmail.delivery) || !TAKE(&s, ": "))
		return;
	if (TAKE(&s, "success: ")) {
		out->result = MAILLOG_SUCCESS;
	} else if (TAKE(&s, "failure: ")) {
		out->result = MAILLOG_FAILURE;
		out->severity = MAILLOG_WARNING;
	} else if (TAKE(&s, "deferral: ")) {
		out->result = MAILLOG_DEFERRAL;
		out->severity = MAILLOG_NOTICE;
	} else if (AT(&s, "report mangled, will defer")) {
		out->result = MAILLOG_MANGLED;
		out->severity = MAILLOG_WARNING;
	} else {
		return;
	}
	out->text = scan_rest(&s);
	out->kind = MAILLOG_QMAIL_DELIVERY;
}

/* "local R/LMAX remote R/RMAX[ exitasap]" */
static void
status(struct scan s, struct maillog_event *out)
{
	if (AT(&s, "exiting")) {
		out->kind = MAILLOG_QMAIL_EXITING;
		return;
	}
	if (!TAKE(&s, "local ") || !scan_u32(&s, &out->status.local) ||
	    !TAKE(&s, "/") || !scan_u32(&s, &out->status.local_max) ||
	    !TAKE(&s, " remote ") || !scan_u32(&s, &out->status.remote) ||
	    !TAKE(&s, "/") || !scan_u32(&s, &out->status.remote_max))
		return;
	out->status.exit_asap = AT(&s, " exitasap");
	out->kind = MAILLOG_QMAIL_STATUS;
}

/* "M qp Q" */
static void
bounce(struct scan s, struct maillog_event *out)
{
	clear(out);
	if (scan_u64(&s, &out->qmail.msg) && TAKE(&s, " qp ") &&
	    scan_u32(&s, &out->qmail.qp) && s.p == s.end) {
		out->kind = MAILLOG_QMAIL_BOUNCE;
		out->severity = MAILLOG_NOTICE;
	}
}

/* "discarding bounce/M" */
static void
triple(struct scan s, struct maillog_event *out)
{
	clear(out);
	if (TAKE(&s, "discarding bounce/") && scan_u64(&s, &out->qmail.msg)) {
		out->kind = MAILLOG_QMAIL_TRIPLE;
		out->severity = MAILLOG_WARNING;
	}
}

static void
said(struct scan s, enum maillog_kind kind, enum maillog_severity severity,
    struct maillog_event *out)
{
	out->kind = (uint8_t)kind;
	out->severity = (uint8_t)severity;
	out->text = scan_rest(&s);
}

/* splogger puts "SECONDS.MICROSECONDS " in front. */
static void
skip_time(struct scan *s)
{
	struct scan at = *s;
	uint64_t v;
	if (scan_u64(&at, &v) && TAKE(&at, ".") && scan_u64(&at, &v) &&
	    TAKE(&at, " "))
		*s = at;
}

void
parse_qmail(struct str text, struct maillog_event *out)
{
	struct scan s = scan_of(text);
	if (s.p < s.end && ascii_is_digit(*s.p))
		skip_time(&s);
	out->text = scan_rest(&s);
	if (TAKE(&s, "status: "))
		status(s, out);
	else if (TAKE(&s, "starting delivery "))
		starting(s, out);
	else if (TAKE(&s, "delivery "))
		delivery(s, out);
	else if (TAKE(&s, "info msg "))
		info(s, out);
	else if (TAKE(&s, "new msg "))
		only_msg(s, MAILLOG_QMAIL_NEW, out);
	else if (TAKE(&s, "end msg "))
		only_msg(s, MAILLOG_QMAIL_END, out);
	else if (TAKE(&s, "bounce msg "))
		bounce(s, out);
	else if (TAKE(&s, "triple bounce: "))
		triple(s, out);
	else if (TAKE(&s, "warning: "))
		said(s, MAILLOG_QMAIL_WARNING, MAILLOG_WARNING, out);
	else if (TAKE(&s, "alert: "))
		said(s, MAILLOG_QMAIL_ALERT, MAILLOG_SEVERE, out);
}
