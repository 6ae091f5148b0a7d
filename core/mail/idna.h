/* Names with letters beyond ASCII as they stand in the DNS. */
#ifndef CORE_MAIL_IDNA_H
#define CORE_MAIL_IDNA_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>

/*
 * Append a label as "xn--..." (RFC 3492, 5891), in lower case; false when it
 * cannot be one.
 */
MUST_USE bool idna_label(struct str label, struct buf *out);
/*
 * Append a domain with each label beyond ASCII so, the others in lower case,
 * without dots at its ends; false when a label cannot be.
 */
MUST_USE bool idna_domain(struct str domain, struct buf *out);
/*
 * What people type: a domain, a host, either with ":PORT" behind it, or an
 * address. Its domain with letters beyond ASCII as above, in the arena; any
 * other text, and what stands before an "@", as it is, for the checks that
 * follow.
 */
const char *idna_typed(struct arena *a, const char *text);
/*
 * The same for text in which a domain may stand: append its other form. False,
 * and nothing is appended, where there is no domain with such letters; a lone
 * word without "." and "@" is none.
 */
MUST_USE bool idna_text(struct str text, struct buf *out);

#endif
