/* Stories of messages as text. */
#include "cmd/story_print_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"
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

/* Letters beyond ASCII have more bytes than columns. */
static void
column(struct buf *out, const char *text, size_t width)
{
	buf_add_cstr(out, text);
	for (size_t n = utf8_columns(str_of(text)); n < width; n++)
		buf_add_char(out, ' ');
}

void
story_head(struct story_printer *p, const struct story *s, struct buf *out)
{
	story_add_time(p, story_first_ns(s), out);
	buf_add_cstr(out, "  ");
	column(out, _(story_end_name(s->end)), 9);
	buf_add_cstr(out, "  ");
	escape_terminal(out, s->sender.len > 0 ? s->sender : s->ip);
	buf_add_cstr(out, " -> ");
	story_add_recipients(s, out);
	if (s->verdict != MAILLOG_QUEUED && s->rule.len > 0) {
		buf_add_cstr(out, "  ");
		escape_terminal(out, s->rule);
	}
}

static void
label(struct buf *out, const char *name)
{
	column(out, name, 10);
	buf_add_char(out, ' ');
}

/* "NAME  VALUE" of what is known. */
static void
fact(struct buf *out, const char *name, struct str value)
{
	if (value.len == 0)
		return;
	label(out, name);
	escape_terminal(out, value);
	buf_add_char(out, '\n');
}

static void
number(struct buf *out, const char *name, uint64_t n)
{
	if (n == 0)
		return;
	label(out, name);
	buf_addf(out, "%llu\n", (unsigned long long)n);
}

static void
joint(struct buf *out, const char *name, enum story_sure sure, struct str text)
{
	if (sure == STORY_NONE)
		return;
	label(out, name);
	buf_add_cstr(out, _(story_sure_name(sure)));
	if (text.len > 0) {
		buf_add_cstr(out, ", ");
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
	{ STORY_SCAN_ABORTED, "scan-aborted",
	    N_("the spam scan began and gave no result") },
};
const size_t story_doubts_count = ARRAY_LEN(story_doubts);

static void
add_doubts(const struct story *s, struct buf *out)
{
	for (size_t i = 0; i < story_doubts_count; i++)
		if ((s->doubts & (unsigned)story_doubts[i].doubt) != 0)
			fact(out, _("note"), str_of(_(story_doubts[i].text)));
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
	fact(out, _("client"), s->ip);
	fact(out, _("name"), s->host);
	fact(out, _("helo"), s->helo);
	fact(out, _("id"), s->mid);
	if (s->verdict != MAILLOG_QUEUED)
		fact(out, _("rule"), s->rule);
	if (s->verdict != MAILLOG_QUEUED)
		fact(out, _("reason"), s->reason);
	joint(out, _("spam scan"), s->scan, s->scan_score);
	joint(out, _("virus scan"), s->virus,
	    s->virus_name.len > 0 ? s->virus_name : str_of(_("clean")));
	joint(out, _("queue"), s->queue, (struct str)STR_EMPTY);
	fact(out, _("queue id"), s->queue_id);
	fact(out, _("place"), s->delivered_to);
	number(out, "qp", s->qp);
	number(out, "msg", s->msg);
	number(out, _("bounce of"), s->bounce_of);
	if (s->next_try_ns != INT64_MIN) {
		label(out, _("next try"));
		story_add_time(p, s->next_try_ns, out);
		buf_add_char(out, '\n');
	}
	add_doubts(s, out);
	add_steps(p, s, out);
}
