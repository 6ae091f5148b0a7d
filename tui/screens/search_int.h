/* Parts of the search screen that its files share. */
#ifndef TUI_SCREENS_SEARCH_INT_H
#define TUI_SCREENS_SEARCH_INT_H

#include "core/base/vec.h"
#include "core/setting/setting.h"
#include "tui/screens/screens.h"
#include "tui/widget/list.h"

#include <stddef.h>

enum {
	SEARCH_MATCHED_MAX = 160,
	SEARCH_QUERY_MAX = 200,
};

enum search_kind {
	SEARCH_HEADING,
	SEARCH_SETTING,
	SEARCH_COMMAND,
	SEARCH_SAME,  /* a word of the same meaning */
	SEARCH_OTHER, /* a setting of another release */
};

struct search_item {
	enum search_kind kind;
	int rank; /* of settings: id, property, summary */
	const struct setting *s;
	const char *text; /* heading, words of a command, the other word */
	size_t more;      /* of SEARCH_SAME */
	char matched[SEARCH_MATCHED_MAX];
};

struct search {
	struct screen screen;
	struct vec items; /* struct search_item */
	struct list_view list;
	char query[SEARCH_QUERY_MAX];
	size_t settings, commands, others;
};

/* --- search_find.c --- */
/* What q->query finds becomes the items; the cursor stands on the first. */
void search_find(struct search *q, struct tui *ui);

#endif
