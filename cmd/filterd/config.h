/*
 * The configuration directory as the listener sees it: read as a whole,
 * checked as a whole, watched, and given on only when it is good (FL-36).
 */
#ifndef CMD_FILTERD_CONFIG_H
#define CMD_FILTERD_CONFIG_H

#include "cmd/filterd/config_watch.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/filter/filter.h"

#include <stdbool.h>
#include <stdint.h>

struct config {
	const char *dir;
	const char *qmail_control;
	struct buf bundle;       /* in force */
	struct buf secrets;      /* certificate and key, for the worker */
	char told[ERR_TEXT_MAX]; /* the last complaint */
	uint32_t generation;     /* of 'bundle', from 1 */
	int watch_fd;            /* inotify, or -1 */
	struct config_watch *watch;
	int64_t asked_ms; /* when it was, or could have been, read last */
	struct filter_policy *policy;
};

/* Read for the first time. */
MUST_USE bool config_open(struct config *c, const char *dir,
    const char *qmail_control, const struct clock *clock, struct err *e);
void config_close(struct config *c);

enum config_change {
	CONFIG_SAME,
	CONFIG_NEW, /* 'bundle' and 'generation' are new */
	CONFIG_BAD, /* 'e' says why; the old one stays in force */
};
/*
 * Has it changed since it was read? Cheap when nothing happened: it is read
 * again only when inotify has told, or after FILTERD_REREAD_MS where it cannot
 * tell. With 'all' (HUP) the plugin lists are taken anew too, else they stay as
 * they were.
 */
enum config_change config_refresh(
    struct config *c, bool all, const struct clock *clock, struct err *e);

#endif
