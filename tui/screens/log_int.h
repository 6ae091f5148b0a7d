/* Parts of the log screen that its files share. */
#ifndef TUI_SCREENS_LOG_INT_H
#define TUI_SCREENS_LOG_INT_H

#include "core/model/logs.h"
#include "tui/screens/report_int.h"
#include "tui/screens/screens.h"
#include "core/base/line_filter.h"
#include "core/base/line_match.h"
#include "tui/widget/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOG_ROWS_MAX = 10000,  /* kept in memory */
	LOG_ROWS_DROP = 2000,  /* the oldest go at once */
	LOG_LINES_FIRST = 200, /* of each log, when the screen opens */
	LOG_LINES_DEEP = 8000, /* of all logs, when a filter leaves few */
	LOG_SHOWN_FEW = 50,
	LOG_SECONDS_A_COLUMN = 30,
};

/* One line, its texts in one block of memory. */
struct log_row {
	int64_t unix_s;
	enum log_verdict verdict;
	char *service; /* begins the block */
	char *line;    /* "HOST or FROM -> TO . REASON", or the text */
	char *who;     /* recipient, else host: for narrow windows */
	char *reason;
	char *text, *raw;
	char clock[sizeof("23:59:59")]; /* "" without a time */
	bool timed;
	bool problem;      /* refused, deferred, a warning or an error */
	const char *state; /* the word for that, or "" */
	enum why_what why; /* what to ask for its story ... */
	uint64_t number;   /* ... and for which; 0: it belongs to none */
};

enum log_chart {
	LOG_CHART_NONE,
	LOG_CHART_FINE,  /* a column is 30 s, of the lines in memory */
	LOG_CHART_HOURS, /* a column is an hour, counted from the logs */
	LOG_CHARTS
};

/* The cells of a row, in the order of their columns. */
enum log_cell {
	LOG_CELL_TIME,
	LOG_CELL_SERVICE,
	LOG_CELL_VERDICT,
	LOG_CELL_LINE, /* all there is of a raw row */
	LOG_CELL_TEXT, /* the line itself, which stands below the rows */
	LOG_CELLS
};

/* What is shown of a row, as one line that filters and searches look at. */
struct log_seen {
	struct buf line;
	struct {
		size_t from, to;
	} cells[LOG_CELLS];
};

struct log_screen {
	struct screen screen;
	struct log_follow *follow; /* NULL: could not be opened */
	size_t n_services;
	struct arena *arena;
	struct vec rows;  /* struct log_row, oldest first */
	struct vec shown; /* size_t: rows that pass the filter */
	struct list_view list;
	struct line_filter filter;
	struct line_match match;
	struct log_seen seen;
	size_t came_from;
	char services[256];
	bool following, raw;
	bool deep; /* so many were read for a filter */
	enum log_chart chart;
	struct report_job *hours; /* of LOG_CHART_HOURS */
	size_t left;              /* columns scrolled sideways */
	/* Lines from a time on, in place of live ones: NULL when live. */
	struct logmerge *past;
	struct log_set past_logs;
	struct arena *past_arena;
};

/* --- log_row.c --- */
/* A copy of the event; false when out of memory. */
bool log_row_make(
    struct log_row *row, const struct log_event *ev, const char *separator);
void log_row_clear(struct log_row *row);
struct str log_row_line(const struct log_row *row, bool raw);

/* --- log_seen.c --- */
void log_seen_init(struct log_seen *seen);
void log_seen_clear(struct log_seen *seen);
/* The row as it is drawn, decoded or raw; valid until the next call. */
struct str log_seen_make(
    struct log_seen *seen, const struct log_row *row, bool raw);
struct str log_seen_cell(const struct log_seen *seen, enum log_cell cell);
/* Does the search find something in the i-th of the rows shown? */
bool log_found(struct log_screen *l, size_t i);

/* --- log_rows.c --- */
/* Keep an event as the newest row. */
void log_take(struct log_screen *l, struct tui *ui, const struct log_event *ev);
void log_rows_clear(struct log_screen *l);
/* All rows through the filters again; the cursor stays near its place. */
void log_rows_choose(struct log_screen *l);
/* The i-th of those shown, which there must be. */
const struct log_row *log_row_shown(const struct log_screen *l, size_t i);

/* --- log_search.c --- */
/* Of the screen's class. */
void log_search(
    struct screen *s, struct tui *ui, struct str text, enum line_event event);
/* To the next row that is a problem, or say that there is none. */
void log_next_problem(struct log_screen *l, struct tui *ui, bool forward);

/* --- log_past.c --- */
/* To a time: in memory, else read from the logs. */
void log_jump(struct screen *s, struct tui *ui, struct str text);
/* Some more lines of the past, below the last row. */
void log_past_more(struct log_screen *l, struct tui *ui);
/* Back to the present needs log_follow_open after this. */
void log_past_close(struct log_screen *l);

/* --- log_chart.c --- */
/* The next chart, or none. */
void log_chart_turn(struct log_screen *l, struct tui *ui);
/* Returns the lines used from 'y' on. */
int log_chart_draw(
    struct log_screen *l, struct tui *ui, const struct view *v, int y);
/* "14:02:11" or "14:02"; "" for a time that no calendar has. */
void log_clock(int64_t unix_s, bool seconds, char out[sizeof("23:59:59")]);

/* --- log_draw.c --- */
enum {
	LOG_PANES_W = 110, /* and wider: rows, and the line in full beside */
	LOG_PANE_LIST_W = 52,
};
/* Marks what the search finds in a text already drawn at 'x'. */
void log_draw_hits(const struct log_screen *l, struct tui *ui, int y, int x,
    size_t width, struct str text);
void log_draw(struct screen *s, struct tui *ui, const struct view *v);
const struct log_row *log_current(const struct log_screen *l);

/* --- log_pane.c --- */
/* All that is known of the current line, wrapped; appended unescaped. */
void log_line_text(
    const struct log_screen *l, struct tui *ui, size_t width, struct buf *out);
/* The same in the second pane, from line 'y' of the window on. */
void log_pane_draw(
    const struct log_screen *l, struct tui *ui, const struct view *v, int y);

#endif
