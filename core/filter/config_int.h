/*
 * The configuration of a policy: the files of a bundle, as lists of lines with
 * $include lines resolved (FL-36), and notes on what was wrong in them.
 */
#ifndef CORE_FILTER_CONFIG_INT_H
#define CORE_FILTER_CONFIG_INT_H

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/map.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	CONFIG_LINES_MAX = 1000000, /* of one setting, includes resolved */
	CONFIG_INCLUDE_DEPTH_MAX = 16,
	CONFIG_NOTES_MAX = 200
};

struct config_line {
	struct str text;  /* trimmed; never blank, a comment or an $include */
	const char *file; /* as shown: "config/badhelo" */
	unsigned number;  /* from 1 */
};

struct config_lines {
	const struct config_line *lines;
	size_t n;
};

/* Something to be logged once, when the policy is taken into use. */
struct config_note {
	int level;
	const char *text;
};

struct config {
	struct arena *arena; /* borrowed; holds everything below */
	struct map files;    /* name -> struct str content */
	struct vec names;    /* struct str, in the bundle's order */
	struct map settings; /* name -> struct config_lines, as asked for */
	struct vec notes;    /* struct config_note */
};

/* 'bundle' must live as long as the arena. */
MUST_USE bool config_init(
    struct config *c, struct arena *arena, struct str bundle, struct err *e);
void config_clear(struct config *c);

/* The file's bytes, ptr NULL when there is none of that name. */
struct str config_raw(const struct config *c, struct str name);
/* The lines of a setting; none when it is absent. Kept for later calls. */
MUST_USE bool config_lines(
    struct config *c, struct str name, struct config_lines *out, struct err *e);
/* What config_lines has kept, or none. */
struct config_lines config_kept(const struct config *c, struct str name);

/* Keep a note, with file and line when 'at' is not NULL. */
void config_note(struct config *c, int level, const struct config_line *at,
    const char *fmt, ...) PRINTF_LIKE(4, 5);
/* err_set with file and line in front; returns false. */
bool config_refuse(const struct config_line *at, struct err *e, const char *fmt,
    ...) PRINTF_LIKE(3, 4);

#endif
