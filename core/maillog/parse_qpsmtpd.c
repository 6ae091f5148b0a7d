/*
 * Lines of qpsmtpd (LG-27, LG-28): its own texts by their first letter, and
 * three ways in which its versions name a plugin.
 */
#include "core/maillog/parse_int.h"

#include "core/base/compiler.h"

/* "(HOOK)" and what must follow it. */
static bool
take_hook(struct scan *s, struct str *hook, const char *after, size_t n)
{
	bool closed;
	struct scan at = { s->p + 1, s->end };
	*hook = scan_until(&at, ')', &closed);
	if (!closed || !scan_take(&at, after, n))
		return false;
	*s = at;
	return true;
}

struct result_word {
	const char *word;
	size_t len;
	enum maillog_result result;
};

/* The first word of a plugin's text, ended by a comma, a colon or the end. */
static enum maillog_result
result_of(const struct scan *s)
{
	static const struct result_word words[] = {
		{ "pass", 4, MAILLOG_PASS },
		{ "fail", 4, MAILLOG_FAIL },
		{ "skip", 4, MAILLOG_SKIP },
		{ "error", 5, MAILLOG_ERROR },
		{ "positive", 8, MAILLOG_POSITIVE },
		{ "negative", 8, MAILLOG_NEGATIVE },
	};
	static const struct result_word failures[] = {
		{ ", tolerated", 11, MAILLOG_TOLERATED },
		{ ", NAUGHTY", 9, MAILLOG_NAUGHTY },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct scan at = *s;
		if (!scan_take(&at, words[i].word, words[i].len))
			continue;
		if (at.p < at.end && *at.p != ',' && *at.p != ':')
			return MAILLOG_NO_RESULT;
		if (words[i].result == MAILLOG_FAIL)
			for (size_t k = 0; k < ARRAY_LEN(failures); k++)
				if (scan_at(
					&at, failures[k].word, failures[k].len))
					return failures[k].result;
		return words[i].result;
	}
	return MAILLOG_NO_RESULT;
}

static uint8_t
severity_of(enum maillog_result result)
{
	if (result == MAILLOG_ERROR)
		return MAILLOG_WARNING;
	if (result == MAILLOG_FAIL || result == MAILLOG_NAUGHTY)
		return MAILLOG_NOTICE;
	return MAILLOG_INFO;
}

/* The mark and one space in front of the fields; any character marks. */
static bool
take_mark(struct scan *s)
{
	const char *p = s->p;
	while (p < s->end && p - s->p < 5 && *p != ' ')
		p++;
	if (p == s->p || p == s->end || *p != ' ')
		return false;
	s->p = p + 1;
	return true;
}

static bool
name_is(struct str name, const char *literal, size_t n)
{
	return name.len == n && memcmp(name.ptr, literal, n) == 0;
}
#define NAME_IS(name, literal) name_is((name), "" literal, sizeof(literal) - 1)

/* LG-28: "(for P) Queuing to PATH" */
static bool
take_for(struct scan s, uint32_t *of)
{
	return TAKE(&s, "(for ") && scan_u32(&s, of) && AT(&s, ")");
}

/* What a plugin says; 's' is at its text. */
static void
plugin_text(
    struct scan s, struct str hook, struct str name, struct maillog_event *out)
{
	struct scan fields = s;
	out->text = scan_rest(&s);
	if (NAME_IS(name, "logging::logterse") && take_mark(&fields)) {
		parse_logterse(scan_rest(&fields), hook, name, out);
		return;
	}
	out->kind = MAILLOG_PLUGIN;
	out->plugin.hook = hook;
	out->plugin.name = name;
	out->plugin.of = out->pid;
	out->result = (uint8_t)result_of(&s);
	out->severity = severity_of(out->result);
	if (AT(&s, "(for ") && take_for(s, &out->plugin.of))
		out->kind = MAILLOG_QUEUEING;
}

/* "(HOOK) PLUGIN: TEXT" */
static bool
new_form(struct scan s, struct maillog_event *out)
{
	struct str hook;
	bool found;
	if (!take_hook(&s, &hook, " ", 1))
		return false;
	struct str name = scan_until(&s, ' ', &found);
	if (name.len < 2 || name.ptr[name.len - 1] != ':')
		return false;
	name.len--;
	plugin_text(s, hook, name, out);
	return true;
}

/* "PLUGIN plugin (HOOK): TEXT" and "PLUGIN plugin: TEXT" */
static bool
old_form(struct scan s, struct maillog_event *out)
{
	struct str hook = STR_EMPTY;
	bool found;
	struct str name = scan_until(&s, ' ', &found);
	if (name.len == 0 || !TAKE(&s, "plugin"))
		return false;
	if (AT(&s, " (")) {
		s.p++;
		if (!take_hook(&s, &hook, ":", 1))
			return false;
	} else if (!TAKE(&s, ":")) {
		return false;
	}
	(void)TAKE(&s, " ");
	plugin_text(s, hook, name, out);
	return true;
}

/* "R/MAX from IP / HOST" */
static void
accepted(struct scan s, struct maillog_event *out)
{
	bool slash;
	if (!scan_u32(&s, &out->peer.running) || !TAKE(&s, "/") ||
	    !scan_u32(&s, &out->peer.max) || !TAKE(&s, " from "))
		return;
	out->peer.ip = scan_until(&s, ' ', &slash);
	(void)TAKE(&s, "/ ");
	out->peer.host = scan_rest(&s);
	out->kind = MAILLOG_ACCEPTED;
}

/* "HOST [IP]" */
static void
connected(struct scan s, struct maillog_event *out)
{
	const char *open = memrchr(s.p, '[', scan_left(&s));
	if (open == NULL || open == s.p || s.end[-1] != ']')
		return;
	out->peer.host = str_n(s.p, (size_t)(open - 1 - s.p));
	out->peer.ip = str_n(open + 1, (size_t)(s.end - open - 2));
	out->peer.running = out->peer.max = 0;
	out->kind = MAILLOG_CONNECT;
}

/* "R >= MAX.  Waiting one second." */
static void
busy(struct scan s, struct maillog_event *out)
{
	if (!scan_u32(&s, &out->peer.running) || !TAKE(&s, " >= ") ||
	    !scan_u32(&s, &out->peer.max))
		return;
	out->peer.ip = out->peer.host = (struct str)STR_EMPTY;
	out->kind = MAILLOG_BUSY;
	out->severity = MAILLOG_WARNING;
}

/* The address in the first pair of brackets; "<>" is kept. */
static struct str
bracketed(struct scan s)
{
	bool open, closed;
	(void)scan_until(&s, '<', &open);
	struct str address = scan_until(&s, '>', &closed);
	if (!open || !closed)
		return (struct str)STR_EMPTY;
	return address.len > 0 ? address : str_n(address.ptr - 1, 2);
}

static void
command(struct scan s, struct maillog_event *out)
{
	bool found;
	out->command.verb = scan_until(&s, ' ', &found);
	out->command.rest = scan_rest(&s);
	out->command.address = (struct str)STR_EMPTY;
	if (scan_left(&s) > 3 && s.p[0] != '[')
		out->command.address = bracketed(s);
	out->kind = MAILLOG_COMMAND;
}

/* "250 Queued! TIME qp Q <MID>"; 's' is behind "Queued! ". */
static void
taken(struct scan s, struct maillog_event *out)
{
	uint64_t t;
	uint32_t qp;
	if (!scan_u64(&s, &t) || !TAKE(&s, " qp ") || !scan_u32(&s, &qp))
		return;
	(void)TAKE(&s, " ");
	out->taken.unix_s = (int64_t)t;
	out->taken.qp = qp;
	out->taken.mid = scan_rest(&s);
	out->taken.queue_id = (struct str)STR_EMPTY;
	out->kind = MAILLOG_TAKEN;
}

/* Of Postfix: the id up to what is none of it. */
static void
taken_as(struct str mid, struct scan s, struct maillog_event *out)
{
	const char *end = s.p;
	while (end < s.end && ascii_is_alnum(*end))
		end++;
	if (end == s.p)
		return;
	out->taken.unix_s = 0;
	out->taken.qp = 0;
	out->taken.mid = mid;
	out->taken.queue_id = str_n(s.p, (size_t)(end - s.p));
	out->kind = MAILLOG_TAKEN;
}

/* "Queued! <MID> (Queue-Id: ID)" of queue/postfix-queue; 's' as in taken. */
static void
taken_by_cleanup(struct scan s, struct maillog_event *out)
{
	const char *at = scan_find(&s, "(Queue-Id: ");
	if (at == NULL)
		return;
	struct scan id = { at + strlen("(Queue-Id: "), s.end };
	taken_as(str_trim(str_n(s.p, (size_t)(at - s.p))), id, out);
}

/* "NNN text" or "NNN-text" */
static void
reply(struct scan s, struct maillog_event *out)
{
	const char *from = s.p;
	uint32_t code;
	if (!scan_u32(&s, &code) || s.p - from != 3)
		return;
	if (s.p < s.end && *s.p != ' ' && *s.p != '-')
		return;
	out->reply.code = code;
	out->kind = MAILLOG_REPLY;
	if (code != 250)
		return;
	(void)TAKE(&s, " 2.0.0");
	if (TAKE(&s, " Queued! ")) {
		taken(s, out);
		if (out->kind != MAILLOG_TAKEN)
			taken_by_cleanup(s, out);
	} else if (TAKE(&s, " Ok: queued as ")) {
		/* as Postfix answers to queue/smtp-forward */
		taken_as((struct str)STR_EMPTY, s, out);
	}
}

/* What qpsmtpd itself says, told apart by the first letter. */
static void
core_text(struct scan s, struct maillog_event *out)
{
	switch (*s.p) {
	case 'd':
		if (TAKE(&s, "dispatching ")) {
			command(s, out);
		} else if (TAKE(&s, "deny mail from ") ||
			   TAKE(&s, "denysoft mail from ")) {
			command(s, out);
			out->command.address = bracketed(s);
			out->kind = MAILLOG_DENY_MAIL;
		}
		break;
	case 'A':
		if (TAKE(&s, "Accepted connection "))
			accepted(s, out);
		break;
	case 'C':
		if (TAKE(&s, "Connection from ")) {
			connected(s, out);
		} else if (AT(&s, "Connection Timed Out")) {
			out->kind = MAILLOG_TIMEOUT;
			out->severity = MAILLOG_NOTICE;
		}
		break;
	case 'c':
		if (AT(&s, "click, disconnecting"))
			out->kind = MAILLOG_DISCONNECT;
		else if (TAKE(&s, "cleaning up after ") &&
			 scan_u32(&s, &out->of))
			out->kind = MAILLOG_CLEANUP;
		break;
	case 's':
		if (AT(&s, "spooling message to disk"))
			out->kind = MAILLOG_SPOOLING;
		break;
	case 'T':
		if (TAKE(&s, "Too many connections: "))
			busy(s, out);
		break;
	case 'M':
		if (AT(&s, "Message too big: ")) {
			out->kind = MAILLOG_TOO_BIG;
			out->severity = MAILLOG_NOTICE;
		}
		break;
	default:
		if (ascii_is_digit(*s.p))
			reply(s, out);
		break;
	}
}

void
parse_qpsmtpd(struct str text, struct maillog_event *out)
{
	struct scan s = scan_of(text);
	uint32_t pid;
	if (!scan_u32(&s, &pid) || s.p - text.ptr > 10 || !TAKE(&s, " "))
		return;
	out->pid = pid;
	out->kind = MAILLOG_CORE;
	out->text = scan_rest(&s);
	if (s.p == s.end)
		return;
	if (*s.p == '(') {
		(void)new_form(s, out);
		return;
	}
	core_text(s, out);
	if (out->kind == MAILLOG_CORE)
		(void)old_form(s, out);
}
