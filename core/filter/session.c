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

/* A file of seconds; what is not one from 1 to a day is the default. */
static int64_t
seconds_ms(const struct filter_policy *p, const char *name, int64_t otherwise)
{
	enum {
		DAY_S = 24 * 60 * 60
	};
	int64_t s = filter_policy_number(p, name, otherwise);
	return (s > 0 && s <= DAY_S ? s : otherwise) * MS_PER_S;
}

/* Bytes of text that a window has to bring, by file 'text_rate'. */
static uint64_t
text_bytes(const struct filter_policy *p, int64_t window_ms)
{
	enum {
		RATE = SMTP_SLOW_BYTES / SMTP_SLOW_WINDOW_S,
		RATE_MAX = 1000000
	};
	int64_t rate = filter_policy_number(p, "text_rate", RATE);
	if (rate <= 0 || rate > RATE_MAX)
		rate = RATE;
	return (uint64_t)(rate * (window_ms / MS_PER_S));
}

bool
filter_smtp_config(const struct filter_policy *p, struct buf *greeting,
    struct smtp_config *out)
{
	struct str me = filter_policy_setting(p, "me");
	buf_init(greeting, SMTP_REPLY_LINE_MAX);
	bool ok = smtp_greeting(
	    greeting, filter_policy_setting(p, "smtpgreeting"), me);
	int64_t window = seconds_ms(p, "text_rate_time", SMTP_SLOW_WINDOW_S);
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
		.session_ms = seconds_ms(p, "session_time", SMTP_SESSION_S),
		.tls_ms = seconds_ms(p, "handshake_time", SMTP_TLS_S),
		.text_window_ms = window,
		.text_bytes = text_bytes(p, window),
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
