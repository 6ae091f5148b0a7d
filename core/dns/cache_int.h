/* Replies kept for their time to live, "no" included; bounded. */
#ifndef CORE_DNS_CACHE_INT_H
#define CORE_DNS_CACHE_INT_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/dns/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dns_cache;

/* At most 'entries' replies; NULL when out of memory. */
struct dns_cache *dns_cache_new(size_t entries);
void dns_cache_free(struct dns_cache *c); /* NULL allowed */

/* Keep 'flat' for 'ttl' seconds; the oldest makes room. */
void dns_cache_put(struct dns_cache *c, const struct dns_name *name,
    uint16_t type, struct str flat, uint32_t ttl, int64_t now_ms);
/*
 * The reply and its age, or false. The bytes are borrowed until the cache
 * changes.
 */
MUST_USE bool dns_cache_get(struct dns_cache *c, const struct dns_name *name,
    uint16_t type, int64_t now_ms, struct str *flat, uint32_t *age_s);

#endif
