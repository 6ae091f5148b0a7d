/*
 * Fuzzes the joining of lines into stories: the first byte of each line says
 * which log it is of and how much time passed. What is told is sound: strings
 * can be read, steps are in order, memory is given back. Exercises
 * core/maillog/story*.c, core/base/idmap.c and the query of core/maillog.
 */
#include "core/maillog/query.h"
#include "core/maillog/story.h"
#include "core/maillog/story_what.h"
#include "core/maillog/when.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned sum; /* so that every byte is read */

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
touch(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		sum += (unsigned char)s.ptr[i];
}

static void
done(void *ctx, const struct story *s)
{
	const struct story_what *what = ctx;
	const struct str texts[] = { s->ip, s->host, s->helo, s->hook, s->rule,
		s->code, s->reason, s->extra, s->score, s->sender,
		s->recipients, s->refused, s->mid, s->country, s->scan_score,
		s->scan_rules, s->virus_name, s->queue_id, s->bounce_id };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		touch(texts[i]);
	require(story_end_name(s->end) != NULL);
	for (size_t i = 0; i < s->n_deliveries; i++) {
		touch(s->deliveries[i].address);
		for (size_t k = 0; k < s->deliveries[i].n_tries; k++)
			touch(s->deliveries[i].tries[k].text);
	}
	for (size_t i = 0; i < s->n_steps; i++) {
		touch(s->steps[i].raw);
		require(s->steps[i].text <= s->steps[i].raw.len);
		require(i == 0 || s->steps[i - 1].key_ns <= s->steps[i].key_ns);
	}
	sum += story_what_matches(what, s);
}

static void
try_words(struct str line)
{
	struct query q = { NULL, 0 };
	struct maillog_event ev;
	int64_t ns;
	sum += when_parse(line, (int64_t)1795320000 * NS_PER_S, "x", &ns, NULL);
	bool added = query_add(&q, line, !query_is_condition(line), NULL);
	maillog_parse(MAILLOG_FORM_QPSMTPD, line, &ev);
	if (added)
		sum += query_matches(&q, line, line, &ev);
	query_clear(&q);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum maillog_form forms[] = { MAILLOG_FORM_QPSMTPD,
		MAILLOG_FORM_QMAIL, MAILLOG_FORM_SPAMD, MAILLOG_FORM_CLAMD,
		MAILLOG_FORM_DOVECOT, MAILLOG_FORM_POSTFIX, MAILLOG_FORM_SYSLOG,
		MAILLOG_FORM_QPSMTPD };
	struct str text = str_n((const char *)data, size), line;
	struct story_what what;
	struct stories_options o = {
		.steps = true, .done = done, .ctx = &what
	};
	int64_t now = 1000000;
	struct str first = str_sub(text, 0, str_find(text, '\n', 0));
	story_what_parse(first, now, &what);
	try_words(first);
	struct stories *s = stories_new(&o);
	if (s == NULL)
		return 0;
	while (str_next_line(&text, &line)) {
		unsigned mark = line.len > 0 ? (unsigned char)line.ptr[0] : 0;
		struct str rest = str_sub(line, 1, line.len);
		struct maillog_event ev;
		/* the clock may go back as well */
		now += (int64_t)(mark >> 3 & 15) * NS_PER_S / 4 - NS_PER_S / 8;
		struct logline l = { .raw = rest, .text = rest, .key_ns = now };
		maillog_parse(forms[mark & 7], rest, &ev);
		stories_line(s, mark & 7, &l, &ev);
		sum += story_what_waits(&what, s);
	}
	require(stories_end(s, NULL));
	stories_free(s);
	return 0;
}
