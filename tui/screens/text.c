/* A text: output of a command, messages. */
#include "core/base/i18n.h"
#include "tui/screens/screens.h"
#include "tui/widget/text.h"

#include <stdlib.h>
#include <string.h>

struct text_screen {
	struct screen screen;
	struct text_view view;
	char *path, *twin;
};

static struct text_screen *
self(struct screen *s)
{
	return (struct text_screen *)s;
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	buf_add_cstr(out, self(s)->path);
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	text_draw(&self(s)->view, ui, v);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	text_status(&self(s)->view, out);
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	buf_add_cstr(out, self(s)->twin);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)s;
	(void)ui;
	bar_add(b, ACT_SPACE, _("page"));
	bar_add(b, ACT_TEXT_UP, _("back a page"));
	bar_add(b, ACT_SEARCH, NULL);
	bar_add(b, ACT_SEARCH_NEXT, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	(void)ui;
	return text_act(&self(s)->view, action);
}

static void
search(struct screen *s, struct tui *ui, struct str text, enum line_event event)
{
	(void)ui;
	text_search(&self(s)->view, text, event);
}

static void
text_free(struct screen *s, struct tui *ui)
{
	(void)ui;
	text_clear(&self(s)->view);
	free(self(s)->path);
	free(self(s)->twin);
	free(s);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_TEXT_UP, ACT_SPACE, ACT_FIRST, ACT_LAST, ACT_LEFT,
	ACT_RIGHT, ACT_NONE };

static const struct screen_class class = {
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.search = search,
	.free = text_free,
};

struct screen *
text_new(struct tui *ui, const char *path_text, const char *twin_text,
    struct str text)
{
	struct text_screen *t = calloc(1, sizeof(*t));
	(void)ui;
	if (t == NULL)
		return NULL;
	t->screen.class = &class;
	t->path = strdup(path_text);
	t->twin = strdup(twin_text);
	if (!text_init(&t->view) || t->path == NULL || t->twin == NULL) {
		text_free(&t->screen, ui);
		return NULL;
	}
	text_add(&t->view, STYLE_NORMAL, text);
	return &t->screen;
}
