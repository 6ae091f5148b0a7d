/* The line typed on the message line: ':' commands, '/' search, '&' filter. */
#include "tui/app.h"

#include "core/base/i18n.h"

#include <stdlib.h>
#include <string.h>

enum {
	CHOICES_BYTES_MAX = 256 * 1024
};

void
ui_line_begin(struct tui *ui, enum line_kind kind, struct str text)
{
	struct screen *s = ui->top;
	ui->line = kind;
	ui->history_at = ui->history[kind].len;
	edit_set(&ui->line_edit, text);
	if (kind == LINE_SEARCH && s->class->search != NULL)
		s->class->search(s, ui, text, LINE_BEGIN);
}

static void
history_add(struct tui *ui, struct str text)
{
	struct vec *h = &ui->history[ui->line];
	char *copy;
	if (text.len == 0)
		return;
	if (h->len > 0 && str_is(text, *VEC_AT(h, char *, h->len - 1)))
		return;
	copy = str_dup(text);
	if (copy != NULL && !vec_push(h, &copy))
		free(copy);
	if (h->len > HISTORY_KEPT) {
		free(*VEC_AT(h, char *, 0));
		vec_remove(h, 0);
	}
}

static void
history_step(struct tui *ui, bool back)
{
	struct vec *h = &ui->history[ui->line];
	if (back && ui->history_at > 0)
		ui->history_at--;
	else if (!back && ui->history_at < h->len)
		ui->history_at++;
	else
		return;
	edit_set(&ui->line_edit,
	    ui->history_at < h->len ? str_of(*VEC_AT(h, char *, ui->history_at))
				    : STR(""));
}

/* Tab: add what is certain, show what may follow on the status line. */
static void
complete(struct tui *ui)
{
	struct buf more = BUF_INIT(EDIT_TEXT_MAX);
	struct buf choices = BUF_INIT(CHOICES_BYTES_MAX);
	struct str rest, line;
	size_t used = 0;
	if (ui->line_edit.at != ui->line_edit.text.len)
		return; /* only at the end of the line */
	ui->host->complete(
	    ui->host->ctx, buf_cstr(&ui->line_edit.text), &more, &choices);
	edit_insert(&ui->line_edit, buf_str(&more));
	rest = buf_str(&choices);
	while (str_next_line(&rest, &line)) {
		if (used + line.len + 3 > sizeof(ui->choices))
			break;
		memcpy(ui->choices + used, line.ptr, line.len);
		used += line.len;
		memcpy(ui->choices + used, "  ", 3);
		used += 2;
	}
	buf_clear(&more);
	buf_clear(&choices);
}

static void
finish(struct tui *ui, bool accepted)
{
	struct screen *s = ui->top;
	enum line_kind kind = ui->line;
	char *text = strndup(buf_cstr(&ui->line_edit.text), EDIT_TEXT_MAX);
	if (accepted)
		history_add(ui, edit_text(&ui->line_edit));
	ui->line = LINE_NONE;
	edit_set(&ui->line_edit, STR(""));
	struct str typed = str_of(text);
	if (kind == LINE_SEARCH && s->class->search != NULL)
		s->class->search(
		    s, ui, typed, accepted ? LINE_ACCEPTED : LINE_CANCELLED);
	else if (kind == LINE_FILTER && accepted && s->class->filter != NULL)
		s->class->filter(s, ui, str_trim(typed));
	else if (kind == LINE_TIME && accepted && s->class->jump != NULL)
		s->class->jump(s, ui, str_trim(typed));
	else if (kind == LINE_COMMAND && accepted)
		ui_command(ui, str_trim(typed));
	free(text);
}

void
ui_line_key(struct tui *ui, const struct input_key *key)
{
	struct screen *s = ui->top;
	ui->choices[0] = '\0';
	bool stop = key->code == INPUT_CTRL && key->cp == 'c';
	if (key->code == INPUT_ENTER || key->code == INPUT_ESC || stop) {
		finish(ui, key->code == INPUT_ENTER);
		return;
	}
	if (ui->line == LINE_SEARCH && s->class->search != NULL &&
	    key->code != INPUT_CHAR && s->class->key != NULL &&
	    s->class->key(s, ui, key))
		return; /* the list moves below the line */
	if (key->code == INPUT_BACKSPACE && ui->line_edit.text.len == 0) {
		finish(ui, false);
		return;
	}
	if (key->code == INPUT_TAB && ui->line == LINE_COMMAND) {
		complete(ui);
		return;
	}
	if (key->code == INPUT_UP || key->code == INPUT_DOWN) {
		history_step(ui, key->code == INPUT_UP);
	} else if (edit_key(&ui->line_edit, key) != EDIT_CHANGED) {
		return;
	}
	if (ui->line == LINE_SEARCH && s->class->search != NULL)
		s->class->search(
		    s, ui, edit_text(&ui->line_edit), LINE_CHANGED);
}
