/* Private to the log views: places of followers as text, indexes. */
#ifndef CORE_MODEL_LOGS_INT_H
#define CORE_MODEL_LOGS_INT_H

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/maillog/follow.h"
#include "core/model/logs.h"

/* Services of the mail system that keep a log of this name; ends with NULL. */
extern const char *const log_mail_services[];
/* The name of the log at a path: its last part that is not "current". */
void log_name_of_path(const char *path, char name[LOG_NAME_SIZE]);

/* Append the place of the log at 'path' as a line. */
void log_place_add(
    struct buf *out, const char *path, const struct follow_place *place);
/* The place of the log in such lines; false when none is well formed. */
bool log_place_find(
    struct str places, const char *path, struct follow_place *place);

struct logindex;
/* The index of one of the server's logs; NULL: none that can be used. */
struct logindex *log_index_open(const struct model_ctx *m, const char *name);

#endif
