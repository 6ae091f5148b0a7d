/*
 * Lines of qpsmtpd and of its verdicts (LG-27, LG-30 to LG-32): three ways in
 * which its versions name the plugin, and the tab-parted fields of logterse.
 */
#include "core/maillog/parse_int.h"

#include "core/base/compiler.h"

enum {
	FIELDS = 9,
	FIELDS_FULL = 8, /* the public version lacks the ninth */
};

/* Leading digits that a space ends; false without. */
static bool
take_pid(struct str *text, struct str *pid)
{
	size_t n = 0;
	while (n < text->len && ascii_is_digit(text->ptr[n]))
		n++;
	if (n == 0 || n > 10 || n == text->len || text->ptr[n] != ' ')
		return false;
	*pid = str_sub(*text, 0, n);
	*text = str_sub(*text, n + 1, text->len);
	return true;
}

/* "NAME:" in front of a space or the end. */
static bool
take_name(struct str *text, struct str *name)
{
	size_t end = str_find(*text, ' ', 0);
	if (end < 2 || text->ptr[end - 1] != ':')
		return false;
	*name = str_sub(*text, 0, end - 1);
	*text = str_sub(*text, end + 1, text->len);
	return true;
}

/* "(HOOK)", with what follows it. */
static bool
take_hook(struct str *text, struct str *hook, const char *after)
{
	size_t end = str_find(*text, ')', 0);
	struct str rest = str_sub(*text, end + 1, text->len);
	if (!str_starts(*text, STR("(")) || end == text->len ||
	    !str_starts(rest, str_of(after)))
		return false;
	*hook = str_sub(*text, 1, end);
	*text = str_sub(rest, strlen(after), rest.len);
	return true;
}

/* "(HOOK) PLUGIN: TEXT" */
static bool
new_form(struct str text, struct maillog_event *out)
{
	struct str hook, name;
	if (!take_hook(&text, &hook, " ") || !take_name(&text, &name))
		return false;
	out->hook = hook;
	out->plugin = name;
	out->text = text;
	return true;
}

/* "PLUGIN plugin (HOOK): TEXT" and "PLUGIN plugin: TEXT" */
static bool
old_form(struct str text, struct maillog_event *out)
{
	static const struct str mark = { " plugin", 7 };
	struct str hook = STR_EMPTY;
	size_t end = str_find(text, ' ', 0);
	struct str name = str_sub(text, 0, end);
	struct str rest = str_sub(text, end, text.len);
	if (name.len == 0 || !str_starts(rest, mark))
		return false;
	rest = str_sub(rest, mark.len, rest.len);
	if (str_starts(rest, STR(" ("))) {
		rest = str_sub(rest, 1, rest.len);
		if (!take_hook(&rest, &hook, ":"))
			return false;
	} else if (str_starts(rest, STR(":"))) {
		rest = str_sub(rest, 1, rest.len);
	} else {
		return false;
	}
	if (str_starts(rest, STR(" ")))
		rest = str_sub(rest, 1, rest.len);
	out->hook = hook;
	out->plugin = name;
	out->text = rest;
	return true;
}

/* LG-32: "(Yes|No), (score|hits)=N" */
static struct str
spam_score(struct str status)
{
	static const char *const begins[] = {
		"Yes, score=", "No, score=", "Yes, hits=", "No, hits="
	};
	struct str none = STR_EMPTY;
	for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
		struct str begin = str_of(begins[i]);
		if (!str_starts(status, begin))
			continue;
		struct str s = str_sub(status, begin.len, status.len);
		size_t n = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
		size_t digits = 0, points = 0;
		for (; n < s.len; n++) {
			if (s.ptr[n] == '.' && digits > 0 && points == 0)
				points++;
			else if (ascii_is_digit(s.ptr[n]) && digits < 15)
				digits++;
			else
				break;
		}
		return digits > 0 ? str_sub(s, 0, n) : none;
	}
	return none;
}

static struct str
without_brackets(struct str s)
{
	if (s.len > 2 && s.ptr[0] == '<' && s.ptr[s.len - 1] == '>')
		return str_sub(s, 1, s.len - 1);
	return s;
}

/* An IPv4 address may carry ":port". */
static struct str
without_port(struct str ip)
{
	size_t colon = str_find(ip, ':', 0);
	if (str_find(ip, ':', colon + 1) < ip.len)
		return ip; /* IPv6 */
	return str_sub(ip, 0, colon);
}

static bool
is_code(struct str s)
{
	return s.len == 3 && str_starts(s, STR("90")) && s.ptr[2] >= '1' &&
	       s.ptr[2] <= '4';
}

/* LG-30: too few fields; the rule stands before a code, if there is one. */
static void
short_verdict(const struct str *field, struct maillog_event *out)
{
	out->kind = MAILLOG_LOGTERSE_SHORT;
	out->rule = STR("unknown");
	for (size_t i = 1; i < out->n_fields; i++) {
		if (!is_code(field[i]))
			continue;
		out->rule = field[i - 1];
		out->code = field[i];
	}
}

static void
parse_logterse(struct str text, struct maillog_event *out)
{
	struct str field[FIELDS] = { STR_EMPTY };
	size_t n = 0;
	while (n < FIELDS - 1 && text.ptr != NULL)
		field[n++] = str_cut(text, '\t', &text);
	if (text.ptr != NULL)
		field[n++] = text;
	out->kind = MAILLOG_LOGTERSE;
	out->n_fields = n;
	out->ip = without_port(field[0]);
	out->host = field[1];
	out->helo = field[2];
	if (n < FIELDS_FULL) {
		short_verdict(field, out);
	} else {
		out->sender = without_brackets(field[3]);
		out->recipients = field[4];
		out->rule = field[5];
		out->code = field[6];
		out->reason = field[7];
		out->extra = field[8];
		out->score = spam_score(field[8]);
		if (str_is(out->rule, "queued"))
			out->verdict = MAILLOG_QUEUED;
		else
			out->verdict = MAILLOG_REFUSED;
	}
	/* 902 and 904 are told as 4xx */
	if (is_code(out->code))
		out->verdict = (out->code.ptr[2] - '0') % 2 == 0
				   ? MAILLOG_DEFERRED
				   : MAILLOG_REFUSED;
}

/* The mark and one space in front of the fields; any character marks. */
static bool
take_mark(struct str *text)
{
	size_t end = str_find(*text, ' ', 0);
	if (end == 0 || end > 4 || end == text->len)
		return false;
	*text = str_sub(*text, end + 1, text->len);
	return true;
}

void
parse_qpsmtpd(struct str text, struct maillog_event *out)
{
	if (!take_pid(&text, &out->pid))
		return;
	out->kind = MAILLOG_CORE;
	out->text = text;
	if (!new_form(text, out) && !old_form(text, out))
		return;
	out->kind = MAILLOG_PLUGIN;
	struct str fields = out->text;
	if (str_is(out->plugin, "logging::logterse") && take_mark(&fields))
		parse_logterse(fields, out);
}
