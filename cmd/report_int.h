/* The shapes of the mail report; private to its command. */
#ifndef CMD_REPORT_INT_H
#define CMD_REPORT_INT_H

#include "cmd/app.h"
#include "core/base/buf.h"
#include "core/model/report.h"

/* smemail.report/1: the keys of LG-67, and each service's own figures. */
void report_json(struct app *app, const struct report *r, const char *schema);
/* Tables for people, on the program's output. */
void report_text(struct app *app, const struct report *r);
/* A page that needs nothing but itself; false when memory is out. */
MUST_USE bool report_html(
    struct app *app, const struct report *r, struct buf *out);

/* Can mail be sent to it? A name without a domain can: it is of this server. */
MUST_USE bool report_mail_check(const char *to, struct err *e);

/*
 * Send it as the mailstats settings say (text, page or both) to 'to' (NULL:
 * whom they name), through the listener of the root on loopback.
 */
MUST_USE bool report_mail(
    struct app *app, const struct report *r, const char *to, struct err *e);

#endif
