/* Log events in words, the same for commands and screens. */
#include "core/model/logs.h"

#include "core/maillog/parse.h"

const char *
log_verdict_word(enum log_verdict verdict)
{
	static const char *const words[] = {
		[LOG_VERDICT_NONE] = "",
		[LOG_QUEUED] = "queued",
		[LOG_REFUSED] = "refused",
		[LOG_DEFERRED] = "deferred",
	};
	return words[verdict];
}

bool
log_recipient_next(struct str *to, struct str *address)
{
	return maillog_recipient_next(to, address);
}

bool
log_event_route(const struct log_event *event, struct buf *out)
{
	struct str rest = event->to, one;
	bool first = true;
	if (event->verdict == LOG_VERDICT_NONE)
		return !out->failed;
	buf_add_str(out, event->from.len > 0 ? event->from : event->host);
	buf_add_cstr(out, " -> ");
	while (log_recipient_next(&rest, &one)) {
		if (!first)
			buf_add_cstr(out, ", ");
		buf_add_str(out, one);
		first = false;
	}
	if (first)
		buf_add_char(out, '-');
	return !out->failed;
}

bool
log_event_reason(const struct log_event *event, struct buf *out)
{
	if (event->verdict == LOG_VERDICT_NONE)
		return buf_add_str(out, event->text);
	if (event->verdict != LOG_QUEUED) {
		buf_add_str(out, event->rule);
		if (event->reason.len > 0)
			buf_add_char(out, ' ');
	}
	buf_add_str(out, event->reason);
	if (event->score.len > 0) {
		buf_add_cstr(
		    out, event->reason.len > 0 ? ", score " : "score ");
		buf_add_str(out, event->score);
	}
	return !out->failed;
}
