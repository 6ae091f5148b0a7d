/* The messages a word is about, found in the logs and explained. */
#ifndef CORE_MODEL_WHY_FIND_H
#define CORE_MODEL_WHY_FIND_H

#include "core/model/why.h"

#include "core/maillog/logread.h"

enum {
	WHY_FOUND_MAX = 200 /* newest messages that are explained */
};

struct why_list {
	const char *word;  /* that found them; the first when none did */
	const char *words; /* all that were looked for: "'a', 'b'" */
	struct why **rows; /* newest first */
	size_t n;
	size_t more;        /* older ones that were seen, not explained */
	bool is_cut;        /* what is older still was not looked at */
	const char *looked; /* "qpsmtpd, qmail": the logs that were read */
	int64_t oldest_ns;  /* where they begin; INT64_MIN: unknown */
	const char *notes;  /* logs that could not be read, a line each */
};

/* Takes each row at its final place, as soon as that is known. */
struct why_sink {
	void (*row)(void *ctx, const struct why *w);
	void *ctx;
};

/*
 * Find by a word or a pasted text (why_words) in the logs of all services, or
 * of the folder 'dir', within the range. 'input' is the descriptor for "-".
 * All is in the arena of the context; nothing found is no error. 'sink' may be
 * NULL; it has been given all rows of *out when this returns true.
 */
MUST_USE bool why_find(const struct model_ctx *m, const char *what,
    const char *dir, struct logrange range, int input,
    const struct why_sink *sink, struct why_list *out, struct err *e);

#endif
