/* Which parser reads which service, names, and fields of any event. */
#include "core/maillog/parse.h"

#include "core/base/compiler.h"
#include "core/maillog/parse_int.h"

#include <limits.h>

static const struct {
	const char *service;
	enum maillog_form form;
} services[] = {
	{ "qpsmtpd", MAILLOG_FORM_QPSMTPD },
	{ "smemail-filterd", MAILLOG_FORM_QPSMTPD },
	{ "sqpsmtpd", MAILLOG_FORM_QPSMTPD },
	{ "uqpsmtpd", MAILLOG_FORM_QPSMTPD },
	{ "qmail", MAILLOG_FORM_QMAIL },
	{ "qmail-send", MAILLOG_FORM_QMAIL },
	{ "spamd", MAILLOG_FORM_SPAMD },
	{ "spamassassin", MAILLOG_FORM_SPAMD },
	{ "clamd", MAILLOG_FORM_CLAMD },
	{ "freshclam", MAILLOG_FORM_CLAMD },
	{ "clamav", MAILLOG_FORM_CLAMD },
	{ "dovecot", MAILLOG_FORM_DOVECOT },
	{ "imap", MAILLOG_FORM_DOVECOT },
	{ "imaps", MAILLOG_FORM_DOVECOT },
	{ "pop3", MAILLOG_FORM_DOVECOT },
	{ "pop3s", MAILLOG_FORM_DOVECOT },
	{ "tcpsvd", MAILLOG_FORM_DOVECOT },
	{ "fetchmail", MAILLOG_FORM_FETCHMAIL },
	{ "postfix", MAILLOG_FORM_POSTFIX },
	{ "maillog", MAILLOG_FORM_SYSLOG },
	{ "mail", MAILLOG_FORM_SYSLOG },
	{ "mail.log", MAILLOG_FORM_SYSLOG },
	{ "messages", MAILLOG_FORM_SYSLOG },
	{ "syslog", MAILLOG_FORM_SYSLOG },
	{ "journal", MAILLOG_FORM_SYSLOG },
};

static const char *const kind_names[MAILLOG_N_KINDS] = {
	[MAILLOG_OTHER] = "other",
	[MAILLOG_ACCEPTED] = "accepted",
	[MAILLOG_CONNECT] = "connect",
	[MAILLOG_COMMAND] = "command",
	[MAILLOG_REPLY] = "reply",
	[MAILLOG_TAKEN] = "taken",
	[MAILLOG_DENY_MAIL] = "deny-mail",
	[MAILLOG_SPOOLING] = "spooling",
	[MAILLOG_TIMEOUT] = "timeout",
	[MAILLOG_BUSY] = "busy",
	[MAILLOG_DISCONNECT] = "disconnect",
	[MAILLOG_CLEANUP] = "cleanup",
	[MAILLOG_TOO_BIG] = "too-big",
	[MAILLOG_CORE] = "core",
	[MAILLOG_PLUGIN] = "plugin",
	[MAILLOG_QUEUEING] = "queueing",
	[MAILLOG_LOGTERSE] = "logterse",
	[MAILLOG_LOGTERSE_SHORT] = "logterse-short",
	[MAILLOG_QMAIL_NEW] = "new",
	[MAILLOG_QMAIL_INFO] = "info",
	[MAILLOG_QMAIL_START] = "start",
	[MAILLOG_QMAIL_START_ODD] = "start-unparsable",
	[MAILLOG_QMAIL_DELIVERY] = "delivery",
	[MAILLOG_QMAIL_STATUS] = "status",
	[MAILLOG_QMAIL_EXITING] = "exiting",
	[MAILLOG_QMAIL_BOUNCE] = "bounce",
	[MAILLOG_QMAIL_TRIPLE] = "triple-bounce",
	[MAILLOG_QMAIL_END] = "end",
	[MAILLOG_QMAIL_WARNING] = "warning",
	[MAILLOG_QMAIL_ALERT] = "alert",
	[MAILLOG_SPAMD_CONNECTION] = "spamd-connection",
	[MAILLOG_SPAMD_SETUID] = "spamd-setuid",
	[MAILLOG_SPAMD_START] = "spamd-start",
	[MAILLOG_SPAMD_DONE] = "spamd-done",
	[MAILLOG_SPAMD_RESULT] = "spamd-result",
	[MAILLOG_SPAMD_CHILDREN] = "spamd-children",
	[MAILLOG_SPAMD_SERVER] = "spamd-server",
	[MAILLOG_SPAMD_TEXT] = "spamd-text",
	[MAILLOG_CLAMD_OK] = "clamd-ok",
	[MAILLOG_CLAMD_FOUND] = "clamd-found",
	[MAILLOG_CLAMD_ERROR] = "clamd-error",
	[MAILLOG_CLAMD_SELFCHECK] = "clamd-selfcheck",
	[MAILLOG_CLAMD_RELOADED] = "clamd-reloaded",
	[MAILLOG_CLAMD_STARTED] = "clamd-started",
	[MAILLOG_CLAMD_STOPPED] = "clamd-stopped",
	[MAILLOG_DOVECOT_LOGIN] = "dovecot-login",
	[MAILLOG_DOVECOT_LOGIN_FAILED] = "dovecot-login-failed",
	[MAILLOG_DOVECOT_ABORTED] = "dovecot-aborted",
	[MAILLOG_DOVECOT_USERIP_LIMIT] = "dovecot-userip-limit",
	[MAILLOG_DOVECOT_PROCESS_LIMIT] = "dovecot-process-limit",
	[MAILLOG_DOVECOT_LOGOUT] = "dovecot-logout",
	[MAILLOG_DOVECOT_AUTH_FAILED] = "dovecot-auth-failed",
	[MAILLOG_DOVECOT_DELIVERED] = "dovecot-delivered",
	[MAILLOG_DOVECOT_TEXT] = "dovecot-text",
	[MAILLOG_TCPSVD_STATUS] = "tcpsvd-status",
	[MAILLOG_TCPSVD_PID] = "tcpsvd-pid",
	[MAILLOG_TCPSVD_CONCURRENCY] = "tcpsvd-concurrency",
	[MAILLOG_TCPSVD_START] = "tcpsvd-start",
	[MAILLOG_TCPSVD_DENY] = "tcpsvd-deny",
	[MAILLOG_TCPSVD_END] = "tcpsvd-end",
	[MAILLOG_TCPSVD_TEXT] = "tcpsvd-text",
	[MAILLOG_FETCHMAIL_POLL] = "fetchmail-poll",
	[MAILLOG_FETCHMAIL_MESSAGES] = "fetchmail-messages",
	[MAILLOG_FETCHMAIL_READING] = "fetchmail-reading",
	[MAILLOG_FETCHMAIL_REFUSED] = "fetchmail-refused",
	[MAILLOG_FETCHMAIL_CONNECT] = "fetchmail-connect",
	[MAILLOG_FETCHMAIL_AUTH] = "fetchmail-auth",
	[MAILLOG_FETCHMAIL_QUERY] = "fetchmail-query",
	[MAILLOG_FETCHMAIL_DAEMON] = "fetchmail-daemon",
	[MAILLOG_FETCHMAIL_TEXT] = "fetchmail-text",
	[MAILLOG_POSTFIX_CONNECT] = "postfix-connect",
	[MAILLOG_POSTFIX_DISCONNECT] = "postfix-disconnect",
	[MAILLOG_POSTFIX_CLIENT] = "postfix-client",
	[MAILLOG_POSTFIX_PICKUP] = "postfix-pickup",
	[MAILLOG_POSTFIX_MID] = "postfix-message-id",
	[MAILLOG_POSTFIX_FROM] = "postfix-from",
	[MAILLOG_POSTFIX_DELIVERY] = "postfix-delivery",
	[MAILLOG_POSTFIX_REJECT] = "postfix-reject",
	[MAILLOG_POSTFIX_BOUNCE] = "postfix-bounce",
	[MAILLOG_POSTFIX_REMOVED] = "postfix-removed",
	[MAILLOG_POSTFIX_TEXT] = "postfix-text",
};

enum maillog_form
maillog_form_of(struct str service)
{
	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		if (str_is(service, services[i].service))
			return services[i].form;
	return MAILLOG_FORM_NONE;
}

const char *
maillog_kind_name(enum maillog_kind kind)
{
	return kind_names[kind];
}

const char *
maillog_result_name(enum maillog_result result)
{
	static const char *const names[] = {
		[MAILLOG_NO_RESULT] = "",
		[MAILLOG_PASS] = "pass",
		[MAILLOG_FAIL] = "fail",
		[MAILLOG_TOLERATED] = "tolerated",
		[MAILLOG_NAUGHTY] = "naughty",
		[MAILLOG_SKIP] = "skip",
		[MAILLOG_ERROR] = "error",
		[MAILLOG_POSITIVE] = "positive",
		[MAILLOG_NEGATIVE] = "negative",
		[MAILLOG_SUCCESS] = "success",
		[MAILLOG_FAILURE] = "failure",
		[MAILLOG_DEFERRAL] = "deferral",
		[MAILLOG_MANGLED] = "mangled",
		[MAILLOG_EXPIRED] = "expired",
	};
	return names[result];
}

const char *
maillog_severity_name(enum maillog_severity severity)
{
	static const char *const names[] = {
		[MAILLOG_DEBUG] = "debug",
		[MAILLOG_INFO] = "info",
		[MAILLOG_NOTICE] = "notice",
		[MAILLOG_WARNING] = "warning",
		[MAILLOG_SEVERE] = "error",
	};
	return names[severity];
}

/* The form of the lines of a program in a common log. */
static enum maillog_form
form_of_program(struct str program)
{
	if (str_starts(program, STR("postfix")))
		return MAILLOG_FORM_POSTFIX;
	if (str_starts(program, STR("dovecot")) ||
	    str_starts(program, STR("imap")) ||
	    str_starts(program, STR("pop3")))
		return MAILLOG_FORM_DOVECOT;
	enum maillog_form form = maillog_form_of(program);
	return form == MAILLOG_FORM_SYSLOG ? MAILLOG_FORM_NONE : form;
}

/*
 * Go past "[HOST ]PROGRAM[PID]: "; false when *text does not begin so. *pid
 * is 0 where there is none.
 */
static bool
maillog_syslog_prefix(
    struct str *text, struct str *host, struct str *program, uint32_t *pid)
{
	struct scan s = scan_of(*text);
	bool found, closed;
	struct str word = scan_until(&s, ' ', &found);
	*host = (struct str)STR_EMPTY;
	*pid = 0;
	if (!found || word.len == 0)
		return false;
	if (word.ptr[word.len - 1] != ':') {
		*host = word;
		word = scan_until(&s, ' ', &found);
	}
	if (!found || word.len < 2 || word.ptr[word.len - 1] != ':')
		return false;
	word.len--;
	struct scan name = scan_of(word);
	*program = scan_until(&name, '[', &found);
	if (found) {
		struct str number = scan_until(&name, ']', &closed);
		struct scan digits = scan_of(number);
		if (!closed || !scan_u32(&digits, pid))
			return false;
	}
	*text = scan_rest(&s);
	return true;
}

static void
parse_syslog(enum maillog_form form, struct str text, struct maillog_event *out)
{
	struct str host, program, rest = text;
	uint32_t pid;
	if (!maillog_syslog_prefix(&rest, &host, &program, &pid)) {
		if (form != MAILLOG_FORM_SYSLOG)
			maillog_parse(form, text, out);
		return;
	}
	/* a log of one service: "auth-worker(1): Info: ..." is its text */
	if (form != MAILLOG_FORM_SYSLOG && host.len == 0)
		rest = text;
	if (form == MAILLOG_FORM_SYSLOG)
		form = form_of_program(program);
	maillog_parse(form, rest, out);
	if (out->pid == 0)
		out->pid = pid;
}

void
maillog_parse(
    enum maillog_form form, struct str text, struct maillog_event *out)
{
	static maillog_parser *const parsers[] = {
		[MAILLOG_FORM_NONE] = NULL,
		[MAILLOG_FORM_QPSMTPD] = parse_qpsmtpd,
		[MAILLOG_FORM_QMAIL] = parse_qmail,
		[MAILLOG_FORM_SPAMD] = parse_spamd,
		[MAILLOG_FORM_CLAMD] = parse_clamd,
		[MAILLOG_FORM_DOVECOT] = parse_dovecot,
		[MAILLOG_FORM_FETCHMAIL] = parse_fetchmail,
		[MAILLOG_FORM_POSTFIX] = parse_postfix,
		[MAILLOG_FORM_SYSLOG] = NULL,
	};
	out->kind = MAILLOG_OTHER;
	out->verdict = MAILLOG_NO_VERDICT;
	out->result = MAILLOG_NO_RESULT;
	out->severity = MAILLOG_INFO;
	out->pid = 0;
	out->text = text;
	if (text.len == 0)
		return;
	if (parsers[form] != NULL)
		parsers[form](text, out);
	else if (form == MAILLOG_FORM_SYSLOG)
		parse_syslog(form, text, out);
}

void
maillog_parse_stamped(enum maillog_form form, enum stamp_kind stamp,
    struct str text, struct maillog_event *out)
{
	if (stamp != STAMP_SYSLOG || form == MAILLOG_FORM_SYSLOG) {
		maillog_parse(form, text, out);
		return;
	}
	out->kind = MAILLOG_OTHER;
	out->verdict = MAILLOG_NO_VERDICT;
	out->result = MAILLOG_NO_RESULT;
	out->severity = MAILLOG_INFO;
	out->pid = 0;
	out->text = text;
	parse_syslog(form, text, out);
}

bool
maillog_recipient_next(struct str *recipients, struct str *address)
{
	struct str s = *recipients;
	if (s.len == 0)
		return false;
	/* an address may hold a comma, in quotes: only ">,<" parts two */
	size_t end = str_find_str(s, STR(">,<"));
	struct str one = str_sub(s, 0, end);
	*recipients = str_sub(s, end + 2, s.len);
	if (str_starts(one, STR("<")))
		one = str_sub(one, 1, one.len);
	if (str_ends(one, STR(">")))
		one = str_sub(one, 0, one.len - 1);
	*address = one;
	return true;
}

bool
maillog_decimal(struct str text, int decimals, int64_t *out)
{
	struct scan s = scan_of(text);
	bool minus = s.p < s.end && *s.p == '-';
	int64_t v = 0;
	int digits = 0, after = -1; /* digits behind the point */
	if (s.p < s.end && (*s.p == '-' || *s.p == '+'))
		s.p++;
	for (; s.p < s.end; s.p++) {
		if (*s.p == '.' && after < 0) {
			after = 0;
			continue;
		}
		if (!ascii_is_digit(*s.p))
			return false;
		digits++;
		if (after >= decimals)
			continue;
		if (v > (INT64_MAX - 9) / 10)
			return false;
		v = v * 10 + (*s.p - '0');
		if (after >= 0)
			after++;
	}
	for (int i = after < 0 ? 0 : after; i < decimals; i++) {
		if (v > INT64_MAX / 10)
			return false;
		v *= 10;
	}
	*out = minus ? -v : v;
	return digits > 0;
}
