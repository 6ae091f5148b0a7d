/* What the commands that carry out a task of several settings share. */
#ifndef CMD_TASK_H
#define CMD_TASK_H

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/settings.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/settings.h"

#include <stdbool.h>
#include <stddef.h>

/* Wishes being collected; in the arena of the command. */
struct task {
	struct app *app;
	struct settings_wish *wishes;
	size_t n, max;
};
void task_begin(struct app *app, struct task *t);
/* One more; 'value' NULL goes back to the default. The id must exist. */
void task_wish(
    struct task *t, const char *id, const char *target, const char *value);
/* Store them by the options of the call and tell; the exit status. */
int task_store(struct task *t, const struct call *call, struct err *e);

/*
 * Something that concerns more than it seems: asked about on a terminal,
 * elsewhere it needs --yes or --accept may-lose-mail.
 */
MUST_USE bool task_confirm(struct app *app, const struct call *call,
    const char *word, const char *text, struct err *e);

/* Lines of a file ("-": standard input), comments and empty ones left out. */
struct task_lines {
	const char **texts;
	size_t *numbers; /* of the lines, from 1 */
	size_t n;
};
MUST_USE bool task_read_lines(
    struct app *app, const char *path, struct task_lines *out, struct err *e);
/* The whole file, or standard input for "-", in the arena. */
MUST_USE bool task_read_file(
    struct app *app, const char *path, struct str *text, struct err *e);
/* The first bytes of a file, whatever they are. */
MUST_USE bool task_read_head(
    struct app *app, const char *path, struct str *bytes, struct err *e);

/* The value in force of a setting of the whole server. */
MUST_USE bool task_value(struct app *app, struct settings_store *st,
    const char *id, struct str *value, struct err *e);

/* These settings (NULL-terminated ids) as list shows them; the exit status. */
int task_show(struct app *app, const char *const *ids, struct err *e);
/* Parts of a text, blanks cut, empty ones left out; false when none. */
bool task_split(const char *text, char sep, struct app *app,
    const char ***words, size_t *n);

/*
 * Let a person change a text in $VISUAL or $EDITOR; *text is replaced (in the
 * arena). ERR_NO when it was left as it was.
 */
MUST_USE bool task_edit(
    struct app *app, const char *name, struct str *text, struct err *e);

#endif
