/*
 * Conversations with the session machine: a table of what is sent and which
 * codes come back, each played in one piece and byte by byte.
 */
#include "core/smtp/session.h"

#include "core/mail/header.h"
#include "core/smtp/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	OUT_MAX = 4 << 20,
	NOW_S = 1700000000
};

/* How the fake policy and queue of a case answer. */
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
	unsigned jobs, resets, refusals;
	size_t rcpts; /* of the last job */
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
begin(struct play *p, const struct answers *answers)
{
	static const struct answers none = { .hook = HOOK_COUNT };
	static const struct smtp_peer peer = { { "192.0.2.9", 9 },
		{ "Unknown", 7 } };
	*p = (struct play){ .answers = answers != NULL ? answers : &none };
	p->config = (struct smtp_config){
		.me = STR("mx.local.example"),
		.greeting = STR("mx.local.example ESMTP"),
		.auth_id = STR("mx.local.example"),
		.rcpts_max = SMTP_RCPTS_MAX,
		.idle_ms = 1200 * 1000,
		.log_level = 6,
	};
	buf_init(&p->out, OUT_MAX);
	buf_init(&p->log, OUT_MAX);
	buf_init(&p->spool, OUT_MAX);
	buf_init(&p->head, OUT_MAX);
	buf_init(&p->body, OUT_MAX);
	p->s = smtp_session_new(&p->config, &peer, &events, p, 0);
	assert_non_null(p->s);
}

static void
end(struct play *p)
{
	smtp_session_free(p->s);
	buf_clear(&p->out);
	buf_clear(&p->log);
	buf_clear(&p->spool);
	buf_clear(&p->head);
	buf_clear(&p->body);
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
static void
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
static void
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

static const struct conversation {
	const char *rule;
	const char *in;
	const char *codes;
	struct answers answers;
} conversations[] = {
	{ "FL-1 a message", ENVELOPE "DATA\r\n" MESSAGE "QUIT\r\n",
	    "220 250 250 250 354 250 221 close ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-5 case and spaces",
	    "ehlo   x\r\nmail   FROM:<a@b.example>\r\nrSeT\r\n",
	    "220 250 250 250 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-6 empty line", "\r\n", "220 500 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-6 control character", "NOOP \x01\r\nNOOP a\tb\r\n",
	    "220 501 250 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-6 trailing CRs", "NOOP\r\r\r\n", "220 250 ",
	    { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-7 HELO without name", "HELO\r\nEHLO  \r\nHELO x\r\n",
	    "220 501 501 250 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-7 second EHLO resets", ENVELOPE HELLO "DATA\r\n",
	    "220 250 250 250 250 503 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-10 order",
	    "MAIL FROM:<a@b.example>\r\nRCPT "
	    "TO:<b@local.example>\r\nDATA\r\n" HELLO
	    "RCPT TO:<b@local.example>\r\nDATA\r\n"
	    "MAIL FROM:<a@b.example>\r\nDATA\r\n",
	    "220 503 503 503 250 503 503 250 503 ",
	    { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-10 second MAIL starts over",
	    ENVELOPE "MAIL FROM:<c@d.example>\r\nDATA\r\n",
	    "220 250 250 250 250 503 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-10 after the dot it is over",
	    ENVELOPE "DATA\r\n" MESSAGE "DATA\r\n",
	    "220 250 250 250 354 250 503 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-10 RSET keeps HELO",
	    ENVELOPE "RSET\r\nDATA\r\n"
		     "MAIL FROM:<a@b.example>\r\n",
	    "220 250 250 250 250 503 250 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-10 RSET before HELO", "RSET\r\nMAIL FROM:<a@b.example>\r\n",
	    "220 250 503 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-11 keywords",
	    HELLO "MAIL <a@b.example>\r\nMAIL\r\n"
		  "MAIL TO:<a@b.example>\r\nMAIL FROM: <a@b.example>\r\n"
		  "RCPT <b@local.example>\r\nRCPT TO:  <b@local.example>\r\n",
	    "220 250 501 501 501 250 501 250 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-11 null sender", HELLO "MAIL FROM:\r\nMAIL FROM:<>\r\n",
	    "220 250 250 250 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-12 recipients",
	    HELLO "MAIL FROM:<>\r\nRCPT TO:<>\r\n"
		  "RCPT TO:<postmaster>\r\nRCPT TO:<b>\r\nRCPT TO:\r\n",
	    "220 250 250 501 550 501 501 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-13 parameters",
	    HELLO "MAIL FROM:<a@b.example> SIZE=9 BODY=8BITMIME\r\n"
		  "MAIL FROM:<a@b.example> FOO=1\r\n"
		  "MAIL FROM:<a@b.example> BODY=BINARYMIME\r\n"
		  "MAIL FROM:<a@b.example> SIZE=x\r\n"
		  "MAIL FROM:<a@b.example>SIZE=1\r\n"
		  "RCPT TO:<b@local.example> NOTIFY=NEVER\r\n",
	    "220 250 250 555 501 501 501 555 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-15", "NOOP\r\nNOOP x y\r\nVRFY root\r\nHELP\r\n",
	    "220 250 250 252 214 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-16 other verbs",
	    "EXPN x\r\nTURN\r\nBDAT 1\r\nSTARTTLS\r\n"
	    "AUTH PLAIN x\r\n",
	    "220 500 500 500 500 500 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-17 pipelining",
	    ENVELOPE "RCPT TO:<c@elsewhere.example>\r\nDATA\r\n" MESSAGE
		     "MAIL FROM:<>\r\nQUIT\r\nNOOP\r\n",
	    "220 250 250 250 550 354 250 250 221 close ",
	    { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-23 denied DATA reads nothing", ENVELOPE "DATA\r\nNOOP\r\n",
	    "220 250 250 250 554 250 ", { HOOK_DATA, FILTER_DENY, "", 0, 0 } },
	{ "FL-24 bare LF in commands", "EHLO x\nNOOP\nQUIT\n",
	    "220 250 250 221 close ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-25 smuggling",
	    ENVELOPE "DATA\r\n"
		     "a\n.\r\nMAIL FROM:<evil@local.example>\r\n.\r\nNOOP\r\n",
	    "220 250 250 250 354 550 250 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-26 bare CR", ENVELOPE "DATA\r\na\rb\r\n.\r\nNOOP\r\n",
	    "220 250 250 250 354 550 250 ", { HOOK_COUNT, 0, 0, 0, 0 } },
	{ "FL-33 queue declines", ENVELOPE "DATA\r\n" MESSAGE "NOOP\r\n",
	    "220 250 250 250 354 451 250 ",
	    { HOOK_COUNT, 0, 0, SMTP_QUEUE_DECLINED, 0 } },
	{ "FL-156 queue refuses", ENVELOPE "DATA\r\n" MESSAGE,
	    "220 250 250 250 354 554 ",
	    { HOOK_COUNT, 0, 0, SMTP_QUEUE_REFUSED, 0 } },
	{ "FL-60 nobody decides",
	    HELLO "MAIL FROM:<>\r\nRCPT TO:<b@local.example>\r\nDATA\r\n",
	    "220 250 250 450 503 ", { HOOK_RCPT, FILTER_DECLINED, "", 0, 0 } },
	{ "FL-2 pre-connection", "", "550 close ",
	    { HOOK_PRE_CONNECTION, FILTER_DENY, "go away", 0, 0 } },
	{ "FL-2 connect, soft", "NOOP\r\n", "421 close ",
	    { HOOK_CONNECT, FILTER_DENYSOFT, "", 0, 0 } },
	{ "FL-2 helo", HELLO "MAIL FROM:<>\r\n", "220 550 503 ",
	    { HOOK_HELO, FILTER_DENY, "", 0, 0 } },
	{ "FL-2 helo, disconnect", HELLO, "220 550 close ",
	    { HOOK_HELO, FILTER_DENY_DISCONNECT, "", 0, 0 } },
	{ "FL-2 mail",
	    HELLO "MAIL FROM:<a@b.example>\r\n"
		  "RCPT TO:<b@local.example>\r\n",
	    "220 250 450 503 ", { HOOK_MAIL, FILTER_DENYSOFT, "", 0, 0 } },
	{ "FL-2 rcpt, soft disconnect", ENVELOPE, "220 250 250 421 close ",
	    { HOOK_RCPT, FILTER_DENYSOFT_DISCONNECT, "", 0, 0 } },
	{ "FL-2 headers end, not honoured", ENVELOPE "DATA\r\n" MESSAGE,
	    "220 250 250 250 354 250 ",
	    { HOOK_DATA_HEADERS_END, FILTER_DENY, "", 0, 0 } },
	{ "FL-2 headers end, disconnect", ENVELOPE "DATA\r\n" MESSAGE,
	    "220 250 250 250 354 554 close ",
	    { HOOK_DATA_HEADERS_END, FILTER_DENY_DISCONNECT, "", 0, 0 } },
	{ "FL-2 data_post", ENVELOPE "DATA\r\n" MESSAGE "DATA\r\n",
	    "220 250 250 250 354 552 503 ",
	    { HOOK_DATA_POST, FILTER_DENY, "", 0, 0 } },
	{ "FL-2 data_post, soft disconnect", ENVELOPE "DATA\r\n" MESSAGE,
	    "220 250 250 250 354 421 close ",
	    { HOOK_DATA_POST, FILTER_DENYSOFT_DISCONNECT, "", 0, 0 } },
	{ "FL-2 vrfy resets", ENVELOPE "VRFY x\r\nDATA\r\n",
	    "220 250 250 250 554 503 ", { HOOK_VRFY, FILTER_DENY, "", 0, 0 } },
	{ "FL-95 too many unknown", "X\r\n", "220 521 close ",
	    { HOOK_UNRECOGNIZED, FILTER_DENY_DISCONNECT, "", 0, 0 } },
};

static void
check_conversation(const struct conversation *c, size_t step)
{
	struct play p;
	struct buf codes = BUF_INIT(4096);
	begin(&p, &c->answers);
	say(&p, str_of(c->in), step);
	codes_of(&p, &codes);
	if (strcmp(buf_cstr(&codes), c->codes) != 0)
		fail_msg("%s: '%s' instead of '%s'", c->rule, buf_cstr(&codes),
		    c->codes);
	buf_clear(&codes);
	end(&p);
}

static void
test_conversations(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(conversations); i++) {
		check_conversation(&conversations[i], SIZE_MAX);
		check_conversation(&conversations[i], 1);
	}
}

/* The replies are the same whatever the packets. */
static void
test_replies_are_the_same_at_every_split(void **state)
{
	(void)state;
	struct str in = STR(ENVELOPE "DATA\r\n" MESSAGE "X\r\nQUIT\r\n");
	struct play whole, parts;
	begin(&whole, NULL);
	say(&whole, in, in.len);
	for (size_t at = 1; at < in.len; at++) {
		begin(&parts, NULL);
		say(&parts, str_sub(in, 0, at), at);
		say(&parts, str_sub(in, at, in.len), in.len);
		assert_string_equal(buf_cstr(&parts.out), buf_cstr(&whole.out));
		assert_string_equal(buf_cstr(&parts.log), buf_cstr(&whole.log));
		end(&parts);
	}
	end(&whole);
}

/* FL-6: limits of lines, their ends counted, in one piece or in many. */
static void
test_line_limits(void **state)
{
	(void)state;
	static const struct {
		const char *start;
		size_t length; /* with CRLF */
		const char *code;
	} lines[] = {
		{ "NOOP ", 512, "250" },
		{ "NOOP ", 513, "500" },
		{ "NOOP ", 100000, "500" },
		{ "MAIL FROM:<", 1024, "501" },
		{ "MAIL FROM:<", 1025, "500" },
		{ "rcpt TO:<", 1024, "501" },
	};
	for (size_t i = 0; i < 2 * ARRAY_LEN(lines); i++) {
		struct play p;
		struct buf in = BUF_INIT(OUT_MAX);
		begin(&p, NULL);
		buf_add_cstr(&in, lines[i / 2].start);
		while (in.len < lines[i / 2].length - 2)
			buf_add_char(&in, 'x');
		buf_add_cstr(&in, "\r\nNOOP\r\n");
		say(&p, STR(ENVELOPE), 1000);
		buf_reset(&p.out);
		say(&p, buf_str(&in), i % 2 ? 7 : in.len);
		assert_memory_equal(p.out.data, lines[i / 2].code, 3);
		if (lines[i / 2].length > SMTP_PATH_LINE_MAX)
			assert_non_null(strstr(p.out.data, "too long"));
		assert_non_null(strstr(p.out.data, "250 2.0.0 OK\r\n"));
		buf_clear(&in);
		end(&p);
	}
}

static void
test_reject_all_runs_nothing_behind_a_bare_lf(void **state)
{
	(void)state;
	static const char in[] =
	    "NOOP\nQUIT\n\r\nNOOP\r\nVRFY <a\nQUIT\r\nNOOP\r\n";
	for (size_t step = 1; step < sizeof(in); step++) {
		struct play p;
		struct buf codes = BUF_INIT(256);
		begin(&p, NULL);
		p.config.bare_lf = SMTP_BARE_REJECT_ALL;
		say(&p, str_of(in), step);
		codes_of(&p, &codes);
		assert_string_equal(buf_cstr(&codes), "220 500 250 500 250 ");
		buf_clear(&codes);
		end(&p);
	}
}

static void
test_bare_lf_modes(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		bool relay;
		const char *codes;
	} modes[] = {
		{ "", false, "220 250 250 250 354 550 " },
		{ "reject", true, "220 250 250 250 354 550 " },
		{ "relay", false, "220 250 250 250 354 550 " },
		{ "relay", true, "220 250 250 250 354 250 " },
		{ "normalize", false, "220 250 250 250 354 250 " },
		{ "nonsense", true, "220 250 250 250 354 550 " },
	};
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		struct play p;
		struct buf codes = BUF_INIT(256);
		begin(&p, NULL);
		p.config.bare_lf = smtp_bare_lf_of(str_of(modes[i].word));
		smtp_session_set_relay(p.s, modes[i].relay);
		say(&p, STR(ENVELOPE "DATA\r\nX: y\n\na\n.\nb\r\n.\r\n"), 1);
		codes_of(&p, &codes);
		assert_string_equal(buf_cstr(&codes), modes[i].codes);
		if (p.jobs > 0)
			assert_string_equal(buf_cstr(&p.body), "a\n.\nb\n");
		buf_clear(&codes);
		end(&p);
	}
}

/* FL-8, FL-14: what EHLO offers, and databytes. */
static void
test_databytes(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	p.config.databytes = 30;
	say(&p, STR(HELLO "MAIL FROM:<a@b.example> SIZE=31\r\n"), 100);
	assert_non_null(strstr(buf_cstr(&p.out),
	    "250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 30\r\n"
	    "250 ENHANCEDSTATUSCODES\r\n552 5.3.4 "));
	buf_reset(&p.out);
	say(&p, STR(ENVELOPE "DATA\r\n"), 100);
	say(&p, STR("\r\n0123456789012345678901234567890\r\n.\r\n"), 100);
	assert_non_null(strstr(buf_cstr(&p.out), "\r\n552 5.3.4 "));
	assert_int_equal(p.jobs, 0);
	assert_int_equal(p.refusals, 1); /* FL-178 */
	say(&p, STR("MAIL FROM:<>\r\nRCPT TO:<b@local.example>\r\nDATA\r\n"),
	    100);
	say(&p, STR("\r\n0123456789012345678901234567\r\n.\r\n"), 100);
	assert_int_equal(p.jobs, 1);
	end(&p);
}

/* FL-18 */
static void
test_too_many_recipients(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	say(&p, STR(HELLO "MAIL FROM:<>\r\n"), 100);
	for (size_t i = 0; i < SMTP_RCPTS_MAX; i++) {
		buf_reset(&p.out);
		say(&p, STR("RCPT TO:<b@local.example>\r\n"), 100);
		assert_memory_equal(p.out.data, "250", 3);
	}
	buf_reset(&p.out);
	say(&p, STR("RCPT TO:<b@local.example>\r\nDATA\r\n" MESSAGE), 100);
	assert_memory_equal(p.out.data, "452 4.5.3", 9);
	assert_int_equal(p.jobs, 1);
	assert_int_equal(p.rcpts, SMTP_RCPTS_MAX);
	end(&p);
}

/* A text that does not fit in memory is spooled and comes back whole. */
static void
test_long_text_is_spooled(void **state)
{
	(void)state;
	struct play p;
	struct buf in = BUF_INIT(OUT_MAX);
	struct buf is = BUF_INIT(OUT_MAX);
	begin(&p, NULL);
	say(&p, STR(ENVELOPE "DATA\r\nX: y\r\n\r\n"), 100);
	for (int i = 0; i < 5000; i++) {
		buf_addf(&in, "..line %d of a text\r\n", i);
		buf_addf(&is, ".line %d of a text\n", i);
	}
	say(&p, buf_str(&in), 5000);
	assert_true(p.spool.len > SMTP_TEXT_MEMORY);
	say(&p, STR(".\r\n"), 1);
	assert_int_equal(p.jobs, 1);
	assert_true(str_eq(buf_str(&p.body), buf_str(&is)));
	buf_clear(&in);
	buf_clear(&is);
	end(&p);
}

/* A full disk: 452 at the end, and the session goes on. */
static void
test_spool_fails(void **state)
{
	(void)state;
	static const struct answers full = { .hook = HOOK_COUNT,
		.spool_fails = true };
	struct play p;
	begin(&p, &full);
	say(&p, STR(ENVELOPE "DATA\r\n"), 100);
	for (int i = 0; i < 100; i++)
		say(&p,
		    STR("0123456789012345678901234567890123456789"
			"01234567890123456789012345678901234567890123"
			"4567890123456789012345678901234567890123\r\n"),
		    100);
	struct str line = STR("a longer line of text to pass the limit\r\n");
	for (int i = 0; i < 3000; i++)
		say(&p, line, 1000);
	buf_reset(&p.out);
	say(&p, STR(".\r\nNOOP\r\n"), 100);
	assert_memory_equal(p.out.data, "452 4.3.1", 9);
	assert_non_null(strstr(p.out.data, "250 2.0.0 OK"));
	assert_int_equal(p.jobs, 0);
	end(&p);
}

/* FL-193 */
static void
test_header_bounds(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	say(&p, STR(ENVELOPE "DATA\r\n"), 100);
	for (int i = 0; i <= MAIL_FIELDS_MAX; i++)
		say(&p, STR("X-H: v\r\n"), 100);
	buf_reset(&p.out);
	say(&p, STR("\r\nbody\r\n.\r\n"), 100);
	assert_memory_equal(p.out.data, "552", 3);
	end(&p);
}

/* FL-19 */
static void
test_clocks(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *in;
		int64_t step_ms;  /* a byte each, then a look at the clock */
		int64_t limit_ms; /* closed not before, soon after */
		const char *trickle;
	} cases[] = {
		{ "idle in commands", "EHLO x\r\n", 0, 1200000, NULL },
		{ "silent in text", ENVELOPE "DATA\r\n", 0, 600000, NULL },
		{ "slow text", ENVELOPE "DATA\r\n", 2000, 600000, "x" },
		{ "long session", HELLO, 10000, 7200000, "NOOP\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct play p;
		begin(&p, NULL);
		say(&p, str_of(cases[i].in), 100);
		buf_reset(&p.out);
		int64_t step = cases[i].step_ms > 0 ? cases[i].step_ms : 1000;
		while (!p.closed && p.now < 8000000) {
			p.now += step;
			if (cases[i].trickle != NULL)
				say(&p, str_of(cases[i].trickle), 100);
			buf_reset(&p.out);
			smtp_session_tick(p.s, p.now);
			run(&p);
		}
		assert_true(p.closed);
		assert_true(p.now >= cases[i].limit_ms);
		assert_true(p.now <= cases[i].limit_ms + 2 * step);
		assert_memory_equal(p.out.data, "421 4.4.2", 9);
		assert_int_equal(p.jobs, 0);
		end(&p);
	}
}

/* FL-32 */
static void
test_hangup(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	say(&p, STR(ENVELOPE "DATA\r\nhalf a mess"), 100);
	buf_reset(&p.out);
	smtp_session_hangup(p.s);
	run(&p);
	assert_true(p.closed);
	assert_memory_equal(p.out.data, "451", 3);
	assert_int_equal(p.jobs, 0);
	end(&p);
}

static void
test_drain_lets_a_message_end(void **state)
{
	(void)state;
	struct play p;
	begin(&p, NULL);
	say(&p, STR(ENVELOPE), 100);
	buf_reset(&p.out);
	smtp_session_drain(p.s);
	run(&p);
	assert_true(p.closed);
	assert_memory_equal(p.out.data, "421 4.3.2", 9);
	end(&p);
	begin(&p, NULL);
	say(&p, STR(ENVELOPE "DATA\r\n"), 100);
	buf_reset(&p.out);
	smtp_session_drain(p.s);
	run(&p);
	assert_false(p.closed);
	say(&p, STR(MESSAGE), 100);
	assert_true(p.closed);
	assert_int_equal(p.jobs, 1);
	assert_memory_equal(p.out.data, "250", 3);
	assert_non_null(strstr(p.out.data, "\r\n421 4.3.2"));
	end(&p);
}

/* A peer that sends and never reads is not read any more. */
static void
test_unread_replies_stop_the_input(void **state)
{
	(void)state;
	struct play p;
	struct buf in = BUF_INIT(OUT_MAX);
	begin(&p, NULL);
	run(&p);
	for (int i = 0; i < 10000; i++)
		buf_add_cstr(&in, "NOOP\r\n");
	size_t taken = 0;
	for (;;) {
		size_t n = smtp_session_feed(
		    p.s, str_sub(buf_str(&in), taken, in.len), 0);
		taken += n;
		bool went = false;
		while (smtp_session_want(p.s) == SMTP_WANT_VERDICT) {
			judge(&p);
			went = true;
		}
		if (n == 0 && !went)
			break;
	}
	assert_true(taken < in.len);
	assert_true(smtp_session_output(p.s)->len < SMTP_OUT_PAUSE + 1000);
	buf_clear(&in);
	end(&p);
}

/* FL-4 */
static void
test_greeting(void **state)
{
	(void)state;
	static const struct {
		const char *greeting;
		const char *is;
	} cases[] = {
		{ "", "mx.example ESMTP ready" },
		{ "x hello", "x hello ESMTP" },
		{ "x ESMTP hello", "x ESMTP hello" },
		{ "x esmtp", "x esmtp ESMTP" },
		{ "x NOESMTP", "x NOESMTP ESMTP" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(256);
		assert_true(smtp_greeting(
		    &b, str_of(cases[i].greeting), STR("mx.example")));
		assert_string_equal(buf_cstr(&b), cases[i].is);
		buf_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversations),
		cmocka_unit_test(test_replies_are_the_same_at_every_split),
		cmocka_unit_test(test_line_limits),
		cmocka_unit_test(test_reject_all_runs_nothing_behind_a_bare_lf),
		cmocka_unit_test(test_bare_lf_modes),
		cmocka_unit_test(test_databytes),
		cmocka_unit_test(test_too_many_recipients),
		cmocka_unit_test(test_long_text_is_spooled),
		cmocka_unit_test(test_spool_fails),
		cmocka_unit_test(test_header_bounds),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_hangup),
		cmocka_unit_test(test_drain_lets_a_message_end),
		cmocka_unit_test(test_unread_replies_stop_the_input),
		cmocka_unit_test(test_greeting),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
