/* Lines of tcpsvd, which older releases put in front of imap (LG-42). */
#include "core/maillog/parse_int.h"

static bool
running_of_max(struct scan *s, struct maillog_event *out)
{
	return scan_u32(s, &out->supervisor.running) && TAKE(s, "/") &&
	       scan_u32(s, &out->supervisor.max);
}

/* The address of "NAME:IP:PORT" ("::IP:PORT" without a name). */
static struct str
remote_ip(struct str remote)
{
	const char *port = memrchr(remote.ptr, ':', remote.len);
	struct str none = STR_EMPTY;
	if (port == NULL)
		return none;
	size_t n = (size_t)(port - remote.ptr);
	const char *name = memrchr(remote.ptr, ':', n);
	if (name == NULL)
		return none;
	return str_n(name + 1, (size_t)(port - name - 1));
}

/* "P LOCAL REMOTE[ RULE]" */
static bool
ends_of(struct scan *s, struct maillog_event *out)
{
	bool found;
	if (!scan_u32(s, &out->pid) || !TAKE(s, " "))
		return false;
	out->supervisor.local = scan_until(s, ' ', &found);
	out->supervisor.remote = scan_until(s, ' ', &found);
	out->supervisor.rule = scan_rest(s);
	if (out->supervisor.remote.len > 0)
		out->supervisor.ip = remote_ip(out->supervisor.remote);
	return true;
}

static void
info(struct scan s, struct maillog_event *out)
{
	if (TAKE(&s, "status ")) {
		if (running_of_max(&s, out))
			out->kind = MAILLOG_TCPSVD_STATUS;
	} else if (TAKE(&s, "pid ")) {
		if (!scan_u32(&s, &out->pid))
			return;
		(void)TAKE(&s, " from ");
		out->supervisor.ip = scan_rest(&s);
		out->kind = MAILLOG_TCPSVD_PID;
	} else if (TAKE(&s, "concurrency ")) {
		bool found;
		if (!scan_u32(&s, &out->pid) || !TAKE(&s, " "))
			return;
		out->supervisor.ip = scan_until(&s, ' ', &found);
		if (running_of_max(&s, out))
			out->kind = MAILLOG_TCPSVD_CONCURRENCY;
	} else if (TAKE(&s, "start ")) {
		if (ends_of(&s, out))
			out->kind = MAILLOG_TCPSVD_START;
	} else if (TAKE(&s, "deny ")) {
		if (!ends_of(&s, out))
			return;
		out->kind = MAILLOG_TCPSVD_DENY;
		out->severity = MAILLOG_NOTICE;
	} else if (TAKE(&s, "end ")) {
		if (scan_u32(&s, &out->pid) && TAKE(&s, " exit ") &&
		    scan_u32(&s, &out->supervisor.code))
			out->kind = MAILLOG_TCPSVD_END;
	}
}

void
parse_tcpsvd(struct str text, struct maillog_event *out)
{
	struct scan s = scan_of(text);
	if (!TAKE(&s, "tcpsvd: "))
		return;
	memset(&out->supervisor, 0, sizeof(out->supervisor));
	out->kind = MAILLOG_TCPSVD_TEXT;
	if (TAKE(&s, "warning: ") || TAKE(&s, "drop: "))
		out->severity = MAILLOG_WARNING;
	else if (TAKE(&s, "fatal: "))
		out->severity = MAILLOG_SEVERE;
	else if (TAKE(&s, "info: "))
		info(s, out);
	out->text = scan_rest(&s);
	if (out->kind == MAILLOG_TCPSVD_TEXT)
		out->pid = 0;
}
