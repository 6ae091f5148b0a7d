/* Times from the command line. */
#include "core/maillog/when_int.h"

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/maillog/stamp.h"

#include <time.h>

enum {
	TEXT_MAX = 64,
	DAY_S = WHEN_DAY_S,
	NUMBER_MAX = 1000000,
};

int64_t
when_day_at(int64_t now_s, int days, int hour, int minute, int second)
{
	time_t now = (time_t)now_s;
	struct tm tm;
	localtime_r(&now, &tm);
	tm.tm_mday -= days;
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = second;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

static const struct {
	const char *word;
	int days;
} day_words[] = {
	{ "today", 0 },
	{ "yesterday", 1 },
	{ "aujourd'hui", 0 },
	{ "aujourd\xe2\x80\x99hui", 0 },
	{ "hier", 1 },
};

static const struct {
	const char *word;
	int hour;
} hour_words[] = {
	{ "midnight", 0 },
	{ "noon", 12 },
	{ "minuit", 0 },
	{ "midi", 12 },
};

static const char *const weekdays[][2] = {
	{ "sunday", "dimanche" },
	{ "monday", "lundi" },
	{ "tuesday", "mardi" },
	{ "wednesday", "mercredi" },
	{ "thursday", "jeudi" },
	{ "friday", "vendredi" },
	{ "saturday", "samedi" },
};

/* "Monday", "lundi", "mon" */
static bool
is_weekday_name(struct str s, int day)
{
	enum {
		SHORT = 3
	};
	struct str name = str_of(weekdays[day][0]);
	return str_eq_nocase(s, name) || str_is_nocase(s, weekdays[day][1]) ||
	       str_eq_nocase(s, str_sub(name, 0, SHORT));
}

bool
when_day_word(struct str s, int64_t now_s, int *days, bool *is_weekday)
{
	time_t now = (time_t)now_s;
	struct tm tm;
	*is_weekday = false;
	for (size_t i = 0; i < ARRAY_LEN(day_words); i++)
		if (str_is_nocase(s, day_words[i].word)) {
			*days = day_words[i].days;
			return true;
		}
	*is_weekday = true;
	localtime_r(&now, &tm);
	for (int i = 0; i < (int)ARRAY_LEN(weekdays); i++)
		if (is_weekday_name(s, i)) {
			*days = (tm.tm_wday - i + 7) % 7;
			return true;
		}
	return false;
}

static bool
by_hour_word(struct str s, int64_t now_s, int64_t *out)
{
	for (size_t i = 0; i < ARRAY_LEN(hour_words); i++)
		if (str_is_nocase(s, hour_words[i].word)) {
			*out = when_day_at(now_s, 0, hour_words[i].hour, 0, 0);
			return true;
		}
	return false;
}

static const struct {
	const char *word;
	int64_t seconds;
} units[] = {
	{ "s", 1 },
	{ "sec", 1 },
	{ "second", 1 },
	{ "seconde", 1 },
	{ "m", 60 },
	{ "min", 60 },
	{ "minute", 60 },
	{ "h", 3600 },
	{ "hour", 3600 },
	{ "heure", 3600 },
	{ "d", DAY_S },
	{ "day", DAY_S },
	{ "j", DAY_S },
	{ "jour", DAY_S },
	{ "w", 7 * DAY_S },
	{ "week", 7 * DAY_S },
	{ "semaine", 7 * DAY_S },
	{ "month", 30 * DAY_S },
	{ "mois", 30 * DAY_S },
};

/* "hours": the plural's s aside. */
static bool
unit_of(struct str word, int64_t *seconds)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		struct str unit = str_of(units[i].word);
		struct str one = word;
		if (one.len == unit.len + 1 && unit.len > 1 &&
		    ascii_lower(one.ptr[unit.len]) == 's')
			one.len--;
		if (!str_eq_nocase(one, unit))
			continue;
		*seconds = units[i].seconds;
		return true;
	}
	return false;
}

/* "2 hours ago", "3d 4h", "il y a 2 heures" */
static bool
by_distance(struct str s, int64_t now_s, int64_t *out)
{
	int64_t total = 0;
	bool any = false;
	struct str rest = s, word;
	if (str_starts_nocase(rest, STR("il y a ")))
		rest = str_sub(rest, 7, rest.len);
	else if (str_starts(rest, STR("-")))
		rest = str_sub(rest, 1, rest.len);
	while (rest = str_trim(rest), rest.len > 0) {
		size_t digits = 0;
		int64_t n, unit;
		if (any && str_is_nocase(rest, "ago"))
			break;
		while (digits < rest.len && ascii_is_digit(rest.ptr[digits]))
			digits++;
		if (!num_parse_i64(
			str_sub(rest, 0, digits), 0, NUMBER_MAX, &n)) {
			/* "an hour ago" */
			if (any || !str_next_word(&rest, &word) ||
			    !(str_is_nocase(word, "a") ||
				str_is_nocase(word, "an") ||
				str_is_nocase(word, "une") ||
				str_is_nocase(word, "un")))
				return false;
			n = 1;
			digits = 0;
		}
		rest = str_trim(str_sub(rest, digits, rest.len));
		size_t letters = 0;
		while (letters < rest.len && ascii_is_alpha(rest.ptr[letters]))
			letters++;
		if (!unit_of(str_sub(rest, 0, letters), &unit))
			return false;
		total += n * unit;
		any = true;
		rest = str_sub(rest, letters, rest.len);
	}
	*out = now_s - total;
	return any;
}

/* Two digits at 'at', below 'limit'. */
static bool
two_digits(struct str s, size_t at, int limit, int *out)
{
	if (at + 2 > s.len || !ascii_is_digit(s.ptr[at]) ||
	    !ascii_is_digit(s.ptr[at + 1]))
		return false;
	*out = (s.ptr[at] - '0') * 10 + (s.ptr[at + 1] - '0');
	return *out < limit;
}

bool
when_clock(struct str s, int *hour, int *minute, int *second, int64_t *exact_ns)
{
	size_t digits = s.len > 1 && ascii_is_digit(s.ptr[1]) ? 2 : 1;
	int64_t number;
	*second = 0;
	if (s.len < digits + 3 || !ascii_is_digit(s.ptr[0]) ||
	    !num_parse_i64(str_sub(s, 0, digits), 0, 24, &number) ||
	    (s.ptr[digits] != ':' && s.ptr[digits] != 'h') ||
	    !two_digits(s, digits + 1, 60, minute))
		return false;
	*hour = (int)number;
	*exact_ns = (int64_t)60 * NS_PER_S;
	s = str_sub(s, digits + 3, s.len);
	if (s.len == 0)
		return true;
	*exact_ns = NS_PER_S;
	return s.len == 3 && s.ptr[0] == ':' && two_digits(s, 1, 61, second);
}

/* "Z", "+01:00", "+0100" at the end; *seconds east of Greenwich. */
static bool
take_zone(struct str *s, int64_t *seconds)
{
	int hours, minutes;
	if (str_ends(*s, STR("Z")) || str_ends(*s, STR("z"))) {
		s->len--;
		*seconds = 0;
		return true;
	}
	size_t n = s->len > 6 && s->ptr[s->len - 3] == ':' ? 6 : 5;
	if (s->len < 16 + n)
		return false;
	char sign = s->ptr[s->len - n];
	if ((sign != '+' && sign != '-') ||
	    !two_digits(*s, s->len - n + 1, 24, &hours) ||
	    !two_digits(*s, s->len - 2, 60, &minutes))
		return false;
	*seconds = (hours * 60 + minutes) * 60;
	if (sign == '-')
		*seconds = -*seconds;
	s->len -= n;
	return true;
}

/* A date and time: completed and given to the reader of stamps. */
static bool
by_date(struct str s, int64_t now_s, struct when *out)
{
	char text[TEXT_MAX];
	int64_t zone = 0;
	bool has_zone = take_zone(&s, &zone);
	if (s.len < 10 || s.len > 40)
		return false;
	memcpy(text, s.ptr, s.len);
	size_t n = s.len;
	out->exact_ns = NS_PER_S;
	if (n == 10) {
		memcpy(text + n, " 00:00:00", 9);
		n += 9;
		out->exact_ns = (int64_t)DAY_S * NS_PER_S;
	} else if (n == 16) {
		memcpy(text + n, ":00", 3);
		n += 3;
		out->exact_ns = (int64_t)60 * NS_PER_S;
	}
	if (n > 10 && (text[10] == 'T' || text[10] == '_'))
		text[10] = ' ';
	if (has_zone) /* a form that is read as UTC */
		text[10] = '_';
	struct stamp stamp = stamp_parse(str_n(text, n), now_s);
	if ((stamp.kind != STAMP_LOCAL && stamp.kind != STAMP_UTC) ||
	    stamp.len != n)
		return false;
	out->unix_s = stamp.time.unix_s - zone;
	out->ns = stamp.time.ns;
	return true;
}

/* A label, or "@" and Unix seconds. */
static bool
by_number(struct str s, struct when *out)
{
	struct tai64n t;
	if (s.len == TAI64N_SIZE && tai64n_parse(s, &t)) {
		*out = (struct when){ t.unix_s, t.ns, 1 };
		return true;
	}
	*out = (struct when){ 0, 0, NS_PER_S };
	return s.len > 1 && s.ptr[0] == '@' && s.len < 16 &&
	       num_parse_i64(
		   str_sub(s, 1, s.len), 0, INT64_MAX / NS_PER_S, &out->unix_s);
}

static bool
read_when(struct str s, int64_t now_s, struct when *out)
{
	*out = (struct when){ 0 };
	if (by_number(s, out) || by_date(s, now_s, out) ||
	    when_words(s, now_s, out))
		return true;
	*out = (struct when){ 0 };
	return by_hour_word(s, now_s, &out->unix_s) ||
	       by_distance(s, now_s, &out->unix_s);
}

/* In nanoseconds; what 64 bits do not hold is their first or last moment. */
static int64_t
nanoseconds(const struct when *w)
{
	if (w->unix_s > INT64_MAX / NS_PER_S - 1)
		return (INT64_MAX / NS_PER_S - 1) * NS_PER_S + w->ns;
	if (w->unix_s < INT64_MIN / NS_PER_S + 1)
		return (INT64_MIN / NS_PER_S + 1) * NS_PER_S + w->ns;
	return w->unix_s * NS_PER_S + w->ns;
}

bool
when_parse(struct str text, int64_t now_ns, const char *option, int64_t *ns,
    struct err *e)
{
	struct str s = str_trim(text);
	struct when w;
	if (str_is_nocase(s, "now") || str_is_nocase(s, "maintenant")) {
		*ns = now_ns;
		return true;
	}
	if (read_when(s, now_ns / NS_PER_S, &w)) {
		*ns = nanoseconds(&w);
		return true;
	}
	err_set(e, ERR_USAGE, _("cannot set '--%s': '%.*s' is not a time"),
	    option, STR_ARG(text));
	return err_next(e, "--%s '2 hours ago', --%s 14:08, --%s '%s'", option,
	    option, option, "2026-03-17 14:08");
}

bool
when_span(struct str text, int64_t now_ns, int64_t *from_ns, int64_t *to_ns)
{
	struct when w;
	if (!read_when(str_trim(text), now_ns / NS_PER_S, &w) ||
	    w.exact_ns == 0)
		return false;
	*from_ns = nanoseconds(&w);
	/* a year that 64 bits do not hold is their last moment */
	*to_ns = *from_ns > INT64_MAX - w.exact_ns ? INT64_MAX
						   : *from_ns + w.exact_ns;
	return true;
}
