/*
 * What smemail and the helper around libspf2 tell each other over pipes: type
 * (1 octet), length (4 octets, network order), that many bytes.
 */
#ifndef CORE_AUTH_SPF_WIRE_H
#define CORE_AUTH_SPF_WIRE_H

#include <stdint.h>

enum {
	SPF_WIRE_HEAD = 5,
	SPF_WIRE_MAX = 128 * 1024, /* bytes of one message */
	SPF_WIRE_RECORDS = 100     /* of one answer */
};

enum spf_wire {
	SPF_WIRE_CHECK = 'C', /* to it: address, sender, HELO, each with NUL */
	SPF_WIRE_ASK = 'Q',   /* from it: type (2 octets), name */
	SPF_WIRE_ANSWER =
	    'A',              /* to it: status, then length (2) and data each */
	SPF_WIRE_RESULT = 'R' /* from it: its result in a word */
};

/* Status of an answer. */
enum spf_wire_status {
	SPF_WIRE_FOUND = 0,
	SPF_WIRE_NO_DATA = 1,
	SPF_WIRE_NO_NAME = 2,
	SPF_WIRE_FAILED = 3
};

#endif
