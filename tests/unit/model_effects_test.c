/*
 * Generated files with nothing set, by release, and with values that are not
 * valid; effects_rows_test.c has the setting's examples.
 */
#include "tests/unit/effects_fixture.h"

#include <string.h>

struct wanted {
	const char *path, *lines, *not_there;
};

/* EF-10 to EF-15 and the tables of 2.1, 2.2 and 2.4 with nothing set. */
static const struct wanted defaults[] = {
#define C "/var/service/qpsmtpd/config/"
	{ C "IP", "0", NULL },
	{ C "plugins",
	    "hosts_allow\npeers peers/0\n"
	    "tls ssl/cert.pem ssl/cert.pem ssl/cert.pem",
	    "#" },
	{ C "plugin_dirs", "/usr/share/qpsmtpd/plugins", NULL },
	{ C "loglevel", "6", NULL },
	{ C "memory_threshold", "1", NULL },
	{ C "size_threshold", "1", NULL },
	{ C "spool_dir", "/var/spool/qpsmtpd", NULL },
	{ C "smtpgreeting", "sme.example.org", "#" },
	{ C "subject_prefix", "[SPAM]", NULL },
	{ C "timeout", "120", "#" },
	{ C "timeoutsmtpd", "120", "#" },
	{ C "tls_before_auth", "1", NULL },
	{ C "tls_ciphers", "HIGH:!SSLv2", NULL },
	{ C "require_resolvable_fromhost", "1", NULL },
	{ C "invalid_resolvable_fromhost",
	    "169.254.0.0/16\n127.0.0.0/8\n0.0.0.0/8\n224.0.0.0/4", NULL },
	{ C "dnsbl_zones", "# No RBLs are defined", NULL },
	{ C "rhsbl_zones", "# No SBLs are defined", NULL },
	{ C "uribl_zones",
	    "multi.surbl.org 8,16,64,128\nblack.uribl.com\nrhsbl.sorbs.net",
	    NULL },
	{ C "dnsbl_allow", "192.168.1.\n127.0.0.1", NULL },
	{ C "relayclients", "127.0.0.\n192.168.1.1", "192.168.1.\n" },
	{ C "badhelo", "203.0.113.10\naol.com\nyahoo.com", NULL },
	{ C "badrcptto",
	    "!\tSorry, bang paths not accepted here\n"
	    "@.*@\tSorry, multiple at signs not accepted here\n"
	    "^@\tInvalid recipient address\n"
	    "%\tSorry, percent hack not accepted here",
	    NULL },
	{ C "goodrcptto",
	    "postmaster@[203.0.113.10]\n"
	    "admin@example.org\nadmin@other.example\nroot@example.org\n"
	    "alice@example.org\nalice.smith@example.org\n"
	    "bob@other.example\nsales@example.org",
	    "everyone" },
	{ C "signatures_patterns", "TVpXXX", "UEsDBAoAA" },
	{ C "peers/0",
	    "logging/logterse\n# karma disabled\n"
	    "tls ssl/cert.pem ssl/cert.pem ssl/cert.pem\n"
	    "auth/auth_cvm_unix_local cvm_socket "
	    "/var/lib/cvm/cvm-unix-local.socket enable_smtp yes "
	    "enable_ssmtp yes\n"
	    "loadcheck max_load 7\nearlytalker\n"
	    "count_unrecognized_commands 4\n# bcc disabled\nrelay\n"
	    "helo policy lenient reject naughty\nresolvable_fromhost\n"
	    "headers require From,Date\n# rhsbl disabled\n"
	    "# dnsbl disabled\nbadmailfrom\n"
	    "sender_permitted_from reject 1 no_dmarc_policy 0\nbadrcptto\n"
	    "# check_smtp_forward not required\nnaughty reject rcpt\n"
	    "check_goodrcptto extn -\nrcpt_ok\n# uribl disabled\n"
	    "# pattern_filter disabled\ntnef2mime\n"
	    "# 65disclaimer disabled for external connections\n"
	    "dkim reject 0\n# spamassassin disabled\n"
	    "dmarc reject 0 reporting 1\n"
	    "virus/clamav clamscan_path=/usr/bin/clamdscan action=reject "
	    "max_size=25000000\nqueue/qmail-queue",
	    "whitelist_soft" },
	{ C "peers/local",
	    "# 03karma disabled for local connections\n"
	    "# 06loadcheck disabled for local connections\n"
	    "# 10earlytalker disabled for local connections\n"
	    "# 12count_unrecognized_commands disabled for local connections\n"
	    "# 16resolvable_fromhost disabled for local connections\n"
	    "# 20rhsbl disabled for local connections\n"
	    "# 22dnsbl disabled for local connections\n"
	    "# disclaimer disabled\n# dkim signing disabled\n"
	    "# 70spamassassin disabled for local connections",
	    "whitelist" },
	{ "/var/service/qpsmtpd/runenv",
	    "INSTANCES=40\nINSTANCES_PER_IP=5\n"
	    "export PATH=/var/qmail/bin:/bin:/usr/bin:/usr/local/bin\n"
	    "export PORT=2525\nSOFTLIMIT=25000000\n"
	    "export TCPLOCALHOST=sme.example.org",
	    NULL },
	{ "/var/service/sqpsmtpd/runenv",
	    "INSTANCES=10\nINSTANCES_PER_IP=5\nexport PORT=2465", "SOFTLIMIT" },
	{ "/var/qmail/control/me", "example.org", "#" },
	{ "/var/qmail/control/databytes", "15000000", "#" },
	{ "/var/qmail/control/rcpthosts",
	    "sme.example.org\nexample.org\nother.example\n[203.0.113.10]",
	    NULL },
	{ "/var/qmail/control/locals",
	    "localhost\nsme.example.org\n[203.0.113.10]", NULL },
#undef C
};

static void
expand_ok(const struct place *p, const char *path, struct buf *out)
{
	struct err e = ERR_INIT;
	if (!place_expand(p, path, out, &e))
		fail_msg("%s", e.text);
}

/* Comments that tell a state are lines too (EF-1); order is that given. */
static void
lines_check(const struct wanted *w, const struct buf *text)
{
	struct str rest = str_of(w->lines), line, all = buf_str(text), one;
	while (str_next_line(&rest, &line)) {
		bool found = false;
		while (!found && str_next_line(&all, &one))
			found = str_eq(one, line);
		if (!found)
			fail_msg("%s: no line '%.*s' in its place in:\n%s",
			    w->path, STR_ARG(line), buf_cstr(text));
	}
	if (w->not_there != NULL &&
	    strstr(buf_cstr(text), w->not_there) != NULL)
		fail_msg("%s holds '%s':\n%s", w->path, w->not_there,
		    buf_cstr(text));
}

static void
test_effects_of_shipped_defaults(void **state)
{
	(void)state;
	struct place p;
	place_open(&p, "10");
	for (size_t i = 0; i < ARRAY_LEN(defaults); i++) {
		struct buf text = BUF_INIT(1 << 20);
		expand_ok(&p, defaults[i].path, &text);
		lines_check(&defaults[i], &text);
		buf_clear(&text);
	}
	place_close(&p);
}

/* Names up to 9.1, and what only release 11 does (effects.md 2.2). */
static void
test_effects_by_release(void **state)
{
	(void)state;
	static const char peers[] = "/var/service/qpsmtpd/config/peers/0";
	static const struct {
		const char *release;
		struct wanted want;
	} cases[] = {
		{ "9.1", { peers,
			     "check_earlytalker\ncheck_relay\ncheck_norelay\n"
			     "require_resolvable_fromhost\ncheck_basicheaders\n"
			     "check_badmailfrom\ncheck_badrcptto_patterns\n"
			     "check_badrcptto\ncheck_spamhelo\n"
			     "check_goodrcptto extn -",
			     "karma" } },
		{ "9.1",
		    { "/var/service/qpsmtpd/config/badrcptto_patterns",
			"%\tSorry, percent hack not accepted here", NULL } },
		{ "11", { peers,
			    "auth/auth_cvm_unix_local cvm_socket "
			    "/var/lib/cvm/cvm-unix-local.socket enable_smtp no "
			    "enable_ssmtp yes\nqueue/postfix-queue",
			    NULL } },
		{ "11", { "/var/service/uqpsmtpd/runenv",
			    "INSTANCES=40\nINSTANCES_PER_IP=5\n"
			    "export PORT=2587",
			    NULL } },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct place p;
		struct buf text = BUF_INIT(1 << 20);
		place_open(&p, cases[i].release);
		expand_ok(&p, cases[i].want.path, &text);
		lines_check(&cases[i].want, &text);
		buf_clear(&text);
		place_close(&p);
	}
}

/*
 * EF-4: what another tool stored against the rules does not reach a file; the
 * default stands in its place.
 */
static void
test_effects_of_values_that_are_not_valid(void **state)
{
	(void)state;
	struct place p;
	struct buf text = BUF_INIT(1 << 20);
	place_open(&p, "10");
	place_put(&p, "configuration",
	    "DomainName=example.org\nSystemName=sme\n"
	    "qpsmtpd=service|MaxLoad|many|HeloPolicy|lenient\\nrelay|"
	    "UnauthenticatedRelayClients|10.0.0.1\\n0.0.0.0/0\n"
	    "smtpd=service|TCPPort|99999\n");
	place_put(&p, "wbl",
	    "badmailfrom=wbl|@a.test\\n@b.test|Black|@c.test|Black|"
	    "@d.test|White\n");
	expand_ok(&p, "/var/service/qpsmtpd/config/peers/0", &text);
	assert_non_null(strstr(buf_cstr(&text), "\nloadcheck max_load 7\n"));
	assert_non_null(strstr(buf_cstr(&text), "\nhelo policy lenient rej"));
	buf_reset(&text);
	expand_ok(&p, "/var/service/qpsmtpd/runenv", &text);
	assert_non_null(strstr(buf_cstr(&text), "export PORT=25\n"));
	buf_reset(&text);
	expand_ok(&p, "/var/service/qpsmtpd/config/relayclients", &text);
	assert_null(strstr(buf_cstr(&text), "0.0.0.0/0"));
	buf_reset(&text);
	expand_ok(&p, "/var/service/qpsmtpd/config/badmailfrom", &text);
	assert_string_equal(buf_cstr(&text), "@c.test\n");
	buf_clear(&text);
	place_close(&p);
}

/* EF-11: prefixes of masks that end at and inside a number. */
static void
prefix_add(void *ctx, const char *prefix, bool whole)
{
	buf_addf(ctx, "%s%s ", prefix, whole ? "" : ".");
}

static void
test_network_prefixes(void **state)
{
	(void)state;
	static const struct {
		const char *address, *mask, *want;
	} cases[] = {
		{ "192.168.1.0", "255.255.255.0", "192.168.1. " },
		{ "192.168.1.77", "255.255.255.0", "192.168.1. " },
		{ "10.0.0.0", "255.0.0.0", "10. " },
		{ "172.16.0.0", "255.255.252.0",
		    "172.16.0. 172.16.1. 172.16.2. 172.16.3. " },
		{ "10.1.2.4", "255.255.255.254", "10.1.2.4 10.1.2.5 " },
		{ "10.1.2.3", "255.255.255.255", "10.1.2.3 " },
		{ "10.0.0.0", "0.0.0.0", "" },
		{ "10.0.0.0", "255.0.255.0", "" },
		{ "ten", "255.0.0.0", "" },
		{ "10.0.0.0", "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf got = BUF_INIT(4096);
		template_network_prefixes(str_of(cases[i].address),
		    str_of(cases[i].mask), prefix_add, &got);
		assert_string_equal(buf_cstr(&got), cases[i].want);
		buf_clear(&got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_effects_of_shipped_defaults),
		cmocka_unit_test(test_effects_by_release),
		cmocka_unit_test(test_effects_of_values_that_are_not_valid),
		cmocka_unit_test(test_network_prefixes),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("model_effects", tests, NULL, NULL);
}
