/* Names with a meaning fixed by a standard, which no server is asked for. */
#ifndef CORE_DNS_SPECIAL_H
#define CORE_DNS_SPECIAL_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/dns/name.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * False when 'name' is an ordinary one. Otherwise the reply it always has is
 * appended to 'flat' (flat.h): loopback for localhost and the names below it,
 * "does not exist" for those that never do.
 */
MUST_USE bool dns_special_answer(
    const struct dns_name *name, uint16_t type, struct buf *flat);

#endif
