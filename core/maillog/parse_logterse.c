/* Verdict lines: the tab-parted fields of logterse (LG-30 to LG-32). */
#include "core/maillog/parse_int.h"

#include "core/base/compiler.h"

enum {
	FIELDS = 9,
	FIELDS_FULL = 8, /* the public version lacks the ninth */
	SCORE_DIGITS = 15,
	CODE_FIRST = 901,
	CODE_LAST = 904,
};

/* LG-32: "(Yes|No), (score|hits)=N" */
static struct str
spam_score(struct str status)
{
	struct scan s = scan_of(status);
	struct str none = STR_EMPTY;
	if (!TAKE(&s, "Yes, ") && !TAKE(&s, "No, "))
		return none;
	if (!TAKE(&s, "score=") && !TAKE(&s, "hits="))
		return none;
	const char *p = s.p;
	int digits = 0, points = 0;
	if (p < s.end && (*p == '-' || *p == '+'))
		p++;
	for (; p < s.end; p++) {
		if (*p == '.' && digits > 0 && points == 0)
			points++;
		else if (ascii_is_digit(*p) && digits < SCORE_DIGITS)
			digits++;
		else
			break;
	}
	return digits > 0 ? str_n(s.p, (size_t)(p - s.p)) : none;
}

static struct str
without_brackets(struct str s)
{
	if (s.len > 2 && s.ptr[0] == '<' && s.ptr[s.len - 1] == '>')
		return str_n(s.ptr + 1, s.len - 2);
	return s;
}

/* An address may carry ":port", an IPv6 address in brackets then. */
static struct str
without_port(struct str ip)
{
	const char *close =
	    ip.len > 0 && ip.ptr[0] == '[' ? memchr(ip.ptr, ']', ip.len) : NULL;
	if (close != NULL)
		return str_n(ip.ptr + 1, (size_t)(close - ip.ptr - 1));
	const char *colon = ip.len > 0 ? memchr(ip.ptr, ':', ip.len) : NULL;
	if (colon == NULL)
		return ip;
	size_t n = (size_t)(colon - ip.ptr);
	if (memchr(colon + 1, ':', ip.len - n - 1) != NULL)
		return ip; /* IPv6 */
	return str_n(ip.ptr, n);
}

/* 901 to 904, else 0. */
static uint32_t
code_of(struct str s)
{
	if (s.len != 3 || s.ptr[0] != '9' || s.ptr[1] != '0')
		return 0;
	uint32_t code = CODE_FIRST - 1 + (uint32_t)(s.ptr[2] - '0');
	return code >= CODE_FIRST && code <= CODE_LAST ? code : 0;
}

/* LG-30: too few fields; the rule stands before a code, if there is one. */
static void
short_verdict(const struct str *field, size_t n, struct maillog_event *out)
{
	struct str none = STR_EMPTY;
	out->kind = MAILLOG_LOGTERSE_SHORT;
	out->terse.rule = STR("unknown");
	out->terse.sender = out->terse.recipients = none;
	out->terse.code_text = out->terse.reason = none;
	out->terse.extra = out->terse.score = none;
	out->terse.code = 0;
	for (size_t i = 1; i < n; i++) {
		if (code_of(field[i]) == 0)
			continue;
		out->terse.rule = field[i - 1];
		out->terse.code_text = field[i];
	}
}

static void
full_verdict(const struct str *field, struct maillog_event *out)
{
	out->kind = MAILLOG_LOGTERSE;
	out->terse.sender = without_brackets(field[3]);
	out->terse.recipients = field[4];
	out->terse.rule = field[5];
	out->terse.code_text = field[6];
	out->terse.reason = field[7];
	out->terse.extra = field[8];
	out->terse.score = spam_score(field[8]);
	out->verdict =
	    str_is(field[5], "queued") ? MAILLOG_QUEUED : MAILLOG_REFUSED;
}

void
parse_logterse(struct str text, struct str hook, struct str name,
    struct maillog_event *out)
{
	struct str field[FIELDS];
	struct scan s = scan_of(text);
	size_t n = 0;
	bool more = true;
	while (more && n < FIELDS - 1)
		field[n++] = scan_until(&s, '\t', &more);
	if (more)
		field[n++] = scan_rest(&s);
	for (size_t i = n; i < FIELDS; i++)
		field[i] = (struct str)STR_EMPTY;
	out->terse.n_fields = (uint32_t)n;
	out->terse.hook = hook;
	out->terse.name = name;
	out->terse.ip = without_port(field[0]);
	out->terse.host = field[1];
	out->terse.helo = field[2];
	out->severity = MAILLOG_INFO;
	if (n < FIELDS_FULL)
		short_verdict(field, n, out);
	else
		full_verdict(field, out);
	/* 902 and 904 are told as 4xx */
	out->terse.code = code_of(out->terse.code_text);
	if (out->terse.code != 0)
		out->verdict = out->terse.code % 2 == 0 ? MAILLOG_DEFERRED
							: MAILLOG_REFUSED;
	if (out->verdict != MAILLOG_QUEUED)
		out->severity = MAILLOG_NOTICE;
}
