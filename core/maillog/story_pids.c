/* Which lines matter to the stories of some connections. */
#include "core/maillog/parse_int.h"
#include "core/maillog/story.h"

/* Of a line of qpsmtpd, whose number it begins with; 's' is then behind it. */
static bool
take_pid(struct scan *s, uint32_t *pid)
{
	return scan_u32(s, pid) && TAKE(s, " ");
}

void
story_pids_add_line(
    struct story_pids *p, enum maillog_form form, struct str text)
{
	struct scan s = scan_of(text);
	uint32_t pid;
	if (form == MAILLOG_FORM_QPSMTPD && take_pid(&s, &pid))
		story_pids_add(p, pid);
}

/* A plugin's line: a verdict, or a number of the queue; 's' is at its text. */
static bool
is_of_queue(struct str name, struct scan s)
{
	return str_starts(name, STR("logging::logterse")) || AT(&s, "(for ");
}

/* "(HOOK) PLUGIN: TEXT" */
static bool
new_form_counts(struct scan s)
{
	bool found;
	(void)scan_until(&s, ')', &found);
	if (!TAKE(&s, " "))
		return false;
	struct str name = scan_until(&s, ' ', &found);
	return is_of_queue(name, s);
}

/* "PLUGIN plugin (HOOK): TEXT" and "PLUGIN plugin: TEXT" */
static bool
old_form_counts(struct scan s)
{
	bool found;
	struct str name = scan_until(&s, ' ', &found);
	if (!TAKE(&s, "plugin"))
		return false;
	(void)scan_until(&s, ':', &found);
	(void)TAKE(&s, " ");
	return is_of_queue(name, s);
}

static bool
is_reply_that_counts(struct scan s)
{
	if (*s.p != '2')
		return *s.p == '4' || *s.p == '5';
	return TAKE(&s, "250 ") && (AT(&s, "Q") || AT(&s, "2") || AT(&s, "O"));
}

/* Of a connection of no interest; 's' is behind its number. */
static bool
is_joint(struct scan s)
{
	switch (*s.p) {
	case 's': /* spooling */
	case 'c': /* click, cleaning up */
		return true;
	case 'C':
		return AT(&s, "Connection from ");
	case '2':
	case '4':
	case '5':
		return is_reply_that_counts(s);
	case '(':
		return new_form_counts(s);
	case 'd': /* dispatching */
		return false;
	default:
		return old_form_counts(s);
	}
}

bool
story_pids_need(
    const struct story_pids *p, enum maillog_form form, struct str text)
{
	struct scan s = scan_of(text);
	uint32_t pid;
	if (form == MAILLOG_FORM_DOVECOT) {
		/* what was put into a mailbox */
		(void)TAKE(&s, "dovecot: ");
		return AT(&s, "lda") || AT(&s, "lmtp");
	}
	if (form != MAILLOG_FORM_QPSMTPD || !take_pid(&s, &pid))
		return true;
	return story_pids_has(p, pid) || (s.p < s.end && is_joint(s));
}
