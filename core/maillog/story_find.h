/* Stories of one word out of whole logs, reading no more than needed. */
#ifndef CORE_MAILLOG_STORY_FIND_H
#define CORE_MAILLOG_STORY_FIND_H

#include "core/maillog/story_what.h"

/* Open the plans anew for a range; the old ones are freed by who opened them.
 */
struct story_find {
	const struct logsource
	    *sources; /* plans of the whole range asked for */
	size_t n;
	const struct story_what *what;
	bool steps;
	void (*found)(void *ctx, const struct story *s);
	/* NULL: all stories, in the order in which they end. Else the newest
	   come first, an hour of the log at a time, until this says that there
	   are enough. A story whose beginning is cut off may then come beside
	   its whole (STORY_BEGAN_EARLIER, the same 'msg'). */
	bool (*enough)(void *ctx);
	/* Only with 'enough', may be NULL: whatever is found from now on stands
	   for an earlier moment than all found so far. */
	void (*settled)(void *ctx);
	/* Only with 'enough': what was found since 'settled' was called last,
	   or ever, is found anew: forget it. */
	void (*again)(void *ctx);
	void *ctx;
};

/* The moment a story stands for: its verdict, else what is known first. */
int64_t story_time(const struct story *s);

/*
 * Call 'found' for each story that matches, as it ends. First lines that hold
 * the word are looked for at the speed of memory; only the time around them is
 * joined (LG-48). False with 'e' set when a log cannot be read.
 */
MUST_USE bool story_find(const struct story_find *f, struct err *e);

#endif
