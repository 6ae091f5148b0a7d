/*
 * A report of failure (RFC 3462, RFC 3464): what its sender is told of a
 * message that some recipients have and others will never get.
 */
#ifndef CORE_QUEUE_REPORT_H
#define CORE_QUEUE_REPORT_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/mail/path.h"

#include <stddef.h>
#include <stdint.h>

enum {
	QUEUE_REPORT_HEAD_MAX = 64 * 1024 /* of the message that failed */
};

struct queue_failure {
	struct mail_path rcpt;
	struct str host; /* that refused it; empty: our own words */
	struct str text; /* its words: "550 5.1.1 gone", printable ASCII */
};

struct queue_report {
	struct str me;
	const struct mail_path *to;
	const struct queue_failure *failures;
	size_t n;
	struct str head; /* of the message, LF line ends; its text stays here */
	int64_t now_s;
	uint64_t token; /* unpredictable: in the Message-Id and between parts */
};

/*
 * Append its header with the empty line, and its text; LF line ends, no line
 * with bytes of a peer but those of the header, which came through our own
 * checks. False: no memory, or too long for the buffers.
 */
MUST_USE bool queue_report_format(
    const struct queue_report *r, struct buf *head, struct buf *body);

#endif
