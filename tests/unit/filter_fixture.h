/* A policy from files given in the test, and a session to ask it. */
#ifndef TESTS_UNIT_FILTER_FIXTURE_H
#define TESTS_UNIT_FILTER_FIXTURE_H

#include "core/filter/bundle_int.h"
#include "core/filter/filter.h"
#include "tests/support/dns_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct fixture_file {
	const char *name;
	const char *content;
};

struct fixture {
	struct buf bundle;
	struct buf logged; /* "LEVEL hook plugin: text" lines */
	struct filter_policy *policy;
	struct filter_session session;
	struct filter_verdict verdict;
	struct err err;
	struct dns *dns; /* of fixture_dns, or NULL */
	bool settled;
	int64_t listened_ms; /* it waited for the peer so long */
	unsigned hop_code;   /* what next servers answer, and how often */
	const char *hop_text;
	unsigned hops_asked;
	struct buf hop_asked; /* "HOST PORT MS SENDER RCPT" of the last one */
};

static inline void
fixture_settled(void *ctx)
{
	struct fixture *f = ctx;
	f->settled = true;
}

static inline void
fixture_log(
    void *ctx, int level, const char *hook, const char *plugin, struct str text)
{
	struct fixture *f = ctx;
	buf_addf(&f->logged, "%d %s %s: %.*s\n", level,
	    hook != NULL ? hook : "-", plugin != NULL ? plugin : "-",
	    STR_ARG(text));
}

/* Files end with a NULL name. False when the policy is refused. */
static inline bool
fixture_load(struct fixture *f, const struct fixture_file *files)
{
	*f = (struct fixture){ 0 };
	buf_init(&f->bundle, 64 << 20);
	buf_init(&f->logged, 1 << 20);
	buf_init(&f->hop_asked, 2000);
	for (; files->name != NULL; files++) {
		struct bundle_record r = { str_of(files->name),
			str_of(files->content) };
		assert_true(bundle_add(&f->bundle, &r));
	}
	bool ok = filter_policy_new(buf_str(&f->bundle), &f->policy, &f->err);
	assert_int_equal(ok, f->policy != NULL);
	if (!ok)
		return false;
	filter_policy_notes(f->policy, fixture_log, f);
	f->session.arena = arena_new(1 << 20, NULL, NULL);
	f->session.client_ip = STR("192.0.2.9");
	f->session.client_name = STR("Unknown");
	f->session.helo = STR("client.example");
	return true;
}

static inline void
fixture_free(struct fixture *f)
{
	filter_session_clear(&f->session);
	dns_free(f->dns);
	arena_free(f->session.arena);
	filter_policy_free(f->policy);
	buf_clear(&f->bundle);
	buf_clear(&f->logged);
	buf_clear(&f->hop_asked);
}

/* The policy of 'plugins' and one more file must load. */
static inline void
fixture_start(struct fixture *f, const char *plugins, const char *name,
    const char *content)
{
	struct fixture_file files[] = {
		{ "me", "mail.test.example\n" },
		{ "loglevel", "6\n" },
		{ "rcpthosts", "test.example\n.sub.test.example\n" },
		{ "plugins", plugins },
		{ name, content },
		{ NULL, NULL },
	};
	if (!fixture_load(f, files))
		fail_msg("refused: %s", f->err.text);
	assert_true(filter_session_start(f->policy, &f->session));
}

/* A name server with a table, for sessions from here on. */
static inline void
fixture_dns(struct fixture *f)
{
	f->dns = dns_fake_new(&clock_system);
	assert_non_null(f->dns);
	f->session.has_dns = true;
}

static inline void
fixture_record(
    struct fixture *f, const char *name, uint16_t type, const char *value)
{
	assert_true(dns_fake_add(f->dns, name, type, str_of(value)));
}

static inline void
fixture_answer_hop(struct fixture *f)
{
	const struct filter_hop_question *q = filter_hop_asked(&f->session);
	f->hops_asked++;
	buf_reset(&f->hop_asked);
	buf_addf(&f->hop_asked, "%.*s %u %lld ", STR_ARG(q->route.host),
	    (unsigned)q->route.port, (long long)q->limit_ms);
	mail_path_format(&f->hop_asked, &q->sender);
	buf_add_char(&f->hop_asked, ' ');
	mail_path_format(&f->hop_asked, &q->rcpt);
	filter_hop_answer(&f->session, f->hop_code,
	    f->hop_text != NULL ? str_of(f->hop_text) : (struct str)STR_EMPTY);
	assert_null(filter_hop_asked(&f->session));
}

static inline enum filter_result
fixture_ask(
    struct fixture *f, enum filter_hook hook, const struct filter_input *input)
{
	while (filter_run(f->policy, &f->session, hook, input, &f->verdict,
		   fixture_log, f) == FILTER_RUN_WAITS) {
		if (filter_hop_asked(&f->session) != NULL) {
			fixture_answer_hop(f);
			continue;
		}
		if (filter_listen_ms(&f->session) > 0) {
			f->listened_ms += filter_listen_ms(&f->session);
			f->session.listened = true;
			continue;
		}
		f->settled = !filter_fetch(
		    &f->session, f->dns, &clock_system, fixture_settled, f);
		while (!f->settled)
			dns_step(f->dns);
	}
	return f->verdict.result;
}

static inline void
fixture_path(const char *text, enum mail_path_role role, struct mail_path *out)
{
	struct buf b = BUF_INIT(1000);
	/* paths live until the next one of their kind */
	static char kept_of[2][4096];
	char *kept = kept_of[role == MAIL_PATH_SENDER];
	buf_addf(&b, "<%s>", text);
	assert_true(b.len < sizeof(kept_of[0]));
	memcpy(kept, buf_cstr(&b), b.len);
	struct str params;
	const char *why = NULL;
	if (!mail_path_parse(str_n(kept, b.len), role, out, &params, &why))
		fail_msg("'%s': %s", text, why);
	buf_clear(&b);
}

static inline enum filter_result
fixture_mail(struct fixture *f, const char *sender)
{
	fixture_path(sender, MAIL_PATH_SENDER, &f->session.sender);
	f->session.has_sender = true;
	return fixture_ask(f, HOOK_MAIL, NULL);
}

static inline enum filter_result
fixture_rcpt(struct fixture *f, const char *rcpt)
{
	struct filter_input input = { 0 };
	fixture_path(rcpt, MAIL_PATH_RECIPIENT, &input.rcpt);
	return fixture_ask(f, HOOK_RCPT, &input);
}

static inline bool
fixture_logged(const struct fixture *f, const char *text)
{
	struct str all = buf_str(&f->logged);
	return str_find_str(all, str_of(text)) < all.len;
}

#endif
