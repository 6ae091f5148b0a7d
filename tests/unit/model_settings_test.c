/*
 * Settings on a root: read through their type, judged, stored under the
 * lock, journaled; and what is refused leaves everything as it was.
 */
#include "core/model/journal.h"
#include "core/model/people.h"
#include "core/model/settings.h"

#include "core/sys/file.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct world {
	char dir[64];
	struct root root;
	struct model_ctx m;
};

static const char configuration[] =
    "DomainName=example.com\n"
    "SystemName=mail\n"
    "clamav=service|MaxFiles|abc|MaxRecursion\n"
    "qpsmtpd=service|DKIMSigning|enabled|RBLList|zen.spamhaus.org|"
    "RequireAuth|x|status|On\n"
    "smtp-auth-proxy=service|Passwd|geheim|Userid|x|status|enabled\n"
    "spamassassin=service|RejectLevel|12|Sensitivity|custom|TagLevel|4|"
    "status|enabled\n";

static void
put(struct world *w, const char *name, const char *text)
{
	char path[SYS_PATH_MAX];

	assert_true(root_path(&w->root, name, path, NULL));
	assert_true(file_mkdirs_for(path, 0755, NULL, NULL));
	assert_true(file_replace(path, str_of(text),
	    &(struct file_replace){
		.mode = 0644, .uid = (uid_t)-1, .gid = (gid_t)-1 },
	    NULL));
}

static const char *
content(struct world *w, const char *name)
{
	struct buf text = BUF_INIT(1 << 20);
	char path[SYS_PATH_MAX];
	const char *copy;

	assert_true(root_path(&w->root, name, path, NULL));
	if (!file_read(path, NULL, &text, NULL))
		return "";
	copy = arena_cstr(w->m.arena, buf_str(&text));
	buf_clear(&text);
	return copy;
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	snprintf(w->dir, sizeof(w->dir), "/tmp/smemail-settings.XXXXXX");
	if (mkdtemp(w->dir) == NULL || !root_init(&w->root, w->dir, NULL))
		return -1;
	w->m = (struct model_ctx){
		.root = &w->root,
		.clock = &clock_system,
		.arena = arena_new(1 << 24, NULL, NULL),
		.user = "paul",
		.release = "10",
	};
	put(w, "/home/e-smith/db/configuration", configuration);
	put(w, "/home/e-smith/db/accounts",
	    "admin=system\n"
	    "anna=user|EmailForward|both|FirstName|Anna|LastName|Berger\n"
	    "bruno=user|SortSpam|disabled\n"
	    "sales=group|Members|anna\n");
	put(w, "/home/e-smith/db/domains",
	    "example.com=domain\nother.example=domain|DKIMSigning|disabled\n");
	put(w, "/home/e-smith/db/networks",
	    "10.1.0.0=network|Mask|255.255.0.0\n"
	    "192.168.1.0=network|Mask|255.255.255.0\n"
	    "bad=network|Mask|x\nnone=other|Mask|255.0.0.0\n");
	*state = w;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int
teardown(void **state)
{
	struct world *w = *state;

	nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(w->m.arena);
	free(w);
	return 0;
}

static struct settings_row
read_one(struct world *w, const char *id, const char *target)
{
	struct settings_store *st;
	struct settings_row row;
	struct err e = ERR_INIT;

	assert_true(settings_open(&w->m, &st, NULL));
	if (!settings_read(st, setting_find(str_of(id)), target, &row, &e))
		print_message("# %s\n", e.text);
	assert_int_equal(e.code, ERR_NONE);
	settings_close(st);
	return row;
}

static bool
store(struct world *w, const char *id, const char *target, const char *value,
    const char *accept, struct err *e)
{
	struct settings_wish wish = { setting_find(str_of(id)), target, value };
	struct settings_outcome outcome;

	err_clear(e);
	return settings_write(&w->m, &wish, 1, accept, &outcome, e);
}

static void
test_settings_read_in_force(void **state)
{
	static const struct {
		const char *id, *target, *value;
		enum settings_source source;
		bool problem;
	} cases[] = {
		{ "spam.reject-level", NULL, "12", SETTINGS_SET, false },
		{ "spam.retention-days", NULL, "90", SETTINGS_DEFAULT, false },
		{ "system.domain-name", NULL, "example.com", SETTINGS_SET,
		    false },
		{ "delivery.smarthost", NULL, "", SETTINGS_DEFAULT, false },
		/* defaults that depend on the server or another setting */
		{ "smtp.greeting", NULL, "mail.example.com", SETTINGS_DEFAULT,
		    false },
		{ "smtp.helo-host", NULL, "mail.example.com", SETTINGS_DEFAULT,
		    false },
		{ "dkim.domain-signing", "example.com", "enabled",
		    SETTINGS_DEFAULT, false },
		{ "dkim.domain-signing", "other.example", "disabled",
		    SETTINGS_SET, false },
		/* EF-4: written by hand, not a value: the default counts */
		{ "virus.max-files", NULL, "1500", SETTINGS_DEFAULT, true },
		{ "smtp.status", NULL, "enabled", SETTINGS_DEFAULT, true },
		/* ES-9: a name without a value */
		{ "virus.max-recursion", NULL, "8", SETTINGS_DEFAULT, true },
		{ "spam.user-sort", "anna", "enabled", SETTINGS_DEFAULT,
		    false },
		{ "spam.user-sort", "bruno", "disabled", SETTINGS_SET, false },
		{ "spam.user-sort", "admin", "enabled", SETTINGS_DEFAULT,
		    false },
		{ "lists.sender", "x@y.example", "", SETTINGS_DEFAULT, false },
		{ "dns.spf-record", "example.com", "", SETTINGS_UNKNOWN,
		    false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct settings_row row =
		    read_one(*state, cases[i].id, cases[i].target);
		if (!str_is(row.value, cases[i].value))
			print_message("# %s is '%.*s'\n", cases[i].id,
			    STR_ARG(row.value));
		assert_true(str_is(row.value, cases[i].value));
		assert_int_equal(row.source, cases[i].source);
		assert_int_equal(row.problem != NULL, cases[i].problem);
	}
}

static void
test_settings_read_files(void **state)
{
	struct world *w = *state;
	struct settings_row row = read_one(w, "filter.spf-plugin-old", NULL);

	assert_true(str_is(row.value, "absent"));
	row = read_one(w, "delivery.queue-lifetime", NULL);
	assert_true(str_is(row.value, "604800"));
	assert_int_equal(row.source, SETTINGS_DEFAULT);
	put(w, "/etc/e-smith/templates-custom/var/qmail/control/queuelifetime",
	    "172800\n");
	row = read_one(w, "delivery.queue-lifetime", NULL);
	assert_true(str_is(row.value, "172800"));
	put(w, "/etc/e-smith/templates-custom/var/qmail/control/queuelifetime",
	    "{ 2 * 86400 }\n");
	row = read_one(w, "delivery.queue-lifetime", NULL);
	assert_true(str_is(row.value, "own fragment queuelifetime"));
	assert_int_equal(row.source, SETTINGS_FRAGMENT);
	put(w,
	    "/etc/e-smith/templates-custom/etc/mail/spamassassin/local.cf/"
	    "20localscores",
	    "score SPF_FAIL 14.000\n");
	row = read_one(w, "spam.spf-fail-score", NULL);
	assert_true(str_is(row.value, "14.000"));
	assert_int_equal(row.source, SETTINGS_FRAGMENT);
	row = read_one(w, "spam.spf-softfail-score", NULL);
	assert_false(row.is_stored);
	put(w, "/home/e-smith/dkim_keys/example.com/selector", "2026a\n");
	row = read_one(w, "dkim.selector", "example.com");
	assert_true(str_is(row.value, "2026a"));
	row = read_one(w, "dkim.selector", "other.example");
	assert_true(str_is(row.value, "default"));
}

static void
test_settings_visible(void **state)
{
	struct world *w = *state;
	struct err e = ERR_INIT;

	assert_true(read_one(w, "spam.reject-level", NULL).visible);
	assert_true(store(w, "spam.sensitivity", NULL, "medium", NULL, &e));
	assert_false(read_one(w, "spam.reject-level", NULL).visible);
	assert_false(read_one(w, "archive.bcc-user", NULL).visible);
}

static void
test_settings_store_and_journal(void **state)
{
	struct world *w = *state;
	struct settings_wish wishes[] = {
		{ setting_find(STR("spam.reject-level")), NULL, "10" },
		{ setting_find(STR("spam.tag-level")), NULL, "4" },
		{ setting_find(STR("spam.user-sort")), "anna", "off" },
		{ setting_find(STR("lists.sender")), "*@f.example", "White" },
		{ setting_find(STR("delivery.smarthost")), NULL, "A.test:25" },
	};
	struct settings_outcome o[5];
	struct err e = ERR_INIT;
	struct journal j;

	assert_true(settings_write(&w->m, wishes, 5, NULL, o, &e));
	assert_true(o[0].changed && o[0].at_risk);
	assert_true(str_is(o[0].old_value, "12"));
	assert_true(str_is(o[0].new_value, "10"));
	assert_false(o[1].changed); /* as it is stored */
	assert_true(o[2].old_is_default);
	assert_non_null(strstr(content(w, "/home/e-smith/db/configuration"),
	    "spamassassin=service|RejectLevel|10|Sensitivity|custom|TagLevel"
	    "|4|status|enabled\n"));
	assert_non_null(strstr(content(w, "/home/e-smith/db/configuration"),
	    "SMTPSmartHost=a.test:25\n"));
	assert_non_null(strstr(content(w, "/home/e-smith/db/accounts"),
	    "anna=user|EmailForward|both|FirstName|Anna|LastName|Berger|"
	    "SortSpam|disabled\n"));
	/* a list that was not there yet is made */
	assert_non_null(strstr(content(w, "/home/e-smith/db/spamassassin"),
	    "wbl.global=wbl|*@f.example|White\n"));
	assert_true(journal_read(&w->m, &j, NULL));
	assert_int_equal(j.n_entries, 4);
	assert_string_equal(j.entries[1].target, "anna");
	assert_int_equal(
	    read_one(w, "spam.reject-level", NULL).source, SETTINGS_PENDING);
	struct journal_apply done = { .upto = 4 };
	assert_true(journal_mark_applied(&w->m, &done, NULL));
	assert_int_equal(
	    read_one(w, "spam.reject-level", NULL).source, SETTINGS_SET);
}

static void
test_settings_unset(void **state)
{
	struct world *w = *state;
	struct err e = ERR_INIT;

	assert_true(store(w, "spam.reject-level", NULL, NULL, NULL, &e));
	assert_non_null(strstr(content(w, "/home/e-smith/db/configuration"),
	    "spamassassin=service|Sensitivity|custom|TagLevel|4|"));
	assert_true(store(w, "delivery.smarthost", NULL, "a.test", NULL, &e));
	assert_true(store(w, "delivery.smarthost", NULL, NULL, NULL, &e));
	assert_null(strstr(
	    content(w, "/home/e-smith/db/configuration"), "SMTPSmartHost"));
	assert_true(store(w, "spam.user-sort", "bruno", NULL, NULL, &e));
	assert_non_null(
	    strstr(content(w, "/home/e-smith/db/accounts"), "bruno=user\n"));
	/* what the server cannot be without */
	assert_false(store(w, "system.domain-name", NULL, NULL, NULL, &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(e.text,
	    "cannot unset 'system.domain-name': there is no default, a value "
	    "is needed");
}

static void
test_settings_refuse(void **state)
{
	static const struct {
		const char *id, *target, *value, *text, *next;
	} cases[] = {
		{ "spam.reject-level", NULL, "25",
		    "cannot set 'spam.reject-level': '25' is not a whole "
		    "number from 0 to 20",
		    "" },
		{ "spam.reject-level", NULL, "",
		    "cannot set 'spam.reject-level': the value is empty",
		    "smemail unset spam.reject-level" },
		{ "rbl.dns-zones", NULL, "dnsbl.ahbl.org",
		    "cannot set 'rbl.dns-zones': 'dnsbl.ahbl.org' is a dead "
		    "list, it answers nothing",
		    "" },
		{ "spam.user-sort", "ana", "on",
		    "no user 'ana'; there is 'anna'",
		    "smemail user show anna" },
		{ "spam.user-sort", "sales", "on", "no user 'sales'",
		    "smemail user list" },
		{ "spam.user-sort", NULL, "on",
		    "'spam.user-sort' is set for each user", "add --for NAME" },
		{ "spam.user-sort", "anna", "ena",
		    "cannot set 'spam.user-sort' for 'anna': 'ena' is not one "
		    "of enabled, disabled",
		    "" },
		{ "user.forward", "anna", "lo",
		    "cannot set 'user.forward' for 'anna': 'lo' fits local "
		    "and no other; write it out",
		    "smemail set user.forward local --for anna" },
		{ "spam.filter", "anna", "on",
		    "'spam.filter' is one for the whole server, not for "
		    "'anna'",
		    "" },
		{ "filter.plugins-local", NULL, "karma",
		    "'filter.plugins-local' is set for each entry",
		    "add --for NAME" },
		{ "auth.lan-fragment", NULL, "absent",
		    "cannot set 'auth.lan-fragment': that fragment belongs to "
		    "the templates and is always there",
		    "smemail describe auth.lan-fragment" },
		{ "dns.spf-record", "example.com", "v=spf1",
		    "cannot set 'dns.spf-record' for 'example.com': it is "
		    "published in the DNS ('public DNS TXT <domain>'), not "
		    "stored here",
		    "smemail describe dns.spf-record" },
		{ "lists.badhelo-file", NULL, "x",
		    "cannot set 'lists.badhelo-file': it is made by the "
		    "server itself",
		    "smemail describe lists.badhelo-file" },
		{ "relay.require-auth", NULL, "disabled",
		    "'relay.require-auth' disabled makes an open relay for "
		    "65788 addresses",
		    "repeat with --accept open-relay, or: smemail set "
		    "relay.free-clients IP" },
		{ "relay.network-require-auth", "192.168.1.0", "disabled",
		    "'relay.network-require-auth' disabled makes an open "
		    "relay for 254 addresses",
		    "repeat with --accept open-relay, or: smemail set "
		    "relay.free-clients IP" },
		{ "domain.add", "not a domain", "domain",
		    "cannot use that target of 'domain.add': 'not a domain' "
		    "holds a blank",
		    "" },
		{ "lists.sender", "a|b", "White",
		    "cannot use that target of 'lists.sender': 'a|b' holds "
		    "'|', which the database cannot keep",
		    "" },
	};
	struct world *w = *state;
	struct journal j;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = ERR_INIT;
		assert_false(store(
		    w, cases[i].id, cases[i].target, cases[i].value, NULL, &e));
		assert_string_equal(e.text, cases[i].text);
		assert_string_equal(e.next, cases[i].next);
		assert_int_equal(e.code, ERR_USAGE);
	}
	assert_string_equal(
	    content(w, "/home/e-smith/db/configuration"), configuration);
	assert_true(journal_read(&w->m, &j, NULL));
	assert_int_equal(j.n_entries, 0);
}

/* One bad wish of several: none is stored. */
static void
test_settings_all_or_nothing(void **state)
{
	struct world *w = *state;
	struct settings_wish wishes[] = {
		{ setting_find(STR("spam.reject-level")), NULL, "10" },
		{ setting_find(STR("spam.user-sort")), "nobody-at-all", "on" },
	};
	struct settings_outcome o[2];
	struct err e = ERR_INIT;

	assert_false(settings_write(&w->m, wishes, 2, NULL, o, &e));
	assert_string_equal(
	    content(w, "/home/e-smith/db/configuration"), configuration);
}

/* Pseudonyms that lead to each other, by one change or in two. */
static void
test_settings_circle(void **state)
{
	struct world *w = *state;
	const struct setting *account = setting_find(STR("pseudonym.account"));
	struct settings_wish wishes[] = {
		{ account, "info", "post" },
		{ account, "post", "info" },
	};
	struct settings_outcome o[2];
	struct err e = ERR_INIT;
	const char *accounts = "admin=system\n"
			       "info=pseudonym|Account|admin\n"
			       "post=pseudonym|Account|admin\n";

	put(w, "/home/e-smith/db/accounts", accounts);
	assert_false(settings_write(&w->m, wishes, 2, NULL, o, &e));
	assert_non_null(strstr(e.text, "leads back to it"));
	assert_string_equal(content(w, "/home/e-smith/db/accounts"), accounts);
	/* what the database says counts no more where this change says other */
	put(w, "/home/e-smith/db/accounts",
	    "admin=system\n"
	    "info=pseudonym|Account|admin\npost=pseudonym|Account|info\n");
	wishes[1].value = "admin";
	assert_true(settings_write(&w->m, wishes, 2, NULL, o, NULL));
}

static void
test_settings_accept(void **state)
{
	struct world *w = *state;
	struct err e = ERR_INIT;

	assert_false(store(w, "relay.require-auth", NULL, "disabled",
	    "exposes-passwords", &e));
	assert_true(store(w, "relay.require-auth", NULL, "disabled",
	    "exposes-passwords,open-relay", &e));
	/* stored already: nothing new to accept; leaving it needs nothing */
	assert_true(store(w, "relay.require-auth", NULL, "disabled", NULL, &e));
	assert_true(store(w, "relay.require-auth", NULL, "enabled", NULL, &e));
}

static void
test_settings_warnings(void **state)
{
	struct world *w = *state;
	struct settings_store *st;
	const char *const *lines;
	struct err e = ERR_INIT;

	assert_true(store(w, "spam.tag-level", NULL, "12", NULL, &e));
	assert_true(store(w, "archive.bcc-user", NULL, "nobody", NULL, &e));
	assert_true(settings_open(&w->m, &st, NULL));
	assert_int_equal(settings_warnings(st,
			     setting_find(STR("spam.tag-level")), NULL, &lines),
	    1);
	assert_string_equal(lines[0],
	    "spam.tag-level 12 is not below spam.reject-level 12: nothing "
	    "would reach junkmail");
	assert_int_equal(
	    settings_warnings(
		st, setting_find(STR("archive.bcc-user")), NULL, &lines),
	    2);
	assert_string_equal(lines[0],
	    "archive.bcc-user counts only with archive.bcc enabled (now: "
	    "disabled)");
	assert_string_equal(lines[1], "there is no account 'nobody' yet");
	settings_close(st);
}

static void
test_settings_secrets(void **state)
{
	struct world *w = *state;
	struct settings_wish wish = {
		setting_find(STR("delivery.smarthost-password")), NULL, "neu"
	};
	struct settings_outcome o;

	assert_true(settings_write(&w->m, &wish, 1, NULL, &o, NULL));
	assert_true(str_is(o.old_value, "(secret)"));
	assert_true(str_is(o.new_value, "(secret)"));
	assert_non_null(strstr(content(w, "/home/e-smith/db/configuration"),
	    "smtp-auth-proxy=service|Passwd|neu|"));
	assert_null(strstr(content(w, JOURNAL_PATH), "neu"));
	assert_null(strstr(content(w, JOURNAL_PATH), "geheim"));
}

static void
test_settings_lookup_words(void **state)
{
	static const struct {
		const char *id, *text, *next;
	} cases[] = {
		{ "spam.rejectlevel", "unknown setting 'spam.rejectlevel'",
		    "smemail get spam.reject-level" },
		{ "\x1b[31m", "unknown setting '\\x1b[31m'", "smemail list" },
		{ "filter.resolvable-from",
		    "'filter.resolvable-from' is not on this release (SME "
		    "10): until SME 7",
		    "" },
		{ "auth.smtp-scope",
		    "'auth.smtp-scope' is not on this release (SME 10): "
		    "since SME 11",
		    "" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = ERR_INIT;
		assert_null(settings_lookup(&w->m, cases[i].id, &e));
		assert_string_equal(e.text, cases[i].text);
		assert_string_equal(e.next, cases[i].next);
		assert_int_equal(e.code, ERR_USAGE);
	}
}

static void
test_settings_targets_and_people(void **state)
{
	struct world *w = *state;
	struct settings_store *st;
	const char *const *names;
	struct people p;
	size_t n;

	assert_true(settings_open(&w->m, &st, NULL));
	assert_true(settings_targets(
	    st, setting_find(STR("spam.user-sort")), false, &names, &n, NULL));
	assert_int_equal(n, 3);
	assert_string_equal(names[0], "admin");
	assert_true(settings_targets(
	    st, setting_find(STR("spam.user-sort")), true, &names, &n, NULL));
	assert_int_equal(n, 1);
	assert_true(people_list(st, SETTING_TARGET_USER, &p, NULL));
	assert_int_equal(p.n_rows, 3);
	assert_string_equal(p.rows[1].title, "Anna Berger");
	assert_true(str_is(p.rows[1].cells[0], "both"));
	assert_true(people_list(st, SETTING_TARGET_PSEUDONYM, &p, NULL));
	assert_int_equal(p.n_rows, 0);
	settings_close(st);
	assert_string_equal(
	    people_setting(&w->m, SETTING_TARGET_USER, "forward", NULL)->id,
	    "user.forward");
	assert_string_equal(
	    people_setting(&w->m, SETTING_TARGET_USER, "user-sort", NULL)->id,
	    "spam.user-sort");
	/* quota-hard and quota-soft end differently; "hard" has one */
	assert_string_equal(
	    people_setting(&w->m, SETTING_TARGET_USER, "hard", NULL)->id,
	    "user.quota-hard");
	assert_null(
	    people_setting(&w->m, SETTING_TARGET_USER, "members", NULL));
	assert_null(people_setting(&w->m, SETTING_TARGET_USER, "", NULL));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_settings_read_in_force),
		TEST(test_settings_read_files),
		TEST(test_settings_visible),
		TEST(test_settings_store_and_journal),
		TEST(test_settings_unset),
		TEST(test_settings_refuse),
		TEST(test_settings_all_or_nothing),
		TEST(test_settings_circle),
		TEST(test_settings_accept),
		TEST(test_settings_warnings),
		TEST(test_settings_secrets),
		TEST(test_settings_lookup_words),
		TEST(test_settings_targets_and_people),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
