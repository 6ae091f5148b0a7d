/* Programs that belong to smemail, wherever it was installed or built. */
#ifndef CMD_DAEMON_H
#define CMD_DAEMON_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/sys/root.h"

#include <stdbool.h>

/*
 * The absolute path of 'name': the variable SMEMAIL_FILTERD for the filter,
 * else beside this program, in sbin beside its folder, or on PATH.
 */
MUST_USE bool daemon_find(
    const char *name, char out[SYS_PATH_MAX], struct err *e);

#endif
