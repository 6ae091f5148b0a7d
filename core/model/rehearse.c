/* What the client of a rehearsal says, and what comes of it. */
#include "core/model/rehearse.h"

#include "core/base/num.h"
#include "core/mail/date.h"
#include "core/model/rehearse_int.h"
#include "core/model/why_int.h"

#include <string.h>

enum {
	LINE_MAX_BYTES = 2048,
	REPLY_CODE = 3,
	REPLY_CODE_MAX = 599
};

bool
rehearse_is_denial(const struct rehearse_step *s)
{
	return s != NULL && (strcmp(s->result, "refused") == 0 ||
				strcmp(s->result, "deferred") == 0);
}

const char *
rehearse_verdict_word(enum rehearse_verdict v)
{
	static const char *const words[] = { "accepted", "refused",
		"deferred" };
	return words[v];
}

/* ---- the message ---- */

static void
add_small_message(const struct rehearse_stage *s, struct buf *out)
{
	char date[MAIL_DATE_SIZE];
	const struct rehearse_request *r = s->request;
	mail_date_format(clock_wall_s(s->m->clock), date);
	buf_addf(out,
	    "From: <%.*s>\r\nTo: <%.*s>\r\nDate: %s\r\n"
	    "Message-ID: <rehearsal@smemail.invalid>\r\n"
	    "Subject: rehearsal\r\n\r\nrehearsal\r\n",
	    STR_ARG(r->sender.len > 0 ? r->sender
				      : STR("postmaster@smemail.invalid")),
	    STR_ARG(r->rcpts[0]), date);
}

/* A bare LF is a line end of the file, as a mail program would send it. */
static void
add_message(struct str text, struct buf *out)
{
	struct str line;
	while (str_next_line(&text, &line)) {
		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		if (line.len > 0 && line.ptr[0] == '.')
			buf_add_char(out, '.');
		buf_add_str(out, line);
		buf_add_cstr(out, "\r\n");
	}
}

/*
 * The message as a client sends it: line ends CRLF, dots stuffed, the final
 * dot.
 */
static bool
rehearse_text(const struct rehearse_stage *s, struct buf *out, struct err *e)
{
	if (s->request->message.ptr == NULL)
		add_small_message(s, out);
	else
		add_message(s->request->message, out);
	buf_add_cstr(out, ".\r\n");
	return !out->failed || err_no_memory(e);
}

/* ---- the conversation ---- */

/* "550-first\r\n550 last\r\n": lines parted by LF. */
static struct str
tidy_reply(const struct model_ctx *m, struct str reply)
{
	struct buf out = BUF_INIT(reply.len + 1);
	struct str line;
	while (str_next_line(&reply, &line)) {
		if (out.len > 0)
			buf_add_char(&out, '\n');
		buf_add_str(&out, str_trim(line));
	}
	struct str tidy = arena_str(m->arena, buf_str(&out));
	buf_clear(&out);
	return tidy;
}

/* Take what the session has answered; its code, 0 for none. */
static int
take_reply(struct rehearse_stage *s)
{
	struct str reply = buf_str(smtp_session_output(s->smtp));
	uint64_t code;
	if (reply.len < REPLY_CODE ||
	    !num_parse_u64(
		str_sub(reply, 0, REPLY_CODE), REPLY_CODE_MAX, &code))
		return 0;
	s->out->reply = arena_str(s->m->arena, reply);
	return (int)code;
}

/* Feed it; the code of the reply, 0 for none. */
int
rehearse_say(struct rehearse_stage *s, struct str bytes)
{
	int64_t now = clock_mono_ms(s->m->clock);
	buf_reset(smtp_session_output(s->smtp));
	while (bytes.len > 0 && smtp_session_want(s->smtp) == SMTP_WANT_INPUT) {
		size_t n = smtp_session_feed(s->smtp, bytes, now);
		bytes = str_sub(bytes, n, bytes.len);
		rehearse_serve(s);
	}
	return take_reply(s);
}

static int
say_about(struct rehearse_stage *s, const char *before, struct str what,
    const char *after)
{
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	buf_addf(&line, "%s%.*s%s\r\n", before, STR_ARG(what), after);
	int code = rehearse_say(s, buf_str(&line));
	buf_clear(&line);
	return code;
}

static bool
is_yes(int code)
{
	return code >= 200 && code < 400;
}

static int
say_rcpt(struct rehearse_stage *s, size_t i)
{
	struct rehearsal *out = s->out;
	struct str address = s->request->rcpts[i];
	s->rcpt = i + 1;
	int code = say_about(s, "RCPT TO:<", address, ">");
	s->rcpt = 0;
	out->rcpts[out->n_rcpts++] =
	    (struct rehearse_rcpt){ address, tidy_reply(s->m, out->reply) };
	return code;
}

/* The code that decides: of the first recipient, where none is taken. */
static int
say_rcpts(struct rehearse_stage *s)
{
	s->out->rcpts = ARENA_ARRAY(
	    s->m->arena, s->request->n_rcpts + 1, struct rehearse_rcpt);
	int first = 0;
	bool any = false;
	struct str reply = STR_EMPTY;
	for (size_t i = 0; i < s->request->n_rcpts; i++) {
		int code = say_rcpt(s, i);
		any = any || is_yes(code);
		if (is_yes(code) || first != 0)
			continue;
		first = code;
		reply = s->out->reply;
	}
	if (any)
		return 250;
	s->out->reply = reply;
	return first;
}

static int
say_data(struct rehearse_stage *s, struct err *e)
{
	int code = rehearse_say(s, STR("DATA\r\n"));
	if (!is_yes(code))
		return code;
	struct buf text = BUF_INIT(2 * (size_t)REHEARSE_MESSAGE_MAX);
	code = rehearse_text(s, &text, e) ? rehearse_say(s, buf_str(&text)) : 0;
	buf_clear(&text);
	return code;
}

/* The code of the reply that decides. */
static int
converse(struct rehearse_stage *s, struct err *e)
{
	const struct rehearse_request *r = s->request;
	rehearse_serve(s);
	int code = take_reply(s); /* the banner */
	if (is_yes(code))
		code = say_about(s, "EHLO ", r->helo, "");
	if (is_yes(code) && r->user.len > 0)
		code = rehearse_log_in(s);
	if (is_yes(code))
		code = say_about(s, "MAIL FROM:<", r->sender, ">");
	if (is_yes(code))
		code = say_rcpts(s);
	if (is_yes(code))
		code = say_data(s, e);
	return code;
}

/* ---- what it means ---- */

/* The setting behind the step that denied; a mark's own plugin counts. */
static const char *
find_setting(const struct rehearsal *r)
{
	const struct rehearse_step *last = NULL, *mark = NULL;
	for (size_t i = 0; i < r->steps.len; i++) {
		const struct rehearse_step *step =
		    VEC_AT(&r->steps, struct rehearse_step, i);
		bool denies = str_is(str_of(step->result), "refused") ||
			      str_is(str_of(step->result), "deferred");
		bool marks = str_is(str_of(step->result), "marked");
		if (marks)
			mark = step;
		/* it only tells what another plugin found */
		if (denies)
			last = str_is(step->plugin, "naughty") ? mark : step;
	}
	/* where no plugin did it was the session itself */
	const struct why_rule *rule = why_rule_of_text(
	    last != NULL ? last->plugin : STR("core"), r->reply);
	return rule != NULL ? rule->setting : NULL;
}

static bool
conclude(struct rehearse_stage *s, int code, struct err *e)
{
	struct rehearsal *out = s->out;
	if (e->code != 0)
		return false;
	if (s->full)
		return err_no_memory(e);
	out->verdict = is_yes(code)  ? REHEARSE_ACCEPTED
		       : code >= 500 ? REHEARSE_REFUSED
				     : REHEARSE_DEFERRED;
	out->reply = tidy_reply(s->m, out->reply);
	if (out->verdict != REHEARSE_ACCEPTED)
		out->setting = find_setting(out);
	return true;
}

bool
rehearse_run(const struct model_ctx *m, const struct rehearse_request *request,
    struct rehearsal *out, struct err *e)
{
	enum {
		NS_PER_US = 1000
	};
	struct rehearse_stage s = { .m = m, .request = request, .out = out };
	int64_t began = clock_mono_ns(m->clock);
	*out = (struct rehearsal){ .steps = VEC_INIT(struct rehearse_step) };
	bool ok = rehearse_open(&s, e) && conclude(&s, converse(&s, e), e);
	out->us = (clock_mono_ns(m->clock) - began) / NS_PER_US;
	rehearse_close(&s);
	return ok;
}
