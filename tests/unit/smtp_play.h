/*
 * A session played by tests: a fake policy and queue answer what it wants,
 * replies are collected.
 */
#ifndef TESTS_UNIT_SMTP_PLAY_H
#define TESTS_UNIT_SMTP_PLAY_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/smtp/limits.h"
#include "core/smtp/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	OUT_MAX = 4 << 20,
	NOW_S = 1700000000
};

/*
 * How the fake policy and queue of a case answer. Result 0 is no decision, so
 * an empty one changes nothing.
 */
struct answers {
	enum filter_hook hook; /* this one is answered so, others pass */
	enum filter_result result;
	const char *text;
	enum smtp_queued queued;
	bool spool_fails;
};

struct play {
	struct smtp_session *s;
	struct smtp_config config;
	const struct answers *answers;
	struct buf out;        /* all replies */
	struct buf log;        /* lines of the core */
	struct buf spool;      /* what went to the spool */
	struct buf head, body; /* of the last job */
	struct smtp_offers offers;
	enum smtp_logged_in login;
	bool tls_fails;
	unsigned jobs, resets, refusals, handshakes, logins;
	struct buf told; /* mechanism, user and password of the last login */
	size_t rcpts;    /* of the last job */
	bool closed;
	int64_t now;
};

static void
on_log(void *ctx, int level, struct str text)
{
	struct play *p = ctx;
	(void)level;
	buf_add_str(&p->log, text);
	buf_add_char(&p->log, '\n');
}

static void
on_refused(void *ctx, enum filter_result result, struct str text)
{
	struct play *p = ctx;
	(void)result;
	(void)text;
	p->refusals++;
}

static void
on_reset(void *ctx)
{
	struct play *p = ctx;
	p->resets++;
}

static const struct smtp_events events = { on_log, on_refused, on_reset };

static void
begin_as(struct play *p, const struct answers *answers, bool tls_first)
{
	static const struct answers none = { .hook = HOOK_COUNT };
	const struct smtp_peer peer = { { "192.0.2.9", 9 }, { "Unknown", 7 },
		tls_first };
	*p = (struct play){ .answers = answers != NULL ? answers : &none };
	p->config = (struct smtp_config){
		.me = STR("mx.local.example"),
		.greeting = STR("mx.local.example ESMTP"),
		.auth_id = STR("mx.local.example"),
		.rcpts_max = SMTP_RCPTS_MAX,
		.idle_ms = 1200 * 1000,
		.login_delay_ms = SMTP_LOGIN_DELAY_MS,
		.logins_max = SMTP_LOGINS_MAX,
		.log_level = 6,
	};
	buf_init(&p->out, OUT_MAX);
	buf_init(&p->log, OUT_MAX);
	buf_init(&p->spool, OUT_MAX);
	buf_init(&p->head, OUT_MAX);
	buf_init(&p->body, OUT_MAX);
	buf_init(&p->told, OUT_MAX);
	p->s = smtp_session_new(&p->config, &peer, &events, p, 0);
	assert_non_null(p->s);
}

UNUSED static void
begin(struct play *p, const struct answers *answers)
{
	begin_as(p, answers, false);
}

UNUSED static void
end(struct play *p)
{
	smtp_session_free(p->s);
	buf_clear(&p->out);
	buf_clear(&p->log);
	buf_clear(&p->spool);
	buf_clear(&p->head);
	buf_clear(&p->body);
	buf_clear(&p->told);
}

static void
judge(struct play *p)
{
	const struct smtp_question *q = smtp_session_question(p->s);
	enum filter_result result = FILTER_DECLINED;
	const char *text = "";
	if (q->hook == p->answers->hook) {
		result = p->answers->result;
		text = p->answers->text;
	} else if (q->hook == HOOK_RCPT) {
		/* as rcpt_ok: only our own domain */
		result = str_is(q->rcpt.domain, "local.example") ? FILTER_OK
								 : FILTER_DENY;
		text = "Relaying denied (#5.7.1)";
	}
	smtp_session_set_offers(p->s, &p->offers);
	smtp_session_answer(p->s, result, str_of(text));
}

static void
keep_job(struct play *p)
{
	const struct smtp_job *job = smtp_session_job(p->s);
	p->jobs++;
	p->rcpts = job->n_rcpts;
	buf_reset(&p->head);
	buf_reset(&p->body);
	buf_add_str(&p->head, job->head);
	buf_add_str(&p->body, job->body);
	if (job->spooled) /* the same bytes, by their place in the spool */
		assert_true(
		    str_eq(job->body, str_sub(buf_str(&p->spool),
					  job->body_offset, p->spool.len)));
	smtp_session_queued(p->s, p->answers->queued, (struct str)STR_EMPTY);
}

static void
shake_hands(struct play *p)
{
	p->handshakes++;
	if (p->tls_fails)
		smtp_session_hangup(p->s);
	else
		smtp_session_secured(p->s, STR("TLS_TEST"));
}

static void
log_in(struct play *p)
{
	struct smtp_login l = smtp_session_login(p->s);
	p->logins++;
	buf_reset(&p->told);
	buf_addf(&p->told, "%s %.*s %.*s", smtp_mechanism_name(l.mechanism),
	    STR_ARG(l.user), STR_ARG(l.password));
	smtp_session_set_relay(p->s, p->login == SMTP_LOGIN_OK);
	smtp_session_logged_in(p->s, p->login);
}

/* Whatever it wants but input; false when that is all it wants. */
static bool
serve(struct play *p)
{
	switch (smtp_session_want(p->s)) {
	case SMTP_WANT_INPUT:
		return false;
	case SMTP_WANT_VERDICT:
		judge(p);
		return true;
	case SMTP_WANT_SPOOL:
		if (!p->answers->spool_fails)
			buf_add_str(&p->spool, smtp_session_chunk(p->s));
		smtp_session_spooled(p->s, !p->answers->spool_fails);
		return true;
	case SMTP_WANT_TEXT:
		smtp_session_give_text(p->s, buf_str(&p->spool), NOW_S);
		return true;
	case SMTP_WANT_QUEUE:
		keep_job(p);
		buf_reset(&p->spool);
		return true;
	case SMTP_WANT_TLS:
		shake_hands(p);
		return true;
	case SMTP_WANT_LOGIN:
		log_in(p);
		return true;
	case SMTP_WANT_PAUSE:
		smtp_session_tick(p->s, p->now += SMTP_LOGIN_DELAY_MS);
		return true;
	case SMTP_WANT_CLOSE:
		p->closed = true;
		return false;
	}
	return false;
}

static void
collect(struct play *p)
{
	struct buf *out = smtp_session_output(p->s);
	buf_add_str(&p->out, buf_str(out));
	buf_reset(out);
}

static void
run(struct play *p)
{
	while (serve(p))
		;
	collect(p);
}

/* Send 'in' in pieces of 'step' bytes. */
UNUSED static void
say(struct play *p, struct str in, size_t step)
{
	run(p);
	while (in.len > 0 && !p->closed) {
		struct str part = str_sub(in, 0, step);
		size_t n = smtp_session_feed(p->s, part, p->now);
		in = str_sub(in, n, in.len);
		run(p);
	}
}

/* "220 250 250-250 ..." and "close": the code of each reply's last line. */
UNUSED static void
codes_of(struct play *p, struct buf *codes)
{
	struct str all = buf_str(&p->out);
	struct str line;
	while (str_next_line(&all, &line)) {
		assert_true(line.len >= 5 && line.ptr[line.len - 1] == '\r');
		if (line.ptr[3] == '-')
			continue;
		buf_addf(codes, "%.3s ", line.ptr);
	}
	if (p->closed)
		buf_add_cstr(codes, "close ");
}

#define HELLO "EHLO client.example\r\n"
#define ENVELOPE                                                               \
	HELLO "MAIL FROM:<a@out.example>\r\nRCPT TO:<b@local.example>\r\n"
#define MESSAGE                                                                \
	"From: a@out.example\r\nMessage-Id: <1@out.example>\r\n\r\nx\r\n.\r\n"

#endif
