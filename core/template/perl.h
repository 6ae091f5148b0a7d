/*
 * Fragments with { } blocks (ES-90 to ES-99): one perl with Text::Template for
 * a whole run, started when the first such fragment is met.
 */
#ifndef CORE_TEMPLATE_PERL_H
#define CORE_TEMPLATE_PERL_H

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/template/template.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	TEMPLATE_PERL_RESULT_MAX = 8 << 20, /* of one fragment */
	TEMPLATE_PERL_LIMIT_MS = 30 * 1000,
	TEMPLATE_PERL_DEPTH_MAX = 16, /* templates inside templates */
};

/* A change of a database that a fragment asks for. */
struct template_store {
	const char *db; /* name, or absolute path without the root */
	struct str key;
	bool had, has; /* is there an old, a new value? */
	struct str was, raw;
};

struct template_perl_how {
	const char *share;     /* folder of fragments.pl */
	const char *databases; /* real root that databases are read below */
	const char *config;    /* real path of the configuration database */
	const struct clock *clock;
	int64_t limit_ms; /* for one fragment; 0: TEMPLATE_PERL_LIMIT_MS */
	/*
	 * Store 'what' if the value is still 'was'; *done tells. NULL where
	 * databases must stay as they are.
	 */
	bool (*store)(void *ctx, const struct template_store *what, bool *done,
	    struct err *e);
	void *store_ctx;
};

struct template_perl;

/* Starts nothing yet. The texts of 'how' are borrowed. NULL: no memory. */
struct template_perl *template_perl_new(const struct template_perl_how *how);
void template_perl_free(struct template_perl *p); /* NULL allowed */

/* What the blocks of one template did wrong so far. */
struct template_perl_count {
	unsigned errors, warnings;
	struct err first; /* of the errors */
};

/*
 * Fragments of one template share their variables (ES-95): evaluate them
 * between begin and end.
 */
MUST_USE bool template_perl_begin(
    struct template_perl *p, const struct template_env *env, struct err *e);
void template_perl_end(struct template_perl *p, const struct template_env *env);

/*
 * Append the text of one fragment. Blocks that fail are counted, told to the
 * note of 'env', and yield nothing (ES-97). False: nothing more can be
 * expanded.
 */
MUST_USE bool template_perl_fragment(struct template_perl *p,
    const struct template_env *env, const char *shown, struct str text,
    struct buf *out, struct template_perl_count *count, struct err *e);

/* Each line of 'text' as the sub 'code' gives it back (ES-114). */
MUST_USE bool template_perl_filter(struct template_perl *p,
    const struct template_env *env, struct str code, struct str text,
    struct buf *out, struct err *e);

#endif
