/* From 354 to the reply to the text: receiving, checks of our own, queue. */
#include "core/smtp/session_int.h"

#include "core/smtp/stamp.h"

/* A bare LF is a line end for this peer (FL-26). */
static bool
lf_is_let_pass(const struct smtp_session *s)
{
	return s->config->bare_lf == SMTP_BARE_NORMALIZE ||
	       (s->config->bare_lf == SMTP_BARE_RELAY && s->relay);
}

void
session_text_begin(struct smtp_session *s)
{
	s->text = (struct smtp_text){
		.lf_ends_line = lf_is_let_pass(s),
		.limit = s->config->databytes,
	};
	s->window = s->now;
	s->window_bytes = 0;
	s->hides_behind = NULL;
}

void
session_text_over(struct smtp_session *s)
{
	session_reset(s);
	if (s->draining && s->want != SMTP_WANT_CLOSE) {
		session_reply(s, 421, "4.3.2", "shutting down");
		session_close(s);
	}
}

/* The core's own refusal of a text. */
static void
refuse(struct smtp_session *s, int code, const char *status, const char *text)
{
	s->want = SMTP_WANT_INPUT;
	s->events->refused(
	    s->ctx, code >= 500 ? FILTER_DENY : FILTER_DENYSOFT, str_of(text));
	session_reply(s, code, status, text);
	session_text_over(s);
}

/* True when the text was refused for what the scanner saw. */
static bool
refuse_faults(struct smtp_session *s)
{
	const struct smtp_text *t = &s->text;
	if (t->has_bare_lf || t->has_bare_cr) {
		refuse(s, 550, "5.5.2",
		    t->has_bare_cr ? "bare CR in the message (#5.5.2)"
				   : "bare LF in the message (#5.5.2)");
	} else if (t->limit > 0 && t->size > t->limit) {
		session_log(s, LOG_LEVEL_ALERT, "Message too big: size: %llu",
		    (unsigned long long)t->size);
		refuse(s, 552, "5.3.4", "message too big (#5.3.4)");
	} else if (t->has_nul) {
		refuse(s, 550, "5.6.0", "NUL in the message (#5.6.0)");
	} else if (s->spool_failed || s->body.failed) {
		refuse(s, 452, "4.3.1", "no room to store the message");
	} else {
		return false;
	}
	return true;
}

/* The end of the text was seen. */
static void
text_ended(struct smtp_session *s)
{
	if (refuse_faults(s))
		return;
	if (!s->spooling)
		s->want = SMTP_WANT_TEXT;
	else
		s->want = s->body.len > 0 ? SMTP_WANT_SPOOL : SMTP_WANT_TEXT;
}

size_t
session_text_feed(struct smtp_session *s, struct str in)
{
	struct str part = str_sub(in, 0, SMTP_TEXT_MEMORY);
	if (!smtp_text_is_refused(&s->text)) /* room for its lines at once */
		(void)buf_reserve(&s->body, part.len);
	size_t taken = smtp_text_feed(&s->text, part, &s->body, &s->text_ended);
	s->window_bytes += taken;
	if (smtp_text_is_refused(&s->text) || s->spool_failed)
		buf_clear(&s->body);
	if (s->text_ended)
		text_ended(s);
	else if (s->body.len > SMTP_TEXT_MEMORY) {
		s->spooling = true;
		s->want = SMTP_WANT_SPOOL;
	}
	return taken;
}

struct str
smtp_session_chunk(const struct smtp_session *s)
{
	return buf_str(&s->body);
}

void
smtp_session_spooled(struct smtp_session *s, bool taken)
{
	if (s->want != SMTP_WANT_SPOOL)
		return;
	s->spool_failed = !taken;
	buf_reset(&s->body);
	s->want = SMTP_WANT_INPUT;
	if (s->text_ended)
		text_ended(s);
}

/* Message-Id as told in replies and logs: printable, bounded. */
static void
find_message_id(struct smtp_session *s)
{
	const struct filter_field *f = mail_fields_find(
	    s->header.fields, s->header.n_fields, "Message-Id");
	if (f == NULL)
		return;
	struct str id = str_trim(f->body);
	for (size_t i = 0; i < id.len && !s->message_id.failed; i++) {
		if (id.ptr[i] > ' ' && id.ptr[i] <= '~')
			buf_add_char(&s->message_id, id.ptr[i]);
	}
}

static const struct {
	enum mail_header_status status;
	int code;
	const char *enhanced;
	const char *text;
} header_faults[] = {
	{ MAIL_HEADER_TOO_BIG, 552, "5.3.4", "header too big (#5.3.4)" },
	{ MAIL_HEADER_TOO_MANY, 552, "5.3.4",
	    "too many header fields (#5.3.4)" },
	{ MAIL_HEADER_OUT_OF_MEMORY, 451, "4.3.0", "out of memory" },
};

/* True when the header was refused. */
static bool
refuse_header(struct smtp_session *s, enum mail_header_status status)
{
	for (size_t i = 0; i < ARRAY_LEN(header_faults); i++) {
		if (status == header_faults[i].status) {
			refuse(s, header_faults[i].code,
			    header_faults[i].enhanced, header_faults[i].text);
			return true;
		}
	}
	return false;
}

void
smtp_session_give_text(struct smtp_session *s, struct str text, int64_t now_s)
{
	if (s->want != SMTP_WANT_TEXT)
		return;
	if (!s->spooling)
		text = buf_str(&s->body);
	if (s->spooling && text.ptr == NULL) {
		refuse(s, 452, "4.3.1", "cannot read the stored message");
		return;
	}
	if (refuse_header(s, mail_header_parse(text, s->arena, &s->header)))
		return;
	s->message = (struct filter_message){
		.text = text,
		.body = s->header.body,
		.fields = s->header.fields,
		.n_fields = s->header.n_fields,
		.now_s = now_s,
	};
	s->question.message = &s->message;
	find_message_id(s);
	session_ask(s, HOOK_DATA_HEADERS_END, STATE_TEXT);
}

/* Our own header goes on and the job is ready for the queue. */
static void
want_queue(struct smtp_session *s)
{
	const struct mail_header *h = &s->header;
	struct smtp_stamp stamp = {
		.me = s->config->me,
		.peer_name = s->peer.name,
		.peer_ip = s->peer.ip,
		.helo = buf_str(&s->helo),
		.esmtp = s->esmtp,
		.cipher = s->cipher,
		.mechanism = smtp_mechanism_name(s->mechanism),
		.logged_in = s->logged_in,
		.auth_id = s->config->auth_id,
		.more = s->additions,
		.now_s = s->message.now_s,
	};
	if (s->logged_in || s->login_failed)
		stamp.auth_user = buf_str(&s->auth_user);
	bool has_empty_line = h->text.len < s->message.text.len;
	if (!smtp_stamp_header(&s->head, &stamp, h, has_empty_line)) {
		refuse(s, 552, "5.3.4", "header too big (#5.3.4)");
		return;
	}
	uint64_t body_offset = h->text.len + (has_empty_line ? 1 : 0);
	s->job = (struct smtp_job){
		.sender = s->sender,
		.rcpts = s->rcpts.data,
		.n_rcpts = s->rcpts.len,
		.head = buf_str(&s->head),
		.body = h->body,
		.spooled = s->spooling,
		.body_offset = body_offset,
		.message_id = buf_str(&s->message_id),
		.until_ms = s->now + (int64_t)SMTP_QUEUE_S * MS_PER_S,
	};
	s->heard = s->now;
	s->want = SMTP_WANT_QUEUE;
}

void
session_text_next(struct smtp_session *s, enum filter_hook passed)
{
	static const enum filter_hook order[] = { HOOK_DATA_HEADERS_END,
		HOOK_DATA_POST_HEADERS, HOOK_DATA_POST, HOOK_QUEUE_PRE };
	for (size_t i = 0; i + 1 < ARRAY_LEN(order); i++) {
		if (order[i] == passed) {
			session_ask(s, order[i + 1], STATE_TEXT);
			return;
		}
	}
	want_queue(s);
}

const struct smtp_job *
smtp_session_job(const struct smtp_session *s)
{
	return &s->job;
}

/* FL-33 */
void
smtp_session_queued(
    struct smtp_session *s, enum smtp_queued how, struct str text)
{
	static const struct {
		int code;
		const char *status;
		const char *text;
	} replies[] = {
		[SMTP_QUEUED] = { 250, "2.0.0", "Queued!" },
		[SMTP_QUEUE_DECLINED] = { 451, "4.3.0",
		    "queuing declined, try again later" },
		[SMTP_QUEUE_REFUSED] = { 554, "5.3.0", "queuing refused" },
	};
	if (s->want != SMTP_WANT_QUEUE)
		return;
	struct buf line;
	buf_init(&line, SMTP_REPLY_LINE_MAX);
	buf_add_cstr(&line, text.len > 0 ? "" : replies[how].text);
	buf_add_str(&line, str_sub(text, 0, SMTP_REPLY_LINE_MAX / 2 - 1));
	if (how == SMTP_QUEUED && s->message_id.len > 0) {
		buf_add_char(&line, ' ');
		buf_add_str(&line, buf_str(&s->message_id));
	}
	s->want = SMTP_WANT_INPUT;
	session_reply_str(
	    s, replies[how].code, replies[how].status, buf_str(&line));
	buf_clear(&line);
	session_text_over(s);
}
