/*
 * The text of a message on its way to a server, as DATA has it: lines end in
 * CRLF and leading dots are doubled (RFC 5321 4.5.2). It may be given in any
 * pieces.
 */
#ifndef CORE_SMTP_WIRE_H
#define CORE_SMTP_WIRE_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/net/stream.h"

#include <stdbool.h>

struct smtp_wire {
	struct stream *stream; /* borrowed */
	struct buf out;        /* what is written next; bounded */
	bool at_start;         /* of a line */
};

void smtp_wire_init(struct smtp_wire *w, struct stream *stream);
/* Some more of the text, LF line ends. False: what arrived is not known. */
MUST_USE bool smtp_wire_put(
    struct smtp_wire *w, struct str text, struct err *e);
/*
 * The end of the last line, if the text has none, and of all of it. Only for a
 * whole text; after a failure the server may have taken it.
 */
MUST_USE bool smtp_wire_end(struct smtp_wire *w, struct err *e);
void smtp_wire_clear(struct smtp_wire *w);

#endif
