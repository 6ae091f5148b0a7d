/* The last sessions of the running filter daemon, out of what it tells. */
#ifndef CORE_MODEL_TRANSCRIPTS_H
#define CORE_MODEL_TRANSCRIPTS_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Texts are views, escaped by the daemon already. */
struct transcript_session {
	uint64_t number; /* in the log */
	struct str ip;
	struct str began; /* RFC 3339 */
	uint64_t took_ms;
	struct str lines; /* for transcript_line */
};

/* The next session of the text; false at the end. The oldest is first. */
MUST_USE bool transcript_next(struct str *at, struct transcript_session *out);
/* The next line of it: a command ("dispatching ..."), a reply, an event. */
MUST_USE bool transcript_line(
    struct str *lines, uint64_t *ms, struct str *text);

#endif
