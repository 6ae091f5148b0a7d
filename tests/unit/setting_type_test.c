/* Types of values: what each takes, stores, shows, and says when it refuses. */
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* Stored NULL: refused, and the reason begins so. */
struct type_case {
	const char *id, *typed, *stored, *reason;
};

static const struct type_case words[] = {
	{ "spam.filter", "on", "enabled", NULL },
	{ "spam.filter", "YES", "enabled", NULL },
	{ "spam.filter", "1", "enabled", NULL },
	{ "spam.filter", "non", "disabled", NULL },
	{ "spam.filter", "Disabled", "disabled", NULL },
	{ "virus.debug", "on", "yes", NULL },
	{ "virus.debug", "disabled", "no", NULL },
	{ "bayes.use", "on", "1", NULL },
	{ "bayes.use", "no", "0", NULL },
	{ "spam.filter", "maybe", NULL,
	    "'maybe' is not one of enabled, disabled" },
	{ "spam.filter", "", NULL, "'' is not one of" },
	{ "spam.sensitivity", "custom", "custom", NULL },
	{ "spam.sensitivity", "HIGH", "high", NULL },
	{ "spam.sensitivity", "hi", NULL,
	    "'hi' fits high and no other; write it out" },
	{ "spam.sensitivity", "very", NULL,
	    "'very' fits verylow, veryhigh; write one out" },
	{ "spam.sensitivity", "x", NULL, "'x' is not one of verylow, low" },
	{ "user.visible", "x", NULL, "'x' is not the word internal" },
	{ "lists.sender", "white", "White", NULL },
	{ "delivery.unknown-user", "admin", "admin", NULL },
	{ "delivery.unknown-user", "anna", "anna", NULL },
	{ "delivery.unknown-user", "An na", NULL,
	    "'An na' is not one of returntosender, admin, or an account" },
};

static const struct type_case numbers[] = {
	{ "spam.reject-level", "12", "12", NULL },
	{ "spam.reject-level", "+7", "7", NULL },
	{ "spam.reject-level", "007", "7", NULL },
	{ "spam.reject-level", "25", NULL,
	    "'25' is not a whole number from 0 to 20" },
	{ "spam.reject-level", "-1", NULL, "'-1' is not a whole number" },
	{ "spam.reject-level", "1.5", NULL, "'1.5' is not a whole number" },
	{ "spam.reject-level", " 5", NULL, "' 5' is not a whole number" },
	{ "spam.reject-level", "99999999999999999999999", NULL, "'9999" },
	{ "smtp.instances", "0", NULL,
	    "'0' is not a whole number of 1 or more" },
	{ "delivery.queue-lifetime", "604800", "604800", NULL },
	{ "delivery.queue-lifetime", "90m", "5400", NULL },
	{ "delivery.queue-lifetime", "2d", "172800", NULL },
	{ "delivery.queue-lifetime", "1w", "604800", NULL },
	{ "delivery.queue-lifetime", "0", NULL, "'0' is not a time" },
	{ "delivery.queue-lifetime", "2y", NULL, "'2y' is not a time" },
	{ "delivery.queue-lifetime", "d", NULL, "'d' is not a time" },
	{ "delivery.queue-lifetime", "999999999999w", NULL,
	    "'999999999999w' is not a time" },
	{ "bayes.learn-spam-above", "12", "12.00", NULL },
	{ "bayes.learn-spam-above", "6,5", "6.50", NULL },
	{ "bayes.learn-spam-above", "5.99", NULL,
	    "'5.99' is not a number of 6.00 or more" },
	{ "bayes.learn-ham-below", "-0.125", "-0.125", NULL },
	{ "bayes.learn-ham-below", "0.", NULL, "'0.' is not a number" },
	{ "bayes.learn-ham-below", ".5", NULL, "'.5' is not a number" },
	{ "bayes.learn-ham-below", "1e3", NULL, "'1e3' is not a number" },
	{ "bayes.learn-ham-below", "nan", NULL, "'nan' is not a number" },
	{ "mailstats.rules-threshold", "100.1", NULL, "'100.1' is not" },
	{ "spam.spf-fail-score", "14.000", "14.000", NULL },
	{ "spam.spf-fail-score", "(-1)", "(-1)", NULL },
	{ "spam.spf-fail-score", "(1", NULL, "'(1' is not a score" },
	{ "spam.spf-fail-score", "()", NULL, "'()' is not a score" },
	{ "spam.spf-fail-score", "3,5", NULL, "'3,5' is not a score" },
};

static const struct type_case sizes[] = {
	{ "spam.max-size", "500000", "500000", NULL },
	{ "spam.max-size", "500k", "500000", NULL },
	{ "spam.max-size", "2M", "2000000", NULL },
	{ "spam.max-size", "2Mi", "2097152", NULL },
	{ "spam.max-size", "1GiB", "1073741824", NULL },
	{ "spam.max-size", "2 M", NULL, "'2 M' is not a size" },
	{ "spam.max-size", "-1", NULL, "'-1' is not a size" },
	{ "spam.max-size", "M", NULL, "'M' is not a size" },
	{ "spam.max-size", "99999999999999G", NULL, "'99999999999999G' is" },
	{ "php.memory-limit", "64M", "64M", NULL },
	{ "php.memory-limit", "64m", "64M", NULL },
	{ "php.memory-limit", "064M", "64M", NULL },
	{ "php.memory-limit", "64", NULL,
	    "'64' has no suffix, PHP would read bytes" },
	{ "php.memory-limit", "64T", NULL,
	    "'64T' is not a number with K, M or G" },
	{ "php.memory-limit", "M", NULL, "'M' is not a number" },
	{ "virus.max-file-size", "0", "0", NULL },
	{ "virus.max-file-size", "15", NULL,
	    "'15' has no suffix, clamav would read bytes" },
};

static const struct type_case names[] = {
	{ "smtp.greeting", "Mail.Example.COM", "mail.example.com", NULL },
	{ "smtp.greeting", "mail.example.com.", "mail.example.com", NULL },
	{ "smtp.greeting", "192.0.2.7", "192.0.2.7", NULL },
	{ "smtp.greeting", "2001:DB8::0:1", "2001:db8::1", NULL },
	{ "smtp.greeting", "müller.example", "xn--mller-kva.example", NULL },
	{ "smtp.greeting", "MÜLLER.example", "xn--mller-kva.example", NULL },
	{ "smtp.greeting", "bücher.example", "xn--bcher-kva.example", NULL },
	{ "smtp.greeting", "例え.テスト", "xn--r8jz45g.xn--zckzah", NULL },
	{ "smtp.greeting", "пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f",
	    NULL },
	{ "smtp.greeting", "300.1.1.1", NULL,
	    "'300.1.1.1' is not a host name or address" },
	{ "smtp.greeting", "-a.example", NULL, "'-a.example' is not a host" },
	{ "smtp.greeting", "a..example", NULL, "'a..example' is not a host" },
	{ "smtp.greeting", "a_b.example", NULL, "'a_b.example' is not" },
	{ "smtp.greeting", "a b", NULL, "'a b' is not a host" },
	{ "smtp.greeting", ".", NULL, "'.' is not a host" },
	{ "smtp.greeting", "e\xcc\x81.example", NULL, "'e" },
	{ "smtp.greeting", "\xff.example", NULL, "'\\xff.example' is not" },
	{ "delivery.smarthost", "smtp.isp.test:587", "smtp.isp.test:587",
	    NULL },
	{ "delivery.smarthost", "SMTP.isp.test", "smtp.isp.test", NULL },
	{ "delivery.smarthost", "[2001:db8::1]:25", "[2001:db8::1]:25", NULL },
	{ "delivery.smarthost", "2001:db8::1", NULL,
	    "'2001:db8::1' is not a server" },
	{ "delivery.smarthost", "a.test:", NULL, "'a.test:' is not a server" },
	{ "delivery.smarthost", "a.test:70000", NULL, "'a.test:70000' is" },
	{ "delivery.smarthost", "[a.test]:25", NULL, "'[a.test]:25' is" },
	{ "user.forward-address", "Anna@ISP.test", "Anna@isp.test", NULL },
	{ "user.forward-address", "bruno", "bruno", NULL },
	{ "user.forward-address", "a@b@c", NULL, "'a@b@c' is not a mail" },
	{ "user.forward-address", "@isp.test", NULL, "'@isp.test' is not" },
	{ "user.forward-address", ".a@isp.test", NULL, "'.a@isp.test' is" },
	{ "user.forward-address", "a b@isp.test", NULL, "'a b@isp.test'" },
	{ "archive.bcc-user", "maillog", "maillog", NULL },
	{ "archive.bcc-user", "Anna", NULL,
	    "'Anna' is not the name of an account" },
	{ "archive.bcc-user", "1a", NULL, "'1a' is not the name" },
};

static const struct type_case lists[] = {
	{ "group.exclude-users", "tom jack", "tom,jack", NULL },
	{ "group.exclude-users", "tom,\njack, tom", "tom,jack", NULL },
	{ "group.exclude-users", " , ", NULL, "' , ' holds no entry" },
	{ "group.exclude-users", "tom,Jack", NULL,
	    "'Jack' is not the name of an account" },
	{ "smtp.backup-mx-domains", "a.test, b.test", "a.test,b.test", NULL },
	{ "smtp.backup-mx-domains", "a", NULL, "'a' is not a domain" },
	{ "smtp.backup-mx-domains", "192.0.2.1", NULL, "'192.0.2.1' is not" },
	/* EF-10: either separator, and text behind a colon */
	{ "rbl.dns-zones", "zen.spamhaus.org", "zen.spamhaus.org", NULL },
	{ "rbl.dns-zones", "zen.spamhaus.org:bl.example.net",
	    "zen.spamhaus.org,bl.example.net", NULL },
	{ "rbl.dns-zones", "zen.spamhaus.org bl.example.net",
	    "zen.spamhaus.org,bl.example.net", NULL },
	{ "rbl.dns-zones", "zen.spamhaus.org,b.example.org:Blocked - %IP%",
	    "zen.spamhaus.org,b.example.org:Blocked - %IP%", NULL },
	{ "rbl.dns-zones", "b.example.org:Blocked - %IP%",
	    "b.example.org:Blocked - %IP%", NULL },
	{ "rbl.dns-zones", "zen.spamhaus.org,b.example.org:", NULL,
	    "'b.example.org:' has no text" },
	{ "rbl.dns-zones", "zen.spamhaus.org,a.example:b|c", NULL,
	    "'b|c' holds '|'" },
	{ "rbl.sender-zones", "dbl.spamhaus.org,a.example",
	    "dbl.spamhaus.org:a.example", NULL },
	{ "rbl.sender-zones", "dbl.spamhaus.org:a.example",
	    "dbl.spamhaus.org:a.example", NULL },
	{ "rbl.uri-zones", "multi.surbl.org:8-16-64-128,black.uribl.com",
	    "multi.surbl.org:8-16-64-128,black.uribl.com", NULL },
	{ "rbl.uri-zones", "multi.surbl.org:text", NULL,
	    "'multi.surbl.org:text' is not ZONE" },
	{ "relay.free-clients", "192.168.1.40 192.168.1.77",
	    "192.168.1.40,192.168.1.77", NULL },
	{ "relay.free-clients", "192.168.1.0/24", NULL,
	    "'192.168.1.0/24' is a network, only single addresses count" },
	{ "relay.free-clients", "192.168.1", NULL,
	    "'192.168.1' is not an address" },
	{ "rbl.dns-forwarder", "192.0.2.53", "192.0.2.53", NULL },
	{ "rbl.dns-forwarder", "192.0.2.53,192.0.2.54", NULL,
	    "'192.0.2.54' is a second one" },
	{ "filter.hosts-allow", "10.0.0.0/8 OK\n::1 DENY no,::1 DENY no",
	    "10.0.0.0/8 OK,::1 DENY no", NULL },
	{ "filter.hosts-allow", "10.0.0.1", NULL,
	    "'10.0.0.1' has no OK, DENY" },
	{ "filter.plugins-local", " karma a b ", "karma a b", NULL },
	{ "filter.plugins-local", "{ 1 }", NULL, "'{ 1 }' holds '{'" },
	{ "filter.plugins-local", "# x", NULL, "'# x' is a comment" },
	{ "relay.custom-clients", "10.0.0.0/8,2001:db8::/32",
	    "10.0.0.0/8,2001:db8::/32", NULL },
	{ "relay.norelayclients", "10.0.0.0/33", NULL, "'10.0.0.0/33' is not" },
	{ "relay.custom-clients", "10.0.0.0/255.0.0.0", "10.0.0.0/255.0.0.0",
	    NULL },
};

static const struct type_case texts[] = {
	{ "spam.subject-text", "[SPAM] ", "[SPAM]", NULL },
	{ "spam.subject-text", "über=10 %s", "über=10 %s", NULL },
	{ "spam.subject-text", "a|b", NULL, "'a|b' holds '|'" },
	{ "spam.subject-text", "a\tb", NULL, "'a\\x09b' holds a control" },
	{ "spam.subject-text", "c:\\new", NULL, "'c:\\new' holds '\\n'" },
	{ "spam.subject-text", "c:\\", NULL, "'c:\\' ends in '\\'" },
	{ "fetchmail.password", "p=w d", "p=w d", NULL },
	{ "fetchmail.password", "pw|x", NULL, "the secret is empty" },
	{ "fetchmail.password", " pw", NULL, "the secret is empty" },
	{ "virus.quarantine-dir", "/var/q", "/var/q", NULL },
	{ "virus.quarantine-dir", "var/q", NULL, "'var/q' is not a path" },
	{ "virus.quarantine-dir", "/var/../etc", NULL,
	    "'/var/../etc' holds '..'" },
	{ "virus.scan-exclude", "/proc, /sys", "/proc,/sys", NULL },
	{ "virus.scan-exclude", "/proc,,/sys", NULL, "'' is not a path" },
	{ "delivery.disclaimer-text", "one\n\ttwo\n", "one\n\ttwo\n", NULL },
	{ "delivery.disclaimer-text", "a\x1b[0m", NULL, "'a\\x1b[0m' holds" },
};

static void
run_cases(const struct type_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct type_case *c = &cases[i];
		const struct setting *s = setting_find(str_of(c->id));
		struct buf out = BUF_INIT(SETTING_VALUE_MAX);
		struct err e = ERR_INIT;
		bool ok;
		assert_non_null(s);
		ok = s->type->parse(s, str_of(c->typed), &out, &e);
		if (c->stored != NULL && !ok)
			print_message(
			    "# %s refuses '%s': %s\n", c->id, c->typed, e.text);
		if (c->stored != NULL)
			assert_string_equal(buf_cstr(&out), c->stored);
		else if (ok ||
			 strncmp(e.text, c->reason, strlen(c->reason)) != 0)
			print_message("# %s: '%s' -> '%s', '%s'\n", c->id,
			    c->typed, buf_cstr(&out), e.text);
		assert_int_equal(ok, c->stored != NULL);
		if (!ok)
			assert_memory_equal(
			    e.text, c->reason, strlen(c->reason));
		buf_clear(&out);
	}
}

#define CASES(list) run_cases(list, sizeof(list) / sizeof((list)[0]))

static void
test_type_words(void **state)
{
	(void)state;
	CASES(words);
}

static void
test_type_numbers(void **state)
{
	(void)state;
	CASES(numbers);
}

static void
test_type_sizes(void **state)
{
	(void)state;
	CASES(sizes);
}

static void
test_type_names(void **state)
{
	(void)state;
	CASES(names);
}

static void
test_type_lists(void **state)
{
	(void)state;
	CASES(lists);
}

static void
test_type_texts(void **state)
{
	(void)state;
	CASES(texts);
}

/* The command that would be right can be pasted. */
static void
test_type_next_steps(void **state)
{
	static const struct {
		const char *id, *typed, *next;
	} cases[] = {
		{ "spam.sensitivity", "hi",
		    "smemail set spam.sensitivity high" },
		{ "php.memory-limit", "64",
		    "smemail set php.memory-limit 64M" },
		{ "relay.free-clients", "192.168.1.0/24",
		    "smemail set relay.free-clients "
		    "192.168.1.40,192.168.1.77" },
		{ "relay.free-clients", "2001:db8::/64",
		    "smemail describe relay.free-clients" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct setting *s = setting_find(str_of(cases[i].id));
		struct buf out = BUF_INIT(SETTING_VALUE_MAX);
		struct err e = ERR_INIT;
		assert_false(
		    s->type->parse(s, str_of(cases[i].typed), &out, &e));
		assert_string_equal(e.next, cases[i].next);
		buf_clear(&out);
	}
}

/* C17, T4: zones that were closed are refused when stored, not when read. */
static void
test_type_dead_zones(void **state)
{
	const struct setting *s = setting_find(STR("rbl.dns-zones"));
	static const char *const dead[] = { "dnsbl.ahbl.org",
		"zen.spamhaus.org,list.dsbl.org", "relays.ordb.org",
		"sbl-xbl.spamhaus.org", "a.example,ex.dnsbl.org:text" };

	(void)state;
	assert_true(s->type->check(s, STR("zen.spamhaus.org"), NULL));
	for (size_t i = 0; i < sizeof(dead) / sizeof(dead[0]); i++) {
		struct buf out = BUF_INIT(SETTING_VALUE_MAX);
		struct err e = ERR_INIT;
		assert_true(s->type->parse(s, str_of(dead[i]), &out, &e));
		assert_false(s->type->check(s, buf_str(&out), &e));
		assert_non_null(strstr(e.text, "is a dead list"));
		buf_clear(&out);
	}
}

static void
test_type_shown(void **state)
{
	static const struct {
		const char *id, *stored, *shown;
	} cases[] = {
		{ "delivery.queue-lifetime", "604800", "604800 s (7 d)" },
		{ "delivery.queue-lifetime", "5400", "5400 s (1 h 30 min)" },
		{ "delivery.queue-lifetime", "59", "59 s" },
		{ "spam.max-size", "500000", "500000 B (500 kB)" },
		{ "spam.max-size", "2097152", "2097152 B (2 MiB)" },
		{ "spam.max-size", "1234567", "1234567 B (1.2 MB)" },
		{ "spam.max-size", "0", "0 B" },
		{ "spam.retention-days", "90", "90 d" },
		{ "spam.filter", "enabled", "enabled" },
		{ "fetchmail.password", "pw", "(stored, not shown)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct setting *s = setting_find(str_of(cases[i].id));
		struct buf out = BUF_INIT(SETTING_VALUE_MAX);
		s->type->format(s, str_of(cases[i].stored), &out);
		assert_string_equal(buf_cstr(&out), cases[i].shown);
		buf_clear(&out);
	}
}

static void
test_type_described(void **state)
{
	static const struct {
		const char *id, *words;
	} cases[] = {
		{ "spam.reject-level",
		    "whole number, 0 to 20; 0 = never refuse" },
		{ "smtp.instances", "whole number, 1 or more" },
		{ "spam.filter", "enabled or disabled" },
		{ "virus.max-file-size",
		    "number with K, M or G; 0 = no limit" },
		{ "rbl.sender-zones", "zones, parted by ':'" },
		{ "delivery.smarthost", "NAME, NAME:PORT or [ADDRESS]:PORT" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct setting *s = setting_find(str_of(cases[i].id));
		struct buf out = BUF_INIT(SETTING_VALUE_MAX);
		s->type->describe(s, &out);
		assert_string_equal(buf_cstr(&out), cases[i].words);
		buf_clear(&out);
	}
}

/* A NUL within a value, and a refused value too long for the message. */
static void
test_type_binary_and_long(void **state)
{
	size_t count;
	const struct setting *const *all = setting_all(&count);
	char dots[600];

	(void)state;
	memset(dots, '.', sizeof(dots));
	for (size_t i = 0; i < count; i++) {
		const struct setting *s = all[i];
		struct buf out = BUF_INIT(SETTING_VALUE_MAX);
		struct err e = ERR_INIT;
		(void)s->type->parse(s, str_n("1\0b", 3), &out, &e);
		if (s->place != SETTING_IN_FILE && s->place != SETTING_IN_DNS)
			assert_int_equal(e.code, ERR_USAGE);
		buf_reset(&out);
		err_clear(&e);
		if (!s->type->parse(s, str_n(dots, sizeof(dots)), &out, &e) &&
		    !(s->flags & SETTING_SECRET))
			/* the reason is seen however long the value is */
			assert_non_null(strstr(e.text, "...' "));
		buf_clear(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_type_words),
		cmocka_unit_test(test_type_numbers),
		cmocka_unit_test(test_type_sizes),
		cmocka_unit_test(test_type_names),
		cmocka_unit_test(test_type_lists),
		cmocka_unit_test(test_type_texts),
		cmocka_unit_test(test_type_next_steps),
		cmocka_unit_test(test_type_dead_zones),
		cmocka_unit_test(test_type_shown),
		cmocka_unit_test(test_type_described),
		cmocka_unit_test(test_type_binary_and_long),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
