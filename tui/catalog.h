/*
 * The settings as the screens see them: what is stored, merged with the
 * draft, in the order of the catalogue.
 */
#ifndef TUI_CATALOG_H
#define TUI_CATALOG_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/model/ctx.h"
#include "core/model/draft.h"
#include "core/model/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct catalog_row {
	const struct setting *s;
	struct settings_row stored;      /* as the databases have it */
	const struct draft_entry *draft; /* NULL: not in the draft */
	bool many;    /* has one value per user, domain ... */
	bool visible; /* visible_if holds, the draft counted */
	bool moved;   /* stored anew by somebody since it was drafted */
};

struct catalog {
	struct arena *arena;
	struct model_ctx model;
	struct settings_store *store;
	struct catalog_row *rows; /* of this release */
	size_t n;
	size_t n_all; /* of every release */
};

/*
 * Reads every setting of the release; its texts live in the arena, which it
 * owns from now on (also when it fails).
 */
MUST_USE bool catalog_load(const struct model_ctx *m, struct arena *arena,
    const struct draft *d, struct catalog **out, struct err *e);
void catalog_free(struct catalog *c); /* NULL allowed */
/* The draft has changed: merge it again. */
void catalog_merge(struct catalog *c, const struct draft *d);
struct catalog_row *catalog_find(const struct catalog *c, const char *id);

/* Text in force with the draft counted: what the editor begins with. */
struct str catalog_value(const struct catalog_row *r);
bool catalog_has_value(const struct catalog_row *r);
/* ' ' default, '+' set, '*' draft, '#' own fragment, '=' read only. */
char catalog_state(const struct catalog_row *r);
/* Risky as drafted, or stored but not valid. */
bool catalog_alarm(const struct catalog_row *r);
/* Something is stored that its type does not take. */
bool catalog_is_bad(const struct catalog_row *r);
/* Is it shown under the filter "set"? */
bool catalog_is_set(const struct catalog_row *r);
/* The value as rows show it: "[x] enabled", "604800 s (7 d)". */
void catalog_show(const struct catalog_row *r, bool narrow, struct buf *out);
/* A plain value in the same form, without switch and choice marks. */
void catalog_show_plain(
    const struct catalog_row *r, struct str value, struct buf *out);
/* "was 4" for a drafted row: the value in force now. */
void catalog_show_old(const struct catalog_row *r, struct buf *out);
/* "smemail set ID VALUE" of a drafted row, else "smemail get ID". */
void catalog_twin(const struct catalog_row *r, struct buf *out);
/* One line of help, in the language of the model. */
const char *catalog_help(const struct catalog *c, const struct catalog_row *r);
/* What is accepted: "0 to 20". */
void catalog_range(const struct catalog_row *r, struct buf *out);
/* Must the value be typed in full? (open relay, passwords) */
bool catalog_asks_word(const struct setting *s, const char *value);
/* "Livraison (Delivery)", or the id when the language has no other. */
void catalog_area(const char *area, struct buf *out);
/* The on and off words of a switch. */
const char *catalog_switched(const struct catalog_row *r);

#endif
