/* Writing lines of the log, for the file that makes them. */
#ifndef CMD_FILTERD_LOG_INT_H
#define CMD_FILTERD_LOG_INT_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>

/* The whole line or nothing, without waiting for a reader. */
MUST_USE bool log_write(struct str line);
/* For the process that tells it. */
void log_count_lost(void);

#endif
