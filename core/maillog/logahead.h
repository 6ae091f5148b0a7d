/*
 * Reading ahead from disk by a thread of its own: finding room for pages takes
 * as long as parsing what is in them, and the disk has a queue.
 */
#ifndef CORE_MAILLOG_LOGAHEAD_H
#define CORE_MAILLOG_LOGAHEAD_H

#include "core/base/compiler.h"

#include <stdint.h>

struct logahead;
struct logplan;

/* NULL where there is no thread to be had: nothing is read ahead then. */
MUST_USE struct logahead *logahead_new(void);
/* What was not begun is left out. NULL allowed. */
void logahead_free(struct logahead *a);
/*
 * Have the first 'most' bytes of a plan read, packed files aside. Returns at
 * once; where too much waits it is left out. 'a' may be NULL.
 */
void logahead_plan(struct logahead *a, const struct logplan *p, uint64_t most);

#endif
