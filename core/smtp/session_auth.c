/* STARTTLS and AUTH (FL-76 to FL-82). */
#include "core/smtp/session_int.h"

void
smtp_session_set_offers(
    struct smtp_session *s, const struct smtp_offers *offers)
{
	s->offers = *offers;
}

void
session_starttls(struct smtp_session *s, struct str argument)
{
	bool secure = s->cipher.len > 0;
	if (!s->offers.starttls && !secure)
		session_unrecognized(
		    s, STR("STARTTLS"), "unrecognized command");
	else if (argument.len > 0)
		session_reply(s, 501, "5.5.4", "STARTTLS takes no argument");
	else if (secure)
		session_reply(s, 503, "5.5.1", "TLS is in use already");
	else if (s->state == STATE_HELLO || !s->esmtp)
		session_reply(s, 503, "5.5.1", "say EHLO first");
	else if (s->logged_in)
		/* what was told in clear would be forgotten (FL-77) */
		session_reply(s, 503, "5.5.1", "STARTTLS comes before AUTH");
	else {
		session_reply(s, 220, "2.0.0", "ready for TLS");
		if (s->want == SMTP_WANT_CLOSE)
			return;
		s->want = SMTP_WANT_TLS;
		s->mute = true;
	}
}

void
smtp_session_secured(struct smtp_session *s, struct str cipher)
{
	if (s->want != SMTP_WANT_TLS)
		return;
	s->cipher = cipher;
	s->mute = false;
	s->heard = s->now;
	s->want = SMTP_WANT_INPUT;
	s->state = STATE_HELLO;
	s->esmtp = false;
	s->offers = (struct smtp_offers){ 0 };
	s->noops = 0;
	buf_clear(&s->line);
	s->last_was_cr = s->line_too_long = s->line_refused = false;
	s->line_is_secret = false;
	buf_clear(&s->helo);
	buf_wipe(&s->auth_user);
	s->login_failed = false;
	s->hides_behind = NULL;
	session_reset(s);
	if (s->peer.tls_first)
		session_ask(s, HOOK_CONNECT, STATE_HELLO);
}

static void
ask_for(struct smtp_session *s, enum auth_step step, const char *prompt)
{
	s->auth_step = step;
	session_reply(s, 334, NULL, prompt);
}

static void
end_auth(struct smtp_session *s)
{
	s->auth_step = AUTH_IDLE;
	buf_wipe(&s->auth_password);
}

static void
fail_syntax(struct smtp_session *s, const char *text)
{
	end_auth(s);
	session_reply(s, 501, "5.5.2", text);
}

/*
 * A line that fail2ban reads: the name is one word and no longer than a line
 * holds, whatever the peer sent, and the address that follows is its own.
 */
static void
log_login(struct smtp_session *s, int level, const char *what)
{
	struct str name = str_sub(buf_str(&s->auth_user), 0, SMTP_USER_SHOWN);
	struct buf shown = BUF_INIT(4 * SMTP_USER_SHOWN + 4);
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] >= 0 && name.ptr[i] <= ' ')
			buf_addf(&shown, "\\x%02x", (unsigned)name.ptr[i]);
		else
			buf_add_char(&shown, name.ptr[i]);
	}
	if (s->auth_user.len > name.len)
		buf_add_cstr(&shown, "...");
	session_log(s, level, "%s: user=%.*s address=%.*s mechanism=%s", what,
	    STR_ARG(buf_str(&shown)), STR_ARG(s->peer.ip),
	    smtp_mechanism_name(s->mechanism));
	buf_clear(&shown);
}

/* The reply to a failed login comes late and tells nothing (FL-81). */
static void
deny(struct smtp_session *s)
{
	log_login(s, LOG_LEVEL_WARN, "login failed");
	end_auth(s);
	s->login_failed = true;
	s->logins_failed++;
	s->pause_ends = s->now + s->config->login_delay_ms;
	s->want = SMTP_WANT_PAUSE;
}

void
session_auth_refuse(struct smtp_session *s)
{
	s->want = SMTP_WANT_INPUT;
	if (s->logins_failed < s->config->logins_max) {
		session_reply(s, 535, "5.7.8", "login failed");
		return;
	}
	session_reply(s, 421, "4.7.0", "too many failed logins");
	session_close(s);
}

static bool
has_nul(const struct buf *b)
{
	return str_find(buf_str(b), '\0', 0) < b->len;
}

/* User and password are known. */
static void
judge(struct smtp_session *s)
{
	s->auth_step = AUTH_IDLE;
	if (s->auth_user.failed || s->auth_password.failed) {
		fail_syntax(s, "name or password is too long");
		return;
	}
	/* a NUL is nobody's, and would cut what a judge is asked (FL-83) */
	if (s->auth_user.len == 0 || s->auth_password.len == 0 ||
	    has_nul(&s->auth_user) || has_nul(&s->auth_password)) {
		deny(s);
		return;
	}
	s->heard = s->now;
	s->want = SMTP_WANT_LOGIN;
}

static void
take_plain(struct smtp_session *s, struct str decoded)
{
	struct smtp_plain p;
	if (!smtp_plain_split(decoded, &p)) {
		fail_syntax(s, "identity, name and password are wanted");
		return;
	}
	buf_add_str(&s->auth_user, p.user);
	buf_add_str(&s->auth_password, p.password);
	if (p.identity.len > 0 && !str_eq(p.identity, p.user))
		deny(s);
	else
		judge(s);
}

static void
take_user(struct smtp_session *s, struct str decoded)
{
	buf_add_str(&s->auth_user, decoded);
	ask_for(s, AUTH_PASSWORD, "UGFzc3dvcmQ6");
}

static void
take_password(struct smtp_session *s, struct str decoded)
{
	buf_add_str(&s->auth_password, decoded);
	judge(s);
}

/* An answer, or the initial one; in base64. */
static void
take_word(struct smtp_session *s, struct str word)
{
	static void (*const takers[])(struct smtp_session *, struct str) = {
		[AUTH_PLAIN] = take_plain,
		[AUTH_USER] = take_user,
		[AUTH_PASSWORD] = take_password,
	};
	struct buf decoded;
	buf_init(&decoded, SMTP_AUTH_LINE_MAX);
	/* whole at once: growing would leave copies behind */
	bool room = buf_reserve(&decoded, word.len) != NULL &&
		    buf_reserve(&s->auth_password, word.len) != NULL;
	if (room && smtp_base64_decode(word, &decoded))
		takers[s->auth_step](s, buf_str(&decoded));
	else
		fail_syntax(s, "that is no base64");
	buf_wipe(&decoded);
}

void
session_auth_line(struct smtp_session *s, struct str line)
{
	s->took_secret = true;
	if (str_is(line, "*")) {
		end_auth(s);
		session_reply(s, 501, "5.7.0", "login cancelled");
		return;
	}
	take_word(s, line);
}

/* A reason not to take AUTH now; true when it was told. */
static bool
is_out_of_order(struct smtp_session *s)
{
	const char *why = NULL;
	if (s->logged_in)
		why = "you are logged in already";
	else if (s->state == STATE_HELLO || !s->esmtp)
		why = "say EHLO first";
	else if (s->state & STATE_TRANSACTION)
		why = "not within a transaction";
	if (why != NULL)
		session_reply(s, 503, "5.5.1", why);
	else if (s->offers.auth == SMTP_AUTH_NEEDS_TLS)
		session_reply(s, 538, "5.7.11", "say STARTTLS first");
	else
		return false;
	return true;
}

void
session_auth(struct smtp_session *s, struct str argument)
{
	struct str initial;
	struct str name = str_cut(argument, ' ', &initial);
	initial = str_trim(initial);
	if (s->offers.auth == SMTP_AUTH_NONE ||
	    s->offers.auth == SMTP_AUTH_LOCAL) {
		session_unrecognized(s, STR("AUTH"),
		    s->offers.auth == SMTP_AUTH_NONE
			? "unrecognized command"
			: "login is open to the local networks only");
		return;
	}
	if (is_out_of_order(s))
		return;
	if (!smtp_mechanism_of(name, &s->mechanism)) {
		session_reply(s, 504, "5.5.4", "mechanism not known");
		return;
	}
	buf_clear(&s->auth_user);
	s->login_failed = false;
	s->auth_step = s->mechanism == SMTP_PLAIN ? AUTH_PLAIN : AUTH_USER;
	/* RFC 4954 4: an equals sign is an empty initial response */
	if (str_is(initial, "="))
		take_word(s, (struct str)STR_EMPTY);
	else if (initial.len > 0)
		take_word(s, initial);
	else
		ask_for(s, s->auth_step,
		    s->mechanism == SMTP_PLAIN ? "" : "VXNlcm5hbWU6");
}

struct smtp_login
smtp_session_login(const struct smtp_session *s)
{
	return (struct smtp_login){ s->mechanism, buf_str(&s->auth_user),
		buf_str(&s->auth_password) };
}

void
smtp_session_logged_in(struct smtp_session *s, enum smtp_logged_in how)
{
	if (s->want != SMTP_WANT_LOGIN)
		return;
	if (how == SMTP_LOGIN_DENIED) {
		deny(s);
		return;
	}
	end_auth(s);
	s->want = SMTP_WANT_INPUT;
	if (how == SMTP_LOGIN_LATER) {
		log_login(s, LOG_LEVEL_WARN, "login not judged");
		session_reply(s, 454, "4.7.0",
		    "temporary failure of the login, try again later");
		return;
	}
	s->logged_in = true;
	s->hides_behind = NULL;
	log_login(s, LOG_LEVEL_NOTICE, "login");
	session_reply(s, 235, "2.7.0", "you are logged in");
}
