/* What the files that print stories share. */
#ifndef CMD_STORY_PRINT_INT_H
#define CMD_STORY_PRINT_INT_H

#include "cmd/story_print.h"
#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/maillog/parse.h"
#include "core/maillog/story.h"
#include "core/maillog/tai64n.h"

#include <stddef.h>
#include <stdint.h>

enum {
	STORY_PLUGINS_MAX = 64
};

/* What may be wrong with a story: a word for programs, a note for people. */
struct story_doubt_text {
	enum story_doubt doubt;
	const char *word, *text; /* N_() */
};
extern const struct story_doubt_text story_doubts[];
extern const size_t story_doubts_count;

/* What a plugin found in a connection. */
struct story_plugin {
	struct str name; /* canonical where it is known */
	const struct maillog_plugin *plugin;
	enum maillog_result result;
};
/* Those of a story in the order of the registry; returns how many. */
size_t story_plugins(
    const struct story *s, struct story_plugin list[STORY_PLUGINS_MAX]);

/* Unix nanoseconds as a time. */
struct tai64n story_time_of(int64_t ns);
/* A time in the printer's zone, "-" for none (INT64_MIN). */
void story_add_time(struct story_printer *p, int64_t ns, struct buf *out);
/* Its recipients, escaped, those refused too; "-" for none. */
void story_add_recipients(const struct story *s, struct buf *out);

#endif
