/*
 * Whether what a configuration was read from may have changed. inotify tells of
 * files and of folders; it tells nothing of the folders above them, of mounts,
 * nor of file systems that others write to.
 */
#ifndef CMD_FILTERD_CONFIG_WATCH_H
#define CMD_FILTERD_CONFIG_WATCH_H

#include "core/base/compiler.h"
#include "core/filter/filter.h"

#include <stdbool.h>

struct config_watch;

/* NULL when out of memory. */
struct config_watch *config_watch_new(void);
void config_watch_free(struct config_watch *w); /* NULL allowed */

/*
 * All is about to be read: who is to be told of what. 'fd': inotify that does
 * not block, borrowed up to the next time; -1: there is none.
 */
struct filter_onlooker config_watch_begin(struct config_watch *w, int fd);
/* It was; 'whole': to its end. */
void config_watch_end(struct config_watch *w, bool whole);

/*
 * Was something that was read changed since this was asked last? Costs one
 * system call when there is nothing.
 */
bool config_watch_was_told(struct config_watch *w);
/*
 * For now and then: may have changed what nobody tells of? Costs some system
 * calls, where a look at all of it costs hundreds.
 */
bool config_watch_may_differ(const struct config_watch *w);

#endif
