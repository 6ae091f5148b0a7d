/*
 * Plans: what stored but not applied changes (and a draft) would do to files
 * and services, and carrying them out.
 */
#ifndef CORE_MODEL_PLAN_H
#define CORE_MODEL_PLAN_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/ctx.h"
#include "core/model/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct plan_setting {
	const struct setting *setting; /* NULL: a record without a setting */
	const char *name; /* id, with " --for TARGET" where it has one */
	const char *old_value, *new_value;
	const char *origin; /* "stored" or "draft" */
};

struct plan_file {
	const char *path; /* without the root */
	size_t added, removed;
	struct str diff; /* lines with ' ', '-', '+' in front, LF-terminated */
	bool is_new;
};

struct plan_service {
	const char *name;   /* "qpsmtpd" */
	const char *action; /* "reload", "restart", "start", "stop" */
};

struct plan_event {
	const char *name;     /* "email-update" */
	const char *argument; /* or NULL */
	size_t files, files_changed;
	struct plan_service *services;
	size_t n_services;
};

struct plan {
	struct plan_setting *settings;
	size_t n_settings;
	struct plan_file *files; /* only those that differ */
	size_t n_files;
	struct plan_event *events;
	size_t n_events;
	bool live; /* a server of its own: its templates tell the files */
	long upto; /* last entry of the journal it is made of */
};

/*
 * Work out the plan of what is stored plus 'draft' (n wishes, may be 0), into
 * the context's arena. Reads only.
 */
MUST_USE bool plan_make(const struct model_ctx *m,
    const struct settings_wish *draft, size_t n, struct plan **out,
    struct err *e);
bool plan_is_empty(const struct plan *p);

/* One finished step of an apply, told while it goes on. */
struct plan_step {
	const char *state; /* "ok", "FAIL" */
	const char *name;  /* "record", "event", "service", "verify" */
	const char *detail;
	double seconds;
};
typedef void plan_progress(void *ctx, const struct plan_step *step);

/*
 * Write the draft, expand, run each event once, signal services, verify.
 * *change is the number in the journal, 0 when there was nothing to do. What
 * does not expand, or the filter would not load, changes nothing at all.
 */
MUST_USE bool plan_apply(const struct model_ctx *m,
    const struct settings_wish *draft, size_t n, plan_progress *progress,
    void *progress_ctx, long *change, struct err *e);

#endif
