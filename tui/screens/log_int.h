/* Parts of the log screen that its files share. */
#ifndef TUI_SCREENS_LOG_INT_H
#define TUI_SCREENS_LOG_INT_H

#include "core/model/logs.h"
#include "tui/screens/screens.h"
#include "core/base/line_filter.h"
#include "tui/widget/list.h"
#include "core/base/line_match.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOG_ROWS_MAX = 10000,  /* kept in memory */
	LOG_ROWS_DROP = 2000,  /* the oldest go at once */
	LOG_LINES_FIRST = 200, /* of each log, when the screen opens */
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
	bool timed;
};

struct log_screen {
	struct screen screen;
	struct log_follow *follow; /* NULL: could not be opened */
	struct arena *arena;
	struct vec rows;  /* struct log_row, oldest first */
	struct vec shown; /* size_t: rows that pass the filter */
	struct list_view list;
	struct line_filter filter;
	struct line_match match;
	size_t came_from;
	char services[256];
	bool following, raw, histogram;
};

/* --- log_row.c --- */
/* A copy of the event; false when out of memory. */
bool log_row_make(
    struct log_row *row, const struct log_event *ev, const char *separator);
void log_row_clear(struct log_row *row);
/* What filters and searches look at. */
struct str log_row_line(const struct log_row *row, bool raw);

/* --- log_draw.c --- */
void log_draw(struct screen *s, struct tui *ui, const struct view *v);
const struct log_row *log_current(const struct log_screen *l);

#endif
