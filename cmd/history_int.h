/* What history and blame share. */
#ifndef CMD_HISTORY_INT_H
#define CMD_HISTORY_INT_H

#include "cmd/app.h"
#include "core/base/json.h"
#include "core/model/history.h"

/* Fields of one entry: who made it when; the values before and after it. */
void history_who_json(struct json *j, const struct journal_entry *entry);
void history_values_json(
    struct app *app, struct json *j, const struct journal_entry *entry);

#endif
