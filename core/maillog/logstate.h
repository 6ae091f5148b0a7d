/*
 * The 'state' file of a log directory as qplogsumm writes it (LG-65): a line
 * for each disposition, with the label of the first line that had it and how
 * many there were since.
 */
#ifndef CORE_MAILLOG_LOGSTATE_H
#define CORE_MAILLOG_LOGSTATE_H

#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/maillog/tai64n.h"

#include <stdbool.h>
#include <stdint.h>

struct logstate_line {
	struct str name; /* a view into the text; may hold blanks */
	struct tai64n since;
	uint64_t total;
};

/*
 * The next line "NAME @LABEL TOTAL" of *text, which moves behind it. Lines of
 * another form, as other processors of multilog write them, are passed over.
 */
MUST_USE bool logstate_next(struct str *text, struct logstate_line *out);

#endif
