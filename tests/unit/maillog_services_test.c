/*
 * The figures of spamd, clamd, Dovecot, tcpsvd and fetchmail in the report
 * (LG-39 to LG-43), wherever their logs are cut (LG-68).
 */
#include "core/maillog/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum {
	BEGIN = 1511740800, /* lines come a second apart */
};

static const struct stats_config config = { .domain = "acme.test",
	.host = "sme" };

static void
feed(struct stats_part *p, size_t from, size_t to, const char *const *lines)
{
	for (size_t i = from; i < to; i++) {
		struct logline line = {
			.raw = str_of(lines[i]),
			.text = str_of(lines[i]),
			.stamp = { .kind = STAMP_TAI64N,
			    .time = { .unix_s = BEGIN + (int64_t)i } },
			.key_ns = (BEGIN + (int64_t)i) * 1000000000,
		};
		stats_part_line(p, &line);
	}
}

/* Count a log in two parts. */
static void
count_cut(struct stats *out, const char *service, const char *const *lines,
    size_t n, size_t cut)
{
	struct stats_part *a = stats_part_new(&config, service);
	struct stats_part *b = stats_part_new(&config, service);
	feed(a, 0, cut, lines);
	feed(b, cut, n, lines);
	stats_init(out);
	stats_part_merge(out, a);
	stats_part_merge(out, b);
	stats_end(out);
}

static uint64_t
named(struct tally *t, const char *name, size_t which)
{
	for (size_t i = 0; i < t->len; i++)
		if (str_is(t->rows[i].key, name))
			return t->rows[i].n[which];
	return 0;
}

/* The first half of a log has one time, the rest another. */
static void
check_no_spans(const int64_t times[2])
{
	static const char *const lines[] = {
		"new msg 5",
		"starting delivery 1: msg 5 to local a@acme.test",
		"status: local 1/1 remote 0/20",
		"delivery 1: success: did_1+0+0/",
		"status: local 0/1 remote 0/20",
		"end msg 5",
	};
	for (size_t cut = 0; cut <= ARRAY_LEN(lines); cut++) {
		struct stats_part *parts[2];
		struct stats s;
		stats_init(&s);
		for (size_t k = 0; k < 2; k++)
			parts[k] = stats_part_new(&config, "qmail");
		for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
			struct logline line = { .raw = str_of(lines[i]),
				.text = str_of(lines[i]),
				.stamp = { .kind = STAMP_TAI64N },
				.key_ns = times[i >= 3] };
			stats_part_line(parts[i >= cut], &line);
		}
		for (size_t k = 0; k < 2; k++)
			stats_part_merge(&s, parts[k]);
		stats_end(&s);
		assert_int_equal(s.qmail.result[STATS_TO_LOCAL][0], 1);
		assert_int_equal(s.qmail.delivery_us[STATS_TO_LOCAL].n, 0);
		assert_int_equal(s.qmail.queue_us.n, 0);
		assert_int_equal(s.qmail.status_ns, 0);
		stats_clear(&s);
	}
}

/*
 * A clock that was set while mail was on its way tells nothing of how long that
 * took; nor do labels that no clock wrote, of which two may lie further apart
 * than a number counts.
 */
static void
test_times_of_no_clock(void **state)
{
	static const int64_t set[] = { 0, (int64_t)BEGIN * 1000000000 };
	static const int64_t wild[] = { INT64_MIN, INT64_MAX };
	(void)state;
	check_no_spans(set);
	check_no_spans(wild);
}

/* LG-39: children, percentiles; LG-56: the version that started last. */
static void
test_spamd(void **state)
{
	static const char *const lines[] = {
		"[1] info: spamd: server started on x (running version 3.4.6)",
		"[1] info: prefork: child states: IIB",
		"[1] info: prefork: child states: BBBB",
		"[1] info: prefork: child states: I",
		"[1] info: spamd: server started on x (running version 4.0.1)",
		"[2] info: spamd: clean message (-1.5/4.0) for u:1 in 0.5 "
		"seconds, 10 bytes.",
		"[2] info: spamd: result: . -1 - A,B scantime=0.5,size=10",
		"[2] info: spamd: identified spam (20.0/4.0) for u:1 in 10.0 "
		"seconds, 20 bytes.",
		"[2] info: spamd: result: Y 20 - A scantime=10.0,size=20",
	};
	(void)state;
	for (size_t cut = 0; cut <= ARRAY_LEN(lines); cut++) {
		struct stats s;
		count_cut(&s, "spamd", lines, ARRAY_LEN(lines), cut);
		assert_int_equal(s.spamd.spam, 1);
		assert_int_equal(s.spamd.ham, 1);
		assert_int_equal(s.spamd.states, 3);
		assert_int_equal(s.spamd.states_full, 1);
		assert_int_equal(s.spamd.children_max, 4);
		assert_int_equal(s.spamd.busy_max, 4);
		assert_int_equal(s.spamd.bytes, 30);
		assert_int_equal(s.spamd.score_milli, 18500);
		assert_string_equal(s.spamd.version.text, "4.0.1");
		assert_int_equal(named(&s.spamd.rules, "A", 0), 2);
		assert_int_equal(named(&s.spamd.rules, "B", 0), 1);
		assert_int_equal(stats_percentile(&s.spamd.scores, 95), 20000);
		assert_int_equal(stats_percentile(&s.spamd.scores, 50), -1500);
		assert_int_equal(stats_percentile(&s.spamd.seconds, 95), 10000);
		stats_clear(&s);
	}
}

/* LG-38: scans that gave no result, wherever the log is cut. */
static void
test_aborted_scans(void **state)
{
	static const char *const lines[] = {
		/* begun before the log */
		"[9] info: spamd: result: . 1 - A scantime=0.5,size=10",
		"[2] info: spamd: checking message <a@x> for u:1",
		"[3] info: spamd: processing message <b@x> for u:1",
		"[3] info: spamd: result: . 1 - A scantime=0.5,size=10",
		/* a ping is no scan */
		"[4] info: spamd: connection from l [::1]:9 to port 783, fd 5",
		"[2] info: spamd: checking message <c@x> for u:1",
		"[2] info: spamd: clean message (1.0/4.0) for u:1 in 0.5 "
		"seconds, 10 bytes.",
		"[2] info: spamd: checking message <d@x> for u:1",
		"[2] info: spamd: result: . 1 - A scantime=0.5,size=10",
		"[6] info: spamd: checking message <f@x> for u:1",
		"[6] info: spamd: connection from l [::1]:9 to port 783, fd 5",
		/* in disorder, but with its result */
		"[7] info: spamd: checking message <g@x> for u:1",
		"[7] info: spamd: connection from l [::1]:9 to port 783, fd 5",
		"[7] info: spamd: checking message <h@x> for u:1",
		"[7] info: spamd: result: . 1 - A scantime=0.5,size=10",
		"[7] info: spamd: result: . 1 - A scantime=0.5,size=10",
		"[5] info: spamd: checking message <e@x> for u:1",
	};
	(void)state;
	for (size_t cut = 0; cut <= ARRAY_LEN(lines); cut++) {
		struct stats s;
		count_cut(&s, "spamd", lines, ARRAY_LEN(lines), cut);
		assert_int_equal(s.spamd.processed, 8);
		/* the last one may still run */
		assert_int_equal(s.spamd.aborted, 3);
		stats_clear(&s);
	}
	struct stats s;
	struct stats_part *p = stats_part_new(&config, "spamd");
	feed(p, ARRAY_LEN(lines) - 1, ARRAY_LEN(lines), lines);
	struct logline late = { .raw = str_of(lines[0]),
		.text = str_of(lines[0]),
		.stamp = { .kind = STAMP_TAI64N,
		    .time = { .unix_s = BEGIN + 700 } },
		.key_ns = (BEGIN + 700) * 1000000000LL };
	stats_part_line(p, &late);
	stats_init(&s);
	stats_part_merge(&s, p);
	stats_end(&s);
	assert_int_equal(s.spamd.aborted, 1);
	stats_clear(&s);
}

static void
test_percentiles(void **state)
{
	struct tally t;
	(void)state;
	tally_init(&t);
	assert_int_equal(stats_percentile(&t, 95), 0);
	tally_add(&t, STR("1.0"), 0, 95);
	tally_add(&t, STR("-3"), 0, 4);
	tally_add(&t, STR("7.25"), 0, 1);
	tally_add(&t, STR("none"), 0, 1000);
	assert_int_equal(stats_percentile(&t, 95), 1000);
	assert_int_equal(stats_percentile(&t, 100), 7250);
	assert_int_equal(stats_percentile(&t, 1), -3000);
	tally_clear(&t);
}

/* LG-40 */
static void
test_clamd(void **state)
{
	static const char *const lines[] = {
		"clamd daemon 1.4.6 (OS: Linux, ARCH: x86_64, CPU: x86_64)",
		"/var/spool/qpsmtpd/1:7:0: Eicar-Test FOUND",
		"/var/spool/qpsmtpd/1:8:0: OK",
		"SelfCheck: Database status OK.",
		"/var/spool/qpsmtpd/1:9:0: Access denied. ERROR",
		"SelfCheck: Database modification detected. Forcing reload.",
		"Database correctly reloaded (3 signatures)",
		"fd[10]: Eicar-Test FOUND",
		"Database correctly reloaded (5 signatures)",
	};
	(void)state;
	for (size_t cut = 0; cut <= ARRAY_LEN(lines); cut++) {
		struct stats s;
		count_cut(&s, "clamd", lines, ARRAY_LEN(lines), cut);
		const struct stats_clamd *c = &s.clamd;
		assert_string_equal(c->version.text, "1.4.6");
		assert_int_equal(c->ok, 1);
		assert_int_equal(c->errors, 1);
		assert_int_equal(c->selfchecks, 1);
		assert_int_equal(c->checked_ns, (BEGIN + 3) * 1000000000LL);
		assert_int_equal(c->reloads, 2);
		assert_int_equal(c->signatures, 5);
		assert_int_equal(named(&s.clamd.found, "Eicar-Test", 0), 2);
		assert_int_equal(c->finds.len, 2);
		const struct stats_find *f =
		    VEC_AT(&c->finds, const struct stats_find, 0);
		assert_string_equal(f->name, "Eicar-Test");
		assert_string_equal(f->path, "/var/spool/qpsmtpd/1:7:0");
		assert_int_equal(f->ns, (BEGIN + 1) * 1000000000LL);
		assert_string_equal(f[1].path, "fd[10]");
		stats_clear(&s);
	}
}

/* LG-41: attempts are summed; a hostile user name gives no address. */
static void
test_dovecot(void **state)
{
	static const char *const lines[] = {
		"imap-login: Info: Login: user=<anna>, method=PLAIN, "
		"rip=192.0.2.1, lip=192.0.2.9, mpid=7, TLS, session=<a>",
		"imap-login: Info: Disconnected (auth failed, 3 attempts in 9 "
		"secs): user=<rip=203.0.113.9, x>, method=PLAIN, "
		"rip=192.0.2.2, lip=192.0.2.9, session=<b>",
		"pop3-login: Info: Aborted login (auth failed, 2 attempts): "
		"user=<bob>, method=PLAIN, rip=192.0.2.2, lip=192.0.2.9",
		"imap-login: Info: Maximum number of connections from user+IP "
		"exceeded (mail_max_userip_connections=12): user=<anna>, "
		"method=PLAIN, rip=192.0.2.1, lip=192.0.2.9",
		"master: Warning: service(imap): process_limit (400) reached, "
		"client connections are being dropped",
		"imap(anna): Info: Logged out in=10 out=20",
	};
	(void)state;
	for (size_t cut = 0; cut <= ARRAY_LEN(lines); cut++) {
		struct stats s;
		count_cut(&s, "dovecot", lines, ARRAY_LEN(lines), cut);
		struct stats_dovecot *d = &s.dovecot;
		assert_int_equal(named(&d->logins, "imap", 0), 1);
		assert_int_equal(named(&d->users, "anna", 0), 1);
		assert_int_equal(d->auth_failed, 5);
		assert_int_equal(named(&d->failed_ips, "192.0.2.2", 0), 5);
		assert_int_equal(d->failed_ips.len, 1);
		assert_int_equal(named(&d->failed_users, "bob", 0), 2);
		assert_int_equal(
		    named(&d->failed_users, "rip=203.0.113.9, x", 0), 3);
		assert_int_equal(named(&d->limits, "imap", 0), 1);
		assert_int_equal(named(&d->limits, "imap", 1), 1);
		assert_int_equal(d->logout, 1);
		assert_int_equal(d->bytes_out, 20);
		stats_clear(&s);
	}
}

/* LG-41: the length of a session, by its process, its id, or its user. */
static void
test_dovecot_sessions(void **state)
{
	static const char *const lines[] = {
		"imap(old)<5><x>: Info: Logged out in=1 out=1",
		"imap-login: Info: Login: user=<anna>, method=PLAIN, "
		"rip=192.0.2.1, lip=192.0.2.9, mpid=7, TLS, session=<a>",
		"imap-login: Info: Login: user=<bob>, method=PLAIN, "
		"rip=192.0.2.1, lip=192.0.2.9, TLS, session=<b/9+>",
		"pop3-login: Info: Login: user=<eve>, method=PLAIN, "
		"rip=192.0.2.1, lip=192.0.2.9, mpid=8, session=<c>",
		"imap(bob)<b/9+>: Info: Disconnected: Logged out in=1 out=1",
		/* the end of the first was not logged */
		"imap-login: Info: Login: user=<anna>, method=PLAIN, "
		"rip=192.0.2.1, lip=192.0.2.9, mpid=7, TLS, session=<d>",
		/* which session ended is not told: her only one */
		"pop3(eve): Info: Disconnected: Logged out top=0/0, retr=0/0",
		"imap(anna)<7><d>: Info: Connection closed in=1 out=1",
		"imap(anna)<7><d>: Info: Connection closed in=1 out=1",
	};
	(void)state;
	for (size_t cut = 0; cut <= ARRAY_LEN(lines); cut++) {
		struct stats s;
		count_cut(&s, "dovecot", lines, ARRAY_LEN(lines), cut);
		struct stats_dovecot *d = &s.dovecot;
		assert_int_equal(d->logout, 5);
		assert_int_equal(d->session_us.n, 3);
		assert_int_equal(d->session_us.sum, 7 * 1000000);
		assert_int_equal(d->session_us.largest, 3 * 1000000);
		stats_clear(&s);
	}
}

/*
 * LG-42: refused for the limit of an address, or by a rule; LG-68: the line
 * that says which may be in another part of the log.
 */
static void
test_tcpsvd(void **state)
{
	static const char *const lines[] = {
		"tcpsvd: info: pid 10 from 192.0.2.1",
		"tcpsvd: info: concurrency 10 192.0.2.1 2/2",
		"tcpsvd: info: start 10 sme:192.0.2.9 ::192.0.2.1:4000 ./x",
		"tcpsvd: info: pid 11 from 192.0.2.1",
		"tcpsvd: info: concurrency 11 192.0.2.1 3/2",
		"tcpsvd: info: deny 11 sme:192.0.2.9 ::192.0.2.1:4001 ./x",
		"tcpsvd: info: end 11 exit 100",
		"tcpsvd: info: concurrency 12 192.0.2.3 1/2",
		"tcpsvd: info: deny 12 sme:192.0.2.9 ::192.0.2.3:4002 ./x",
		"tcpsvd: info: end 12 exit 100",
		"tcpsvd: info: concurrency 13 192.0.2.4 3/2",
		"tcpsvd: info: deny 13 sme:192.0.2.9 ::192.0.2.4:4002 ./x",
		/* above the limit, but of another; and not directly before */
		"tcpsvd: info: concurrency 14 192.0.2.5 3/2",
		"tcpsvd: info: end 13 exit 100",
		"tcpsvd: info: deny 14 sme:192.0.2.9 x:192.0.2.4:4002 ./x",
	};
	(void)state;
	for (size_t cut = 0; cut <= ARRAY_LEN(lines); cut++) {
		struct stats s;
		count_cut(&s, "imaps", lines, ARRAY_LEN(lines), cut);
		struct stats_tcpsvd *t = &s.tcpsvd;
		assert_int_equal(t->accepted, 1);
		assert_int_equal(t->denied_limit, 2);
		assert_int_equal(t->denied_rule, 2);
		assert_int_equal(t->highest, 3);
		assert_int_equal(t->highest_max, 2);
		assert_int_equal(named(&t->clients, "192.0.2.1", 0), 1);
		assert_int_equal(named(&t->clients, "192.0.2.1", 1), 1);
		assert_int_equal(named(&t->clients, "192.0.2.1", 2), 0);
		assert_int_equal(named(&t->clients, "192.0.2.3", 2), 1);
		assert_int_equal(named(&t->clients, "192.0.2.4", 1), 1);
		assert_int_equal(named(&t->clients, "192.0.2.4", 2), 1);
		stats_clear(&s);
	}
}

/* LG-43; LG-68: the account of a refusal may be in another part of the log. */
static void
test_fetchmail(void **state)
{
	static const char *const lines[] = {
		"fetchmail: starting fetchmail 6.4.16 daemon",
		/* of whom is in an older log */
		"fetchmail: SMTP error: 530 5.7.1 Client was not authenticated",
		"fetchmail: 2 messages for me at pop.test (7447 octets).",
		"fetchmail: reading message me@pop.test:1 of 2 (5661 octets) "
		"flushed",
		"fetchmail: reading message me@pop.test:2 of 2 (10 octets) "
		"not flushed",
		"fetchmail: SMTP error: 530 5.7.1 Client was not authenticated",
		"fetchmail: Authorization failure on you@pop.test",
		"fetchmail: SMTP connect to localhost failed",
		"fetchmail: No mail for no at pop.test",
		"fetchmail: No mail for nobody",
	};
	(void)state;
	for (size_t cut = 0; cut <= ARRAY_LEN(lines); cut++) {
		struct stats s;
		count_cut(&s, "fetchmail", lines, ARRAY_LEN(lines), cut);
		struct stats_fetchmail *f = &s.fetchmail;
		assert_int_equal(f->mail.len, 2);
		for (size_t i = 0; i < TALLY_COUNTS; i++)
			assert_int_equal(named(&f->mail, "me@pop.test", i), 1);
		assert_int_equal(named(&f->mail, "no@pop.test", 0), 1);
		assert_int_equal(named(&f->codes, "530", 0), 2);
		assert_int_equal(named(&f->troubles, "", 0), 1);
		assert_int_equal(named(&f->troubles, "me@pop.test", 0), 1);
		assert_int_equal(named(&f->troubles, "you@pop.test", 1), 1);
		assert_int_equal(named(&f->troubles, "localhost", 2), 1);
		assert_int_equal(f->troubles.len, 4);
		stats_clear(&s);
	}
}

/* LG-43: several events share a line. */
static void
test_fetchmail_at_once(void **state)
{
	static const char *const lines[] = {
		"fetchmail: 3 messages for me at pop.test (7447 octets). "
		"reading message me@pop.test:1 of 3 (61 octets) flushed "
		"reading "
		"message me@pop.test:2 of 3 (10 octets) fetchmail: SMTP error: "
		"550 no such user not flushed reading message me@pop.test:3 of "
		"3 (9 octets) flushed",
		"reading message you@pop.test:1 of 1 (1 octets) SMTP error: "
		"452 full",
		"fetchmail: ",
	};
	struct stats s;
	(void)state;
	count_cut(&s, "fetchmail", lines, ARRAY_LEN(lines), 0);
	struct stats_fetchmail *f = &s.fetchmail;
	assert_int_equal(named(&f->mail, "me@pop.test", 0), 1);
	assert_int_equal(named(&f->mail, "me@pop.test", 1), 2);
	assert_int_equal(named(&f->mail, "me@pop.test", 2), 1);
	assert_int_equal(named(&f->troubles, "me@pop.test", 0), 1);
	assert_int_equal(named(&f->troubles, "you@pop.test", 0), 1);
	assert_int_equal(named(&f->codes, "550", 0), 1);
	assert_int_equal(named(&f->codes, "452", 0), 1);
	stats_clear(&s);
}

#define INFO "info msg 5: bytes 999999999999999999 from <a@b.test> qp 7 uid 1"
#define SCAN(score)                                                            \
	"[2] info: spamd: clean message (" score "/4.0) for u:1 in "           \
	"99999999999999.9 seconds, 999999999999999999 bytes."
#define LOGOUT "imap(anna): Info: Logged out in=18446744073709551615 out=7"

/* A log of the same line, counted with every cut; what is told of its sums. */
static void
check_too_large(
    const char *service, const char *line, const char *names, size_t lines)
{
	enum {
		MOST = 100
	};
	const char *log[MOST];
	for (size_t i = 0; i < lines; i++)
		log[i] = line;
	for (size_t cut = 0; cut <= lines; cut++) {
		struct stats s;
		char told[256] = "";
		const char *name;
		count_cut(&s, service, log, lines, cut);
		for (size_t i = 0; (name = stats_too_large(&s, &i)) != NULL;)
			snprintf(told + strlen(told),
			    sizeof(told) - strlen(told), "%s ", name);
		assert_string_equal(told, names);
		stats_clear(&s);
	}
}

/* Numbers of hostile lines: sums stay at the greatest number, and it is told.
 */
static void
test_hostile_numbers(void **state)
{
	struct stats s;
	const char *const logout[] = { LOGOUT, LOGOUT };
	const char *const low[] = { SCAN("-999999999999999"),
		SCAN("-999999999999999"), SCAN("-999999999999999"),
		SCAN("-999999999999999"), SCAN("-999999999999999"),
		SCAN("-999999999999999"), SCAN("-999999999999999"),
		SCAN("-999999999999999"), SCAN("-999999999999999"),
		SCAN("-999999999999999"), SCAN("-999999999999999") };
	(void)state;
	check_too_large("qmail", INFO, "", 9);
	check_too_large("qmail", INFO, "qmail.bytes qmail.senders ", 20);
	check_too_large("spamd", SCAN("1.0"), "", 9);
	check_too_large("spamd", SCAN("999999999999999"),
	    "spamd.bytes spamd.score_sum ", 20);
	check_too_large(
	    "spamd", SCAN("1.0"), "spamd.bytes spamd.scan_seconds ", 95);
	check_too_large("dovecot", LOGOUT, "dovecot.bytes_in ", 3);
	count_cut(&s, "dovecot", logout, ARRAY_LEN(logout), 1);
	assert_int_equal(s.dovecot.bytes_in, INT64_MAX);
	assert_int_equal(s.dovecot.bytes_out, 14);
	stats_clear(&s);
	count_cut(&s, "spamd", low, ARRAY_LEN(low), 3);
	assert_int_equal(s.spamd.score_milli, -INT64_MAX);
	stats_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spamd),
		cmocka_unit_test(test_aborted_scans),
		cmocka_unit_test(test_times_of_no_clock),
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_clamd),
		cmocka_unit_test(test_dovecot),
		cmocka_unit_test(test_dovecot_sessions),
		cmocka_unit_test(test_tcpsvd),
		cmocka_unit_test(test_fetchmail),
		cmocka_unit_test(test_fetchmail_at_once),
		cmocka_unit_test(test_hostile_numbers),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
