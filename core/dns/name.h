/* Domain names in wire form: labels, each behind its length, then a zero. */
#ifndef CORE_DNS_NAME_H
#define CORE_DNS_NAME_H

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/dns/dns.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dns_name {
	size_t len; /* with the final zero */
	char wire[DNS_NAME_MAX];
};

/*
 * Bytes are literal, a dot ends a label. False when no name can be so: empty
 * label, label over 63, whole over 255 octets. "." and "" are the root.
 */
MUST_USE bool dns_name_from_text(struct str text, struct dns_name *out);
/*
 * Octets of the uncompressed name at the start of 'bytes'; 0 when there is
 * none whole.
 */
size_t dns_name_length(struct str bytes);
/* As text in the form dns.h describes; 'wire' has been measured before. */
struct str dns_name_text(struct arena *a, struct str wire);
/* ASCII letter case aside. */
bool dns_name_eq(struct str wire_a, struct str wire_b);

#endif
