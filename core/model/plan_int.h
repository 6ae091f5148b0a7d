/* Between planning and applying. */
#ifndef CORE_MODEL_PLAN_INT_H
#define CORE_MODEL_PLAN_INT_H

#include "core/model/files.h"
#include "core/model/plan.h"

/* A plan with the files it is about. */
struct plan_work {
	struct plan *plan;
	struct files_set set; /* all generated files; empty when live */
};

/* plan_make, keeping the texts. */
MUST_USE bool plan_work_make(const struct model_ctx *m,
    const struct settings_wish *draft, size_t n, struct plan_work *out,
    struct err *e);

/*
 * What applying does to one file: lines of its text, its mode. Passwords are
 * left out of files that hold some.
 */
MUST_USE bool plan_file_diff(const struct model_ctx *m,
    const struct files_entry *f, struct plan_file *out, struct err *e);

/* Every risk of the catalogue: who asks has been told before. */
extern const char plan_all_risks[];

#endif
