/*
 * TAI64N labels: '@' and 24 lower-case hexadecimal digits at the start of a
 * log line, and local time without a leap-second table (rules LG-1 to LG-5).
 */
#ifndef CORE_MAILLOG_TAI64N_H
#define CORE_MAILLOG_TAI64N_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	TAI64N_SIZE = 25,      /* '@' and the digits */
	TAI64N_TEXT_SIZE = 64, /* room for any form of tai64n_time_text */
	TAI64N_DAY_S = 86400,
};

struct tai64n {
	int64_t unix_s;
	int32_t ns;
};

/*
 * The label at the start of 'line': 24 digits, then a space or the end
 * (LG-1). False leaves *out alone.
 */
bool tai64n_parse(struct str line, struct tai64n *out);
/* As tai64n_parse, whatever follows the 25 characters: names of old files. */
bool tai64n_parse_digits(struct str text, struct tai64n *out);
/* Unix time of the 64-bit number of a label; false when it is reserved. */
bool tai64n_label_second(uint64_t s, int64_t *unix_s);
/* Write the label of a time, terminated; returns 'out' (LG-4). */
char *tai64n_format(struct tai64n t, char out[TAI64N_SIZE + 1]);
/* <0, 0, >0 in time order. */
int tai64n_cmp(struct tai64n a, struct tai64n b);

enum tai64n_style {
	TAI64N_LOCAL, /* 2026-03-17 14:02:11.123456789, as tai64nlocal */
	TAI64N_ISO,   /* 2026-03-17T14:02:11.123456789+01:00 */
};

/*
 * Local dates, computed once for each stretch of time in which zone offset,
 * date and hour stay the same (a quarter of an hour at most). One per thread;
 * set to zeros before use. The zone is that of TZ when the stretch was met.
 */
struct tai64n_zone {
	int64_t from, until; /* [from, until) is described below; empty first */
	int64_t offset_s;    /* of local time from UTC */
	char text[TAI64N_TEXT_SIZE]; /* "2026-03-17 14:02:11" of the last one */
	size_t len;                  /* of text */
	char suffix[8];              /* "+01:00" */
};

/*
 * The second as "YYYY-MM-DD HH:MM:SS" in z->text, z->len bytes; the year is
 * not padded. False when the calendar has no year from 0 to 2^31 - 1 for it.
 */
bool tai64n_zone_second(struct tai64n_zone *z, int64_t unix_s);
/* The whole time in 'style' into 'out', not terminated; length, 0 if none. */
size_t tai64n_time_text(struct tai64n_zone *z, struct tai64n t,
    enum tai64n_style style, char out[TAI64N_TEXT_SIZE]);
/* The nine digits of nanoseconds, below 10^9. Here for the inner loop. */
static inline void
tai64n_ns_text(uint32_t ns, char out[9])
{
	static const char pairs[] = "00010203040506070809"
				    "10111213141516171819"
				    "20212223242526272829"
				    "30313233343536373839"
				    "40414243444546474849"
				    "50515253545556575859"
				    "60616263646566676869"
				    "70717273747576777879"
				    "80818283848586878889"
				    "90919293949596979899";
	uint32_t high = ns / 10000, low = ns % 10000; /* 5 and 4 digits */
	uint32_t middle = high % 10000;
	out[0] = (char)('0' + high / 10000);
	memcpy(out + 1, pairs + (size_t)(middle / 100) * 2, 2);
	memcpy(out + 3, pairs + (size_t)(middle % 100) * 2, 2);
	memcpy(out + 5, pairs + (size_t)(low / 100) * 2, 2);
	memcpy(out + 7, pairs + (size_t)(low % 100) * 2, 2);
}

/*
 * Seconds since 1970 of a date in UTC (proleptic Gregorian); the fields must
 * be in their ranges.
 */
int64_t tai64n_utc_seconds(
    int64_t year, int month, int day, int hour, int minute, int second);

#endif
