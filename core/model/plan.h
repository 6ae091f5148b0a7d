/*
 * Plans: what stored but not applied changes (and a draft) would do to files
 * and services, and carrying them out.
 */
#ifndef CORE_MODEL_PLAN_H
#define CORE_MODEL_PLAN_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/base.h"
#include "core/model/ctx.h"
#include "core/model/journal.h"
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
	struct str hunks; /* as patch(1) takes them */
	struct str diff;  /* lines with ' ', '-', '+' in front, LF-terminated */
	bool is_new;
};

struct plan_service {
	const char *name;   /* "qpsmtpd" */
	const char *action; /* "reload", "restart", "start", "stop" */
	bool after;         /* live: the event does not do it, smemail does */
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
	bool live;   /* a server of its own: its programs do the work */
	bool unseen; /* live: files change that cannot be shown */
	/* live: services of settings that have no event; name "" */
	struct plan_event loose;
	bool reboots; /* some of it counts after a restart of the server */
	long upto;    /* last entry of the journal it is made of */
	/* an apply was cut short: its events are run again */
	bool resumes;
	const char *problem; /* of the journal, or NULL */
	struct base base;    /* what it is made of */
};

/*
 * Work out the plan of what is stored plus 'draft' (n wishes, may be 0), into
 * the context's arena. Reads only.
 */
MUST_USE bool plan_make(const struct model_ctx *m,
    const struct settings_wish *draft, size_t n, struct plan **out,
    struct err *e);
bool plan_is_empty(const struct plan *p);

enum {
	PLAN_WORDS_MAX = 64 * 1024 /* longer words are cut */
};
/* Does what is to be stored carry the setting's risk? */
bool plan_setting_is_risky(const struct plan_setting *s);
/* "12 -> 10", or the entries of a list that go and come: "- a, + b, + c". */
const char *plan_change_words(const struct plan_setting *s, struct arena *a);
/* "reloads qpsmtpd, sqpsmtpd; restarts clamd", "" for none; translated. */
const char *plan_services_words(const struct plan_event *ev, struct arena *a);

/* One finished step of an apply, told while it goes on. */
struct plan_step {
	const char *state; /* "ok", "FAIL" */
	const char *name;  /* "record", "event", "service", "verify" */
	const char *detail;
	double seconds;
};
typedef void plan_progress(void *ctx, const struct plan_step *step);

/* What is to be applied, and how. */
struct plan_order {
	const struct settings_wish *draft; /* stored with it */
	size_t n;
	bool raw; /* as settings_restore does */
	/* a saved plan: nothing is done when its base has moved; or NULL */
	const struct base *base;
	const char *base_shown; /* name of its file */
	/* taken back after this unless it is confirmed; 0: for good */
	int64_t confirm_s;
	enum journal_kind kind;
	long of;                 /* the change that it takes back */
	plan_progress *progress; /* or NULL */
	/* asked before each step that can be left out; or NULL */
	bool (*stopped)(void *ctx);
	void *ctx; /* of both */
};

struct plan_result {
	long change;       /* its number in the journal, 0: nothing to do */
	int64_t expires_s; /* until when it has to be confirmed, 0: it is not */
	bool reboots;      /* as in the plan */
	/* what moved since the saved plan, should that be why it failed */
	const char *const *moved;
	size_t n_moved;
};

/* plan_make of the order's draft. */
MUST_USE bool plan_of_order(const struct model_ctx *m,
    const struct plan_order *order, struct plan **out, struct err *e);

/*
 * Write the draft, expand, run each event once, signal services, verify. What
 * does not expand, or the filter would not load, changes nothing at all. An
 * apply that is stopped, fails or is killed after that is finished by the
 * next one.
 */
MUST_USE bool plan_apply(const struct model_ctx *m,
    const struct plan_order *order, struct plan_result *out, struct err *e);

#endif
