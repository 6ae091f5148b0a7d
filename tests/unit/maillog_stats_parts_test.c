/* Figures that do not hang on how a log is cut into parts, and bounds (LG-68,
 * LG-72). */
#include "tests/unit/maillog_stats_fixture.h"

static const char *const queue_log[] = {
	"status: local 0/20 remote 0/20",
	"new msg 100",
	"info msg 100: bytes 500 from <a@e.test> qp 7 uid 453",
	"starting delivery 1: msg 100 to local alias-localdelivery-b@acme.test",
	"status: local 1/20 remote 0/20",
	"starting delivery 2: msg 100 to remote c@far.test",
	"status: local 1/20 remote 1/1",
	"delivery 1: success: did_0+0+1/",
	"delivery 2: deferral: Connected_to_192.0.2.9_but_greeting_failed./",
	"status: exiting",
	"status: local 0/20 remote 0/20",
	"starting delivery 1: msg 100 to remote c@far.test",
	"delivery 1: failure: Sorry._(#5.1.1)/Giving_up/",
	"bounce msg 100 qp 9",
	"end msg 100",
	"new msg 100",
	"info msg 100: bytes 700 from <#@[]> qp 9 uid 400",
	NULL,
};

/* LG-37, and LG-68: a log cut anywhere adds up to the whole. */
static void
test_queue_in_parts(void **state)
{
	size_t n = 0;
	(void)state;
	while (queue_log[n] != NULL)
		n++;
	for (size_t cut = 0; cut <= n; cut++) {
		const char *first[ARRAY_LEN(queue_log) + 1] = { NULL };
		struct stats s;
		memcpy(first, queue_log, cut * sizeof(*first));
		struct stats_part *a = stats_part_new(&config, "qmail");
		struct stats_part *b = stats_part_new(&config, "qmail");
		feed(a, 1511740800, first);
		feed(b, 1511740800 + (int64_t)cut, queue_log + cut);
		stats_init(&s);
		stats_part_merge(&s, a);
		stats_part_merge(&s, b);
		stats_end(&s);
		const struct stats_qmail *q = &s.qmail;
		/* in the queue from its second line to its last; no other
		   remote delivery would have fitted from the seventh to the
		   eleventh */
		if (q->queue_us.n != 1 || q->queue_us.sum != 13000000 ||
		    q->delivery_us[STATS_TO_LOCAL].largest != 4000000 ||
		    q->delivery_us[STATS_TO_REMOTE].n != 2 ||
		    q->status_ns != 10000000000 ||
		    q->full_ns[STATS_TO_LOCAL] != 0 ||
		    q->full_ns[STATS_TO_REMOTE] != 4000000000)
			fail_msg("times, cut behind line %zu", cut);
		assert_int_equal(
		    named(&s.qmail.senders, "a@e.test", STATS_BYTES), 500);
		assert_int_equal(named(&s.qmail.uids, "453", 0), 1);
		if (q->new != 2 || q->info != 2 || q->end != 1 ||
		    q->reused != 1 || q->unfinished != 1 ||
		    q->double_bounce != 1 || q->restarts != 1 ||
		    q->max_remote != 1 || q->status_lines != 4 ||
		    q->result[STATS_TO_LOCAL][0] != 1 ||
		    q->result[STATS_TO_REMOTE][1] != 1 ||
		    q->result[STATS_TO_REMOTE][2] != 1 ||
		    q->delivery_ns[STATS_TO_LOCAL] != 4000000000 ||
		    q->delivery_ns[STATS_TO_REMOTE] != 4000000000)
			fail_msg("cut behind line %zu", cut);
		assert_int_equal(named(&s.qmail.deferrals,
				     "Connected_to_IP_but_greeting_failed.", 0),
		    1);
		assert_int_equal(
		    named(&s.qmail.recipient_domains, "acme.test", 0), 1);
		stats_clear(&s);
	}
}

/* LG-72: an hour for each verdict, in no order, and names without end. */
static void
test_hostile_names(void **state)
{
	enum {
		LINES = 150000,
		FIRST = 1000000,
		STEP = 7919 /* prime: each hour comes once */
	};
	struct stats s;
	struct stats_part *p = stats_part_new(&config, "qpsmtpd");
	size_t at = 0, tables = 0;
	uint64_t n, hours = 0, named_all = 0, more = 0;
	const char *name;
	(void)state;
	stats_init(&s);
	for (int64_t i = 0; i < LINES; i++) {
		char text[256];
		snprintf(text, sizeof(text),
		    TERSE
		    "192.0.2.9\tx\tx\t<a@e>\t<u%d@d%d.test>\tdnsbl\t903\tx\t",
		    (int)i, (int)i);
		const char *const lines[] = { text, NULL };
		feed(p, (FIRST + i * STEP % LINES) * 3600, lines);
	}
	stats_part_merge(&s, p);
	stats_end(&s);
	const struct stats_qpsmtpd *q = &s.qpsmtpd;
	assert_int_equal(q->verdicts, LINES);
	for (size_t i = 0; i < q->hours.rows.len; i++) {
		const struct stats_hour *h =
		    VEC_AT(&q->hours.rows, const struct stats_hour, i);
		hours += stats_hour_total(h);
		assert_true(i == 0 || h->hour > h[-1].hour);
	}
	assert_int_equal(hours + stats_hour_total(&q->hours.rest), LINES);
	assert_true(q->hours.rows.len > 50000);
	for (size_t i = 0; i < q->recipients.len; i++)
		named_all += q->recipients.rows[i].n[STATS_REJECTED];
	while ((name = stats_not_apart(&s, &at, &n)) != NULL) {
		tables++;
		if (strcmp(name, "qpsmtpd.recipients") == 0)
			more = n;
	}
	assert_int_equal(named_all + more, LINES);
	assert_true(named_all > 10000 && more > 10000);
	/* recipients twice, their domains, hours; the few others are whole */
	assert_int_equal(tables, 4);
	assert_int_equal(tally_sum(&s.qpsmtpd.domains_all, STATS_TOTAL), LINES);
	assert_int_equal(
	    named(&s.qpsmtpd.domains, "Others", STATS_TOTAL), LINES);
	stats_clear(&s);
}

static const char *const mailbox_log[] = {
	/* begun before the log */
	"imap(zoe): Info: Disconnected: Logged out in=1 out=1",
	"imap-login: Info: Login: user=<anna>, method=PLAIN, rip=192.0.2.1, "
	"lip=192.0.2.2, mpid=7, TLS, session=<S1>",
	"imap-login: Info: Login: user=<Anna>, method=PLAIN, rip=192.0.2.1, "
	"lip=192.0.2.2, mpid=8, TLS, session=<S2>",
	"pop3-login: Info: Login: user=<anna>, method=PLAIN, rip=192.0.2.1, "
	"lip=192.0.2.2, mpid=9",
	"imap(anna): Info: Connection closed in=1 out=1",
	"imap(bob): Info: Disconnected: Logged out in=1 out=1",
	"pop3(anna): Info: Disconnected: Logged out top=0/0, retr=0/0",
	"imap-login: Info: Login: user=<carl>, method=PLAIN, rip=192.0.2.1, "
	"lip=192.0.2.2, mpid=10, TLS, session=<S3>",
	"imap(carl)<10><S3>: Info: Disconnected: Logged out in=1 out=1",
	"imap(anna): Info: Disconnected: Logged out in=1 out=1",
	"imap(anna): Info: Disconnected: Logged out in=1 out=1",
	NULL,
};

/* LG-41: sessions by process, and by user where older dovecots name no more;
 * LG-68: however the log is cut. */
static void
test_sessions_in_parts(void **state)
{
	size_t n = ARRAY_LEN(mailbox_log) - 1;
	(void)state;
	for (size_t cut = 0; cut <= n; cut++)
		for (size_t more = cut; more <= n; more++) {
			const size_t ends[] = { 0, cut, more, n };
			struct stats s;
			stats_init(&s);
			for (size_t i = 0; i + 1 < ARRAY_LEN(ends); i++) {
				const char *part[ARRAY_LEN(mailbox_log)] = {
					NULL
				};
				memcpy(part, mailbox_log + ends[i],
				    (ends[i + 1] - ends[i]) * sizeof(*part));
				struct stats_part *p =
				    stats_part_new(&config, "dovecot");
				feed(p, 1511740800 + (int64_t)ends[i], part);
				stats_part_merge(&s, p);
			}
			stats_end(&s);
			/* 2 and 8 of anna's imap, 3 of her pop3, 1 of carl */
			const struct spread *d = &s.dovecot.session_us;
			if (d->n != 4 || d->sum != 14000000 ||
			    d->least != 1000000 || d->largest != 8000000)
				fail_msg("cut behind lines %zu and %zu: %u, %u",
				    cut, more, (unsigned)d->n,
				    (unsigned)d->sum);
			assert_int_equal(s.dovecot.logout, 7);
			stats_clear(&s);
		}
}

static const char *const smtp_log[] = {
	"5 Connection from a.test [192.0.2.1]",
	"6 Connection from b.test [192.0.2.2]",
	"5 (deny) logging::logterse: ` 192.0.2.1\ta\ta\t\t\tkarma\t903\tx\t",
	"5 Connection from c.test [192.0.2.3]",
	"6 click, disconnecting",
	"6 Connection from d.test [192.0.2.4]",
	"6 (deny) logging::logterse: ` 192.0.2.4\td\td\t\t\tkarma\t903\tx\t",
	"6 (deny) logging::logterse: ` 192.0.2.4\td\td\t\t\tkarma\t903\tx\t",
	NULL,
};

/* Pids come again: connections without a verdict, wherever the log is cut. */
static void
test_connections_in_parts(void **state)
{
	size_t n = ARRAY_LEN(smtp_log) - 1;
	(void)state;
	for (size_t cut = 0; cut <= n; cut++) {
		const char *first[ARRAY_LEN(smtp_log) + 1] = { NULL };
		struct stats s;
		memcpy(first, smtp_log, cut * sizeof(*first));
		struct stats_part *a = stats_part_new(&config, "qpsmtpd");
		struct stats_part *b = stats_part_new(&config, "qpsmtpd");
		feed(a, 1511744390, first);
		feed(b, 1511744390 + (int64_t)cut, smtp_log + cut);
		stats_init(&s);
		stats_part_merge(&s, a);
		stats_part_merge(&s, b);
		stats_end(&s);
		if (s.qpsmtpd.connections != 4 ||
		    s.qpsmtpd.without_verdict != 2 || s.qpsmtpd.verdicts != 3)
			fail_msg("cut behind line %zu: %llu without verdict",
			    cut, (unsigned long long)s.qpsmtpd.without_verdict);
		stats_clear(&s);
	}
}

#define SCORED(pid, score)                                                     \
	pid " (queue) logging::logterse: ` 192.0.2.1\ta\ta\t<a@e.test>\t"      \
	    "<b@acme.test>\tqueued\t\t<m@x>\tNo, score=" score " required=4.0"

static const char *const scored_log[] = {
	"5 Accepted connection 0/40 from 192.0.2.1 / a.test",
	"5 Connection from a.test [192.0.2.1]",
	"6 Connection from a.test [192.0.2.1]",
	"7 Connection from a.test [192.0.2.1]",
	SCORED("7", "0.3"),
	SCORED("6", "0.2"),
	SCORED("5", "0.1"),
	NULL,
};

/*
 * LG-56, LG-68: scores are added in the order of their connections, wherever
 * the log is cut: 0.1 + 0.2 + 0.3 is not 0.3 + 0.2 + 0.1.
 */
static void
test_scores_in_order(void **state)
{
	volatile double want = 0.1;
	size_t n = ARRAY_LEN(scored_log) - 1;
	(void)state;
	want += 0.2;
	want += 0.3;
	assert_true(want != 0.6);
	for (size_t cut = 0; cut <= n; cut++) {
		const char *first[ARRAY_LEN(scored_log) + 1] = { NULL };
		struct stats s;
		memcpy(first, scored_log, cut * sizeof(*first));
		struct stats_part *a = stats_part_new(&config, "qpsmtpd");
		struct stats_part *b = stats_part_new(&config, "qpsmtpd");
		feed(a, 1511744390, first);
		feed(b, 1511744390 + (int64_t)cut, scored_log + cut);
		stats_init(&s);
		stats_part_merge(&s, a);
		stats_part_merge(&s, b);
		stats_end(&s);
		if (s.qpsmtpd.ham != 3 || s.qpsmtpd.ham_score != want)
			fail_msg("cut behind line %zu: %.17g", cut,
			    s.qpsmtpd.ham_score);
		/* it began when it was accepted, not when it was named */
		assert_int_equal(
		    s.last_connection_ns, (1511744390 + 3) * 1000000000LL);
		stats_clear(&s);
	}
}

/* More scores than wait at once, all in the order of their connections. */
static void
test_many_scores(void **state)
{
	enum {
		MANY = 40000
	};
	struct stats_part *p = stats_part_new(&config, "qpsmtpd");
	double want = 0;
	struct stats s;
	(void)state;
	for (int i = 0; i < MANY; i++) {
		char text[4][256];
		const char *lines[5] = { text[0], text[1], text[2], text[3] };
		int pid = 2 * i + 1;
		for (int k = 0; k < 2; k++) {
			snprintf(text[k], sizeof(text[k]),
			    "%d Connection from a.test [192.0.2.1]", pid + k);
			snprintf(text[3 - k], sizeof(text[k]),
			    SCORED("%d", "%d.%d"), pid + k, i % 3, 1 + k);
			want += (double)(i % 3 * 10 + 1 + k) / 10;
		}
		feed(p, 1511744390, lines);
	}
	stats_init(&s);
	stats_part_merge(&s, p);
	stats_end(&s);
	assert_int_equal(s.qpsmtpd.ham, 2 * MANY);
	assert_true(s.qpsmtpd.ham_score == want);
	stats_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queue_in_parts),
		cmocka_unit_test(test_connections_in_parts),
		cmocka_unit_test(test_sessions_in_parts),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_scores_in_order),
		cmocka_unit_test(test_many_scores),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
