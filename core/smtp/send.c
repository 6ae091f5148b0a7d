/* A client that sends one message. */
#include "core/smtp/send.h"

#include "core/base/i18n.h"
#include "core/smtp/client.h"
#include "core/smtp/command.h"
#include "core/smtp/wire.h"

enum {
	MEMORY_MAX = 8 << 20 /* of all answers: each has its own bound */
};

/* The first digit of a reply (RFC 5321 4.2.1). */
enum {
	REPLY_DONE = 2,
	REPLY_MORE = 3,
	REPLY_REFUSED = 5
};

struct talk {
	struct stream stream;
	struct arena *arena;
	struct err *e;
	enum smtp_sent broken; /* what a broken connection means now */
};

/* The connection is of no use any more, or has said what is no answer. */
static enum smtp_sent
broken(struct talk *t)
{
	if (t->e != NULL)
		t->e->code = ERR_TEMPORARY;
	return t->broken;
}

/* The reply must be of this kind; else later or refused, by its own. */
static enum smtp_sent
judge(struct talk *t, const struct smtp_answer *a, unsigned kind)
{
	bool final = a->code / 100 == REPLY_REFUSED;
	struct buf words = BUF_INIT(ERR_TEXT_MAX);
	if (a->code / 100 == kind)
		return SMTP_SENT;
	buf_addf(&words, "%u", a->code);
	for (size_t i = 0; i < a->n; i++)
		buf_addf(&words, " %.*s", STR_ARG(a->lines[i]));
	err_set(t->e, final ? ERR_PERMANENT : ERR_TEMPORARY,
	    _("the server said '%s'"), buf_cstr(&words));
	buf_clear(&words);
	return final ? SMTP_SENT_REFUSED : SMTP_SENT_LATER;
}

static enum smtp_sent
hear(struct talk *t, unsigned kind)
{
	struct smtp_answer a;
	return smtp_client_answer(&t->stream, t->arena, &a, t->e)
		   ? judge(t, &a, kind)
		   : broken(t);
}

static enum smtp_sent
say(struct talk *t, const char *command, unsigned kind)
{
	struct smtp_answer a;
	if (command == NULL)
		err_no_memory(t->e);
	else if (smtp_client_ask(&t->stream, t->arena, command, &a, t->e))
		return judge(t, &a, kind);
	return broken(t);
}

static enum smtp_sent
send_text(struct talk *t, struct str message)
{
	struct smtp_wire w;
	smtp_wire_init(&w, &t->stream);
	bool ok = smtp_wire_put(&w, message, t->e);
	if (ok)
		t->broken = SMTP_SENT_UNKNOWN;
	ok = ok && smtp_wire_end(&w, t->e);
	smtp_wire_clear(&w);
	return ok ? hear(t, REPLY_DONE) : broken(t);
}

static enum smtp_sent
dialogue(struct talk *t, const struct smtp_send *s)
{
	const struct {
		const char *command;
		unsigned kind;
	} steps[] = {
		{ arena_printf(t->arena, "EHLO %s", s->helo), REPLY_DONE },
		{ arena_printf(t->arena, "MAIL FROM:<%.*s>", STR_ARG(s->from)),
		    REPLY_DONE },
		{ arena_printf(t->arena, "RCPT TO:<%.*s>", STR_ARG(s->to)),
		    REPLY_DONE },
		{ "DATA", REPLY_MORE },
	};
	enum smtp_sent r = hear(t, REPLY_DONE);
	for (size_t i = 0; i < ARRAY_LEN(steps) && r == SMTP_SENT; i++)
		r = say(t, steps[i].command, steps[i].kind);
	if (r == SMTP_SENT)
		r = send_text(t, s->message);
	if (r == SMTP_SENT) /* what it answers is all one */
		(void)!stream_write(&t->stream, STR("QUIT\r\n"), NULL);
	return r;
}

/* A line end in one of them would be a command of its own. */
static bool
fits_commands(const struct smtp_send *s, struct err *e)
{
	const struct str words[] = { str_of(s->helo), s->from, s->to };
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (smtp_line_has_control(words[i]))
			return err_set(e, ERR_PERMANENT,
			    _("'%.*s' cannot stand in an SMTP command"),
			    STR_ARG(words[i]));
	}
	return true;
}

enum smtp_sent
smtp_send_message(
    const struct smtp_send *s, const struct clock *clock, struct err *e)
{
	struct talk t = { .e = e, .broken = SMTP_SENT_LATER };
	if (!fits_commands(s, e))
		return SMTP_SENT_REFUSED;
	t.arena = arena_new(MEMORY_MAX, NULL, NULL);
	if (t.arena == NULL) {
		err_no_memory(e);
		return SMTP_SENT_LATER;
	}
	stream_init(&t.stream, clock, clock_mono_ms(clock) + s->limit_ms);
	enum smtp_sent r = stream_connect(&t.stream, &s->addr, s->port, e)
			       ? dialogue(&t, s)
			       : broken(&t);
	stream_close(&t.stream);
	arena_free(t.arena);
	return r;
}
