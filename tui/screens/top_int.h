/* Parts of the screen of what goes on now that its files share. */
#ifndef TUI_SCREENS_TOP_INT_H
#define TUI_SCREENS_TOP_INT_H

#include "core/base/arena.h"
#include "core/model/top.h"
#include "tui/screens/screens.h"
#include "tui/widget/list.h"

#include <stdbool.h>
#include <stdint.h>

struct top_screen {
	struct screen screen;
	struct top *top;     /* NULL: could not be opened */
	struct arena *arena; /* of the view's words */
	struct top_view view;
	struct list_view list;
	int64_t viewed_ms;
	bool following;
	bool behind; /* lines of the past are still read */
};

/* --- top.c --- */
/* The session that the cursor is on; NULL: there is none. */
const struct top_session *top_current(const struct top_screen *t);

/* --- top_draw.c --- */
/* Of the screen's class. */
void top_draw(struct screen *s, struct tui *ui, const struct view *v);

#endif
