/* Explained messages as text and JSON. */
#ifndef CMD_WHY_PRINT_H
#define CMD_WHY_PRINT_H

#include "cmd/app.h"
#include "core/base/json.h"
#include "core/model/why.h"

/* One line of a list: "refused  today 14:08:06  a@b -> c@d". */
void why_head(struct app *app, size_t number, const struct why *w);
/* All of one message; with 'raw' its log lines too. */
void why_text(struct app *app, const struct why *w, bool raw);
/* A time under a key, null for INT64_MIN. */
void why_time_json(struct json *j, const char *key, int64_t ns);
/* One row of smemail.why/1. */
void why_json(struct json *j, const struct why *w);

#endif
