/* Stories of messages as text and JSON. */
#ifndef CMD_STORY_PRINT_H
#define CMD_STORY_PRINT_H

#include "cmd/app.h"
#include "core/base/buf.h"
#include "core/maillog/story.h"
#include "core/maillog/tai64n.h"
#include "core/model/logs.h"

struct story_printer {
	struct app *app;
	const struct log_set *set; /* of the sources of its steps */
	struct tai64n_zone zone;
};

/* When it begins; INT64_MIN if no line tells. */
int64_t story_first_ns(const struct story *s);
/* "2026-03-17 14:08:06  delivered  a@b -> c@d" without LF, escaped. */
void story_head(
    struct story_printer *p, const struct story *s, struct buf *out);
/*
 * One line a connection as qpsmtpd's log/summarize prints it (LG-29): time,
 * address, name, country, HELO, sender, recipients, and for each plugin in
 * the order of its registry a symbol: o pass, - skip, X fail, x tolerated, !
 * error. "?" in front: its beginning was not seen. Without LF, escaped.
 */
void story_symbols(
    struct story_printer *p, const struct story *s, struct buf *out);
/* Facts, joints and lines, escaped; some lines with LF. */
void story_text(
    struct story_printer *p, const struct story *s, struct buf *out);
/* An object, without LF. */
void story_json(
    struct story_printer *p, const struct story *s, struct buf *out);

#endif
