/* Names with letters beyond ASCII as they stand in the DNS. */
#ifndef CORE_MAIL_IDNA_H
#define CORE_MAIL_IDNA_H

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

#endif
