/* Literals of metadata. */
#include "core/template/literal.h"

#include "core/base/buf.h"
#include "core/base/num.h"

enum {
	ITEMS_MAX = 256
};

struct scan {
	struct str rest;
	struct arena *arena;
};

static char
next(const struct scan *s)
{
	return s->rest.len > 0 ? s->rest.ptr[0] : '\0';
}

static void
skip(struct scan *s, size_t n)
{
	s->rest = str_sub(s->rest, n, s->rest.len);
}

static void
blanks_skip(struct scan *s)
{
	while (s->rest.len > 0 && ascii_is_space(next(s)))
		skip(s, 1);
}

static bool
take(struct scan *s, char c)
{
	blanks_skip(s);
	if (s->rest.len == 0 || next(s) != c)
		return false;
	skip(s, 1);
	return true;
}

/* What a backslash and 'c' stand for between double quotes; '\0': not known. */
static char
escape_of(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	default:
		return ascii_is_alnum(c) ? '\0' : c;
	}
}

/* Between double quotes $ and @ would be variables: no literal. */
static bool
quoted(struct scan *s, struct str *out)
{
	char quote = next(s);
	struct buf text = BUF_INIT(64 * 1024);
	bool ok = true, closed = false;
	skip(s, 1);
	while (ok && !closed && s->rest.len > 0) {
		char c = next(s);
		skip(s, 1);
		closed = c == quote;
		if (closed)
			break;
		if (c == '\\' && s->rest.len > 0) {
			char e = next(s);
			char meant = quote == '"' ? escape_of(e) : e;
			if (quote == '\'' && e != '\'' && e != '\\')
				buf_add_char(&text, '\\');
			ok = meant != '\0';
			buf_add_char(&text, meant);
			skip(s, 1);
			continue;
		}
		ok = quote == '\'' || (c != '$' && c != '@');
		buf_add_char(&text, c);
	}
	*out = arena_str(s->arena, buf_str(&text));
	ok = ok && closed && !text.failed;
	buf_clear(&text);
	return ok;
}

static struct str
digits(struct scan *s)
{
	size_t n = 0;
	while (n < s->rest.len && ascii_is_digit(s->rest.ptr[n]))
		n++;
	struct str word = str_sub(s->rest, 0, n);
	skip(s, n);
	return word;
}

/* Decimal, or octal after a 0. */
static bool
number(struct scan *s, struct literal *out)
{
	bool minus = take(s, '-');
	struct str word = digits(s);
	uint32_t octal = 0;
	bool ok = word.len > 1 && word.ptr[0] == '0'
		      ? num_parse_octal(word, UINT32_MAX / 2, &octal)
		      : num_parse_i64(word, 0, INT64_MAX, &out->number);
	if (octal != 0)
		out->number = octal;
	if (minus)
		out->number = -out->number;
	out->text =
	    str_of(arena_printf(s->arena, "%lld", (long long)out->number));
	return ok;
}

static bool
scalar(struct scan *s, struct literal *out)
{
	*out = (struct literal){ .kind = LITERAL_NUMBER };
	blanks_skip(s);
	if (next(s) != '"' && next(s) != '\'')
		return number(s, out);
	out->kind = LITERAL_STRING;
	return quoted(s, &out->text);
}

/* The name of a pair: a word or a string. */
static bool
name(struct scan *s, struct str *out)
{
	size_t n = 0;
	blanks_skip(s);
	if (next(s) == '"' || next(s) == '\'')
		return quoted(s, out);
	while (n < s->rest.len &&
	       (ascii_is_alnum(s->rest.ptr[n]) || s->rest.ptr[n] == '_'))
		n++;
	*out = arena_str(s->arena, str_sub(s->rest, 0, n));
	skip(s, n);
	return n > 0;
}

/* "=>" or a comma. */
static bool
arrow(struct scan *s)
{
	if (take(s, ','))
		return true;
	return take(s, '=') && next(s) == '>' && take(s, '>');
}

static bool
items(struct scan *s, char end, struct literal *out)
{
	struct template_prop *p =
	    ARENA_ARRAY(s->arena, ITEMS_MAX, struct template_prop);
	out->items = p;
	while (!take(s, end)) {
		struct literal value;
		bool ok =
		    out->n < ITEMS_MAX &&
		    (end == ']' || (name(s, &p[out->n].name) && arrow(s))) &&
		    scalar(s, &value);
		if (!ok)
			return false;
		p[out->n++].value = value.text;
		blanks_skip(s);
		if (next(s) != end && !take(s, ','))
			return false;
	}
	return true;
}

bool
literal_parse(struct str text, struct arena *a, struct literal *out)
{
	struct scan s = { str_trim(text), a };
	bool ok;
	*out = (struct literal){ .kind = LITERAL_LIST };
	if (take(&s, '[')) {
		ok = items(&s, ']', out);
	} else if (take(&s, '{')) {
		out->kind = LITERAL_HASH;
		ok = items(&s, '}', out);
	} else {
		ok = scalar(&s, out);
	}
	bool ended = take(&s, ';');
	(void)ended;
	blanks_skip(&s);
	return ok && s.rest.len == 0;
}
