/*
 * What a test found, line by line: the subject, how it stands, the evidence,
 * and what helps. "Could not be tested" is a state of its own.
 */
#ifndef CORE_MODEL_FINDING_H
#define CORE_MODEL_FINDING_H

#include "core/base/arena.h"
#include "core/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

enum finding_state {
	FINDING_OK,
	FINDING_INFO, /* neither good nor bad */
	FINDING_WARN,
	FINDING_FAIL,
	FINDING_UNKNOWN /* could not be tested; the text says why */
};

struct finding {
	enum finding_state state;
	const char *id;    /* for programs: "rights" */
	const char *label; /* for people, N_(): "rights" */
	const char *text;
	const char *next; /* what helps, a command if there is one, or NULL */
};

enum {
	FINDINGS_MAX = 256
};

/* Zeroed by whoever makes it. */
struct findings {
	struct arena *arena;
	/* Told of each finding as it comes, and again when it gets its 'next';
	   NULL: nobody. Set before the test begins, findings_init keeps it. */
	void (*watch)(void *ctx, const struct findings *f, size_t i);
	void *watch_ctx;
	struct finding list[FINDINGS_MAX];
	size_t n; /* what does not fit is dropped */
};

/* Empty; texts will live in 'a'. A watch that is set stays. */
void findings_init(struct findings *f, struct arena *a);
/* Append; 'label' is kept, the text is formatted into the arena. */
void findings_add(struct findings *f, enum finding_state state, const char *id,
    const char *label, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* Say what helps with the last one. */
void findings_next(struct findings *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The worse of two: FAIL before UNKNOWN before WARN before OK. */
enum finding_state finding_worse(enum finding_state a, enum finding_state b);
/* Of all. */
enum finding_state findings_worst(const struct findings *f);
/* "ok", "info", "warn", "fail", "unknown" */
const char *finding_word(enum finding_state s);
/* The same for people: "ok", "info", "WARN", "FAIL", "????" */
const char *finding_shown(enum finding_state s);

#endif
