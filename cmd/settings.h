/* What the commands on settings share: views of rows, texts and JSON. */
#ifndef CMD_SETTINGS_H
#define CMD_SETTINGS_H

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/render.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/base/str.h"
#include "core/model/journal.h"
#include "core/model/settings.h"

#include <stdbool.h>
#include <stddef.h>

/* A store on the root of this run, once that root is one. */
MUST_USE bool settings_begin(
    struct app *app, struct settings_store **out, struct err *e);

/* The value as one cell: "-" for none, nothing of a secret. */
struct str settings_cell(const struct app *app, const struct settings_row *row);
/* The same with its unit, for people: "604800 s (7 d)". */
const char *settings_shown(
    const struct app *app, const struct settings_row *row);
/* "enabled", "-"; the words of a default that another setting gives. */
const char *settings_default(const struct setting *s);
/* "configuration spamassassin RejectLevel" */
const char *settings_place_text(
    const struct app *app, const struct settings_row *row);
/* "may lose mail" */
const char *settings_risk_text(const struct app *app, const struct setting *s);
/* The summary in the language in use. */
const char *settings_summary(const struct app *app, const struct setting *s);

/* A warning on stderr when what is stored is no value of the setting. */
void settings_note_problem(struct app *app, const struct settings_row *row);

/* The keys of a row of get ... */
void settings_json_get(struct json *j, const struct settings_row *row);
/* ... and those that list adds. */
void settings_json_list(
    const struct app *app, struct json *j, const struct settings_row *row);
/* Texts of a NULL-terminated list, or an empty array for NULL. */
void settings_json_texts(
    struct json *j, const char *key, const char *const *texts);

/*
 * A document of rows with --json, or with --jsonl a document for each row.
 * 'row' adds the keys of row i.
 */
typedef void settings_row_json(
    struct app *app, struct json *j, void *rows, size_t i);
void settings_json_rows(struct app *app, const char *schema,
    settings_row_json *row, void *rows, size_t n);
/* Such a document of what list shows of 'n' rows. */
void settings_json_listed(struct app *app, struct settings_row *rows, size_t n);
/* Is the result for a program? */
bool settings_wants_json(const struct app *app);

/* Columns of a table of settings, and one row of its cells. */
enum {
	SETTINGS_COLUMNS = 4
};
extern const struct render_column settings_columns[SETTINGS_COLUMNS];
void settings_cells(const struct app *app, const struct settings_row *row,
    struct str cells[SETTINGS_COLUMNS]);

/* How to store: by the options that follow. */
struct settings_how {
	const char *accept; /* comma list of risks, or NULL */
	bool dry_run;
};
/* The option of each command about a setting that others may have too. */
/* clang-format off */
#define SETTINGS_FOR_OPTION                                                    \
	{ .name = "for", .value = "TARGET", .kind = ARG_TARGET,                \
	    .help = N_("of this user, group, domain, entry ...") }
/* clang-format on */
/* Options of each command that stores settings; missing ones count as off. */
/* clang-format off */
#define SETTINGS_STORE_OPTIONS                                                 \
	{ .name = "dry-run", .help = N_("tell what would be stored") },        \
	{ .name = "accept", .value = "RISK", .kind = ARG_TEXT,                 \
	    .help = N_("accept open-relay, exposes-passwords or "              \
		       "may-lose-mail") },                                     \
	{ .name = "yes", .help = N_("accept every risk, without a question") },\
	{ .name = "force",                                                     \
	    .help = N_("change a file that somebody else wrote") }
/* clang-format on */
struct settings_how settings_how(struct app *app, const struct call *call);

/* Ask where that is needed, then store; nothing is told. */
MUST_USE bool settings_store_all(struct app *app,
    const struct settings_wish *wishes, size_t n,
    const struct settings_how *how, struct settings_outcome *outcomes,
    struct err *e);
/*
 * Store the wishes, tell what became of each and what comes next; the exit
 * status. Handlers of set, unset, user set ... end with it.
 */
int settings_store(struct app *app, const struct settings_wish *wishes,
    size_t n, const struct settings_how *how, struct err *e);
/*
 * The words after set: NAME VALUE, NAME with --stdin, or NAME=VALUE ...,
 * NULL-terminated. With a kind, names are those of people_setting.
 */
int settings_set_words(struct app *app, const struct call *call,
    const char *const *words, const char *target, enum setting_target kind,
    struct err *e);
/* The first line of standard input, or a secret typed twice on a terminal. */
MUST_USE bool settings_stdin(struct app *app, const struct setting *s,
    const char **value, struct err *e);

#endif
