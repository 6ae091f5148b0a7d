/*
 * Lines of fetchmail (LG-43). Several events may share a line: what is shown of
 * it is the first; maillog_fetchmail_next has them all.
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

/* "No mail for USER at HOST": polled, as said above. */
static void
no_mail(struct scan s, struct maillog_event *out)
{
	bool found;
	struct str account = scan_rest(&s);
	(void)scan_until(&s, ' ', &found);
	if (!TAKE(&s, "at ") || s.p == s.end)
		return;
	(void)scan_until(&s, ' ', &found);
	account.len = (size_t)((found ? s.p - 1 : s.end) - account.ptr);
	out->fetch.account = account;
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
	} else if (named && TAKE(&s, "No mail for ")) {
		no_mail(s, out);
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

/* Where the next event begins, behind the first character; or the end. */
static size_t
next_event(struct str line)
{
	static const char *const beginnings[] = { "reading message ",
		"SMTP error: ", "SMTP connect to ", "SMTP transaction error ",
		"Authorization failure on " };
	size_t next = line.len;
	struct str behind = str_sub(line, 1, line.len);
	for (size_t i = 0; i < ARRAY_LEN(beginnings); i++) {
		size_t at = str_find_str(behind, str_of(beginnings[i])) + 1;
		next = at < next ? at : next;
	}
	return next;
}

bool
maillog_fetchmail_next(struct str *rest, struct maillog_event *out)
{
	struct str name = STR("fetchmail: "), reading_next;
	*rest = str_trim(*rest);
	if (rest->len == 0)
		return false;
	size_t end = next_event(*rest);
	if (str_starts(*rest, name)) {
		struct str behind = str_sub(*rest, name.len, rest->len);
		end = behind.len > 0 ? name.len + next_event(behind) : end;
	}
	struct str one = str_sub(*rest, 0, end);
	*rest = str_sub(*rest, end, rest->len);
	memset(out, 0, sizeof(*out));
	parse_fetchmail(one, out);
	if (out->kind != MAILLOG_FETCHMAIL_READING ||
	    out->result != MAILLOG_NO_RESULT)
		return true;
	/* the server's refusal comes before what became of the message */
	reading_next =
	    str_sub(*rest, 0, str_find_str(*rest, STR("reading message ")));
	if (str_find_str(reading_next, STR("not flushed")) < reading_next.len)
		out->result = MAILLOG_FAIL;
	return true;
}
