/* One message to another server, by SMTP or LMTP. */
#include "core/queue/forward_int.h"

#include <stdlib.h>
#include <string.h>

enum {
	ARENA_MAX = 4 << 20,
	QUIT_MS = 200 /* for saying good-bye */
};

/* How far a message got. */
enum progress {
	BEFORE_END, /* the final dot is not sent: nothing can have arrived */
	AFTER_END
};

struct sending {
	struct queue_forward *f;
	const struct queue_message *m;
	const struct queue_client *client;
	const struct queue_apart *apart;
	struct queue_result *r;
	struct queue_answer *answers; /* QUEUE_TAKEN: nothing against it yet */
	enum progress progress;
	size_t settled; /* recipients whose answer is the last one */
	bool given_up;  /* by what it refused: nobody will have it */
};

struct queue_forward *
queue_forward_new(
    const struct queue_forward_spec *spec, const struct clock *clock)
{
	struct queue_forward *f = calloc(1, sizeof(*f));
	if (f == NULL)
		return NULL;
	f->spec = spec;
	f->clock = clock;
	f->connection = arena_new(ARENA_MAX, NULL, NULL);
	f->message = arena_new(ARENA_MAX, NULL, NULL);
	stream_init(&f->stream, clock, 0);
	if (f->connection != NULL && f->message != NULL)
		return f;
	queue_forward_free(f);
	return NULL;
}

void
queue_forward_hang_up(struct queue_forward *f)
{
	struct err e = ERR_INIT;
	if (f->connected) {
		f->stream.deadline_ms = clock_mono_ms(f->clock) + QUIT_MS;
		(void)!stream_write(&f->stream, STR("QUIT\r\n"), &e);
	}
	forward_disconnect(f);
}

void
queue_forward_free(struct queue_forward *f)
{
	if (f == NULL)
		return;
	queue_forward_hang_up(f);
	arena_free(f->connection);
	arena_free(f->message);
	free(f);
}

/* The server's words, for our own peer: printable, one line. */
static void
set_text(
    char to[QUEUE_TEXT_SIZE], const char *prefix, const struct smtp_answer *a)
{
	size_t n = (size_t)snprintf(to, QUEUE_TEXT_SIZE, "%s", prefix);
	struct str text = a->n > 0 ? a->lines[a->n - 1] : STR("");
	for (size_t i = 0; i < text.len && n + 1 < QUEUE_TEXT_SIZE; i++) {
		char c = text.ptr[i];
		to[n++] = c >= ' ' && c < 0x7f ? c : '?';
	}
	to[n] = '\0';
}

/*
 * What it says to something: of the whole message a 4xx outweighs a 5xx, since
 * the sender may try again, and learns more then. The answer for those whom it
 * is about; its text is empty when there is no memory.
 */
static struct queue_answer
note_refusal(struct sending *s, const char *what, const struct smtp_answer *a)
{
	bool final = a->code / 100 == 5;
	char prefix[16], text[QUEUE_TEXT_SIZE];
	snprintf(prefix, sizeof(prefix), "%u ", a->code);
	set_text(text, prefix, a);
	const char *copy = arena_printf(s->f->message, "%s", text);
	struct queue_answer answer = { final ? QUEUE_REFUSED : QUEUE_DECLINED,
		str_of(copy != NULL ? copy : "") };
	if (s->r->outcome == QUEUE_DECLINED ||
	    (s->r->outcome == QUEUE_REFUSED && final))
		return answer;
	s->r->outcome = answer.outcome;
	snprintf(s->r->text, sizeof(s->r->text), "%s", text);
	err_clear(&s->r->err);
	err_set(&s->r->err, final ? ERR_PERMANENT : ERR_TEMPORARY,
	    "server '%s' answers %s with '%s'", s->f->spec->host, what, text);
	return answer;
}

/* From recipient 'from' on, for all that nothing was said against so far. */
static void
answer_rest(struct sending *s, size_t from, const struct queue_answer *answer)
{
	for (size_t i = from; i < s->m->n_rcpts; i++) {
		if (s->answers[i].outcome == QUEUE_TAKEN)
			s->answers[i] = *answer;
	}
}

/* It does not take the message at all. */
static void
note_all(struct sending *s, const char *what, const struct smtp_answer *a)
{
	struct queue_answer answer = note_refusal(s, what, a);
	answer_rest(s, 0, &answer);
	s->given_up = true;
}

static bool
ask(struct sending *s, const struct buf *line, struct smtp_answer *a,
    struct err *e)
{
	if (line->failed)
		return err_set(e, ERR_PERMANENT, "an address is too long");
	return smtp_client_ask(
	    &s->f->stream, s->f->message, buf_cstr(line), a, e);
}

void
forward_path(struct buf *line, const char *verb, const struct mail_path *p)
{
	buf_reset(line);
	buf_addf(line, "%s<", verb);
	mail_path_format(line, p);
	buf_add_char(line, '>');
}

struct attribute {
	const char *name;
	struct str value;
};

/* XCLIENT with the attributes that the server lists, then EHLO anew. */
static bool
tell_client(struct sending *s, struct err *e)
{
	const struct queue_client *c = s->client;
	bool v6 = str_find(c->ip, ':', 0) < c->ip.len;
	bool no_name = c->name.len == 0 || str_is(c->name, "Unknown");
	char addr[80];
	snprintf(
	    addr, sizeof(addr), "%s%.*s", v6 ? "IPV6:" : "", STR_ARG(c->ip));
	const struct attribute known[] = {
		{ "NAME", no_name ? STR("[UNAVAILABLE]") : c->name },
		{ "ADDR", str_of(addr) },
		{ "PORT", STR("[UNAVAILABLE]") },
		{ "HELO", c->helo.len > 0 ? c->helo : STR("[UNAVAILABLE]") },
		{ "PROTO", c->esmtp ? STR("ESMTP") : STR("SMTP") },
	};
	struct buf line = BUF_INIT(FORWARD_COMMAND_MAX);
	struct str rest = s->f->xclient, word;
	struct smtp_answer a;
	buf_add_cstr(&line, "XCLIENT");
	while (str_next_word(&rest, &word)) {
		for (size_t i = 0; i < ARRAY_LEN(known); i++) {
			if (!str_is_nocase(word, known[i].name))
				continue;
			buf_addf(&line, " %s=", known[i].name);
			forward_xtext(&line, known[i].value);
		}
	}
	bool ok = ask(s, &line, &a, e);
	buf_clear(&line);
	if (ok && a.code / 100 != 2) {
		note_all(s, "XCLIENT", &a);
		return true;
	}
	return ok && forward_hello(s->f, e);
}

static bool
envelope(struct sending *s, struct err *e)
{
	struct smtp_answer a;
	struct buf line = BUF_INIT(FORWARD_COMMAND_MAX);
	forward_path(&line, "MAIL FROM:", &s->m->sender);
	if (s->f->offers.eight_bit)
		buf_add_cstr(&line, " BODY=8BITMIME");
	bool ok = ask(s, &line, &a, e);
	if (ok && a.code / 100 != 2)
		note_all(s, "MAIL", &a);
	bool sender = ok && a.code / 100 == 2;
	for (size_t i = 0; sender && ok && i < s->m->n_rcpts; i++) {
		forward_path(&line, "RCPT TO:", &s->m->rcpts[i]);
		ok = ask(s, &line, &a, e);
		if (ok && a.code / 100 != 2)
			s->answers[i] = note_refusal(s, "RCPT", &a);
	}
	buf_clear(&line);
	return ok;
}

/* Some have it whatever the server said of others; else nobody will. */
static bool
goes_on(struct sending *s)
{
	bool has[] = { [QUEUE_TAKEN] = false,
		[QUEUE_DECLINED] = false,
		[QUEUE_REFUSED] = false };
	for (size_t i = 0; i < s->m->n_rcpts; i++)
		has[s->answers[i].outcome] = true;
	s->given_up = !has[QUEUE_TAKEN] ||
		      (has[QUEUE_DECLINED] && !s->apart->declined) ||
		      (has[QUEUE_REFUSED] && !s->apart->refused);
	return !s->given_up;
}

/* "2.0.0 Ok: queued as 3F1C2A": its last word is the ID. */
static void
note_id(struct sending *s, const struct smtp_answer *a)
{
	struct str rest = STR_EMPTY, word = STR_EMPTY, next;
	if (a->n > 0)
		rest = a->lines[a->n - 1];
	while (str_next_word(&rest, &next))
		word = next;
	struct smtp_answer id = { .lines = &word, .n = 1 };
	if (a->n > 0)
		set_text(s->r->queued_as, "queued as ", &id);
}

/* The answers to the text: LMTP has one for each recipient it accepted. */
static bool
hear_end(struct sending *s, struct err *e)
{
	struct smtp_answer a = { .code = 0 };
	bool each = s->f->spec->lmtp;
	for (size_t i = 0; i < (each ? s->m->n_rcpts : 1); i++) {
		if (each && s->answers[i].outcome != QUEUE_TAKEN)
			continue;
		s->settled = i;
		if (!smtp_client_answer(&s->f->stream, s->f->message, &a, e))
			return false;
		if (a.code / 100 == 2)
			note_id(s, &a);
		else if (each)
			s->answers[i] = note_refusal(s, "the message", &a);
		else
			note_all(s, "the message", &a);
	}
	s->settled = s->m->n_rcpts;
	if (s->r->outcome == QUEUE_TAKEN)
		memcpy(s->r->text, s->r->queued_as, sizeof(s->r->queued_as));
	return true;
}

/*
 * False when the connection is of no use any more; what the server refused is
 * in the result, and the connection goes on.
 */
static bool
converse(struct sending *s, struct err *e)
{
	struct smtp_answer a;
	struct stream *stream = &s->f->stream;
	if (s->f->spec->xclient && s->f->xclient.len > 0 && !tell_client(s, e))
		return false;
	if (!s->given_up && !envelope(s, e))
		return false;
	if (!goes_on(s))
		return smtp_client_ask(stream, s->f->message, "RSET", &a, e);
	if (!smtp_client_ask(stream, s->f->message, "DATA", &a, e))
		return false;
	if (a.code != 354) {
		note_all(s, "DATA", &a);
		/* 2xx would be nonsense: never go on with such a server */
		if (a.code / 100 != 4 && a.code / 100 != 5)
			return err_set(
			    e, ERR_TEMPORARY, "it does not speak SMTP");
		return smtp_client_ask(stream, s->f->message, "RSET", &a, e);
	}
	s->progress = AFTER_END;
	return forward_text(stream, s->m, e) && hear_end(s, e);
}

/* On a connection there is, or a fresh one. */
static bool
attempt(struct sending *s, int64_t end, struct err *e)
{
	*s->r = (struct queue_result){ .outcome = QUEUE_TAKEN };
	s->progress = BEFORE_END;
	s->settled = 0;
	s->given_up = false;
	memset(s->answers, 0, s->m->n_rcpts * sizeof(*s->answers));
	arena_reset(s->f->message);
	s->f->stream.deadline_ms = end;
	if (!s->f->connected && !forward_connect(s->f, end, e))
		return false;
	if (converse(s, e))
		return true;
	forward_disconnect(s->f);
	err_context(e, "server '%s'", s->f->spec->host);
	/* what it refused before it broke off stands */
	return s->given_up;
}

void
queue_forward_send(struct queue_forward *f, const struct queue_message *m,
    const struct queue_client *client, const struct queue_apart *apart,
    struct queue_answer *answers, struct queue_result *r)
{
	struct err e = ERR_INIT;
	struct sending s = { .f = f,
		.m = m,
		.client = client,
		.apart = apart,
		.r = r,
		.answers = answers };
	int64_t end = clock_mono_ms(f->clock) + f->spec->limit_ms;
	if (f->connected && !forward_is_usable(f))
		forward_disconnect(f);
	bool reused = f->connected;
	bool ok = attempt(&s, end, &e);
	/* the server had enough of an old connection: once more */
	if (!ok && reused && s.progress == BEFORE_END) {
		err_clear(&e);
		ok = attempt(&s, end, &e);
	}
	if (!ok)
		*r = (struct queue_result){ .outcome = QUEUE_DECLINED,
			.err = e };
	/* accepted, and then the message did not come to its end */
	struct queue_answer rest = { .outcome = r->outcome };
	answer_rest(&s, s.settled, &rest);
}
