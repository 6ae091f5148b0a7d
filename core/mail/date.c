/* Dates of mail headers: a tokenizer, and arithmetic without libc's zones. */
#include "core/mail/date.h"

#include <stdio.h>
#include <time.h>

enum {
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
	DATE_LENGTH_MAX = 256 /* a longer one is none */
};

static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat" };

/* Names of RFC 5322 4.3; any other name counts as -0000. */
static const struct {
	const char *name;
	int hours;
} zones[] = {
	{ "EST", -5 },
	{ "EDT", -4 },
	{ "CST", -6 },
	{ "CDT", -5 },
	{ "MST", -7 },
	{ "MDT", -6 },
	{ "PST", -8 },
	{ "PDT", -7 },
};

struct civil {
	int64_t year;
	int month, day; /* from 1 */
	int hour, minute, second;
};

/* Days from 1970-01-01 of a date of the Gregorian calendar. */
static int64_t
civil_days(int64_t year, int month, int day)
{
	/* years begin in March, so that the leap day is the last one */
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;
	int64_t in_year = (153 * m + 2) / 5 + day - 1;
	return y * 365 + y / 4 - y / 100 + y / 400 + in_year - 719468;
}

/* Skip blanks and comments, which may nest. */
static void
skip_blanks(struct str *s)
{
	size_t i = 0;
	int depth = 0;
	for (; i < s->len; i++) {
		char c = s->ptr[i];
		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (c == '\\' && depth > 0)
			i++;
		else if (depth == 0 && !ascii_is_space(c))
			break;
	}
	*s = str_sub(*s, i, s->len);
}

static bool
take_char(struct str *s, char c)
{
	skip_blanks(s);
	if (s->len == 0 || s->ptr[0] != c)
		return false;
	*s = str_sub(*s, 1, s->len);
	return true;
}

/* Digits, at least 'min' and at most 'max' of them; returns their count. */
static size_t
take_number(struct str *s, size_t min, size_t max, int *out)
{
	skip_blanks(s);
	size_t n = 0;
	int v = 0;
	while (n < s->len && ascii_is_digit(s->ptr[n])) {
		if (n == max)
			return 0;
		v = v * 10 + (s->ptr[n] - '0');
		n++;
	}
	if (n < min)
		return 0;
	*out = v;
	*s = str_sub(*s, n, s->len);
	return n;
}

static struct str
take_letters(struct str *s)
{
	skip_blanks(s);
	size_t n = 0;
	while (n < s->len && ascii_is_alpha(s->ptr[n]))
		n++;
	struct str word = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->len);
	return word;
}

static bool
take_month(struct str *s, int *month)
{
	struct str word = take_letters(s);
	for (int i = 0; i < 12; i++) {
		/* "September" and "Sept" are seen */
		if (str_starts_nocase(word, str_of(months[i]))) {
			*month = i + 1;
			return true;
		}
	}
	return false;
}

static bool
take_year(struct str *s, int64_t *year)
{
	int y = 0;
	size_t digits = take_number(s, 2, 4, &y);
	/* RFC 5322 4.3 */
	if (digits == 2)
		y += y < 50 ? 2000 : 1900;
	else if (digits == 3)
		y += 1900;
	*year = y;
	return digits > 0;
}

static bool
take_time(struct str *s, struct civil *c)
{
	c->second = 0;
	if (take_number(s, 1, 2, &c->hour) == 0 || !take_char(s, ':') ||
	    take_number(s, 2, 2, &c->minute) == 0)
		return false;
	if (take_char(s, ':') && take_number(s, 2, 2, &c->second) == 0)
		return false;
	return c->hour < 24 && c->minute < 60 && c->second <= 60;
}

/* Seconds east of Greenwich. */
static bool
take_zone(struct str *s, int *offset)
{
	*offset = 0;
	bool minus = take_char(s, '-');
	if (minus || take_char(s, '+')) {
		int hhmm;
		if (take_number(s, 4, 4, &hhmm) == 0 || hhmm % 100 >= 60)
			return false;
		*offset = hhmm / 100 * HOUR + hhmm % 100 * MINUTE;
		if (minus)
			*offset = -*offset;
		return true;
	}
	struct str word = take_letters(s);
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		if (str_is_nocase(word, zones[i].name))
			*offset = zones[i].hours * HOUR;
	}
	return true;
}

static bool
day_exists(const struct civil *c)
{
	static const int length[12] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool is_leap =
	    c->year % 4 == 0 && (c->year % 100 != 0 || c->year % 400 == 0);
	if (c->day < 1 || c->day > length[c->month - 1])
		return false;
	return c->month != 2 || c->day < 29 || is_leap;
}

bool
mail_date_parse(struct str s, int64_t *unix_s)
{
	struct civil c;
	int offset;
	if (s.len > DATE_LENGTH_MAX)
		return false;
	if (take_letters(&s).len > 0)
		(void)take_char(&s, ',');
	if (take_number(&s, 1, 2, &c.day) == 0 || !take_month(&s, &c.month) ||
	    !take_year(&s, &c.year) || !day_exists(&c) || !take_time(&s, &c) ||
	    !take_zone(&s, &offset))
		return false;
	*unix_s = civil_days(c.year, c.month, c.day) * DAY + c.hour * HOUR +
		  c.minute * MINUTE + c.second - offset;
	return true;
}

char *
mail_date_format(int64_t unix_s, char out[MAIL_DATE_SIZE])
{
	time_t t = (time_t)unix_s;
	struct tm tm = { 0 };
	out[0] = '\0';
	if (localtime_r(&t, &tm) == NULL)
		return out;
	long east = tm.tm_gmtoff / MINUTE;
	long minutes = east < 0 ? -east : east;
	/* names of our own: strftime's depend on the locale */
	snprintf(out, MAIL_DATE_SIZE,
	    "%s, %02d %s %04d %02d:%02d:%02d %c%02ld%02ld",
	    days[(unsigned)tm.tm_wday % 7], tm.tm_mday,
	    months[(unsigned)tm.tm_mon % 12], tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, east < 0 ? '-' : '+', minutes / 60 % 100,
	    minutes % 60);
	return out;
}
