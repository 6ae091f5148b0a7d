/* One line of the journal: written and read. */
#include "core/model/journal_int.h"

#include "core/base/num.h"
#include "core/base/utf8.h"

#include <inttypes.h>
#include <limits.h>

static const char *const kinds[] = {
	[JOURNAL_APPLY] = "apply",
	[JOURNAL_UNDO] = "undo",
	[JOURNAL_ROLLBACK] = "rollback",
};

static void
add_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c < 0x20 || c == 0x7f || c == '\\')
			(void)buf_addf(out, "\\x%02x", c);
		else
			(void)buf_add_char(out, s.ptr[i]);
	}
}

static void
add_field(struct buf *out, struct str s)
{
	(void)buf_add_char(out, '\t');
	add_escaped(out, s);
}

static void
add_value(struct buf *out, bool stored, bool secret, struct str value)
{
	(void)buf_add_char(out, '\t');
	if (!stored) {
		(void)buf_add_char(out, '-');
	} else if (secret) {
		(void)buf_add_char(out, '*');
	} else {
		(void)buf_add_char(out, '=');
		add_escaped(out, value);
	}
}

void
journal_line_stored(struct buf *out, const struct journal_entry *entry)
{
	(void)buf_addf(
	    out, "stored\t%ld\t%" PRId64, entry->number, entry->time_s);
	add_field(out, str_of(entry->who));
	add_field(out, str_of(entry->setting));
	add_field(out, str_of(entry->target));
	add_value(out, entry->old_stored, entry->secret, entry->old_value);
	add_value(out, entry->new_stored, entry->secret, entry->new_value);
	(void)buf_add_char(out, '\n');
}

void
journal_line_applied(struct buf *out, const struct journal_apply *apply)
{
	(void)buf_addf(
	    out, "applied\t%ld\t%" PRId64, apply->change, apply->time_s);
	add_field(out, str_of(apply->who));
	(void)buf_addf(out, "\t%ld", apply->upto);
	if (apply->kind != JOURNAL_APPLY)
		(void)buf_addf(out, "\t%s\t%ld", kinds[apply->kind], apply->of);
	(void)buf_add_char(out, '\n');
}

void
journal_line_began(struct buf *out, const char *guards)
{
	(void)buf_addf(out, "began\t%s\n", guards);
}

void
journal_line_ended(struct buf *out, long first, const bool *took, size_t n)
{
	const char *before = "ended\t";

	if (took == NULL)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		if (took[i])
			continue;
		(void)buf_addf(out, "%s%ld", before, first + (long)i);
		before = ",";
	}
	(void)buf_add_cstr(out, before[0] == 'e' ? "ended\t\n" : "\n");
}

/* A field with its \xNN undone, in the arena. */
static struct str
unescape(struct str field, struct arena *a)
{
	char *bytes = arena_array(a, field.len + 1, 1);
	size_t n = 0;

	if (bytes == NULL)
		return (struct str)STR_EMPTY;
	for (size_t i = 0; i < field.len; i++) {
		int high = -1, low = -1;
		if (field.ptr[i] == '\\' && i + 3 < field.len &&
		    field.ptr[i + 1] == 'x') {
			high = num_hex_digit(field.ptr[i + 2]);
			low = num_hex_digit(field.ptr[i + 3]);
		}
		if (high >= 0 && low >= 0) {
			bytes[n++] = (char)(high * 16 + low);
			i += 3;
		} else {
			bytes[n++] = field.ptr[i];
		}
	}
	return str_n(bytes, n);
}

static bool
take_number(struct str *rest, int64_t *out)
{
	return rest->ptr != NULL &&
	       num_parse_i64(str_cut(*rest, '\t', rest), 0, LONG_MAX, out);
}

static bool
take_text(struct str *rest, struct arena *a, const char **out)
{
	if (rest->ptr == NULL)
		return false;
	*out = unescape(str_cut(*rest, '\t', rest), a).ptr;
	return *out != NULL;
}

static bool
take_value(struct str *rest, struct arena *a, struct journal_entry *entry,
    bool *stored, struct str *value)
{
	struct str field;

	if (rest->ptr == NULL)
		return false;
	field = str_cut(*rest, '\t', rest);
	*value = (struct str)STR_EMPTY;
	*stored = !str_is(field, "-");
	if (str_is(field, "*"))
		entry->secret = true;
	else if (*stored && !str_starts(field, STR("=")))
		return false;
	else if (*stored)
		*value = unescape(str_sub(field, 1, field.len), a);
	return true;
}

static bool
parse_stored(struct str rest, struct arena *a, struct journal_entry *entry)
{
	int64_t number = 0;

	*entry = (struct journal_entry){ 0 };
	if (!take_number(&rest, &number) ||
	    !take_number(&rest, &entry->time_s) ||
	    !take_text(&rest, a, &entry->who) ||
	    !take_text(&rest, a, &entry->setting) ||
	    !take_text(&rest, a, &entry->target) ||
	    !take_value(
		&rest, a, entry, &entry->old_stored, &entry->old_value) ||
	    !take_value(&rest, a, entry, &entry->new_stored, &entry->new_value))
		return false;
	entry->number = (long)number;
	return rest.ptr == NULL;
}

/* "undo 118", where the apply took a change back. */
static bool
take_kind(struct str *rest, struct journal_apply *apply)
{
	struct str word;
	int64_t of = 0;

	if (rest->ptr == NULL)
		return true;
	word = str_cut(*rest, '\t', rest);
	apply->kind =
	    str_is(word, kinds[JOURNAL_UNDO]) ? JOURNAL_UNDO : JOURNAL_ROLLBACK;
	if (!str_is(word, kinds[apply->kind]) || !take_number(rest, &of))
		return false;
	apply->of = (long)of;
	return true;
}

static bool
parse_applied(struct str rest, struct arena *a, struct journal_apply *apply)
{
	int64_t change = 0, upto = 0;

	*apply = (struct journal_apply){ 0 };
	if (!take_number(&rest, &change) ||
	    !take_number(&rest, &apply->time_s) ||
	    !take_text(&rest, a, &apply->who) || !take_number(&rest, &upto) ||
	    !take_kind(&rest, apply))
		return false;
	apply->change = (long)change;
	apply->upto = (long)upto;
	return rest.ptr == NULL;
}

/* A word and fields of text, as a later release may write them. */
static bool
may_be_newer(struct str word, struct str rest)
{
	uint32_t cp;
	for (size_t i = 0; i < word.len; i++)
		if (!ascii_is_alpha(word.ptr[i]))
			return false;
	for (size_t at = 0, n; at < rest.len; at += n) {
		n = utf8_decode(str_sub(rest, at, rest.len), &cp);
		if (n == 0 || (cp < ' ' && cp != '\t'))
			return false;
	}
	return word.len > 0 && rest.ptr != NULL;
}

enum journal_line
journal_line_parse(struct str line, struct arena *a,
    struct journal_entry *entry, struct journal_apply *apply, struct str *text)
{
	struct str rest;
	struct str word = str_cut(line, '\t', &rest);

	if (str_is(word, "stored"))
		return parse_stored(rest, a, entry) ? JOURNAL_LINE_STORED
						    : JOURNAL_LINE_BAD;
	if (str_is(word, "applied"))
		return parse_applied(rest, a, apply) ? JOURNAL_LINE_APPLIED
						     : JOURNAL_LINE_BAD;
	*text = rest;
	if (rest.ptr != NULL && str_is(word, "began"))
		return JOURNAL_LINE_BEGAN;
	if (rest.ptr != NULL && str_is(word, "ended"))
		return JOURNAL_LINE_ENDED;
	return may_be_newer(word, rest) ? JOURNAL_LINE_OTHER : JOURNAL_LINE_BAD;
}

bool
journal_line_is_ours(struct str piece)
{
	static const char *const words[] = { "stored\t", "applied\t", "began\t",
		"ended\t" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_starts(piece, str_of(words[i])) ||
		    str_starts(str_of(words[i]), piece))
			return true;
	return false;
}
