/*
 * Messages between the two sides of a remote resolver, integers big-endian.
 * A question: index (4), serial (4), type (2), fresh (1), deadline (4), the
 * name. A reply: index (4), serial (4), status (1), cached (1), age (4),
 * server (1 and so many), reason (1 and so many), the flat reply.
 */
#ifndef CORE_DNS_REMOTE_INT_H
#define CORE_DNS_REMOTE_INT_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/dns/name.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	REMOTE_QUESTION_HEAD = 15,
	REMOTE_QUESTION_MAX = REMOTE_QUESTION_HEAD + DNS_NAME_MAX,
	REMOTE_REPLY_HEAD = 14
};

struct remote_question {
	uint32_t index, serial;
	uint16_t type;
	bool fresh;
	uint32_t deadline_ms;
	struct dns_name name;
};
/* Into 'out'; returns what was written. */
struct str remote_question_put(
    const struct remote_question *q, char out[REMOTE_QUESTION_MAX]);
MUST_USE bool remote_question_get(struct str in, struct remote_question *q);

struct remote_reply {
	uint32_t index, serial;
	enum dns_status status;
	bool cached;
	uint32_t age_s;
	struct str server, reason, flat; /* views */
};
bool remote_reply_put(const struct remote_reply *p, struct buf *out);
MUST_USE bool remote_reply_get(struct str in, struct remote_reply *p);

#endif
