/*
 * Settings: each is declared once, as one const record in def_<area>.c; the
 * parser, printer, completion, screens and manual read these records.
 */
#ifndef CORE_SETTING_SETTING_H
#define CORE_SETTING_SETTING_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/line_match.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_place {
	SETTING_IN_DB,    /* property 'prop' of record 'key' in database 'db' */
	SETTING_IN_VALUE, /* the whole value of record 'key' */
	SETTING_IN_FILE,  /* a file ('key' is its path) */
	SETTING_IN_DNS,   /* a published record */
};

enum setting_risk {
	SETTING_RISK_NONE,
	SETTING_RISK_MAY_LOSE_MAIL,
	SETTING_RISK_MAY_BLOCK_LEGIT,
	SETTING_RISK_PRIVACY,
	SETTING_RISK_NEEDS_REBOOT,
	SETTING_RISK_CHANGES_CERTIFICATE,
	SETTING_RISK_OPEN_RELAY,        /* asks for --accept open-relay */
	SETTING_RISK_EXPOSES_PASSWORDS, /* asks for --accept ... */
};

enum {
	SETTING_VALUE_MAX = 8192 /* bytes of a value, more are refused */
};

/* What kind of record a setting with a target belongs to. */
enum setting_target {
	SETTING_TARGET_NONE, /* one value for the whole server */
	SETTING_TARGET_USER,
	SETTING_TARGET_GROUP,
	SETTING_TARGET_PSEUDONYM,
	SETTING_TARGET_DOMAIN,
	SETTING_TARGET_NETWORK,
	SETTING_TARGET_PATTERN,
	SETTING_TARGET_ENTRY, /* the property name is the target (lists) */
};

/* How a form edits a value (screens.md section 5). */
enum setting_editor {
	SETTING_EDIT_SWITCH,
	SETTING_EDIT_CHOICE,
	SETTING_EDIT_LINE,
	SETTING_EDIT_LIST,
	SETTING_EDIT_SECRET,
	SETTING_EDIT_TEXT,
	SETTING_EDIT_NONE, /* read only */
};

struct setting;
struct setting_form; /* core/setting/form.h */

/* One kind of value; the table is core/setting/type.c. */
struct setting_type {
	const char *name; /* "bool", "enum", "int", "bytes", ... */
	enum setting_editor editor;
	/*
	 * Check 'text' as a person or a tool wrote it and append the form that
	 * is stored. False with the reason ("'25' is not a whole number from 0
	 * to 20") otherwise.
	 */
	bool (*parse)(const struct setting *s, struct str text,
	    struct buf *stored, struct err *e);
	/*
	 * Asked only before a value is stored: false with the reason when it
	 * would be well-formed but wrong (a dead block list). NULL: nothing.
	 */
	bool (*check)(
	    const struct setting *s, struct str stored, struct err *e);
	/* Append the form shown to people ("604800 s (7 d)"). */
	void (*format)(
	    const struct setting *s, struct str stored, struct buf *shown);
	/* Append what is accepted, in words ("whole number, 0 to 20"). */
	void (*describe)(const struct setting *s, struct buf *words);
};

/* A word of a bool or enum, and what it means (NULL when evident). */
struct setting_choice {
	const char *word;
	const char *meaning;
};

enum {
	SETTING_SECRET = 1 << 0, /* never shown, logged, or in argv */
	SETTING_READ_ONLY = 1 << 1,
	SETTING_LIST = 1 << 2,      /* several entries, see 'separator' */
	SETTING_CONTRIB = 1 << 3,   /* needs a contributed package */
	SETTING_REQUIRED = 1 << 4,  /* the server cannot be without: no unset */
	SETTING_EMPTY_OK = 1 << 5,  /* an empty value means something */
	SETTING_ADDRESSES = 1 << 6, /* of ip-lists: no networks */
};

struct setting {
	const char *id; /* "spam.reject-level" */
	enum setting_place place;
	enum setting_target target;
	const char *db, *key, *prop; /* key or prop hold <...> with a target */
	/* how it stands in a file; NULL: such a file is not written here */
	const struct setting_form *form;
	const struct setting_type *type;
	const struct setting_choice *choices; /* ends with a NULL word */
	const char *min, *max;                /* texts of numbers, NULL: open */
	const char *separator;                /* of lists: "," ":" ", or :" */
	const char *unit;                     /* "s", "B", "d" ..., or NULL */
	const char *default_value;            /* NULL: none */
	bool default_unset; /* the default holds while nothing is stored and is
			       never written ("unset->25") */
	const char *const *with;   /* records whose property of this name is
				      stored with it, NULL-terminated */
	const char *default_from;  /* id whose value is the default, or NULL */
	const char *record_type;   /* type of a record made anew, or NULL: it
				      must be there already */
	const char *const *events; /* NULL-terminated; "user-modify <user>" */
	const char *const *files;  /* what it changes, NULL-terminated */
	/*
	 * Template fragments that write its lines, NULL-terminated: of the
	 * files, by name; with " (templates-custom)" where the setting is one.
	 */
	const char *const *fragments;
	const char *const *services; /* "qpsmtpd:sighup", NULL-terminated */
	const char *const *see_also; /* ids and commands, NULL-terminated */
	const char *apply;           /* what else a change needs, or NULL */
	const char *area;            /* "Filtering/Spam" */
	const char *since, *until;   /* releases as the catalogue writes them */
	enum setting_risk risk;
	/* the word that carries it and is asked about; "*": every value is;
	 * NULL: every value of an open relay or exposed passwords */
	const char *risk_value;
	const char *risk_text; /* what it does: "makes an open relay", N_() */
	const char *safer;     /* a command that is safer, or NULL */
	unsigned flags;
	const char *visible_if_id;    /* shown only when that setting ... */
	const char *visible_if_value; /* ... has this value; NULL: always */
	const char *help;             /* English summary, one line */
	const char *help_fr;          /* the same in French */
	const char *text;             /* paragraph, N_(), or NULL */
};

/* The whole catalogue in the order of areas and ids as declared. */
const struct setting *const *setting_all(size_t *count);
/* NULL when there is none of that name. */
const struct setting *setting_find(struct str id);
/* Where a word stands that a setting is looked for by. */
enum setting_mention {
	SETTING_IN_ID = 1 << 0,
	SETTING_IN_STORE = 1 << 1, /* its record or property */
	SETTING_IN_HELP = 1 << 2,  /* its summary, in either language */
	SETTING_IN_FILES = 1 << 3  /* a file or fragment it goes into */
};
/* All places of the word; 0 when there is none. */
unsigned setting_mentions(
    const struct setting *s, const struct line_match *word);
/* The nearest name by edit distance and shared parts, NULL if none is near. */
const struct setting *setting_nearest(struct str id);
/* The areas in their fixed order. */
const char *const *setting_areas(size_t *count);
/* What an area is about, N_() ("who may read mail, and how"). */
const char *setting_area_covers(const char *area);
/*
 * An area as a person types it: letter case aside, a beginning of its name or
 * of a word in it will do when no other fits. NULL when none or several fit.
 */
const char *setting_area_find(struct str text);
/* "user", "group" ..., "entry"; "" without target */
const char *setting_target_word(enum setting_target target);
/* "user", also "users"; SETTING_TARGET_NONE for other words. */
enum setting_target setting_target_of(const char *word);
/* May this name a target of 's' in a database? Whether it exists is not asked.
 */
bool setting_target_check(
    const struct setting *s, struct str target, struct err *e);
const char *setting_risk_word(enum setting_risk risk); /* "may-lose-mail" */
/* The same for people, translated: "may lose mail"; NULL for none. */
const char *setting_risk_shown(enum setting_risk risk);
/* Does this value carry the setting's risk? NULL: nothing is stored. */
bool setting_value_is_risky(const struct setting *s, const char *value);
/* The sign between the entries of a list as we store them. */
char setting_joint(const struct setting *s);
/*
 * The next entry of a list that is stored, blanks cut, empty ones left out;
 * false at the end. *rest is what follows.
 */
bool setting_list_next(
    const struct setting *s, struct str *rest, struct str *entry);
/* Is it part of this release ("9.1", "10", "11")? */
bool setting_on_release(const struct setting *s, const char *release);
/* Does storing this value need --accept RISK? 'stored' is the stored form. */
bool setting_needs_accept(const struct setting *s, struct str stored);

#endif
