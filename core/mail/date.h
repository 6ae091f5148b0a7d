/* Dates of mail headers (RFC 5322 3.3 and its obsolete forms). */
#ifndef CORE_MAIL_DATE_H
#define CORE_MAIL_DATE_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	MAIL_DATE_SIZE = 80
};

/*
 * Read "Mon, 02 Mar 2020 10:00:00 +0100 (comment)": the day's name, the
 * seconds and the zone may be missing, years may have 2 or 3 digits, zones
 * may be names. False when it cannot be read.
 */
MUST_USE bool mail_date_parse(struct str s, int64_t *unix_s);

/* The same form in local time with a numeric zone; returns 'out'. */
char *mail_date_format(int64_t unix_s, char out[MAIL_DATE_SIZE]);

#endif
