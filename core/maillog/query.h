/*
 * Which lines are wanted: words like "from:anna@", "ip:192.0.2.0/24",
 * "score>5", "qp:1234", and plain texts, all of which must hold.
 */
#ifndef CORE_MAILLOG_QUERY_H
#define CORE_MAILLOG_QUERY_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/line_match.h"
#include "core/maillog/parse.h"

enum {
	QUERY_MAX = 16
};

struct query_item;

struct query {
	struct query_item *items;
	size_t n;
};

/*
 * Does the word begin like a condition ("KEY:...", "score>...", with "!" in
 * front if it must not hold)?
 */
bool query_is_condition(struct str word);
/*
 * Add a condition, or with 'text' a plain text. A text is found anywhere in
 * the line, as it was written or as it is shown, letter case aside unless it
 * has a capital; "/RE/" is a pattern.
 * False with ERR_USAGE when it is none that can be.
 */
MUST_USE bool query_add(
    struct query *q, struct str word, bool text, struct err *e);
void query_clear(struct query *q);
/*
 * Can a text be found in what is shown of a line where the line as written has
 * it not: a word for its verdict, parts that do not stand side by side there?
 */
bool query_sees_shown(const struct query *q);
/* 'shown' may be empty where query_sees_shown says no. */
bool query_matches(const struct query *q, struct str raw, struct str shown,
    const struct maillog_event *ev);
/*
 * A text without which no line can match, for fast search; false when there
 * is none. 'exact' says that letter case counts.
 */
bool query_needle(const struct query *q, struct str *needle, bool *exact);
/* All such texts, letter case aside: how many. */
size_t query_needles(const struct query *q, struct str needles[QUERY_MAX]);
/* The keys, for completion and help: "from:", ..., NULL at the end. */
extern const char *const query_words[];

#endif
