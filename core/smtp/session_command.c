/* Commands: the table of phases and one handler a verb. */
#include "core/smtp/session_int.h"

#include <stdlib.h>

struct step;
typedef void step_handler(
    struct smtp_session *s, const struct step *step, struct str argument);

/* In these states this verb is handled so, or refused with this text. */
struct step {
	unsigned states;
	enum smtp_verb verb;
	step_handler *handle;
	enum smtp_state next; /* once the policy lets it pass */
	const char *refusal;  /* 503 when 'handle' is NULL */
};

static void
on_hello(struct smtp_session *s, const struct step *step, struct str argument)
{
	if (argument.len == 0) {
		session_reply(s, 501, NULL, "a name must follow");
		return;
	}
	s->esmtp_asked = step->verb == SMTP_EHLO;
	buf_reset(&s->scratch);
	buf_add_str(&s->scratch, argument);
	session_ask(s, HOOK_HELO, step->next);
}

/* FL-99: "a@b.example SIZE=1" becomes "<a@b.example> SIZE=1". */
static struct str
put_in_brackets(struct smtp_session *s, struct str text)
{
	struct str word, rest = text;
	s->bare_path = s->offers.bare_paths && str_next_word(&rest, &word) &&
		       word.ptr[0] != '<';
	if (!s->bare_path)
		return text;
	buf_init(&s->bracketed, SMTP_PATH_LINE_MAX + 2);
	buf_addf(&s->bracketed, "<%.*s>%.*s", STR_ARG(word), STR_ARG(rest));
	return buf_str(&s->bracketed);
}

/* FL-167: no blank between the colon and the bracket. */
static bool
begins_tight(struct str argument, const char *keyword)
{
	struct str k = str_of(keyword);
	return str_starts_nocase(argument, k) && argument.len > k.len &&
	       argument.ptr[k.len] == '<';
}

/* The path of MAIL or RCPT; false when a reply was given. */
static bool
take_path(struct smtp_session *s, const char *keyword, struct str argument,
    enum mail_path_role role, struct mail_path *path, struct str *params)
{
	struct str rest;
	const char *why = NULL;
	if (!smtp_argument_cut(argument, keyword, &rest)) {
		struct buf text;
		buf_init(&text, SMTP_REPLY_LINE_MAX);
		buf_addf(
		    &text, "syntax error, %s<address> must follow", keyword);
		session_reply_str(s, 501, "5.5.4", buf_str(&text));
		buf_clear(&text);
		return false;
	}
	buf_clear(&s->bracketed);
	s->loose_path = !begins_tight(argument, keyword);
	rest = put_in_brackets(s, rest);
	/* else it would pass for the null sender */
	if (s->bare_path && s->bracketed.failed) {
		session_reply(s, 451, "4.3.0", "out of memory");
		return false;
	}
	if (mail_path_parse(rest, role, path, params, &why))
		return true;
	session_reply(
	    s, 501, role == MAIL_PATH_SENDER ? "5.1.7" : "5.1.3", why);
	return false;
}

/* Parameters of MAIL; false when a reply was given. */
static bool
check_params(struct smtp_session *s, struct str params)
{
	uint64_t size;
	bool auth = s->offers.auth == SMTP_AUTH_OFFERED;
	if (!smtp_mail_params(params, auth, &size)) {
		session_reply(s, 555, "5.5.4", "parameter not known");
		return false;
	}
	if (s->config->databytes > 0 && size > s->config->databytes) {
		session_reply(
		    s, 552, "5.3.4", "message size exceeds the fixed maximum");
		return false;
	}
	return true;
}

/* FL-79: what a client that has to log in is told. */
static const char *
wants_login(const struct smtp_session *s)
{
	static const char *const texts[] = {
		[SMTP_AUTH_NONE] = "log in first, but no login is set up here",
		[SMTP_AUTH_LOCAL] = "log in first, but login is open to the "
				    "local networks only",
		[SMTP_AUTH_NEEDS_TLS] = "say STARTTLS and log in first",
		[SMTP_AUTH_OFFERED] = "log in first",
	};
	return texts[s->offers.auth];
}

static void
on_mail(struct smtp_session *s, const struct step *step, struct str argument)
{
	struct mail_path path;
	struct str params;
	if (s->offers.login_first && !s->logged_in && !s->relay) {
		session_reply(s, 530, "5.7.0", wants_login(s));
		return;
	}
	/* FL-10: the one before is over, also when this one is not taken */
	session_reset(s);
	if (!take_path(
		s, "FROM:", argument, MAIL_PATH_SENDER, &path, &params) ||
	    !check_params(s, params))
		return;
	s->arena = arena_new(SMTP_TRANSACTION_MAX, NULL, NULL);
	if (s->arena == NULL) {
		session_reply(s, 451, "4.3.0", "out of memory");
		return;
	}
	s->sender.local = arena_str(s->arena, path.local);
	s->sender.domain = arena_str(s->arena, path.domain);
	/* else it would pass for the null sender */
	if (s->sender.local.ptr == NULL || s->sender.domain.ptr == NULL) {
		session_reset(s);
		session_reply(s, 451, "4.3.0", "out of memory");
		return;
	}
	session_ask(s, HOOK_MAIL, step->next);
}

static void
on_rcpt(struct smtp_session *s, const struct step *step, struct str argument)
{
	struct mail_path path;
	struct str params;
	if (!take_path(s, "TO:", argument, MAIL_PATH_RECIPIENT, &path, &params))
		return;
	if (params.len > 0) {
		session_reply(s, 555, "5.5.4", "parameter not known");
		return;
	}
	if (s->rcpts.len >= s->config->rcpts_max) {
		session_reply(s, 452, "4.5.3", "too many recipients");
		return;
	}
	/* kept only once it is taken, so that refused ones use no memory */
	buf_reset(&s->scratch);
	buf_add_str(&s->scratch, path.local);
	if (!buf_add_str(&s->scratch, path.domain)) {
		session_reply(s, 451, "4.3.0", "out of memory");
		return;
	}
	struct str both = buf_str(&s->scratch);
	s->question.rcpt.local = str_sub(both, 0, path.local.len);
	s->question.rcpt.domain = str_sub(both, path.local.len, both.len);
	session_ask(s, HOOK_RCPT, step->next);
}

static void
on_data(struct smtp_session *s, const struct step *step, struct str argument)
{
	if (argument.len > 0)
		session_reply(s, 501, "5.5.4", "DATA takes no argument");
	else
		session_ask(s, HOOK_DATA, step->next);
}

static void
on_starttls(
    struct smtp_session *s, const struct step *step, struct str argument)
{
	(void)step;
	session_starttls(s, argument);
}

static void
on_auth(struct smtp_session *s, const struct step *step, struct str argument)
{
	(void)step;
	session_auth(s, argument);
}

static void
on_rset(struct smtp_session *s, const struct step *step, struct str argument)
{
	(void)step;
	(void)argument;
	session_reset(s);
	session_reply(s, 250, "2.0.0", "OK");
}

static void
on_noop(struct smtp_session *s, const struct step *step, struct str argument)
{
	(void)step;
	(void)argument;
	session_ask(s, HOOK_NOOP, s->state);
}

static void
on_vrfy(struct smtp_session *s, const struct step *step, struct str argument)
{
	(void)step;
	(void)argument;
	session_ask(s, HOOK_VRFY, s->state);
}

static void
on_help(struct smtp_session *s, const struct step *step, struct str argument)
{
	(void)step;
	(void)argument;
	session_ask(s, HOOK_HELP, s->state);
}

static void
on_quit(struct smtp_session *s, const struct step *step, struct str argument)
{
	(void)step;
	(void)argument;
	struct buf text;
	buf_init(&text, SMTP_REPLY_LINE_MAX);
	buf_addf(&text, "%.*s closing connection", STR_ARG(s->config->me));
	session_reply_str(s, 221, "2.0.0", buf_str(&text));
	buf_clear(&text);
	session_close(s);
}

/* The first that fits decides (FL-10); no verb of it: FL-16. */
/* clang-format off */
static const struct step steps[] = {
{ STATE_ANY,         SMTP_HELO, on_hello, STATE_READY,  NULL },
{ STATE_ANY,         SMTP_EHLO, on_hello, STATE_READY,  NULL },
{ STATE_OPEN,        SMTP_MAIL, on_mail,  STATE_SENDER, NULL },
{ STATE_ANY,         SMTP_MAIL, NULL,     STATE_HELLO,  "say HELO first" },
{ STATE_TRANSACTION, SMTP_RCPT, on_rcpt,  STATE_RCPT,   NULL },
{ STATE_ANY,         SMTP_RCPT, NULL,     STATE_HELLO,  "say MAIL first" },
{ STATE_RCPT,        SMTP_DATA, on_data,  STATE_TEXT,   NULL },
{ STATE_SENDER,      SMTP_DATA, NULL,     STATE_HELLO,  "say RCPT first" },
{ STATE_ANY,         SMTP_DATA, NULL,     STATE_HELLO,  "say MAIL first" },
{ STATE_ANY,         SMTP_RSET, on_rset,  STATE_READY,  NULL },
{ STATE_ANY,         SMTP_NOOP, on_noop,  STATE_HELLO,  NULL },
{ STATE_ANY,         SMTP_VRFY, on_vrfy,  STATE_HELLO,  NULL },
{ STATE_ANY,         SMTP_HELP, on_help,  STATE_HELLO,  NULL },
{ STATE_ANY,         SMTP_QUIT, on_quit,  STATE_HELLO,  NULL },
{ STATE_ANY,     SMTP_STARTTLS, on_starttls, STATE_HELLO, NULL },
{ STATE_ANY,         SMTP_AUTH, on_auth,  STATE_HELLO,  NULL },
};
/* clang-format on */

void
session_unrecognized(struct smtp_session *s, struct str word, const char *text)
{
	s->default_text = text;
	buf_reset(&s->scratch);
	buf_add_str(&s->scratch, str_sub(word, 0, SMTP_WORD_MAX));
	s->question.word = buf_str(&s->scratch);
	session_ask(s, HOOK_UNRECOGNIZED, s->state);
}

/*
 * FL-42: never a secret, nor text of a message. After an AUTH or a DATA that
 * was refused at once a peer may send what it would have been asked for; it
 * then looks like a command.
 */
static void
log_command(struct smtp_session *s, struct str line, struct smtp_command *c)
{
	enum smtp_mechanism m;
	struct str rest;
	if (smtp_line_is_auth(line)) {
		bool known =
		    c->verb == SMTP_AUTH &&
		    smtp_mechanism_of(str_cut(c->argument, ' ', &rest), &m);
		/* written in another way, it is unknown with all that it has */
		if (c->verb == SMTP_UNKNOWN)
			c->word = STR("AUTH");
		session_log(s, LOG_LEVEL_INFO, "dispatching AUTH %s",
		    known ? smtp_mechanism_name(m) : "(not shown)");
		s->hides_behind = "AUTH";
		s->took_secret = true;
		return;
	}
	if (c->verb == SMTP_UNKNOWN && s->hides_behind != NULL) {
		session_log(s, LOG_LEVEL_INFO,
		    "dispatching a line behind %s, not shown", s->hides_behind);
		c->word = (struct str)STR_EMPTY;
		s->took_secret = true;
		return;
	}
	s->hides_behind = c->verb == SMTP_DATA ? "DATA" : NULL;
	session_log_str(s, LOG_LEVEL_INFO, STR("dispatching"), line);
}

void
session_long_line(struct smtp_session *s)
{
	/* its verb is gone with the part thrown away */
	s->auth_step = AUTH_IDLE;
	session_log(s, LOG_LEVEL_INFO, "dispatching a line that is too long");
	session_unrecognized(s, (struct str)STR_EMPTY, "line is too long");
}

void
session_line(struct smtp_session *s, struct str line)
{
	struct smtp_command command;
	smtp_command_parse(line, &command);
	log_command(s, line, &command);
	if (smtp_line_has_control(line)) {
		session_reply(s, 501, "5.5.2", "control character refused");
		return;
	}
	if (command.verb != SMTP_NOOP)
		s->noops = 0;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		const struct step *step = &steps[i];
		if (step->verb != command.verb || !(step->states & s->state))
			continue;
		if (step->handle != NULL)
			step->handle(s, step, command.argument);
		else
			session_reply(s, 503, "5.5.1", step->refusal);
		return;
	}
	session_unrecognized(s, command.word, "unrecognized command");
}
