/* What the commands that test something have in common. */
#ifndef CMD_DIAGNOSIS_H
#define CMD_DIAGNOSIS_H

#include "cmd/command.h"
#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The value of --timeout in milliseconds; 0 when it is not given. */
MUST_USE bool diagnosis_timeout(
    const struct call *call, int64_t *ms, struct err *e);

#endif
