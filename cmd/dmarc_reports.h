/* The two halves of dmarc reports: taking and showing. */
#ifndef CMD_DMARC_REPORTS_H
#define CMD_DMARC_REPORTS_H

#include "cmd/app.h"
#include "core/auth/dmarc_report.h"
#include "core/auth/dmarc_store.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#include <stddef.h>

/* All that one call shows. */
struct dmarc_reports_view {
	struct app *app;
	const char *domain; /* only this one, or NULL */
	struct vec reports; /* struct dmarc_report_shown */
	size_t refused;     /* files without a report in them */
};

struct dmarc_report_shown {
	struct dmarc_report report;
	const char *file; /* NULL: stored here */
	struct dmarc_sending sent;
	struct str rua;
};

/* As tables. */
void dmarc_reports_show(const struct dmarc_reports_view *v);
void dmarc_reports_json(const struct dmarc_reports_view *v);

#endif
