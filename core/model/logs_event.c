/* Log events in words, the same for commands and screens. */
#include "core/model/logs.h"

#include "core/maillog/parse.h"

void
log_event_make(const char *service, enum maillog_form form,
    const struct logline *line, struct log_event *out)
{
	static const enum log_verdict verdicts[] = {
		[MAILLOG_NO_VERDICT] = LOG_VERDICT_NONE,
		[MAILLOG_QUEUED] = LOG_QUEUED,
		[MAILLOG_REFUSED] = LOG_REFUSED,
		[MAILLOG_DEFERRED] = LOG_DEFERRED,
	};
	struct maillog_event *ev = &out->parsed;
	const struct stamp *stamp = &line->stamp;
	struct str none = STR_EMPTY;
	/* the pieces after the first have no form */
	maillog_parse_stamped(line->continued ? MAILLOG_FORM_NONE : form,
	    stamp->kind, line->text, ev);
	bool terse =
	    ev->kind == MAILLOG_LOGTERSE || ev->kind == MAILLOG_LOGTERSE_SHORT;
	out->service = service;
	out->unix_s = stamp->time.unix_s;
	out->ns = stamp->kind == STAMP_NONE ? -1 : stamp->time.ns;
	out->raw = line->raw;
	out->label = str_sub(line->raw, 0, stamp->len);
	out->text = line->text;
	out->kind = maillog_kind_name((enum maillog_kind)ev->kind);
	out->verdict = verdicts[ev->verdict];
	out->continued = line->continued;
	out->more = line->more;
	out->pid = ev->pid;
	out->severity = ev->severity;
	out->host = maillog_field(ev, MAILLOG_F_IP);
	out->from = maillog_field(ev, MAILLOG_F_FROM);
	out->to = maillog_field(ev, MAILLOG_F_TO);
	out->client_name = maillog_field(ev, MAILLOG_F_HOST);
	out->helo = maillog_field(ev, MAILLOG_F_HELO);
	out->score = maillog_field(ev, MAILLOG_F_SCORE);
	out->rule = terse ? ev->terse.rule : none;
	out->reason = terse ? ev->terse.reason : none;
	out->code = terse ? ev->terse.code_text : none;
}

const char *
log_state_word(const struct log_event *event)
{
	if (event->verdict != LOG_VERDICT_NONE)
		return log_verdict_word(event->verdict);
	return event->severity >= MAILLOG_WARNING
		   ? maillog_severity_name(
			 (enum maillog_severity)event->severity)
		   : "";
}

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
