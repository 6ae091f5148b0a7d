/* Parts of the dashboard that its files share. */
#ifndef TUI_SCREENS_DASHBOARD_INT_H
#define TUI_SCREENS_DASHBOARD_INT_H

#include "core/model/status.h"
#include "tui/screens/screens.h"
#include "tui/task.h"
#include "tui/widget/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DASH_FINDINGS_MAX = 64,
	DASH_FACTS_MAX = 12,
	DASH_ROWS_MAX = DASH_FINDINGS_MAX + 2 * DASH_FACTS_MAX + 16,
	DASH_LABEL = 64,
	DASH_TEXT = 1024,
	DASH_FINDINGS_FIRST = 4, /* seen at first, "v N more" below them */
};

struct dash_finding {
	char state[8], label[DASH_LABEL], text[DASH_TEXT];
	char next[ERR_NEXT_MAX];
};

/* What was measured in a process of its own. */
struct dash_measure {
	struct dash_finding findings[DASH_FINDINGS_MAX];
	size_t n_findings;
	char counts[DASH_TEXT]; /* "1 failure"; empty: not told yet */
	char queue[DASH_TEXT], certificate[DASH_TEXT];
	bool mail_told, mail_known;
	char mail_why[DASH_TEXT], rules[DASH_TEXT];
	int64_t first_hour, until_s;
	struct status_hour hours[STATUS_HOURS], sum;
	size_t n_hours;
	int64_t at_s; /* when it was complete; 0: it is not */
};

/* Where the text of a fact comes from. */
enum dash_source {
	DASH_KNOWN, /* its own */
	DASH_QUEUE,
	DASH_CERTIFICATE,
};

struct dash_fact {
	enum dash_source source;
	char label[DASH_LABEL];
	char text[DASH_TEXT];
	char brief[4 * DASH_LABEL]; /* for narrow windows; empty: the text */
	struct screen *(*open)(struct tui *ui);
};

enum dash_kind {
	DASH_SUMMARY,
	DASH_FINDING,
	DASH_MORE,
	DASH_BLANK,
	DASH_CHART_HEAD,
	DASH_CHART, /* i: accepted, refused, deferred */
	DASH_RULES, /* i: line of it */
	DASH_FACT,  /* i: which */
	DASH_FACT_GOES_ON,
};

struct dash_row {
	enum dash_kind kind;
	size_t i;
	struct str text; /* of rows that are lines of a text */
};

struct dashboard {
	struct screen screen;
	struct dash_fact facts[DASH_FACTS_MAX];
	size_t n_facts;
	struct dash_measure now, next; /* 'next' is being filled */
	struct task *task;
	int64_t due_ms; /* when to measure again; 0: at once */
	bool all_findings;
	bool moved; /* the cursor, by a key; else it is on the first row */
	/* as laid out for the last paint */
	struct dash_row rows[DASH_ROWS_MAX];
	struct list_view list;
	size_t label_w;
};

/* The newest that is complete, else what has come of the first. */
const struct dash_measure *dash_seen(const struct dashboard *d);

/* --- dashboard_facts.c: what is known without waiting --- */
void dash_facts_read(struct dashboard *d, struct tui *ui);
const char *dash_fact_text(
    const struct dashboard *d, const struct dash_fact *f, bool narrow);

/* --- dashboard_measure.c --- */
/* Begin, take what has come, begin again when it is time; true for news. */
bool dash_measure_tick(struct dashboard *d, struct tui *ui);

/* --- dashboard_layout.c --- */
/* Rows for a body like this; the cursor stays on what it was on. */
void dash_layout(struct dashboard *d, struct tui *ui, const struct view *v);

/* --- dashboard_draw.c --- */
/* Of the screen's class. */
void dash_draw(struct screen *s, struct tui *ui, const struct view *v);

#endif
