/* Between planning and applying. */
#ifndef CORE_MODEL_PLAN_INT_H
#define CORE_MODEL_PLAN_INT_H

#include "core/model/files.h"
#include "core/model/journal.h"
#include "core/model/plan.h"

/*
 * The events of the apply under way, kept until it is done, so that the next
 * one can finish it: "email-update", "user-modify anna".
 */
#define RESUME_PATH "/var/lib/smemail/applying"
struct resume {
	long change;               /* it will be */
	struct plan_event *events; /* name and argument alone */
	size_t n_events;
	const char *filter; /* what the filter needs: "restart", or NULL */
	bool plugins;       /* of the filter changed */
};

/* A plan with the files it is about. */
struct plan_work {
	struct plan *plan;
	struct files_set set; /* all generated files; empty when live */
	struct journal journal;
	struct resume resume;
};

/* plan_make, keeping the texts. */
MUST_USE bool plan_work_make(const struct model_ctx *m,
    const struct plan_order *order, struct plan_work *out, struct err *e);

/* The settings that wait; those of the draft are told as such. */
MUST_USE bool plan_settings_fill(const struct model_ctx *m,
    const struct journal *j, const struct settings_wish *draft, size_t n,
    struct plan *p, struct err *e);

/* False when there is none that matters any more. */
bool resume_read(
    const struct model_ctx *m, const struct journal *j, struct resume *out);
MUST_USE bool resume_keep(
    const struct model_ctx *m, const struct resume *r, struct err *e);
void resume_drop(const struct model_ctx *m);

/* What the changed files mean for a service: "restart", "reload" or NULL. */
const char *plan_need(const struct files_set *set, const char *service);

/*
 * The lock that every apply holds; the wait for it ends when the one who
 * gave the order (NULL allowed) stops it.
 */
struct lock;
MUST_USE bool plan_lock(const struct model_ctx *m, const struct plan_order *o,
    struct lock *l, struct err *e);

/*
 * Files made from databases that were emptied or cut off would open the
 * server or refuse its mail, so they are not made.
 */
MUST_USE bool databases_are_whole(const struct model_ctx *m,
    const struct root *databases, const struct journal *j, struct err *e);

/* Store the draft of an order; every risk of it was told before. */
MUST_USE bool plan_draft_write(const struct model_ctx *m,
    const struct plan_order *order, struct settings_outcome *outcomes,
    struct err *e);

/*
 * What applying does to one file: lines of its text, its mode. Passwords are
 * left out of files that hold some.
 */
MUST_USE bool plan_file_diff(const struct model_ctx *m,
    const struct files_entry *f, struct plan_file *out, struct err *e);

#endif
