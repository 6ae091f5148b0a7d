/*
 * The courier: hands messages to qmail-queue and to other servers, and asks
 * these about recipients, for the keeper, which may neither use the network nor
 * wait. It has children that do one thing at a time each and may block, hang or
 * crash: the courier ends one at its limit and answers for it.
 */
#ifndef CMD_FILTERD_COURIER_H
#define CMD_FILTERD_COURIER_H

#include "cmd/filterd/limits.h"
#include "cmd/filterd/part.h"
#include "cmd/filterd/workers.h"
#include "core/filter/filter.h"
#include "core/queue/forward.h"

enum {
	COURIER_CHILDREN = 40,     /* at once, of all kinds together */
	COURIER_IDLE_MS = 30000,   /* a child without work ends */
	COURIER_GRACE_MS = 2000,   /* for it to notice its limit by itself */
	COURIER_TEXT_MAX = 256,    /* of each text of a job */
	COURIER_LIMIT_QMAIL = 120, /* seconds, unless the policy says more */
	COURIER_LIMIT_FORWARD = 60,
	COURIER_INQUIRIES = 16, /* at once: mail has children left */
	COURIER_INQUIRIES_PER_SERVER = 8,
	/* recipients of one message that may be answered for each by itself */
	COURIER_ANSWERS_MAX = FILTERD_CARRIED_MAX / 2
};

/* What is to be done where, whatever it is. */
struct errand {
	struct asker asker; /* who waits */
	uint32_t share;     /* of its message; 0 where it is whole */
	uint32_t kind;      /* enum filter_queue_kind, never Maildir */
	uint32_t limit_s;
	uint32_t failures, pause_s; /* of its server, see breaker.h */
	uint32_t connections;       /* to it at once: others get mail too */
	struct str place;           /* program or host */
	uint32_t port;
	struct str our_name;
};
/* The beginning of every job. */
void errand_get(struct wire *in, struct errand *e);

/* One message, as the keeper orders it; its parts are in a file. */
struct carry {
	struct errand errand;
	bool xclient;
	struct queue_apart apart;
	struct queue_client client;
	uint64_t envelope_at, envelope_length;
	uint64_t head_at, head_length;
	uint64_t body_at, body_length;
};
void carry_put(struct buf *out, const struct carry *c);
MUST_USE bool carry_get(struct wire *in, struct carry *c);

/* The answer, as MESSAGE_CARRIED has it. */
struct carried {
	struct asker asker;
	uint32_t share;
	enum queue_outcome outcome; /* the worst of all recipients */
	struct str text, why;
	struct str queued_as; /* as struct queue_result has it */
	struct str each;      /* a byte for each of them; empty: all the same */
	struct wire texts;
};
/*
 * 'answers' may be NULL: the same for all. Texts of recipients beyond what the
 * message has room for are left out; their outcome never is.
 */
void carried_put(struct buf *out, const struct errand *e,
    const struct queue_result *r, const struct queue_answer *answers, size_t n);
/* False: it makes no sense. */
MUST_USE bool carried_get(struct wire *in, struct carried *c);
/* The answer for each of 'n' recipients, one call for each in their order. */
struct queue_answer carried_next(struct carried *c, size_t i, size_t n);

/* A server is asked about a recipient (FL-75). */
struct inquiry {
	struct errand errand;
	struct mail_path sender, rcpt;
};
void inquiry_put(struct buf *out, const struct inquiry *q);
MUST_USE bool inquiry_get(struct wire *in, struct inquiry *q);

/*
 * The answer, as MESSAGE_INQUIRED has it all the way to the worker. 'text' is
 * the server's, or with code 0 the reason that there is none.
 */
struct inquired {
	struct asker asker;
	uint32_t code;
	struct str text;
};
void inquired_put(struct buf *out, const struct inquired *i);
MUST_USE bool inquired_get(struct wire *in, struct inquired *i);

/* A part: the keeper starts it, which is its "listener". */
int courier_run(struct channel *keeper, const struct part_init *init);
/* A child's life: jobs come from 'fd' until it closes. */
NORETURN void carrier_run(int fd);

#endif
