/* Private to the finding of stories: where a word stands, what matters. */
#ifndef CORE_MAILLOG_STORY_FIND_INT_H
#define CORE_MAILLOG_STORY_FIND_INT_H

#include "core/base/vec.h"
#include "core/maillog/logahead.h"
#include "core/maillog/story_find.h"
#include "core/maillog/story_time.h"

enum {
	/* a story without a line with the word so long before is whole */
	STORY_LEAD_S = 900,
};

/* A stretch of time with lines that hold the word. */
struct story_stretch {
	int64_t from_ns, to_ns;
	size_t hits;
};

/*
 * Looks for the word from the newest line back, a window of time at a time:
 * who needs the newest stories reads no more than their part of the logs.
 */
struct story_look {
	const struct logsource *sources;
	size_t n;
	struct str needle;
	struct str number;       /* or empty: lines name something by it */
	struct story_pids *pids; /* of lines with the word */
	struct logahead *ahead;  /* or NULL */
	int64_t from_ns;         /* looked at from here on; INT64_MIN: all is */
	int64_t window_s;
	size_t found;   /* lines with the word in the window looked at last */
	int64_t near_s; /* what is so near is joined in one go */
	int64_t coarse_ns;
	struct vec stretches; /* struct story_stretch not taken yet, rising */
};

/* 'pids' is empty. The needle, the sources and 'ahead' are borrowed. */
MUST_USE bool story_look_begin(struct story_look *l, struct err *e);
void story_look_end(struct story_look *l);
/*
 * The newest stretch that was not taken yet, and the last time before it at
 * which the word stands, as far as that is within STORY_LEAD_S (else
 * INT64_MIN). False where there is none, and with 'e' set.
 */
bool story_look_next(struct story_look *l, struct story_stretch *out,
    int64_t *before_ns, struct err *e);
/* A place that is taken soon, the i-th from now; not joined with others. */
bool story_look_peek(
    const struct story_look *l, size_t i, struct story_stretch *out);
/* Is there nothing older? */
bool story_look_is_over(const struct story_look *l);
/* All stretches of all logs in one. False where there is none. */
bool story_look_all(
    struct story_look *l, struct story_stretch *out, struct err *e);

#endif
