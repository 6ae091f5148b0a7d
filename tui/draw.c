/* Cells, rules, marks, prose. */
#include "tui/draw.h"

#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/widget/wrap.h"

#include <string.h>

static void
put_cut(struct tui *ui, int y, int x, size_t width, enum term_style style,
    struct str text)
{
	if (width == 0)
		return;
	size_t used = term_put(ui->term, y, x, width - 1, style, text);
	term_put(ui->term, y, x + (int)used, 1, style,
	    term_sign(ui->term, SIGN_CUT));
}

void
draw_cell(struct tui *ui, int y, int x, size_t width, enum term_style style,
    struct str text)
{
	if (width < 3)
		return;
	if (utf8_columns(text) <= width - 1)
		term_put(ui->term, y, x, width - 1, style, text);
	else
		put_cut(ui, y, x, width - 2, style, text);
}

void
draw_last(struct tui *ui, int y, int x, size_t width, enum term_style style,
    struct str text)
{
	if (utf8_columns(text) <= width)
		term_put(ui->term, y, x, width, style, text);
	else
		put_cut(ui, y, x, width, style, text);
}

void
draw_right(
    struct tui *ui, int y, int right, enum term_style style, struct str text)
{
	size_t width = utf8_columns(text);
	int x = right - (int)width;
	if (x >= 0)
		term_put(ui->term, y, x, width, style, text);
}

void
draw_rule(struct tui *ui, int y, int x, size_t width, struct str label)
{
	size_t used = 0;
	if (label.len > 0 && width > 8) {
		term_repeat(ui->term, y, x, 2, STYLE_HEAD, SIGN_RULE);
		used = 3 + term_put(ui->term, y, x + 3, width - 5, STYLE_HEAD,
			       label);
		term_put(ui->term, y, x + (int)used, 1, STYLE_HEAD, STR(" "));
		used++;
	}
	term_repeat(
	    ui->term, y, x + (int)used, width - used, STYLE_HEAD, SIGN_RULE);
}

void
draw_marks(struct tui *ui, int y, int x, bool cursor, char state, bool alarm)
{
	char mark[2] = { state, '\0' };
	if (cursor)
		term_put(ui->term, y, x, 1, STYLE_CURSOR, STR(">"));
	if (state != ' ')
		term_put(ui->term, y, x + 1, 1, STYLE_DRAFT, str_of(mark));
	if (alarm)
		term_put(ui->term, y, x + 2, 1, STYLE_FAIL, STR("!"));
}

void
draw_field(struct tui *ui, int y, int x, size_t width, struct edit *edit)
{
	term_put(ui->term, y, x, 1, STYLE_EDIT, STR("["));
	term_put(ui->term, y, x + 1 + (int)width, 1, STYLE_EDIT, STR("]"));
	edit_draw(edit, ui->term, y, x + 1, width, STYLE_EDIT);
}

int
draw_prose(struct tui *ui, int y, int x, size_t width, int lines,
    enum term_style style, struct str text)
{
	int used = 0;
	struct str line;
	while (used < lines && wrap_next(&text, width, &line)) {
		bool last = used + 1 == lines && str_trim(text).len > 0;
		if (last)
			put_cut(ui, y + used, x, width, style, line);
		else
			term_put(ui->term, y + used, x, width, style, line);
		used++;
	}
	return used;
}

size_t
draw_state(struct tui *ui, int y, int x, const char *state)
{
	static const struct {
		const char *word;
		enum term_style style;
	} states[] = {
		{ N_("ok"), STYLE_NORMAL },
		{ N_("WARN"), STYLE_WARN },
		{ N_("FAIL"), STYLE_FAIL },
		{ N_("????"), STYLE_UNKNOWN },
		{ N_("off"), STYLE_NORMAL },
		{ N_("run"), STYLE_HEAD },
		{ N_("wait"), STYLE_NORMAL },
		{ N_("queued"), STYLE_NORMAL },
		{ N_("refused"), STYLE_FAIL },
		{ N_("deferred"), STYLE_WARN },
	};
	enum term_style style = STYLE_NORMAL;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i].word, state) == 0)
			style = states[i].style;
	/* the translation of nothing is the head of the catalogue */
	return *state == '\0'
		   ? 0
		   : term_put(ui->term, y, x, 10, style, str_of(_(state)));
}
