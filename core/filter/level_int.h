/* Log levels (FL-42). */
#ifndef CORE_FILTER_LEVEL_INT_H
#define CORE_FILTER_LEVEL_INT_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>

enum filter_level {
	LEVEL_EMERG,
	LEVEL_ALERT,
	LEVEL_CRIT,
	LEVEL_ERROR,
	LEVEL_WARN, /* the default of the daemon */
	LEVEL_NOTICE,
	LEVEL_INFO, /* most lines of plugins */
	LEVEL_DEBUG
};

/* A number, or a name ("warn", "radar"); *out is untouched on failure. */
MUST_USE bool level_parse(struct str s, int *out);

#endif
