/*
 * Log lines as typed events, by one parser for each service. All parts are
 * views into the text of the line; a line that fits no form of its service is
 * MAILLOG_OTHER and loses nothing (LG-25).
 */
#ifndef CORE_MAILLOG_PARSE_H
#define CORE_MAILLOG_PARSE_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum maillog_kind {
	MAILLOG_OTHER,
	MAILLOG_CORE,           /* qpsmtpd itself */
	MAILLOG_PLUGIN,         /* one of its plugins */
	MAILLOG_LOGTERSE,       /* the verdict line (LG-30) */
	MAILLOG_LOGTERSE_SHORT, /* with fewer than eight fields */
};
/* "logterse"; the words of JSON. */
const char *maillog_kind_name(enum maillog_kind kind);

enum maillog_verdict {
	MAILLOG_NO_VERDICT,
	MAILLOG_QUEUED, /* every check passed (LG-31) */
	MAILLOG_REFUSED,
	MAILLOG_DEFERRED, /* refused for now */
};

struct maillog_event {
	enum maillog_kind kind;
	enum maillog_verdict verdict;
	struct str pid;    /* of the connection */
	struct str hook;   /* "rcpt", without parentheses */
	struct str plugin; /* as written */
	struct str text;   /* what the plugin or program says */
	/* of verdict lines; empty where not known yet */
	size_t n_fields;
	struct str ip;   /* of the client, without port */
	struct str host; /* its name, "Unknown" */
	struct str helo;
	struct str sender;     /* without brackets, but "<>" */
	struct str recipients; /* "<a@b>,<c@d>": maillog_recipient_next */
	struct str rule;       /* plugin that decided, "queued" */
	struct str code;       /* "901" */
	struct str reason;     /* told to the client; or the Message-ID */
	struct str extra;
	struct str score; /* "13.1", of the spam status (LG-32) */
};

/* Parse the text of a line (behind its stamp) of a service. */
void maillog_parse(
    const char *service, struct str text, struct maillog_event *out);
/* The next address of a recipient field, without brackets. */
bool maillog_recipient_next(struct str *recipients, struct str *address);

#endif
