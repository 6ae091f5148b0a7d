/* The command undo. */
#include "core/model/undo.h"

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/plan.h"
#include "cmd/render.h"
#include "cmd/when.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/model/history.h"

#include <limits.h>
#include <string.h>

/* Why a setting of the change does not go back by itself. */
static void
row_note(struct app *app, const struct undo_row *r)
{
	const char *name = history_name(&app->model, r->entry);
	switch (r->state) {
	case UNDO_LATER:
		if (r->later->applied != 0)
			render_note(app,
			    _("! '%s' was changed again: change %lld, %s, %s"),
			    name, (long long)r->later->applied,
			    when_shown(app, r->later->time_s), r->later->who);
		else
			render_note(app,
			    _("! '%s' was changed again and is not applied: "
			      "%s, %s"),
			    name, when_shown(app, r->later->time_s),
			    r->later->who);
		break;
	case UNDO_FOREIGN:
		render_note(
		    app, _("! '%s' was changed by another program"), name);
		break;
	case UNDO_SECRET:
		render_note(app,
		    _("! '%s' stays: the old value of a secret is not kept"),
		    name);
		break;
	case UNDO_UNKNOWN:
		render_note(app, _("! '%s' is not there any more"), name);
		break;
	case UNDO_BACK:
	case UNDO_SAME:
		break;
	}
}

static bool
may_go_on(struct app *app, const struct call *call, const struct undo *u,
    size_t n, struct err *e)
{
	const char *words = call->n_args > 0
				? arena_printf(app->arena, " %s", call->args[0])
				: "";
	if (u->n_blocked > 0 && !call_has(call, "force") &&
	    !call_has(call, "skip")) {
		err_set(e, ERR_USAGE,
		    P_("%zu setting was changed again since; nothing is "
		       "taken back",
			"%zu settings were changed again since; nothing is "
			"taken back",
			u->n_blocked),
		    u->n_blocked);
		return err_next(e,
		    _("smemail undo%s --skip leaves such settings as they "
		      "are, --force does not"),
		    words);
	}
	if (n == 0)
		return err_set(e, ERR_NO,
		    _("there is nothing to take back: every value is as it "
		      "was, or cannot go back"));
	if (u->n_pending == 0 || call_has(call, "with-stored"))
		return true;
	err_set(e, ERR_USAGE,
	    P_("%zu setting that is stored and not applied would come into "
	       "force as well",
		"%zu settings that are stored and not applied would come into "
		"force as well",
		u->n_pending),
	    u->n_pending);
	return err_next(e,
	    _("see smemail plan; then: smemail undo%s --with-stored"), words);
}

/* What is stored and not applied: nothing has to be expanded. */
static int
stored_back(
    struct app *app, const struct settings_wish *w, size_t n, struct err *e)
{
	struct settings_outcome *o =
	    ARENA_ARRAY(app->arena, n + 1, struct settings_outcome);
	if (!settings_restore(&app->model, w, n, o, e))
		return err_exit_status(e->code);
	for (size_t i = 0; i < n; i++) {
		const char *target = w[i].target;
		render_line(app, _("%s%s%s: %.*s -> %.*s"), w[i].setting->id,
		    target != NULL ? " --for " : "",
		    target != NULL ? target : "", STR_ARG(o[i].old_value),
		    STR_ARG(o[i].new_value));
	}
	return 0;
}

static int
dry_run(struct app *app, const struct plan_order *order, struct err *e)
{
	struct plan *p;
	if (!plan_of_order(&app->model, order, &p, e))
		return err_exit_status(e->code);
	if (app->json)
		plan_json(app, p);
	else
		plan_show(app, p);
	return 0;
}

static bool
change_parse(const struct call *call, long *change, struct err *e)
{
	int64_t n = UNDO_NEWEST;
	if (call->n_args > 0 &&
	    !num_parse_i64(str_of(call->args[0]), 1, LONG_MAX, &n)) {
		err_set(e, ERR_USAGE, _("'%s' is not the number of a change"),
		    call->args[0]);
		return err_next(e, "smemail history");
	}
	*change = call_has(call, "stored") ? UNDO_STORED : (long)n;
	return true;
}

static int
undo_run(struct app *app, const struct call *call, struct err *e)
{
	struct undo u;
	long change = UNDO_NEWEST;
	struct plan_order order = { .kind = JOURNAL_UNDO, .raw = true };
	if (!change_parse(call, &change, e) ||
	    !undo_make(&app->model, change, &u, e))
		return err_exit_status(e->code);
	plan_problem_note(app, u.journal.problem);
	for (size_t i = 0; i < u.n; i++)
		row_note(app, &u.rows[i]);
	struct settings_wish *w =
	    undo_wishes(&app->model, &u, call_has(call, "force"), &order.n);
	if (!may_go_on(app, call, &u, order.n, e))
		return err_exit_status(e->code);
	order.draft = w;
	order.of = u.apply != NULL ? u.apply->change : 0;
	if (u.apply == NULL && !call_has(call, "dry-run"))
		return stored_back(app, w, order.n, e);
	return call_has(call, "dry-run") ? dry_run(app, &order, e)
					 : apply_order(app, &order, e);
}

const struct command command_undo = {
	.words = "undo",
	.summary = N_("take a change back, and apply"),
	.text = N_("Stores again what each setting of the change had before, "
		   "and applies. Without a number it is the newest change that "
		   "is not taken back yet. A setting that was changed again "
		   "since stands in the way: --skip leaves it, --force does "
		   "not. An undo is a change of its own and can be taken back "
		   "by its number."),
	.args = {
		{ .name = "CHANGE", .kind = ARG_CHANGE, .count = ARG_OPTIONAL },
	},
	.options = {
		{
			.name = "stored",
			.help = N_("take back what is stored and not applied"),
		},
		{
			.name = "skip",
			.help = N_("leave settings that were changed again"),
		},
		{
			.name = "force",
			.help = N_("take back those as well"),
		},
		{
			.name = "with-stored",
			.help = N_("apply what else is stored with it"),
		},
		{
			.name = "dry-run",
			.help = N_("show the plan, and change nothing"),
		},
	},
	.flags = COMMAND_CHANGES,
	.run = undo_run,
};
