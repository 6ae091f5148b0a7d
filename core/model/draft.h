/*
 * The draft: changes wished on a screen, outside the databases until they are
 * applied or stored. One per administrator, kept in a file of mode 0600 in
 * the state folder, written after every edit, so that a lost line loses
 * nothing. The value of a secret is only in memory: the file says no more
 * than that it was to change.
 */
#ifndef CORE_MODEL_DRAFT_H
#define CORE_MODEL_DRAFT_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/ctx.h"
#include "core/model/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct draft;

/* One wish of the draft; texts are good until the draft changes. */
struct draft_entry {
	const struct setting *setting;
	const char *target; /* NULL without target */
	const char *value;  /* NULL: back to the default */
	const char *base;   /* stored when it was drafted; NULL: nothing */
};

/*
 * Open the user's draft; a missing file is an empty draft. Entries that no
 * longer name a setting, and secrets, are left out and counted.
 */
MUST_USE bool draft_open(
    const struct model_ctx *m, struct draft **out, struct err *e);
void draft_close(struct draft *d); /* wipes secrets; NULL allowed */

/* In the order they were made; borrowed until the next change. */
size_t draft_count(const struct draft *d);
const struct draft_entry *draft_at(const struct draft *d, size_t i);
/* NULL when the setting is not in the draft. */
const struct draft_entry *draft_find(
    const struct draft *d, const struct setting *setting, const char *target);
/* When the file read by draft_open was last written; 0: there was none. */
int64_t draft_kept_s(const struct draft *d);
/* Secrets that the file only names. */
size_t draft_lost_secrets(const struct draft *d);

/*
 * Put a wish into the draft (replacing an earlier one) and keep the file.
 * When the file cannot be written, the wish holds in memory all the same and
 * the error says so.
 */
MUST_USE bool draft_set(
    struct draft *d, const struct draft_entry *wish, struct err *e);
/* Take a wish out. */
MUST_USE bool draft_drop(struct draft *d, const struct setting *setting,
    const char *target, struct err *e);
/*
 * Take the last draft_set or draft_drop back; *what is the setting it was
 * about, NULL when there was nothing to take back.
 */
MUST_USE bool draft_undo(
    struct draft *d, const struct setting **what, struct err *e);
/* Everything was applied or stored: empty, and nothing to undo. */
MUST_USE bool draft_empty(struct draft *d, struct err *e);

/* The wishes as plan_make, plan_apply and settings_write take them (arena). */
struct settings_wish *draft_wishes(
    const struct draft *d, struct arena *a, size_t *n);

#endif
