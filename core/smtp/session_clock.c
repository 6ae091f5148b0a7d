/* What a session is given time for, and its end when that is over (FL-19). */
#include "core/smtp/session_int.h"

static void
cut_off(struct smtp_session *s, const char *text)
{
	session_log(s, LOG_LEVEL_INFO, "Connection Timed Out");
	session_reply(s, 421, "4.4.2", text);
	session_close(s);
}

static void
shut_down(struct smtp_session *s)
{
	session_reply(s, 421, "4.3.2", "shutting down, try again later");
	session_close(s);
}

static int64_t
limit_ms(int64_t configured, int64_t seconds)
{
	return configured > 0 ? configured : seconds * MS_PER_S;
}

/* Nothing was heard, or answered, for longer than that. */
static bool
has_waited(const struct smtp_session *s, int64_t ms)
{
	return s->now - s->heard > ms;
}

/* Text of too few bytes in a window is too slow. */
static bool
is_slow(struct smtp_session *s)
{
	int64_t window =
	    limit_ms(s->config->text_window_ms, SMTP_SLOW_WINDOW_S);
	uint64_t least =
	    s->config->text_bytes > 0 ? s->config->text_bytes : SMTP_SLOW_BYTES;
	if (s->state != STATE_TEXT || s->now - s->window < window)
		return false;
	bool slow = s->window_bytes < least;
	s->window = s->now;
	s->window_bytes = 0;
	return slow;
}

/* Also one whose verdict does not come. */
static void
tick_session(struct smtp_session *s)
{
	if (s->now - s->started >
	    limit_ms(s->config->session_ms, SMTP_SESSION_S))
		cut_off(s, "session lasted too long, closing");
}

static void
tick_input(struct smtp_session *s)
{
	if (s->draining && s->now >= s->drain_until)
		shut_down(s);
	else if (has_waited(s, s->config->idle_ms))
		cut_off(s, "timeout, closing connection");
	else if (is_slow(s))
		cut_off(s, "too slow, closing connection");
	else
		tick_session(s);
}

void
smtp_session_tick(struct smtp_session *s, int64_t now_ms)
{
	s->now = now_ms;
	switch (s->want) {
	case SMTP_WANT_INPUT:
		tick_input(s);
		break;
	case SMTP_WANT_VERDICT:
	case SMTP_WANT_TEXT:
		tick_session(s);
		break;
	case SMTP_WANT_SPOOL:
	case SMTP_WANT_QUEUE:
		if (has_waited(s, SMTP_QUEUE_S * MS_PER_S))
			cut_off(
			    s, "the queue does not answer, try again later");
		break;
	case SMTP_WANT_TLS:
		if (has_waited(s, limit_ms(s->config->tls_ms, SMTP_TLS_S)))
			cut_off(s, "no TLS handshake came");
		break;
	case SMTP_WANT_LOGIN:
		if (has_waited(s, limit_ms(s->config->login_ms, SMTP_LOGIN_S)))
			smtp_session_logged_in(s, SMTP_LOGIN_LATER);
		break;
	case SMTP_WANT_PAUSE:
		if (now_ms >= s->pause_ends)
			session_auth_refuse(s);
		break;
	case SMTP_WANT_CLOSE:
		break;
	}
}

void
smtp_session_drain(struct smtp_session *s, int64_t until_ms)
{
	s->draining = true;
	s->drain_until = until_ms;
	if (s->state != STATE_TEXT && s->want != SMTP_WANT_CLOSE)
		shut_down(s);
}
