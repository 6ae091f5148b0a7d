/* Lines of spamd (LG-38): "[PID] LEVEL: text", with or without a date. */
#include "core/maillog/parse_int.h"

#include "core/base/compiler.h"

enum {
	DATE_MAX = 26 /* "Fri Feb  1 05:22:37 2019 " */
};

static void
clear(struct maillog_event *out)
{
	memset(&out->scan, 0, sizeof(out->scan));
}

/* "[PID] LEVEL: ", perhaps behind a date; nothing is taken without it. */
static void
take_prefix(struct scan *s, struct maillog_event *out)
{
	struct scan at = *s;
	uint32_t pid;
	if (at.p < at.end && *at.p != '[') {
		size_t n = scan_left(&at) < DATE_MAX ? scan_left(&at)
						     : (size_t)DATE_MAX;
		const char *open = memchr(at.p, '[', n);
		if (open == NULL || open == at.p || open[-1] != ' ')
			return;
		at.p = open;
	}
	if (!TAKE(&at, "[") || !scan_u32(&at, &pid) || !TAKE(&at, "] "))
		return;
	if (TAKE(&at, "warn: "))
		out->severity = MAILLOG_WARNING;
	else if (TAKE(&at, "error: "))
		out->severity = MAILLOG_SEVERE;
	else if (TAKE(&at, "dbg: "))
		out->severity = MAILLOG_DEBUG;
	else if (!TAKE(&at, "info: "))
		return;
	out->pid = pid;
	out->kind = MAILLOG_SPAMD_TEXT;
	*s = at;
}

/* "HOST [IP]:PORT to port N, fd F" */
static void
connection(struct scan s, struct maillog_event *out)
{
	bool found;
	clear(out);
	(void)scan_until(&s, '[', &found);
	out->scan.address = scan_until(&s, ']', &found);
	if (found && TAKE(&s, ":") && scan_u32(&s, &out->scan.port))
		out->kind = MAILLOG_SPAMD_CONNECTION;
}

/* "USER:UID" and what must follow. */
static bool
take_user(struct scan *s, struct maillog_event *out)
{
	const char *p = s->p;
	while (p < s->end && *p != ':' && *p != ' ')
		p++;
	out->scan.user = str_n(s->p, (size_t)(p - s->p));
	s->p = p;
	return TAKE(s, ":") && scan_u32(s, &out->scan.uid);
}

/* "WHAT message MID[ aka RMID] for USER:UID" */
static void
start(struct scan s, const char *what, size_t n, struct maillog_event *out)
{
	clear(out);
	out->scan.what = str_n(what, n);
	const char *last = NULL, *p = s.p;
	/* blanks of an id are written "_": the last " for " ends it */
	while ((p = memmem(p, (size_t)(s.end - p), " for ", 5)) != NULL)
		last = p++;
	if (last == NULL)
		return;
	struct scan id = { s.p, last };
	const char *aka = scan_find(&id, " aka ");
	out->scan.mid = str_n(s.p, (size_t)((aka ? aka : last) - s.p));
	if (aka != NULL)
		out->scan.rmid = str_n(aka + 5, (size_t)(last - aka - 5));
	s.p = last + 5;
	if (take_user(&s, out))
		out->kind = MAILLOG_SPAMD_START;
}

/* "(SCORE/REQUIRED) for USER:UID in SEC seconds, BYTES bytes." */
static void
done(struct scan s, bool spam, struct maillog_event *out)
{
	bool slash, closed, found;
	clear(out);
	out->scan.spam = spam;
	out->scan.score = scan_until(&s, '/', &slash);
	out->scan.required = scan_until(&s, ')', &closed);
	if (!slash || !closed || !TAKE(&s, " for ") || !take_user(&s, out) ||
	    !TAKE(&s, " in "))
		return;
	out->scan.seconds = scan_until(&s, ' ', &found);
	if (TAKE(&s, "seconds, ") && scan_u64(&s, &out->scan.size) &&
	    AT(&s, " bytes"))
		out->kind = MAILLOG_SPAMD_DONE;
}

/* "key=value," pairs; the ids come last and hold no comma. */
static void
result_pairs(struct scan s, struct maillog_event *out)
{
	bool more = true;
	while (more) {
		struct str pair = scan_until(&s, ',', &more);
		struct scan p = scan_of(pair);
		bool found;
		struct str key = scan_until(&p, '=', &found);
		struct str value = scan_rest(&p);
		if (IS(key, "size"))
			out->scan.size = scan_number(value);
		else if (IS(key, "mid"))
			out->scan.mid = value;
		else if (IS(key, "rmid"))
			out->scan.rmid = value;
		else if (IS(key, "user"))
			out->scan.user = value;
		else if (IS(key, "uid"))
			out->scan.uid = (uint32_t)scan_number(value);
		else if (IS(key, "required_score"))
			out->scan.required = value;
		else if (IS(key, "raddr"))
			out->scan.address = value;
		else if (IS(key, "rport"))
			out->scan.port = (uint32_t)scan_number(value);
		else if (IS(key, "autolearn"))
			out->scan.autolearn =
			    str_n(value.ptr, str_find(value, ' ', 0));
	}
}

/* "Y|. SCORE - RULES scantime=S,size=B,..." */
static void
result(struct scan s, struct maillog_event *out)
{
	bool found;
	clear(out);
	if (AT(&s, "Y"))
		out->scan.spam = true;
	else if (!AT(&s, "."))
		return;
	s.p++;
	while (TAKE(&s, " "))
		;
	out->scan.score = scan_until(&s, ' ', &found);
	if (!TAKE(&s, "- "))
		return;
	const char *key = scan_find(&s, "scantime=");
	if (key == NULL)
		return;
	size_t rules = (size_t)(key - s.p);
	out->scan.rules = str_n(s.p, rules > 0 ? rules - 1 : 0);
	s.p = key + strlen("scantime=");
	out->scan.seconds = scan_until(&s, ',', &found);
	result_pairs(s, out);
	out->kind = MAILLOG_SPAMD_RESULT;
}

static bool
is_server(const struct scan *s)
{
	return AT(s, "server ") || AT(s, "handled cleanup of child pid ");
}

static void
spamd_text(struct scan s, struct maillog_event *out)
{
	if (out->kind == MAILLOG_OTHER)
		out->kind = MAILLOG_SPAMD_TEXT;
	if (TAKE(&s, "result: "))
		result(s, out);
	else if (TAKE(&s, "connection from "))
		connection(s, out);
	else if (AT(&s, "setuid to "))
		out->kind = MAILLOG_SPAMD_SETUID;
	else if (TAKE(&s, "processing message "))
		start(s, "processing", 10, out);
	else if (TAKE(&s, "checking message "))
		start(s, "checking", 8, out);
	else if (TAKE(&s, "identified spam ("))
		done(s, true, out);
	else if (TAKE(&s, "clean message ("))
		done(s, false, out);
	else if (is_server(&s))
		out->kind = MAILLOG_SPAMD_SERVER;
}

void
parse_spamd(struct str text, struct maillog_event *out)
{
	struct scan s = scan_of(text);
	take_prefix(&s, out);
	out->text = scan_rest(&s);
	if (TAKE(&s, "spamd: ")) {
		out->text = scan_rest(&s);
		spamd_text(s, out);
	} else if (out->pid != 0 && TAKE(&s, "prefork: child states: ")) {
		out->text = scan_rest(&s);
		out->kind = MAILLOG_SPAMD_CHILDREN;
	}
}
