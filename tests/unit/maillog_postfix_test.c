/* Stories of Postfix: by queue id and by Message-ID (LG-31, LG-34, LG-44 to
   LG-47). */
#include "core/maillog/story.h"

#include "core/base/buf.h"
#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
	QPSMTPD,
	SYSLOG
};

/* "END PID ID queue:SURE ip by:RULE bounce:ID of:N doubts:N ADDRESS,RESULT" */
struct told {
	struct stories *s;
	struct buf out;
	int64_t now_s;
	size_t steps;
	enum story_key key;
	const char *what;
	size_t matched;
};

static void
done(void *ctx, const struct story *s)
{
	struct told *t = ctx;
	buf_addf(&t->out, "%s %u %.*s", story_end_name(s->end), s->pid,
	    STR_ARG(s->queue_id));
	if (s->queue != STORY_NONE)
		buf_addf(&t->out, " queue:%s", story_sure_name(s->queue));
	if (s->ip.len > 0)
		buf_addf(&t->out, " %.*s", STR_ARG(s->ip));
	if (str_is(s->rule, "postfix"))
		buf_addf(&t->out, " by:postfix %.*s", STR_ARG(s->refused));
	if (s->bounce_id.len > 0)
		buf_addf(&t->out, " bounce:%.*s", STR_ARG(s->bounce_id));
	if (s->bounce_of != 0)
		buf_addf(&t->out, " of:%llu", (unsigned long long)s->bounce_of);
	if (s->doubts != 0)
		buf_addf(&t->out, " doubts:%u", s->doubts);
	for (size_t i = 0; i < s->n_deliveries; i++) {
		const struct story_delivery *d = &s->deliveries[i];
		buf_addf(&t->out, " %s:%.*s", d->remote ? "far" : "near",
		    STR_ARG(d->address));
		for (size_t k = 0; k < d->n_tries; k++)
			buf_addf(&t->out, ",%s",
			    maillog_result_name(d->tries[k].result));
	}
	buf_add_char(&t->out, '\n');
	assert_int_equal(s->next_try_ns, INT64_MIN);
	t->steps += s->n_steps;
	if (t->what != NULL)
		t->matched += story_matches(s, t->key, str_of(t->what));
}

static void
begin(struct told *t, enum story_key key, const char *what)
{
	struct stories_options o = { .steps = true, .done = done, .ctx = t };
	*t = (struct told){ .out = BUF_INIT(65536),
		.now_s = 1000000,
		.key = key,
		.what = what };
	t->s = stories_new(&o);
	assert_non_null(t->s);
}

static void
say(struct told *t, size_t source, const char *text)
{
	static const enum maillog_form forms[] = { MAILLOG_FORM_QPSMTPD,
		MAILLOG_FORM_SYSLOG };
	struct maillog_event ev;
	struct logline line = { .raw = str_of(text),
		.text = str_of(text),
		.key_ns = t->now_s * NS_PER_S };
	maillog_parse(forms[source], line.text, &ev);
	stories_line(t->s, source, &line, &ev);
}

static void
say_all(struct told *t, size_t source, const char *const *lines)
{
	for (size_t i = 0; lines[i] != NULL; i++)
		say(t, source, lines[i]);
}

static void
end(struct told *t, const char *want)
{
	assert_true(stories_end(t->s, NULL));
	assert_string_equal(buf_cstr(&t->out), want);
	buf_clear(&t->out);
	stories_free(t->s);
}

#define QUEUED(pid, mid)                                                       \
	pid " (queue) logging::logterse: ` 192.0.2.1\tmx.test\tmx\t<a@b>\t"    \
	    "<c@d>\tqueued\t\t" mid "\tNo, score=1.5 required=4.0"
#define PF "sme postfix/"

static const char *const arrives[] = {
	PF "smtpd[5]: connect from localhost[127.0.0.1]",
	PF "smtpd[5]: 4F2A91C3: client=localhost[127.0.0.1]",
	PF "cleanup[6]: 4F2A91C3: message-id=<m@x>",
	PF "qmgr[7]: 4F2A91C3: from=<a@b>, size=392, nrcpt=2 (queue active)",
	PF "smtpd[5]: disconnect from localhost[127.0.0.1] mail=1 commands=5",
	NULL,
};
static const char *const goes[] = {
	PF "local[8]: 4F2A91C3: to=<c@d>, relay=local, delay=0.1, "
	   "delays=0.1/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)",
	PF "smtp[9]: 4F2A91C3: to=<e@f>, relay=none, delay=30, "
	   "delays=0.1/0/30/0, dsn=4.4.1, status=deferred (connect to "
	   "mx.f[192.0.2.9]:25: Connection timed out)",
	PF "smtp[9]: 4F2A91C3: host mx.f[192.0.2.9] said: 450 4.2.0 later (in "
	   "reply to RCPT TO command)",
	PF "smtp[9]: 4F2A91C3: to=<e@f>, relay=none, delay=400, "
	   "delays=370/0/30/0, dsn=4.4.1, status=deferred (timed out)",
	PF "qmgr[7]: 4F2A91C3: removed",
	NULL,
};

/* qpsmtpd names the id in its answer. */
static void
test_by_queue_id(void **state)
{
	(void)state;
	struct told t;
	begin(&t, STORY_BY_QUEUE_ID, "4F2A91C3");
	say(&t, QPSMTPD, "7 Connection from mx.test [192.0.2.1]");
	say(&t, QPSMTPD, QUEUED("7", "<m@x>"));
	say_all(&t, SYSLOG, arrives);
	say(&t, QPSMTPD, "7 250 Queued! <m@x> (Queue-Id: 4F2A91C3)");
	say(&t, QPSMTPD, "1 cleaning up after 7");
	say_all(&t, SYSLOG, goes);
	/* the id again: another message */
	t.now_s += 100;
	say(&t, SYSLOG, PF "pickup[5]: 4F2A91C3: uid=0 from=<root>");
	say(&t, SYSLOG, PF "cleanup[6]: 4F2A91C3: message-id=<n@x>");
	end(&t, "delivered 7 4F2A91C3 queue:sure 192.0.2.1 near:c@d,success "
		"near:e@f,deferral,deferral\n"
		"queued 0 4F2A91C3 queue:sure\n");
	assert_int_equal(t.matched, 2);
	assert_int_equal(t.steps, 3 + 1 + 3 + 5 + 2);
}

/* Without the answer (low log level) the Message-ID joins them; syslog counts
   whole seconds, so that its lines may come first. */
static void
test_by_message_id(void **state)
{
	(void)state;
	struct told t;
	begin(&t, STORY_BY_MID, "m@x");
	say_all(&t, SYSLOG, arrives);
	say_all(&t, SYSLOG, goes);
	t.now_s++;
	say(&t, QPSMTPD, QUEUED("7", "<m@x>"));
	t.now_s += 200;
	say(&t, QPSMTPD, QUEUED("8", "<m@x>")); /* too late for it */
	end(&t, "delivered 7 4F2A91C3 queue:sure 192.0.2.1 doubts:16 "
		"near:c@d,success near:e@f,deferral,deferral\n"
		"unknown 8  queue:missing 192.0.2.1 doubts:16\n");
	assert_int_equal(t.matched, 2);
}

/* LG-45: the same Message-ID twice at once; the ids tell them apart. */
static void
test_same_message_id(void **state)
{
	(void)state;
	struct told t;
	begin(&t, STORY_BY_TEXT, "4f2a91c3");
	say(&t, QPSMTPD, QUEUED("7", "<m@x>"));
	say(&t, QPSMTPD, QUEUED("8", "<m@x>"));
	say_all(&t, SYSLOG, arrives); /* taken for that of 7 at first */
	say(&t, SYSLOG, PF "cleanup[6]: 5A5A91C4: message-id=<m@x>");
	say(&t, QPSMTPD, "8 250 2.0.0 Ok: queued as 4F2A91C3");
	say(&t, QPSMTPD, "7 250 2.0.0 Ok: queued as 5A5A91C4");
	say(&t, QPSMTPD, "1 cleaning up after 7");
	say(&t, QPSMTPD, "1 cleaning up after 8");
	say_all(&t, SYSLOG, goes);
	end(&t, "delivered 8 4F2A91C3 queue:sure 192.0.2.1 doubts:16 "
		"near:c@d,success near:e@f,deferral,deferral\n"
		"queued 7 5A5A91C4 queue:sure 192.0.2.1 doubts:16\n");
	assert_int_equal(t.matched, 1);
}

static void
test_bounce(void **state)
{
	(void)state;
	static const char *const lines[] = {
		PF "smtpd[5]: 4F2A91C3: client=mx.test[192.0.2.1]",
		PF "smtp[9]: 4F2A91C3: to=<e@f>, relay=mx.f[192.0.2.9]:25, "
		   "delay=1, delays=1/0/0/0, dsn=5.1.1, status=bounced (host "
		   "mx.f[192.0.2.9] said: 550 5.1.1 no such user)",
		PF "bounce[4]: 4F2A91C3: sender delivery status notification: "
		   "1111AAAA",
		PF "cleanup[6]: 2222BBBB: message-id=<bounce@sme>",
		PF "bounce[4]: 4F2A91C3: sender non-delivery notification: "
		   "2222BBBB",
		PF "qmgr[7]: 2222BBBB: from=<>, size=99, nrcpt=1 (queue "
		   "active)",
		PF "qmgr[7]: 4F2A91C3: removed",
		/* given up after days; the bounce's first line comes late */
		PF "qmgr[7]: 3333CCCC: from=<g@h>, status=expired, returned to "
		   "sender",
		PF "bounce[4]: 3333CCCC: sender non-delivery notification: "
		   "4444DDDD",
		PF "cleanup[6]: 4444DDDD: message-id=<bounce2@sme>",
		PF "qmgr[7]: 3333CCCC: removed",
		PF "pipe[3]: 2222BBBB: to=<a@b>, relay=dovecot, delay=1, "
		   "delays=1/0/0/0, dsn=2.0.0, status=sent (ok)",
		PF "qmgr[7]: 2222BBBB: removed",
		PF "lmtp[3]: 4444DDDD: to=<g@h>, relay=sme[private/lmtp], "
		   "delay=1, delays=1/0/0/0, dsn=4.2.2, status=deferred (full)",
		NULL,
	};
	struct told t;
	begin(&t, STORY_BY_TEXT, "no such user");
	say_all(&t, SYSLOG, lines);
	end(&t, "bounced 0 4F2A91C3 queue:sure 192.0.2.1 bounce:2222BBBB "
		"far:e@f,failure\n"
		"delivered 0 2222BBBB queue:sure of:1 near:a@b,success\n"
		"bounced 0 3333CCCC queue:sure bounce:4444DDDD doubts:16\n"
		"queued 0 4444DDDD queue:sure of:3 near:g@h,deferral\n");
	assert_int_equal(t.matched, 1);
}

/* Refused by Postfix itself: a story of its own. */
static void
test_refused(void **state)
{
	(void)state;
	static const char *const lines[] = {
		PF "smtpd[5]: NOQUEUE: reject: RCPT from mx.test[192.0.2.1]: "
		   "554 5.7.1 <c@d>: Relay access denied; from=<a@b> to=<c@d> "
		   "proto=ESMTP helo=<mx>",
		PF "smtpd[5]: NOQUEUE: reject: RCPT from mx.test[192.0.2.1]: "
		   "450 4.7.1 <e@f>: later; from=<a@b> to=<e@f> proto=ESMTP "
		   "helo=<mx>",
		PF "smtpd[5]: 4F2A91C3: client=mx.test[192.0.2.1]",
		PF "cleanup[6]: 4F2A91C3: message-id=<m@x>",
		PF "cleanup[6]: 4F2A91C3: milter-reject: END-OF-MESSAGE from "
		   "mx.test[192.0.2.1]: 4.7.1 try later; from=<a@b> to=<c@d> "
		   "proto=ESMTP helo=<mx>",
		NULL,
	};
	struct told t;
	begin(&t, STORY_BY_ADDRESS, "c@d");
	say_all(&t, SYSLOG, lines);
	end(&t, "refused 5  192.0.2.1 by:postfix c@d\n"
		"deferred 5  192.0.2.1 by:postfix e@f\n"
		"deferred 6 4F2A91C3 192.0.2.1 by:postfix c@d\n");
	assert_int_equal(t.matched, 2);
	assert_int_equal(t.steps, 1 + 1 + 3);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_queue_id),
		cmocka_unit_test(test_by_message_id),
		cmocka_unit_test(test_same_message_id),
		cmocka_unit_test(test_bounce),
		cmocka_unit_test(test_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
