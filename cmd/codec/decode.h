/* One packet of the domain name system taken apart, by ldns. */
#ifndef CMD_CODEC_DECODE_H
#define CMD_CODEC_DECODE_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>

/*
 * Write the packet's answers and the SOA and NS records of its authority
 * section to 'out', as core/dns/flat.h says. False when it is no packet.
 */
MUST_USE bool codec_decode(struct str packet, struct buf *out);

#endif
