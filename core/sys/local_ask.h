/* One question to a daemon that listens on a local socket. */
#ifndef CORE_SYS_LOCAL_ASK_H
#define CORE_SYS_LOCAL_ASK_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Connect to 'path', send 'question' (may be empty) and read the answer to its
 * end into 'out', whose maximum bounds it. False when nobody listens
 * (e->sys_errno ENOENT or ECONNREFUSED), or when the answer does not end
 * within 'limit_ms', by the system's own clock, or is larger.
 */
MUST_USE bool local_ask(const char *path, struct str question, int64_t limit_ms,
    struct buf *out, struct err *e);

#endif
