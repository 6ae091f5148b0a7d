/*
 * The root directory: every path of the mail system is written absolute
 * ("/home/e-smith/db/configuration") and looked up below the root. Messages
 * and logs show the path without the root.
 */
#ifndef CORE_SYS_ROOT_H
#define CORE_SYS_ROOT_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>

enum {
	SYS_PATH_MAX = 4096
};

struct root {
	char prefix[SYS_PATH_MAX]; /* absolute, no final slash; "" for "/" */
};

/*
 * Set from "--root DIR" (made absolute and resolved; must be a directory), or,
 * when 'dir' is NULL, from SMEMAIL_ROOT, else "/".
 */
MUST_USE bool root_init(struct root *r, const char *dir, struct err *e);
/*
 * As root_init for a directory that need not exist yet (init): the part that
 * exists is resolved, the rest appended.
 */
MUST_USE bool root_init_new(struct root *r, const char *dir, struct err *e);
bool root_is_system(const struct root *r); /* the root is "/" */

/*
 * The real path of 'path' (with or without leading slash) into 'out'; false
 * when longer than SYS_PATH_MAX.
 */
MUST_USE bool root_path(const struct root *r, const char *path,
    char out[SYS_PATH_MAX], struct err *e);
/*
 * As root_path, but a symbolic link at its end that leads to an absolute path
 * is followed below the root. 'out' may be 'path'.
 */
MUST_USE bool root_follow(const struct root *r, const char *path,
    char out[SYS_PATH_MAX], struct err *e);
/* printf form of root_path. */
MUST_USE bool root_pathf(const struct root *r, char out[SYS_PATH_MAX],
    struct err *e, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The path as the system shows it: 'real' without the root's prefix. */
const char *root_shown(const struct root *r, const char *real);

#endif
