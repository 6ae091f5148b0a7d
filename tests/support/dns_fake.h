/*
 * A resolver that answers from a table, for tests of what asks questions. It
 * follows CNAMEs and knows wildcards and empty non-terminals; what it is not
 * told about does not exist.
 */
#ifndef TESTS_SUPPORT_DNS_FAKE_H
#define TESTS_SUPPORT_DNS_FAKE_H

#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/dns/dns.h"

#include <stdbool.h>
#include <stdint.h>

/* Empty; to be freed by dns_free. NULL when out of memory. */
struct dns *dns_fake_new(const struct clock *clock);
/*
 * A record, its data as in a zone file without quotes: "192.0.2.1", "10
 * mx.example", "host.example", "v=spf1 -all". A text is split at LF into its
 * strings, and at 255 octets. SRV, SOA, TLSA, CAA and unknown types take raw
 * bytes through dns_fake_add_raw. False when the value is not of the type.
 */
MUST_USE bool dns_fake_add(
    struct dns *d, const char *name, uint16_t type, struct str value);
MUST_USE bool dns_fake_add_raw(
    struct dns *d, const char *name, uint16_t type, struct str rdata);
/* Questions of this name and type (0: any) end so. */
MUST_USE bool dns_fake_fail(
    struct dns *d, const char *name, uint16_t type, enum dns_status status);
/* The type of this name, "MX", letter case aside; 0 when unknown. */
uint16_t dns_fake_type(struct str name);
/* What names that are not in the table get; DNS_NXDOMAIN at first. */
void dns_fake_default(struct dns *d, enum dns_status status);

#endif
