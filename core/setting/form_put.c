/* The text of a file with the value of a setting put in, or taken out. */
#include "core/setting/form_int.h"

enum {
	FORM_MAX = 4 << 20
};

static void
put_line(struct buf *out, struct str line)
{
	(void)buf_add_str(out, line);
	(void)buf_add_char(out, '\n');
}

static void
put_mark(const struct setting *s, struct buf *out)
{
	(void)buf_addf(out, "%s%s\n", FORM_MARK, form_mark_id(s));
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
		if (form_is_comment(line))
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
		if (!form_is_entry(s, line, form_target(s, target), &old)) {
			put_line(out, line);
		} else if (!done) {
			put_entry(s, form_target(s, target), *value, out);
			done = true;
		}
	}
	if (!done)
		put_entry(s, form_target(s, target), *value, out);
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

	if (form_first_line(text, &rest))
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
		if (!form_is_mark(s, line) && str_trim(line).len > 0)
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
