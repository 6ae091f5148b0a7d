/*
 * The nine lists of senders, hosts and zones (features F035-F047): what each
 * takes, what is in them, and the wishes that change them.
 */
#ifndef CORE_MODEL_LISTS_H
#define CORE_MODEL_LISTS_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/settings.h"

#include <stdbool.h>
#include <stddef.h>

/* What an entry of a list looks like. */
enum lists_form {
	LISTS_ZONE,    /* zone, zone:text */
	LISTS_HELO,    /* a name, exactly */
	LISTS_ADDRESS, /* 192.0.2.7, 192.0.2., 192.0.2.0/24 */
	LISTS_FROM,    /* user@host, @host */
	LISTS_SENDER,  /* user@host, host */
	LISTS_PATTERN, /* user@host, *@host, *host */
};

struct lists_list {
	const char *name;  /* "whitelist_from" */
	const char *phase; /* "connect", "helo", "mail", "data" */
	bool accepts;      /* else it refuses */
	enum lists_form form;
	const char *setting; /* id; for zones the whole list is its value */
	const char *word;    /* value of an entry; NULL: zones */
	const char *sw;      /* id of the switch it counts with, or NULL */
	const char *forms;   /* "user@host, @host" */
	const char *help;    /* one line, N_() */
	const char *acts;    /* what still acts, N_() */
};

/* In the order of the SMTP phases, those that refuse first. */
const struct lists_list *lists_all(size_t *count);
/* By name, '-' for '_' allowed; unknown: the nearest as next step. */
const struct lists_list *lists_find(const char *name, struct err *e);

struct lists_entry {
	const char *text;
	const char *problem; /* not in the form of this list, or NULL */
};
/* In byte order (zones: as they are asked), in the arena of the store. */
MUST_USE bool lists_entries(struct settings_store *st,
    const struct lists_list *l, struct lists_entry **out, size_t *n,
    struct err *e);

/*
 * Append an entry in the form of the list: "*@host", "@host" and "host" are
 * converted into one another, letter case of hosts is folded. False when it
 * cannot be one; the error says what would be.
 */
MUST_USE bool lists_normal(const struct lists_list *l, struct str text,
    struct buf *out, struct err *e);
/* Is it one of the domains that mail is accepted for? */
bool lists_is_own_domain(struct settings_store *st, struct str host);
/*
 * What a person should know before the entry is added: that it concerns
 * everybody, a whole top-level domain, our own domain. NULL: nothing. With
 * *ask it may lose mail (or let all spam in) and is to be confirmed.
 */
const char *lists_warning(struct settings_store *st, const struct lists_list *l,
    struct str entry, bool *ask);

/* A change being put together; the wishes are in the arena of the store. */
struct lists_change {
	struct settings_wish *wishes;
	size_t n;
	const char **touched; /* entries really added or removed */
	size_t n_touched;
	size_t known; /* entries that were there (add), or not (remove) */
};
/*
 * Wishes that add or remove these entries, in any form. With 'replace' (add
 * alone) every other entry is removed. All in one change.
 */
MUST_USE bool lists_add(struct settings_store *st, const struct lists_list *l,
    const char *const *entries, size_t n, bool replace,
    struct lists_change *out, struct err *e);
MUST_USE bool lists_remove(struct settings_store *st,
    const struct lists_list *l, const char *const *entries, size_t n,
    struct lists_change *out, struct err *e);

/* One finding of lists_check. */
struct lists_finding {
	const struct lists_list *list;
	const char *entry;
	const char *kind; /* "syntax", "duplicate", "conflict", "covered",
			     "wide", "obsolete", "separator" */
	const char *text; /* what about it, translated */
	const char *cure; /* a command, or NULL */
};
/* All lists, or one; in the arena. */
MUST_USE bool lists_check(struct settings_store *st, const struct lists_list *l,
    struct lists_finding **out, size_t *n, struct err *e);
/*
 * Wishes that put right what has one right answer: forms, duplicates, what a
 * wider entry covers, dead zones, separators.
 */
MUST_USE bool lists_fix(struct settings_store *st,
    const struct lists_finding *findings, size_t n, struct lists_change *out,
    struct err *e);

#endif
