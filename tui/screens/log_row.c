/* Rows of the log screen. */
#include "tui/screens/log_int.h"

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/escape.h"

#include <stdlib.h>
#include <string.h>

enum {
	ROW_MAX = 128 * 1024,
	PART_MAX = 4 * 1024, /* of one text: longer ones are cut */
};

/* Append a text, escaped (it may hold NULs), and its own NUL; returns where it
 * begins. */
static size_t
part(struct buf *out, struct str text)
{
	size_t at = out->len;
	escape_terminal(out, str_sub(text, 0, PART_MAX));
	buf_add_char(out, '\0');
	return at;
}

/* "x@mailer.test -> anna@example.com . spam 18.4", or the text */
static void
line_of(const struct log_event *ev, struct str why, const char *separator,
    struct buf *out)
{
	log_event_route(ev, out);
	if (out->len == 0)
		buf_add_str(out, ev->text);
	else if (why.len > 0)
		buf_addf(out, " %s %.*s", separator, STR_ARG(why));
}

/* Whom it was for, else where it came from. */
static struct str
who_of(const struct log_event *ev)
{
	struct str rest = ev->to, one;
	if (log_recipient_next(&rest, &one))
		return one;
	return ev->host;
}

/* The number that leads to the message the line is about. */
static void
story_of(struct log_row *row, const struct log_event *ev)
{
	const struct maillog_event *p = &ev->parsed;
	const struct {
		enum why_what why;
		uint64_t number;
	} ways[] = {
		{ WHY_PID, maillog_connection(p) },
		{ WHY_MESSAGE, maillog_msg(p) },
		{ WHY_DELIVERY, maillog_delivery(p) },
		{ WHY_SCAN, p->kind >= MAILLOG_SPAMD_CONNECTION &&
				    p->kind <= MAILLOG_SPAMD_RESULT
				? p->pid
				: 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(ways) && row->number == 0; i++) {
		row->why = ways[i].why;
		row->number = ways[i].number;
	}
}

bool
log_row_make(
    struct log_row *row, const struct log_event *ev, const char *separator)
{
	struct buf block = BUF_INIT(ROW_MAX), line = BUF_INIT(ROW_MAX);
	struct buf why = BUF_INIT(ROW_MAX);
	size_t at[6];
	if (ev->verdict != LOG_VERDICT_NONE)
		log_event_reason(ev, &why);
	line_of(ev, buf_str(&why), separator, &line);
	at[0] = part(&block, str_of(ev->service));
	at[1] = part(&block, buf_str(&line));
	at[2] = part(&block, who_of(ev));
	at[3] = part(&block, buf_str(&why));
	at[4] = part(&block, ev->text);
	at[5] = part(&block, ev->raw);
	bool ok = !block.failed;
	memset(row, 0, sizeof(*row));
	if (ok) {
		row->unix_s = ev->unix_s;
		row->timed = ev->ns >= 0;
		row->verdict = ev->verdict;
		row->state = log_state_word(ev);
		if (row->timed)
			log_clock(row->unix_s, true, row->clock);
		row->problem = ev->verdict == LOG_REFUSED ||
			       ev->verdict == LOG_DEFERRED ||
			       ev->severity >= MAILLOG_WARNING;
		story_of(row, ev);
		row->service = block.data + at[0];
		row->line = block.data + at[1];
		row->who = block.data + at[2];
		row->reason = block.data + at[3];
		row->text = block.data + at[4];
		row->raw = block.data + at[5];
	} else {
		buf_clear(&block);
	}
	buf_clear(&line);
	buf_clear(&why);
	return ok;
}

void
log_row_clear(struct log_row *row)
{
	free(row->service);
	memset(row, 0, sizeof(*row));
}

struct str
log_row_line(const struct log_row *row, bool raw)
{
	return str_of(raw ? row->raw : row->line);
}
