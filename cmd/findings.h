/* Shows what a test found, and chooses the exit status. */
#ifndef CMD_FINDINGS_H
#define CMD_FINDINGS_H

#include "cmd/app.h"
#include "core/base/json.h"
#include "core/model/finding.h"

/*
 * Print the findings as a table, or into a JSON array "findings" with
 * "result" before it. Returns 0, 1 when something fails, 111 when something
 * could not be tested.
 */
int findings_show(struct app *app, const struct findings *f);
void findings_json(struct json *j, const struct findings *f);
int findings_exit(const struct findings *f);

#endif
