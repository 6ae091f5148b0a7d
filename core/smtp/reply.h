/*
 * Replies (FL-20) and what a verdict means to the peer in each phase (the
 * table of FL-2).
 */
#ifndef CORE_SMTP_REPLY_H
#define CORE_SMTP_REPLY_H

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/smtp/phase.h"

#include <stdbool.h>

/* What follows a reply. */
enum smtp_after {
	SMTP_AFTER_NOTHING,
	SMTP_AFTER_RESET, /* the transaction is forgotten */
	SMTP_AFTER_CLOSE,
};

struct smtp_outcome {
	int code; /* 0: not honoured, as if nothing was decided */
	enum smtp_after after;
};

/* For the four denials; anything else is not honoured. */
struct smtp_outcome smtp_outcome_of(
    enum filter_hook hook, enum filter_result result);

/* Printable ASCII and the tab (RFC 5321 4.2). */
bool smtp_reply_may_hold(char c);

/*
 * Append a reply: each line of 'text' (parted by LF) with the code, the
 * enhanced status in front of it unless 'status' is NULL or the text begins
 * with one. Bytes that it may not hold become '?', long lines are cut.
 * All or nothing is appended; false when 'out' is full.
 */
bool smtp_reply(struct buf *out, int code, const char *status, struct str text);

/*
 * The enhanced status (RFC 3463) for a denial: the one the text ends with in
 * the old form "(#5.7.1)" if its class fits the code, else 'otherwise' with
 * its class made to fit. Written to 'out'.
 */
enum {
	SMTP_STATUS_SIZE = 12
};
const char *smtp_status_of(int code, struct str text, const char *otherwise,
    char out[SMTP_STATUS_SIZE]);

#endif
