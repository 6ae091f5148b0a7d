/*
 * Fuzzes configurations: the bytes are files, each "NAME\x01CONTENT\x02", or,
 * when they begin with NUL, a raw bundle. A policy that loads is asked at
 * every phase. Exercises core/filter/bundle_format.c, config.c, load.c,
 * policy.c, run.c, lists.c, cdb.c and the plugins.
 */
#include "core/filter/bundle_int.h"
#include "core/filter/filter.h"
#include "core/mail/header.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_log(
    void *ctx, int level, const char *hook, const char *plugin, struct str text)
{
	(void)ctx;
	(void)hook;
	(void)plugin;
	require(level >= 0 && level <= 7);
	if (hook == NULL)
		return;
	for (size_t i = 0; i < text.len; i++)
		require((unsigned char)text.ptr[i] >= ' ');
}

static void
check_verdict(const struct filter_policy *p, const struct filter_session *s,
    const struct filter_verdict *v)
{
	struct buf line = BUF_INIT(64 * 1024);
	int level;
	for (const char *c = v->text; *c != '\0'; c++)
		require(*c == '\n' || (*c >= ' ' && *c <= '~'));
	if (filter_terse(p, s, v, false, STR("<1@x>"), &line, &level)) {
		size_t tabs = 0;
		for (size_t i = 0; i < line.len; i++)
			tabs += line.data[i] == '\t';
		require(tabs == 8);
	}
	buf_clear(&line);
}

/* Next servers are asked; nobody waits for a peer to speak. */
static void
run(const struct filter_policy *p, struct filter_session *s,
    enum filter_hook hook, const struct filter_input *input,
    struct filter_verdict *v)
{
	while (filter_run(p, s, hook, input, v, check_log, NULL) ==
	       FILTER_RUN_WAITS) {
		const struct filter_hop_question *q = filter_hop_asked(s);
		if (q == NULL)
			break;
		require(q->route.host.len > 0 && q->route.port > 0 &&
			q->limit_ms > 0);
		filter_hop_answer(
		    s, q->route.port % 2 == 0 ? 550 : 451, q->route.host);
	}
}

static void
ask(const struct filter_policy *p, const char *ip)
{
	static const char message[] = "From: a@b.example\nDate: Mon, 02 Mar "
				      "2020 10:00:00 +0000\nFrom: c\n\nx\n";
	struct filter_session s = { 0 };
	struct mail_header h;
	struct filter_verdict v;
	s.arena = arena_new(1 << 20, NULL, NULL);
	require(s.arena != NULL);
	require(
	    mail_header_parse(str_of(message), s.arena, &h) == MAIL_HEADER_OK);
	const struct filter_message m = { str_of(message), h.body, h.fields,
		h.n_fields, 1600000000 };
	const struct filter_input input = {
		.rcpt = { STR("Some.One-x"), STR("Test.Example") },
		.message = &m,
		.word = STR("BOO\x1b"),
	};
	s.client_ip = str_of(ip);
	s.client_name = STR("Unknown");
	s.helo = STR("evil-1.example");
	s.sender = (struct mail_path){ STR("\"a b\""), STR("bad.example") };
	s.has_hops = true;
	(void)filter_session_start(p, &s);
	for (int hook = 0; hook < HOOK_COUNT; hook++) {
		run(p, &s, (enum filter_hook)hook, &input, &v);
		check_verdict(p, &s, &v);
		require(s.n_copies <= FILTER_COPIES_MAX);
	}
	(void)filter_policy_queue(p, &s);
	filter_session_login(p, &s);
	run(p, &s, HOOK_RCPT, &input, &v);
	filter_session_clear(&s);
	arena_free(s.arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf bundle = BUF_INIT(16 << 20);
	struct str rest = str_n((const char *)data, size);
	struct filter_policy *p;
	struct err e = ERR_INIT;
	if (size > 0 && data[0] == 0)
		buf_add_str(&bundle, str_sub(rest, 1, rest.len));
	else
		while (rest.ptr != NULL && rest.len > 0) {
			struct bundle_record r;
			struct str file = str_cut(rest, '\x02', &rest);
			r.name = str_cut(file, '\x01', &r.content);
			require(bundle_add(&bundle, &r));
		}
	if (filter_policy_new(buf_str(&bundle), &p, &e)) {
		filter_policy_notes(p, check_log, NULL);
		ask(p, "127.0.0.1");
		ask(p, "2001:db8::1");
		ask(p, "");
		filter_policy_free(p);
	} else {
		require(e.code != ERR_NONE);
	}
	buf_clear(&bundle);
	return 0;
}
