/* What plan, apply and undo show in the same way. */
#ifndef CMD_PLAN_H
#define CMD_PLAN_H

#include "cmd/app.h"
#include "core/model/plan.h"

void plan_show(struct app *app, const struct plan *p);
void plan_json(struct app *app, const struct plan *p);
/* The last apply that the journal tells of; NULL: none, or it is damaged. */
const struct journal_apply *plan_last_apply(struct app *app);
/* "nothing to apply; last apply: ..." */
void plan_nothing_show(struct app *app);
/* A damaged journal, NULL: nothing; a change that waits to be confirmed. */
void plan_problem_note(struct app *app, const char *problem);
void plan_confirm_note(struct app *app);

/* Carry the order out, with its steps as they come; the exit status. */
int apply_order(struct app *app, struct plan_order *order, struct err *e);

#endif
