/* The data of one record, checked and typed. */
#ifndef CORE_DNS_RECORD_INT_H
#define CORE_DNS_RECORD_INT_H

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/dns/dns.h"
#include "core/dns/flat.h"

#include <stdbool.h>

/*
 * Read 'from' into *out; everything is copied into the arena. False when the
 * data is not what its type says: too short, too long, no name where one
 * belongs (T-43).
 */
MUST_USE bool dns_record_read(struct arena *a,
    const struct dns_flat_record *from, struct dns_record *out);

#endif
