/* Values of settings out of the text of files. */
#include "core/setting/form_int.h"

#include "core/base/vec.h"

#include <string.h>

const char *
form_mark_id(const struct setting *s)
{
	return s->form->mark != NULL ? s->form->mark : s->id;
}

bool
form_is_mark(const struct setting *s, struct str line)
{
	line = str_trim(line);
	return str_starts(line, STR(FORM_MARK)) &&
	       str_is(str_trim(str_sub(line, strlen(FORM_MARK), line.len)),
		   form_mark_id(s));
}

bool
form_is_comment(struct str line)
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
		if (form_is_mark(s, line))
			return true;
	return false;
}

bool
form_first_line(struct str text, struct str *line)
{
	while (str_next_line(&text, line))
		if (!form_is_comment(*line)) {
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
		return !form_first_line(text, &line);
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

	if (form_is_comment(line))
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

struct str
form_target(const struct setting *s, const char *target)
{
	return str_of(s->form->name != NULL ? s->form->name : target);
}

bool
form_is_entry(const struct setting *s, struct str line, struct str target,
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
		if (form_is_entry(s, line, form_target(s, target), &one)) {
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

	if (!form_first_line(text, &line) || !str_next_word(&line, &word) ||
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
		if (form_is_comment(line))
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
		found = form_first_line(text, value);
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
