/* Times before and after another: labels may be of any. */
#ifndef CORE_MAILLOG_STORY_TIME_H
#define CORE_MAILLOG_STORY_TIME_H

#include "core/base/clock.h"

#include <stdint.h>

/* 's' seconds, 0 or more, before or after, within what 64 bits hold. */
static inline int64_t
story_earlier(int64_t ns, int64_t s)
{
	int64_t by = s < INT64_MAX / NS_PER_S ? s * NS_PER_S : INT64_MAX;
	return ns < INT64_MIN + by ? INT64_MIN : ns - by;
}

static inline int64_t
story_later(int64_t ns, int64_t s)
{
	int64_t by = s < INT64_MAX / NS_PER_S ? s * NS_PER_S : INT64_MAX;
	return ns > INT64_MAX - by ? INT64_MAX : ns + by;
}

/* Seconds from one time to another. */
static inline double
story_seconds(int64_t from_ns, int64_t to_ns)
{
	uint64_t from = (uint64_t)from_ns, to = (uint64_t)to_ns;
	return to_ns < from_ns ? -(double)(from - to) / NS_PER_S
			       : (double)(to - from) / NS_PER_S;
}

#endif
