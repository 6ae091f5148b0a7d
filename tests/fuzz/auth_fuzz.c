/*
 * Fuzzes AUTH: the input is what a peer answers, behind a mark, the first byte
 * chooses how it began. The mark may not reach the log.
 * Exercises core/smtp/auth.c, session_auth.c and session_command.c.
 */
#include "core/smtp/limits.h"
#include "core/smtp/session.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What an answer begins with, so that it is known again: base64 of no text. */
static const char mark[] = "S3cr3tMarkAA";

enum {
	TEXT_MAX = 1 << 20
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
	struct buf *log = ctx;
	(void)level;
	buf_add_str(log, text);
	buf_add_char(log, '\n');
}

static void
on_refused(void *ctx, enum filter_result result, struct str text)
{
	(void)ctx;
	(void)result;
	(void)text;
}

static void
on_reset(void *ctx)
{
	(void)ctx;
}

static const struct smtp_events events = { on_log, on_refused, on_reset };

static void
serve(struct smtp_session *s)
{
	static const struct smtp_offers offers = { .auth = SMTP_AUTH_OFFERED };
	for (;;) {
		enum smtp_want want = smtp_session_want(s);
		if (want == SMTP_WANT_VERDICT) {
			smtp_session_set_offers(s, &offers);
			smtp_session_answer(
			    s, FILTER_DECLINED, (struct str)STR_EMPTY);
		} else if (want == SMTP_WANT_LOGIN) {
			smtp_session_logged_in(s, SMTP_LOGIN_DENIED);
		} else if (want == SMTP_WANT_PAUSE) {
			smtp_session_tick(s, SMTP_LOGIN_DELAY_MS);
		} else {
			return;
		}
	}
}

static void
say(struct smtp_session *s, struct str in)
{
	serve(s);
	while (in.len > 0 && smtp_session_want(s) == SMTP_WANT_INPUT) {
		in = str_sub(in, smtp_session_feed(s, in, 0), in.len);
		serve(s);
		buf_reset(smtp_session_output(s));
	}
}

static void
check_base64(struct str in)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	struct smtp_plain p;
	if (smtp_base64_decode(in, &out)) {
		require(out.len <= in.len / 4 * 3);
		if (smtp_plain_split(buf_str(&out), &p))
			require(
			    p.identity.len + p.user.len + p.password.len + 2 ==
			    out.len);
	}
	buf_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const begins[] = { "AUTH PLAIN\r\n",
		"AUTH LOGIN\r\n", "AUTH PLAIN ", "AUTH LOGIN ",
		"auth  Plain " };
	static const struct smtp_config config = {
		.me = { "mx.example", 10 },
		.greeting = { "mx.example ESMTP", 16 },
		.rcpts_max = 10,
		.idle_ms = 1000,
		.login_delay_ms = SMTP_LOGIN_DELAY_MS,
		.logins_max = SMTP_LOGINS_MAX,
		.log_level = 7,
	};
	static const struct smtp_peer peer = { { "192.0.2.9", 9 },
		{ "Unknown", 7 }, false };
	if (size < 1 || size > TEXT_MAX / 4)
		return 0;
	struct str in = str_n((const char *)data + 1, size - 1);
	struct buf log = BUF_INIT(TEXT_MAX);
	struct smtp_session *s =
	    smtp_session_new(&config, &peer, &events, &log, 0);
	require(s != NULL);
	check_base64(in);
	say(s, STR("EHLO x\r\n"));
	buf_reset(&log);
	say(s, str_of(begins[data[0] % ARRAY_LEN(begins)]));
	say(s, str_of(mark));
	say(s, in);
	say(s, STR("\r\n"));
	require(str_find_str(buf_str(&log), str_of(mark)) == log.len);
	smtp_session_free(s);
	buf_clear(&log);
	return 0;
}
