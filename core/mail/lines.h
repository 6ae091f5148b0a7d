/* Line ends of messages: CRLF outside, LF inside (FL-27). */
#ifndef CORE_MAIL_LINES_H
#define CORE_MAIL_LINES_H

#include "core/base/buf.h"

/* CRLF becomes LF, in place; a CR that stands alone is data and stays. */
void mail_lines_to_lf(struct buf *text);

#endif
