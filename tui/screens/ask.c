/* A dialog that asks for one line of text. */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/screens.h"
#include "tui/widget/box.h"

#include <stdlib.h>
#include <string.h>

struct ask {
	struct screen screen;
	char *title, *text;
	struct edit edit;
	ask_done *done;
	const void *ctx;
};

static struct ask *
self(struct screen *s)
{
	return (struct ask *)s;
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct ask *a = self(s);
	struct box b;
	box_init(&b, v);
	box_line(&b, STYLE_HEAD, str_of(a->title));
	box_prose(&b, ui, 0, str_of(a->text));
	box_line(&b, STYLE_NORMAL, STR(""));
	box_draw(&b, ui, v, b.n - 1);
	int y = b.y + (int)(b.n - 1 - b.first);
	draw_field(ui, y, b.x, b.width - 2, &a->edit);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)s;
	(void)ui;
	bar_add(b, ACT_OPEN, _("test"));
	bar_add_key(b, "Esc", _("cancel"));
}

/*
 * The dialog goes first: 'done' may open something else. What was refused is
 * asked again, with what was typed.
 */
static void
accept(struct ask *a, struct tui *ui)
{
	ask_done *done = a->done;
	const void *ctx = a->ctx;
	struct screen *below = a->screen.below;
	const char *title = arena_cstr(ui->scratch, str_of(a->title));
	const char *asks = arena_cstr(ui->scratch, str_of(a->text));
	const char *text =
	    arena_cstr(ui->scratch, str_trim(edit_text(&a->edit)));
	ui_pop(ui);
	done(ui, ctx, text);
	if (ui->top == below && ui->message[0] != '\0')
		ui_push(ui, ask_new(ui, title, asks, text, done, ctx));
}

static bool
key(struct screen *s, struct tui *ui, const struct input_key *k)
{
	struct ask *a = self(s);
	bool stop = k->code == INPUT_CTRL && k->cp == 'c';
	if (k->code == INPUT_CTRL && (k->cp == 'z' || k->cp == 'l'))
		return false;
	if (k->code == INPUT_ESC || stop) {
		ui_pop(ui);
	} else if (k->code == INPUT_ENTER) {
		accept(a, ui);
	} else {
		edit_key(&a->edit, k);
	}
	return true;
}

static bool
paste(struct screen *s, struct tui *ui, struct str text)
{
	(void)ui;
	edit_paste(&self(s)->edit, text);
	return true;
}

static void
ask_free(struct screen *s, struct tui *ui)
{
	struct ask *a = self(s);
	(void)ui;
	edit_clear(&a->edit);
	free(a->title);
	free(a->text);
	free(a);
}

static const struct screen_class class = {
	.flags = SCREEN_OVERLAY,
	.path = screen_path_below,
	.draw = draw,
	.bar = bar,
	.key = key,
	.paste = paste,
	.free = ask_free,
};

struct screen *
ask_new(struct tui *ui, const char *title, const char *text, const char *first,
    ask_done *done, const void *ctx)
{
	struct ask *a = calloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	a->screen.class = &class;
	a->done = done;
	a->ctx = ctx;
	a->title = strdup(title);
	a->text = strdup(text);
	edit_init(&a->edit, false);
	if (a->title == NULL || a->text == NULL) {
		ask_free(&a->screen, ui);
		return NULL;
	}
	edit_set(&a->edit, str_of(first));
	return &a->screen;
}
