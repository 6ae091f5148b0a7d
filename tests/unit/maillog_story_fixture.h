/* What the tests of stories share: lines in, told stories out. */
#ifndef TESTS_UNIT_MAILLOG_STORY_FIXTURE_H
#define TESTS_UNIT_MAILLOG_STORY_FIXTURE_H

#include "core/maillog/story.h"

#include "core/base/buf.h"
#include "core/base/idmap.h"
#include "core/maillog/story_time.h"
#include "core/maillog/story_what.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	NEVER_ENDING = 50000,
	OPEN_MOST = 16000, /* stories */
	MEMORY_MOST = 64,  /* MB */
};

enum {
	QPSMTPD,
	QMAIL,
	SPAMD,
	CLAMD
};

/* Stories as lines: "id end pid qp msg queue scan virus bounce_of doubts". */
struct told {
	struct stories *s;
	struct buf out;
	int64_t now;
	int64_t at_ns; /* of all lines; 0: they come one after the other */
	size_t steps;
	enum story_key key;
	const char *what;
	size_t matched, told;
	int64_t next_ns; /* of the last one */
};

static inline void
done(void *ctx, const struct story *s)
{
	struct told *t = ctx;
	t->told++;
	t->next_ns = s->next_try_ns;
	buf_addf(&t->out, "%s %u %u %llu", story_end_name(s->end), s->pid,
	    s->qp, (unsigned long long)s->msg);
	if (s->queue != STORY_NONE)
		buf_addf(&t->out, " queue:%s", story_sure_name(s->queue));
	if (s->scan != STORY_NONE)
		buf_addf(&t->out, " scan:%s:%.*s", story_sure_name(s->scan),
		    STR_ARG(s->scan_score));
	if (s->virus != STORY_NONE)
		buf_addf(&t->out, " virus:%.*s", STR_ARG(s->virus_name));
	if (s->delivered_to.len > 0)
		buf_addf(&t->out, " in:%.*s", STR_ARG(s->delivered_to));
	if (s->bounce_of != 0)
		buf_addf(&t->out, " of:%llu", (unsigned long long)s->bounce_of);
	if (s->doubts != 0)
		buf_addf(&t->out, " doubts:%u", s->doubts);
	for (size_t i = 0; i < s->n_deliveries; i++) {
		const struct story_delivery *d = &s->deliveries[i];
		buf_addf(&t->out, " %.*s", STR_ARG(d->address));
		for (size_t k = 0; k < d->n_tries; k++)
			buf_addf(&t->out, ",%llu:%s",
			    (unsigned long long)d->tries[k].number,
			    maillog_result_name(d->tries[k].result));
	}
	buf_add_char(&t->out, '\n');
	for (size_t i = 1; i < s->n_steps; i++)
		assert_true(s->steps[i - 1].key_ns <= s->steps[i].key_ns);
	t->steps += s->n_steps;
	if (t->what != NULL)
		t->matched += story_matches(s, t->key, str_of(t->what));
}

static inline void
begin(struct told *t)
{
	struct stories_options o = { .steps = true, .done = done, .ctx = t };
	*t = (struct told){ .out = BUF_INIT(65536), .now = 1000000 };
	t->s = stories_new(&o);
	assert_non_null(t->s);
}

static inline void
say(struct told *t, size_t source, const char *text)
{
	static const enum maillog_form forms[] = { MAILLOG_FORM_QPSMTPD,
		MAILLOG_FORM_QMAIL, MAILLOG_FORM_SPAMD, MAILLOG_FORM_CLAMD };
	struct maillog_event ev;
	struct logline line = { .raw = str_of(text),
		.text = str_of(text),
		.key_ns = t->at_ns != 0 ? t->at_ns : t->now * NS_PER_S / 100 };
	maillog_parse(forms[source], line.text, &ev);
	stories_line(t->s, source, &line, &ev);
	t->now++;
}

static inline void
end(struct told *t, const char *want)
{
	assert_true(stories_end(t->s, NULL));
	assert_string_equal(buf_cstr(&t->out), want);
	buf_clear(&t->out);
	stories_free(t->s);
}

static inline void
connection(struct told *t, const char *pid)
{
	char text[128];
	snprintf(text, sizeof(text),
	    "%s Accepted connection 1/40 from 192.0.2.1 / mx.test", pid);
	say(t, QPSMTPD, text);
	snprintf(
	    text, sizeof(text), "%s Connection from mx.test [192.0.2.1]", pid);
	say(t, QPSMTPD, text);
}

#define QUEUED(pid)                                                            \
	pid " (queue) logging::logterse: ` 192.0.2.1\tmx.test\tmx\t<a@b>\t"    \
	    "<c@d>\tqueued\t\t<m@x>\tNo, score=1.5 required=4.0"
#define REFUSED(pid, rule, code, extra)                                        \
	pid " (deny) logging::logterse: ` 192.0.2.1\tmx.test\tmx\t<a@b>\t"     \
	    "<c@d>\t" rule "\t" code "\tno\t" extra

static inline void
queue(struct told *t, bool fails)
{
	say(t, QPSMTPD, "8 (queue) queue::qmail_2dqueue: (for 7) Queuing to q");
	say(t, QMAIL, "new msg 55");
	say(t, QMAIL, "info msg 55: bytes 10 from <a@b> qp 8 uid 453");
	say(t, QPSMTPD, "7 250 Queued! 15 qp 8 <m@x>");
	say(t, QPSMTPD, "7 click, disconnecting");
	say(t, QPSMTPD, "1 cleaning up after 7");
	say(t, QMAIL, "starting delivery 1: msg 55 to local c@d");
	say(t, QMAIL,
	    fails ? "delivery 1: failure: no/"
		  : "delivery 1: success: did_0+0+1/");
	if (fails)
		say(t, QMAIL, "bounce msg 55 qp 9");
	say(t, QMAIL, "end msg 55");
}

#endif
