/* The arguments of a logging/logterse line. */
#ifndef CORE_FILTER_TERSE_INT_H
#define CORE_FILTER_TERSE_INT_H

#include "core/base/str.h"

struct terse {
	struct str mark; /* by which log readers know the line */
	int level;
};

#endif
