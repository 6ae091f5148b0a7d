/* Private to the parsers: each fills an event from the text of a line. */
#ifndef CORE_MAILLOG_PARSE_INT_H
#define CORE_MAILLOG_PARSE_INT_H

#include "core/maillog/parse.h"

/* '*out' is empty but for kind MAILLOG_OTHER and the whole text. */
typedef void maillog_parser(struct str text, struct maillog_event *out);

maillog_parser parse_qpsmtpd;

#endif
