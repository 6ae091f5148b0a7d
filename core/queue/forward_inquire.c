/* Asking another server about a recipient, without a message. */
#include "core/queue/forward_int.h"

#include <stdio.h>

enum {
	GOODBYE_MS = 1000 /* for the answers to RSET and QUIT together */
};

/* Its words, in lines: printable, and no more than there is room for. */
static void
set_text(struct queue_inquiry *out, const struct smtp_answer *a)
{
	size_t n = 0;
	for (size_t i = 0; i < a->n; i++) {
		struct str line = a->lines[i];
		if (n + 2 >= sizeof(out->text))
			break;
		if (i > 0)
			out->text[n++] = '\n';
		for (size_t k = 0; k < line.len && n + 1 < sizeof(out->text);
		     k++) {
			char c = line.ptr[k];
			out->text[n++] = c >= ' ' && c < 0x7f ? c : '?';
		}
	}
	out->text[n] = '\0';
}

/*
 * What it says to one command: true for a 2xx, 4xx or 5xx that is about it,
 * false with the reason for anything else.
 */
static bool
say(struct queue_forward *f, const char *verb, const struct mail_path *path,
    struct smtp_answer *a, struct err *e)
{
	struct buf line = BUF_INIT(FORWARD_COMMAND_MAX);
	forward_path(&line, verb, path);
	bool ok = line.failed ? err_set(e, ERR_TEMPORARY, "out of memory")
			      : smtp_client_ask(&f->stream, f->message,
				    buf_cstr(&line), a, e);
	buf_clear(&line);
	if (!ok)
		return false;
	unsigned kind = a->code / 100;
	if (kind == 2 || kind == 4 || kind == 5)
		return true;
	return err_set(
	    e, ERR_TEMPORARY, "it answers %s with '%u'", verb, a->code);
}

static bool
ask(struct queue_forward *f, const struct mail_path *sender,
    const struct mail_path *rcpt, struct queue_inquiry *out, struct err *e)
{
	struct smtp_answer a;
	if (!say(f, "MAIL FROM:", sender, &a, e))
		return false;
	if (a.code / 100 == 2 && !say(f, "RCPT TO:", rcpt, &a, e))
		return false;
	out->code = a.code;
	set_text(out, &a);
	return true;
}

/* The answer is known: a server that is slow now holds up nobody. */
static void
say_goodbye(struct queue_forward *f)
{
	struct smtp_answer a;
	struct err e = ERR_INIT;
	int64_t until = clock_mono_ms(f->clock) + GOODBYE_MS;
	if (until < f->stream.deadline_ms)
		f->stream.deadline_ms = until;
	(void)(smtp_client_ask(&f->stream, f->message, "RSET", &a, &e) &&
	       smtp_client_ask(&f->stream, f->message, "QUIT", &a, &e));
	forward_disconnect(f);
}

void
queue_forward_inquire(const struct queue_forward_spec *spec,
    const struct clock *clock, const struct mail_path *sender,
    const struct mail_path *rcpt, struct queue_inquiry *out)
{
	int64_t end = clock_mono_ms(clock) + spec->limit_ms;
	struct queue_forward *f = queue_forward_new(spec, clock);
	*out = (struct queue_inquiry){ .code = 0 };
	if (f == NULL) {
		err_set(&out->err, ERR_TEMPORARY, "out of memory");
		return;
	}
	if (forward_connect(f, end, &out->err)) {
		if (ask(f, sender, rcpt, out, &out->err))
			say_goodbye(f);
		else
			forward_disconnect(f);
	}
	queue_forward_free(f);
}
