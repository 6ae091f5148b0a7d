/*
 * Fuzzes SMTP sessions: the first two bytes choose settings and how a fake
 * policy answers, the rest is what the peer sends, once in one piece and once
 * byte by byte; replies, log and jobs must come out the same and well formed.
 * Exercises core/smtp/session.c, session_command.c, session_answer.c,
 * session_auth.c, auth.c, session_text.c, text.c, command.c, reply.c, stamp.c,
 * core/mail/path.c and header.c.
 */
#include "core/smtp/limits.h"
#include "core/smtp/session.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	TEXT_MAX = 32 << 20,
	NOW_S = 1700000000
};

struct play {
	struct smtp_session *s;
	unsigned answers; /* bits that choose verdicts */
	unsigned asked;
	struct buf out, log, spool, jobs;
	bool closed;
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
on_log(void *ctx, int level, struct str text)
{
	struct play *p = ctx;
	require(level >= 0 && level <= 7);
	buf_add_str(&p->log, text);
	buf_add_char(&p->log, '\n');
}

static void
on_refused(void *ctx, enum filter_result result, struct str text)
{
	(void)ctx;
	require(result == FILTER_DENY || result == FILTER_DENYSOFT);
	require(text.len > 0);
}

static void
on_reset(void *ctx)
{
	struct smtp_facts f;
	struct play *p = ctx;
	smtp_session_facts(p->s, &f);
	require(f.n_rcpts == 0);
}

static const struct smtp_events events = { on_log, on_refused, on_reset };

static void
judge(struct play *p)
{
	static const enum filter_result results[] = { FILTER_OK,
		FILTER_DECLINED, FILTER_DENY, FILTER_DENYSOFT,
		FILTER_DENY_DISCONNECT, FILTER_DENYSOFT_DISCONNECT, FILTER_DONE,
		FILTER_OK };
	const struct smtp_question *q = smtp_session_question(p->s);
	struct smtp_facts f;
	smtp_session_facts(p->s, &f);
	require(f.n_rcpts <= SMTP_RCPTS_MAX);
	require((q->message != NULL) == (q->hook == HOOK_DATA_HEADERS_END ||
					    q->hook == HOOK_DATA_POST_HEADERS ||
					    q->hook == HOOK_DATA_POST ||
					    q->hook == HOOK_QUEUE_PRE));
	/* mostly yes, so that sessions come far */
	unsigned which = (p->answers >> (p->asked++ % 8)) & 1
			     ? (p->answers + p->asked) % 8
			     : 0;
	struct smtp_offers offers = {
		.auth = (p->answers & 2) ? SMTP_AUTH_OFFERED : SMTP_AUTH_NONE,
		.login_first = (p->answers & 6) == 6
	};
	smtp_session_set_offers(p->s, &offers);
	smtp_session_answer(p->s, results[which], STR("said (#5.1.1)"));
}

static void
keep_job(struct play *p)
{
	const struct smtp_job *job = smtp_session_job(p->s);
	require(job->n_rcpts > 0);
	require(str_starts(job->head, STR("Received: from ")));
	for (size_t i = 0; i < job->body.len; i++)
		require(job->body.ptr[i] != '\r' && job->body.ptr[i] != '\0');
	for (size_t i = 0; i < job->message_id.len; i++)
		require(job->message_id.ptr[i] > ' ' &&
			job->message_id.ptr[i] <= '~');
	buf_add_str(&p->jobs, job->head);
	buf_add_str(&p->jobs, job->body);
	smtp_session_queued(
	    p->s, (enum smtp_queued)(p->answers % 3), (struct str)STR_EMPTY);
	buf_reset(&p->spool);
}

static void
log_in(struct play *p)
{
	struct smtp_login l = smtp_session_login(p->s);
	require(l.user.len > 0 && l.password.len > 0);
	require(str_find(l.user, '\0', 0) == l.user.len);
	require(str_find(l.password, '\0', 0) == l.password.len);
	smtp_session_logged_in(p->s, (enum smtp_logged_in)(l.user.len % 3));
}

/* Whatever it wants but input. */
static void
serve(struct play *p)
{
	for (;;) {
		switch (smtp_session_want(p->s)) {
		case SMTP_WANT_INPUT:
			return;
		case SMTP_WANT_VERDICT:
			judge(p);
			break;
		case SMTP_WANT_SPOOL:
			buf_add_str(&p->spool, smtp_session_chunk(p->s));
			smtp_session_spooled(p->s, true);
			break;
		case SMTP_WANT_TEXT:
			smtp_session_give_text(p->s, buf_str(&p->spool), NOW_S);
			break;
		case SMTP_WANT_QUEUE:
			keep_job(p);
			break;
		case SMTP_WANT_LOGIN:
			log_in(p);
			break;
		case SMTP_WANT_PAUSE:
			smtp_session_tick(p->s, SMTP_LOGIN_DELAY_MS);
			break;
		case SMTP_WANT_TLS: /* not offered here */
			abort();
		case SMTP_WANT_CLOSE:
			p->closed = true;
			return;
		}
	}
}

static void
play(struct play *p, const struct smtp_config *config, unsigned answers,
    struct str in, size_t step)
{
	static const struct smtp_peer peer = { { "192.0.2.9", 9 },
		{ "Unknown", 7 }, false };
	*p = (struct play){ .answers = answers };
	buf_init(&p->out, TEXT_MAX);
	buf_init(&p->log, TEXT_MAX);
	buf_init(&p->spool, TEXT_MAX);
	buf_init(&p->jobs, TEXT_MAX);
	p->s = smtp_session_new(config, &peer, &events, p, 0);
	require(p->s != NULL);
	smtp_session_set_relay(p->s, answers & 1);
	serve(p);
	while (in.len > 0 && !p->closed) {
		struct str part = str_sub(in, 0, step);
		in = str_sub(in, smtp_session_feed(p->s, part, 0), in.len);
		serve(p);
		buf_add_str(&p->out, buf_str(smtp_session_output(p->s)));
		buf_reset(smtp_session_output(p->s));
	}
	if (!p->closed)
		smtp_session_hangup(p->s);
	buf_add_str(&p->out, buf_str(smtp_session_output(p->s)));
	smtp_session_free(p->s);
}

static void
check_replies(struct str out)
{
	struct str line;
	while (str_next_line(&out, &line)) {
		require(line.len >= 5 && line.len <= 520);
		require(line.ptr[line.len - 1] == '\r');
		for (int i = 0; i < 3; i++)
			require(ascii_is_digit(line.ptr[i]));
		require(line.ptr[3] == ' ' || line.ptr[3] == '-');
		for (size_t i = 0; i + 1 < line.len; i++)
			require(line.ptr[i] >= ' ' && line.ptr[i] <= '~');
	}
}

static void
clear(struct play *p)
{
	buf_clear(&p->out);
	buf_clear(&p->log);
	buf_clear(&p->spool);
	buf_clear(&p->jobs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct play whole, bytes;
	if (size < 2)
		return 0;
	struct smtp_config config = {
		.me = STR("mx.example"),
		.greeting = STR("mx.example ESMTP"),
		.auth_id = STR("mx.example"),
		.rcpts_max = SMTP_RCPTS_MAX,
		.idle_ms = 1000,
		.login_delay_ms = SMTP_LOGIN_DELAY_MS,
		.logins_max = SMTP_LOGINS_MAX,
		.bare_lf = (enum smtp_bare_lf)(data[0] % 4),
		.databytes = (data[0] & 4) ? 200 : 0,
		.log_level = (data[0] & 8) ? 6 : 4,
	};
	struct str in = str_n((const char *)data + 2, size - 2);
	play(&whole, &config, data[1], in, in.len);
	play(&bytes, &config, data[1], in, 1);
	check_replies(buf_str(&whole.out));
	require(str_eq(buf_str(&whole.out), buf_str(&bytes.out)));
	require(str_eq(buf_str(&whole.log), buf_str(&bytes.log)));
	require(str_eq(buf_str(&whole.jobs), buf_str(&bytes.jobs)));
	require(whole.closed == bytes.closed);
	clear(&whole);
	clear(&bytes);
	return 0;
}
