/* Private to the mail report. */
#ifndef CORE_MODEL_REPORT_INT_H
#define CORE_MODEL_REPORT_INT_H

#include "core/db/db.h"
#include "core/model/report.h"

/* Domains, levels and choices of the server's databases. */
MUST_USE bool report_config(
    const struct model_ctx *m, struct report *r, struct err *e);
/* Interval and Base of the mailstats record. */
MUST_USE bool report_config_period(
    const struct model_ctx *m, int64_t *from_s, int64_t *to_s, struct err *e);
/* Count what lies in the junk folders. */
void report_count_junk(const struct model_ctx *m, struct report *r);

#endif
