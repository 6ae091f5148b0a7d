/*
 * Diagnostics: one screen for all of them. A tool is a record: what it is
 * called, what it asks for, its columns, and the function that does the work
 * in a process of its own and sends what it finds, row by row.
 */
#ifndef TUI_SCREENS_TOOL_INT_H
#define TUI_SCREENS_TOOL_INT_H

#include "core/model/finding.h"
#include "core/model/own.h"
#include "tui/screens/screens.h"
#include "tui/task.h"
#include "tui/widget/list.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	TOOL_CELLS_MAX = 6,
	TOOL_LINES_MAX = 16, /* of text above or below the rows */
	TOOL_ROW_FIXED = 6,  /* kind, index, state, detail, cure, depth */
};

#define TOOL_WAITS "wait" /* the state of a row whose result is not in yet */

/* --- in the process of the work --- */
struct tool_run {
	struct tui *ui;
	struct model_ctx *m;
	struct dns *dns;     /* of tools that need one */
	const char *subject; /* what was asked about; NULL: none given */
	const struct task_out *out;
	struct findings *f; /* each is sent as it comes */
};
/* States are "ok", "info", "WARN", "FAIL", "????", TOOL_WAITS; texts are
 * translated. */
void tool_send_head(
    const struct tool_run *r, const char *state, const char *text);
void tool_send_text(const struct tool_run *r, const char *text);
/* Row 'i', new or once more. 'detail' and 'cure' may be NULL. */
void tool_send_row(const struct tool_run *r, size_t i, const char *state,
    const char *const *cells, size_t n, const char *detail, const char *cure);
/* The same in a tree, 'depth' below its root: it can be folded. */
void tool_send_node(const struct tool_run *r, size_t i, unsigned depth,
    const char *state, const char *const *cells, size_t n, const char *detail);
/* A line below the rows: "TCP", "port 25 ..." */
void tool_send_foot(
    const struct tool_run *r, const char *label, const char *text);
/* What helps with the whole. */
void tool_send_cure(
    const struct tool_run *r, const char *text, const char *command);

/* Runs the tool of the struct tool_screen it is given. */
task_work tool_work;

/* --- the tools --- */
struct tool_column {
	const char *head; /* N_(), or NULL */
	bool right;
	bool wide;  /* left out of narrow windows */
	size_t max; /* columns; 0: what is left */
};

struct tool {
	char key; /* in the menu; ' ' none */
	/* a screen of its own, to which only the words below apply */
	struct screen *(*make)(struct tui *ui);
	/* one for what was typed, which opens itself; NULL: that of tools */
	void (*open)(struct tui *ui, const char *subject);
	const char *name;    /* N_(): "DKIM" */
	const char *covers;  /* N_(): for the menu */
	const char *command; /* "dkim check" */
	const char *ask;     /* N_(): what is asked for; NULL: nothing */
	bool optional;       /* no subject is an answer: this server */
	/* what stands in the field at first; NULL: nothing */
	struct str (*first)(const struct own_names *names);
	bool needs_dns; /* cannot begin without a resolver */
	bool no_state;  /* rows have no column for it */
	const struct tool_column *columns;
	size_t n_columns;
	bool (*run)(struct tool_run *r, struct err *e);
};

extern const struct tool_column tool_finding_columns[2];
bool tool_dkim_run(struct tool_run *r, struct err *e);
bool tool_records_run(struct tool_run *r, struct err *e);
bool tool_reverse_run(struct tool_run *r, struct err *e);
bool tool_smtp_run(struct tool_run *r, struct err *e);
bool tool_tls_run(struct tool_run *r, struct err *e);
bool tool_relay_run(struct tool_run *r, struct err *e);
bool tool_smarthost_run(struct tool_run *r, struct err *e);
bool tool_route_run(struct tool_run *r, struct err *e);

extern const struct tool_column tool_lists_columns[3];
bool tool_lists_run(struct tool_run *r, struct err *e);
extern const struct tool_column tool_health_columns[3];
bool tool_health_run(struct tool_run *r, struct err *e);
extern const struct tool_column tool_resolver_columns[3];
bool tool_resolver_run(struct tool_run *r, struct err *e);
extern const struct tool_column tool_spf_columns[3];
bool tool_spf_run(struct tool_run *r, struct err *e);
extern const struct tool_column tool_mtu_columns[6];
bool tool_mtu_run(struct tool_run *r, struct err *e);

/* --- the screen --- */
struct tool_row {
	const char *state;
	const char *cells[TOOL_CELLS_MAX];
	const char *detail, *cure; /* may be empty */
	unsigned depth;            /* in a tree */
	bool folded;               /* what is below it is not shown */
};
struct tool_line {
	const char *label, *text;
};

struct tool_screen {
	struct screen screen;
	const struct tool *tool;
	char *subject; /* NULL: none */
	struct task *task;
	int64_t asked_s;               /* wall clock */
	struct arena *arena;           /* of what came */
	struct vec rows;               /* struct tool_row */
	struct vec shown;              /* size_t: those not folded away */
	struct list_view list;         /* of 'shown' */
	const char *head_state, *head; /* NULL: told by the rows */
	struct tool_line texts[TOOL_LINES_MAX], feet[TOOL_LINES_MAX];
	size_t n_texts, n_feet;
	const char *cure_text, *cure; /* of the whole; NULL: none */
};

/* NULL when it cannot be made. */
struct screen *tool_new(
    struct tui *ui, const struct tool *tool, const char *subject);
/* tool_rows.c */
/* The n-th of those shown; NULL: there is none. */
struct tool_row *tool_row_shown(const struct tool_screen *t, size_t n);
/* Rows below this one, which folding it hides. */
size_t tool_row_below(const struct tool_screen *t, const struct tool_row *r);
/* Rows came or were folded: find those shown anew. */
void tool_rows_show(struct tool_screen *t);
/* Fold or unfold; false when nothing is below it. */
bool tool_row_fold(struct tool_screen *t, struct tool_row *r, bool fold);
/* The cursor to the row above it in the tree; false at the top. */
bool tool_go_above(struct tool_screen *t);
/* The cursor to the next problem, unfolding what hides it; false: none. */
bool tool_go_problem(struct tool_screen *t, bool back);
/* tool_draw.c */
void tool_draw(struct screen *s, struct tui *ui, const struct view *v);
/* The command that helps here: of the row, else of the whole; NULL: none. */
const char *tool_cure(const struct tool_screen *t);

#endif
