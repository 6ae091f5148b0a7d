/*
 * Back ends smtp-forward (FL-159) and lmtp-forward: each message is handed to
 * another server, and its answer is passed on. The connection stays open for
 * the next one. Calls block, so they are made by a process that has nothing
 * else to do.
 */
#ifndef CORE_QUEUE_FORWARD_H
#define CORE_QUEUE_FORWARD_H

#include "core/base/clock.h"
#include "core/queue/queue.h"

enum {
	QUEUE_FORWARD_IDLE_MS = 10000, /* a connection is kept so long */
	/* for one address to answer, up to its EHLO */
	QUEUE_FORWARD_CONNECT_MS = 20 * 1000,
	QUEUE_INQUIRY_TEXT_SIZE = 512,
};

struct queue_forward_spec {
	const char *host; /* name or address */
	uint16_t port;
	const char *helo; /* our name */
	bool lmtp;        /* RFC 2033: an answer for each recipient */
	bool xclient;     /* tell the server whom we got the message from */
	/* of one message, connecting and all; only the name of the host is
	   asked for as long as the system's resolver takes */
	int64_t limit_ms;
};

/* The client of ours, for XCLIENT. */
struct queue_client {
	struct str name; /* by reverse DNS, "Unknown" */
	struct str ip;
	struct str helo;
	bool esmtp;
};

struct queue_forward;

/* Texts of 'spec' must stay. NULL when out of memory. */
struct queue_forward *queue_forward_new(
    const struct queue_forward_spec *spec, const struct clock *clock);
void queue_forward_free(struct queue_forward *f); /* NULL allowed; QUIT */

/*
 * May recipients whom the server takes have a message that it does not take
 * for others? The caller must then see to these.
 */
struct queue_apart {
	/* refused for good: it tells the sender */
	bool refused;
	/* declined for now: it remembers who has it when it comes again */
	bool declined;
};

/*
 * A 2xx for the whole message is QUEUE_TAKEN, its text "queued as ID". A 5xx
 * is QUEUE_REFUSED, a 4xx, and whatever else fails, QUEUE_DECLINED, with the
 * server's words. Of several recipients one 4xx declines the message, else one
 * 5xx refuses it: *r is the worst, and 'queued_as' of it what the server said
 * of those whom it took it for.
 *
 * Who has the message all the same answers[] says, one for each recipient:
 * QUEUE_TAKEN, and only that, means that the server has it for this one. By
 * SMTP that is nobody unless 'apart' lets it; by LMTP the server decides. Their
 * texts are good until the next message.
 */
void queue_forward_send(struct queue_forward *f, const struct queue_message *m,
    const struct queue_client *client, const struct queue_apart *apart,
    struct queue_answer *answers, struct queue_result *r);

/* What a server says about one recipient, before there is a message. */
struct queue_inquiry {
	unsigned code; /* of its reply to MAIL or RCPT; 0: there is none */
	char text[QUEUE_INQUIRY_TEXT_SIZE]; /* printable, LF between lines */
	struct err err;                     /* why there is none */
};
/*
 * Ask it on a connection of its own: EHLO, TLS when offered, MAIL, RCPT, RSET,
 * QUIT (FL-75). A sender that it refuses is an answer too: it would not take
 * the message. What it says to anything else is none. Paths are ASCII, as
 * mail_path_parse takes them.
 */
void queue_forward_inquire(const struct queue_forward_spec *spec,
    const struct clock *clock, const struct mail_path *sender,
    const struct mail_path *rcpt, struct queue_inquiry *out);

/* Nothing was sent for QUEUE_FORWARD_IDLE_MS: end the connection. */
void queue_forward_hang_up(struct queue_forward *f);

#endif
