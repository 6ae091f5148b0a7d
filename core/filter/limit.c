/* The table of limits, and reading one. */
#include "core/filter/limit.h"

#include "core/base/num.h"
#include "core/filter/level_int.h"
#include "core/filter/policy_int.h"
#include "core/queue/log.h"
#include "core/smtp/limits.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	DAY_S = 24 * 60 * 60,
	QUEUE_GRACE_S = 4 /* so much before the session itself gives up */
};

/* clang-format off */
static const struct filter_limit_range ranges[FILTER_LIMITS] = {
	[FILTER_LIMIT_IDLE] =
	    { "timeoutsmtpd", 1, DAY_S, FILTER_LIMIT_NOT_SET },
	[FILTER_LIMIT_IDLE_OLD] =
	    { "timeout", 1, DAY_S, FILTER_LIMIT_NOT_SET },
	[FILTER_LIMIT_SESSION] = { "session_time", 1, DAY_S, SMTP_SESSION_S },
	[FILTER_LIMIT_HANDSHAKE] = { "handshake_time", 1, DAY_S, SMTP_TLS_S },
	[FILTER_LIMIT_TEXT_RATE] = { "text_rate", 1, 1000000, SMTP_SLOW_BYTES / SMTP_SLOW_WINDOW_S },
	[FILTER_LIMIT_TEXT_WINDOW] = { "text_rate_time", 1, DAY_S, SMTP_SLOW_WINDOW_S },
	[FILTER_LIMIT_RCPTS] = { "max_rcpts", 1, 10000, SMTP_RCPTS_MAX },
	[FILTER_LIMIT_NETWORK] =
	    { "instances_per_network", 0, 100000, FILTER_LIMIT_NOT_SET },
	[FILTER_LIMIT_LOGIN] = { "login_timeout", 1, 300, SMTP_LOGIN_S },
	[FILTER_LIMIT_LOGIN_DELAY] = { "login_delay", 0, 60, SMTP_LOGIN_DELAY_MS / MS_PER_S },
	[FILTER_LIMIT_LOGINS_FAILED] = { "login_failures", 1, 100, SMTP_LOGINS_MAX },
	[FILTER_LIMIT_DNS] = { "dns_timeout", 1, 600, 60 },
	[FILTER_LIMIT_LISTS] = { "dnsbl_timeout", 1, 60, 30 },
	[FILTER_LIMIT_QUEUE_LOG] = { "queue_log", 0, QUEUE_LOG_SIZE_MAX, QUEUE_LOG_SIZE_DEFAULT },
	[FILTER_LIMIT_QUEUE] =
	    { "queue_timeout", 1, SMTP_QUEUE_S - QUEUE_GRACE_S,
	      FILTER_LIMIT_NOT_SET },
	[FILTER_LIMIT_FAILURES] = { "queue_failures", 0, 1000, 3 },
	[FILTER_LIMIT_PAUSE] = { "queue_pause", 1, 3600, 20 },
	[FILTER_LIMIT_CONNECTIONS] = { "queue_connections", 1, 40, 24 },
	[FILTER_LIMIT_RCPT_CHECK] = { "rcpt_timeout", 1, 120, 30 },
};
/* clang-format on */

const struct filter_limit_range *
filter_limit_range(enum filter_limit limit)
{
	return &ranges[limit];
}

/* What a line of the file gives; false when it is not as it should be. */
static bool
read_limit(struct str text, const struct filter_limit_range *r, int64_t *out)
{
	int64_t n = 0;
	bool right = num_parse_i64(text, r->least, INT64_MAX, &n);
	*out = !right ? r->usual : n < r->most ? n : r->most;
	return right && n <= r->most;
}

int64_t
filter_policy_limit(const struct filter_policy *p, enum filter_limit limit)
{
	const struct filter_limit_range *r = &ranges[limit];
	int64_t n;
	(void)!read_limit(filter_policy_setting(p, r->file), r, &n);
	return n;
}

int64_t
filter_policy_limit_ms(const struct filter_policy *p, enum filter_limit limit)
{
	return filter_policy_limit(p, limit) * MS_PER_S;
}

/* FL-14: what is no number is no limit, which somebody may not have meant. */
static void
check_databytes(struct filter_policy *p)
{
	struct config_lines lines = config_kept(&p->config, STR("databytes"));
	int64_t n;
	if (lines.n > 0 &&
	    !num_parse_i64(lines.lines[0].text, 0, INT64_MAX, &n))
		config_note(&p->config, LEVEL_WARN, &lines.lines[0],
		    "'%.*s' is no number of bytes, messages may have any size",
		    STR_ARG(lines.lines[0].text));
}

/* FL-4: no reason to greet nobody. */
static void
check_greeting(struct filter_policy *p)
{
	struct config_lines lines =
	    config_kept(&p->config, STR("smtpgreeting"));
	if (lines.n > 0 && lines.lines[0].text.len > FILTER_GREETING_MAX)
		config_note(&p->config, LEVEL_WARN, &lines.lines[0],
		    "longer than %d bytes, the rest is left out",
		    (int)FILTER_GREETING_MAX);
}

/* FL-9, FL-26: another word leaves the safe one in force, which is told. */
static void
check_words(struct filter_policy *p)
{
	static const char *const line_feeds[] = { "reject", "reject-all",
		"relay", "normalize", NULL };
	static const char *const yes_or_no[] = { "0", "1", NULL };
	static const struct {
		const char *file;
		const char *const *words;
		const char *wanted;
	} files[] = {
		{ "bare_lf", line_feeds,
		    "none of reject, reject-all, relay and normalize, "
		    "reject holds" },
		{ "tls_before_auth", yes_or_no,
		    "neither 0 nor 1, a login needs TLS first" },
	};
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct config_lines lines =
		    config_kept(&p->config, str_of(files[i].file));
		const char *const *word = files[i].words;
		while (lines.n > 0 && *word != NULL &&
		       !str_is(lines.lines[0].text, *word))
			word++;
		if (lines.n > 0 && *word == NULL)
			config_note(&p->config, LEVEL_WARN, &lines.lines[0],
			    "'%.*s' is %s", STR_ARG(lines.lines[0].text),
			    files[i].wanted);
	}
}

void
policy_check_limits(struct filter_policy *p)
{
	check_databytes(p);
	check_words(p);
	check_greeting(p);
	for (size_t i = 0; i < FILTER_LIMITS; i++) {
		const struct filter_limit_range *r = &ranges[i];
		struct config_lines lines =
		    config_kept(&p->config, str_of(r->file));
		char holds[32] = "the default";
		int64_t n;
		if (lines.n == 0 || read_limit(lines.lines[0].text, r, &n))
			continue;
		if (n != FILTER_LIMIT_NOT_SET)
			snprintf(holds, sizeof(holds), "%" PRId64, n);
		config_note(&p->config, LEVEL_WARN, &lines.lines[0],
		    "'%.*s' is not a whole number from %" PRId64 " to %" PRId64
		    ", %s holds",
		    STR_ARG(lines.lines[0].text), r->least, r->most, holds);
	}
}
