/* Settings for the session out of the policy, and facts the other way. */
#include "core/filter/session.h"

#include "core/smtp/limits.h"

enum {
	MS_PER_S = 1000
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

static int64_t
positive(int64_t n, int64_t otherwise)
{
	return n > 0 ? n : otherwise;
}

/* FL-19: timeoutsmtpd, else timeout, else the default. */
static int64_t
idle_ms(const struct filter_policy *p)
{
	int64_t s = filter_policy_number(p, "timeoutsmtpd", 0);
	if (s <= 0)
		s = filter_policy_number(p, "timeout", 0);
	s = positive(s, SMTP_IDLE_S);
	return (s < SMTP_SESSION_S ? s : SMTP_SESSION_S) * MS_PER_S;
}

bool
filter_smtp_config(const struct filter_policy *p, struct buf *greeting,
    struct smtp_config *out)
{
	struct str me = filter_policy_setting(p, "me");
	buf_init(greeting, SMTP_REPLY_LINE_MAX);
	bool ok = smtp_greeting(
	    greeting, filter_policy_setting(p, "smtpgreeting"), me);
	*out = (struct smtp_config){
		.me = me,
		.greeting = buf_str(greeting),
		.auth_id = auth_id(p, me),
		.databytes = (uint64_t)positive(
		    filter_policy_number(p, "databytes", 0), 0),
		.rcpts_max = (size_t)positive(
		    filter_policy_number(p, "max_rcpts", 0), SMTP_RCPTS_MAX),
		.bare_lf = smtp_bare_lf_of(filter_policy_setting(p, "bare_lf")),
		.idle_ms = idle_ms(p),
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
}

bool
filter_is_denial(enum filter_result r)
{
	return r >= FILTER_DENY && r <= FILTER_DENYSOFT_DISCONNECT;
}
