/* A day and a clock in words, as people and mail write them. */
#include "core/maillog/when_int.h"

#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/mail/date.h"

#include <stdio.h>
#include <time.h>

enum {
	TEXT_MAX = 64,
	YEAR_MIN = 1970,
	YEAR_MAX = 9999,
};

/* The parts as they come; each may come once. */
struct parts {
	int64_t now_s;
	int days; /* before today; -1: no such word */
	int month, mday, year;
	int hour, minute, second;
	int64_t exact_ns; /* of the clock; 0: none */
	struct str zone;  /* "+0100", "UTC"; empty: local */
	bool is_weekday;  /* 'days' is that of a weekday */
};

static const char *const month_names[12] = { "Jan", "Feb", "Mar", "Apr", "May",
	"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* Any beginning of three letters or more will do, with a dot or not. */
static const struct {
	const char *name;
	int month;
} months[] = {
	{ "january", 1 },
	{ "janvier", 1 },
	{ "february", 2 },
	{ "f\xc3\xa9vrier", 2 },
	{ "march", 3 },
	{ "mars", 3 },
	{ "april", 4 },
	{ "avril", 4 },
	{ "may", 5 },
	{ "mai", 5 },
	{ "june", 6 },
	{ "juin", 6 },
	{ "july", 7 },
	{ "juillet", 7 },
	{ "august", 8 },
	{ "ao\xc3\xbbt", 8 },
	{ "september", 9 },
	{ "septembre", 9 },
	{ "october", 10 },
	{ "octobre", 10 },
	{ "november", 11 },
	{ "novembre", 11 },
	{ "december", 12 },
	{ "d\xc3\xa9"
	  "cembre",
	    12 },
};

static bool
take_month(struct parts *p, struct str word)
{
	enum {
		SHORTEST = 3
	};
	if (str_ends(word, STR(".")))
		word.len--;
	if (p->month != 0 || word.len < SHORTEST)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(months); i++)
		if (str_starts_nocase(str_of(months[i].name), word)) {
			p->month = months[i].month;
			return true;
		}
	return false;
}

static bool
take_number(struct parts *p, struct str word)
{
	int64_t n;
	if (!num_parse_i64(word, 1, YEAR_MAX, &n))
		return false;
	if (word.len <= 2 && n <= 31 && p->mday == 0)
		p->mday = (int)n;
	else if (n >= YEAR_MIN && p->year == 0)
		p->year = (int)n;
	else
		return false;
	return true;
}

/* "2026-03-17", "17.3.2026" */
static bool
take_date(struct parts *p, struct str word)
{
	struct str rest = word;
	bool iso = word.len == 10 && word.ptr[4] == '-' && word.ptr[7] == '-';
	char sep = iso ? '-' : '.';
	struct str first = str_cut(rest, sep, &rest);
	struct str middle = str_cut(rest, sep, &rest);
	int64_t day, month, year;
	if (p->mday != 0 || p->month != 0 || p->year != 0 ||
	    !num_parse_i64(iso ? rest : first, 1, 31, &day) ||
	    !num_parse_i64(middle, 1, 12, &month) ||
	    !num_parse_i64(iso ? first : rest, YEAR_MIN, YEAR_MAX, &year))
		return false;
	p->mday = (int)day;
	p->month = (int)month;
	p->year = (int)year;
	return true;
}

/* "yesterday", or the day of the week, which says nothing new of a date. */
static bool
take_day(struct parts *p, struct str word)
{
	return p->days < 0 &&
	       when_day_word(word, p->now_s, &p->days, &p->is_weekday);
}

static bool
take_clock(struct parts *p, struct str word)
{
	return p->exact_ns == 0 &&
	       when_clock(word, &p->hour, &p->minute, &p->second, &p->exact_ns);
}

/* "2:08 pm" */
static bool
take_half(struct parts *p, struct str word)
{
	bool pm = str_is_nocase(word, "pm");
	if ((!pm && !str_is_nocase(word, "am")) || p->exact_ns == 0 ||
	    p->hour < 1 || p->hour > 12)
		return false;
	p->hour = p->hour % 12 + (pm ? 12 : 0);
	return true;
}

static bool
take_zone(struct parts *p, struct str word)
{
	bool name = str_is_nocase(word, "utc") || str_is_nocase(word, "gmt") ||
		    str_is_nocase(word, "z");
	int64_t digits;
	if (p->zone.len > 0 || p->exact_ns == 0)
		return false;
	if (!name &&
	    (word.len != 5 || (word.ptr[0] != '+' && word.ptr[0] != '-') ||
		!num_parse_i64(str_sub(word, 1, 5), 0, 2359, &digits)))
		return false;
	p->zone = name ? STR("+0000") : word;
	return true;
}

static bool
is_filler(struct str word)
{
	return str_is_nocase(word, "at") || str_is_nocase(word, "on") ||
	       str_is(word, "\xc3\xa0") || str_is_nocase(word, "le");
}

static bool
take_word(struct parts *p, struct str word)
{
	return is_filler(word) || take_clock(p, word) || take_zone(p, word) ||
	       take_half(p, word) || take_number(p, word) ||
	       take_date(p, word) || take_day(p, word) || take_month(p, word);
}

/* By a zone of its own, as mail writes it. */
static bool
in_zone(const struct parts *p, int64_t *unix_s)
{
	char text[TEXT_MAX];
	int n = snprintf(text, sizeof(text), "%d %s %d %02d:%02d:%02d %.*s",
	    p->mday, month_names[p->month - 1], p->year, p->hour, p->minute,
	    p->second, STR_ARG(p->zone));
	return n > 0 && (size_t)n < sizeof(text) &&
	       mail_date_parse(str_n(text, (size_t)n), unix_s);
}

static int64_t
in_year(const struct parts *p, int year)
{
	struct tm tm = { .tm_year = year - 1900,
		.tm_mon = p->month - 1,
		.tm_mday = p->mday,
		.tm_hour = p->hour,
		.tm_min = p->minute,
		.tm_sec = p->second,
		.tm_isdst = -1 };
	int64_t at = (int64_t)mktime(&tm);
	/* 31 June, and an hour that summer time leaves out */
	return tm.tm_mday == p->mday ? at : INT64_MIN;
}

/* Without a year: the newest that is not beyond tomorrow (LG-8). */
static bool
by_date(const struct parts *p, int64_t *unix_s)
{
	time_t now = (time_t)p->now_s;
	struct tm tm;
	if (p->month == 0 || p->mday == 0 || (p->days >= 0 && !p->is_weekday))
		return false;
	if (p->zone.len > 0)
		return p->year != 0 && in_zone(p, unix_s);
	if (p->year == 0 && localtime_r(&now, &tm) == NULL)
		return false;
	int year = p->year != 0 ? p->year : tm.tm_year + 1900;
	*unix_s = in_year(p, year);
	/* the 29th of February is not in every year */
	for (int back = 0;
	     p->year == 0 && back < 8 &&
	     (*unix_s == INT64_MIN || *unix_s > p->now_s + WHEN_DAY_S);
	     back++)
		*unix_s = in_year(p, --year);
	return *unix_s != INT64_MIN;
}

/* "yesterday 14:05"; a weekday that is today is a week ago before its time. */
static bool
by_day(const struct parts *p, int64_t *unix_s)
{
	int days = p->days >= 0 ? p->days : 0;
	if (p->month != 0 || p->mday != 0 || p->year != 0 || p->zone.len > 0)
		return false;
	*unix_s = when_day_at(p->now_s, days, p->hour, p->minute, p->second);
	if (*unix_s > p->now_s && (p->days < 0 || p->is_weekday))
		*unix_s = when_day_at(p->now_s, p->days < 0 ? 1 : days + 7,
		    p->hour, p->minute, p->second);
	return true;
}

bool
when_words(struct str s, int64_t now_s, struct when *out)
{
	struct parts p = { .now_s = now_s, .days = -1 };
	struct str rest = s, word;
	if (s.len > TEXT_MAX)
		return false;
	while (str_next_word(&rest, &word)) {
		if (str_ends(word, STR(",")))
			word.len--;
		if (!take_word(&p, word))
			return false;
	}
	if (p.exact_ns == 0 && p.days < 0 && p.month == 0)
		return false;
	out->ns = 0;
	out->exact_ns =
	    p.exact_ns != 0 ? p.exact_ns : (int64_t)WHEN_DAY_S * NS_PER_S;
	/* a lone day of the week is a word like any other */
	if (p.exact_ns == 0 && p.is_weekday && p.mday == 0)
		out->exact_ns = 0;
	return by_date(&p, &out->unix_s) || by_day(&p, &out->unix_s);
}
