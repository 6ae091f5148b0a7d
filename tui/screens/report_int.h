/* Parts of the report screen: counting runs in a process of its own. */
#ifndef TUI_SCREENS_REPORT_INT_H
#define TUI_SCREENS_REPORT_INT_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/model/report.h"
#include "core/base/line_match.h"
#include "tui/app.h"
#include "tui/widget/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REPORT_ROWS_MAX = 5000, /* of a table; the command shows all */
	REPORT_WIDTH_MAX = STATS_COLUMNS + 4,
	REPORT_DETAILS = 2 * REPORT_FACTS,
	REPORT_HOURS_MAX = 31 * 24,
	REPORT_HOUR_S = 3600,
};

/* A table as it came; texts are escaped and live in the arena. */
struct report_sheet {
	enum report_table_kind kind;
	size_t width, totals, all; /* all: rows, those left out too */
	const char *heads[REPORT_WIDTH_MAX];
	bool right[REPORT_WIDTH_MAX];
	struct vec rows; /* const char **: 'width' cells each */
};

struct report_hour_sum {
	uint64_t accepted, refused;
};

/* What is known so far of a report that is being counted. */
struct report_job {
	struct task *task;
	struct arena *arena;
	uint64_t read, all; /* bytes of the logs */
	bool done;
	struct err err; /* when it is done without a report */
	int64_t from_s, to_s, first_hour;
	struct report_sheet sheets[REPORT_TABLES];
	size_t n_sheets;
	struct report_fact facts[REPORT_DETAILS];
	size_t n_facts;
	struct report_hour_sum hours[REPORT_HOURS_MAX];
	size_t n_hours;
};

/*
 * Begin to count a period; both 0: that of the mailstats record. NULL, and a
 * message, when it cannot.
 */
struct report_job *report_job_start(
    struct tui *ui, int64_t from_s, int64_t to_s);
/* Read what has come; true when there is something new. */
bool report_job_tick(struct report_job *j, struct tui *ui);
/* Also ends the counting. NULL allowed. */
void report_job_free(struct report_job *j, struct tui *ui);

struct report_screen {
	struct screen screen;
	struct report_job *job;
	int64_t from_s, to_s; /* asked for; 0: as the mailstats record says */
	size_t sheet;
	struct list_view list;
	struct line_match match;
	size_t came_from;
	size_t left_out; /* columns, of the last paint */
	bool chart, told;
	bool from_left; /* the first columns, not the last, are shown */
};

enum report_moment_form {
	REPORT_MOMENT_WHOLE, /* 2026-03-16 00:00 */
	REPORT_MOMENT_SHORT, /* 03-17 00:00 */
	REPORT_MOMENT_DAY,   /* 2026-03-16 */
	REPORT_MOMENT_HOUR,  /* 08 */
};
const char *report_moment_text(
    struct tui *ui, int64_t unix_s, enum report_moment_form form);
/* The table that is shown; NULL: there is none. */
const struct report_sheet *report_sheet_now(const struct report_screen *r);
/* Its row 'i': 'width' cells. */
const char **report_sheet_row(const struct report_sheet *s, size_t i);
/* How many rows stand above its sums. */
size_t report_sheet_rows(const struct report_sheet *s);
/* Of the screen's class. */
void report_draw(struct screen *s, struct tui *ui, const struct view *v);

#endif
