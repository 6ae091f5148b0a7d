/*
 * Typed, length-checked messages between the parts of the daemon, one a
 * packet, some with a descriptor. A table says which type may come from whom,
 * when, how long and whether with a descriptor; anything else is a broken
 * channel, and the part behind it is not to be trusted any more.
 */
#ifndef CMD_FILTERD_CHANNEL_H
#define CMD_FILTERD_CHANNEL_H

#include "cmd/filterd/wire.h"
#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

enum part {
	PART_LISTENER = 1 << 0,
	PART_WORKER = 1 << 1,
	PART_KEEPER = 1 << 2,
	PART_RESOLVER = 1 << 3,
	PART_COURIER = 1 << 4, /* of the keeper */
	PART_CARRIER = 1 << 5, /* of the courier */
	PART_AUTH = 1 << 6,
	PART_STATE = 1 << 7,
	PART_MASTER = 1 << 8,
};
const char *part_name(enum part p);

/* Where a channel stands. */
enum channel_phase {
	CHANNEL_START = 1 << 0, /* nothing but INIT */
	CHANNEL_RUN = 1 << 1,
	CHANNEL_DRAIN = 1 << 2, /* no new work */
};

enum message_type {
	MESSAGE_INIT = 1,   /* user, host name, limits */
	MESSAGE_POLICY,     /* generation; the bundle as descriptor */
	MESSAGE_PEER,       /* which part and number; channel as descriptor */
	MESSAGE_RENEW,      /* look at your settings again; folders of places */
	MESSAGE_SESSION,    /* a new connection as descriptor */
	MESSAGE_DRAIN,      /* finish and end */
	MESSAGE_BOARD,      /* where you count, as descriptor (board.h) */
	MESSAGE_READY,      /* this generation is in force */
	MESSAGE_BAD_POLICY, /* this one was not taken; why */
	MESSAGE_JOIN,       /* this part has given us up: a new channel */
	MESSAGE_SPOOL,      /* a file for a long text, please */
	MESSAGE_SPOOLED,    /* here it is, as descriptor */
	MESSAGE_NO_SPOOL,   /* there is none */
	MESSAGE_JOB,        /* a message for the queue, all in the packet */
	MESSAGE_JOB_FILE,   /* the same with its parts in a file */
	MESSAGE_RESULT,     /* what the queue did */
	MESSAGE_ASK,        /* a question for the DNS, as core/dns/remote.h */
	MESSAGE_ANSWER,     /* its reply */
	MESSAGE_CARRY,      /* a message for elsewhere, in a file */
	MESSAGE_CARRIED,    /* what became of it */
	MESSAGE_LOGIN,      /* who says to be whom */
	MESSAGE_LOGGED_IN,  /* whether it is so */
	MESSAGE_RCPT,       /* would its server take this recipient? */
	MESSAGE_INQUIRE,    /* the same, and which server it is */
	MESSAGE_INQUIRED,   /* its reply */
	MESSAGE_PLACE,      /* where is this address? */
	MESSAGE_PLACED,     /* there */
	MESSAGE_STATE_ASK,  /* what is remembered of this, and news of it */
	MESSAGE_STATE_TOLD, /* that */
	MESSAGE_PING,       /* do you still work? answered by the channel */
	MESSAGE_PONG,
	MESSAGE_TICKETS,     /* keys for tickets of TLS (tickets.h) */
	MESSAGE_WAITING,     /* what was taken and is not delivered */
	MESSAGE_RETIRE,      /* another daemon begins: end with your sessions */
	MESSAGE_STANDING,    /* how the daemon stands (readiness.h) */
	MESSAGE_LEFT_LISTEN, /* for the next one: a socket that listens */
	MESSAGE_LEFT_WORKER, /* ... one that has sessions; its channel */
	MESSAGE_LEFT_BOARD,  /* ... that one's board */
	MESSAGE_LEFT_SESSIONS, /* ... the sessions of all these */
	MESSAGE_ANEW,          /* that is all: be the next one */
	MESSAGE_STAY,          /* that cannot be */
	MESSAGE_TYPES,
};

struct channel {
	int fd; /* -1: none */
	enum part self, peer;
	enum channel_phase phase;
	bool pinged; /* and not answered yet */
	char *in;    /* FILTERD_PACKET_MAX bytes */
};

/* Takes 'fd' (made non-blocking). False when out of memory; 'fd' is closed. */
MUST_USE bool channel_init(
    struct channel *c, int fd, enum part self, enum part peer, struct err *e);
void channel_clear(struct channel *c);

enum channel_status {
	CHANNEL_OK,
	CHANNEL_AGAIN, /* nothing there, or no room */
	CHANNEL_END,   /* the other part is gone */
	CHANNEL_BAD,   /* it broke the rules; 'e' says how */
};

struct message {
	enum message_type type;
	struct wire in; /* good until the next one is received */
	int fd;         /* -1, or the receiver's to close */
};

/*
 * The next message. Whether it still works the channel answers by itself: who
 * receives is asked for nothing more, and who does not is stuck.
 */
enum channel_status channel_receive(
    struct channel *c, struct message *m, struct err *e);
/* Ask that; 'pinged' until the answer was received. False: there is no room. */
MUST_USE bool channel_ping(struct channel *c);
/* Wait at most 'wait_ms' for room; 0 does not wait. 'fd' stays the caller's. */
enum channel_status channel_sendv(struct channel *c, enum message_type type,
    const struct iovec *parts, int n_parts, int fd, int wait_ms);
enum channel_status channel_send(struct channel *c, enum message_type type,
    struct str body, int fd, int wait_ms);

#endif
