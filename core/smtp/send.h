/*
 * Hands one message to an SMTP server (RFC 5321): the local listener or a
 * smarthost that takes our mail without login. Every wait has one deadline.
 */
#ifndef CORE_SMTP_SEND_H
#define CORE_SMTP_SEND_H

#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/net/addr.h"

#include <stdint.h>

struct smtp_send {
	struct net_addr addr;
	uint16_t port;
	const char *helo; /* our name */
	struct str from;  /* envelope; empty: the null sender */
	struct str to;
	struct str message; /* lines end in LF; dots are stuffed here */
	int64_t limit_ms;
};

enum smtp_sent {
	SMTP_SENT,         /* the server said 250 */
	SMTP_SENT_LATER,   /* not taken, may be tried again */
	SMTP_SENT_REFUSED, /* refused for good */
	SMTP_SENT_UNKNOWN  /* all was sent, no reply: it may have arrived */
};

/* The reason is in 'e' for all but SMTP_SENT. */
enum smtp_sent smtp_send_message(
    const struct smtp_send *s, const struct clock *clock, struct err *e);

#endif
