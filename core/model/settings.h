/* Views and operations on settings, for commands and screens alike. */
#ifndef CORE_MODEL_SETTINGS_H
#define CORE_MODEL_SETTINGS_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/ctx.h"
#include "core/setting/setting.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum settings_source {
	SETTINGS_DEFAULT,  /* nothing stored, or just the default */
	SETTINGS_SET,      /* something else stored, and applied */
	SETTINGS_PENDING,  /* stored, not applied yet */
	SETTINGS_FRAGMENT, /* a custom fragment decides */
	SETTINGS_UNKNOWN,  /* lives where we do not look (DNS, packages) */
};
/* "default", "set", "pending", "fragment", "unknown" */
const char *settings_source_word(enum settings_source source);

/* One setting as it stands. Texts live in the context's arena. */
struct settings_row {
	const struct setting *setting;
	const char *target; /* NULL without target */
	struct str value;   /* in force: stored if valid, else default */
	struct str stored;  /* bytes in the database */
	bool is_stored;
	bool stored_valid;   /* by the setting's own type */
	const char *problem; /* why it is not valid, or NULL */
	const char *note;    /* what more there is to say of it, or NULL */
	enum settings_source source;
	bool on_release;
	bool visible; /* visible_if holds */
};

/* Every database a view reads is loaded at most once per store. */
struct settings_store;
MUST_USE bool settings_open(
    const struct model_ctx *m, struct settings_store **out, struct err *e);
void settings_close(struct settings_store *s); /* NULL allowed */

/*
 * Read one setting; 'target' names the user, domain ... or is NULL. Unknown
 * targets fail with the nearest existing name.
 */
MUST_USE bool settings_read(struct settings_store *st, const struct setting *s,
    const char *target, struct settings_row *row, struct err *e);

/*
 * The same without the journal and other settings: 'source' is never pending,
 * 'visible' is true. For who wants the value alone.
 */
MUST_USE bool settings_read_value(struct settings_store *st,
    const struct setting *s, const char *target, struct settings_row *row,
    struct err *e);

/*
 * The targets a setting has: every user for a setting of users, the names
 * stored for a list; in byte order, in the arena. With 'set_only' those that
 * store a value of this setting.
 */
MUST_USE bool settings_targets(struct settings_store *st,
    const struct setting *s, bool set_only, const char *const **names,
    size_t *n, struct err *e);

/*
 * Find by id for an interface: unknown names fail (ERR_USAGE) with the nearest
 * as next step; one that is not on this release fails too, saying so.
 */
const struct setting *settings_lookup(
    const struct model_ctx *m, const char *id, struct err *e);

/* One wish: a new value, or (value NULL) back to the default. */
struct settings_wish {
	const struct setting *setting;
	const char *target; /* or NULL */
	const char *value;  /* as typed; NULL removes the stored value */
};

/* What became of it. */
struct settings_outcome {
	struct str old_value; /* in force before; secrets read "(secret)" */
	struct str new_value;
	bool old_is_default; /* nothing was stored */
	bool new_is_default;
	bool changed;       /* something else is stored now */
	bool at_risk;       /* the new value is not the default, and the
			       setting has a risk */
	int64_t risk_count; /* addresses concerned, -1: not counted */
};

/*
 * Validate without writing: the error says why not, in the house wording, and
 * *normal (arena) is the form that would be stored.
 */
MUST_USE bool settings_check(struct settings_store *st,
    const struct settings_wish *wish, struct str *normal, struct err *e);

/*
 * The same, and is its risk accepted where that has to be asked? When only
 * that is missing, *normal is not empty and the error says what the risk is.
 */
MUST_USE bool settings_accept(struct settings_store *st,
    const struct settings_wish *wish, const char *accept, struct str *normal,
    struct err *e);

/* The journal, read at the first question; lives as long as the store. */
struct journal;
MUST_USE bool settings_journal(
    struct settings_store *st, const struct journal **out, struct err *e);

/*
 * What a person should know of a value though it can be stored, one line each
 * ("spam.tag-level 12 is not below spam.reject-level 10"), as the databases
 * stand now. Returns how many; the array is in the arena.
 */
size_t settings_warnings(struct settings_store *st, const struct setting *s,
    const char *target, const char *const **lines);

/*
 * Validate all wishes, then write them under the locks, then journal each
 * change. Nothing is written when one fails. 'accept' is a comma list of risks
 * accepted ("open-relay"), or NULL; "replace-file" among them lets a fragment
 * that somebody else wrote be replaced (a copy of it is kept).
 */
MUST_USE bool settings_write(const struct model_ctx *m,
    const struct settings_wish *wishes, size_t n, const char *accept,
    struct settings_outcome *outcomes, struct err *e);
/* The same checks and outcomes, and nothing is written. */
MUST_USE bool settings_preview(const struct model_ctx *m,
    const struct settings_wish *wishes, size_t n, const char *accept,
    struct settings_outcome *outcomes, struct err *e);
/*
 * The same for bytes that were stored before: they are neither checked nor
 * brought into another form.
 */
MUST_USE bool settings_restore(const struct model_ctx *m,
    const struct settings_wish *wishes, size_t n,
    struct settings_outcome *outcomes, struct err *e);

#endif
