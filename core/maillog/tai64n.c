/*
 * Labels and local dates. The calendar is computed here and only the zone's
 * offset is asked of the C library: 'right/' zones would subtract leap seconds
 * that no writer of labels adds (LG-2).
 */
#include "core/maillog/tai64n.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

enum {
	QUARTER_S = 900,
	HOUR_S = 3600
};

bool
tai64n_parse_digits(struct str text, struct tai64n *out)
{
	return text.len >= TAI64N_SIZE && tai64n_read(text.ptr, out);
}

bool
tai64n_parse(struct str line, struct tai64n *out)
{
	if (line.len > TAI64N_SIZE && line.ptr[TAI64N_SIZE] != ' ' &&
	    line.ptr[TAI64N_SIZE] != '\n')
		return false;
	return tai64n_parse_digits(line, out);
}

char *
tai64n_format(struct tai64n t, char out[TAI64N_SIZE + 1])
{
	snprintf(out, TAI64N_SIZE + 1, "@%016llx%08lx",
	    (unsigned long long)((uint64_t)t.unix_s + TAI64N_EPOCH),
	    (unsigned long)(uint32_t)t.ns);
	return out;
}

int
tai64n_cmp(struct tai64n a, struct tai64n b)
{
	if (a.unix_s != b.unix_s)
		return a.unix_s < b.unix_s ? -1 : 1;
	return a.ns < b.ns ? -1 : a.ns > b.ns;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t
tai64n_utc_seconds(
    int64_t year, int month, int day, int hour, int minute, int second)
{
	/* years from March on, so that the leap day is the last of a year */
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = floor_div(y, 400), in_era = y - era * 400;
	int64_t in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
	int64_t days = era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 +
		       in_year - 719468;
	return days * TAI64N_DAY_S + hour * HOUR_S + minute * 60 + second;
}

struct date {
	int64_t year;
	int month, day;
};

static struct date
date_of_day(int64_t day) /* since 1970-01-01 */
{
	int64_t d = day + 719468; /* since 0000-03-01 */
	int64_t era = floor_div(d, 146097), in_era = d - era * 146097;
	int64_t year =
	    (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
	int month = (int)((5 * in_year + 2) / 153); /* 0 is March */
	struct date out = {
		.year = era * 400 + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = (int)(in_year - (153 * month + 2) / 5 + 1),
	};
	return out;
}

/*
 * Offset of local time at 't'. A zone that knows leap seconds shows a time
 * other than t + offset; then the instant that it shows as 't' is asked.
 */
static bool
zone_offset(int64_t t, int64_t *offset)
{
	struct tm tm;
	for (int round = 0; round < 2; round++) {
		time_t when = (time_t)t;
		if (localtime_r(&when, &tm) == NULL)
			return false;
		int64_t shown = tai64n_utc_seconds((int64_t)tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		    tm.tm_sec);
		int64_t leap = t + tm.tm_gmtoff - shown;
		if (leap == 0 || round == 1)
			break;
		t += leap;
	}
	*offset = tm.tm_gmtoff;
	return true;
}

static void
two_digits(char *out, int64_t v)
{
	out[0] = (char)('0' + v / 10);
	out[1] = (char)('0' + v % 10);
}

/* Describe the stretch around 't': see struct tai64n_zone. */
static bool
zone_fill(struct tai64n_zone *z, int64_t t)
{
	int64_t quarter = floor_div(t, QUARTER_S) * QUARTER_S, first, last;
	z->from = z->until = 0;
	if (!zone_offset(t, &z->offset_s))
		return false;
	int64_t local = t + z->offset_s;
	int64_t hour = floor_div(local, HOUR_S) * HOUR_S - z->offset_s;
	int64_t day = floor_div(local, TAI64N_DAY_S);
	struct date date = date_of_day(day);
	if (date.year < 0 || date.year > INT_MAX)
		return false;
	int64_t in_day = local - day * TAI64N_DAY_S;
	int n = snprintf(z->text, sizeof(z->text), "%lld-%02d-%02d %02d:00:00",
	    (long long)date.year, date.month, date.day, (int)(in_day / HOUR_S));
	z->len = (size_t)n;
	int64_t minutes = (z->offset_s < 0 ? -z->offset_s : z->offset_s) / 60;
	snprintf(z->suffix, sizeof(z->suffix), "%c%02d:%02d",
	    z->offset_s < 0 ? '-' : '+', (int)(minutes / 60) % 100,
	    (int)(minutes % 60));
	/* old zone changes fall on any second: then nothing is kept */
	if (!zone_offset(quarter, &first) ||
	    !zone_offset(quarter + QUARTER_S - 1, &last) ||
	    first != z->offset_s || last != z->offset_s) {
		z->from = t;
		z->until = t + 1;
		return true;
	}
	z->from = quarter > hour ? quarter : hour;
	z->until = quarter + QUARTER_S < hour + HOUR_S ? quarter + QUARTER_S
						       : hour + HOUR_S;
	return true;
}

bool
tai64n_zone_second(struct tai64n_zone *z, int64_t unix_s)
{
	/* no calendar year of int; keeps the sums below from overflowing */
	if (unix_s > INT64_MAX / 64 || unix_s < INT64_MIN / 64)
		return false;
	if ((unix_s < z->from || unix_s >= z->until) && !zone_fill(z, unix_s))
		return false;
	int64_t local = unix_s + z->offset_s;
	int64_t in_hour = local - floor_div(local, HOUR_S) * HOUR_S;
	two_digits(z->text + z->len - 5, in_hour / 60);
	two_digits(z->text + z->len - 2, in_hour % 60);
	return true;
}

size_t
tai64n_time_text(struct tai64n_zone *z, struct tai64n t,
    enum tai64n_style style, char out[TAI64N_TEXT_SIZE])
{
	if (!tai64n_zone_second(z, t.unix_s))
		return 0;
	size_t n = z->len;
	memcpy(out, z->text, n);
	out[n++] = '.';
	tai64n_ns_text((uint32_t)t.ns, out + n);
	n += 9;
	if (style == TAI64N_ISO) {
		out[z->len - 9] = 'T';
		size_t suffix = strlen(z->suffix);
		memcpy(out + n, z->suffix, suffix);
		n += suffix;
	}
	return n;
}
