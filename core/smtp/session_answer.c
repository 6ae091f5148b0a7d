/* What follows a verdict: the reply, and the next state. */
#include "core/smtp/session_int.h"

static bool
is_word_character(char c)
{
	return ascii_is_alnum(c) || c == '_';
}

/* A word of its own, "(ESMTP)" too (FL-4). */
static bool
has_esmtp_word(struct str s)
{
	static const struct str word = { "ESMTP", 5 };
	for (size_t i = 0; i + word.len <= s.len; i++) {
		size_t end = i + word.len;
		if (str_eq(str_sub(s, i, end), word) &&
		    (i == 0 || !is_word_character(s.ptr[i - 1])) &&
		    (end == s.len || !is_word_character(s.ptr[end])))
			return true;
	}
	return false;
}

bool
smtp_greeting(struct buf *out, struct str greeting, struct str me)
{
	if (greeting.len == 0)
		return buf_addf(out, "%.*s ESMTP ready", STR_ARG(me));
	buf_add_str(out, greeting);
	if (!has_esmtp_word(greeting))
		buf_add_cstr(out, " ESMTP");
	return !out->failed;
}

enum smtp_bare_lf
smtp_bare_lf_of(struct str word)
{
	static const struct {
		const char *word;
		enum smtp_bare_lf value;
	} words[] = {
		{ "reject-all", SMTP_BARE_REJECT_ALL },
		{ "relay", SMTP_BARE_RELAY },
		{ "normalize", SMTP_BARE_NORMALIZE },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_is(word, words[i].word))
			return words[i].value;
	}
	return SMTP_BARE_REJECT;
}

static void
pass_pre_connection(struct smtp_session *s, struct str text)
{
	(void)text;
	if (!s->peer.tls_first) {
		session_ask(s, HOOK_CONNECT, STATE_HELLO);
		return;
	}
	/* what the plugins waited for is not the peer's time */
	s->heard = s->now;
	s->want = SMTP_WANT_TLS;
}

static void
pass_connect(struct smtp_session *s, struct str text)
{
	(void)text;
	session_reply_str(s, 220, NULL, s->config->greeting);
}

/* FL-7, FL-8: the extensions in that order. */
static void
pass_helo(struct smtp_session *s, struct str text)
{
	(void)text;
	session_reset(s);
	s->state = STATE_READY;
	s->esmtp = s->esmtp_asked;
	buf_reset(&s->helo);
	buf_add_str(&s->helo, buf_str(&s->scratch));
	struct buf lines;
	buf_init(&lines, 4 * SMTP_REPLY_LINE_MAX);
	buf_addf(&lines, "%.*s Hi %.*s [%.*s]", STR_ARG(s->config->me),
	    STR_ARG(s->peer.name), STR_ARG(s->peer.ip));
	if (s->esmtp) {
		buf_add_cstr(&lines, "\nPIPELINING\n8BITMIME");
		if (s->config->databytes > 0)
			buf_addf(&lines, "\nSIZE %llu",
			    (unsigned long long)s->config->databytes);
		if (s->offers.starttls && s->cipher.len == 0)
			buf_add_cstr(&lines, "\nSTARTTLS");
		if (s->offers.auth == SMTP_AUTH_OFFERED)
			buf_add_cstr(&lines, "\nAUTH PLAIN LOGIN");
		buf_add_cstr(&lines, "\nENHANCEDSTATUSCODES");
	}
	session_reply_str(s, 250, NULL, buf_str(&lines));
	buf_clear(&lines);
}

/* "<address>, what" */
static void
reply_about(struct smtp_session *s, int code, const char *status,
    const struct mail_path *path, const char *what)
{
	struct buf text;
	buf_init(&text, SMTP_PATH_LINE_MAX);
	mail_path_format_bracketed(&text, path);
	buf_addf(&text, ", %s", what);
	session_reply_str(s, code, status, buf_str(&text));
	buf_clear(&text);
}

static void
pass_mail(struct smtp_session *s, struct str text)
{
	(void)text;
	reply_about(s, 250, "2.1.0", &s->sender, "sender OK");
}

bool
smtp_session_add_rcpt(struct smtp_session *s, const struct mail_path *rcpt)
{
	struct mail_path path;
	path.local = arena_str(s->arena, rcpt->local);
	path.domain = arena_str(s->arena, rcpt->domain);
	return path.local.ptr != NULL && path.domain.ptr != NULL &&
	       vec_push(&s->rcpts, &path);
}

static void
pass_rcpt(struct smtp_session *s, struct str text)
{
	(void)text;
	if (!smtp_session_add_rcpt(s, &s->question.rcpt)) {
		s->state = s->rcpts.len > 0 ? STATE_RCPT : STATE_SENDER;
		session_reply(s, 452, "4.5.3", "too many recipients");
		return;
	}
	reply_about(s, 250, "2.1.5", &s->question.rcpt, "recipient OK");
}

/* FL-23 */
static void
pass_data(struct smtp_session *s, struct str text)
{
	(void)text;
	session_text_begin(s);
	session_reply(s, 354, NULL, "go ahead");
}

static void
pass_after_text(struct smtp_session *s, struct str text)
{
	(void)text;
	session_text_next(s, s->question.hook);
}

/* FL-15, and the next two: whatever follows the verb. */
static void
pass_noop(struct smtp_session *s, struct str text)
{
	(void)text;
	s->noops++;
	session_reply(s, 250, "2.0.0", "OK");
}

static void
pass_vrfy(struct smtp_session *s, struct str text)
{
	if (text.len > 0)
		session_reply_str(s, 252, "2.5.0", text);
	else
		session_reply(s, 252, "2.5.0", "send it and see");
}

static void
pass_help(struct smtp_session *s, struct str text)
{
	if (text.len > 0)
		session_reply_str(s, 214, "2.0.0", text);
	else
		session_reply(s, 214, "2.0.0",
		    "HELO EHLO MAIL RCPT DATA\nRSET NOOP VRFY HELP QUIT");
}

static void
pass_unrecognized(struct smtp_session *s, struct str text)
{
	(void)text;
	session_reply(s, 500, "5.5.2", s->default_text);
}

/*
 * What each phase does when it is not denied, and its texts for a denial that
 * brings none. 'needs_ok': no decision is a temporary denial (FL-60).
 */
static const struct phase {
	void (*pass)(struct smtp_session *s, struct str text);
	const char *status; /* NULL: replies there have none (RFC 2034) */
	const char *denied;
	bool needs_ok;
} phases[HOOK_COUNT] = {
	[HOOK_PRE_CONNECTION] = { pass_pre_connection, NULL,
	    "connection denied", false },
	[HOOK_CONNECT] = { pass_connect, NULL, "connection denied", false },
	[HOOK_HELO] = { pass_helo, NULL, "your name is denied", false },
	[HOOK_MAIL] = { pass_mail, "5.7.1", "sender denied", false },
	[HOOK_RCPT] = { pass_rcpt, "5.7.1", "recipient denied", true },
	[HOOK_DATA] = { pass_data, "5.7.1", "message denied", false },
	[HOOK_DATA_HEADERS_END] = { pass_after_text, "5.7.1", "message denied",
	    false },
	[HOOK_DATA_POST_HEADERS] = { pass_after_text, "5.7.1", "message denied",
	    false },
	[HOOK_DATA_POST] = { pass_after_text, "5.7.1", "message denied",
	    false },
	[HOOK_QUEUE_PRE] = { pass_after_text, "5.7.1", "message denied",
	    false },
	[HOOK_NOOP] = { pass_noop, "5.5.1", "no", false },
	[HOOK_VRFY] = { pass_vrfy, "5.7.1", "access denied", false },
	[HOOK_HELP] = { pass_help, "5.5.1", "no", false },
	[HOOK_UNRECOGNIZED] = { pass_unrecognized, "5.5.2", NULL, false },
};

/* The state a denial leaves behind. */
static void
after_denial(
    struct smtp_session *s, enum filter_hook hook, enum smtp_after after)
{
	if (after == SMTP_AFTER_CLOSE)
		session_close(s);
	else if (s->state == STATE_TEXT)
		session_text_over(s);
	else if (after == SMTP_AFTER_RESET || hook == HOOK_MAIL)
		session_reset(s);
}

static void
deny(struct smtp_session *s, const struct phase *phase,
    struct smtp_outcome outcome, struct str text)
{
	char status[SMTP_STATUS_SIZE];
	if (text.len == 0)
		text = str_of(
		    phase->denied != NULL ? phase->denied : s->default_text);
	const char *usual = s->status != NULL ? s->status : phase->status;
	const char *shown = phase->status != NULL ? smtp_status_of(outcome.code,
							text, usual, status)
						  : NULL;
	if (s->question.hook == HOOK_MAIL)
		session_log(s, LOG_LEVEL_INFO,
		    "%s mail from <%.*s%s%.*s> (%.*s)",
		    outcome.code < 500 ? "denysoft" : "deny",
		    STR_ARG(s->sender.local),
		    s->sender.domain.len > 0 ? "@" : "",
		    STR_ARG(s->sender.domain), STR_ARG(text));
	s->want = SMTP_WANT_INPUT;
	session_reply_str(s, outcome.code, shown, text);
	after_denial(s, s->question.hook, outcome.after);
}

void
smtp_session_set_status(struct smtp_session *s, const char *status)
{
	s->status = status;
}

const struct smtp_question *
smtp_session_question(const struct smtp_session *s)
{
	return &s->question;
}

void
smtp_session_answer(
    struct smtp_session *s, enum filter_result result, struct str text)
{
	enum filter_hook hook = s->question.hook;
	const struct phase *phase = &phases[hook];
	struct smtp_outcome outcome = smtp_outcome_of(hook, result);
	if (s->want != SMTP_WANT_VERDICT)
		return;
	if (outcome.code == 0 && phase->needs_ok && result != FILTER_OK &&
	    result != FILTER_DONE) {
		outcome = smtp_outcome_of(hook, FILTER_DENYSOFT);
		text = STR("no plugin decided about this recipient");
	}
	if (outcome.code != 0) {
		deny(s, phase, outcome, text);
		return;
	}
	s->want = SMTP_WANT_INPUT;
	s->state = s->next;
	if (result == FILTER_DONE) /* the plugin has answered for itself */
		return;
	phase->pass(s, text);
}
