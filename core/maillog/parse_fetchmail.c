/*
 * Lines of fetchmail (LG-43). Several events may share a line; the kind is
 * that of the first one known, the numbers are those of all.
 */
#include "core/maillog/parse_int.h"

#include "core/base/compiler.h"

static bool
take_until_text(struct scan *s, const char *text, struct str *before)
{
	const char *at = scan_find(s, text);
	if (at == NULL)
		return false;
	*before = str_n(s->p, (size_t)(at - s->p));
	s->p = at + strlen(text);
	return true;
}

/* "N message(s) for USER at HOST (N octets)." */
static void
messages(struct scan s, struct maillog_event *out)
{
	struct str account;
	bool found;
	if (!scan_u32(&s, &out->fetch.count) ||
	    !(TAKE(&s, " messages ") || TAKE(&s, " message ")))
		return;
	/* "5 messages (4 seen) for" */
	if (!TAKE(&s, "for ") && !take_until_text(&s, ") for ", &account))
		return;
	account = scan_until(&s, ' ', &found);
	if (!TAKE(&s, "at "))
		return;
	const char *from = account.ptr;
	(void)scan_until(&s, ' ', &found);
	const char *end = found ? s.p - 1 : s.end;
	if (!found && end > from && end[-1] == '.')
		end--;
	/* as written: "USER at HOST" */
	out->fetch.account = str_n(from, (size_t)(end - from));
	if (TAKE(&s, "("))
		(void)scan_u64(&s, &out->fetch.size);
	out->kind = MAILLOG_FETCHMAIL_MESSAGES;
}

/* "USER@HOST:I of N (N octets) [not ]flushed" */
static void
reading(struct scan s, struct maillog_event *out)
{
	const char *of = scan_find(&s, " of ");
	struct str head = scan_rest(&s);
	if (of == NULL)
		return;
	head.len = (size_t)(of - s.p);
	const char *colon = memrchr(head.ptr, ':', head.len);
	if (colon == NULL)
		return;
	out->fetch.account = str_n(head.ptr, (size_t)(colon - head.ptr));
	struct scan n = { colon + 1, of };
	s.p = of + 4;
	if (!scan_u32(&n, &out->fetch.number) ||
	    !scan_u32(&s, &out->fetch.count))
		return;
	if (TAKE(&s, " ("))
		(void)scan_u64(&s, &out->fetch.size);
	if (scan_find(&s, "not flushed") != NULL)
		out->result = MAILLOG_FAIL;
	else if (scan_find(&s, "flushed") != NULL)
		out->result = MAILLOG_PASS;
	out->kind = MAILLOG_FETCHMAIL_READING;
}

static void
trouble(struct scan s, enum maillog_kind kind, struct maillog_event *out)
{
	bool found;
	out->kind = (uint8_t)kind;
	out->severity = MAILLOG_WARNING;
	if (kind == MAILLOG_FETCHMAIL_REFUSED)
		(void)scan_u32(&s, &out->fetch.code);
	else
		out->fetch.account = scan_until(&s, ' ', &found);
}

void
parse_fetchmail(struct str text, struct maillog_event *out)
{
	struct scan s = scan_of(text);
	memset(&out->fetch, 0, sizeof(out->fetch));
	bool named = TAKE(&s, "fetchmail: ");
	out->text = scan_rest(&s);
	if (named)
		out->kind = MAILLOG_FETCHMAIL_TEXT;
	if (s.p < s.end && ascii_is_digit(*s.p)) {
		messages(s, out);
	} else if (TAKE(&s, "reading message ")) {
		reading(s, out);
	} else if (TAKE(&s, "SMTP error: ")) {
		trouble(s, MAILLOG_FETCHMAIL_REFUSED, out);
	} else if (TAKE(&s, "SMTP connect to ")) {
		trouble(s, MAILLOG_FETCHMAIL_CONNECT, out);
	} else if (TAKE(&s, "SMTP transaction error while fetching from ")) {
		trouble(s, MAILLOG_FETCHMAIL_CONNECT, out);
	} else if (TAKE(&s, "Authorization failure on ")) {
		trouble(s, MAILLOG_FETCHMAIL_AUTH, out);
	} else if (TAKE(&s, "Query status=")) {
		bool found;
		(void)scan_u32(&s, &out->fetch.code);
		(void)TAKE(&s, " (");
		out->text = scan_until(&s, ')', &found);
		out->kind = MAILLOG_FETCHMAIL_QUERY;
		/* 1: no mail */
		if (out->fetch.code > 1)
			out->severity = MAILLOG_WARNING;
	} else if (AT(&s, "awakened ") || AT(&s, "sleeping ") ||
		   AT(&s, "starting fetchmail ") ||
		   AT(&s, "terminated with ")) {
		out->kind = MAILLOG_FETCHMAIL_DAEMON;
	} else {
		struct str account = scan_value(&s, " querying ", ' ');
		if (account.len > 0 && named) {
			out->fetch.account = account;
			out->kind = MAILLOG_FETCHMAIL_POLL;
		}
	}
}
