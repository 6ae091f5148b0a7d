/*
 * No open relay, whatever is combined (FL-61, FL-62, FL-82, FL-97, FL-98): a
 * matrix of plugin lists, files and clients. A recipient that is not ours is
 * taken from a relay client and from nobody else.
 */
#include "tests/unit/filter_fixture.h"

#include "core/dns/dns.h"

/* What an administrator may switch on, each alone or with any other. */
static const struct {
	const char *lines; /* in the plugin list, before rcpt_ok */
	const char *file;  /* and what it reads */
	const char *content;
} switches[] = {
	{ "whitelist\n", "whitelisthosts", "192.0.2.9\n192.0.2.\n" },
	{ "whitelist:0\n", "whitelisthelo", "client.example\n" },
	{ "whitelist:1\n", "whitelistsenders", "a@b.example\nb.example\n" },
	{ "whitelist:2\n", "whitelistrcpt", "x@far.example\nfar.example\n" },
	{ "check_goodrcptto extn -\n", "goodrcptto",
	    "@far.example\nx@far.example\nx\n" },
	{ "dns_whitelist_soft\n", "whitelist_zones", "white.test\n" },
	{ "dnsbl reject naughty\nnaughty\n", "dnsbl_zones", "bl.test\n" },
	{ "badrcptto\n", "badrcptto", "nobody@far.example\n" },
	{ "helo policy lenient\nrelay\n", "relayclients",
	    "198.51.100.0/24\n192.0.3.\n192.0.2.99\n" },
};
enum {
	SWITCHES = sizeof(switches) / sizeof(switches[0]),
	LINES = 1000,
	FILES = SWITCHES + 6
};

/* Who speaks. */
static const struct {
	const char *what;
	const char *ip;
	bool env, login;
	const char *norelay; /* content of norelayclients */
	bool may; /* send anywhere, where the relay plugin is asked */
	bool needs_plugin;
} clients[] = {
	{ "a stranger", "192.0.2.9", false, false, "", false, false },
	{ "one near a relay client's block", "192.0.4.1", false, false, "",
	    false, false },
	{ "a relay client", "198.51.100.7", false, false, "", true, true },
	{ "a relay client who may not", "198.51.100.7", false, false,
	    "198.51.100.7\n", false, true },
	{ "a stranger who may not", "192.0.2.9", false, false, "192.0.2.\n",
	    false, false },
	{ "RELAYCLIENT", "192.0.2.9", true, false, "", true, true },
	{ "RELAYCLIENT who may not", "192.0.2.9", true, false, "192.0.2.9\n",
	    false, true },
	{ "one who logged in", "192.0.2.9", false, true, "", true, false },
};

static void
load(struct fixture *f, unsigned mask, const char *norelay)
{
	struct buf lines = BUF_INIT(LINES);
	struct fixture_file files[FILES];
	size_t n = 0;
	files[n++] = (struct fixture_file){ "me", "mail.test.example\n" };
	files[n++] =
	    (struct fixture_file){ "rcpthosts", "test.example\n.sub.test\n" };
	files[n++] = (struct fixture_file){ "norelayclients", norelay };
	for (unsigned i = 0; i < SWITCHES; i++) {
		if (!(mask & 1U << i))
			continue;
		buf_add_cstr(&lines, switches[i].lines);
		files[n++] = (struct fixture_file){ switches[i].file,
			switches[i].content };
	}
	buf_add_cstr(&lines, "rcpt_ok\nqueue/maildir /m\n");
	files[n++] = (struct fixture_file){ "plugins", buf_cstr(&lines) };
	files[n] = (struct fixture_file){ NULL, NULL };
	if (!fixture_load(f, files))
		fail_msg("refused: %s", f->err.text);
	buf_clear(&lines);
	assert_true(filter_session_start(f->policy, &f->session));
	fixture_dns(f);
	fixture_record(f, "9.2.0.192.white.test", DNS_A, "127.0.0.2");
	fixture_record(f, "9.2.0.192.bl.test", DNS_A, "127.0.0.2");
}

/* The whole way to RCPT, whatever the plugins say on it. */
static enum filter_result
walk(struct fixture *f, size_t client, const char *rcpt)
{
	struct filter_session *s = &f->session;
	s->client_ip = str_of(clients[client].ip);
	s->relay_env = clients[client].env;
	fixture_ask(f, HOOK_PRE_CONNECTION, NULL);
	fixture_ask(f, HOOK_CONNECT, NULL);
	fixture_ask(f, HOOK_HELO, NULL);
	if (clients[client].login)
		filter_session_login(f->policy, s);
	fixture_mail(f, "a@b.example");
	return fixture_rcpt(f, rcpt);
}

static void
test_no_open_relay(void **state)
{
	static const char *const foreign[] = { "x@far.example",
		"x@test.example.far.example", "x@sub.test", "x@xtest.example",
		"x%far.example@far.example", "\"x@test.example\"@far.example",
		"x@[198.51.100.1]" };
	size_t tried = 0, taken = 0;
	(void)state;
	for (unsigned mask = 0; mask < 1U << SWITCHES; mask++) {
		for (size_t c = 0; c < ARRAY_LEN(clients); c++) {
			struct fixture f;
			load(&f, mask, clients[c].norelay);
			bool asked = (mask & 1U << (SWITCHES - 1)) != 0;
			bool may = clients[c].may &&
				   (asked || !clients[c].needs_plugin);
			const char *rcpt =
			    foreign[(mask + c) % ARRAY_LEN(foreign)];
			enum filter_result r = walk(&f, c, rcpt);
			if (r == FILTER_OK && !may)
				fail_msg("open relay: %s to %s with %x",
				    clients[c].what, rcpt, mask);
			tried++;
			taken += r == FILTER_OK;
			fixture_free(&f);
		}
	}
	/* and those who may are let through, so that the matrix says much */
	assert_true(taken > 0 && taken < tried);
	print_message("# %zu combinations, %zu relayed\n", tried, taken);
}

/* 'relay only': nobody else's mail is taken, not even for us. */
static void
test_relay_only(void **state)
{
	(void)state;
	for (size_t c = 0; c < ARRAY_LEN(clients); c++) {
		struct fixture f;
		struct fixture_file files[] = {
			{ "me", "mail.test.example\n" },
			{ "rcpthosts", "test.example\n" },
			{ "relayclients", "198.51.100.0/24\n" },
			{ "norelayclients", clients[c].norelay },
			{ "plugins",
			    "relay only 1\nrcpt_ok\nqueue/maildir /m\n" },
			{ NULL, NULL },
		};
		assert_true(fixture_load(&f, files));
		assert_true(filter_session_start(f.policy, &f.session));
		assert_int_equal(
		    walk(&f, c, "x@test.example") == FILTER_OK, clients[c].may);
		fixture_free(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_open_relay),
		cmocka_unit_test(test_relay_only),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_relay", tests, NULL, NULL);
}
