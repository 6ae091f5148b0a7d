/* Times before and after another: labels may be of any. */
#ifndef CORE_MAILLOG_STORY_TIME_H
#define CORE_MAILLOG_STORY_TIME_H

#include "core/base/clock.h"

#include <stdint.h>

/* 's' seconds before or after, within what 64 bits hold. */
static inline int64_t
story_earlier(int64_t ns, int64_t s)
{
	int64_t by = s * NS_PER_S;
	return ns < INT64_MIN + by ? INT64_MIN : ns - by;
}

static inline int64_t
story_later(int64_t ns, int64_t s)
{
	int64_t by = s * NS_PER_S;
	return ns > INT64_MAX - by ? INT64_MAX : ns + by;
}

#endif
