/* What all screens share: terminal, draft, catalogue, messages, the stack. */
#ifndef TUI_APP_H
#define TUI_APP_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/model/draft.h"
#include "tui/catalog.h"
#include "tui/screen.h"
#include "tui/term.h"
#include "tui/tui.h"
#include "tui/widget/edit.h"

#include <stdbool.h>
#include <stdint.h>

enum line_kind {
	LINE_NONE,
	LINE_COMMAND, /* ':' */
	LINE_SEARCH,  /* '/' */
	LINE_FILTER,  /* '&' */
	LINE_TIME,    /* '@' */
	LINE_KINDS
};

enum {
	MESSAGE_MAX = 1024,
	MESSAGES_KEPT = 100,
	HISTORY_KEPT = 100,
	REPAINT_MS = 500, /* live data: at most two paints a second */
};

struct job;

/* Called with the answer to a question on the message line. */
typedef void question_done(struct tui *ui, struct screen *s, bool yes);

struct tui {
	const struct tui_host *host;
	struct model_ctx model; /* arena: 'scratch' */
	struct arena *scratch;  /* of one key or one paint */
	struct terminal *term;
	struct input input;
	struct draft *draft;
	struct catalog *catalog; /* NULL until a screen needs it */
	struct screen *top;
	struct job *job; /* the apply of this session, or NULL */

	char message[MESSAGE_MAX]; /* empty: none */
	bool message_is_error;
	struct vec messages; /* char *, oldest first */

	enum line_kind line;
	struct edit line_edit;
	struct vec history[LINE_KINDS]; /* char *, oldest first */
	size_t history_at;
	char choices[MESSAGE_MAX]; /* completions of the line, or empty */
	question_done *question;   /* NULL: none is asked */

	bool dirty;      /* paint now */
	bool live_dirty; /* paint when the last is REPAINT_MS ago */
	int64_t painted_ms;
	bool stop;
	int status;
};

/* --- texts that live until the next key or paint --- */
const char *ui_text(struct tui *ui, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* An arena; when memory is out the terminal is put right and we end. */
struct arena *ui_arena(struct tui *ui, size_t max);

/* --- messages --- */
void ui_say(struct tui *ui, const char *fmt, ...) PRINTF_LIKE(2, 3);
void ui_error(struct tui *ui, const struct err *e);
/* y or n on the message line; 'done' is called with the screen on top. */
void ui_ask(struct tui *ui, question_done *done, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* --- the stack of screens --- */
void ui_push(struct tui *ui, struct screen *s); /* takes it; NULL allowed */
void ui_pop(struct tui *ui);
/* Back to the dashboard. */
void ui_pop_all(struct tui *ui);
/* The draft or the databases have changed: every screen reads again. */
void ui_changed(struct tui *ui);
/* The same, of whoever keeps the catalog in step itself. */
void ui_reload(struct tui *ui);
/* The catalogue, loaded when it is not; NULL (and a message) on failure. */
struct catalog *ui_catalog(struct tui *ui);

/* --- dispatch.c --- */
void ui_key(struct tui *ui, const struct input_key *key);
bool ui_valid(const struct tui *ui, const struct screen *s, enum action action);
/* Does what the key of the action does. */
void ui_act(struct tui *ui, enum action action);

/* --- line.c --- */
void ui_line_begin(struct tui *ui, enum line_kind kind, struct str text);
void ui_line_key(struct tui *ui, const struct input_key *key);

/* --- command.c --- */
/* Run what was typed after ':'. */
void ui_command(struct tui *ui, struct str line);

/* --- frame.c --- */
void ui_paint(struct tui *ui);

/* --- draft.c: what several screens do with the draft --- */
/* Check the wish and put it into the draft; says why not. */
bool ui_draft_set(
    struct tui *ui, const struct catalog_row *row, const char *value);
/* The same for a setting of a user, list entry ... */
bool ui_draft_wish(struct tui *ui, const struct setting *s, const char *target,
    const char *value);
void ui_draft_unwish(
    struct tui *ui, const struct setting *s, const char *target);
void ui_draft_drop(struct tui *ui, const struct catalog_row *row);
void ui_draft_undo(struct tui *ui);
/* Ask, then store the draft without applying. */
void ui_draft_store(struct tui *ui);

#endif
