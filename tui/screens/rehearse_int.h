/*
 * The rehearsal of one client and message (screens.md 4.18): a process of its
 * own sends the steps, first under the configuration in force, then under
 * that of the draft.
 */
#ifndef TUI_SCREENS_REHEARSE_INT_H
#define TUI_SCREENS_REHEARSE_INT_H

#include "core/model/rehearse_with.h"
#include "tui/screens/rehearse.h"
#include "tui/task.h"
#include "tui/widget/list.h"

#include <stdbool.h>
#include <stddef.h>

/* Words of the rows that the process sends: the first field of each. */
#define REHEARSE_ROW_SIZE    "message"
#define REHEARSE_ROW_STEP    "step"
#define REHEARSE_ROW_END     "end"
#define REHEARSE_ROW_BECAUSE "because"

enum {
	REHEARSE_PORT = 25 /* unless another was typed */
};

enum rehearse_side {
	REHEARSE_NOW,
	REHEARSE_WITH,
	REHEARSE_SIDES
};

struct rehearse_screen {
	struct screen screen;
	struct arena *own; /* of what is asked */
	struct rehearse_ask ask;
	struct task *task;
	struct arena *arena;                    /* of what came */
	struct rehearsal sides[REHEARSE_SIDES]; /* as far as they came */
	bool done[REHEARSE_SIDES];
	bool compared;       /* there is a draft to compare with */
	const char *because; /* the sides differ; or NULL */
	uint64_t bytes;      /* of the message; 0: not known */
	struct rehearse_pair *pairs;
	size_t n_pairs;
	struct list_view list;
};

/* --- rehearse_work.c: in the process --- */
task_work rehearse_work;
/* The request of what is asked, without a message; the array is the arena's. */
void rehearse_request_of(const struct rehearse_ask *ask, struct arena *a,
    struct rehearse_request *out);

/* --- rehearse_take.c --- */
/* One row that the process sent; its ctx is the screen. */
task_row rehearse_take;
/* Pairs point into the steps, which move as they grow: make them anew. */
void rehearse_pair_again(struct rehearse_screen *r);
/*
 * The cursor to the next denial, or step that the draft changes; false: there
 * is none.
 */
bool rehearse_find_problem(struct rehearse_screen *r, bool back);
/* The step that stands for the row. */
const struct rehearse_step *rehearse_of(const struct rehearse_pair *p);

/* --- rehearse_draw.c --- */
void rehearse_draw(struct screen *s, struct tui *ui, const struct view *v);
/* "refused: its words"; "-" where it was not asked. */
const char *rehearse_outcome(struct tui *ui, const struct rehearse_step *s);

#endif
