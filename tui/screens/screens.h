/* The screens; each is one file of this folder. */
#ifndef TUI_SCREENS_SCREENS_H
#define TUI_SCREENS_SCREENS_H

#include "core/base/str.h"
#include "tui/app.h"
#include "tui/catalog.h"
#include "tui/screen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All give NULL, with a message, when they cannot be made. */
struct screen *dashboard_new(struct tui *ui);
struct screen *areas_new(struct tui *ui);
/* 'areas' has n names; 'set_only' begins with that filter. */
struct screen *form_new(
    struct tui *ui, const char *const *areas, size_t n, bool set_only);
/* Cursor to that setting. */
void form_go(struct screen *s, const char *id);
struct screen *describe_new(struct tui *ui, const struct setting *setting);
/* Opens the search over all settings, its line ready to type. */
void search_begin(struct tui *ui);
struct screen *plan_new(struct tui *ui);
struct screen *apply_new(struct tui *ui);
struct screen *lists_new(struct tui *ui);
struct screen *pairs_new(struct tui *ui);
struct screen *people_new(struct tui *ui);
/* The settings of one record. */
struct screen *record_new(
    struct tui *ui, enum setting_target kind, const char *name);
/* Takes a change back, or what is stored (UNDO_STORED), with its steps. */
struct screen *undo_new(struct tui *ui, long change);
struct screen *history_new(struct tui *ui);
struct screen *log_new(struct tui *ui);
struct screen *services_new(struct tui *ui);
struct screen *top_screen_new(struct tui *ui);
/* The menu of diagnostics. */
struct screen *tools_new(struct tui *ui);
struct screen *report_screen_new(struct tui *ui);
struct screen *help_new(struct tui *ui);
/* The numbered list of screens, and one of its numbers. */
struct screen *screens_new(struct tui *ui);
void screens_go(struct tui *ui, int number);
/* One by its word: "top", "report"; another word is none. */
void screens_open(struct tui *ui, const char *word);
/* A text to page through; 'twin' is the command that prints it. */
struct screen *text_new(
    struct tui *ui, const char *path, const char *twin, struct str text);

/* What the text for why_open is. */
enum why_what {
	WHY_TEXT,    /* Message-ID, address, domain, IP address */
	WHY_PID,     /* number of a connection */
	WHY_MESSAGE, /* number of a message of qmail */
	WHY_DELIVERY,
	WHY_SCAN, /* pid of spamd */
};
/*
 * Opens the story of it, over the screen that asks; says when there is none.
 * Numbers are used again: 'at_s' is when it was met, 0 any time.
 */
void why_open(
    struct tui *ui, enum why_what what, const char *text, int64_t at_s);
/* A text_new that shows a line of a message: 'w' opens its story. */
void text_set_story(
    struct screen *s, enum why_what what, const char *word, int64_t at_s);
/* What why_find is asked for it; good until the next key. */
const char *why_query(struct tui *ui, enum why_what what, const char *text);

/* --- dialogs --- */
/* Called with the number chosen, 0 for Esc. */
typedef void menu_done(struct tui *ui, struct screen *below, int choice);
struct menu_item {
	char key; /* the digit that takes it; 0: by its place */
	const char *text;
	const char *note; /* or NULL */
};
/* Texts are copied. 'current' is the item the cursor begins on. */
struct screen *menu_new(struct tui *ui, const char *title, struct str text,
    const struct menu_item *items, size_t n, size_t current, menu_done *done);
/* A dangerous value, to be typed in full before it goes into the draft. */
struct screen *danger_new(
    struct tui *ui, const struct catalog_row *row, const char *value);
/* One line of text, asked for; 'done' gets it trimmed, not after Esc. */
typedef void ask_done(struct tui *ui, const void *ctx, const char *text);
struct screen *ask_new(struct tui *ui, const char *title, const char *text,
    const char *first, ask_done *done, const void *ctx);
/* The entries of a list setting. */
struct screen *entries_new(struct tui *ui, const struct catalog_row *row);

#endif
