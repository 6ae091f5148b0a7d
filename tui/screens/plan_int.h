/* Parts of the plan screen that its files share. */
#ifndef TUI_SCREENS_PLAN_INT_H
#define TUI_SCREENS_PLAN_INT_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/model/plan.h"
#include "tui/screens/screens.h"
#include "tui/widget/list.h"

#include <stdbool.h>
#include <stddef.h>

enum plan_line_kind {
	PLAN_RULE,
	PLAN_SETTING,
	PLAN_TEXT,
	PLAN_DIFF,
};

struct plan_line {
	enum plan_line_kind kind;
	struct str text, right;
	const struct plan_setting *setting;
	bool alarm;
};

struct plan_screen {
	struct screen screen;
	struct arena *arena;
	struct plan *plan; /* NULL when it could not be made */
	struct vec lines;  /* struct plan_line */
	struct list_view list;
	size_t risks;
	bool failed;
	struct err why;
};

/* --- plan_lines.c --- */
/* Make the lines of p->plan anew (NULL: none), texts in its arena. */
void plan_lines_fill(struct plan_screen *p);
/* Services that the events of the plan touch. */
size_t plan_service_count(const struct plan *plan);

#endif
