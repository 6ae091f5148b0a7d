/* Parts of the screen of why that its files share. */
#ifndef TUI_SCREENS_WHY_INT_H
#define TUI_SCREENS_WHY_INT_H

#include "core/base/arena.h"
#include "core/model/why_find.h"
#include "tui/screens/screens.h"
#include "tui/widget/list.h"
#include "tui/widget/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was found; shared by the list and the message opened from it. */
struct why_screen {
	struct screen screen;
	struct arena *arena;
	struct why_list found;
	const char *word; /* as asked */
	int64_t at_s;     /* about that time; 0: any */
	struct list_view list;
	struct text_view text;   /* of the message that is shown */
	const struct why *shown; /* NULL: the list */
	int columns;  /* of the terminal when the text was written ... */
	size_t width; /* ... and those of the text */
	bool raw;
	size_t cure; /* offered next */
};

/* --- why_text.c --- */
/* Write the message that is shown into w->text anew. */
void why_write_text(struct why_screen *w, struct tui *ui);
/* A time (nanoseconds) and "SENDER -> RECIPIENT", in the screen's arena. */
const char *why_moment(struct why_screen *w, struct tui *ui, int64_t ns);
const char *why_route(struct why_screen *w, const struct why *m);

#endif
