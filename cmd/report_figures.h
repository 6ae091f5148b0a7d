/* Numbers and tables of the mail report in JSON; private to its command. */
#ifndef CMD_REPORT_FIGURES_H
#define CMD_REPORT_FIGURES_H

#include "core/base/json.h"
#include "core/base/tally.h"
#include "core/model/report.h"

enum {
	FIGURE_DECIMALS = 6
};

void figure_number(struct json *j, const char *key, uint64_t n);
/* Thousandths, as a decimal. */
void figure_milli(struct json *j, const char *key, int64_t n);
/* An object of the first counts, by name. */
void figure_counts(struct json *j, const char *key, const struct tally *t);
/* An object of objects with the first 'n' counts, called 'names', each. */
void figure_table(struct json *j, const char *key, const struct tally *t,
    const char *const *names, size_t n);

/* The parts of the report; each writes keys of the object it is in. */
void report_json_smtp(struct json *j, const struct stats_qpsmtpd *q);
void report_json_leagues(
    struct json *j, const struct report *r, struct arena *a);
void report_json_services(struct json *j, const struct stats *s);

#endif
