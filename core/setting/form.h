/*
 * How the value of a setting stands in a file that smemail writes itself: a
 * custom fragment, or a plain file of the mail filter (effects.md 13.4). Text
 * in, text out; no file is touched here.
 *
 * A fragment of ours holds the line "# smemail: ID". What lacks it was written
 * by somebody else and is replaced only when that is wanted.
 */
#ifndef CORE_SETTING_FORM_H
#define CORE_SETTING_FORM_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/setting/setting.h"

#include <stdbool.h>
#include <stddef.h>

enum setting_form_kind {
	SETTING_FORM_SWITCH, /* the file is there, or it is not */
	SETTING_FORM_LINE,   /* one line: the value */
	SETTING_FORM_TEXT,   /* the whole file, without a mark */
	SETTING_FORM_LINES,  /* one line an entry of the value */
	SETTING_FORM_ENTRY,  /* one line a target: HEAD TARGET JOINT VALUE */
	SETTING_FORM_OPTION, /* a word behind a word of one line */
	SETTING_FORM_STRAY,  /* a file that should not be: only removed */
};

struct setting_form {
	enum setting_form_kind kind;
	/* the files, all alike, NULL-terminated; NULL: the setting's key */
	const char *const *paths;
	/* the same where plugins have other names (SME 9.2 and later), or NULL
	   when these do not differ */
	const char *const *paths_new;
	const char *mark;  /* id in the mark where files are shared, or NULL */
	const char *on;    /* SWITCH: the value with which the file is there */
	const char *text;  /* SWITCH: what it says then; "{ ..." is code */
	const char *sign;  /* SWITCH: what tells it in a file of others, or
			      NULL: that nothing but comments is in it */
	const char *head;  /* ENTRY: "score "; OPTION: the first word */
	const char *name;  /* ENTRY: the one target; OPTION: the word before */
	const char *value; /* ENTRY: what every value is; NULL: the rest */
	char joint;        /* ENTRY: between target and value */
	bool mark_last;    /* a program reads the first line only */
	bool plain;        /* a file of the mail filter: without a mark, and
			      the comments of others stay on top */
};

/* Does the text hold our mark? Plain files need none. */
bool setting_form_is_own(const struct setting *s, struct str text);
/*
 * The value that a file (which exists) gives the setting, in the arena; false
 * when it gives none.
 */
bool setting_form_get(const struct setting *s, const char *target,
    struct str text, struct arena *a, struct str *value);
/*
 * Append the file's text with the value put in, or (value NULL) taken out.
 * Lines that belong to nobody here are kept. False: the file is to be removed.
 */
bool setting_form_put(const struct setting *s, const char *target,
    struct str text, const struct str *value, struct buf *out);
/* The targets in the text, in its order, each once; count, in the arena. */
size_t setting_form_targets(const struct setting *s, struct str text,
    struct arena *a, const char *const **names);

#endif
