/* Whole numbers, times, decimal numbers and scores. */
#include "core/setting/type_int.h"

#include "core/base/compiler.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

#include <assert.h>
#include <inttypes.h>

enum {
	NUMBER_DIGITS = 12, /* before the point, of any number here */
	DECIMAL_PLACES = 6  /* after it */
};

/* Numbers have at most NUMBER_DIGITS digits: no product below overflows. */
static const int64_t number_limit = INT64_C(999999999999);

/* A bound of the catalogue; 'open' when there is none. */
static int64_t
bound(const char *text, int64_t open)
{
	int64_t v = open;
	bool known = text == NULL ||
		     num_parse_i64(str_of(text), INT64_MIN, INT64_MAX, &v);

	assert(known);
	(void)known;
	return v;
}

static bool
refuse_range(
    const struct setting *s, struct str text, const char *what, struct err *e)
{
	if (s->max != NULL)
		return type_refuse(e, text, _("is not %s from %s to %s"), what,
		    s->min != NULL ? s->min : "0", s->max);
	if (s->min != NULL)
		return type_refuse(
		    e, text, _("is not %s of %s or more"), what, s->min);
	return type_refuse(e, text, _("is not %s"), what);
}

static void
describe_range(const struct setting *s, const char *what, struct buf *words)
{
	(void)buf_add_cstr(words, what);
	if (s->max != NULL)
		(void)buf_addf(words, _(", %s to %s"),
		    s->min != NULL ? s->min : "0", s->max);
	else if (s->min != NULL)
		(void)buf_addf(words, _(", %s or more"), s->min);
	type_describe_choices(s, words);
}

static bool
parse_int(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	int64_t v = 0;

	if (!num_parse_i64(text, bound(s->min, -number_limit),
		bound(s->max, number_limit), &v))
		return refuse_range(s, text, _("a whole number"), e);
	return buf_addf(stored, "%" PRId64, v);
}

static void
format_int(const struct setting *s, struct str stored, struct buf *shown)
{
	(void)buf_add_str(shown, stored);
	/* a default may be in words */
	if (s->unit != NULL && stored.len > 0 &&
	    ascii_is_digit(stored.ptr[stored.len - 1]))
		(void)buf_addf(shown, " %s", s->unit);
}

static void
describe_int(const struct setting *s, struct buf *words)
{
	describe_range(s, _("whole number"), words);
}

struct time_unit {
	const char *suffix; /* as typed */
	const char *name;   /* as shown */
	int64_t seconds;
};

static const struct time_unit time_units[] = {
	{ "w", "w", 604800 },
	{ "d", "d", 86400 },
	{ "h", "h", 3600 },
	{ "m", "min", 60 },
	{ "min", "min", 60 },
	{ "s", "s", 1 },
	{ "", "s", 1 },
};

static bool
parse_duration(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	size_t digits = 0;
	int64_t v = 0;

	while (digits < text.len && ascii_is_digit(text.ptr[digits]))
		digits++;
	for (size_t i = 0; i < ARRAY_LEN(time_units); i++) {
		const struct time_unit *u = &time_units[i];
		if (!str_is(str_sub(text, digits, text.len), u->suffix) ||
		    !num_parse_i64(
			str_sub(text, 0, digits), 0, number_limit, &v))
			continue;
		v *= u->seconds;
		if (v < bound(s->min, 0) || v > bound(s->max, number_limit))
			return refuse_range(s, text, _("a time in seconds"), e);
		return buf_addf(stored, "%" PRId64, v);
	}
	return type_refuse(e, text,
	    _("is not a time: seconds, or a number with m, h, d or w"));
}

/* "604800 s (7 d)", "5400 s (1 h 30 min)" */
static void
format_duration(const struct setting *s, struct str stored, struct buf *shown)
{
	int64_t v = 0;
	int parts = 0;

	format_int(s, stored, shown);
	if (!num_parse_i64(stored, 60, number_limit, &v))
		return;
	(void)buf_add_cstr(shown, " (");
	/* weeks are for typing only: a week reads as seven days */
	for (size_t i = 1; i < ARRAY_LEN(time_units) && v > 0; i++) {
		const struct time_unit *u = &time_units[i];
		if (v < u->seconds)
			continue;
		(void)buf_addf(shown, "%s%" PRId64 " %s", parts > 0 ? " " : "",
		    v / u->seconds, u->name);
		v %= u->seconds;
		parts++;
	}
	(void)buf_add_char(shown, ')');
}

static void
describe_duration(const struct setting *s, struct buf *words)
{
	describe_range(s, _("seconds, or a number with m, h, d or w"), words);
}

/*
 * "-12.5" or "12,5" as millionths; *places is the count of digits after the
 * point. strtod is not used: it follows the locale.
 */
static bool
decimal_value(struct str text, int64_t *millionths, size_t *places)
{
	size_t i = 0, before = 0, after = 0;
	int64_t v = 0;
	bool minus = false;

	if (i < text.len && (text.ptr[i] == '-' || text.ptr[i] == '+'))
		minus = text.ptr[i++] == '-';
	for (; i < text.len && ascii_is_digit(text.ptr[i]); i++, before++)
		if (before < NUMBER_DIGITS)
			v = v * 10 + (text.ptr[i] - '0');
	if (i < text.len && (text.ptr[i] == '.' || text.ptr[i] == ',')) {
		for (i++; i < text.len && ascii_is_digit(text.ptr[i]);
		     i++, after++)
			if (after < DECIMAL_PLACES)
				v = v * 10 + (text.ptr[i] - '0');
		if (after == 0)
			return false;
	}
	if (i != text.len || before == 0 || before > NUMBER_DIGITS ||
	    after > DECIMAL_PLACES)
		return false;
	*places = after;
	for (; after < DECIMAL_PLACES; after++)
		v *= 10;
	*millionths = minus ? -v : v;
	return true;
}

static int64_t
decimal_bound(const char *text, int64_t open, size_t *places)
{
	int64_t v = open;
	bool known = text == NULL || decimal_value(str_of(text), &v, places);

	assert(known);
	(void)known;
	return v;
}

static bool
parse_decimal(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	size_t places = 0, wanted = 0, ignored = 0;
	int64_t v = 0, min, max;

	min = decimal_bound(s->min, INT64_MIN, &wanted);
	max = decimal_bound(s->max, INT64_MAX, &ignored);
	if (s->default_value != NULL)
		(void)decimal_bound(s->default_value, 0, &wanted);
	if (!decimal_value(text, &v, &places) || v < min || v > max)
		return refuse_range(s, text, _("a number"), e);
	for (size_t i = text.ptr[0] == '+' ? 1 : 0; i < text.len; i++)
		(void)buf_add_char(
		    stored, text.ptr[i] == ',' ? '.' : text.ptr[i]);
	if (places == 0 && wanted > 0)
		(void)buf_add_char(stored, '.');
	for (; places < wanted; places++)
		(void)buf_add_char(stored, '0');
	return !stored->failed;
}

static void
describe_decimal(const struct setting *s, struct buf *words)
{
	describe_range(s, _("number"), words);
}

/* "3.5" replaces the score, "(-1)" is added to it. */
static bool
parse_score(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	struct str number = text;
	size_t places;
	int64_t v;

	(void)s;
	if (text.len > 2 && text.ptr[0] == '(' && text.ptr[text.len - 1] == ')')
		number = str_sub(text, 1, text.len - 1);
	if (!decimal_value(number, &v, &places) ||
	    str_find(number, ',', 0) < number.len)
		return type_refuse(e, text,
		    _("is not a score: a number, or one in brackets that is "
		      "added"));
	return buf_add_str(stored, text);
}

static void
describe_score(const struct setting *s, struct buf *words)
{
	(void)s;
	(void)buf_add_cstr(
	    words, _("number, or a number in brackets that is added"));
}

const struct setting_type setting_type_int = {
	.name = "int",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_int,
	.format = format_int,
	.describe = describe_int,
};

const struct setting_type setting_type_duration = {
	.name = "duration",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_duration,
	.format = format_duration,
	.describe = describe_duration,
};

const struct setting_type setting_type_decimal = {
	.name = "decimal",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_decimal,
	.format = type_format_plain,
	.describe = describe_decimal,
};

const struct setting_type setting_type_score = {
	.name = "score",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_score,
	.format = type_format_plain,
	.describe = describe_score,
};
