/* Session: life, input, output. */
#include "core/smtp/session_int.h"

#include <stdarg.h>
#include <stdlib.h>

enum {
	HEAD_MAX = MAIL_HEADER_MAX + 16 * 1024, /* theirs and ours */
	SCRATCH_MAX = 2 * SMTP_PATH_LINE_MAX
};

struct smtp_session *
smtp_session_new(const struct smtp_config *config, const struct smtp_peer *peer,
    const struct smtp_events *events, void *ctx, int64_t now_ms)
{
	struct smtp_session *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->config = config;
	s->events = events;
	s->ctx = ctx;
	s->peer = *peer;
	s->started = s->heard = s->now = now_ms;
	buf_init(&s->out, SMTP_OUT_MAX);
	buf_init(&s->line, SMTP_AUTH_LINE_MAX);
	buf_init(&s->scratch, SCRATCH_MAX);
	buf_init(&s->helo, SMTP_HELO_MAX);
	buf_init(&s->auth_user, SMTP_AUTH_LINE_MAX);
	buf_init(&s->auth_password, SMTP_AUTH_LINE_MAX);
	buf_init(&s->body, 2 * SMTP_TEXT_MEMORY);
	buf_init(&s->head, HEAD_MAX);
	buf_init(&s->message_id, SMTP_MESSAGE_ID_MAX);
	s->rcpts = (struct vec)VEC_INIT(struct mail_path);
	s->state = STATE_HELLO;
	s->mute = peer->tls_first;
	session_ask(s, HOOK_PRE_CONNECTION, STATE_HELLO);
	return s;
}

static void
transaction_clear(struct smtp_session *s)
{
	arena_free(s->arena);
	s->arena = NULL;
	s->sender = (struct mail_path){ STR_EMPTY, STR_EMPTY };
	vec_clear(&s->rcpts);
	buf_clear(&s->body);
	buf_clear(&s->head);
	buf_clear(&s->message_id);
	s->spooling = s->spool_failed = s->text_ended = false;
	s->question.message = NULL;
	s->additions = (struct smtp_additions){ .n_drop = 0 };
}

void
smtp_session_set_peer_name(struct smtp_session *s, struct str name)
{
	s->peer.name = name;
}

void
smtp_session_free(struct smtp_session *s)
{
	if (s == NULL)
		return;
	buf_clear(&s->bracketed);
	transaction_clear(s);
	buf_clear(&s->out);
	buf_wipe(&s->line);
	buf_wipe(&s->auth_user);
	buf_wipe(&s->auth_password);
	buf_clear(&s->scratch);
	buf_clear(&s->helo);
	free(s);
}

enum smtp_want
smtp_session_want(const struct smtp_session *s)
{
	return s->want;
}

struct buf *
smtp_session_output(struct smtp_session *s)
{
	return &s->out;
}

void
smtp_session_set_additions(
    struct smtp_session *s, const struct smtp_additions *more)
{
	s->additions = *more;
}

void
smtp_session_set_relay(struct smtp_session *s, bool is_relay_client)
{
	s->relay = is_relay_client;
}

void
smtp_session_facts(const struct smtp_session *s, struct smtp_facts *f)
{
	bool asks = s->want == SMTP_WANT_VERDICT;
	bool asks_helo = asks && s->question.hook == HOOK_HELO;
	bool asks_mail = asks && s->question.hook == HOOK_MAIL;
	*f = (struct smtp_facts){
		.helo = buf_str(asks_helo ? &s->scratch : &s->helo),
		.esmtp = asks_helo ? s->esmtp_asked : s->esmtp,
		.has_sender = asks_mail || (s->state & (STATE_TRANSACTION |
							   STATE_TEXT)) != 0,
		.sender = s->sender,
		.rcpts = s->rcpts.data,
		.n_rcpts = s->rcpts.len,
		.noops = s->noops,
		.bare_path = s->bare_path,
		.loose_path = s->loose_path,
	};
}

void
session_log(struct smtp_session *s, int level, const char *fmt, ...)
{
	if (level > s->config->log_level)
		return;
	struct buf text;
	buf_init(&text, 4 * SMTP_PATH_LINE_MAX);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	s->events->log(s->ctx, level, buf_str(&text));
	buf_clear(&text);
}

/* Of every command and reply: without the cost of formatting. */
void
session_log_str(
    struct smtp_session *s, int level, struct str what, struct str text)
{
	if (level > s->config->log_level)
		return;
	if (what.len == 0) {
		s->events->log(s->ctx, level, text);
		return;
	}
	struct buf line;
	buf_init(&line, 4 * SMTP_PATH_LINE_MAX);
	buf_reserve(&line, what.len + 1 + text.len);
	buf_add_str(&line, what);
	buf_add_char(&line, ' ');
	buf_add_str(&line, text);
	s->events->log(s->ctx, level, buf_str(&line));
	buf_clear(&line);
}

void
session_reply_str(
    struct smtp_session *s, int code, const char *status, struct str text)
{
	size_t before = s->out.len;
	if (s->mute)
		return;
	if (!smtp_reply(&s->out, code, status, text)) {
		/* the peer reads nothing of what it asked for */
		s->want = SMTP_WANT_CLOSE;
		return;
	}
	struct str said = str_sub(buf_str(&s->out), before, s->out.len);
	struct str line;
	while (s->config->log_level >= LOG_LEVEL_INFO &&
	       str_next_line(&said, &line))
		session_log_str(
		    s, LOG_LEVEL_INFO, (struct str)STR_EMPTY, str_trim(line));
	s->heard = s->now;
}

void
session_reply(
    struct smtp_session *s, int code, const char *status, const char *text)
{
	session_reply_str(s, code, status, str_of(text));
}

void
session_close(struct smtp_session *s)
{
	s->want = SMTP_WANT_CLOSE;
}

void
session_reset(struct smtp_session *s)
{
	transaction_clear(s);
	if (s->state != STATE_HELLO)
		s->state = STATE_READY;
	s->events->reset(s->ctx);
}

void
session_ask(struct smtp_session *s, enum filter_hook hook, enum smtp_state next)
{
	s->question.hook = hook;
	s->next = next;
	s->want = SMTP_WANT_VERDICT;
}

/*
 * A bare LF where none is let pass (FL-24): one reply, and what follows up to
 * CRLF is thrown away, so that nothing hidden behind it is run.
 */
static void
refuse_bare_lf(struct smtp_session *s)
{
	if (!s->line_refused)
		session_reply(s, 500, "5.5.2", "bare line feed refused");
	s->line_refused = true;
}

/* The line has ended. */
static void
end_line(struct smtp_session *s, struct str line, bool has_cr)
{
	if (!has_cr && s->config->bare_lf == SMTP_BARE_REJECT_ALL) {
		refuse_bare_lf(s);
		return;
	}
	while (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	if (s->line_refused)
		s->line_refused = false;
	else if (s->line_too_long)
		session_long_line(s);
	else if (s->auth_step != AUTH_IDLE)
		session_auth_line(s, line);
	else
		session_line(s, line);
}

/* Bytes that the line may have, its end counted (FL-6). */
static size_t
line_limit(const struct smtp_session *s, struct str line)
{
	return s->auth_step != AUTH_IDLE ? SMTP_AUTH_LINE_MAX
					 : smtp_command_limit(line);
}

/* The line so far and 'part' behind it, which is kept until the line ends. */
static struct str
gather(struct smtp_session *s, struct str part, bool whole)
{
	if (s->line.len == 0 && (whole || s->line_too_long))
		return part;
	/* so that growing leaves no copy of a password behind */
	struct str start = s->line.len > 0 ? buf_str(&s->line) : part;
	if (line_limit(s, start) == SMTP_AUTH_LINE_MAX)
		buf_reserve(&s->line, SMTP_AUTH_LINE_MAX - s->line.len);
	if (!buf_add_str(&s->line, part))
		s->line_too_long = true;
	return buf_str(&s->line);
}

/* One command line out of 'in', or a part of one; returns bytes taken. */
static size_t
feed_line(struct smtp_session *s, struct str in)
{
	size_t lf = str_find(in, '\n', 0);
	bool whole = lf < in.len;
	struct str part = str_sub(in, 0, lf);
	bool was_too_long = s->line_too_long;
	if (part.len > 0)
		s->last_was_cr = part.ptr[part.len - 1] == '\r';
	struct str line = gather(s, part, whole);
	if (line.len + 1 > line_limit(s, line))
		s->line_too_long = true;
	bool is_auth = !was_too_long && smtp_line_is_auth(line);
	/* what it was to bring may come next, as a line of its own */
	if (is_auth && s->line_too_long)
		s->hides_behind = "AUTH";
	/* also a part of it, and what is thrown away */
	s->line_is_secret =
	    s->line_is_secret || is_auth || s->auth_step != AUTH_IDLE;
	s->took_secret = s->took_secret || s->line_is_secret;
	if (whole) {
		s->heard = s->now;
		end_line(s, line, s->last_was_cr);
		s->line_too_long = s->last_was_cr = s->line_is_secret = false;
		if (s->took_secret)
			buf_wipe(&s->line);
		else
			buf_clear(&s->line);
	} else if (s->line_too_long) {
		buf_reset(&s->line);
	}
	return whole ? lf + 1 : in.len;
}

size_t
smtp_session_feed(struct smtp_session *s, struct str in, int64_t now_ms)
{
	size_t taken = 0;
	s->now = now_ms;
	/* of a command only its end counts (FL-19): a line is one read */
	if (s->state == STATE_TEXT)
		s->heard = now_ms;
	while (taken < in.len && s->want == SMTP_WANT_INPUT &&
	       s->out.len < SMTP_OUT_PAUSE) {
		struct str rest = str_sub(in, taken, in.len);
		taken += s->state == STATE_TEXT ? session_text_feed(s, rest)
						: feed_line(s, rest);
	}
	return s->want == SMTP_WANT_TLS ? in.len : taken;
}

bool
smtp_session_took_secret(struct smtp_session *s)
{
	bool took = s->took_secret;
	s->took_secret = false;
	return took;
}

void
smtp_session_hangup(struct smtp_session *s)
{
	if (s->state == STATE_TEXT) {
		session_reply(s, 451, "4.4.2",
		    "connection lost before the end of the message");
		session_reset(s);
	}
	session_close(s);
}
