/* A bar on standard error for work that takes long, on a terminal alone. */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include "cmd/app.h"

#include <stdbool.h>
#include <stdint.h>

struct progress {
	struct app *app;
	const char *what; /* "reading logs" */
	int64_t began_ms, shown_ms;
	bool on;    /* standard error is a terminal that can go back */
	bool shown; /* something has to be wiped away */
};

void progress_begin(struct progress *p, struct app *app, const char *what);
/* Shown from the second half second on, at most five times a second. */
void progress_show(void *p, uint64_t done, uint64_t all);
void progress_end(struct progress *p);

#endif
