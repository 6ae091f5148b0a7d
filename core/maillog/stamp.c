/* Stamps by a table: each form is a pattern of digits and fixed characters. */
#include "core/maillog/stamp.h"

#include <time.h>

enum {
	NS_DIGITS = 9,
	LEAP_YEARS_APART = 8, /* at most */
};

/* Fields of a date as read, and the fraction in nanoseconds. */
struct fields {
	int year, month, day, hour, minute, second;
	int32_t ns;
};

/*
 * Match 'pattern' at the start of 's': Y M D h m s stand for a digit of that
 * field, '?' for '_' or 'T', all else for itself.
 */
static bool
match_date(struct str s, const char *pattern, struct fields *f)
{
	for (size_t i = 0; pattern[i] != '\0'; i++) {
		if (i >= s.len)
			return false;
		char c = s.ptr[i];
		int *field = NULL;
		switch (pattern[i]) {
		case 'Y':
			field = &f->year;
			break;
		case 'M':
			field = &f->month;
			break;
		case 'D':
			field = &f->day;
			break;
		case 'h':
			field = &f->hour;
			break;
		case 'm':
			field = &f->minute;
			break;
		case 's':
			field = &f->second;
			break;
		case '?':
			if (c != '_' && c != 'T')
				return false;
			continue;
		default:
			if (c != pattern[i])
				return false;
			continue;
		}
		if (!ascii_is_digit(c))
			return false;
		*field = *field * 10 + (c - '0');
	}
	return f->hour < 24 && f->minute < 60 && f->second <= 60;
}

/* ".digits" at 'at': their length with the point; 0 when there are none. */
static size_t
match_fraction(struct str s, size_t at, int32_t *ns)
{
	size_t i = at + 1, digits = 0;
	*ns = 0;
	if (at >= s.len || s.ptr[at] != '.')
		return 0;
	while (i < s.len && ascii_is_digit(s.ptr[i])) {
		if (digits < NS_DIGITS)
			*ns = *ns * 10 + (s.ptr[i] - '0');
		digits++;
		i++;
	}
	for (size_t k = digits; k < NS_DIGITS; k++)
		*ns *= 10;
	return digits > 0 ? digits + 1 : 0;
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool
date_is_sound(const struct fields *f)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	return f->month >= 1 && f->month <= 12 && f->day >= 1 &&
	       f->day <= days[f->month - 1] &&
	       (f->month != 2 || f->day < 29 || is_leap(f->year));
}

static int64_t
local_seconds(const struct fields *f)
{
	struct tm tm = { .tm_year = f->year - 1900,
		.tm_mon = f->month - 1,
		.tm_mday = f->day,
		.tm_hour = f->hour,
		.tm_min = f->minute,
		.tm_sec = f->second,
		.tm_isdst = -1 };
	return (int64_t)mktime(&tm);
}

static bool
read_label(struct str line, int64_t now_s, struct stamp *out)
{
	(void)now_s;
	out->kind = STAMP_TAI64N;
	out->len = TAI64N_SIZE;
	return tai64n_parse(line, &out->time);
}

static bool
read_unix(struct str line, int64_t now_s, struct stamp *out)
{
	(void)now_s;
	size_t i = 0;
	int64_t s = 0;
	while (i < line.len && i < 11 && ascii_is_digit(line.ptr[i]))
		s = s * 10 + (line.ptr[i++] - '0');
	size_t fraction = match_fraction(line, i, &out->time.ns);
	if (i < 9 || fraction != 7) /* six digits, as splogger's kin write */
		return false;
	out->kind = STAMP_UNIX;
	out->time.unix_s = s;
	out->len = i + fraction;
	return true;
}

static bool
read_date(struct str line, const char *pattern, bool utc, struct stamp *out)
{
	struct fields f = { 0 };
	if (!match_date(line, pattern, &f) || !date_is_sound(&f))
		return false;
	out->len = strlen(pattern);
	out->len += match_fraction(line, out->len, &f.ns);
	out->kind = utc ? STAMP_UTC : STAMP_LOCAL;
	out->time.unix_s = utc ? tai64n_utc_seconds(f.year, f.month, f.day,
				     f.hour, f.minute, f.second)
			       : local_seconds(&f);
	out->time.ns = f.ns;
	return true;
}

static bool
read_local(struct str line, int64_t now_s, struct stamp *out)
{
	(void)now_s;
	return read_date(line, "YYYY-MM-DD hh:mm:ss", false, out);
}

static bool
read_utc(struct str line, int64_t now_s, struct stamp *out)
{
	(void)now_s;
	return read_date(line, "YYYY-MM-DD?hh:mm:ss", true, out);
}

/* Number of the month whose English name begins 's', or 0. */
static int
month_of(struct str s)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	for (int i = 0; i < 12; i++)
		if (s.len >= 3 &&
		    memcmp(names + (ptrdiff_t)i * 3, s.ptr, 3) == 0)
			return i + 1;
	return 0;
}

static bool
read_syslog(struct str line, int64_t now_s, struct stamp *out)
{
	struct fields f = { 0 };
	struct tm now;
	time_t tomorrow = (time_t)(now_s + TAI64N_DAY_S);
	int month = month_of(line);
	if (month == 0 || line.len < 15 || line.ptr[3] != ' ')
		return false;
	/* the day is padded with a space */
	if (!match_date(str_sub(line, 4, line.len),
		line.ptr[4] == ' ' ? " D hh:mm:ss" : "DD hh:mm:ss", &f) ||
	    localtime_r(&tomorrow, &now) == NULL)
		return false;
	f.month = month;
	f.year = now.tm_year + 1900;
	for (int i = 0; i <= LEAP_YEARS_APART; i++, f.year--) {
		out->time.unix_s =
		    date_is_sound(&f) ? local_seconds(&f) : INT64_MAX;
		if (out->time.unix_s > (int64_t)tomorrow)
			continue;
		out->kind = STAMP_SYSLOG;
		out->len = 15;
		return true;
	}
	return false;
}

struct stamp
stamp_parse(struct str line, int64_t now_s)
{
	static bool (*const readers[])(struct str, int64_t, struct stamp *) = {
		read_label,
		read_utc,
		read_local,
		read_unix,
		read_syslog,
	};
	struct stamp none = { .kind = STAMP_NONE };
	for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
		struct stamp s = none;
		if (!readers[i](line, now_s, &s))
			continue;
		if (s.len < line.len && line.ptr[s.len] != ' ')
			return none;
		s.text = s.len < line.len ? s.len + 1 : s.len;
		return s;
	}
	return none;
}
