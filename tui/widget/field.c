/* Open or closed: a line editor on a row. */
#include "tui/widget/field.h"

void
field_init(struct field *f)
{
	edit_init(&f->edit, false);
	f->open = false;
}

void
field_open(struct field *f, struct str text)
{
	field_close(f);
	edit_init(&f->edit, false);
	edit_set(&f->edit, text);
	f->open = true;
}

void
field_close(struct field *f)
{
	edit_clear(&f->edit);
	f->open = false;
}

struct str
field_text(const struct field *f)
{
	return edit_text(&f->edit);
}

bool
field_key(struct field *f, const struct input_key *k, bool *entered)
{
	bool control = k->code == INPUT_CTRL;
	*entered = false;
	if (!f->open || (control && (k->cp == 'z' || k->cp == 'l')))
		return false;
	if (k->code == INPUT_ENTER)
		*entered = true;
	else if (k->code == INPUT_ESC || (control && k->cp == 'c'))
		field_close(f);
	else
		edit_key(&f->edit, k);
	return true;
}

bool
field_paste(struct field *f, struct str text)
{
	if (f->open)
		edit_paste(&f->edit, text);
	return f->open;
}
