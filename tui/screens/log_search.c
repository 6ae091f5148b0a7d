/* Moving to a row by what it says: words, problems. */
#include "tui/screens/log_int.h"

#include "core/base/i18n.h"

static void
go(struct log_screen *l, size_t i)
{
	l->following = false;
	list_go(&l->list, i);
}

void
log_next_problem(struct log_screen *l, struct tui *ui, bool forward)
{
	size_t i = l->list.cur;
	while (forward ? ++i < l->shown.len : i-- > 0) {
		if (log_row_shown(l, i)->problem) {
			go(l, i);
			return;
		}
	}
	ui_say(ui, "%s",
	    forward ? _("no problem below this line")
		    : _("no problem above this line"));
}

static void
find(struct log_screen *l, size_t from, bool forward)
{
	size_t n = l->shown.len;
	for (size_t k = 0; k < n; k++) {
		size_t i = forward ? (from + k) % n : (from + n - k) % n;
		if (log_found(l, i)) {
			go(l, i);
			return;
		}
	}
}

void
log_search(
    struct screen *s, struct tui *ui, struct str text, enum line_event event)
{
	struct log_screen *l = (struct log_screen *)s;
	size_t n = l->shown.len;
	(void)ui;
	if (event == LINE_BEGIN)
		l->came_from = l->list.cur;
	if (event == LINE_CHANGED || event == LINE_CANCELLED) {
		line_match_clear(&l->match);
		list_go(&l->list, l->came_from);
	}
	if (event == LINE_CHANGED) {
		line_match_init(&l->match, text);
		find(l, l->list.cur, false);
	}
	if (n > 0 && event == LINE_NEXT)
		find(l, (l->list.cur + 1) % n, true);
	if (n > 0 && event == LINE_PREVIOUS)
		find(l, (l->list.cur + n - 1) % n, false);
}
