/* Texts, secrets and paths. */
#include "core/setting/type_int.h"

#include "core/base/i18n.h"

static bool
parse_text(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	(void)s;
	/* the database trims what is stored (ES-15), so it is trimmed here */
	text = str_trim(text);
	return type_storable(text, e) && buf_add_str(stored, text);
}

/* "CN,RU": countries by their codes (ISO 3166-1 alpha-2). */
static bool
parse_countries(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	size_t start = stored->len;
	if (str_trim(text).len == 0)
		return parse_text(s, text, stored, e);
	while (text.ptr != NULL) {
		struct str one = str_trim(str_cut(text, ',', &text));
		if (one.len == 0) /* the template passes over it, too */
			continue;
		if (one.len != 2 || !ascii_is_alpha(one.ptr[0]) ||
		    !ascii_is_alpha(one.ptr[1]))
			return type_refuse(e, one,
			    _("is not the code of a country: two letters, as "
			      "in CN,RU"));
		if (stored->len > start)
			(void)buf_add_char(stored, ',');
		for (size_t i = 0; i < one.len; i++)
			(void)buf_add_char(
			    stored, (char)(one.ptr[i] & ~('a' - 'A')));
	}
	return !stored->failed;
}

static void
describe_countries(const struct setting *s, struct buf *words)
{
	(void)s;
	(void)buf_add_cstr(
	    words, _("codes of countries, parted by ',': CN,RU"));
}

static void
describe_text(const struct setting *s, struct buf *words)
{
	const char *between = "; ";

	(void)buf_add_cstr(words, _("text"));
	for (const struct setting_choice *c = s->choices;
	     c != NULL && c->word != NULL; c++) {
		(void)buf_addf(words, "%s%s", between, c->word);
		between = ", ";
	}
}

/* The content of a file: lines, so LF and tab are fine. */
static bool
parse_file_text(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	(void)s;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return type_refuse(
			    e, text, _("holds a control character"));
	}
	if (!buf_add_str(stored, text))
		return type_refuse(e, text, _("is too long"));
	return true;
}

static void
describe_file_text(const struct setting *s, struct buf *words)
{
	(void)s;
	(void)buf_add_cstr(words, _("text, several lines"));
}

/* As a text, but what is wrong with it is told without showing it. */
static bool
parse_secret(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	struct err hidden = ERR_INIT;

	(void)s;
	if (text.len == 0 || text.len != str_trim(text).len ||
	    !type_storable(text, &hidden))
		return err_set(e, ERR_USAGE,
		    _("the secret is empty, too long, or holds a blank at an "
		      "end, '|', a control character, '\\n' or a final '\\'"));
	return buf_add_str(stored, text);
}

static void
format_secret(const struct setting *s, struct str stored, struct buf *shown)
{
	(void)s;
	if (stored.len > 0)
		(void)buf_add_cstr(shown, _("(stored, not shown)"));
}

static void
describe_secret(const struct setting *s, struct buf *words)
{
	(void)s;
	(void)buf_add_cstr(words, _("secret, read from standard input"));
}

static bool
path_add(struct str path, struct buf *stored, struct err *e)
{
	struct str rest = path;

	if (path.len == 0 || path.ptr[0] != '/')
		return type_refuse(e, path,
		    _("is not a path that begins "
		      "with '/'"));
	if (!type_storable(path, e))
		return false;
	while (rest.ptr != NULL)
		if (str_is(str_cut(rest, '/', &rest), ".."))
			return type_refuse(e, path, _("holds '..'"));
	return buf_add_str(stored, path);
}

/* One path, or several with the separator of the setting. */
static bool
parse_path(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	size_t start = stored->len;

	if (s->separator == NULL)
		return path_add(text, stored, e);
	while (text.ptr != NULL) {
		struct str one = str_trim(str_cut(text, ',', &text));
		if (stored->len > start)
			(void)buf_add_char(stored, ',');
		if (!path_add(one, stored, e))
			return false;
	}
	return !stored->failed;
}

static void
describe_path(const struct setting *s, struct buf *words)
{
	if (s->separator == NULL)
		(void)buf_add_cstr(words, _("absolute path"));
	else
		(void)buf_addf(words, _("absolute paths, parted by '%c'"),
		    s->separator[0]);
}

const struct setting_type setting_type_text = {
	.name = "text",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_text,
	.format = type_format_plain,
	.describe = describe_text,
};

const struct setting_type setting_type_countries = {
	.name = "text",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_countries,
	.format = type_format_plain,
	.describe = describe_countries,
};

const struct setting_type setting_type_file_text = {
	.name = "text",
	.editor = SETTING_EDIT_TEXT,
	.parse = parse_file_text,
	.format = type_format_plain,
	.describe = describe_file_text,
};

const struct setting_type setting_type_secret = {
	.name = "secret",
	.editor = SETTING_EDIT_SECRET,
	.parse = parse_secret,
	.format = format_secret,
	.describe = describe_secret,
};

const struct setting_type setting_type_path = {
	.name = "path",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_path,
	.format = type_format_plain,
	.describe = describe_path,
};
