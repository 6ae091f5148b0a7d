/* Users and groups as the passwd and group files of a root name them. */
#ifndef CORE_SYS_OWNER_H
#define CORE_SYS_OWNER_H

#include "core/base/str.h"
#include "core/sys/root.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * Read below the root, so that another server's tree gets its own numbers.
 * False for who is not there. 'gid' may be NULL.
 */
bool owner_user(
    const struct root *root, struct str name, uid_t *uid, gid_t *gid);
bool owner_group(const struct root *root, struct str name, gid_t *gid);

#endif
