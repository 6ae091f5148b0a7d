/* Values in the text of files that smemail writes. */
#include "core/setting/form.h"

#include "core/base/vec.h"

#include <string.h>

#define MARK "# smemail: "

enum {
	FORM_MAX = 4 << 20
};

static const char *
mark_id(const struct setting *s)
{
	return s->form->mark != NULL ? s->form->mark : s->id;
}

static bool
is_mark(const struct setting *s, struct str line)
{
	line = str_trim(line);
	return str_starts(line, STR(MARK)) &&
	       str_is(
		   str_trim(str_sub(line, strlen(MARK), line.len)), mark_id(s));
}

/* Nothing that a program would act on? */
static bool
is_comment(struct str line)
{
	line = str_trim(line);
	return line.len == 0 || line.ptr[0] == '#';
}

bool
setting_form_is_own(const struct setting *s, struct str text)
{
	struct str line;

	if (s->form->kind == SETTING_FORM_TEXT ||
	    s->form->kind == SETTING_FORM_STRAY || s->form->plain)
		return true;
	while (str_next_line(&text, &line))
		if (is_mark(s, line))
			return true;
	return false;
}

/* The first line that counts. */
static bool
first_line(struct str text, struct str *line)
{
	while (str_next_line(&text, line))
		if (!is_comment(*line)) {
			*line = str_trim(*line);
			return true;
		}
	return false;
}

static bool
is_on(const struct setting *s, struct str text)
{
	struct str line;

	if (setting_form_is_own(s, text))
		return true;
	if (s->form->sign == NULL)
		return !first_line(text, &line);
	return str_find_str(text, str_of(s->form->sign)) < text.len;
}

/* One line of the form ENTRY: its target and its value. */
static bool
entry_of(const struct setting *s, struct str line, struct str *target,
    struct str *value)
{
	const struct setting_form *f = s->form;
	struct str head = str_trim(str_of(f->head));
	struct str word;

	if (is_comment(line))
		return false;
	line = str_trim(line);
	if (head.len > 0 &&
	    (!str_next_word(&line, &word) || !str_eq(word, head)))
		return false;
	if (f->value != NULL) { /* all of it is the target */
		*target = str_trim(line);
		*value = str_of(f->value);
		return true;
	}
	if (!str_next_word(&line, target))
		return false;
	*value = str_trim(line);
	return value->len > 0;
}

/* Blanks between the words of a target count as the joint does. */
static bool
same_target(struct str a, struct str b)
{
	struct str x, y;
	bool more;

	do {
		more = str_next_word(&a, &x);
		if (more != str_next_word(&b, &y))
			return false;
	} while (more && str_eq_nocase(x, y));
	return !more;
}

static struct str
wanted(const struct setting *s, const char *target)
{
	return str_of(s->form->name != NULL ? s->form->name : target);
}

static bool
is_entry(const struct setting *s, struct str line, struct str target,
    struct str *value)
{
	struct str name;

	return entry_of(s, line, &name, value) && same_target(name, target);
}

/* The last line of a target is the one that counts. */
static bool
entry_get(const struct setting *s, const char *target, struct str text,
    struct str *value)
{
	struct str line, one;
	bool found = false;

	while (str_next_line(&text, &line))
		if (is_entry(s, line, wanted(s, target), &one)) {
			*value = one;
			found = true;
		}
	return found;
}

/* The word behind NAME of the line that begins with HEAD. */
static bool
option_get(const struct setting *s, struct str text, struct str *value)
{
	struct str line, word;

	if (!first_line(text, &line) || !str_next_word(&line, &word) ||
	    !str_is(word, s->form->head))
		return false;
	while (str_next_word(&line, &word))
		if (str_is(word, s->form->name))
			return str_next_word(&line, value);
		else if (!str_next_word(&line, &word))
			return false;
	return false;
}

/* Lines as the entries of one value. */
static bool
lines_get(const struct setting *s, struct str text, struct arena *a,
    struct str *value)
{
	struct buf out = BUF_INIT(SETTING_VALUE_MAX);
	const char *joint = s->separator != NULL ? s->separator : ",";
	struct str line;

	while (str_next_line(&text, &line)) {
		if (is_comment(line))
			continue;
		if (out.len > 0)
			(void)buf_add_char(&out, joint[0]);
		(void)buf_add_str(&out, str_trim(line));
	}
	*value = arena_str(a, buf_str(&out));
	buf_clear(&out);
	return value->len > 0;
}

bool
setting_form_get(const struct setting *s, const char *target, struct str text,
    struct arena *a, struct str *value)
{
	bool found = true;

	switch (s->form->kind) {
	case SETTING_FORM_SWITCH:
		*value = str_of(s->form->on);
		return is_on(s, text);
	case SETTING_FORM_STRAY:
		*value = str_of(s->form->on);
		return true;
	case SETTING_FORM_LINE:
		found = first_line(text, value);
		break;
	case SETTING_FORM_TEXT:
		*value = text;
		break;
	case SETTING_FORM_LINES:
		return lines_get(s, text, a, value);
	case SETTING_FORM_ENTRY:
		found = entry_get(s, target, text, value);
		break;
	case SETTING_FORM_OPTION:
		found = option_get(s, text, value);
		break;
	}
	if (found)
		*value = arena_str(a, *value);
	return found;
}

static void
put_line(struct buf *out, struct str line)
{
	(void)buf_add_str(out, line);
	(void)buf_add_char(out, '\n');
}

static void
put_mark(const struct setting *s, struct buf *out)
{
	(void)buf_addf(out, "%s%s\n", MARK, mark_id(s));
}

/* "{ code }" holds its mark within. */
static void
put_switch(const struct setting *s, struct buf *out)
{
	const char *text = s->form->text;

	if (text[0] == '{') {
		(void)buf_add_cstr(out, "{\n");
		put_mark(s, out);
		(void)buf_add_cstr(out, text + 1);
	} else {
		put_mark(s, out);
		(void)buf_add_cstr(out, text);
	}
	(void)buf_add_char(out, '\n');
}

static void
put_value(const struct setting *s, const struct str *value, struct buf *out)
{
	if (!s->form->mark_last)
		put_mark(s, out);
	if (value != NULL)
		put_line(out, *value);
	if (s->form->mark_last)
		put_mark(s, out);
}

/* What others noted in a plain file. */
static void
put_comments(const struct setting *s, struct str text, struct buf *out)
{
	struct str line;

	while (s->form->plain && str_next_line(&text, &line))
		if (is_comment(line))
			put_line(out, line);
}

static void
put_lines(const struct setting *s, struct str value, struct buf *out)
{
	const char *joint = s->separator != NULL ? s->separator : ",";

	if (!s->form->plain)
		put_mark(s, out);
	while (value.ptr != NULL)
		put_line(out, str_cut(value, joint[0], &value));
}

static void
put_entry(const struct setting *s, struct str target, struct str value,
    struct buf *out)
{
	const struct setting_form *f = s->form;

	(void)buf_add_cstr(out, f->head != NULL ? f->head : "");
	(void)buf_add_str(out, target);
	if (f->value == NULL) {
		(void)buf_add_char(out, f->joint != '\0' ? f->joint : ' ');
		(void)buf_add_str(out, value);
	}
	(void)buf_add_char(out, '\n');
}

/* Every other line as it was; the first of the target replaced, more gone. */
static void
put_entries(const struct setting *s, const char *target, struct str text,
    const struct str *value, struct buf *out)
{
	struct str line, old;
	bool done = value == NULL;

	if (!setting_form_is_own(s, text))
		put_mark(s, out);
	while (str_next_line(&text, &line)) {
		if (!is_entry(s, line, wanted(s, target), &old)) {
			put_line(out, line);
		} else if (!done) {
			put_entry(s, wanted(s, target), *value, out);
			done = true;
		}
	}
	if (!done)
		put_entry(s, wanted(s, target), *value, out);
}

/* The line anew, with the word behind NAME replaced, added or left out. */
static void
put_option(const struct setting *s, struct str text, const struct str *value,
    struct buf *out)
{
	const struct setting_form *f = s->form;
	struct buf line = BUF_INIT(FORM_MAX);
	struct str rest = STR_EMPTY, word, old;
	bool done = value == NULL;

	if (first_line(text, &rest))
		(void)str_next_word(&rest, &word);
	while (str_next_word(&rest, &word) && str_next_word(&rest, &old)) {
		if (!str_is(word, f->name)) {
			(void)buf_addf(
			    &line, " %.*s %.*s", STR_ARG(word), STR_ARG(old));
		} else if (!done) {
			(void)buf_addf(
			    &line, " %s %.*s", f->name, STR_ARG(*value));
			done = true;
		}
	}
	if (!done)
		(void)buf_addf(&line, " %s %.*s", f->name, STR_ARG(*value));
	if (line.len > 0) {
		put_mark(s, out);
		(void)buf_addf(out, "%s%s\n", f->head, buf_cstr(&line));
	}
	buf_clear(&line);
}

/* Is anything left beside the mark? */
static bool
has_more(const struct setting *s, struct str text)
{
	struct str line;

	while (str_next_line(&text, &line))
		if (!is_mark(s, line) && str_trim(line).len > 0)
			return true;
	return false;
}

bool
setting_form_put(const struct setting *s, const char *target, struct str text,
    const struct str *value, struct buf *out)
{
	switch (s->form->kind) {
	case SETTING_FORM_SWITCH:
		if (value == NULL || !str_is(*value, s->form->on))
			return false;
		put_switch(s, out);
		return true;
	case SETTING_FORM_STRAY:
		return false;
	case SETTING_FORM_LINE:
		put_value(s, value, out);
		break;
	case SETTING_FORM_TEXT:
		if (value == NULL || value->len == 0)
			return false;
		(void)buf_add_str(out, *value);
		if (!str_ends(*value, STR("\n")))
			(void)buf_add_char(out, '\n');
		return true;
	case SETTING_FORM_LINES:
		put_comments(s, text, out);
		if (value != NULL && value->len > 0)
			put_lines(s, *value, out);
		return out->len > 0;
	case SETTING_FORM_ENTRY:
		put_entries(s, target, text, value, out);
		break;
	case SETTING_FORM_OPTION:
		put_option(s, text, value, out);
		break;
	}
	return has_more(s, buf_str(out));
}

size_t
setting_form_targets(const struct setting *s, struct str text, struct arena *a,
    const char *const **names)
{
	struct vec found = VEC_INIT(const char *);
	struct str line, name, value;
	const char **list = NULL;
	size_t n = 0;

	while (str_next_line(&text, &line)) {
		bool known = false;
		if (!entry_of(s, line, &name, &value))
			continue;
		for (size_t i = 0; i < found.len && !known; i++)
			known = same_target(
			    str_of(*VEC_AT(&found, const char *, i)), name);
		const char *copy = arena_cstr(a, name);
		if (!known && !vec_push(&found, &copy))
			break;
	}
	list = ARENA_ARRAY(a, found.len + 1, const char *);
	if (list != NULL && found.len > 0)
		memcpy(list, found.data, found.len * sizeof(*list));
	*names = list;
	n = list != NULL ? found.len : 0;
	vec_clear(&found);
	return n;
}
