/* Sizes: in bytes, or with the suffix that a program wants to see. */
#include "core/setting/type_int.h"

#include "core/base/compiler.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

struct size_unit {
	const char *suffix;
	uint64_t bytes;
};

/* Powers of 1000 and, with the i, of 1024. */
static const struct size_unit size_units[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "k", UINT64_C(1000) },
	{ "kB", UINT64_C(1000) },
	{ "M", UINT64_C(1000000) },
	{ "MB", UINT64_C(1000000) },
	{ "G", UINT64_C(1000000000) },
	{ "GB", UINT64_C(1000000000) },
	{ "Ki", UINT64_C(1) << 10 },
	{ "KiB", UINT64_C(1) << 10 },
	{ "Mi", UINT64_C(1) << 20 },
	{ "MiB", UINT64_C(1) << 20 },
	{ "Gi", UINT64_C(1) << 30 },
	{ "GiB", UINT64_C(1) << 30 },
};

/* Sizes are shown with the largest of these that divides them. */
static const struct size_unit shown_units[] = {
	{ "GB", UINT64_C(1000000000) },
	{ "MB", UINT64_C(1000000) },
	{ "kB", UINT64_C(1000) },
	{ "GiB", UINT64_C(1) << 30 },
	{ "MiB", UINT64_C(1) << 20 },
	{ "KiB", UINT64_C(1) << 10 },
};

static const uint64_t size_limit = UINT64_C(999999999999999);

static size_t
leading_digits(struct str text)
{
	size_t n = 0;

	while (n < text.len && ascii_is_digit(text.ptr[n]))
		n++;
	return n;
}

/* A bound of the catalogue; 'open' when there is none. */
static uint64_t
bound(const char *text, uint64_t open)
{
	uint64_t v = open;
	bool known =
	    text == NULL || num_parse_u64(str_of(text), UINT64_MAX, &v);

	assert(known);
	(void)known;
	return v;
}

static bool
parse_bytes(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	size_t digits = leading_digits(text);
	struct str suffix = str_sub(text, digits, text.len);
	uint64_t v = 0;

	for (size_t i = 0; i < ARRAY_LEN(size_units); i++) {
		const struct size_unit *u = &size_units[i];
		if (!str_is_nocase(suffix, u->suffix))
			continue;
		if (!num_parse_u64(
			str_sub(text, 0, digits), size_limit / u->bytes, &v))
			break;
		v *= u->bytes;
		if (v < bound(s->min, 0) || v > bound(s->max, size_limit))
			return type_refuse(e, text,
			    _("is not a size from %s to %s bytes"),
			    s->min != NULL ? s->min : "0", s->max);
		return buf_addf(stored, "%" PRIu64, v);
	}
	return type_refuse(e, text,
	    _("is not a size: bytes, or a number with k, M, G or Ki, Mi, Gi"));
}

/* "500000 B (500 kB)" */
static void
format_bytes(const struct setting *s, struct str stored, struct buf *shown)
{
	uint64_t v = 0;

	(void)s;
	(void)buf_add_str(shown, stored);
	if (!num_parse_u64(stored, UINT64_MAX, &v))
		return;
	(void)buf_add_cstr(shown, " B");
	for (size_t i = 0; v > 0 && i < ARRAY_LEN(shown_units); i++) {
		const struct size_unit *u = &shown_units[i];
		if (v % u->bytes != 0)
			continue;
		(void)buf_addf(
		    shown, " (%" PRIu64 " %s)", v / u->bytes, u->suffix);
		return;
	}
	if (v >= 1000000)
		(void)buf_addf(shown, " (%" PRIu64 ".%" PRIu64 " MB)",
		    v / 1000000, v % 1000000 / 100000);
	else if (v >= 1000)
		(void)buf_addf(shown, " (%" PRIu64 ".%" PRIu64 " kB)", v / 1000,
		    v % 1000 / 100);
}

static void
describe_bytes(const struct setting *s, struct buf *words)
{
	(void)buf_add_cstr(
	    words, _("bytes, or a number with k, M, G or Ki, Mi, Gi"));
	if (s->max != NULL)
		(void)buf_addf(words, _(", %s to %s"),
		    s->min != NULL ? s->min : "0", s->max);
	if (s->flags & SETTING_EMPTY_OK)
		(void)buf_add_cstr(words, _("; empty = no limit"));
}

/* Who would take a number without suffix for bytes. */
static const char *
reader(const struct setting *s)
{
	return strcmp(s->key, "php") == 0 ? "PHP" : s->key;
}

static bool
parse_size(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	size_t digits = leading_digits(text);
	struct str suffix = str_sub(text, digits, text.len);
	uint64_t v = 0;
	bool number = num_parse_u64(str_sub(text, 0, digits), UINT32_MAX, &v);

	if (type_choice(s, text, false) != NULL)
		return buf_add_str(stored, text);
	if (number && suffix.len == 0) {
		type_refuse(e, text, _("has no suffix, %s would read bytes"),
		    reader(s));
		return err_next(e, "smemail set %s %" PRIu64 "M", s->id, v);
	}
	if (!number || suffix.len != 1 ||
	    strchr("KMGkmg", suffix.ptr[0]) == NULL)
		return type_refuse(
		    e, text, _("is not a number with K, M or G"));
	(void)buf_addf(stored, "%" PRIu64, v);
	return buf_add_char(
	    stored, (char)(suffix.ptr[0] >= 'a' ? suffix.ptr[0] - 'a' + 'A'
						: suffix.ptr[0]));
}

static void
describe_size(const struct setting *s, struct buf *words)
{
	(void)buf_add_cstr(words, _("number with K, M or G"));
	type_describe_choices(s, words);
}

const struct setting_type setting_type_bytes = {
	.name = "bytes",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_bytes,
	.format = format_bytes,
	.describe = describe_bytes,
};

const struct setting_type setting_type_size = {
	.name = "size-with-suffix",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_size,
	.format = type_format_plain,
	.describe = describe_size,
};
