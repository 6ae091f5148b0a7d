/*
 * Lines of dovecot (LG-41): "SERVICE: LEVEL: TEXT". User names inside <...>
 * are hostile text, so values are read key by key from the left and a user
 * ends only at ">, " or the end.
 */
#include "core/maillog/parse_int.h"

#include "core/base/compiler.h"

static const struct {
	const char *word;
	uint8_t severity;
} levels[] = {
	{ "Info: ", MAILLOG_INFO },
	{ "Warning: ", MAILLOG_WARNING },
	{ "Error: ", MAILLOG_SEVERE },
	{ "Fatal: ", MAILLOG_SEVERE },
	{ "Panic: ", MAILLOG_SEVERE },
	{ "Debug: ", MAILLOG_DEBUG },
};

static bool
is_word(char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_';
}

/* The process, then the session, which may be left out. */
static void
take_id(struct str id, struct maillog_event *out)
{
	struct scan s = scan_of(id);
	uint32_t pid;
	if (out->mailbox.mpid == 0 && id.len > 0 && scan_u32(&s, &pid) &&
	    s.p == s.end)
		out->mailbox.mpid = pid;
	else
		out->mailbox.session = id;
}

/*
 * "imap(user)<pid><session>: ": the name, its parentheses and what follows
 * them. The user of a mailbox ends at "): " or ")<".
 */
static bool
take_service(struct scan *s, struct maillog_event *out)
{
	const char *p = s->p;
	while (p < s->end && is_word(*p))
		p++;
	struct str name = str_n(s->p, (size_t)(p - s->p));
	struct scan at = { p, s->end };
	if (name.len == 0)
		return false;
	if (TAKE(&at, "(")) {
		const char *plain = scan_find(&at, "): ");
		const char *angle = scan_find(&at, ")<");
		const char *end = plain;
		if (angle != NULL && (end == NULL || angle < end))
			end = angle;
		if (end == NULL)
			return false;
		out->mailbox.user = str_n(at.p, (size_t)(end - at.p));
		at.p = end + 1;
		while (TAKE(&at, "<")) {
			bool closed;
			struct str inside = scan_until(&at, '>', &closed);
			if (!closed)
				return false;
			take_id(inside, out);
		}
	}
	if (!TAKE(&at, ": "))
		return false;
	out->mailbox.proto = name;
	*s = at;
	return true;
}

static void
take_level(struct scan *s, struct maillog_event *out)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (!scan_take(s, levels[i].word, strlen(levels[i].word)))
			continue;
		out->severity = levels[i].severity;
		return;
	}
}

/* "user=<U>, method=M, rip=IP, ..., session=<S>" from "user=<" on. */
static void
login_pairs(struct scan s, struct maillog_event *out)
{
	const char *user = scan_find(&s, "user=<");
	if (user != NULL) {
		s.p = user + strlen("user=<");
		const char *end = scan_find(&s, ">, ");
		if (end == NULL)
			end = memrchr(s.p, '>', scan_left(&s));
		if (end == NULL)
			return;
		out->mailbox.user = str_n(s.p, (size_t)(end - s.p));
		s.p = end + 1;
		out->mailbox.method = scan_value(&s, ", method=", ',');
	}
	struct str ip = scan_value(&s, user != NULL ? ", rip=" : "rip=", ',');
	out->mailbox.ip = ip;
	struct str session = scan_value(&s, ", session=<", '>');
	out->mailbox.session = session;
	struct str mpid = scan_value(&s, ", mpid=", ',');
	struct scan n = scan_of(mpid);
	if (mpid.len > 0)
		(void)scan_u32(&n, &out->mailbox.mpid);
}

/* "imap" of "imap-login". */
static struct str
proto_of(struct str name)
{
	struct str end = STR("-login");
	return str_ends(name, end) ? str_n(name.ptr, name.len - end.len) : name;
}

/* How a login ended that was none. */
static void
login_failed(struct scan s, struct maillog_event *out)
{
	/* before the user: what comes after is the client's */
	const char *user = scan_find(&s, "user=<");
	struct scan head = { s.p, user != NULL ? user : s.end };
	const char *failed = scan_find(&head, "(auth failed, ");
	if (failed != NULL) {
		struct scan n = { failed + strlen("(auth failed, "), head.end };
		if (scan_u32(&n, &out->mailbox.attempts))
			out->kind = MAILLOG_DOVECOT_LOGIN_FAILED;
		out->severity = MAILLOG_NOTICE;
	} else if (AT(&s, "Disconnected") || AT(&s, "Aborted login") ||
		   AT(&s, "Login aborted") ||
		   AT(&s, "Remote closed connection")) {
		out->kind = MAILLOG_DOVECOT_ABORTED;
	}
	login_pairs(s, out);
}

/* "... (mail_max_userip_connections=N): user=<U>, ..." */
static void
userip_limit(struct scan s, struct maillog_event *out)
{
	const char *n = scan_find(&s, "mail_max_userip_connections=");
	if (n != NULL) {
		struct scan v = { n + strlen("mail_max_userip_connections="),
			s.end };
		(void)scan_u32(&v, &out->mailbox.limit);
	}
	login_pairs(s, out);
	out->kind = MAILLOG_DOVECOT_USERIP_LIMIT;
	out->severity = MAILLOG_WARNING;
}

static void
login_service(struct scan s, struct maillog_event *out)
{
	out->mailbox.proto = proto_of(out->mailbox.proto);
	if (TAKE(&s, "Login: ")) {
		login_pairs(s, out);
		out->kind = MAILLOG_DOVECOT_LOGIN;
	} else if (AT(&s, "Maximum number of connections from user+IP")) {
		userip_limit(s, out);
	} else {
		login_failed(s, out);
	}
}

/* "service(imap): process_limit (N) reached, ..." */
static void
master(struct scan s, struct maillog_event *out)
{
	bool found;
	if (!TAKE(&s, "service("))
		return;
	struct str service = scan_until(&s, ')', &found);
	if (!TAKE(&s, ": process_limit (") ||
	    !scan_u32(&s, &out->mailbox.limit) || !TAKE(&s, ") reached"))
		return;
	out->mailbox.proto = service;
	out->kind = MAILLOG_DOVECOT_PROCESS_LIMIT;
	out->severity = MAILLOG_WARNING;
}

/* The number behind the last 'key'; one too long to be read is the largest. */
static uint64_t
last_number(struct scan s, const char *key)
{
	uint64_t n = 0;
	const char *at;
	while ((at = scan_find(&s, key)) != NULL) {
		s.p = at + strlen(key);
		struct scan v = s;
		if (!scan_u64(&v, &n) && v.p > s.p)
			n = UINT64_MAX;
	}
	return n;
}

/* The end of a session of imap or pop3. */
static void
mailbox(struct scan s, struct maillog_event *out)
{
	if (!AT(&s, "Disconnected") && !AT(&s, "Connection closed") &&
	    !AT(&s, "Logged out"))
		return;
	out->kind = MAILLOG_DOVECOT_LOGOUT;
	out->mailbox.in = last_number(s, " in=");
	out->mailbox.out = last_number(s, " out=");
}

/* "msgid=<M>: saved mail to FOLDER" of lda and lmtp. */
static void
delivered(struct scan s, struct maillog_event *out)
{
	const char *id = scan_find(&s, "msgid=");
	if (id == NULL)
		return;
	s.p = id + strlen("msgid=");
	const char *end = scan_find(&s, ": ");
	if (end == NULL)
		return;
	out->mailbox.mid = str_n(s.p, (size_t)(end - s.p));
	out->kind = MAILLOG_DOVECOT_DELIVERED;
}

/* "pam(U,IP[,<S>]): unknown user" and its kin. */
static void
auth(struct scan s, struct maillog_event *out)
{
	static const char *const failures[] = { "unknown user",
		"Password mismatch", "pam_authenticate() failed",
		"invalid credentials" };
	const char *open = scan_find(&s, "(");
	for (size_t i = 0; i < ARRAY_LEN(failures); i++)
		if (scan_find(&s, failures[i]) != NULL)
			out->kind = MAILLOG_DOVECOT_AUTH_FAILED;
	if (out->kind != MAILLOG_DOVECOT_AUTH_FAILED || open == NULL)
		return;
	out->severity = MAILLOG_NOTICE;
	struct scan at = { open + 1, s.end };
	const char *end = scan_find(&at, "): ");
	if (end == NULL)
		return;
	at.end = end;
	/* the user may hold commas: take the address from the end */
	struct str inside = scan_rest(&at);
	const char *comma = memrchr(inside.ptr, ',', inside.len);
	if (comma == NULL)
		return;
	struct str last = str_n(comma + 1, (size_t)(end - comma - 1));
	size_t n = (size_t)(comma - inside.ptr);
	if (last.len == 0 || last.ptr[0] == '<') { /* a session behind it */
		out->mailbox.session = str_sub(last, 1, last.len - 1);
		comma = memrchr(inside.ptr, ',', n);
		if (comma == NULL)
			return;
		last = str_n(comma + 1, (size_t)(inside.ptr + n - comma - 1));
		n = (size_t)(comma - inside.ptr);
	}
	out->mailbox.user = str_n(inside.ptr, n);
	out->mailbox.ip = last;
}

void
parse_dovecot(struct str text, struct maillog_event *out)
{
	struct scan s = scan_of(text);
	if (AT(&s, "tcpsvd: ")) {
		parse_tcpsvd(text, out);
		return;
	}
	(void)TAKE(&s, "dovecot: ");
	memset(&out->mailbox, 0, sizeof(out->mailbox));
	struct scan body = s;
	if (!take_service(&body, out)) {
		out->text = text;
		return;
	}
	take_level(&body, out);
	out->kind = MAILLOG_DOVECOT_TEXT;
	out->text = scan_rest(&body);
	struct str name = out->mailbox.proto;
	if (AT(&body, "read(imap) failed: ") &&
	    scan_find(&body, "process_limit") != NULL)
		out->severity = MAILLOG_SEVERE;
	if (str_ends(name, STR("-login")))
		login_service(body, out);
	else if (str_is(name, "master"))
		master(body, out);
	else if (str_starts(name, STR("auth")))
		auth(body, out);
	else if (str_is(name, "lda") || str_is(name, "lmtp"))
		delivered(body, out);
	else
		mailbox(body, out);
}
