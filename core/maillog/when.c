/* Times from the command line. */
#include "core/maillog/when.h"

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/maillog/stamp.h"

#include <time.h>

enum {
	TEXT_MAX = 64,
	DAY_S = TAI64N_DAY_S,
	NUMBER_MAX = 1000000,
};

/* Local midnight of the day 'days' before that of 'now', plus seconds. */
static int64_t
day_at(int64_t now_s, int days, int hour, int minute, int second)
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
	int days, hour;
} day_words[] = {
	{ "today", 0, 0 },
	{ "midnight", 0, 0 },
	{ "yesterday", 1, 0 },
	{ "noon", 0, 12 },
	{ "aujourd'hui", 0, 0 },
	{ "aujourd\xe2\x80\x99hui", 0, 0 },
	{ "minuit", 0, 0 },
	{ "hier", 1, 0 },
	{ "midi", 0, 12 },
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

static bool
by_word(struct str s, int64_t now_s, int64_t *out)
{
	for (size_t i = 0; i < ARRAY_LEN(day_words); i++) {
		if (!str_is_nocase(s, day_words[i].word))
			continue;
		*out =
		    day_at(now_s, day_words[i].days, day_words[i].hour, 0, 0);
		return true;
	}
	time_t now = (time_t)now_s;
	struct tm tm;
	localtime_r(&now, &tm);
	for (int i = 0; i < 7; i++) {
		if (!str_is_nocase(s, weekdays[i][0]) &&
		    !str_is_nocase(s, weekdays[i][1]))
			continue;
		*out = day_at(now_s, (tm.tm_wday - i + 7) % 7, 0, 0, 0);
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

/* "14:08[:06]" */
static bool
clock_time(struct str s, int *hour, int *minute, int *second)
{
	*second = 0;
	if (!two_digits(s, 0, 25, hour) || s.len < 5 || s.ptr[2] != ':' ||
	    !two_digits(s, 3, 60, minute))
		return false;
	if (s.len == 5)
		return true;
	return s.len == 8 && s.ptr[5] == ':' && two_digits(s, 6, 61, second);
}

static bool
by_clock(struct str s, int64_t now_s, int64_t *out)
{
	int hour, minute, second;
	if (!clock_time(s, &hour, &minute, &second))
		return false;
	*out = day_at(now_s, 0, hour, minute, second);
	if (*out > now_s)
		*out = day_at(now_s, 1, hour, minute, second);
	return true;
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
by_date(struct str s, int64_t now_s, int64_t *s_out, int32_t *ns)
{
	char text[TEXT_MAX];
	int64_t zone = 0;
	bool has_zone = take_zone(&s, &zone);
	if (s.len < 10 || s.len > 40)
		return false;
	memcpy(text, s.ptr, s.len);
	size_t n = s.len;
	if (n == 10) {
		memcpy(text + n, " 00:00:00", 9);
		n += 9;
	} else if (n == 16) {
		memcpy(text + n, ":00", 3);
		n += 3;
	}
	if (n > 10 && (text[10] == 'T' || text[10] == '_'))
		text[10] = ' ';
	if (has_zone) /* a form that is read as UTC */
		text[10] = '_';
	struct stamp stamp = stamp_parse(str_n(text, n), now_s);
	if ((stamp.kind != STAMP_LOCAL && stamp.kind != STAMP_UTC) ||
	    stamp.len != n)
		return false;
	*s_out = stamp.time.unix_s - zone;
	*ns = stamp.time.ns;
	return true;
}

/* "Mar 17 [14:08[:06]]", as syslog writes it. */
static bool
by_month(struct str s, int64_t now_s, int64_t *out)
{
	char text[TEXT_MAX];
	struct str rest = s, month, day, time = STR("00:00:00");
	int hour = 0, minute = 0, second = 0;
	int64_t number;
	if (!str_next_word(&rest, &month) || !str_next_word(&rest, &day) ||
	    !num_parse_i64(day, 1, 31, &number))
		return false;
	if (str_next_word(&rest, &time) &&
	    !clock_time(time, &hour, &minute, &second))
		return false;
	if (str_trim(rest).len > 0 || month.len != 3)
		return false;
	snprintf(text, sizeof(text), "%c%c%c %2d %02d:%02d:%02d",
	    month.ptr[0] & ~0x20, ascii_lower(month.ptr[1]),
	    ascii_lower(month.ptr[2]), (int)number, hour, minute, second);
	struct stamp stamp = stamp_parse(str_of(text), now_s);
	*out = stamp.time.unix_s;
	return stamp.kind == STAMP_SYSLOG;
}

/* A label, or "@" and Unix seconds. */
static bool
by_number(struct str s, int64_t *out, int32_t *ns)
{
	struct tai64n t;
	if (tai64n_parse(s, &t)) {
		*out = t.unix_s;
		*ns = t.ns;
		return true;
	}
	return s.len > 1 && s.ptr[0] == '@' && s.len < 16 &&
	       num_parse_i64(
		   str_sub(s, 1, s.len), 0, INT64_MAX / NS_PER_S, out);
}

bool
when_parse(struct str text, int64_t now_ns, const char *option, int64_t *ns,
    struct err *e)
{
	struct str s = str_trim(text);
	int64_t now_s = now_ns / NS_PER_S, seconds = 0;
	int32_t part = 0;
	if (str_is_nocase(s, "now") || str_is_nocase(s, "maintenant")) {
		*ns = now_ns;
		return true;
	}
	if (by_word(s, now_s, &seconds) || by_number(s, &seconds, &part) ||
	    by_date(s, now_s, &seconds, &part) ||
	    by_clock(s, now_s, &seconds) || by_month(s, now_s, &seconds) ||
	    by_distance(s, now_s, &seconds)) {
		if (seconds > INT64_MAX / NS_PER_S - 1 ||
		    seconds < INT64_MIN / NS_PER_S + 1)
			seconds = seconds > 0 ? INT64_MAX / NS_PER_S - 1
					      : INT64_MIN / NS_PER_S + 1;
		*ns = seconds * NS_PER_S + part;
		return true;
	}
	err_set(e, ERR_USAGE, _("cannot set '--%s': '%.*s' is not a time"),
	    option, STR_ARG(text));
	return err_next(e, "--%s '2 hours ago', --%s 14:08, --%s '%s'", option,
	    option, option, "2026-03-17 14:08");
}
