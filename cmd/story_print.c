/* Stories of messages as text. */
#include "cmd/story_print_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/maillog/story_time.h"

int64_t
story_first_ns(const struct story *s)
{
	if (s->n_steps > 0)
		return s->steps[0].key_ns;
	if (s->begun_ns != INT64_MIN)
		return s->begun_ns;
	return s->verdict_ns;
}

struct tai64n
story_time_of(int64_t ns)
{
	int32_t rest = (int32_t)(ns % NS_PER_S);
	return (struct tai64n){ ns / NS_PER_S - (rest < 0),
		rest < 0 ? rest + NS_PER_S : rest };
}

void
story_add_time(struct story_printer *p, int64_t ns, struct buf *out)
{
	if (ns != INT64_MIN &&
	    tai64n_zone_second(&p->zone, story_time_of(ns).unix_s))
		buf_add(out, p->zone.text, p->zone.len);
	else
		buf_add_cstr(out, "-");
}

void
story_add_recipients(const struct story *s, struct buf *out)
{
	struct str rest = s->recipients, one;
	bool first = true;
	while (maillog_recipient_next(&rest, &one)) {
		if (!first)
			buf_add_cstr(out, ", ");
		escape_terminal(out, one);
		first = false;
	}
	if (s->refused.len > 0) {
		buf_add_cstr(out, first ? "" : ", ");
		escape_terminal(out, s->refused);
	} else if (first) {
		buf_add_char(out, '-');
	}
}

void
story_head(struct story_printer *p, const struct story *s, struct buf *out)
{
	story_add_time(p, story_first_ns(s), out);
	buf_addf(out, "  %-9s  ", story_end_name(s->end));
	escape_terminal(out, s->sender.len > 0 ? s->sender : s->ip);
	buf_add_cstr(out, " -> ");
	story_add_recipients(s, out);
	if (s->verdict != MAILLOG_QUEUED && s->rule.len > 0) {
		buf_add_cstr(out, "  ");
		escape_terminal(out, s->rule);
	}
}

/* "NAME  VALUE" of what is known. */
static void
fact(struct buf *out, const char *name, struct str value)
{
	if (value.len == 0)
		return;
	buf_addf(out, "%-10s ", name);
	escape_terminal(out, value);
	buf_add_char(out, '\n');
}

static void
number(struct buf *out, const char *name, uint64_t n)
{
	if (n != 0)
		buf_addf(out, "%-10s %llu\n", name, (unsigned long long)n);
}

static void
joint(struct buf *out, const char *name, enum story_sure sure,
    const char *detail, struct str text)
{
	if (sure == STORY_NONE)
		return;
	buf_addf(out, "%-10s %s", name, story_sure_name(sure));
	if (text.len > 0) {
		buf_addf(out, ", %s", detail);
		escape_terminal(out, text);
	}
	buf_add_char(out, '\n');
}

const struct story_doubt_text story_doubts[] = {
	{ STORY_QP_REUSED, "qp-reused",
	    N_("the number of qmail-queue was used twice in that time") },
	{ STORY_SENDER_DIFFERS, "sender-differs",
	    N_("the queue names another sender than the verdict") },
	{ STORY_NO_MID, "no-message-id",
	    N_("the spam scan is joined by time and score") },
	{ STORY_SCANS_ALIKE, "scans-alike",
	    N_("several spam scans could be the one") },
	{ STORY_BEGAN_EARLIER, "began-earlier",
	    N_("its beginning lies before the first line read") },
	{ STORY_PID_REUSED, "pid-reused",
	    N_("the end of the connection is missing; its number was used "
	       "again") },
	{ STORY_STEPS_CUT, "lines-cut", N_("not all of its lines are kept") },
};
const size_t story_doubts_count = ARRAY_LEN(story_doubts);

static void
add_doubts(const struct story *s, struct buf *out)
{
	for (size_t i = 0; i < story_doubts_count; i++)
		if ((s->doubts & (unsigned)story_doubts[i].doubt) != 0)
			buf_addf(
			    out, "%-10s %s\n", "note", _(story_doubts[i].text));
}

static void
add_steps(struct story_printer *p, const struct story *s, struct buf *out)
{
	int64_t first = story_first_ns(s);
	for (size_t i = 0; i < s->n_steps; i++) {
		const struct story_step *step = &s->steps[i];
		double offset = step->key_ns == INT64_MIN
				    ? 0
				    : story_seconds(first, step->key_ns);
		story_add_time(p, step->key_ns, out);
		buf_addf(out, " %+10.3f  %-8s  ", offset,
		    p->set->names[step->source]);
		escape_terminal(
		    out, str_sub(step->raw, step->text, step->raw.len));
		buf_add_char(out, '\n');
	}
}

void
story_text(struct story_printer *p, const struct story *s, struct buf *out)
{
	story_head(p, s, out);
	buf_add_char(out, '\n');
	fact(out, "client", s->ip);
	fact(out, "name", s->host);
	fact(out, "helo", s->helo);
	fact(out, "id", s->mid);
	if (s->verdict != MAILLOG_QUEUED)
		fact(out, "rule", s->rule);
	if (s->verdict != MAILLOG_QUEUED)
		fact(out, "reason", s->reason);
	joint(out, "spam scan", s->scan, "", s->scan_score);
	joint(out, "virus scan", s->virus, "",
	    s->virus_name.len > 0 ? s->virus_name : STR("clean"));
	joint(out, "queue", s->queue, "", (struct str)STR_EMPTY);
	fact(out, "queue id", s->queue_id);
	fact(out, "place", s->delivered_to);
	number(out, "qp", s->qp);
	number(out, "msg", s->msg);
	number(out, "bounce of", s->bounce_of);
	if (s->next_try_ns != INT64_MIN) {
		buf_addf(out, "%-10s ", "next try");
		story_add_time(p, s->next_try_ns, out);
		buf_add_char(out, '\n');
	}
	add_doubts(s, out);
	add_steps(p, s, out);
}
