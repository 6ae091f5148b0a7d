/* Times as people give them: "2 hours ago", "yesterday", "14:08", a label. */
#ifndef CORE_MAILLOG_WHEN_H
#define CORE_MAILLOG_WHEN_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The instant meant, in nanoseconds since 1970; local zone. Understood:
 *	now, today, yesterday, midnight, noon; monday ... (the last one)
 *	2 hours ago, 2h, 90 min, 3d 4h, 1 week ago; -2h
 *	14:08, 14:08:06 (today; yesterday when that is still to come)
 *	2026-03-17, with 14:08[:06[.123456789]] behind a space, T or _, and with
 *	Z or +01:00 behind that
 *	yesterday 14:05, Mar 17 [14:08], 17 Mar 2026 14:08:06, the Date of a
 *	mail (when_words)
 *	@400000005a1d7d9f19c9381c (a label), @1511882133 (Unix seconds)
 * and the first group in French. False with ERR_USAGE naming 'option'.
 */
MUST_USE bool when_parse(struct str text, int64_t now_ns, const char *option,
    int64_t *ns, struct err *e);
/*
 * A moment and how exactly it was told, as [*from_ns, *to_ns): its second,
 * minute or day, or the nanosecond of a label. False for anything else, such
 * as distances and lone days of the week.
 */
bool when_span(
    struct str text, int64_t now_ns, int64_t *from_ns, int64_t *to_ns);

#endif
