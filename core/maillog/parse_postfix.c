/* Lines of Postfix (release 11), behind "postfix/PROGRAM[PID]: ". */
#include "core/maillog/parse_int.h"

#include "core/base/compiler.h"

enum {
	ID_MIN = 6,
	ID_MAX = 24,
};

/* "ID: " of letters and digits, upper-case or the long kind. */
static bool
take_id(struct scan *s, struct str *id)
{
	const char *p = s->p;
	bool digit = false;
	while (p < s->end && ascii_is_alnum(*p)) {
		digit = digit || ascii_is_digit(*p);
		p++;
	}
	size_t n = (size_t)(p - s->p);
	struct scan at = { p, s->end };
	if (n < ID_MIN || n > ID_MAX || !TAKE(&at, ": "))
		return false;
	if (!digit && str_is(str_n(s->p, n), "warning"))
		return false;
	*id = str_n(s->p, n);
	*s = at;
	return !str_is(*id, "NOQUEUE");
}

/* "HOST[IP]" */
static void
take_peer(struct scan *s, struct maillog_event *out)
{
	bool open, closed;
	struct scan at = *s;
	struct str host = scan_until(&at, '[', &open);
	struct str ip = scan_until(&at, ']', &closed);
	if (!open || !closed)
		return;
	out->postfix.host = host;
	out->postfix.ip = ip;
	*s = at;
}

/* "key=<address>" */
static struct str
address(const struct scan *s, const char *key)
{
	return scan_value(s, key, '>');
}

/* "to=<A>, relay=R, delay=..., dsn=D, status=sent (TEXT)" */
static void
delivery(struct scan s, struct maillog_event *out)
{
	static const struct {
		const char *word;
		uint8_t result, severity;
	} words[] = {
		{ "sent", MAILLOG_SUCCESS, MAILLOG_INFO },
		{ "bounced", MAILLOG_FAILURE, MAILLOG_WARNING },
		{ "deferred", MAILLOG_DEFERRAL, MAILLOG_NOTICE },
		{ "expired", MAILLOG_EXPIRED, MAILLOG_WARNING },
		{ "undeliverable", MAILLOG_FAILURE, MAILLOG_NOTICE },
		{ "deliverable", MAILLOG_SUCCESS, MAILLOG_INFO },
	};
	out->postfix.to = address(&s, "to=<");
	const char *end = scan_find(&s, ">, ");
	if (end == NULL)
		return;
	s.p = end + 1;
	out->postfix.relay = scan_value(&s, ", relay=", ',');
	out->postfix.dsn = scan_value(&s, ", dsn=", ',');
	const char *status = scan_find(&s, ", status=");
	if (status == NULL)
		return;
	s.p = status + strlen(", status=");
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!scan_at(&s, words[i].word, strlen(words[i].word)))
			continue;
		out->result = words[i].result;
		out->severity = words[i].severity;
		break;
	}
	const char *open = scan_find(&s, " (");
	if (open != NULL && s.end[-1] == ')')
		out->text = str_n(open + 2, (size_t)(s.end - 1 - (open + 2)));
	out->kind = MAILLOG_POSTFIX_DELIVERY;
}

/* "RCPT from HOST[IP]: CODE TEXT; from=<F> to=<T> proto=P helo=<H>" */
static void
reject(struct scan s, struct maillog_event *out)
{
	bool found;
	(void)scan_until(&s, ' ', &found);
	if (!TAKE(&s, "from "))
		return;
	take_peer(&s, out);
	if (!TAKE(&s, ": "))
		return;
	struct scan rest = s;
	(void)scan_u32(&rest, &out->postfix.code);
	const char *from = scan_find(&s, "; from=<");
	if (from != NULL) {
		out->text = str_n(s.p, (size_t)(from - s.p));
		s.p = from;
		out->postfix.from = address(&s, "; from=<");
		out->postfix.to = address(&s, "> to=<");
		out->postfix.helo = address(&s, " helo=<");
	} else {
		out->text = scan_rest(&s);
	}
	out->kind = MAILLOG_POSTFIX_REJECT;
	out->severity = MAILLOG_NOTICE;
	/* a milter's begins with its enhanced code: "4.7.1 TEXT" */
	uint32_t code = out->postfix.code;
	out->verdict =
	    code == 4 || code / 100 == 4 ? MAILLOG_DEFERRED : MAILLOG_REFUSED;
}

/* What follows "ID: ". */
static void
of_message(struct scan s, struct maillog_event *out)
{
	if (TAKE(&s, "client=")) {
		take_peer(&s, out);
		out->kind = MAILLOG_POSTFIX_CLIENT;
	} else if (TAKE(&s, "uid=")) {
		(void)scan_u32(&s, &out->postfix.uid);
		out->postfix.from = address(&s, " from=<");
		out->kind = MAILLOG_POSTFIX_PICKUP;
	} else if (TAKE(&s, "message-id=")) {
		out->postfix.mid = scan_rest(&s);
		out->kind = MAILLOG_POSTFIX_MID;
	} else if (AT(&s, "from=<")) {
		out->postfix.from = address(&s, "from=<");
		out->postfix.size = scan_number(scan_value(&s, ", size=", ','));
		out->postfix.recipients =
		    (uint32_t)scan_number(scan_value(&s, ", nrcpt=", ' '));
		out->kind = MAILLOG_POSTFIX_FROM;
		if (scan_find(&s, ", status=expired") != NULL) {
			out->result = MAILLOG_EXPIRED;
			out->severity = MAILLOG_WARNING;
		}
	} else if (AT(&s, "to=<")) {
		delivery(s, out);
	} else if (AT(&s, "removed")) {
		out->kind = MAILLOG_POSTFIX_REMOVED;
	} else if (TAKE(&s, "reject: ") || TAKE(&s, "milter-reject: ")) {
		reject(s, out);
	} else {
		const char *id = scan_find(&s, "notification: ");
		if (id != NULL) {
			s.p = id + strlen("notification: ");
			out->postfix.other = scan_rest(&s);
			out->kind = MAILLOG_POSTFIX_BOUNCE;
			out->severity = MAILLOG_NOTICE;
		}
	}
}

void
parse_postfix(struct str text, struct maillog_event *out)
{
	static const struct {
		const char *word;
		uint8_t severity;
	} levels[] = {
		{ "warning: ", MAILLOG_WARNING },
		{ "error: ", MAILLOG_SEVERE },
		{ "fatal: ", MAILLOG_SEVERE },
		{ "panic: ", MAILLOG_SEVERE },
	};
	struct scan s = scan_of(text);
	memset(&out->postfix, 0, sizeof(out->postfix));
	out->kind = MAILLOG_POSTFIX_TEXT;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (scan_take(&s, levels[i].word, strlen(levels[i].word))) {
			out->severity = levels[i].severity;
			out->text = scan_rest(&s);
			return;
		}
	}
	if (take_id(&s, &out->postfix.queue_id)) {
		of_message(s, out);
	} else if (TAKE(&s, "NOQUEUE: reject: ") ||
		   TAKE(&s, "NOQUEUE: milter-reject: ") ||
		   (out->postfix.queue_id.len > 0 && TAKE(&s, "reject: "))) {
		out->postfix.queue_id = (struct str)STR_EMPTY;
		reject(s, out);
	} else if (TAKE(&s, "connect from ")) {
		take_peer(&s, out);
		out->kind = MAILLOG_POSTFIX_CONNECT;
	} else if (TAKE(&s, "disconnect from ")) {
		take_peer(&s, out);
		out->kind = MAILLOG_POSTFIX_DISCONNECT;
	}
}
