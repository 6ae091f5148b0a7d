/*
 * Limits of the policy: their files, their ranges, and that each is a setting
 * of the catalogue with a range and a default that the daemon keeps to.
 */
#include "core/base/num.h"
#include "core/filter/limit.h"
#include "core/filter/session.h"
#include "core/setting/setting.h"
#include "core/smtp/limits.h"
#include "tests/unit/filter_fixture.h"

#include <inttypes.h>

#define CONFIG "/var/service/qpsmtpd/config/"

/* What the limit is with this file; *notes tells whether it was noted. */
static int64_t
limit_with(enum filter_limit limit, const char *content, bool *noted)
{
	struct fixture f;
	const char *file = filter_limit_range(limit)->file;
	struct fixture_file files[] = {
		{ "plugins", "rcpt_ok\nqueue/maildir /tmp/m\n" },
		{ content != NULL ? file : NULL, content },
		{ NULL, NULL },
	};
	assert_true(fixture_load(&f, files));
	int64_t n = filter_policy_limit(f.policy, limit);
	*noted = strstr(buf_cstr(&f.logged), file) != NULL;
	fixture_free(&f);
	return n;
}

static void
holds(enum filter_limit limit, int64_t in_file, int64_t wanted, bool right)
{
	char content[64];
	bool noted;
	snprintf(content, sizeof(content), "# by hand\n%" PRId64 "\n", in_file);
	int64_t n = limit_with(limit, content, &noted);
	if (n != wanted || noted == right)
		fail_msg("%s %" PRId64 ": %" PRId64 " holds, %s",
		    filter_limit_range(limit)->file, in_file, n,
		    noted ? "noted" : "not noted");
}

/* FL-18, FL-19, FL-81, FL-102, FL-191 */
static void
test_limits_have_ranges(void **state)
{
	(void)state;
	for (int i = 0; i < FILTER_LIMITS; i++) {
		enum filter_limit limit = (enum filter_limit)i;
		const struct filter_limit_range *r = filter_limit_range(limit);
		bool noted;
		assert_int_equal(limit_with(limit, NULL, &noted), r->usual);
		assert_false(noted);
		holds(limit, r->least, r->least, true);
		holds(limit, r->most, r->most, true);
		holds(limit, r->least - 1, r->usual, false);
		holds(limit, r->most + 1, r->most, false);
		holds(limit, INT64_MIN, r->usual, false);
		holds(limit, INT64_MAX, r->most, false);
		assert_int_equal(
		    limit_with(limit, "ten\x1b\n", &noted), r->usual);
		assert_true(noted);
	}
}

/* The setting that makes the file of a limit. */
static const struct setting *
setting_of(const char *file)
{
	char path[128];
	size_t count;
	const struct setting *const *all = setting_all(&count);
	snprintf(path, sizeof(path), CONFIG "%s", file);
	for (size_t i = 0; i < count; i++)
		if (all[i]->files != NULL &&
		    strcmp(all[i]->files[0], path) == 0)
			return all[i];
	return NULL;
}

static int64_t
number(const char *text)
{
	int64_t n = 0;
	assert_true(num_parse_i64(str_of(text), INT64_MIN, INT64_MAX, &n));
	return n;
}

static void
test_limits_are_settings(void **state)
{
	(void)state;
	for (int i = 0; i < FILTER_LIMITS; i++) {
		const struct filter_limit_range *r =
		    filter_limit_range((enum filter_limit)i);
		const struct setting *s = setting_of(r->file);
		/* the older name of timeoutsmtpd, which is always written */
		if (i == FILTER_LIMIT_IDLE_OLD)
			continue;
		if (s == NULL) {
			fail_msg("%s: no setting makes it", r->file);
			return;
		}
		assert_true(number(s->min) >= r->least);
		assert_true(number(s->max) <= r->most);
		/* the template of the server has a default of its own */
		if (i == FILTER_LIMIT_IDLE)
			continue;
		assert_true(s->default_unset == (r->usual >= 0));
		if (r->usual >= 0)
			assert_int_equal(number(s->default_value), r->usual);
	}
}

/* FL-19: timeoutsmtpd, else timeout, else 1200; never above a session. */
static void
test_idle_time(void **state)
{
	static const struct {
		const char *first, *second;
		int64_t seconds;
	} cases[] = {
		{ NULL, NULL, SMTP_IDLE_S },
		{ "60\n", "90\n", 60 },
		{ NULL, "90\n", 90 },
		{ "never\n", "90\n", 90 },
		{ "86400\n", NULL, SMTP_SESSION_S },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct smtp_config c;
		struct buf greeting;
		struct fixture_file files[] = {
			{ "plugins", "rcpt_ok\nqueue/maildir /tmp/m\n" },
			{ "timeoutsmtpd",
			    cases[i].first != NULL ? cases[i].first : "" },
			{ "timeout",
			    cases[i].second != NULL ? cases[i].second : "" },
			{ NULL, NULL },
		};
		assert_true(fixture_load(&f, files));
		assert_true(filter_smtp_config(f.policy, &greeting, &c));
		assert_int_equal(c.idle_ms, cases[i].seconds * 1000);
		buf_clear(&greeting);
		fixture_free(&f);
	}
}

/* Each reaches the session as the file says it. */
static void
test_limits_of_a_session(void **state)
{
	struct fixture_file files[] = {
		{ "plugins", "rcpt_ok\nqueue/maildir /tmp/m\n" },
		{ "session_time", "100\n" },
		{ "handshake_time", "7\n" },
		{ "text_rate", "50\n" },
		{ "text_rate_time", "20\n" },
		{ "max_rcpts", "150\n" },
		{ "login_timeout", "9\n" },
		{ "login_delay", "0\n" },
		{ "login_failures", "2\n" },
		{ NULL, NULL },
	};
	(void)state;
	struct fixture f;
	struct smtp_config c;
	struct buf greeting;
	assert_true(fixture_load(&f, files));
	assert_true(filter_smtp_config(f.policy, &greeting, &c));
	assert_int_equal(c.session_ms, 100 * 1000);
	assert_int_equal(c.tls_ms, 7 * 1000);
	assert_int_equal(c.text_window_ms, 20 * 1000);
	assert_int_equal(c.text_bytes, 50 * 20);
	assert_int_equal(c.rcpts_max, 150);
	/* later than the judge, who tells why nobody answered */
	assert_true(c.login_ms > 9 * 1000);
	assert_int_equal(c.login_delay_ms, 0);
	assert_int_equal(c.logins_max, 2);
	buf_clear(&greeting);
	fixture_free(&f);
}

/* FL-14: a size that is none holds nobody back, and is told */
static void
test_databytes(void **state)
{
	static const struct {
		const char *content;
		uint64_t limit;
		bool noted;
	} cases[] = {
		{ "", 0, false },
		{ "0\n", 0, false },
		{ " 2000 \nx\n", 2000, false },
		{ "10M\n", 0, true },
		{ "-1\n", 0, true },
		{ "99999999999999999999\n", 0, true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct buf greeting;
		struct smtp_config config;
		fixture_start(&f, "rcpt_ok\nqueue/maildir /tmp/m\n",
		    "databytes", cases[i].content);
		assert_true(filter_smtp_config(f.policy, &greeting, &config));
		assert_int_equal(config.databytes, cases[i].limit);
		assert_int_equal(fixture_logged(&f, "is no number of bytes"),
		    cases[i].noted);
		buf_clear(&greeting);
		fixture_free(&f);
	}
}

/* FL-4: a greeting that no line holds is cut, and the daemon greets. */
static void
test_long_greeting(void **state)
{
	static const size_t sizes[] = { 1, FILTER_GREETING_MAX,
		FILTER_GREETING_MAX + 1, 5000 };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct fixture f;
		struct buf greeting, line = BUF_INIT(6000);
		struct smtp_config config;
		while (line.len < sizes[i])
			buf_add_char(&line, 'x');
		fixture_start(&f, "rcpt_ok\nqueue/maildir /tmp/m\n",
		    "smtpgreeting", buf_cstr(&line));
		assert_true(filter_smtp_config(f.policy, &greeting, &config));
		bool cut = sizes[i] > FILTER_GREETING_MAX;
		size_t shown = cut ? FILTER_GREETING_MAX : sizes[i];
		assert_int_equal(config.greeting.len, shown + strlen(" ESMTP"));
		assert_true(str_ends(config.greeting, STR("x ESMTP")));
		assert_int_equal(
		    fixture_logged(&f, "config/smtpgreeting line 1: longer"),
		    cut);
		buf_clear(&line);
		buf_clear(&greeting);
		fixture_free(&f);
	}
}

/* FL-9, FL-26: what is written in another way is told, not guessed. */
static void
test_words(void **state)
{
	static const struct {
		const char *file, *content, *note;
	} cases[] = {
		{ "bare_lf", "# x\n", NULL },
		{ "bare_lf", " reject-all \n", NULL },
		{ "bare_lf", "relay\r\n", NULL },
		{ "bare_lf", "Normalize\n",
		    "config/bare_lf line 1: 'Normalize' is none of reject," },
		{ "bare_lf", "relay clients\n", "reject holds" },
		{ "tls_before_auth", "0\n", NULL },
		{ "tls_before_auth", "1\r\n", NULL },
		{ "tls_before_auth", "no\n",
		    "'no' is neither 0 nor 1, a login needs TLS first" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		fixture_start(&f, "rcpt_ok\nqueue/maildir /tmp/m\n",
		    cases[i].file, cases[i].content);
		bool right = cases[i].note == NULL
				 ? !fixture_logged(&f, cases[i].file)
				 : fixture_logged(&f, cases[i].note);
		if (!right)
			fail_msg("%s '%s': %s", cases[i].file, cases[i].content,
			    buf_cstr(&f.logged));
		fixture_free(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits_have_ranges),
		cmocka_unit_test(test_limits_are_settings),
		cmocka_unit_test(test_idle_time),
		cmocka_unit_test(test_limits_of_a_session),
		cmocka_unit_test(test_databytes),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_long_greeting),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_limit", tests, NULL, NULL);
}
