/* Private to when. */
#ifndef CORE_MAILLOG_WHEN_INT_H
#define CORE_MAILLOG_WHEN_INT_H

#include "core/maillog/tai64n.h"
#include "core/maillog/when.h"

/* A time that was given, and how exactly. */
struct when {
	int64_t unix_s;
	int32_t ns;
	int64_t exact_ns; /* the second, minute, day; 0: a distance or "now" */
};

enum {
	WHEN_DAY_S = TAI64N_DAY_S,
};

/* Local midnight of the day 'days' before that of 'now', plus seconds. */
int64_t when_day_at(int64_t now_s, int days, int hour, int minute, int second);
/*
 * "9:05", "14:08:06", "14h05" and their bounds; *exact_ns a second or a
 * minute.
 */
bool when_clock(
    struct str s, int *hour, int *minute, int *second, int64_t *exact_ns);
/*
 * Days before today of "today", "hier", or of the last "monday", "lundi",
 * "mon"; false for other words.
 */
bool when_day_word(struct str s, int64_t now_s, int *days, bool *is_weekday);
/*
 * A day in words, a clock or both, in any order: "yesterday 14:05", "today at
 * 9:05", "17 Mar 2026 14:08:06" as the lists show it, "Tue, 17 Mar 2026
 * 14:08:06 +0100" as mail does, "17.03.2026 14:08"; months in English and
 * French. A day without a year is the newest that is not beyond tomorrow.
 */
bool when_words(struct str s, int64_t now_s, struct when *out);

#endif
