/* The keys valid on the screen below; typing filters, Enter runs one. */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/screens.h"
#include "tui/widget/list.h"
#include "core/base/line_match.h"

#include <stdlib.h>
#include <string.h>

enum {
	FILTER_MAX = 64,
	KEY_W = 18
};

struct help {
	struct screen screen;
	enum action rows[ACT_COUNT];
	struct list_view list;
	char filter[FILTER_MAX];
};

static struct help *
self(struct screen *s)
{
	return (struct help *)s;
}

static const char *
key_text(const struct key_entry *k)
{
	return k->twins != NULL ? k->twins : _(k->shown);
}

static void
choose(struct help *h, struct tui *ui, const struct screen *of)
{
	size_t n, count = 0;
	const struct key_entry *all = keys_all(&n);
	struct line_match m;
	line_match_init(&m, str_of(h->filter));
	for (size_t i = 0; i < n; i++) {
		size_t at, len;
		const char *line =
		    ui_text(ui, "%s  %s", key_text(&all[i]), _(all[i].help));
		if (!ui_valid(ui, of, all[i].action))
			continue;
		if (line_match_is_empty(&m) ||
		    line_match_find(&m, str_of(line), 0, &at, &len))
			h->rows[count++] = all[i].action;
	}
	line_match_clear(&m);
	list_resize(&h->list, count);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	buf_addf(out, "%s > ", _("Help"));
	s->below->class->path(s->below, ui, out);
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct help *h = self(s);
	int y = v->y, rows = v->h - (v->heads ? 1 : 0);
	int key_w = v->narrow ? 10 : KEY_W;
	if (v->heads) {
		term_put(ui->term, y, 3, 10, STYLE_HEAD, str_of(_("Key")));
		term_put(ui->term, y++, 3 + key_w, 20, STYLE_HEAD,
		    str_of(_("Does")));
	}
	list_fit(&h->list, (size_t)rows);
	for (size_t i = h->list.top; i < h->list.n && rows > 0; i++, rows--) {
		const struct key_entry *k = keys_of(h->rows[i]);
		bool cur = i == h->list.cur;
		draw_marks(ui, y, 0, cur, ' ', false);
		draw_cell(ui, y, 3, (size_t)key_w,
		    cur ? STYLE_CURSOR : STYLE_NORMAL, str_of(key_text(k)));
		draw_last(ui, y++, 3 + key_w, (size_t)(v->w - 3 - key_w),
		    STYLE_NORMAL, str_of(_(k->help)));
	}
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct help *h = self(s);
	(void)ui;
	buf_addf(out, _("key %zu of %zu"), list_position(&h->list), h->list.n);
	if (h->filter[0] != '\0')
		buf_addf(out, _("   with '%s'"), h->filter);
}

static void
hint(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	if (self(s)->filter[0] == '\0')
		buf_add_cstr(out, _("type to filter"));
	else
		buf_addf(out, _("filter: %s"), self(s)->filter);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)s;
	(void)ui;
	bar_add(b, ACT_OPEN, _("use this key"));
	bar_add_key(b, "Esc", _("back"));
}

static bool
key(struct screen *s, struct tui *ui, const struct input_key *k)
{
	struct help *h = self(s);
	size_t n = strlen(h->filter);
	char bytes[4];
	if (k->code == INPUT_BACKSPACE) {
		while (
		    n > 0 && ((unsigned char)h->filter[n - 1] & 0xc0) == 0x80)
			n--;
		if (n > 0)
			n--;
		h->filter[n] = '\0';
	} else if (k->code == INPUT_CHAR &&
		   !(n == 0 && (k->cp == 'q' || k->cp == 'Q'))) {
		size_t len = utf8_encode(k->cp, bytes);
		if (n + len >= sizeof(h->filter))
			return true;
		memcpy(h->filter + n, bytes, len);
		h->filter[n + len] = '\0';
	} else {
		return false;
	}
	choose(h, ui, s->below);
	return true;
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct help *h = self(s);
	if (action != ACT_OPEN)
		return list_act(&h->list, action);
	if (h->list.n == 0)
		return true;
	enum action chosen = h->rows[h->list.cur];
	ui_pop(ui);
	ui_act(ui, chosen);
	return true;
}

static void
help_free(struct screen *s, struct tui *ui)
{
	(void)ui;
	free(s);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_OPEN, ACT_NONE };

static const struct screen_class class = {
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.hint = hint,
	.bar = bar,
	.act = act,
	.key = key,
	.free = help_free,
};

struct screen *
help_new(struct tui *ui)
{
	struct help *h = calloc(1, sizeof(*h));
	if (h == NULL)
		return NULL;
	h->screen.class = &class;
	choose(h, ui, ui->top);
	return &h->screen;
}
