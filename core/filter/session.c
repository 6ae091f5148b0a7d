/* Settings for the session out of the policy, and facts the other way. */
#include "core/filter/session.h"

#include "core/filter/limit.h"
#include "core/smtp/limits.h"

enum {
	MS_PER_S = 1000,
	LOGIN_GRACE_MS = 10 * MS_PER_S
};

/* FL-35: 'me-auth-results', else 'me'; the word none: no field at all. */
static struct str
auth_id(const struct filter_policy *p, struct str me)
{
	struct str id = filter_policy_setting(p, "me-auth-results");
	if (str_is(id, "none"))
		return (struct str)STR_EMPTY;
	return id.len > 0 ? id : me;
}

/* FL-19: timeoutsmtpd, else timeout, else the default. */
static int64_t
idle_ms(const struct filter_policy *p)
{
	int64_t s = filter_policy_limit(p, FILTER_LIMIT_IDLE);
	if (s == FILTER_LIMIT_NOT_SET)
		s = filter_policy_limit(p, FILTER_LIMIT_IDLE_OLD);
	if (s == FILTER_LIMIT_NOT_SET)
		s = SMTP_IDLE_S;
	return (s < SMTP_SESSION_S ? s : SMTP_SESSION_S) * MS_PER_S;
}

bool
filter_smtp_config(const struct filter_policy *p, struct buf *greeting,
    struct smtp_config *out)
{
	struct str me = filter_policy_setting(p, "me");
	struct str words = filter_policy_setting(p, "smtpgreeting");
	buf_init(greeting, SMTP_REPLY_LINE_MAX);
	bool ok =
	    smtp_greeting(greeting, str_sub(words, 0, FILTER_GREETING_MAX), me);
	int64_t n = filter_policy_number(p, "databytes", 0);
	int64_t window = filter_policy_limit_ms(p, FILTER_LIMIT_TEXT_WINDOW);
	*out = (struct smtp_config){
		.me = me,
		.greeting = buf_str(greeting),
		.auth_id = auth_id(p, me),
		.databytes = (uint64_t)(n > 0 ? n : 0),
		.rcpts_max = (size_t)filter_policy_limit(p, FILTER_LIMIT_RCPTS),
		.bare_lf = smtp_bare_lf_of(filter_policy_setting(p, "bare_lf")),
		.idle_ms = idle_ms(p),
		.session_ms = filter_policy_limit_ms(p, FILTER_LIMIT_SESSION),
		.tls_ms = filter_policy_limit_ms(p, FILTER_LIMIT_HANDSHAKE),
		.text_window_ms = window,
		.text_bytes =
		    (uint64_t)(window / MS_PER_S *
			       filter_policy_limit(p, FILTER_LIMIT_TEXT_RATE)),
		/* after the judge's, who then has told that nobody answered */
		.login_ms = filter_policy_limit_ms(p, FILTER_LIMIT_LOGIN) +
			    LOGIN_GRACE_MS,
		.login_delay_ms =
		    filter_policy_limit_ms(p, FILTER_LIMIT_LOGIN_DELAY),
		.logins_max = (unsigned)filter_policy_limit(
		    p, FILTER_LIMIT_LOGINS_FAILED),
		.log_level = filter_policy_loglevel(p),
	};
	return ok;
}

void
filter_session_facts(struct filter_session *s, const struct smtp_session *smtp)
{
	struct smtp_facts f;
	smtp_session_facts(smtp, &f);
	s->helo = f.helo;
	s->esmtp = f.esmtp;
	s->has_sender = f.has_sender;
	s->sender = f.sender;
	s->rcpts = f.rcpts;
	s->n_rcpts = f.n_rcpts;
	s->noops = f.noops;
	s->bare_path = f.bare_path;
	s->loose_path = f.loose_path;
}

bool
filter_session_add(const struct filter_policy *p, struct filter_session *s,
    struct buf *room, struct smtp_session *smtp)
{
	struct smtp_additions more;
	bool ok = true;
	filter_session_additions(p, s, room, &more);
	smtp_session_set_additions(smtp, &more);
	for (size_t i = 0; i < s->n_copies; i++)
		ok = smtp_session_add_rcpt(smtp, &s->copies[i]) && ok;
	filter_session_facts(s, smtp);
	return ok;
}

bool
filter_is_denial(enum filter_result r)
{
	return r >= FILTER_DENY && r <= FILTER_DENYSOFT_DISCONNECT;
}
