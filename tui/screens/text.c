/* A text: output of a command, messages, one line of a log. */
#include "core/base/i18n.h"
#include "tui/screens/screens.h"
#include "tui/widget/text.h"

#include <stdlib.h>
#include <string.h>

struct text_screen {
	struct screen screen;
	struct text_view view;
	char *path, *twin;
	/* of the line of a message: whose story 'w' opens */
	enum why_what what;
	char *word;
	int64_t at_s;
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
	(void)ui;
	if (self(s)->word != NULL)
		bar_add(b, ACT_WHY, NULL);
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
	struct text_screen *t = self(s);
	if (action != ACT_WHY)
		return text_act(&t->view, action);
	why_open(ui, t->what, t->word, t->at_s);
	return true;
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
	free(self(s)->word);
	free(s);
}

#define TEXT_ACTIONS                                                           \
	ACT_UP, ACT_DOWN, ACT_PAGE_UP, ACT_PAGE_DOWN, ACT_TEXT_UP, ACT_SPACE,  \
	    ACT_FIRST, ACT_LAST, ACT_LEFT, ACT_RIGHT
#define TEXT_CLASS                                                             \
	.path = path, .draw = draw, .status = status, .twin = twin,            \
	.bar = bar, .act = act, .search = search, .free = text_free

static const enum action actions[] = { TEXT_ACTIONS, ACT_NONE };
static const enum action story_actions[] = { TEXT_ACTIONS, ACT_WHY, ACT_NONE };

static const struct screen_class class = { .actions = actions, TEXT_CLASS };
static const struct screen_class story_class = {
	.actions = story_actions,
	TEXT_CLASS,
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

void
text_set_story(
    struct screen *s, enum why_what what, const char *word, int64_t at_s)
{
	struct text_screen *t = self(s);
	if (t == NULL || (t->word = strdup(word)) == NULL)
		return;
	t->what = what;
	t->at_s = at_s;
	s->class = &story_class;
}
