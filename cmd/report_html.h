/* The parts of the report's page; private to its command. */
#ifndef CMD_REPORT_HTML_H
#define CMD_REPORT_HTML_H

#include "cmd/app.h"
#include "core/base/buf.h"
#include "core/model/report.h"

/* Escaped. */
void html_text(struct buf *out, const char *s);
/* "2026-03-17 14:02", local. */
void html_moment(struct buf *out, int64_t unix_s);

/* Stacked bars, one an hour. */
void html_chart(const struct report *r, struct buf *out);
/* Every table of the report; long ones are folded. */
void html_tables(struct app *app, const struct report *r, struct buf *out);
/* Its head, and what the services say. */
void html_services(struct app *app, const struct report *r, struct buf *out);

#endif
