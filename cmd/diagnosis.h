/* What the commands that test something have in common. */
#ifndef CMD_DIAGNOSIS_H
#define CMD_DIAGNOSIS_H

#include "cmd/command.h"
#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* "Could not test" is an outcome of its own. */
enum diagnosis {
	DIAGNOSIS_OK,
	DIAGNOSIS_INFO,
	DIAGNOSIS_WARN,
	DIAGNOSIS_FAIL,
	DIAGNOSIS_UNKNOWN
};
/* "ok", "info", "WARN", "FAIL", "????" */
const char *diagnosis_word(enum diagnosis d);
/* For JSON: "ok", "info", "warn", "fail", "unknown" */
const char *diagnosis_json(enum diagnosis d);

/* The value of --timeout in milliseconds; 0 when it is not given. */
MUST_USE bool diagnosis_timeout(
    const struct call *call, int64_t *ms, struct err *e);

#endif
